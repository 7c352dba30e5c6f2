# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of a desktop for tests to stand in for: they answer on a thread of their own, and have what they answer with
before they have their name."""
import threading

from gi.repository import Gio, GLib


class Service:
    """The object @path of @name with the interfaces of @xml, until stop(). Methods of a subclass named as those on the
    bus answer them, with the sender before the arguments: a GLib.Variant of a tuple, or None. `properties` is read when
    somebody asks. `calls` has (method, arguments) of all there were."""

    FLAGS = 2 | 4  # instead of who has the name; or not at all

    def __init__(self, name, path, xml, address=None, properties=None):
        self.name, self.path, self.xml = name, path, xml
        self.address = address or Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION, None)
        self.properties = dict(properties or {})
        self.calls = []
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(10), name

    def _run(self, ready):
        context = GLib.MainContext.new()
        context.push_thread_default()
        self.bus = Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.export(self.path, self.xml)
        self.loop = GLib.MainLoop.new(context, False)
        self.bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'RequestName',
                           GLib.Variant('(su)', (self.name, self.FLAGS)), None, 0, -1, None)
        ready.set()
        self.loop.run()
        self.bus.close_sync(None)
        context.pop_thread_default()

    def export(self, path, xml):
        for interface in Gio.DBusNodeInfo.new_for_xml(xml).interfaces:
            self.bus.register_object(path, interface, self._call, self._get_property, None)

    def _call(self, _bus, sender, path, interface, method, arguments, invocation):
        self.calls.append((method, arguments.unpack()))
        answer = getattr(self, method, None)
        try:
            invocation.return_value(answer(sender, *arguments.unpack()) if answer else None)
        except Exception as error:  # pylint: disable=broad-except
            invocation.return_dbus_error('org.example.Error', str(error))

    def _get_property(self, _bus, _sender, _path, _interface, name):
        return self.properties.get(name)

    def set(self, interface, name, value):
        """Changes a property, and says so."""
        self.properties[name] = value
        self.emit('org.freedesktop.DBus.Properties', 'PropertiesChanged',
                  GLib.Variant('(sa{sv}as)', (interface, {name: value}, [])))

    def calls_of(self, method):
        return [arguments for name, arguments in self.calls if name == method]

    def emit(self, interface, signal, arguments=None, path=None, to=None):
        self.bus.emit_signal(to, path or self.path, interface, signal, arguments)

    def stop(self):
        self.loop.quit()
        self.thread.join(10)


class Dock(Service):
    """What shows numbers on icons: `shown` is what it was told last."""

    def __init__(self):
        self.shown = None
        super().__init__('org.example.Dock', '/org/example/Dock', '<node><interface name="org.example.Dock"/></node>')

    def export(self, path, xml):
        super().export(path, xml)
        self.bus.signal_subscribe(None, 'com.canonical.Unity.LauncherEntry', 'Update', None, None, 0, self._update)

    def _update(self, _bus, _sender, _path, _interface, _signal, arguments):
        self.shown = arguments.unpack()


class Watcher(Service):
    """What knows the icons of a tray."""

    XML = '''<node><interface name="org.kde.StatusNotifierWatcher">
      <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
      <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
      <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
      <property name="ProtocolVersion" type="i" access="read"/>
      <signal name="StatusNotifierHostRegistered"/><signal name="StatusNotifierHostUnregistered"/>
    </interface></node>'''

    def __init__(self, has_host=True):
        self.items = []
        super().__init__('org.kde.StatusNotifierWatcher', '/StatusNotifierWatcher', self.XML,
                         properties={'IsStatusNotifierHostRegistered': GLib.Variant('b', has_host)})

    def RegisterStatusNotifierItem(self, sender, item):
        self.items.append(item if not item.startswith('/') else sender)

    def set_host(self, has_host):
        self.properties['IsStatusNotifierHostRegistered'] = GLib.Variant('b', has_host)
        self.emit(self.name, 'StatusNotifierHost' + ('Registered' if has_host else 'Unregistered'))


class Icon:
    """An icon as whoever draws it uses it."""

    def __init__(self, owner):
        self.owner = owner
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)

    def call(self, path, interface, method, arguments=None, reply=None):
        return self.bus.call_sync(self.owner, path, interface, method, arguments,
                                  GLib.VariantType(reply) if reply else None, 0, 10000, None).unpack()

    def get(self, name):
        return self.call('/StatusNotifierItem', 'org.freedesktop.DBus.Properties', 'Get',
                         GLib.Variant('(ss)', ('org.kde.StatusNotifierItem', name)), '(v)')[0]

    def activate(self):
        self.call('/StatusNotifierItem', 'org.kde.StatusNotifierItem', 'Activate', GLib.Variant('(ii)', (0, 0)))

    def menu_call(self, method, arguments, reply=None):
        return self.call(self.get('Menu'), 'com.canonical.dbusmenu', method, arguments, reply)

    def menu(self):
        """Label -> (number, properties); lines have none."""
        _, (_, _, children) = self.menu_call('GetLayout', GLib.Variant('(iias)', (0, -1, [])), '(u(ia{sv}av))')
        return {properties['label']: (number, properties) for number, properties, _ in children
                if 'label' in properties}

    def click(self, label):
        self.menu_call('Event', GLib.Variant('(isvu)', (self.menu()[label][0], 'clicked', GLib.Variant('i', 0), 0)))


class PowerProfiles(Service):
    """What says whether the computer saves power."""

    XML = '''<node><interface name="net.hadess.PowerProfiles">
      <property name="ActiveProfile" type="s" access="readwrite"/>
    </interface></node>'''

    def __init__(self):
        super().__init__('net.hadess.PowerProfiles', '/net/hadess/PowerProfiles', self.XML,
                         properties={'ActiveProfile': GLib.Variant('s', 'balanced')})

    def choose(self, profile):
        self.set(self.name, 'ActiveProfile', GLib.Variant('s', profile))


class NetworkManager(Service):
    """What says whether the network is metered."""

    XML = '''<node><interface name="org.freedesktop.NetworkManager">
      <property name="Connectivity" type="u" access="read"/><property name="State" type="u" access="read"/>
      <property name="Metered" type="u" access="read"/><property name="Version" type="s" access="read"/>
    </interface></node>'''

    def __init__(self, is_metered):
        super().__init__('org.freedesktop.NetworkManager', '/org/freedesktop/NetworkManager', self.XML, properties={
            'Connectivity': GLib.Variant('u', 4), 'State': GLib.Variant('u', 70), 'Version': GLib.Variant('s', '1.42'),
            'Metered': GLib.Variant('u', 1 if is_metered else 2)})

    def set_metered(self, is_metered):
        self.set(self.name, 'Metered', GLib.Variant('u', 1 if is_metered else 2))


class NoPortal(Service):
    """Keeps the portals of this computer away, if it has some, until a Portal takes the name over."""
    FLAGS = 1

    def __init__(self):
        super().__init__(Portal.NAME, '/org/freedesktop/portal/desktop', '<node/>')


class Portal(Service):
    """The portals of a sandbox."""
    NAME = 'org.freedesktop.portal.Desktop'

    XML = '''<node><interface name="org.freedesktop.portal.Background">
      <method name="RequestBackground"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
        <arg type="o" direction="out"/></method>
      <method name="SetStatus"><arg type="a{sv}" direction="in"/></method>
      <property name="version" type="u" access="read"/>
    </interface></node>'''

    def __init__(self):
        self.allows = True
        super().__init__(self.NAME, '/org/freedesktop/portal/desktop', self.XML,
                         properties={'version': GLib.Variant('u', 2)})

    def handle(self, sender, options):
        return '%s/request/%s/%s' % (self.path, sender[1:].replace('.', '_'), options['handle_token'])

    def RequestBackground(self, sender, _window, options):
        handle = self.handle(sender, options)
        self.emit('org.freedesktop.portal.Request', 'Response', GLib.Variant('(ua{sv})', (
            0 if self.allows else 1, {'background': GLib.Variant('b', self.allows),
                                      'autostart': GLib.Variant('b', self.allows and options['autostart'])})),
                  handle, sender)
        return GLib.Variant('(o)', (handle,))


class SessionManager(Service):
    """GNOME's, as far as programs talk to it."""

    XML = '''<node><interface name="org.gnome.SessionManager">
      <method name="RegisterClient"><arg type="s" direction="in"/><arg type="s" direction="in"/>
        <arg type="o" direction="out"/></method>
      <method name="UnregisterClient"><arg type="o" direction="in"/></method>
      <method name="Inhibit"><arg type="s" direction="in"/><arg type="u" direction="in"/>
        <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="u" direction="out"/></method>
      <method name="Uninhibit"><arg type="u" direction="in"/></method>
    </interface></node>'''
    CLIENT_XML = '''<node><interface name="org.gnome.SessionManager.ClientPrivate">
      <method name="EndSessionResponse"><arg type="b" direction="in"/><arg type="s" direction="in"/></method>
      <signal name="QueryEndSession"><arg type="u"/></signal><signal name="EndSession"><arg type="u"/></signal>
    </interface></node>'''

    def __init__(self):
        self.clients = {}  # program -> where the manager talks to it
        super().__init__('org.gnome.SessionManager', '/org/gnome/SessionManager', self.XML)

    def RegisterClient(self, sender, program, _startup):
        path = '/org/gnome/SessionManager/Client%d' % len(self.clients)
        self.export(path, self.CLIENT_XML)
        self.clients[program] = (path, sender)
        return GLib.Variant('(o)', (path,))

    def Inhibit(self, *_arguments):
        return GLib.Variant('(u)', (7,))

    def tell(self, program, signal):
        self.emit('org.gnome.SessionManager.ClientPrivate', signal, GLib.Variant('(u)', (0,)), *self.clients[program])
