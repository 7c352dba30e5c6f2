#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session in the background, and D-Bus to it: over the socket and over a session bus."""
import json
import os
import re
import subprocess
from pathlib import Path

from gi.repository import Gio, GLib

from harness import Process, case, main, wait_until
from torrents import make_single

CCBT = os.environ['CCBT']
NAME = 'io.github.ccbittorrent.CcBitTorrent1'
OBJECT = '/io/github/ccbittorrent/CcBitTorrent1'
OFFLINE = ['--port=0', '--set=discovery.enable_dht=false', '--set=discovery.enable_lsd=false',
           '--set=nat.auto_map_ports=false']


class Daemon:
    def __init__(self, box, environment=None):
        self.box = box
        self.state = box / 'state-dir'
        runtime = box / 'runtime'
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.environment = {'HOME': str(box), 'XDG_RUNTIME_DIR': str(runtime), 'LC_ALL': 'C.UTF-8', **(environment or {})}
        self.process = None

    def run(self):
        """In the foreground of this test, so that it ends with it."""
        self.process = Process([CCBT, 'daemon', 'run', '--state-dir=%s' % self.state, *OFFLINE], self.box, 'daemon',
                               env=self.environment)
        wait_until(lambda: self.command('status').returncode == 0 or self.process.poll() is not None, 30, self.process.tail)
        assert self.process.poll() is None, self.process.tail()
        return self

    def command(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if k != 'DBUS_SESSION_BUS_ADDRESS'}
        return subprocess.run([CCBT, 'daemon', arguments[0], '--state-dir=%s' % self.state, *arguments[1:]],
                              env={**environment, **self.environment}, capture_output=True, text=True, timeout=60)

    def socket(self):
        found = list((self.box / 'runtime' / 'ccbt').glob('control-*'))
        assert len(found) == 1, found
        return found[0]

    def connect(self):
        return Gio.DBusConnection.new_for_address_sync('unix:path=%s' % self.socket(),
                                                       Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)


def call(bus, method, arguments=None, interface='Session', name=None, timeout=30000):
    return bus.call_sync(name, OBJECT, NAME + '.' + interface, method, arguments, None, Gio.DBusCallFlags.NONE, timeout,
                         None).unpack()


def error_of(function):
    """The D-Bus name of the error that @function () fails with."""
    try:
        function()
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error) or error.message
    raise AssertionError('it did not fail')


def add(bus, torrent, folder):
    options = {'torrent': GLib.Variant('ay', torrent.path.read_bytes()), 'folder': GLib.Variant('s', str(folder)),
               'paused': GLib.Variant('b', True)}
    return call(bus, 'Call', GLib.Variant('(sv)', ('torrent.add', GLib.Variant('(a{sv})', (options,)))))[0]


@case
def start_status_stop(box):
    """start, a second start, status, logs, stop; then nothing runs"""
    daemon = Daemon(box)
    assert daemon.command('status').returncode == 3
    try:
        started = daemon.command('start', *OFFLINE)
        assert started.returncode == 0 and 'Started' in started.stdout, (started, daemon.command('logs'))
        again = daemon.command('start', *OFFLINE)
        assert again.returncode == 0 and 'already' in again.stdout, again
        status = json.loads(daemon.command('status', '--json').stdout)
        assert status['n-torrents'] == 0 and status['port'] > 0 and status['pid'] > 0, status
        assert oct(daemon.socket().stat().st_mode & 0o777) == '0o600'
        assert oct(daemon.socket().parent.stat().st_mode & 0o777) == '0o700'
        second = subprocess.run([CCBT, 'daemon', 'run', '--state-dir=%s' % daemon.state, *OFFLINE], capture_output=True,
                                text=True, timeout=60, env={**os.environ, **daemon.environment})
        assert second.returncode == 1 and second.stderr, second
        assert daemon.command('status').returncode == 0, 'the second one took the socket of the first'
    finally:
        stopped = daemon.command('stop')
    assert stopped.returncode == 0, stopped
    assert daemon.command('status').returncode == 3
    assert 'ended' in daemon.command('logs').stdout


