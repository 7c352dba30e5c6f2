# SPDX-License-Identifier: GPL-3.0-or-later
"""A house behind a router, and the world: three network namespaces, miniupnpd on the router.

    outside 11.0.0.2, 2600:77:2::2  -  router 11.0.0.1 | 192.168.50.1, fe80::1  -  inside 192.168.50.7, 2600:77:1::7"""
import contextlib
import os
import re
import socket
import subprocess
import time

from harness import Process, wait_until

FIREWALL = '''
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "in" accept
    jump miniupnpd
  }
  chain miniupnpd { }
  chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
  chain postrouting {
    type nat hook postrouting priority 100;
    jump postrouting_miniupnpd
    oifname "out" meta nfproto ipv4 masquerade
  }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
'''
MUTE = '''
table inet mute {
  chain input {
    type filter hook input priority 0; policy drop;
    ip6 nexthdr icmpv6 accept
  }
}
'''
SETTINGS = '''
ext_ifname=out
listening_ip=in
enable_natpmp=%(pcp)s
enable_upnp=%(upnp)s
min_lifetime=60
max_lifetime=86400
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
secure_mode=yes
system_uptime=no
notify_interval=60
uuid=8d0a3c2e-54b1-4f0e-9d3b-1c6f3a1e7701
http_port=0
force_igd_desc_v1=%(v1)s
%(more)s
allow 1024-65535 0.0.0.0/0 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
'''


class Namespace:
    """A network of its own, held by a process that sleeps."""

    def __init__(self, box, name):
        self.box, self.name = box, name
        self.holder = Process(['unshare', '--net', 'sleep', '1000'], box, 'namespace-' + name)
        mine = os.readlink('/proc/self/ns/net')
        wait_until(lambda: os.readlink('/proc/%d/ns/net' % self.holder.pid) != mine, 5, 'no namespace')

    def command(self, *argv):
        return ['nsenter', '--net=/proc/%d/ns/net' % self.holder.pid, '--', *map(str, argv)]

    def run(self, text, data=None):
        done = subprocess.run(self.command(*text.split()), input=data, capture_output=True, text=True)
        assert done.returncode == 0, (text, done.stderr)
        return done.stdout

    def start(self, name, *argv):
        return Process(self.command(*argv), self.box, name)

    @contextlib.contextmanager
    def entered(self):
        """Sockets that are made within stay in there."""
        own = os.open('/proc/self/ns/net', os.O_RDONLY)
        other = os.open('/proc/%d/ns/net' % self.holder.pid, os.O_RDONLY)
        try:
            os.setns(other, os.CLONE_NEWNET)
            yield
        finally:
            os.setns(own, os.CLONE_NEWNET)
            os.close(own)
            os.close(other)

    def socket(self, *arguments):
        with self.entered():
            return socket.socket(*arguments)


if not hasattr(os, 'setns'):  # Python before 3.12
    import ctypes
    _libc = ctypes.CDLL(None, use_errno=True)
    os.CLONE_NEWNET = 0x40000000

    def _setns(descriptor, kind):
        if _libc.setns(descriptor, kind) != 0:
            raise OSError(ctypes.get_errno(), 'setns')
    os.setns = _setns


class House:
    def __init__(self, box):
        self.box = box
        self.outside, self.router, self.inside = (Namespace(box, name) for name in ('outside', 'router', 'inside'))
        self.n_daemons = 0
        for space in (self.outside, self.router, self.inside):
            space.run('ip link set lo up')
        self.connect(self.inside, 'in', ('192.168.50.7/24', '192.168.50.1/24'), ('2600:77:1::7/64', '2600:77:1::1/64'))
        self.connect(self.outside, 'out', ('11.0.0.2/24', '11.0.0.1/24'), ('2600:77:2::2/64', '2600:77:2::1/64'))
        self.router.run('ip -6 address add fe80::1/64 dev in nodad')
        self.inside.run('ip route add default via 192.168.50.1')
        self.inside.run('ip -6 route add default via fe80::1 dev eth')
        self.outside.run('ip route add default via 11.0.0.1')
        self.outside.run('ip -6 route add default via 2600:77:2::1')
        for name in ('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'):
            self.router.run('sysctl -qw %s=1' % name)

    def connect(self, space, name, *families):
        """@space's interface eth to the router's @name."""
        space.run('ip link add eth type veth peer name %s netns /proc/%d/ns/net' % (name, self.router.holder.pid))
        for ours, theirs in families:
            nodad = ['', ' nodad'][':' in ours]
            space.run('ip address add %s dev eth%s' % (ours, nodad))
            self.router.run('ip address add %s dev %s%s' % (theirs, name, nodad))
        space.run('ip link set eth up')
        self.router.run('ip link set %s up' % name)

    def start_daemon(self, pcp=True, upnp=True, v1=False, more=''):
        self.router.run('nft flush ruleset')
        self.router.run('nft -f -', FIREWALL)
        settings = self.box / 'miniupnpd.conf'
        words = {True: 'yes', False: 'no'}
        settings.write_text(SETTINGS % {'pcp': words[pcp], 'upnp': words[upnp], 'v1': words[v1], 'more': more})
        self.n_daemons += 1
        self.daemon = self.router.start('miniupnpd-%d' % self.n_daemons, '/usr/sbin/miniupnpd', '-d', '-v', '-f', settings,
                                        '-P', self.box / 'miniupnpd.pid')
        wait_until(lambda: 'listening on' in self.daemon.error_text().lower() + self.daemon.text().lower(), 10, self.daemon.tail)
        time.sleep(0.3)

    def tail_of_daemon(self):
        return self.daemon.tail() if self.n_daemons else ''

    def show(self):
        return self.router.run('nft list ruleset')

    def rules(self):
        """What miniupnpd has put into the firewall: protocol and port outside. nft shows the protocol as raw bytes."""
        text = self.router.run('nft list chain inet filter prerouting_miniupnpd')
        return {({'0x6': 'tcp', '0x11': 'udp'}[protocol], int(port))
                for protocol, port in re.findall(r'@nh,72,8 (0x6|0x11) th dport (\d+)', text)}

    def n_openings(self):
        """Mappings and pinholes."""
        return self.router.run('nft list chain inet filter miniupnpd').count('th dport')

    def ask_tcp(self, address, port):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        with self.outside.socket(family, socket.SOCK_STREAM) as sock:
            sock.settimeout(1.5)
            try:
                sock.connect((address, port))
                return sock.recv(100)
            except OSError:
                return None

    def ask_udp(self, address, port):
        with self.outside.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1.5)
            sock.sendto(b'hello', (address, port))
            try:
                return sock.recv(100)
            except OSError:
                return None
