#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings as a person handles them: `ccbt config`, files that are edited by hand, a session that runs meanwhile."""
import json
import os
import subprocess
from pathlib import Path

import wirepeer
from harness import Process, case, main, wait_until
from torrents import make_single

CCBT = os.environ['CCBT']
BTBT = os.environ['BTBT']
SOURCE = Path(__file__).resolve().parents[2]


class Person:
    """Somebody with a home of his own, standing in a folder."""

    def __init__(self, box):
        self.home = box
        self.here = box / 'here'
        self.here.mkdir()
        self.file = box / 'config' / 'ccbt' / 'ccbt.toml'
        self.variables = {'HOME': str(box), 'XDG_CONFIG_HOME': str(box / 'config'), 'LC_ALL': 'C.UTF-8'}

    def config(self, *arguments, **variables):
        return subprocess.run([CCBT, 'config', *map(str, arguments)], cwd=self.here, capture_output=True, text=True, timeout=30,
                              env={**os.environ, **self.variables, **variables})

    def says(self, *arguments, **variables):
        """The output of what has to succeed without complaints."""
        done = self.config(*arguments, **variables)
        assert done.returncode == 0 and not done.stderr, done
        return done.stdout.strip()

    def refused(self, *arguments, **variables):
        """The complaint about what has to fail as wrong."""
        done = self.config(*arguments, **variables)
        assert done.returncode == 2 and done.stderr.strip() and not done.stdout, done
        return done.stderr.strip()

    def write(self, text):
        """As editors do: beside it, then over it."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix('.new')
        beside.write_text(text)
        beside.rename(self.file)


class Daemon:
    """The session of somebody, with his own file."""
    OFF = '[discovery]\nenable_dht = false\nenable_lsd = false\n[nat]\nauto_map_ports = false\n[network]\nlisten_port = 0\n'

    def __init__(self, me):
        self.state = me.home / 'state-dir'
        (me.home / 'runtime').mkdir(mode=0o700)
        self.variables = {**me.variables, 'XDG_RUNTIME_DIR': str(me.home / 'runtime')}
        self.process = Process([CCBT, 'daemon', 'run', '--state-dir=%s' % self.state], me.home, 'daemon', env=self.variables)
        wait_until(lambda: self.btbt('status').returncode == 0 or self.process.poll() is not None, 30, self.process.tail)
        assert self.process.poll() is None, self.process.tail()

    def btbt(self, *arguments):
        return subprocess.run([BTBT, '--state-dir=%s' % self.state, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, **self.variables})

    def call(self, verb, arguments):
        done = self.btbt('call', verb, arguments)
        assert done.returncode == 0, (done, self.process.tail())
        return done.stdout.strip()

    def limits(self):
        status = json.loads(self.btbt('--json', 'status').stdout)
        return status['download-limit'], status['upload-limit']

    def until(self, condition, what):
        wait_until(condition, 20, lambda: '%s\n%s' % (what, self.process.tail()))


@case
def set_get_reset(box):
    """set makes the file, get shows it, reset takes it out; comments and the other keys stay"""
    me = Person(box)
    assert me.says('path') == str(me.file) and not me.file.exists()
    me.says('set', 'network.max_connections', '250')
    assert me.file.read_text() == '[network]\nmax_connections = 250\n'
    assert oct(me.file.stat().st_mode & 0o777) == '0o600' and oct(me.file.parent.stat().st_mode & 0o777) == '0o700'
    assert me.says('get', 'network.max_connections') == '250'
    me.file.write_text('# a\n[network] # b\nmax_connections = 250 # c\n\n# d\n[disk]\ndownload_dir = "/x"\n')
    me.says('set', 'network.max_connections', '300')
    me.says('set', 'disk.download_dir', '/with "quotes"')
    me.says('set', 'queue.ignore_slow', 'no')
    assert me.file.read_text() == ('# a\n[network] # b\nmax_connections = 300 # c\n\n# d\n[disk]\n'
                                   'download_dir = "/with \\"quotes\\""\n\n[queue]\nignore_slow = false\n')
    assert me.says('get', 'disk.download_dir') == '/with "quotes"'
    me.says('reset', 'network.max_connections')
    assert me.says('get', 'network.max_connections') == '500'
    assert '# a\n[network] # b\n\n# d\n' in me.file.read_text(), me.file.read_text()
    assert list(me.file.parent.iterdir()) == [me.file]


@case
def wrong_values(box):
    """what is wrong is refused with what is allowed, exit 2, and the file stays"""
    me = Person(box)
    me.says('set', 'network.max_connections', '100')
    before = me.file.read_text()
    wrong = {('disk.threads', '65'): '0 to 64', ('disk.threads', 'many'): '0 to 64', ('disk.thread', '1'): 'no setting',
             ('disk.preallocation', 'some'): '"sparse", "full", "none"', ('nat.gateway', 'router'): 'IP address',
             ('limits.alternative_schedule', 'always'): 'mon-fri', ('queue.ignore_slow', 'perhaps'): 'true or false',
             ('network.max_half_open', '101'): 'network.max_connections (100)'}
    for (key, value), allowed in wrong.items():
        complaint = me.refused('set', key, value)
        assert key in complaint and allowed in complaint, complaint
    assert me.file.read_text() == before
    for arguments in (['get', 'no.such'], ['get'], ['set', 'disk.threads'], ['show', 'nothing'], ['reset', 'x.y'], [], ['mend']):
        me.refused(*arguments)


@case
def where_from(box):
    """--origin names the level that won: default, line of the file, variable, command line"""
    me = Person(box)
    me.file.parent.mkdir(parents=True)
    me.file.write_text('[network]\n\nlisten_port = 7000\nmax_connections = 90\n')
    origins = json.loads(me.says('show', '--json', '--set', 'disk.threads=3', CCBT_NETWORK_MAX_CONNECTIONS='80',
                                 CCBT_GLOBAL_DOWN_KIB='10', CCBT_MAX_PEERS='5'))
    assert origins['network.listen_port'] == {'value': 7000, 'level': 'file', 'origin': 'file %s:3' % me.file}, origins
    assert origins['network.max_connections'] == {'value': 80, 'level': 'environment',
                                                  'origin': 'environment CCBT_NETWORK_MAX_CONNECTIONS'}, origins
    assert origins['limits.download_rate']['value'] == 10240, origins
    assert origins['disk.threads'] == {'value': 3, 'level': 'command line', 'origin': 'command line'}, origins
    assert origins['nat.enable_upnp'] == {'value': True, 'level': 'default', 'origin': 'default'}, origins
    assert 'listen_port = 7000  # file %s:3' % me.file in me.says('show', 'network', '--origin')
    assert me.says('diff').splitlines() == ['[network]', 'listen_port = 7000', 'max_connections = 90']
    hidden = me.config('set', 'network.max_connections', '95', CCBT_NETWORK_MAX_CONNECTIONS='80')
    assert hidden.returncode == 0 and 'CCBT_NETWORK_MAX_CONNECTIONS is stronger' in hidden.stderr, hidden


@case
def shown_is_a_file(box):
    """what show prints is a file that says the same"""
    me = Person(box)
    me.says('set', 'disk.download_dir', 'a\\b "c"')
    shown = me.says('show')
    other = box / 'other.toml'
    other.write_text(shown)
    assert me.says('validate', other) == ''
    assert me.says('show', '--config', other) == shown


@case
def every_mistake_has_a_line(box):
    """validate: file, line, key, what was found, what is allowed; the rest counts"""
    me = Person(box)
    me.file.parent.mkdir(parents=True)
    me.file.write_text('[network]\nlisten_port = 70000\nmax_connections = 10\nmax_half_open = 11\nbind_adress = ""\n[disk\n'
                       'queue.ignore_slow = 1\n')
    complaints = me.refused('validate')
    for line, what in ((2, 'network.listen_port: found 70000, allowed 0 to 65535'), (4, 'network.max_half_open: found 11, allowed'),
                       (5, 'network.bind_adress: found an unknown key, allowed listen_port, bind_address'), (6, '')):
        assert '%s:%d: %s' % (me.file, line, what) in complaints, (line, complaints)
    shown = me.config('get', 'network.max_connections')
    assert shown.returncode == 0 and shown.stdout == '10\n' and ':2:' in shown.stderr, shown
    me.file.unlink()
    assert me.says('validate') == ''


@case
def a_file_in_a_folder(box):
    """./ccbt.toml counts in its folder, but says nothing about addresses and folders, and takes nothing away"""
    me = Person(box)
    me.says('set', 'network.bind_address', '127.0.0.9')
    me.says('set', 'network.peer_timeout', '60')
    (me.here / 'ccbt.toml').write_text('network.bind_address = "10.9.9.9"\ndisk.download_dir = "/etc"\nnetwork.peer_timeout = 70\n')
    for key, value in (('network.bind_address', '127.0.0.9'), ('disk.download_dir', ''), ('network.peer_timeout', '70')):
        done = me.config('get', key)
        assert done.returncode == 0 and done.stdout == value + '\n', (key, done)
        assert 'ccbt.toml:1: network.bind_address: found it in the file of a folder' in done.stderr, done
    done = me.config('set', 'network.peer_timeout', '80')
    assert done.returncode == 0 and 'instead of your own file' in done.stderr and 'peer_timeout = 80' in me.file.read_text(), done


@case
def the_page_is_fresh(box):
    """docs/configuration.md is what `ccbt config schema --markdown` prints"""
    me = Person(box)
    page = SOURCE / 'docs' / 'configuration.md'
    assert page.read_text() == me.config('schema', '--markdown').stdout, \
        'stale: build/src/cli/ccbt config schema --markdown > docs/configuration.md'
    for row in json.loads(me.says('schema', '--json')):
        assert row['description'] in page.read_text(), row
        default = json.dumps(row['default']) if row['type'] == 'boolean' else str(row['default'])
        assert me.says('get', row['key']) == default, row


@case
def a_running_session_follows_the_file(box):
    """`ccbt config set` and an editor: the daemon takes the new limits at once, and says so"""
    me = Person(box)
    me.write(Daemon.OFF)
    daemon = Daemon(me)
    assert daemon.limits() == (0, 0)
    me.says('set', 'limits.download_rate', '123456')
    daemon.until(lambda: daemon.limits() == (123456, 0), 'no new limit')
    me.write(Daemon.OFF + '[limits]\nupload_rate = 654321\n')
    daemon.until(lambda: daemon.limits() == (0, 654321), 'no new limits')
    assert 'Settings have changed: limits.download_rate, limits.upload_rate' in daemon.process.error_text() + daemon.process.text()


@case
def a_broken_edit_changes_nothing(box):
    """an edit with one mistake: nothing of it counts, the reason is told once, the mended file counts"""
    me = Person(box)
    me.write(Daemon.OFF)
    daemon = Daemon(me)
    log = lambda: daemon.process.error_text() + daemon.process.text()
    me.write(Daemon.OFF + 'peer_timeout = 1\n[limits]\nupload_rate = 654321\n')
    daemon.until(lambda: 'The settings stay as they were' in log(), 'nothing was said')
    assert 'ccbt.toml:8: network.peer_timeout: found 1, allowed 30 to 600 s' in log(), log()
    assert daemon.limits() == (0, 0)
    me.write(Daemon.OFF + 'peer_timeout = 30\n[limits]\nupload_rate = 654321\n')
    daemon.until(lambda: daemon.limits() == (0, 654321), 'the mended file did not count')
    assert log().count('The settings stay') == 1, log()


@case
def verbs(box):
    """config.set changes session and file, config.get says from where; what is wrong changes neither"""
    me = Person(box)
    me.write('# mine\n' + Daemon.OFF)
    daemon = Daemon(me)
    assert daemon.call('config.set', "('limits.download_rate', '5000')") == '(false,)'
    daemon.until(lambda: daemon.limits() == (5000, 0), 'no new limit')
    assert daemon.call('config.set', "('disk.threads', '3')") == '(true,)'
    text = me.file.read_text()
    assert text == '# mine\n' + Daemon.OFF + '\n[limits]\ndownload_rate = 5000\n\n[disk]\nthreads = 3\n', text
    assert daemon.call('config.get', "('limits.download_rate',)") == "('5000', 'file %s')" % me.file
    for key, value, allowed in (('limits.download_rate', '-1', '0 to'), ('limits.none', '1', 'download_rate'),
                                ('network.listen_port', 'x', '0 to 65535')):
        done = daemon.btbt('call', 'config.set', "('%s', '%s')" % (key, value))
        assert done.returncode != 0 and allowed in done.stderr, done
    assert me.file.read_text() == text and daemon.limits() == (5000, 0)
    assert daemon.call('config.reset', "('limits.download_rate',)") == '(false,)'
    daemon.until(lambda: daemon.limits() == (0, 0), 'the limit stays')
    assert 'download_rate' not in me.file.read_text()
    listed = daemon.call('config.list', '()')
    for row in json.loads(me.says('schema', '--json')):
        assert "'%s'" % row['key'] in listed, row
    me.file.write_text(Daemon.OFF + '[limits]\nupload_rate = 7\n')
    daemon.call('config.reload', '()')
    daemon.until(lambda: daemon.limits() == (0, 7), 'no new limit')


def count_open(wires):
    """Those that the other end has not closed."""
    n_open = 0
    for wire in wires:
        wire.sock.setblocking(False)
        try:
            while wire.sock.recv(65536):
                pass
        except BlockingIOError:
            n_open += 1
        except OSError:
            pass
    return n_open


@case
def fewer_connections_at_once(box):
    """a lower limit of connections closes those that are too many; a higher one lets others in; the torrent's folder too"""
    me = Person(box)
    me.write(Daemon.OFF)
    daemon = Daemon(me)
    torrent = make_single(box, size=300000, piece_length=65536)
    daemon.call('config.set', "('disk.download_dir', '%s')" % torrent.folder)
    assert daemon.btbt('add', str(torrent.path)).returncode == 0
    daemon.until(lambda: 'seeding' in daemon.btbt('list').stdout, 'not looked for in the new folder')
    port = json.loads(daemon.btbt('--json', 'status').stdout)['port']

    def dial():
        wire = wirepeer.Wire.dial('127.0.0.1', port, source='127.0.0.1')
        wire.greet(torrent)
        return wire

    wires = [dial() for _ in range(5)]
    assert count_open(wires) == 5
    daemon.call('config.set', "('network.max_connections_per_torrent', '2')")
    daemon.until(lambda: count_open(wires) == 2, 'the others stay')
    daemon.call('config.reset', "('network.max_connections_per_torrent',)")
    more = [dial() for _ in range(3)]
    assert count_open(wires) == 2 and count_open(more) == 3


if __name__ == '__main__':
    main()
