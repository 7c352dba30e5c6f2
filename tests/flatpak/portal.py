#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""portal.py FOLDER LOG: the desktop's side of the portals and of the tray, as far as the story needs it.

Whoever asks for a folder gets FOLDER, as if a person had chosen it. Each request is a line of JSON in LOG. The portal
itself and the document portal, which grant what was chosen, are the real ones."""
import json
import sys

from gi.repository import Gio, GLib

INTERFACES = """<node>
  <interface name="org.freedesktop.impl.portal.FileChooser">
    <method name="OpenFile">
      <arg type="o" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
      <arg type="u" direction="out"/><arg type="a{sv}" direction="out"/>
    </method>
  </interface>
  <interface name="org.freedesktop.impl.portal.Notification">
    <method name="AddNotification">
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
    </method>
    <method name="RemoveNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/></method>
  </interface>
  <interface name="org.kde.StatusNotifierWatcher">
    <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
    <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  </interface>
</node>"""
PORTAL_NAME, PORTAL_PATH = 'org.freedesktop.impl.portal.desktop.standin', '/org/freedesktop/portal/desktop'
WATCHER_NAME, WATCHER_PATH = 'org.kde.StatusNotifierWatcher', '/StatusNotifierWatcher'


def main():
    folder, log = sys.argv[1:]

    def called_cb(connection, sender, path, interface, method, arguments, invocation):
        with open(log, 'a', encoding='utf-8') as lines:
            lines.write(json.dumps([method, arguments.unpack()]) + '\n')
        reply = None
        if method == 'OpenFile':
            results = {'uris': GLib.Variant('as', [GLib.filename_to_uri(folder)]), 'writable': GLib.Variant('b', True)}
            reply = GLib.Variant('(ua{sv})', (0, results))
        invocation.return_value(reply)

    def read_cb(connection, sender, path, interface, name):
        return GLib.Variant('b', True)

    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
        path = WATCHER_PATH if interface.name == WATCHER_NAME else PORTAL_PATH
        bus.register_object(path, interface, called_cb, read_cb, None)
    for name in (PORTAL_NAME, WATCHER_NAME):
        Gio.bus_own_name_on_connection(bus, name, Gio.BusNameOwnerFlags.NONE, None, None)
    GLib.MainLoop().run()


main()
