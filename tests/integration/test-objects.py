#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Torrents as objects of D-Bus: ObjectManager, properties, methods and signals, over the socket and over a session bus."""
import re
import subprocess
import os
import time
from pathlib import Path

from gi.repository import Gio, GLib

from harness import Process, case, main, wait_until
from instance import OFFLINE, Instance
from torrents import make_single

NAME = 'io.github.ccbittorrent.CcBitTorrent1'
OBJECT = '/io/github/ccbittorrent/CcBitTorrent1'
TORRENT = NAME + '.Torrent'


def connect(instance):
    found = list((instance.box / 'runtime' / 'ccbt').glob('control-*'))
    assert len(found) == 1, found
    return Gio.DBusConnection.new_for_address_sync('unix:path=%s' % found[0], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT,
                                                   None, None)


def call(bus, path, interface, method, arguments=None, name=None):
    return bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 30000, None).unpack()


def get_objects(bus, name=None):
    return call(bus, OBJECT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects', name=name)[0]


def get(bus, path, prop):
    return call(bus, path, 'org.freedesktop.DBus.Properties', 'Get', GLib.Variant('(ss)', (TORRENT, prop)))[0]


def error_of(function):
    try:
        function()
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error) or error.message
    raise AssertionError('it did not fail')


class Signals:
    """(member, path, arguments) of all that comes."""

    def __init__(self, bus):
        self.seen = []
        bus.signal_subscribe(None, None, None, None, None, Gio.DBusSignalFlags.NONE,
                             lambda _bus, _sender, path, _interface, member, arguments:
                             self.seen.append((member, path, arguments.unpack())))

    def find(self, member, matches=lambda path, arguments: True):
        while GLib.MainContext.default().iteration(False):
            pass
        return [(path, arguments) for name, path, arguments in self.seen if name == member and matches(path, arguments)]


@case
def objects_over_the_socket(box):
    """a torrent comes, changes, is paused, resumed, checked and removed; each is told once, to those who asked"""
    instance = Instance(box).run()
    bus, other = connect(instance), connect(instance)
    signals, silent = Signals(bus), Signals(other)
    assert get_objects(bus) == {}
    film = make_single(box, 'film', 200000)
    info_hash = instance.json('add', str(film.path), '--folder', str(film.folder))[0]['info-hash']
    path = '%s/torrents/%s' % (OBJECT, info_hash)
    added = wait_until(lambda: signals.find('InterfacesAdded'), 20, 'no signal of the new torrent')
    assert added[0][0] == OBJECT and added[0][1][0] == path, added
    assert added[0][1][1][TORRENT]['InfoHash'] == info_hash and added[0][1][1][TORRENT]['Name'] == film.name
    wait_until(lambda: get(bus, path, 'State') == 'seeding', 20, lambda: get(bus, path, 'State'))
    assert (get(bus, path, 'Size'), get(bus, path, 'Progress'), get(bus, path, 'ErrorText')) == (200000, 1.0, '')

    def changed_to(state):
        return signals.find('PropertiesChanged', lambda p, a: p == path and a[0] == TORRENT and a[1].get('State') == state)

    wait_until(lambda: changed_to('seeding'), 20, lambda: signals.seen)
    for method, state in ('Pause', 'paused'), ('Resume', 'seeding'):
        signals.seen.clear()
        call(bus, path, TORRENT, method)
        wait_until(lambda: changed_to(state), 20, lambda: signals.seen)
        for _, arguments in signals.find('PropertiesChanged'):
            assert 'Name' not in arguments[1] and 'InfoHash' not in arguments[1], arguments  # what did not change
    call(bus, path, TORRENT, 'Recheck')
    call(bus, path, TORRENT, 'SetOptions', GLib.Variant('(a{sv})', ({'category': GLib.Variant('s', 'films')},)))
    wait_until(lambda: signals.find('PropertiesChanged', lambda p, a: a[1].get('Category') == 'films'), 20, lambda: signals.seen)
    everything = call(bus, path, 'org.freedesktop.DBus.Properties', 'GetAll', GLib.Variant('(s)', (TORRENT,)))[0]
    assert everything['Category'] == 'films' and get_objects(bus)[path][TORRENT].keys() == everything.keys()
    xml = call(bus, OBJECT + '/torrents', 'org.freedesktop.DBus.Introspectable', 'Introspect')[0]
    assert '<node name="%s"' % info_hash in xml, xml
    xml = call(bus, path, 'org.freedesktop.DBus.Introspectable', 'Introspect')[0]
    for prop in everything:
        assert '"%s"' % prop in xml, prop

    call(bus, path, TORRENT, 'Remove', GLib.Variant('(b)', (False,)))
    removed = wait_until(lambda: signals.find('InterfacesRemoved'), 20, lambda: signals.seen)
    assert removed == [(OBJECT, (path, [TORRENT]))], removed
    assert get_objects(bus) == {} and film.folder.joinpath(film.name).exists()
    assert silent.find('PropertiesChanged') == silent.find('InterfacesAdded') == [], silent.seen


