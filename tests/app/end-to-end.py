#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window on the real engine, driven as a person would: end-to-end.py PROGRAM SOURCE-FOLDER DRAG-SOURCE. Prints
TAP.

Everything it touches is its own: display, session bus, home folder, notification server, file manager, seed, tracker.
The outer process prepares them and starts itself again inside."""
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

APPLICATION_ID = 'io.github.ccbittorrent.CcBitTorrent'


# ------------------------------------------------------------------ outside: a home folder with the program installed

def install_into(home, program, source):
    """The desktop entry and the D-Bus service of an installation, pointing at @program."""
    data = home / 'data'
    (data / 'applications').mkdir(parents=True)
    (data / 'dbus-1' / 'services').mkdir(parents=True)
    entry = (source / 'data' / (APPLICATION_ID + '.desktop.in')).read_text()
    entry = entry.replace('Exec=ccbittorrent', 'Exec=%s' % program)
    (data / 'applications' / (APPLICATION_ID + '.desktop')).write_text(entry)
    (data / 'applications' / 'mimeapps.list').write_text(
        '[Default Applications]\n'
        'x-scheme-handler/magnet=%s.desktop\napplication/x-bittorrent=%s.desktop\n' % (APPLICATION_ID, APPLICATION_ID))
    (data / 'dbus-1' / 'services' / (APPLICATION_ID + '.service')).write_text(
        '[D-BUS Service]\nName=%s\nExec=%s --gapplication-service\n' % (APPLICATION_ID, program))


def run_inside(script, prepare):
    """Runs @script --inside PROGRAM on a desktop of its own. @prepare(home) installs the program: its path and more
    environment."""
    with tempfile.TemporaryDirectory(prefix='ccbt-window-') as folder:
        home = Path(folder)
        for name in ('config', 'state', 'cache', 'run', 'Downloads'):
            (home / name).mkdir()
        (home / 'run').chmod(0o700)
        # Nothing leaves this computer.
        (home / 'config' / 'ccbt').mkdir()
        (home / 'config' / 'ccbt' / 'ccbt.toml').write_text(
            '[discovery]\nenable_dht = false\nenable_lsd = false\n[nat]\nauto_map_ports = false\n')
        program, more = prepare(home)
        environment = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder + '/config', XDG_DATA_HOME=folder + '/data',
                           XDG_STATE_HOME=folder + '/state', XDG_CACHE_HOME=folder + '/cache',
                           XDG_RUNTIME_DIR=folder + '/run', GDK_BACKEND='x11', GSK_RENDERER='cairo',
                           GSETTINGS_BACKEND='memory', LC_ALL='C.UTF-8', XDG_CURRENT_DESKTOP='GNOME')
        environment.update(more)
        for name in ('WAYLAND_DISPLAY', 'DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'GTK_A11Y', 'LANGUAGE'):
            environment.pop(name, None)
        # What the bus starts writes to our output too: the results go round it.
        results = home / 'results'
        environment['CCBT_TEST_RESULTS'] = str(results)
        code = subprocess.run(['xvfb-run', '-a', '-s', '-screen 0 1280x900x24', 'dbus-run-session', '--',
                               '/usr/bin/python3', script, '--inside', str(program)],
                              env=environment, stdout=sys.stderr, timeout=170).returncode
        print(results.read_text() if results.exists() else '1..0', flush=True)
        return code


def outside(program, source, drag_source):
    def prepare(home):
        install_into(home, program, source)
        return program, {'CCBT_TEST_DRAG_SOURCE': str(drag_source)}

    return run_inside(__file__, prepare)


# ------------------------------------------------------------------ inside

class Failure(Exception):
    pass


def wait_for(what, look, seconds=20):
    """The first true value of @look()."""
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure('waited %d s for %s' % (seconds, what))
        time.sleep(0.1)


def serve(handler):
    """The address of an HTTP server of this computer, which ends with the test."""
    import http.server
    import threading
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return 'http://127.0.0.1:%d' % server.server_address[1]


class Screen:
    """The program as a screen reader sees it."""

    def __init__(self):
        import pyatspi
        self.registry = pyatspi.Registry
        self.pyatspi = pyatspi

    def applications(self):
        return [a for a in self.registry.getDesktop(0) if a is not None and a.name == 'ccbittorrent']

    def walk(self, node=None):
        if node is None:
            for application in self.applications():
                yield from self.walk(application)
            return
        try:
            children = list(node)
        except Exception:  # it went away while it was looked at
            return
        for child in children:
            if child is not None:
                yield child
                yield from self.walk(child)

    def find(self, role, name):
        for node in self.walk():
            try:
                # GTK 4.8 says the text of a button twice; the toolkit's own (in toasts) cannot be helped.
                if node.getRoleName() == role and node.name in (name, name + ' ' + name):
                    return node
            except Exception:
                continue
        return None

    def count(self, role, name):
        return sum(1 for node in self.walk() if node.getRoleName() == role and node.name == name)

    def wait(self, role, name, seconds=20):
        return wait_for('%s “%s”' % (role, name), lambda: self.find(role, name), seconds)

    def wait_gone(self, role, name, seconds=20):
        wait_for('%s “%s” to go' % (role, name), lambda: not self.find(role, name), seconds)

    def wait_seen(self, name, seconds=20):
        """A label that is in front: GTK 4.8 lists what is on the other pages of a stack too."""
        def look():
            node = self.find('label', name)
            if node is None:
                return False
            coordinates = self.pyatspi.WINDOW_COORDS
            place = node.queryComponent().getExtents(coordinates)
            window = node
            while window.getRoleName() != 'frame':
                window = window.parent
            hit = window.queryComponent().getAccessibleAtPoint(
                place.x + place.width // 2, place.y + place.height // 2, coordinates)
            return hit is not None and hit.getRoleName() == 'label' and hit.name == name

        wait_for('“%s” to be seen' % name, look, seconds)

    def press(self, role, name):
        node = self.wait(role, name)
        # Filled and allowed, not only there.
        wait_for('“%s” to be sensitive' % name, lambda: node.getState().contains(self.pyatspi.STATE_SENSITIVE))
        node.queryAction().doAction(0)

    def place(self, role, name):
        """Where it is in its window, once it stays there."""
        def extents():
            return self.wait(role, name).queryComponent().getExtents(self.pyatspi.WINDOW_COORDS)

        def settled():
            before = extents()
            self.settle()
            after = extents()
            same = (before.x, before.y, before.width, before.height) == (after.x, after.y, after.width, after.height)
            return after if same and after.width > 0 else None

        return wait_for('%s “%s” to stand still' % (role, name), settled)

    def click(self, role, name, button=1, times=1):
        """With the mouse, for what has no action (check boxes of GTK 4.8): windows stand at 0,0, since nobody manages
        them."""
        place = self.place(role, name)
        subprocess.run(['xdotool', 'mousemove', str(place.x + place.width // 2), str(place.y + place.height // 2),
                        'click', '--repeat', str(times), '--delay', '50', str(button)], check=True)

    def settle(self):
        """The program answers on the loop that everything else is done on: what came before has had its turn."""
        for _ in range(10):
            for application in self.applications():
                for window in application:
                    window.queryComponent().getExtents(self.pyatspi.WINDOW_COORDS)

    @contextlib.contextmanager
    def drag(self, mime_type, text):
        """From a window of another program at the right of ours, by hand, into ours."""
        name = os.path.basename(os.environ['CCBT_TEST_DRAG_SOURCE'])

        def xdotool(*arguments):
            return subprocess.run(['xdotool', *map(str, arguments)], check=False, capture_output=True, text=True,
                                  timeout=20).stdout.split()

        with subprocess.Popen([os.environ['CCBT_TEST_DRAG_SOURCE'], mime_type, text]) as source:
            window = wait_for('the other program', lambda: xdotool('search', '--onlyvisible', '--class', name))[0]
            xdotool('windowmove', '--sync', window, 1000, 100)
            xdotool('mousemove', '--sync', 1100, 200, 'mousedown', 1)
            for x in range(1080, 400, -40):
                xdotool('mousemove', '--sync', x, 300)
            self.settle()
            xdotool('mouseup', 1)
            yield
            source.terminate()

    def focus(self):
        """Nobody manages windows here, so nobody gives them the keyboard either."""
        def windows():
            return subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'ccbittorrent'], check=False,
                                  capture_output=True, text=True).stdout.split()

        wait_for('all dialogs to go', lambda: len(windows()) == 1)
        subprocess.run(['xdotool', 'windowfocus', '--sync', windows()[0]], check=True, timeout=20)
        self.settle()

    def choose_in_chooser(self, path):
        """The file chooser of the toolkit, by the place that Ctrl+L lets one type."""
        def windows():
            return subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'ccbittorrent'], check=False,
                                  capture_output=True, text=True).stdout.split()

        chooser = max(wait_for('the file chooser', lambda: windows() if len(windows()) > 2 else None), key=int)
        subprocess.run(['xdotool', 'windowfocus', '--sync', chooser], check=True, timeout=20)
        self.settle()
        self.type('ctrl+l')
        self.settle()
        subprocess.run(['xdotool', 'type', '--delay', '5', str(path)], check=True, timeout=60)
        self.settle()
        self.press('push button', '_Select Select')  # how GTK 4.8 names its own
        wait_for('the file chooser to go', lambda: len(windows()) <= 2)

    def type(self, *keys):
        subprocess.run(['xdotool', 'key', '--clearmodifiers', *keys], check=True, timeout=20)

    def paste(self, text):
        """Ctrl+V, once the program knows what the clipboard has."""
        def targets():
            return subprocess.run(['xclip', '-selection', 'clipboard', '-o', '-t', 'TARGETS'], capture_output=True,
                                  text=True, timeout=20, check=False).stdout

        self.focus()
        subprocess.run(['xclip', '-selection', 'clipboard'], input=text.encode(), stdout=subprocess.DEVNULL, check=True)
        wait_for('the clipboard', lambda: 'UTF8_STRING' in targets())
        self.settle()  # GTK has heard of the new owner and asked it what it has
        targets()      # who answers one after the other, and so has answered that
        self.settle()  # and the answer has arrived
        self.type('ctrl+v')

    def dump(self):
        for node in self.walk():
            print('#   %s “%s”' % (node.getRoleName(), node.name))


class Swarm:
    """A tracker and a seed on this computer."""

    def __init__(self, folder):
        import libtorrent
        self.libtorrent = libtorrent
        self.folder = folder
        self.session = libtorrent.session({
            'listen_interfaces': '127.0.0.1:0', 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
            'enable_natpmp': False})
        wait_for('the seed to listen', self.session.listen_port)
        self.start_tracker()

    def start_tracker(self):
        import http.server
        peer = bytes([127, 0, 0, 1]) + self.session.listen_port().to_bytes(2, 'big')
        nobody, seed = (b'd8:completei1e10:incompletei0e8:intervali900e5:peers%d:%se' % (len(peers), peers)
                        for peers in (b'', peer))

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                # The seed must not be told of itself: libtorrent would ban its own address, which is everybody's here.
                reply = nobody if 'left=0&' in self.path + '&' else seed
                self.send_response(200)
                self.send_header('Content-Length', str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *arguments):
                pass

        self.tracker = serve(Handler) + '/announce'

    def seed(self, name, sizes):
        """Returns the .torrent's path and a magnet link."""
        lt = self.libtorrent
        for file, size in sizes.items():
            path = self.folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(size))
        storage = lt.file_storage()
        lt.add_files(storage, str(self.folder / name))
        maker = lt.create_torrent(storage, piece_size=65536, flags=lt.create_torrent.v1_only)
        maker.add_tracker(self.tracker)
        lt.set_piece_hashes(maker, str(self.folder))
        torrent = self.folder / (name + '.torrent')
        torrent.write_bytes(lt.bencode(maker.generate()))
        info = lt.torrent_info(str(torrent))
        self.session.add_torrent({'ti': info, 'save_path': str(self.folder), 'flags': lt.torrent_flags.seed_mode})
        return torrent, lt.make_magnet_uri(info)


