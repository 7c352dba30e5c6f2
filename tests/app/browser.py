#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A magnet link clicked in Chromium and a double-click on a .torrent, each to the notification at the end:
browser.py BUILD-FOLDER PREFIX. Prints TAP. The program is installed into a folder of its own and started by D-Bus;
nothing but that installation says who opens what."""
import html
import http.server
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

loader = importlib.machinery.SourceFileLoader('end_to_end', str(Path(__file__).with_name('end-to-end.py')))
end_to_end = importlib.util.module_from_spec(importlib.util.spec_from_loader('end_to_end', loader))
loader.exec_module(end_to_end)
APPLICATION_ID = end_to_end.APPLICATION_ID


def install(home, build, prefix):
    """Stages an installation; what `meson install` leaves to the packager with DESTDIR is done after it."""
    stage = home / 'stage'
    subprocess.run(['meson', 'install', '-C', str(build), '--no-rebuild', '--destdir', str(stage)],
                   check=True, stdout=subprocess.DEVNULL)
    root = stage / Path(prefix).relative_to('/')
    share = root / 'share'
    subprocess.run(['glib-compile-schemas', str(share / 'glib-2.0/schemas')], check=True)
    subprocess.run(['update-desktop-database', str(share / 'applications')], check=True)
    # The one file with the whole path of the program, which stands elsewhere until it is really installed.
    service = share / 'dbus-1/services' / (APPLICATION_ID + '.service')
    service.write_text(service.read_text().replace('Exec=%s/' % prefix, 'Exec=%s/' % root))
    return root / 'bin/ccbittorrent', {
        'PATH': '%s:%s' % (root / 'bin', os.environ['PATH']),
        'XDG_DATA_DIRS': '%s:/usr/local/share:/usr/share' % share}


class Browser:
    """Chromium on a page that clicks its only link, having been told "always allow" for it."""

    def __init__(self, link):
        page = '<!DOCTYPE html><meta charset="utf-8"><a href="%s">Get it</a><script>' \
            "onload = () => document.querySelector('a').click()</script>" % html.escape(link)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = page.encode() if self.path == '/' else b''
                self.send_response(200 if body else 404)
                self.send_header('Content-Type', 'text/html; charset=utf-8')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        address = end_to_end.serve(Handler)
        self.folder = tempfile.mkdtemp(prefix='browser-', dir=os.environ['HOME'])
        profile = Path(self.folder) / 'Default'
        profile.mkdir()
        (profile / 'Preferences').write_text(json.dumps(
            {'protocol_handler': {'allowed_origin_protocol_pairs': {address: {'magnet': True}}}}))
        self.process = subprocess.Popen(
            ['chromium', '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run',
             '--disable-background-networking', '--disable-component-update', '--disable-sync',
             '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', '--remote-debugging-port=0',
             '--user-data-dir=' + self.folder, address + '/'], stdout=subprocess.DEVNULL, start_new_session=True)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Story:
    def __init__(self, home):
        self.home = home
        (home / 'seed').mkdir()
        self.swarm = end_to_end.Swarm(home / 'seed')
        _, self.magnet = self.swarm.seed('From a page', {'film.bin': 2000000, 'more/words.bin': 30000})
        self.torrent, _ = self.swarm.seed('From a folder é', {'song.bin': 900000})
        self.desktop = end_to_end.Desktop()
        self.screen = end_to_end.Screen()

    def installation_says_who_opens_what(self):
        for kind in ('x-scheme-handler/magnet', 'application/x-bittorrent'):
            told = subprocess.run(['xdg-mime', 'query', 'default', kind], check=True, capture_output=True, text=True)
            assert told.stdout.strip() == APPLICATION_ID + '.desktop', (kind, told.stdout)
            told = subprocess.run(['gio', 'mime', kind], check=True, capture_output=True, text=True)
            assert told.stdout.splitlines()[0].endswith(': %s.desktop' % APPLICATION_ID), (kind, told.stdout)

    def finish(self, name, files, n_notifications):
        """Accepts the dialog and waits for what the person waits for."""
        self.screen.press('push button', 'Add')
        calls = end_to_end.wait_for('notification %d' % n_notifications,
                                    lambda: self.desktop.notify_calls()[n_notifications - 1:], 40)
        assert len(calls) == 1, calls
        assert list(calls[0][1][3:5]) == ['Download finished', name], calls
        for file in files:
            assert (self.home / name / file).read_bytes() == (self.home / 'seed' / name / file).read_bytes(), file
        self.screen.wait('label', 'Seeding')

    def link_in_the_browser(self):
        assert not self.desktop.is_running()
        browser = Browser(self.magnet)
        try:
            end_to_end.wait_for('the program', self.desktop.is_running, 30)
            self.screen.wait('label', 'From a page')
            self.finish('From a page', ['film.bin', 'more/words.bin'], 1)
            assert len(self.screen.applications()) == 1
        finally:
            browser.stop()

    def program_ends(self):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'quit'], check=True)
        end_to_end.wait_for('the program to end', lambda: not self.desktop.is_running())

    def double_click_on_a_file(self):
        assert not self.desktop.is_running()
        subprocess.run(['gio', 'open', str(self.torrent)], check=True)
        self.screen.wait('label', 'song.bin')
        self.finish('From a folder é', ['song.bin'], 2)
        self.program_ends()


CASES = [
    ('the installation says who opens links and files', Story.installation_says_who_opens_what),
    ('a magnet link clicked in Chromium ends in a download and a notification', Story.link_in_the_browser),
    ('the program ends well', Story.program_ends),
    ('a double-click on a file ends in a download and a notification', Story.double_click_on_a_file),
]


if __name__ == '__main__':
    if sys.argv[1] == '--inside':
        end_to_end.tell(lambda: Story(Path(os.environ['HOME'])), CASES)
    sys.exit(end_to_end.run_inside(__file__, lambda home: install(home, Path(sys.argv[1]).resolve(), sys.argv[2])))