@case
def verbs_list_events(box):
    """A torrent is added, listed, looked into, followed and removed; events tell of it"""
    daemon = Daemon(box).run()
    torrent = make_single(box, size=300000, piece_length=65536)
    bus = daemon.connect()
    verbs = {verb: arguments for verb, arguments, _, _ in call(bus, 'Verbs')[0]}
    assert verbs['torrent.add'] == '(a{sv})', verbs
    xml = bus.call_sync(None, OBJECT, 'org.freedesktop.DBus.Introspectable', 'Introspect', None, None, 0, 10000, None).unpack()[0]
    for verb in verbs:
        camel = ''.join(part[0].upper() + part[1:] for part in re.split('[.-]', verb))
        assert '<method name="%s">' % camel in xml, camel
    signals = []
    bus.signal_subscribe(None, NAME + '.Session', 'TorrentsChanged', OBJECT, None, Gio.DBusSignalFlags.NONE,
                         lambda *arguments: signals.append(arguments[5].unpack()))
    call(bus, 'Watch', GLib.Variant('(as)', (['info-hash', 'state'],)))
    info_hash, number, is_new = add(bus, torrent, box)
    assert is_new and number > 0

    def listed():
        return call(bus, 'List', GLib.Variant('(ast)', (['info-hash', 'state', 'tags'], 0)))

    generation, _, torrents, _ = wait_until(lambda: listed() if listed()[2] else None, 20, 'no torrent in the list')
    assert torrents[0]['info-hash'] == info_hash and set(torrents[0]) == {'info-hash', 'state', 'tags'}, torrents
    details = call(bus, 'Details', GLib.Variant('(sas)', (info_hash, ['files'])))[0]
    assert set(details) == {'files'} and details['files'][0]['length'] == 300000, details
    details = call(bus, 'Details', GLib.Variant('(sas)', (info_hash, ['summary', 'rates'])))[0]
    summary, (step, down, up) = details['summary'], details['rates']
    assert len(summary['stretches']) == 4 * summary['pieces'], summary
    assert summary['had'] + summary['missing'] == summary['pieces'] and summary['peers'] == 0, summary
    assert step > 0 and len(down) == len(up) and not any(down) and not any(up), details['rates']

    def told(condition):
        while GLib.MainContext.default().iteration(False):
            pass
        return any(condition(signal) for signal in signals)

    wait_until(lambda: told(lambda s: s[2] and s[2][0].get('info-hash') == info_hash), 20, 'no signal of the new torrent')
    cursor, lost, events = call(bus, 'Events', GLib.Variant('(tasu)', (0, ['torrent-added'], 10000)))
    assert lost == 0 and [e['info-hash'] for e in events] == [info_hash], events
    call(bus, 'TorrentRemove', GLib.Variant('(sb)', (info_hash, False)), interface='Verbs')
    _, _, events = call(bus, 'Events', GLib.Variant('(tasu)', (cursor, ['torrent-removed'], 10000)))
    assert len(events) == 1 and events[0]['torrent'] == number, events
    wait_until(lambda: told(lambda s: number in s[3]), 20, 'no signal of the removed torrent')
    assert number in call(bus, 'List', GLib.Variant('(ast)', ([], generation)))[3]