class Desktop:
    """Notification server and file manager, as mocks that remember what they were asked."""

    def __init__(self):
        import dbusmock
        import dbus
        self.dbus = dbus
        self.bus = dbus.SessionBus()
        self.process, self.notifications = dbusmock.DBusTestCase.spawn_server_template(
            'notification_daemon', {'capabilities': 'body body-markup actions persistence'}, stdout=subprocess.DEVNULL)
        name = 'org.freedesktop.FileManager1'
        self.files_process = dbusmock.DBusTestCase.spawn_server(
            name, '/org/freedesktop/FileManager1', name, stdout=subprocess.DEVNULL)
        self.files = dbus.Interface(self.bus.get_object(name, '/org/freedesktop/FileManager1'),
                                    'org.freedesktop.DBus.Mock')
        self.files.AddMethod(name, 'ShowItems', 'ass', '', '')

    def notify_calls(self):
        return self.notifications.GetMethodCalls('Notify', dbus_interface='org.freedesktop.DBus.Mock')

    def invoke(self, identifier, action):
        self.notifications.EmitSignal('org.freedesktop.Notifications', 'ActionInvoked', 'us',
                                      [self.dbus.UInt32(identifier), action],
                                      dbus_interface='org.freedesktop.DBus.Mock')

    def is_running(self):
        return self.bus.name_has_owner(APPLICATION_ID)

    def stop(self):
        for process in (self.process, self.files_process):
            process.terminate()
            process.wait()


