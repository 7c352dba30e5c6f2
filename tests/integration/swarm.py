# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of a swarm, ours and others', each a process with an address of its own, and opentracker.

A client is made with (box, address, port) and then told to seed(torrent, folder) or leech(what, folder), where what is
a .torrent's path or a magnet link. Clients find each other through a tracker, or by dial=[(address, port)] where
dials_peers says they can be told."""
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import torrents
from harness import Process, wait_until

HERE = Path(__file__).resolve().parent
PYTHON = '/usr/bin/python3'


def join_address(address, port):
    return '[%s]:%d' % (address, port) if ':' in address else '%s:%d' % (address, port)


def is_listening(address, port):
    try:
        socket.create_connection((address, port), 1).close()
        return True
    except OSError:
        return False


def wait_listening(address, port, process, seconds=20):
    def ready():
        assert process.poll() is None, 'ended instead of listening\n%s' % process.tail()
        return is_listening(address, port)
    wait_until(ready, seconds, lambda: 'nothing listens on %s\n%s' % (join_address(address, port), process.tail()))


def has_one_user():
    """In a user namespace of an ordinary user there is root and nobody else to become."""
    with open('/proc/self/uid_map') as f:
        return sum(int(line.split()[2]) for line in f) == 1


class OpenTracker:
    def __init__(self, box, *known, address='10.77.0.1', port=6969):
        self.url = 'http://%s:%d/announce' % (address, port)
        self.scrape_url = self.url.replace('announce', 'scrape')
        folder = Path(box) / 'tracker'
        folder.mkdir()
        os.chmod(folder, 0o777)
        (folder / 'known').write_text(''.join(t.hex + '\n' for t in known))
        # It gives up the rights of root where it has them: then it must not seem to have them.
        as_user = ['unshare', '--user', '--map-user=1'] if has_one_user() else []
        self.process = Process([*as_user, 'opentracker', '-i', address, '-p', port, '-P', port, '-d', folder, '-w',
                                'known'], folder, 'opentracker')
        wait_listening(address, port, self.process)

    def count(self, torrent):
        """(seeds, leechers) as the tracker knows them."""
        url = self.scrape_url + '?info_hash=' + urllib.parse.quote(torrent.info_hash, safe='')
        with urllib.request.urlopen(url, timeout=5) as reply:
            files = torrents.bdecode(reply.read())[0].get(b'files', {})
        entry = files.get(torrent.info_hash, {})
        return entry.get(b'complete', 0), entry.get(b'incomplete', 0)

    def wait_for_seeds(self, torrent, n, client, seconds=40):
        wait_until(lambda: self.count(torrent)[0] >= n, seconds,
                   lambda: 'the tracker never heard of the seed\n%s' % client.process.tail(), 0.1)


class Client:
    name = '?'
    dials_peers = False
    makes_empty_files = True

    def __init__(self, box, address, port=7000):
        self.address, self.port = address, port
        self.base = Path(box) / ('%s-%s-%d' % (self.name, address.replace(':', '_'), port))
        self.base.mkdir()
        self.process = None
        self.n_runs = 0

    def start(self, argv, **options):
        """Each run has a log of its own."""
        self.n_runs += 1
        self.process = Process(argv, self.base, '%s-%d' % (self.name, self.n_runs), **options)
        return self

    def is_done(self, torrent):
        raise NotImplementedError

    def wait_done(self, torrent, folder, seconds=60):
        """Until the client says it has everything, and every byte is right."""
        wait_until(lambda: self.is_done(torrent), seconds,
                   lambda: '%s did not finish: %s\n%s' % (self.name, torrent.differences(folder, self.makes_empty_files)[:3], self.process.tail()))
        # aria2 and Transmission may say so a moment before the last write.
        end = time.monotonic() + 5
        while (problems := torrent.differences(folder, self.makes_empty_files)) and time.monotonic() < end:
            time.sleep(0.1)
        assert not problems, '%s finished with wrong bytes: %s' % (self.name, problems[:3])

    def wait_ready(self):
        wait_listening(self.address, self.port, self.process)
        return self

    def stop(self):
        self.process.stop(5)


class Ccbt(Client):
    """Ours. Messages are what it prints with --json."""
    name = 'ccbt'
    dials_peers = True
    off = ('dht', 'pex', 'lsd', 'portmap')

    @staticmethod
    def program():
        return os.path.abspath(os.environ['CCBT'])

    def arguments(self, what, folder, dial=()):
        path = what.path if isinstance(what, torrents.Torrent) else what
        argv = [self.program(), path, '-o', folder, '--port', self.port, '--bind', self.address, '--json',
                '--state-dir', self.base / 'state', *('--no-' + name for name in self.off)]
        for peer in dial:
            argv += ['--peer', join_address(*peer)]
        return argv

    def seed(self, torrent, folder, *extra, dial=()):
        self.start([*self.arguments(torrent, folder, dial), '--seed', *extra])
        self.wait_ready()
        wait_until(lambda: self.is_done(torrent), 30, lambda: 'no seed yet\n' + self.process.tail())
        return self

    def leech(self, what, folder, *extra, dial=()):
        return self.start([*self.arguments(what, folder, dial), *extra])

    def messages(self, kind=None):
        """Whole lines only: the last one may still be on its way."""
        lines = self.process.text().split('\n')[:-1]
        found = [json.loads(line) for line in lines if line]
        return [m for m in found if kind is None or m['type'] == kind]

    def events(self, name):
        return [m for m in self.messages('event') if m['event'] == name]

    def status(self):
        """The last status, {} before the first."""
        return (self.messages('status') or [{}])[-1]

    def is_done(self, torrent):
        code = self.process.poll()
        if code is not None:
            assert code == 0, 'exit %d\n%s' % (code, self.process.tail())
            return True
        if '--seed' not in self.process.argv:
            return False  # it ends when it is done
        status = self.status()
        return status.get('progress') == 1 and status.get('state') == 'seeding'

    def peak_until_done(self, torrent, seconds, describe):
        """Waits until it is done. Returns: the most memory seen, in bytes. @describe: says why it is not."""
        peak = 0

        def done():
            nonlocal peak
            if self.process.poll() is None:
                try:
                    peak = max(peak, self.process.memory())
                except OSError:
                    pass
            return self.is_done(torrent)

        wait_until(done, seconds, describe)
        return peak


class LibTorrent(Client):
    name = 'libtorrent'
    dials_peers = True

    def run(self, what, folder, *extra, dial=()):
        path = what.path if isinstance(what, torrents.Torrent) else what
        dials = [word for peer in dial for word in ('--dial', join_address(*peer))]
        return self.start([PYTHON, HERE / 'lt_client.py', self.address, self.port, folder, path, *extra, *dials])

    def seed(self, torrent, folder, dial=()):
        return self.run(torrent, folder, '--seed', dial=dial).wait_ready()

    def leech(self, what, folder, *extra, dial=()):
        Path(folder).mkdir(parents=True, exist_ok=True)
        return self.run(what, folder, *extra, dial=dial)

    def is_done(self, torrent):
        assert self.process.poll() is None, self.process.tail()
        return 'done' in self.process.text()


class Aria2(Client):
    name = 'aria2'

    def run(self, what, folder, *extra):
        path = what.path if isinstance(what, torrents.Torrent) else what
        return self.start([
            'aria2c', '--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false',
            '--enable-peer-exchange=false', '--listen-port=%d' % self.port, '--interface=' + self.address,
            '--dir=%s' % folder, '--file-allocation=none', '--summary-interval=0', '--disable-ipv6=true',
            '--show-console-readout=false', '--bt-require-crypto=false', '--bt-min-crypto-level=plain',
            '--bt-save-metadata=true', *extra, path])

    def seed(self, torrent, folder):
        return self.run(torrent, folder, '--seed-ratio=0', '--check-integrity=true', '--allow-overwrite=true').wait_ready()

    def leech(self, what, folder):
        """Goes on seeding; says that it has everything by running a program."""
        self.finished = self.base / 'finished'
        hook = self.base / 'hook'
        hook.write_text('#!/bin/sh\necho "$3" >> "%s"\n' % self.finished)
        hook.chmod(0o755)
        return self.run(what, folder, '--seed-ratio=0', '--on-bt-download-complete=%s' % hook)

    def is_done(self, torrent):
        assert self.process.poll() is None, self.process.tail()
        # The metadata of a magnet counts as a download of its own: only files of the torrent's count.
        return self.finished.exists() and torrent.name in self.finished.read_text()


class Transmission(Client):
    name = 'transmission'
    makes_empty_files = False
    session_id = ''
    settings = {}

    def run(self, what, folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        settings = {
            'bind-address-ipv4': self.address, 'bind-address-ipv6': '::1', 'peer-port': self.port,
            'dht-enabled': False, 'lpd-enabled': False, 'pex-enabled': False, 'utp-enabled': False,
            'port-forwarding-enabled': False, 'encryption': 0, 'download-dir': str(folder),
            'incomplete-dir-enabled': False, 'rpc-enabled': True, 'rpc-port': 9091, 'rpc-bind-address': self.address,
            'rpc-whitelist-enabled': False, 'rpc-host-whitelist-enabled': False, 'rename-partial-files': False,
            'preallocation': 1, 'message-level': 2, **self.settings,
        }
        config = self.base / 'config'
        config.mkdir(exist_ok=True)
        (config / 'settings.json').write_text(json.dumps(settings))
        self.start(['transmission-daemon', '-f', '-g', config])
        wait_listening(self.address, 9091, self.process)
        return self.add(what, folder)

    def add(self, what, folder):
        path = str(what.path if isinstance(what, torrents.Torrent) else what)
        added = self.call('torrent-add', filename=path, paused=False, **{'download-dir': str(folder)})
        assert 'torrent-added' in added, added
        return self

    def call(self, method, **arguments):
        body = json.dumps({'method': method, 'arguments': arguments}).encode()
        for _ in range(2):
            request = urllib.request.Request('http://%s:9091/transmission/rpc' % self.address, body,
                                             {'X-Transmission-Session-Id': self.session_id})
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:
                    return json.load(reply)['arguments']
            except urllib.error.HTTPError as error:
                if error.code != 409:
                    raise
                self.session_id = error.headers['X-Transmission-Session-Id']
        raise AssertionError('Transmission does not let us in')

    def seed(self, torrent, folder):
        self.run(torrent, folder).wait_ready()
        wait_until(lambda: self.is_done(torrent), 30, 'Transmission has not checked its files')
        return self

    leech = run

    def is_done(self, torrent):
        fields = ['hashString', 'leftUntilDone', 'metadataPercentComplete', 'status']
        return any(found['hashString'] == torrent.hex and found['metadataPercentComplete'] == 1
                   and found['leftUntilDone'] == 0 and found['status'] in (5, 6)
                   for found in self.call('torrent-get', fields=fields)['torrents'])


class RTorrent(Client):
    name = 'rtorrent'

    def run(self, what, folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = str(what.path if isinstance(what, torrents.Torrent) else what)
        session = self.base / 'session'
        session.mkdir()
        self.socket = self.base / 'scgi'
        lines = [
            'session.path.set=%s' % session, 'directory.default.set=%s' % folder,
            'network.bind_address.set=%s' % self.address, 'network.port_range.set=%d-%d' % (self.port, self.port),
            'network.port_random.set=no', 'dht.mode.set=disable', 'protocol.pex.set=no', 'trackers.use_udp.set=no',
            'protocol.encryption.set=none', 'network.scgi.open_local=%s' % self.socket, 'system.daemon.set=true',
        ]
        if path.startswith('magnet:'):
            lines.append('schedule2=add,0,0,"load.start=\\"%s\\""' % path)
        else:
            lines.append('load.start=%s' % path)
        (self.base / 'rc').write_text('\n'.join(lines) + '\n')
        return self.start(['rtorrent', '-n', '-o', 'import=%s' % (self.base / 'rc')])

    def seed(self, torrent, folder):
        self.run(torrent, folder).wait_ready()
        wait_until(lambda: self.is_done(torrent), 30, 'rtorrent has not checked its files')
        return self

    leech = run

    def call(self, method, *arguments):
        values = ''.join('<param><value><string>%s</string></value></param>' % a for a in arguments)
        body = '<?xml version="1.0"?><methodCall><methodName>%s</methodName><params>%s</params></methodCall>' % (method, values)
        head = 'CONTENT_LENGTH\0%d\0SCGI\x001\0' % len(body)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(str(self.socket))
            s.sendall(('%d:%s,%s' % (len(head), head, body)).encode())
            reply = b''
            while chunk := s.recv(65536):
                reply += chunk
        return reply.decode(errors='replace')

    def is_done(self, torrent):
        assert self.process.poll() is None, self.process.tail()
        try:
            reply = self.call('d.multicall2', '', 'main', 'd.hash=', 'd.complete=')
        except OSError:
            return False
        return re.search(torrent.hex.upper() + r'</string></value>\s*<value><i8>1</i8>', reply) is not None

    def stop(self):
        self.process.signal(signal.SIGINT)
        self.process.stop(5)


OTHERS = {c.name: c for c in (LibTorrent, Transmission, Aria2, RTorrent)}