@case
def wrong_calls(box):
    """Unknown verbs, wrong types, unknown fields, huge requests: each has its error, and the daemon lives"""
    daemon = Daemon(box).run()
    bus = daemon.connect()

    def verb(name, value):
        return lambda: call(bus, 'Call', GLib.Variant('(sv)', (name, value)))

    assert error_of(verb('torrent.fly', GLib.Variant('av', []))) == NAME + '.Error.Invalid'
    assert error_of(verb('torrent.pause', GLib.Variant('(u)', (7,)))) == NAME + '.Error.Invalid'
    assert error_of(verb('torrent.pause', GLib.Variant('s', 'x'))) == NAME + '.Error.Invalid'
    assert error_of(verb('torrent.pause', GLib.Variant('(s)', ('0' * 40,)))) == NAME + '.Error.NotFound'
    for method, arguments in ('List', GLib.Variant('(ast)', (['nonsense'], 0))), \
                             ('Details', GLib.Variant('(sas)', ('0' * 40, ['nonsense']))), \
                             ('Events', GLib.Variant('(tasu)', (0, ['nonsense'], 0))):
        assert error_of(lambda: call(bus, method, arguments)) == NAME + '.Error.Invalid', method
    assert error_of(lambda: call(bus, 'Details', GLib.Variant('(sas)', ('0' * 40, [])))) == NAME + '.Error.NotFound'
    huge = GLib.Variant.new_from_bytes(GLib.VariantType('ay'), GLib.Bytes.new(bytes(40 << 20)), True)
    options = GLib.VariantBuilder(GLib.VariantType('a{sv}'))
    entry = GLib.Variant.new_dict_entry(GLib.Variant('s', 'torrent'), GLib.Variant.new_variant(huge))
    options.add_value(entry)
    arguments = GLib.Variant.new_tuple(GLib.Variant('s', 'torrent.add'),
                                       GLib.Variant.new_variant(GLib.Variant.new_tuple(options.end())))
    error_of(lambda: call(bus, 'Call', arguments))
    wait_until(bus.is_closed, 10, 'a request of 40 MiB did not end the connection')
    assert daemon.command('status').returncode == 0


@case
def slow_reader(box):
    """Who asks without reading is cut off; others are served meanwhile"""
    import socket
    daemon = Daemon(box).run()
    slow = socket.socket(socket.AF_UNIX)
    slow.connect(str(daemon.socket()))
    slow.sendall(b'\0AUTH EXTERNAL ' + str(os.geteuid()).encode().hex().encode() + b'\r\n')
    assert slow.recv(200).startswith(b'OK')
    slow.sendall(b'BEGIN\r\n')
    slow.settimeout(1)
    n_sent = 0
    ended = False
    for serial in range(1, 200000):
        message = Gio.DBusMessage.new_method_call(None, OBJECT, NAME + '.Session', 'Verbs')
        message.set_serial(serial)
        try:
            slow.sendall(message.to_blob(Gio.DBusCapabilityFlags.NONE))
            n_sent += 1
        except (BrokenPipeError, ConnectionResetError):
            ended = True
            break
        except TimeoutError:
            break
    assert ended, '%d requests went in, and nobody said stop' % n_sent
    assert daemon.process.memory() < 300e6
    assert call(daemon.connect(), 'Status')[0]['n-torrents'] == 0


@case
def another_user(box):
    """Another user is refused, even when the folder lets him in"""
    daemon = Daemon(box).run()
    path = daemon.socket()
    for folder in (path.parent, path.parent.parent):
        os.chmod(folder, 0o755)
    os.chmod(path, 0o666)
    script = ('import gi\nfrom gi.repository import Gio\n'
              'Gio.DBusConnection.new_for_address_sync("unix:path=%s", Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)'
              '\nprint("in")' % path)
    own = subprocess.run(['/usr/bin/python3', '-c', script], capture_output=True, text=True, timeout=60)
    assert own.stdout == 'in\n', own
    if os.geteuid() != 0 or subprocess.run(['setpriv', '--reuid=65534', '--clear-groups', 'true']).returncode != 0:
        return  # no second user here
    other = subprocess.run(['setpriv', '--reuid=65534', '--clear-groups', '/usr/bin/python3', '-c', script],
                           capture_output=True, text=True, timeout=60)
    assert 'in' not in other.stdout.split() and other.returncode != 0, other
    assert 'lack of content' in other.stderr, 'not ended by the daemon, in the authentication: %s' % other
    assert daemon.command('status').returncode == 0


