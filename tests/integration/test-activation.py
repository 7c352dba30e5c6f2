#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service manager listens, and starts the session when somebody comes: ccbt.socket and ccbt.service."""
import os
import shutil
import socket
import subprocess
from pathlib import Path

from gi.repository import Gio

from harness import Process, case, main, wait_until
from instance import BTBT, CCBT, OFFLINE

UNITS = [Path(os.environ[name]) for name in ('CCBT_SERVICE', 'CCBT_SOCKET')]


class Home:
    """A user whose state folder is the usual one."""

    def __init__(self, box):
        self.box = box
        (box / 'runtime' / 'ccbt').mkdir(parents=True, mode=0o700)
        (box / 'runtime').chmod(0o700)
        self.path = box / 'runtime' / 'ccbt' / 'control'
        self.environment = {'HOME': str(box), 'XDG_RUNTIME_DIR': str(box / 'runtime'), 'LC_ALL': 'C.UTF-8',
                            'XDG_STATE_HOME': str(box / 'state'), 'XDG_CONFIG_HOME': str(box / 'config')}

    def btbt(self, *arguments, **more):
        return subprocess.run([BTBT, *arguments], env={**os.environ, **self.environment, **more}, capture_output=True,
                              text=True, timeout=60)

    def daemon(self, command):
        return subprocess.run([CCBT, 'daemon', command], env={**os.environ, **self.environment}, capture_output=True,
                              text=True, timeout=60)


# A service manager of a few lines: descriptor 3 is a socket that listens, or a file.
MANAGER = """import os, socket, sys
path, n, *program = sys.argv[1:]
if path.endswith('control'):
    given = socket.socket(socket.AF_UNIX)
    given.bind(path)
    given.listen(64)
else:
    given = open(path, 'w')
os.dup2(given.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=n)
os.execvp(program[0], program)
"""


def run_given(home, path, n='1'):
    daemon = Process(['/usr/bin/python3', '-c', MANAGER, path, n, CCBT, 'daemon', 'run', *OFFLINE], home.box, 'daemon-' + n,
                     env=home.environment)
    wait_until(lambda: home.daemon('status').returncode == 0 or daemon.poll() is not None, 30, daemon.tail)
    return daemon


@case
def started_by_the_first_who_comes(box):
    """btbt connects, the session starts and answers; it is the same instance at its own socket"""
    home = Home(box)
    assert home.btbt('status').returncode == 3
    activator = Process(['systemd-socket-activate', '-l', home.path, *['-E%s=%s' % pair for pair in home.environment.items()],
                         CCBT, 'daemon', 'run', *OFFLINE], box, 'activator', env=home.environment)
    wait_until(home.path.exists, 20, activator.tail)
    # To ask whether one runs starts none, nor does a command for another folder.
    assert home.daemon('status').returncode == 3 and home.daemon('stop').returncode == 3
    assert home.btbt('status', '--state-dir=%s' % (box / 'elsewhere')).returncode == 3
    assert not list(home.path.parent.glob('control-*')), activator.tail()

    first = home.btbt('--json', 'status')
    assert first.returncode == 0, (first, activator.tail())
    assert home.daemon('status').returncode == 0 and len(list(home.path.parent.glob('control-*'))) == 1
    assert home.btbt('add', '--paused', 'magnet:?xt=urn:btih:' + 'ab' * 20).returncode == 0
    connections = [Gio.DBusConnection.new_for_address_sync('unix:path=%s' % path,
                                                           Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)
                   for path in home.path.parent.iterdir()]
    pids = {c.call_sync(None, '/io/github/ccbittorrent/CcBitTorrent1', 'io.github.ccbittorrent.CcBitTorrent1.Session',
                        'Status', None, None, 0, 10000, None).unpack()[0]['pid'] for c in connections}
    assert len(connections) == 2 and len(pids) == 1, pids
    # Whose state folder is another does not get this one.
    assert home.btbt('status', XDG_STATE_HOME=str(box / 'other-state')).returncode == 3
    assert home.daemon('stop').returncode == 0
    assert activator.wait(20) == 0, activator.tail()


@case
def silent_and_foreign_connections(box):
    """who connects and says nothing, or nonsense, holds up nobody; what is no socket is told and left out"""
    home = Home(box)
    daemon = run_given(home, home.path)
    silent = []
    for n in range(40):
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(20)
        one.connect(str(home.path))
        silent.append(one)
        if n % 2 == 0:
            continue
        try:  # until it is told off
            one.sendall(b'GET / HTTP/1.0\r\n\r\n')
            while one.recv(1000):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert home.btbt('status').returncode == 0 and home.daemon('status').returncode == 0
    assert home.daemon('stop').returncode == 0 and daemon.wait(20) == 0

    for n in ('1', '2', '0', '-1', 'x', '99999999999'):
        daemon = run_given(home, box / 'file', n)
        assert home.daemon('stop').returncode == 0 and daemon.wait(20) == 0
        assert ('service manager' in daemon.error_text()) == (n in '12'), daemon.tail()


@case
def units_are_in_order(box):
    """systemd finds nothing wrong with the units, and the socket is where btbt looks for it"""
    for unit in UNITS:
        shutil.copy(unit, box / unit.name)
    service = (box / 'ccbt.service').read_text()
    start = [line for line in service.splitlines() if line.startswith('ExecStart=')]
    assert len(start) == 1 and start[0].endswith('/bin/ccbt daemon run'), start
    (box / 'ccbt.service').write_text(service.replace(start[0], 'ExecStart=%s daemon run' % CCBT))
    (box / 'runtime').mkdir(mode=0o700)
    checked = subprocess.run(['systemd-analyze', '--user', '--man=no', 'verify', box / 'ccbt.service', box / 'ccbt.socket'],
                             env={**os.environ, 'HOME': str(box), 'XDG_RUNTIME_DIR': str(box / 'runtime')},
                             capture_output=True, text=True, timeout=60)
    ours = [line for line in checked.stderr.splitlines() if 'ccbt' in line]
    assert checked.returncode == 0 and ours == [], checked
    assert 'ListenStream=%t/ccbt/control\n' in (box / 'ccbt.socket').read_text()


main()