@case
def one_object_followed(box):
    """who asks for all properties of one torrent hears of that one only"""
    instance = Instance(box).run()
    bus = connect(instance)
    signals = Signals(bus)
    paths = []
    for name in ('a', 'b'):
        added = instance.json('add', str(make_single(box, name, 50000).path), '--folder', str(box / 'files'), '--paused')
        paths.append('%s/torrents/%s' % (OBJECT, added[0]['info-hash']))
    wait_until(lambda: len(instance.json('list')) == 2, 20, 'they are not there')
    call(bus, paths[0], 'org.freedesktop.DBus.Properties', 'GetAll', GLib.Variant('(s)', (TORRENT,)))
    instance.btbt('resume', '--all')
    wait_until(lambda: signals.find('PropertiesChanged', lambda p, a: a[1].get('State') == 'downloading'), 20,
               lambda: signals.seen)
    instance.btbt('remove', '--all')
    wait_until(lambda: signals.find('InterfacesRemoved'), 20, lambda: signals.seen)
    assert {path for path, _ in signals.find('PropertiesChanged')} == {paths[0]}, signals.seen
    assert [a[0] for _, a in signals.find('InterfacesRemoved')] == [paths[0]], signals.seen


@case
def wrong_calls(box):
    """objects, properties and arguments that are none: each has its error, nothing is changed"""
    instance = Instance(box).run()
    bus = connect(instance)
    instance.json('add', str(make_single(box, 'film', 50000).path), '--folder', str(box / 'files'), '--paused')
    wait_until(lambda: get_objects(bus), 20, 'it is not there')
    path = next(iter(get_objects(bus)))
    gone = OBJECT + '/torrents/' + '0' * 40
    for function in (lambda: call(bus, gone, TORRENT, 'Pause'), lambda: get(bus, gone, 'Name'),
                     lambda: call(bus, path + '/below', TORRENT, 'Pause'), lambda: call(bus, path, TORRENT, 'Fly'),
                     lambda: call(bus, OBJECT + '/torrents', TORRENT, 'Pause'), lambda: get(bus, path, 'Colour'),
                     lambda: call(bus, path, TORRENT, 'Remove'),
                     lambda: call(bus, path, TORRENT, 'Remove', GLib.Variant('(s)', ('yes',))),
                     lambda: call(bus, path, TORRENT, 'AddPeer', GLib.Variant('(s)', ('nowhere',))),
                     lambda: call(bus, path, 'org.freedesktop.DBus.Properties', 'Set',
                                  GLib.Variant('(ssv)', (TORRENT, 'Name', GLib.Variant('s', 'x'))))):
        assert error_of(function)
    assert get(bus, path, 'Paused') is True and len(get_objects(bus)) == 1


@case
def many_changes(box):
    """changes between two ticks are one signal; what is told last is true"""
    instance = Instance(box).run()
    paths = []
    for n in range(20):
        added = instance.json('add', str(make_single(box, 'torrent-%d' % n, 20000).path), '--folder', str(box / 'files'),
                              '--paused')
        paths.append('%s/torrents/%s' % (OBJECT, added[0]['info-hash']))
    follower = connect(instance)
    assert wait_until(lambda: len(get_objects(follower)) == 20, 20, 'they are not there')
    signals = Signals(follower)
    driver = connect(instance)
    for n in range(100):
        for path in paths:
            call(driver, path, TORRENT, 'Resume' if n % 2 else 'Pause')
    call(driver, paths[0], TORRENT, 'SetOptions', GLib.Variant('(a{sv})', ({'category': GLib.Variant('s', 'last')},)))
    wait_until(lambda: signals.find('PropertiesChanged', lambda p, a: a[1].get('Category') == 'last'), 20, 'it was not told')
    assert len(signals.seen) <= 20 * 100, len(signals.seen)
    wait_until(lambda: [a[1]['State'] for _, a in signals.find('PropertiesChanged', lambda p, a: p == paths[1])
                        if 'State' in a[1]][-1:] == [get(driver, paths[1], 'State')], 20, lambda: signals.seen[-20:])