@case
def another_process_namespace(box):
    """A second sandbox of the same user is let in, though nobody can say which process it is"""
    daemon = Daemon(box).run()
    environment = {k: v for k, v in os.environ.items() if k != 'DBUS_SESSION_BUS_ADDRESS'}
    result = subprocess.run(['unshare', '--pid', '--fork', CCBT, 'daemon', 'status', '--state-dir=%s' % daemon.state],
                            env={**environment, **daemon.environment}, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result


@case
def killed_and_again(box):
    """kill -9: the socket that is left over stands in nobody's way, and the torrents are there again"""
    daemon = Daemon(box).run()
    torrent = make_single(box, size=300000, piece_length=65536)
    bus = daemon.connect()
    add(bus, torrent, box)
    call(bus, 'Call', GLib.Variant('(sv)', ('session.flush', GLib.Variant('av', []))))
    daemon.process.kill()
    assert daemon.socket().exists()
    assert daemon.command('status').returncode == 3
    daemon.run()
    wait_until(lambda: call(daemon.connect(), 'Status')[0]['n-torrents'] == 1, 20, 'the torrent is gone')
    assert daemon.command('stop').returncode == 0
    assert daemon.process.wait(20) == 0


@case
def session_bus(box):
    """On a session bus: the same object under its name"""
    address = 'unix:path=%s' % (box / 'bus')
    Process(['dbus-daemon', '--session', '--nofork', '--address=' + address], box, 'bus')
    wait_until((box / 'bus').exists, 10, 'no bus')
    Daemon(box, {'DBUS_SESSION_BUS_ADDRESS': address}).run()
    bus = Gio.DBusConnection.new_for_address_sync(address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                                                  | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def has_name():
        return bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                             GLib.Variant('(s)', (NAME,)), None, 0, 5000, None).unpack()[0]

    wait_until(has_name, 20, 'the name is not owned')
    assert call(bus, 'Status', name=NAME)[0]['n-torrents'] == 0


@case
def many_in_the_foreground(box):
    """ccbt async takes torrents; a second one gives its torrents to the first"""
    daemon = Daemon(box)
    first = make_single(box, name='first', size=300000, piece_length=65536)
    second = make_single(box, name='second', size=300000, piece_length=65536)

    def start(torrent, name):
        return Process([CCBT, 'async', torrent.path, '--state-dir=%s' % daemon.state, *OFFLINE], box, name,
                       env=daemon.environment)

    def names():
        return {t['name'] for t in call(daemon.connect(), 'List', GLib.Variant('(ast)', (['name'], 0)))[2]}

    running = start(first, 'running')
    wait_until(lambda: daemon.command('status').returncode == 0 or running.poll() is not None, 30, running.tail)
    wait_until(lambda: names() == {first.name}, 20, 'the torrent is not there')
    handed = start(second, 'handed')
    assert handed.wait(30) == 0 and 'already' in handed.text(), handed.tail()
    wait_until(lambda: names() == {first.name, second.name}, 20, 'the second torrent is not there')
    assert daemon.command('stop').returncode == 0
    assert running.wait(20) == 0


@case
def signals_end_it(box):
    """SIGTERM and SIGHUP end it well; the service manager hears of start and end"""
    import signal
    import socket
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(box / 'notify'))
    manager.settimeout(30)
    for number in signal.SIGTERM, signal.SIGHUP:
        daemon = Daemon(box, {'NOTIFY_SOCKET': str(box / 'notify')}).run()
        assert manager.recv(100) == b'READY=1'
        daemon.process.signal(number)
        assert manager.recv(100) == b'STOPPING=1'
        assert daemon.process.wait(20) == 0


@case
def documented_example(box):
    """The Python example of docs/dbus.md runs as it is written"""
    page = (Path(__file__).resolve().parents[2] / 'docs' / 'dbus.md').read_text()
    example = re.search(r'```python\n(.*?)```', page, re.S).group(1)
    daemon = Daemon(box).run()
    torrent = make_single(box, size=300000, piece_length=65536)
    add(daemon.connect(), torrent, box)
    done = subprocess.run(['/usr/bin/python3', '-c', example], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **daemon.environment})
    assert done.returncode == 0 and torrent.name in done.stdout, done


main()