class Story:
    """The cases, in the order a person would live them."""

    def __init__(self, program, home):
        self.program = program
        self.home = home
        (home / 'seed').mkdir()
        self.swarm = Swarm(home / 'seed')
        self.first, _ = self.swarm.seed('A film & more', {'film.bin': 3000000, 'extras/poster.bin': 70000,
                                                          'extras/unwanted.bin': 900000})
        _, self.magnet = self.swarm.seed('From a link', {'song.bin': 400000})
        self.swarm.seed('From the web', {'page.bin': 300000, 'more/words.bin': 20000})
        self.desktop = Desktop()
        self.screen = Screen()

    def file_starts_the_program(self):
        assert not self.desktop.is_running()
        subprocess.run(['gio', 'open', str(self.first)], check=True)
        self.screen.wait('label', 'A film & more')
        self.screen.wait('label', 'poster.bin')

    def dialog_adds_without_one_file(self):
        self.screen.click('check box', 'unwanted.bin')
        self.screen.wait('label', '2 of 3 files, 3.1\u00a0MB')
        self.screen.press('push button', 'Add')
        self.screen.wait('label', 'A film & more')

    def download_completes(self):
        self.screen.wait('label', 'Seeding', 40)
        for file in ('film.bin', 'extras/poster.bin'):
            got = self.home / 'A film & more' / file
            assert got.read_bytes() == (self.home / 'seed' / 'A film & more' / file).read_bytes(), file

    def notification_arrives(self):
        calls = wait_for('a notification', self.desktop.notify_calls)
        application, _, _, summary, body, actions, hints, _ = calls[0][1]
        assert len(calls) == 1, calls
        assert summary == 'Download finished', summary
        assert body == 'A film &amp; more', body  # this server reads markup
        assert list(actions)[::2] == ['default', 'open', 'show-folder'], actions
        assert hints['desktop-entry'] == APPLICATION_ID

    def notification_shows_the_folder(self):
        self.desktop.invoke(1, 'show-folder')
        calls = wait_for('the file manager', lambda: self.desktop.files.GetMethodCalls('ShowItems'))
        assert calls[0][1][0][0].endswith('/A%20film%20&%20more'), calls

    def removal_is_undone(self):
        self.screen.click('label', 'A film & more', 3)
        self.screen.press('menu item', 'Remove')
        self.screen.wait_gone('label', 'Seeding')
        self.screen.press('push button', 'Undo')
        self.screen.wait('label', 'Seeding')
        time.sleep(9)  # longer than the offer stood: nothing may come after it
        assert self.screen.find('label', 'Seeding')

    def removal_is_carried_out(self):
        self.screen.click('label', 'A film & more', 3)
        self.screen.press('menu item', 'Remove')
        self.screen.wait_seen('No Torrents')
        self.screen.wait_gone('push button', 'Undo', 15)
        assert (self.home / 'A film & more' / 'film.bin').exists()

    def open_link(self, argv, environment=None):
        subprocess.run(argv + [self.magnet], check=True, timeout=20, env=dict(os.environ, **(environment or {})))
        self.screen.wait('label', 'Size not known yet')
        self.screen.wait('label', 'From a link')
        self.screen.press('push button', 'Cancel')
        self.screen.wait_gone('label', 'Size not known yet')
        assert len(self.screen.applications()) == 1

    def links_reach_the_running_program(self):
        self.open_link(['gio', 'open'])
        self.open_link(['xdg-open'])
        self.open_link([self.program])

    def links_arrive_without_gvfs(self):
        self.open_link([self.program], {'GIO_USE_VFS': 'local'})

    def pasted_link_opens_the_dialog(self):
        self.screen.paste(self.magnet + '\n')
        self.screen.wait('label', 'Size not known yet')
        self.screen.wait('label', 'From a link')
        self.screen.press('push button', 'Cancel')
        self.screen.wait_gone('label', 'Size not known yet')

    def link_downloads(self):
        subprocess.run(['gio', 'open', self.magnet], check=True)
        self.screen.press('push button', 'Add')
        self.screen.wait('label', 'Seeding', 40)
        wait_for('the second notification', lambda: len(self.desktop.notify_calls()) == 2)

    def address_of_a_torrent_downloads(self):
        import functools
        import http.server

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

        address = serve(functools.partial(Handler, directory=str(self.home / 'seed'))) + '/From%20the%20web.torrent'
        subprocess.run([self.program, address], check=True, timeout=20)
        self.screen.wait('label', 'page.bin')
        self.screen.press('push button', 'Cancel')
        self.screen.wait_gone('label', 'page.bin')
        self.screen.paste(address)
        self.screen.wait('label', 'page.bin')
        self.screen.press('push button', 'Add')
        wait_for('the third notification', lambda: len(self.desktop.notify_calls()) == 3, 40)
        assert (self.home / 'From the web' / 'page.bin').exists()

    def dropped(self, mime_type, text, seen):
        with self.screen.drag(mime_type, text):
            self.screen.wait('label', seen)
            self.screen.press('push button', 'Cancel')
            self.screen.wait_gone('label', seen)

    def things_are_dropped(self):
        self.dropped('text/uri-list', self.first.as_uri() + '\r\n', 'poster.bin')
        self.dropped('text/uri-list', self.magnet + '\r\n', 'Size not known yet')
        self.dropped('text/plain;charset=utf-8', self.magnet, 'Size not known yet')

    def typing_searches(self):
        self.screen.focus()
        self.screen.type('w', 'E', 'b')
        self.screen.wait_gone('label', 'From a link')
        assert self.screen.find('label', 'From the web')
        self.screen.type('x')
        self.screen.wait_seen('Nothing Found')
        self.screen.type('Escape')
        self.screen.wait('label', 'From a link')
        self.screen.wait('label', 'From the web')

    def files_go_to_the_trash(self):
        self.screen.click('label', 'From the web', 3)
        self.screen.press('menu item', 'Move Files to Trash…')
        self.screen.press('push button', 'Move to Trash')
        self.screen.wait('label', 'Files moved to the trash')
        self.screen.wait_gone('label', 'From the web')
        self.screen.wait_gone('label', 'Files moved to the trash')  # the toolkit's own button in it has no name
        trash = Path(os.environ['XDG_DATA_HOME']) / 'Trash'
        assert not (self.home / 'From the web').exists()
        for file in ('page.bin', 'more/words.bin'):
            moved = trash / 'files' / 'From the web' / file
            assert moved.read_bytes() == (self.home / 'seed' / 'From the web' / file).read_bytes(), file
        # How the file manager puts it back.
        assert 'From%20the%20web' in (trash / 'info' / 'From the web.trashinfo').read_text()
        assert self.screen.find('label', 'From a link')

    def check_names(self):
        roles = {'push button', 'toggle button', 'check box', 'combo box', 'entry', 'text', 'progress bar', 'slider',
                 'switch', 'menu item', 'page tab'}
        nameless = []
        for node in self.screen.walk():
            if node.getRoleName() in roles and re.match('^(|(Gtk|Adw|Ccbt|_).*)$', node.name):
                nameless.append('%s “%s”' % (node.getRoleName(), node.name))
        assert not nameless, nameless

    def several_are_paused_together(self):
        """Ctrl+A, the Menu key, and back with Ctrl+P."""
        self.screen.click('label', 'From a link')
        self.screen.focus()
        self.screen.type('ctrl+a')
        self.screen.type('Menu')
        self.screen.press('menu item', 'Pause')
        wait_for('both to be finished', lambda: self.screen.count('label', 'Finished') == 2)
        self.screen.focus()
        self.screen.type('ctrl+p')
        wait_for('both to seed', lambda: self.screen.count('label', 'Seeding') == 2)

    def filters_narrow_the_list(self):
        self.screen.click('list item', 'Seeding: 2 torrents')
        assert self.screen.find('label', 'From the web')
        self.screen.click('list item', 'Paused: 0 torrents')
        self.screen.wait_seen('Nothing Found')
        self.screen.press('push button', 'Show All')
        self.screen.wait_seen('From the web')

    def table_shows_the_same(self):
        self.screen.focus()
        self.screen.type('ctrl+t')
        self.screen.wait('label', '100%')
        self.check_names()
        self.screen.click('label', 'Size', 3)
        self.screen.press('menu item', 'Info-Hash')
        wait_for('an info-hash', lambda: any(re.match('^[0-9a-f]{40}$', node.name) for node in self.screen.walk()))
        self.screen.focus()
        self.screen.click('label', 'From the web', 3)
        self.screen.wait('menu item', 'Rename…')
        self.screen.type('Escape')
        self.screen.wait_gone('menu item', 'Rename…')
        self.screen.focus()
        self.screen.type('ctrl+t')
        self.screen.wait_gone('label', '100%')

    def name_is_changed(self):
        self.screen.click('label', 'From the web')
        self.screen.focus()
        self.screen.type('F2')
        self.screen.wait('label', 'Rename Torrent')
        self.screen.type('ctrl+a', 'O', 't', 'h', 'e', 'r', 'Return')
        self.screen.wait('label', 'Other')
        self.screen.wait_gone('label', 'From the web')
        self.screen.focus()
        self.screen.type('F2')
        self.screen.wait('label', 'Rename Torrent')
        self.screen.type('ctrl+a', 'Delete', 'Return')
        self.screen.wait('label', 'From the web')

    def options_are_set(self):
        self.screen.click('label', 'From a link')
        self.screen.focus()
        self.screen.type('alt+Return')
        self.screen.wait('push button', 'Save')
        self.screen.click('combo box', 'Download Limit')
        self.screen.type('End', 'Return')
        self.screen.wait('spin button', 'Download, KiB/s')
        self.check_names()
        self.screen.wait('text', 'Category').queryEditableText().setTextContents('Songs')
        self.screen.wait('text', 'New Tags, With Commas Between').queryEditableText().setTextContents('loud, new')
        self.screen.press('push button', 'Save')
        self.screen.wait_gone('push button', 'Save')
        for name in ('Songs', 'loud', 'new'):
            self.screen.wait('list item', '%s: 1 torrent' % name)

    def menu_files_torrents(self):
        self.screen.click('label', 'From the web', 3)
        self.screen.press('menu item', 'Category')
        self.screen.press('menu item', 'Songs')
        self.screen.wait('list item', 'Songs: 2 torrents')
        self.screen.click('label', 'From the web', 3)
        self.screen.press('menu item', 'Tags')
        self.screen.press('menu item', 'loud')
        self.screen.wait('list item', 'loud: 2 torrents')

    def details_show_files_and_trackers(self):
        # The menu stood where the pointer is: closed, it takes no clicks.
        self.screen.click('label', 'From a link', 3)
        self.screen.wait('menu item', 'Category')
        self.screen.type('Escape')
        self.screen.wait_gone('menu item', 'Category')
        self.screen.click('label', 'From a link', times=2)
        self.screen.wait('label', 'song.bin')
        self.screen.wait('label', self.swarm.tracker)
        self.screen.wait('label', str(self.home))

    def page_tells_pieces_and_rates(self):
        bar = self.screen.wait('progress bar', 'Pieces')
        wait_for('all pieces to be told', lambda: bar.description.startswith('100% of '))
        self.screen.wait_seen(bar.description)
        assert bar.queryValue().currentValue == bar.queryValue().maximumValue, bar.queryValue().currentValue
        graph = self.screen.wait('image', 'Rates over time')
        wait_for('the graph to say what it shows', lambda: graph.description.startswith('In the last 5 minutes')
                 and 'download at most 0 bytes' not in graph.description)

    def page_has_its_log(self):
        self.screen.click('page tab', 'Log')
        self.screen.wait_seen('The download is complete')
        self.check_names()

    def log_is_searched_and_copied(self):
        def copied():
            return subprocess.run(['xclip', '-selection', 'clipboard', '-o'], capture_output=True, text=True,
                                  timeout=20, check=False).stdout

        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'log'], check=True)
        window = self.screen.wait('frame', 'Session Log')

        def inside(role, name):
            return wait_for('%s “%s”' % (role, name), lambda: next(
                (node for node in self.screen.walk(window) if node.getRoleName() == role and node.name == name), None))

        inside('label', 'The torrent was removed')
        self.check_names()
        inside('entry', 'Search the Log').queryEditableText().insertText(0, 'REMOVED', 7)
        wait_for('the others to go', lambda: not any(node.name == 'The download is complete' for node in
                                                     self.screen.walk(window)))
        inside('push button', 'Copy the Selected Lines, or All').queryAction().doAction(0)
        wait_for('the clipboard', lambda: 'The torrent was removed' in copied())
        lines = copied().splitlines()
        assert all(line.endswith('The torrent was removed') for line in lines), lines
        assert {line.split('\t')[1] for line in lines} == {'A film & more', 'From the web'}, lines
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'log'], check=True)  # the same window
        self.screen.settle()
        assert self.screen.count('frame', 'Session Log') == 1
        subprocess.run(['xdotool', 'key', '--clearmodifiers', 'Escape'], check=True, timeout=20)
        subprocess.run(['xdotool', 'key', '--clearmodifiers', 'Escape'], check=True, timeout=20)
        self.screen.wait_gone('frame', 'Session Log')

    def trackers_are_edited(self):
        self.screen.click('page tab', 'Trackers')
        self.screen.wait_seen(self.swarm.tracker)
        self.screen.press('push button', 'Edit Trackers…')
        self.screen.wait('push button', 'Save')
        self.check_names()
        text = self.screen.wait('text', 'Trackers').queryEditableText()
        text.insertText(0, 'http://10.0.0.1:1/announce\n', 27)
        self.screen.press('push button', 'Save')
        self.screen.wait_gone('push button', 'Save')
        self.screen.wait('label', 'http://10.0.0.1:1/announce')
        self.screen.wait('label', self.swarm.tracker)

    def torrents_are_made(self):
        shared = self.home / 'Holidays & more'
        (shared / 'day 1').mkdir(parents=True)
        (shared / 'day 1' / 'beach.bin').write_bytes(os.urandom(300000))
        (shared / '.hidden').write_text('not for others')
        output = self.home / 'Holidays & more.torrent'  # this home has no folder for downloads
        self.screen.focus()
        self.screen.type('ctrl+n')
        self.screen.wait('label', 'Files to Share')
        self.check_names()
        create = self.screen.wait('push button', 'Create')
        assert not create.getState().contains(self.screen.pyatspi.STATE_SENSITIVE), 'nothing is chosen yet'
        self.screen.press('push button', 'Choose a Folder')
        self.screen.choose_in_chooser(shared)
        self.screen.wait('label', str(shared))
        self.screen.wait('label', str(output))
        self.screen.wait('text', 'Trackers').queryEditableText().insertText(0, self.swarm.tracker, len(self.swarm.tracker))
        self.screen.wait('text', 'Comment').queryEditableText().insertText(0, 'sand', 4)
        self.screen.press('push button', 'Create')
        told = '“%s” was made without 1 link or hidden file' % output.name
        self.screen.wait('label', told)
        self.screen.wait_gone('push button', 'Create')
        self.screen.wait('label', shared.name)
        import libtorrent as lt
        made = lt.torrent_info(str(output))
        assert made.num_files() == 1 and made.comment() == 'sand', made.comment()
        assert [t.url for t in made.trackers()] == [self.swarm.tracker]
        self.screen.wait_gone('label', told)  # the toolkit's own button in it has no name

    def connection_is_told(self):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'connection'], check=True)
        self.screen.wait('label', 'Port on This Computer')
        self.screen.wait('label', 'IPv6')
        self.check_names()
        subprocess.run(['xdotool', 'key', '--clearmodifiers', 'Escape'], check=True, timeout=20)
        self.screen.wait_gone('label', 'Port on This Computer')

    def statistics_are_told(self):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'statistics'], check=True)
        self.screen.wait('label', 'Since the Program Started')
        graph = self.screen.wait('image', 'Rates over time')
        wait_for('the graph to say what it shows', lambda: 'download at most' in graph.description
                 and 'download at most 0 bytes' not in graph.description)
        self.check_names()
        subprocess.run(['xdotool', 'key', '--clearmodifiers', 'Escape'], check=True, timeout=20)
        self.screen.wait_gone('label', 'Since the Program Started')

    def preferences_follow_the_file(self):
        settings = self.home / 'config' / 'ccbt' / 'ccbt.toml'
        name = 'Default for “Room to Leave Free”'
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'preferences'], check=True)
        self.screen.wait('label', 'Room to Leave Free')
        self.check_names()
        settings.write_text(settings.read_text() + '[disk]\nmin_free_space = 64\n')
        self.screen.press('push button', name)  # it comes when the window has followed the file
        wait_for('the default to be back', lambda: 'min_free_space' not in settings.read_text())
        self.screen.wait_gone('push button', name)
        subprocess.run(['xdotool', 'key', '--clearmodifiers', 'Escape'], check=True, timeout=20)
        self.screen.wait_gone('label', 'Room to Leave Free')

    def every_control_has_a_name(self):
        self.check_names()
        subprocess.run(['gio', 'open', str(self.first)], check=True)
        self.screen.wait('label', 'poster.bin')
        self.check_names()
        self.screen.press('push button', 'Cancel')
        self.screen.wait_gone('label', 'poster.bin')

    def program_ends_well(self):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'quit'], check=True)
        wait_for('the program to end', lambda: not self.desktop.is_running())

    def list_is_there_again(self):
        subprocess.run(['gapplication', 'launch', APPLICATION_ID], check=True)
        self.screen.wait('label', 'From a link')
        self.screen.wait('label', 'Seeding')
        assert len(self.desktop.notify_calls()) == 3, 'finished long ago: nothing to tell'
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'quit'], check=True)
        wait_for('the program to end', lambda: not self.desktop.is_running())


