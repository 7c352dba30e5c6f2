#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Flatpak, used as a person would. Prints TAP into $CCBT_TEST_RESULTS.

Runs on a display and a session bus of its own, with a home folder of its own. The portals are the real ones with portal.py
in the place of the desktop; the seed, the tracker and the eyes are those of the window's tests."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader('end_to_end', str(HERE.parent / 'app' / 'end-to-end.py'))
end_to_end = importlib.util.module_from_spec(importlib.util.spec_from_loader('end_to_end', loader))
loader.exec_module(end_to_end)
wait_for, APPLICATION_ID = end_to_end.wait_for, end_to_end.APPLICATION_ID


def flatpak_run(*argv, command=None, check=True):
    """In a sandbox of its own, until it ends. Returns what it printed."""
    options = ['--command=' + command] if command else []
    process = subprocess.run(['flatpak', 'run', *options, APPLICATION_ID, *map(str, argv)], check=False, timeout=60,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if check and process.returncode != 0:
        raise end_to_end.Failure('%s ended with %d' % (process.args, process.returncode))
    return process.stdout


class Desktop:
    """What portal.py was asked."""

    def __init__(self, folder, log):
        self.log = log
        self.process = subprocess.Popen(['/usr/bin/python3', str(HERE / 'portal.py'), str(folder), str(log)])

    def requests(self, method):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [arguments for name, arguments in map(json.loads, lines) if name == method]

    def stop(self):
        subprocess.run(['flatpak', 'kill', APPLICATION_ID], check=False, timeout=60, stderr=subprocess.DEVNULL)
        self.process.terminate()
        self.process.wait()


class Story:
    """The cases, in the order a person would live them."""

    def __init__(self, home):
        self.home = home
        self.chosen = home / 'Films and more'  # not within Downloads: only the portal can give it
        self.chosen.mkdir()
        (home / 'seed').mkdir()
        self.desktop = Desktop(self.chosen, home / 'portal.log')
        self.swarm = end_to_end.Swarm(home / 'seed')
        self.by_file, _ = self.swarm.seed('From a file', {'film.bin': 3000000, 'extras/poster.bin': 70000})
        _, self.magnet = self.swarm.seed('From a link', {'song.bin': 2000000, 'words.bin': 20000})
        self.screen = end_to_end.Screen()

    def has_arrived(self, folder, name):
        """Byte for byte what the seed has, seen from outside of the sandbox."""
        for path in (self.home / 'seed' / name).rglob('*'):
            got = folder / name / path.relative_to(self.home / 'seed' / name)
            if path.is_file() and (not got.exists() or got.read_bytes() != path.read_bytes()):
                return False
        return True

    def home_is_closed(self):
        (self.home / 'secret').write_text('secret')
        (self.home / 'Downloads' / 'known').write_text('known')
        assert 'known' in flatpak_run('-A', self.home / 'Downloads', command='ls')
        assert 'secret' not in flatpak_run('-A', self.home, command='ls', check=False)
        assert not flatpak_run('-A', self.chosen, command='ls', check=False)

    def desktop_starts_it(self):
        subprocess.run(['gapplication', 'launch', APPLICATION_ID], check=True, timeout=60)
        self.screen.wait('frame', 'ccBitTorrent', 60)
        self.screen.wait_seen('No Torrents')

    def file_downloads_to_downloads(self):
        """Opened on the desktop, where the sandbox sees nothing of it, and added as the dialog suggests."""
        subprocess.run(['gio', 'open', str(self.by_file)], check=True, timeout=60)
        self.screen.wait('label', 'poster.bin')
        self.screen.press('push button', 'Add')
        self.screen.wait('list item', 'Seeding: 1 torrent', 60)
        assert self.has_arrived(self.home / 'Downloads', 'From a file')

    def link_arrives(self):
        flatpak_run(self.magnet)
        self.screen.wait('label', 'Size not known yet')
        self.screen.wait('label', 'From a link')
        assert len(self.screen.applications()) == 1

    def folder_is_granted(self):
        self.screen.press('push button', 'Choose a Folder')
        asked = wait_for('the portal to be asked', lambda: self.desktop.requests('OpenFile'))[0]
        assert asked[1] == APPLICATION_ID and asked[4].get('directory'), asked
        # Where the document portal shows it to the sandbox.
        wait_for('the folder in the dialog', lambda: any(
            node.getRoleName() == 'label' and node.name.startswith('/run/user/') and node.name.endswith('/' + self.chosen.name)
            for node in self.screen.walk()))

    def download_completes_there(self):
        self.screen.press('push button', 'Add')
        self.screen.wait('list item', 'Seeding: 2 torrents', 60)
        assert self.has_arrived(self.chosen, 'From a link')
        assert not (self.home / 'Downloads' / 'From a link').exists()

    def notifications_come_by_the_portal(self):
        told = wait_for('both notifications', lambda: self.desktop.requests('AddNotification')[1:] and
                        self.desktop.requests('AddNotification'))
        assert [sender for sender, _, _ in told] == [APPLICATION_ID] * 2, told
        assert [n['body'] for _, _, n in told] == ['From a file', 'From a link'], told

    def commands_reach_the_window(self):
        listed = flatpak_run('list', command='btbt')
        assert 'From a link' in listed and 'From a file' in listed, listed
        verbs = subprocess.run(['gdbus', 'introspect', '--session', '--dest', APPLICATION_ID, '--object-path',
                                '/' + APPLICATION_ID.replace('.', '/') + '1'], check=True, capture_output=True, text=True,
                               timeout=60).stdout
        assert 'TorrentAdd' in verbs, verbs

    def tray_is_in_reach(self):
        flatpak_run('call', '--session', '--dest', 'org.kde.StatusNotifierWatcher', '--object-path',
                    '/StatusNotifierWatcher', '--method', 'org.kde.StatusNotifierWatcher.RegisterStatusNotifierItem',
                    'from the sandbox', command='gdbus')
        assert ['from the sandbox'] in self.desktop.requests('RegisterStatusNotifierItem')

    def grant_outlives_the_program(self):
        subprocess.run(['flatpak', 'kill', APPLICATION_ID], check=True, timeout=60)
        self.screen.wait_gone('frame', 'ccBitTorrent')
        subprocess.run(['gapplication', 'launch', APPLICATION_ID], check=True, timeout=60)
        self.screen.wait('list item', 'Seeding: 2 torrents', 60)
        assert self.screen.find('list item', 'Failed: 0 torrents')


CASES = [
    ('of the home folder only Downloads is there', Story.home_is_closed),
    ('the desktop starts it, and the window opens', Story.desktop_starts_it),
    ('a file opened on the desktop downloads to Downloads', Story.file_downloads_to_downloads),
    ('a magnet link reaches the window', Story.link_arrives),
    ('a folder is granted by the portal', Story.folder_is_granted),
    ('the download completes there and is the same', Story.download_completes_there),
    ('notifications come by the portal', Story.notifications_come_by_the_portal),
    ('commands reach the window', Story.commands_reach_the_window),
    ('the tray is in reach', Story.tray_is_in_reach),
    ('the grant outlives the program', Story.grant_outlives_the_program),
]


end_to_end.tell(lambda: Story(Path(os.environ['HOME'])), CASES)