@case
def on_the_session_bus(box):
    """a GDBusObjectManagerClient follows over a bus; busctl and the example of docs/dbus.md show the same"""
    address = 'unix:path=%s' % (box / 'bus')
    Process(['dbus-daemon', '--session', '--nofork', '--address=' + address], box, 'bus')
    wait_until((box / 'bus').exists, 10, 'no bus')
    instance = Instance(box, OFFLINE)
    instance.environment['DBUS_SESSION_BUS_ADDRESS'] = address
    instance.run()
    bus = Gio.DBusConnection.new_for_address_sync(address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                                                  | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
    manager = wait_until(lambda: (lambda m: m if m.get_name_owner() else None)(Gio.DBusObjectManagerClient.new_sync(
        bus, Gio.DBusObjectManagerClientFlags.DO_NOT_AUTO_START, NAME, OBJECT, None, None, None)), 20, 'no owner')
    assert manager.get_objects() == []
    film = make_single(box, 'film', 50000)
    instance.json('add', str(film.path), '--folder', str(film.folder))

    def find_proxy():
        while GLib.MainContext.default().iteration(False):
            pass
        objects = manager.get_objects()
        return objects and objects[0].get_interface(TORRENT)

    proxy = wait_until(find_proxy, 20, 'the client has no object')
    wait_until(lambda: find_proxy().get_cached_property('State').unpack() == 'seeding', 20,
               lambda: proxy.get_cached_property('State'))
    proxy.call_sync('Pause', None, 0, 10000, None)
    wait_until(lambda: find_proxy().get_cached_property('State').unpack() == 'paused', 20,
               lambda: proxy.get_cached_property('State'))
    environment = {**os.environ, **instance.environment}
    shown = subprocess.run(['busctl', '--address=' + address, 'introspect', NAME, proxy.get_object_path(), TORRENT],
                           capture_output=True, text=True, env=environment, timeout=30)
    assert re.search(r'^\.Name +property +s +"film.bin"', shown.stdout, re.M), shown
    tree = subprocess.run(['busctl', '--address=' + address, 'tree', NAME], capture_output=True, text=True, env=environment,
                          timeout=30)
    assert proxy.get_object_path() in tree.stdout, tree

    page = (Path(__file__).resolve().parents[2] / 'docs' / 'dbus.md').read_text()
    example = re.findall(r'```python\n(.*?)```', page, re.S)[1]
    following = Process(['/usr/bin/python3', '-u', '-c', example], box, 'example', env=instance.environment)
    wait_until(lambda: 'film.bin: paused' in following.text(), 20, following.tail)
    proxy.call_sync('Resume', None, 0, 10000, None)
    wait_until(lambda: 'film.bin: seeding' in following.text(), 20, following.tail)
    proxy.call_sync('Remove', GLib.Variant('(b)', (False,)), 0, 10000, None)
    wait_until(lambda: not (find_proxy() or manager.get_objects()), 20, 'the client keeps the object')


@case
def many_torrents(box):
    """2,000 torrents: all of them in one answer, and each by itself"""
    instance = Instance(box).run()
    bus = connect(instance)
    for n in range(2000):
        link = 'magnet:?xt=urn:btih:%040x&dn=torrent-%d' % (n + 1, n)
        options = {'uri': GLib.Variant('s', link), 'folder': GLib.Variant('s', str(box)), 'paused': GLib.Variant('b', True)}
        call(bus, OBJECT, NAME + '.Verbs', 'TorrentAdd', GLib.Variant('(a{sv})', (options,)))
    wait_until(lambda: len(get_objects(bus)) == 2000, 30, 'they are not all there')
    begin = time.monotonic()
    reply = bus.call_sync(None, OBJECT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects', None, None, 0, 30000, None)
    print('# all: %.0f ms, %d kB' % ((time.monotonic() - begin) * 1000, reply.get_size() / 1000))
    begin = time.monotonic()
    for n in range(100):
        assert get(bus, '%s/torrents/%040x' % (OBJECT, n + 1), 'Name') == 'torrent-%d' % n
    print('# one: %.2f ms' % ((time.monotonic() - begin) * 10))


main()