CASES = [
    ('a file opened on the desktop starts the program', Story.file_starts_the_program),
    ('the dialog adds all but one file', Story.dialog_adds_without_one_file),
    ('the download completes and is the same', Story.download_completes),
    ('a notification arrives', Story.notification_arrives),
    ('its action shows the folder', Story.notification_shows_the_folder),
    ('a removal can be undone', Story.removal_is_undone),
    ('a removal is carried out and leaves the files', Story.removal_is_carried_out),
    ('magnet links reach the running program', Story.links_reach_the_running_program),
    ('magnet links arrive without gvfs', Story.links_arrive_without_gvfs),
    ('Ctrl+V of a magnet link opens the dialog', Story.pasted_link_opens_the_dialog),
    ('files and links can be dropped', Story.things_are_dropped),
    ('a magnet link downloads', Story.link_downloads),
    ('the web address of a torrent downloads', Story.address_of_a_torrent_downloads),
    ('typing searches the list', Story.typing_searches),
    ('all torrents are paused together', Story.several_are_paused_together),
    ('filters narrow the list', Story.filters_narrow_the_list),
    ('the table shows the same', Story.table_shows_the_same),
    ('a torrent is renamed', Story.name_is_changed),
    ('options of a torrent are set', Story.options_are_set),
    ('the menu gives categories and tags', Story.menu_files_torrents),
    ('a removal with the files puts them into the trash', Story.files_go_to_the_trash),
    ('details show files and trackers', Story.details_show_files_and_trackers),
    ('its page tells how pieces stand and how fast it was', Story.page_tells_pieces_and_rates),
    ('its page has its log', Story.page_has_its_log),
    ('trackers are edited', Story.trackers_are_edited),
    ('a torrent is made of a folder', Story.torrents_are_made),
    ('the connection window says how we are reached', Story.connection_is_told),
    ('the log of the session is searched and copied', Story.log_is_searched_and_copied),
    ('preferences follow the file, and defaults come back', Story.preferences_follow_the_file),
    ('statistics show what was moved', Story.statistics_are_told),
    ('every control has a name', Story.every_control_has_a_name),
    ('the program ends well', Story.program_ends_well),
    ('the list is there again', Story.list_is_there_again),
]


def tell(make_story, cases):
    sys.stdout = open(os.environ['CCBT_TEST_RESULTS'], 'w', encoding='utf-8')
    story = make_story()
    n_failed = 0
    print('1..%d' % len(cases), flush=True)
    for number, (title, case) in enumerate(cases, 1):
        try:
            case(story)
            print('ok %d - %s' % (number, title), flush=True)
        except Exception as error:  # pylint: disable=broad-except
            n_failed += 1
            print('not ok %d - %s' % (number, title))
            print('# %s: %s' % (type(error).__name__, str(error).replace('\n', ' ')), flush=True)
            if os.environ.get('CCBT_TEST_SCREENSHOT'):
                subprocess.run(['import', '-window', 'root', os.environ['CCBT_TEST_SCREENSHOT']], check=False)
            story.screen.dump()
            break  # what follows builds on it
    story.desktop.stop()
    sys.stdout.flush()
    os._exit(1 if n_failed else 0)  # the accessibility bindings may crash while they are torn down


if __name__ == '__main__':
    if sys.argv[1] == '--inside':
        tell(lambda: Story(sys.argv[2], Path(os.environ['HOME'])), CASES)
    sys.exit(outside(*(Path(argument).resolve() for argument in sys.argv[1:])))
