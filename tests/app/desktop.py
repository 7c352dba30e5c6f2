#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window among the parts of a desktop: desktop.py PART PROGRAM SOURCE-FOLDER SCHEMA-FOLDER. Prints TAP. The desktop is
made up, and its parts come and go as the story wants it."""
import configparser
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from gi.repository import GLib

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True
import busmock  # noqa: E402  pylint: disable=wrong-import-position

loader = importlib.machinery.SourceFileLoader('end_to_end', str(Path(__file__).with_name('end-to-end.py')))
end_to_end = importlib.util.module_from_spec(importlib.util.spec_from_loader('end_to_end', loader))
loader.exec_module(end_to_end)
APPLICATION_ID = end_to_end.APPLICATION_ID
wait_for = end_to_end.wait_for


def windows():
    """How many of its windows are to be seen."""
    return len(subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'ccbittorrent'], check=False,
                              capture_output=True, text=True).stdout.split())


class Story:
    def __init__(self, program, home):
        self.program = program
        self.home = home
        self.no_portal = busmock.NoPortal()
        (home / 'seed').mkdir()
        self.swarm = end_to_end.Swarm(home / 'seed')
        self.torrent, _ = self.swarm.seed('A film', {'film.bin': 3000000})
        self.desktop = end_to_end.Desktop()
        self.screen = end_to_end.Screen()

    def start(self):
        subprocess.run(['gapplication', 'launch', APPLICATION_ID], check=True)
        wait_for('the window', lambda: windows() == 1)

    def quit(self):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'quit'], check=True)
        self.wait_ended()

    def wait_ended(self):
        wait_for('the program to end', lambda: not self.desktop.is_running())

    def close_window(self):
        self.screen.focus()
        self.screen.type('ctrl+w')

    def wait_icon(self):
        self.icon = busmock.Icon(wait_for('an icon', lambda: self.watcher.items)[-1])

    def wait_menu(self, label):
        return wait_for('“%s” in the menu' % label, lambda: self.icon.menu().get(label))[1]

    def add_torrent(self):
        subprocess.run(['gio', 'open', str(self.torrent)], check=True)
        self.screen.press('push button', 'Add')
        self.screen.wait('label', 'Seeding', 40)
        recent = Path(os.environ['XDG_DATA_HOME']) / 'recently-used.xbel'
        wait_for('the list of recent files', lambda: recent.exists() and self.torrent.as_uri() in recent.read_text())
        self.quit()

    # -------------------------------------------------------------- the tray

    def tray_that_comes_later(self):
        subprocess.run(['gio', 'open', str(self.torrent)], check=True)
        self.screen.press('push button', 'Add')
        self.screen.wait('label', 'Seeding', 40)
        self.watcher = busmock.Watcher()
        self.dock = busmock.Dock()
        self.wait_icon()
        assert self.icon.get('Id') == APPLICATION_ID
        assert self.icon.get('IconName') == APPLICATION_ID
        assert self.icon.get('Status') == 'Active'
        assert self.icon.get('Category') == 'ApplicationStatus'
        assert list(self.icon.menu()) == ['_Hide Window', 'Pa_use All', '_Resume All', '_Alternative Limits', '_Quit']

    def menu_pauses_and_resumes(self):
        self.icon.click('Pa_use All')
        self.screen.wait('label', 'Finished')
        self.icon.click('_Resume All')
        self.screen.wait('label', 'Seeding')

    def menu_sets_the_limits(self):
        def state():
            return self.icon.menu()['_Alternative Limits'][1]['toggle-state']

        assert self.icon.menu()['_Alternative Limits'][1]['toggle-type'] == 'checkmark'
        assert state() == 0
        self.icon.click('_Alternative Limits')
        wait_for('the alternative limits', lambda: state() == 1)
        self.icon.click('_Alternative Limits')
        wait_for('the usual limits', lambda: state() == 0)

    def menu_stands_nonsense(self):
        call = self.icon.menu_call
        for number in (-1, 2, 99, 2147483647):
            for method, arguments in (('GetLayout', GLib.Variant('(iias)', (number, -1, []))),
                                      ('GetProperty', GLib.Variant('(is)', (number, 'label'))),
                                      ('AboutToShow', GLib.Variant('(i)', (number,))),
                                      ('Event', GLib.Variant('(isvu)', (number, 'clicked', GLib.Variant('i', 0), 0)))):
                try:
                    call(method, arguments)
                except GLib.Error:
                    continue
                assert number == 2, (method, number)  # a line
        assert call('GetGroupProperties', GLib.Variant('(aias)', ([1, 99], []))) == (
            [(1, {'label': '_Hide Window', 'enabled': True})],)
        assert call('EventGroup', GLib.Variant('(a(isvu))', ([(99, 'clicked', GLib.Variant('i', 0), 0)],))) == ([99],)
        assert call('AboutToShowGroup', GLib.Variant('(ai)', ([0, 1, 99],))) == ([], [99])

    def tooltip_says_what_goes_on(self):
        def tooltip():
            _, _, title, text = self.icon.get('ToolTip')
            assert title == 'ccBitTorrent'
            return text

        wait_for('silence', lambda: tooltip() == 'Nothing is being transferred')
        subprocess.run([self.program, 'magnet:?xt=urn:btih:' + '1' * 40], check=True, timeout=20)
        self.screen.press('push button', 'Add')
        wait_for('news', lambda: tooltip() == 'Downloading 1 torrent')

    def docks_are_told(self):
        uri, shown = wait_for('the dock to hear of it', lambda: self.dock.shown)
        assert uri == 'application://%s.desktop' % APPLICATION_ID, uri
        assert shown == {'count': 1, 'count-visible': True, 'progress': 0, 'progress-visible': True}, shown
        self.icon.click('Pa_use All')
        wait_for('the dock to forget it', lambda: not self.dock.shown[1]['count-visible'])
        assert not self.dock.shown[1]['progress-visible']
        self.icon.click('_Resume All')
        wait_for('the dock to hear of it', lambda: self.dock.shown[1]['count'] == 1)

    def closing_hides_the_window(self):
        self.close_window()
        wait_for('the window to go', lambda: windows() == 0)
        assert self.desktop.is_running()
        self.wait_menu('_Show Window')
        # The session is told of all the same.
        self.icon.click('Pa_use All')
        wait_for('the tooltip', lambda: self.icon.get('ToolTip')[3] == 'Nothing is being transferred')

    def it_comes_back(self):
        self.icon.activate()
        wait_for('the window', lambda: windows() == 1)
        self.screen.wait('label', 'Finished')
        self.icon.click('_Hide Window')
        wait_for('the window to go', lambda: windows() == 0)
        self.icon.click('_Show Window')
        wait_for('the window', lambda: windows() == 1)
        self.icon.activate()
        wait_for('the window to go', lambda: windows() == 0)
        self.start()  # once more, by its entry in the list of programs
        subprocess.run(['gio', 'open', str(self.torrent)], check=True)
        wait_for('a dialog', lambda: windows() == 2)
        self.icon.click('_Hide Window')
        wait_for('both to go', lambda: windows() == 0)
        self.icon.click('_Show Window')
        wait_for('both', lambda: windows() == 2)
        self.screen.press('push button', 'Cancel')
        wait_for('the dialog to go', lambda: windows() == 1)
        self.icon.click('_Resume All')

    def tray_that_goes_gives_the_window_back(self):
        self.close_window()
        wait_for('the window to go', lambda: windows() == 0)
        self.watcher.stop()
        wait_for('the window', lambda: windows() == 1)
        self.watcher = busmock.Watcher(has_host=False)  # nobody draws it
        self.wait_icon()
        self.watcher.set_host(True)
        self.screen.settle()
        self.wait_menu('_Hide Window')
        self.close_window()
        wait_for('the window to go', lambda: windows() == 0)
        self.watcher.set_host(False)
        wait_for('the window', lambda: windows() == 1)

    def menu_quits(self):
        self.watcher.set_host(True)
        self.icon.click('_Hide Window')
        wait_for('the window to go', lambda: windows() == 0)
        self.icon.click('_Quit')
        self.wait_ended()
        wait_for('the dock to forget it', lambda: not self.dock.shown[1]['count-visible'])
        self.dock.stop()
        self.watcher.stop()

    # -------------------------------------------------------------- closing without a tray

    def setting(self):
        return subprocess.run(['gsettings', 'get', APPLICATION_ID, 'when-closed'], check=True, capture_output=True,
                              text=True).stdout.strip()

    def closing_asks(self):
        self.start()
        self.screen.wait('label', 'A film')
        self.close_window()
        self.screen.wait('push button', 'Keep Running')
        self.screen.type('Escape')
        self.screen.wait_gone('push button', 'Keep Running')
        assert windows() == 1
        assert self.setting() == "'ask'"

    def it_keeps_running(self):
        self.close_window()
        self.screen.press('push button', 'Keep Running')
        wait_for('the window to go', lambda: windows() == 0)
        assert self.setting() == "'keep-running'"
        assert self.desktop.is_running()
        self.start()
        self.screen.wait('label', 'A film')
        self.close_window()  # without a question now
        wait_for('the window to go', lambda: windows() == 0)
        # It stays away when a tray comes and goes.
        self.watcher = busmock.Watcher()
        self.wait_icon()
        self.watcher.stop()
        self.screen.settle()
        assert windows() == 0
        subprocess.run(['gio', 'open', str(self.torrent)], check=True)
        self.screen.press('push button', 'Cancel')
        wait_for('the window', lambda: windows() == 1)

    def quitting_is_remembered(self):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, 'keep-running'], check=True)
        wait_for('the setting', lambda: self.setting() == "'quit'")
        self.close_window()
        self.wait_ended()
        subprocess.run(['gsettings', 'reset', APPLICATION_ID, 'when-closed'], check=True)
        self.start()
        self.screen.wait('label', 'A film')
        self.close_window()
        self.screen.press('push button', 'Quit')
        self.wait_ended()
        assert self.setting() == "'quit'"
        subprocess.run(['gsettings', 'reset', APPLICATION_ID, 'when-closed'], check=True)

    # -------------------------------------------------------------- a sandbox's leave to have no window

    def start_sandboxed(self):
        subprocess.Popen([self.program], env=dict(os.environ, GTK_USE_PORTAL='1'))
        wait_for('the window', lambda: windows() == 1)
        self.screen.wait('label', 'A film')

    def portal_is_asked(self):
        self.portal = busmock.Portal()
        self.start_sandboxed()
        self.close_window()
        self.screen.press('push button', 'Keep Running')
        wait_for('the request', lambda: self.portal.calls_of('RequestBackground'))
        wait_for('the status', lambda: ({'message': 'Nothing is being transferred'},) in self.portal.calls_of('SetStatus'))
        assert windows() == 0
        self.quit()

    def refusal_gives_the_window_back(self):
        self.portal.allows = False
        self.start_sandboxed()
        self.close_window()
        wait_for('the request', lambda: len(self.portal.calls_of('RequestBackground')) == 2)
        self.screen.wait('label', 'This desktop does not let it run without a window')
        wait_for('the window', lambda: windows() == 1)
        self.quit()
        self.portal.stop()
        subprocess.run(['gsettings', 'reset', APPLICATION_ID, 'when-closed'], check=True)

    # -------------------------------------------------------------- the start with the desktop

    def set_action(self, name):
        subprocess.run(['gapplication', 'action', APPLICATION_ID, name], check=True)

    def starts_at_login(self):
        entry = self.home / 'config' / 'autostart' / (APPLICATION_ID + '.desktop')
        self.start()
        self.screen.wait('label', 'A film')
        self.set_action('start-at-login')
        wait_for('the entry', entry.exists)
        subprocess.run(['desktop-file-validate', str(entry)], check=True)
        text = entry.read_text()
        assert 'Exec="%s" --background\n' % self.program in text, text
        self.quit()
        subprocess.run(['gio', 'launch', str(entry)], check=True)
        wait_for('the program', self.desktop.is_running)
        self.watcher = busmock.Watcher()
        self.wait_icon()  # the engine runs
        assert windows() == 0
        subprocess.run([self.program, '--background'], check=True, timeout=20)  # it runs already
        self.screen.settle()
        assert windows() == 0
        self.icon.click('_Show Window')
        wait_for('the window', lambda: windows() == 1)
        self.watcher.stop()
        self.set_action('start-at-login')
        wait_for('the entry to go', lambda: not entry.exists())
        self.quit()

    def portal_starts_at_login(self):
        self.portal = busmock.Portal()
        self.start_sandboxed()
        self.set_action('start-at-login')
        _, options = wait_for('the request', lambda: self.portal.calls_of('RequestBackground'))[0]
        assert options['autostart'] and options['commandline'] == ['ccbittorrent', '--background'], options

        def setting():
            return subprocess.run(['gsettings', 'get', APPLICATION_ID, 'start-at-login'], check=True,
                                  capture_output=True, text=True).stdout.strip()

        wait_for('the setting', lambda: setting() == 'true')
        self.portal.allows = False
        self.set_action('start-at-login')
        wait_for('the setting', lambda: setting() == 'false')
        self.set_action('start-at-login')
        self.screen.wait('label', 'This desktop does not let it start by itself')
        assert setting() == 'false'
        self.quit()
        self.portal.stop()

    # -------------------------------------------------------------- the search of GNOME Shell

    def provide(self, method, arguments, reply=None):
        entry = configparser.ConfigParser()
        entry.read(os.environ['CCBT_TEST_PROVIDER'])
        provider = entry['Shell Search Provider']
        assert provider['BusName'] == APPLICATION_ID
        return busmock.Icon(provider['BusName']).call(
            provider['ObjectPath'], 'org.gnome.Shell.SearchProvider%s' % provider['Version'], method, arguments, reply)

    def find(self, *terms):
        return self.provide('GetInitialResultSet', GLib.Variant('(as)', (terms,)), '(as)')[0]

    def torrents_are_found(self):
        self.start()
        self.screen.wait('label', 'A film')
        film = wait_for('the result', lambda: self.find('FILM', 'a'))
        assert len(film) == 1 and len(film[0]) == 40, film
        assert self.find('film', 'series') == []
        assert self.find('') == film
        assert self.provide('GetSubsearchResultSet', GLib.Variant('(asas)', (film, ['fi'])), '(as)') == (film,)
        metas = self.provide('GetResultMetas', GLib.Variant('(as)', (film + ['nonsense'],)), '(aa{sv})')[0]
        assert metas == [{'id': film[0], 'name': 'A film', 'description': 'Seeding', 'gicon': APPLICATION_ID}], metas
        self.provide('ActivateResult', GLib.Variant('(sasu)', (film[0], ['film'], 0)))
        self.screen.wait('label', 'film.bin')
        self.provide('ActivateResult', GLib.Variant('(sasu)', ('nonsense', [], 0)))

    def search_goes_on_in_the_window(self):
        self.provide('LaunchSearch', GLib.Variant('(asu)', (['no', 'such'], 0)))
        self.screen.wait_seen('Nothing Found')
        self.quit()

    # -------------------------------------------------------------- networks that cost, power that is short

    def torrents_wait_for_a_free_network(self):
        self.network = busmock.NetworkManager(is_metered=True)
        self.power = busmock.PowerProfiles()
        settings = self.home / 'config' / 'ccbt' / 'ccbt.toml'
        settings.write_text(settings.read_text()
                            + '[queue]\nwait_when_metered = true\nwait_when_saving_power = true\n')
        subprocess.Popen([self.program], env=dict(
            os.environ, DBUS_SYSTEM_BUS_ADDRESS=os.environ['DBUS_SESSION_BUS_ADDRESS']))
        self.screen.wait('label', 'Waiting for its turn')
        self.screen.wait('label', 'Torrents wait: the network is metered')
        self.network.set_metered(False)
        self.screen.wait('label', 'Seeding')

    def torrents_wait_for_power(self):
        self.power.choose('power-saver')
        self.screen.wait('label', 'Waiting for its turn')
        self.screen.wait('label', 'Torrents wait: the computer saves power')
        self.power.choose('balanced')
        self.screen.wait('label', 'Seeding')
        self.quit()
        self.network.stop()
        self.power.stop()

    # -------------------------------------------------------------- the session of the desktop

    def transfers_keep_the_computer_awake(self):
        self.manager = busmock.SessionManager()
        self.start()
        self.screen.wait('label', 'A film')
        assert not self.manager.calls_of('Inhibit'), 'nothing is transferred'
        other, _ = self.swarm.seed('A series', {'series.bin': 20000000})
        subprocess.run(['gio', 'open', str(other)], check=True)
        self.screen.press('push button', 'Add')
        program, _, reason, flags = wait_for('the lock', lambda: self.manager.calls_of('Inhibit'))[0]
        assert (program, reason, flags) == (APPLICATION_ID, 'Torrents are being transferred', 4)
        assert not self.manager.calls_of('Uninhibit')

    def end_of_the_session_ends_it_well(self):
        wait_for('the registration', lambda: APPLICATION_ID in self.manager.clients)
        self.manager.tell(APPLICATION_ID, 'QueryEndSession')
        wait_for('the answer', lambda: self.manager.calls_of('EndSessionResponse') == [(True, '')])
        assert self.desktop.is_running()
        self.manager.tell(APPLICATION_ID, 'EndSession')
        wait_for('the answer', lambda: len(self.manager.calls_of('EndSessionResponse')) == 2)
        self.wait_ended()
        wait_for('the lock to go', lambda: self.manager.calls_of('Uninhibit') == [(7,)])
        self.manager.stop()


PARTS = {
    'tray': [
        ('a tray that comes later gets an icon with a menu', Story.tray_that_comes_later),
        ('its menu pauses and resumes', Story.menu_pauses_and_resumes),
        ('its menu sets the alternative limits', Story.menu_sets_the_limits),
        ('its menu stands nonsense', Story.menu_stands_nonsense),
        ('its tooltip says what goes on', Story.tooltip_says_what_goes_on),
        ('docks are told', Story.docks_are_told),
        ('closing the window hides it', Story.closing_hides_the_window),
        ('the window comes back', Story.it_comes_back),
        ('a tray that goes gives the window back', Story.tray_that_goes_gives_the_window_back),
        ('its menu quits', Story.menu_quits),
    ],
    'closing': [
        ('a torrent is there', Story.add_torrent),
        ('closing without a tray asks', Story.closing_asks),
        ('it keeps running, and asks no more', Story.it_keeps_running),
        ('that it quits is remembered too', Story.quitting_is_remembered),
        ('the portal is asked and told', Story.portal_is_asked),
        ('a refusal gives the window back', Story.refusal_gives_the_window_back),
        ('it starts at login, without a window', Story.starts_at_login),
        ('in a sandbox the portal starts it', Story.portal_starts_at_login),
    ],
    'session': [
        ('a torrent is there', Story.add_torrent),
        ('torrents are found by the shell', Story.torrents_are_found),
        ('its search goes on in the window', Story.search_goes_on_in_the_window),
        ('torrents wait for a network that is not metered', Story.torrents_wait_for_a_free_network),
        ('torrents wait while the computer saves power', Story.torrents_wait_for_power),
        ('transfers keep the computer awake', Story.transfers_keep_the_computer_awake),
        ('the end of the session ends the program well', Story.end_of_the_session_ends_it_well),
    ],
}


def outside(part, program, source, schemas):
    def prepare(home):
        end_to_end.install_into(home, program, source)
        return program, {'CCBT_TEST_PART': part, 'GSETTINGS_SCHEMA_DIR': str(schemas), 'GSETTINGS_BACKEND': 'keyfile',
                         'CCBT_TEST_PROVIDER': str(source / 'data' / (APPLICATION_ID + '.search-provider.ini'))}

    return end_to_end.run_inside(__file__, prepare)


if __name__ == '__main__':
    if sys.argv[1] == '--inside':
        end_to_end.tell(lambda: Story(sys.argv[2], Path(os.environ['HOME'])), PARTS[os.environ['CCBT_TEST_PART']])
    sys.exit(outside(sys.argv[1], *(Path(argument).resolve() for argument in sys.argv[2:])))
