#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening ports at a router: miniupnpd between two networks, and routers that answer badly or not at all.

    outside 11.0.0.2, 2600:77:2::2  -  router 11.0.0.1 | 192.168.50.1, fe80::1  -  inside 192.168.50.7, 2600:77:1::7"""
import json
import os
import signal
import socket
import struct
import time

from fakerouter import FakeRouter
from harness import case, main, wait_until
from natnetwork import MUTE, House
from torrents import make_single
from wirepeer import handshake, new_peer_id

PROBE = os.environ['CCBT_PROBE']
PORT = 6881


class Network(House):
    """With a probe inside, which only opens ports."""
    n_probes = 0

    def start_probe(self, *arguments):
        self.n_probes += 1
        self.probe = self.inside.start('probe-%d' % self.n_probes, PROBE, '--port', PORT, *arguments)

    def said(self):
        """What the probe has reported."""
        return [json.loads(line) for line in self.probe.text().splitlines(True) if line.endswith('\n')]

    def wait_for(self, state, seconds=12, condition=lambda status: True):
        return wait_until(lambda: [s for s in self.said()[-1:] if s['state'] == state and condition(s)], seconds,
                          lambda: self.probe.tail() + '\n' + self.tail_of_daemon())[0]


def external_port(status, protocol):
    return [m['external'] for m in status['mappings'] if m['protocol'] == protocol and not m['ipv6']][0]


def check_protocol(box, name, *arguments, v1=False):
    network = Network(box)
    network.start_daemon(v1=v1)
    assert network.ask_tcp('11.0.0.1', PORT) is None
    network.start_probe(*arguments)
    status = network.wait_for('mapped', condition=lambda s: len([m for m in s['mappings'] if not m['ipv6']]) == 2)
    assert status['protocol'] == name, status
    status = network.wait_for('mapped', condition=lambda s: s['external'] == '11.0.0.1')
    assert network.ask_tcp('11.0.0.1', external_port(status, 'tcp')) == b'inside\n', status
    assert network.ask_udp('11.0.0.1', external_port(status, 'udp')) == b'inside\n', status
    assert network.rules() == {('tcp', PORT), ('udp', PORT)}, network.show()
    network.probe.process.terminate()
    assert network.probe.wait(5) == 0
    assert network.said()[-1]['state'] == 'off', network.said()
    wait_until(lambda: not network.rules(), 2, network.show)
    assert network.ask_tcp('11.0.0.1', PORT) is None
    return network


@case
def pcp(box):
    """PCP: mapped, an outside peer comes in, taken away at the end"""
    check_protocol(box, 'PCP', '--no-nat-pmp', '--no-upnp')


@case
def nat_pmp(box):
    """NAT-PMP: mapped, an outside peer comes in, taken away at the end"""
    check_protocol(box, 'NAT-PMP', '--no-pcp', '--no-upnp')


@case
def upnp_2(box):
    """UPnP version 2: mapped, an outside peer comes in, taken away at the end"""
    check_protocol(box, 'UPnP', '--no-pcp', '--no-nat-pmp')


@case
def upnp_1(box):
    """UPnP version 1: mapped, an outside peer comes in, taken away at the end"""
    check_protocol(box, 'UPnP', '--no-pcp', '--no-nat-pmp', v1=True)


@case
def ipv6_pinhole(box):
    """an outside peer comes in by IPv6 through a pinhole that PCP made; gone at the end"""
    network = Network(box)
    network.start_daemon()
    assert network.ask_tcp('2600:77:1::7', PORT) is None
    network.start_probe()
    network.wait_for('mapped', condition=lambda s: any(m['ipv6'] for m in s['mappings']))
    wait_until(lambda: network.ask_tcp('2600:77:1::7', PORT) == b'inside\n', 5,
               network.show)
    network.probe.stop()
    wait_until(lambda: network.n_openings() == 0, 2, network.show)
    assert network.ask_tcp('2600:77:1::7', PORT) is None


@case
def all_protocols(box):
    """with everything on, the router's best: PCP"""
    network = Network(box)
    network.start_daemon()
    network.start_probe()
    assert network.wait_for('mapped')['protocol'] == 'PCP'


@case
def only_upnp_there(box):
    """a router without PCP and NAT-PMP: UPnP, within seconds"""
    network = Network(box)
    network.start_daemon(pcp=False)
    network.start_probe()
    network.wait_for('mapped', 8, lambda s: s['protocol'] == 'UPnP')


@case
def port_taken(box):
    """UPnP: a port that another computer has already: another one outside, and it works"""
    network = Network(box)
    network.start_daemon(v1=True)
    network.inside.run('ip address add 192.168.50.8/24 dev eth')
    with network.inside.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(('192.168.50.8', 0))
        other.sendto(struct.pack('>BBHHHI', 0, 2, 0, PORT, PORT, 600), ('192.168.50.1', 5351))
        wait_until(lambda: ('tcp', PORT) in network.rules(), 10, network.show)
    network.start_probe('--no-pcp', '--no-nat-pmp')
    status = network.wait_for('mapped')
    port = external_port(status, 'tcp')
    assert port != PORT and external_port(status, 'udp') == PORT, status
    assert network.ask_tcp('11.0.0.1', port) == b'inside\n', status


def check_other_port(box, *arguments):
    network = Network(box)
    network.start_daemon()
    network.start_probe(*arguments)
    wait_until(lambda: network.rules() == {('tcp', PORT), ('udp', PORT)}, 8, network.show)
    for n in (1, 2):  # the second one before the first is through
        network.probe.process.send_signal(signal.SIGUSR1)
        time.sleep(0.02)
    wait_until(lambda: network.rules() == {('tcp', PORT + 2), ('udp', PORT + 2)}, 8, network.show)
    network.wait_for('mapped', condition=lambda s: external_port(s, 'tcp') == PORT + 2)
    network.probe.process.send_signal(signal.SIGUSR1)
    network.probe.process.terminate()
    network.probe.wait(3)
    wait_until(lambda: not network.rules(), 1, network.show)


@case
def other_port_pcp(box):
    """PCP: another port: the old one is taken away, the new one opened; none left at a hasty end"""
    check_other_port(box)


@case
def other_port_upnp(box):
    """UPnP: another port: the old one is taken away, the new one opened; none left at a hasty end"""
    check_other_port(box, '--no-pcp', '--no-nat-pmp')


@case
def bound(box):
    """bound to one of two addresses: the port leads there"""
    network = Network(box)
    network.start_daemon()
    network.inside.run('ip address add 192.168.50.8/24 dev eth')
    network.start_probe('--bind', '192.168.50.8')
    network.wait_for('mapped')
    assert 'to 192.168.50.8:%d' % PORT in network.show(), network.show()


def silent(box, prepare):
    network = Network(box)
    prepare(network)
    network.start_probe()
    status = network.wait_for('failed', 20)
    assert status['error'].startswith('The router 192.168.50.1 does not answer') and status['error'].endswith('.'), status
    before = network.probe.cpu_seconds()
    time.sleep(3)
    assert network.probe.cpu_seconds() - before <= 0.3, network.probe.cpu_seconds()
    assert len(network.said()) < 5, network.said()
    network.probe.process.terminate()
    assert network.probe.wait(3) == 0


@case
def router_silent(box):
    """a router that swallows everything: failed within 10 s, with a sentence, without work"""
    silent(box, lambda network: network.router.run('nft -f -', MUTE))


@case
def router_without(box):
    """a router that has none of it and says so: failed, quickly"""
    silent(box, lambda network: None)


@case
def no_router(box):
    """no way into the network: failed at once, with a sentence"""
    network = Network(box)
    network.inside.run('ip route del default')
    network.inside.run('ip -6 route del default')
    network.start_probe()
    status = network.wait_for('failed', 3)
    assert 'no way into the network' in status['error'], status


def check_restart(box, *arguments, seconds):
    network = Network(box)
    network.start_daemon()
    network.start_probe(*arguments)
    status = network.wait_for('mapped', condition=lambda s: s['external'])
    port = external_port(status, 'tcp')
    time.sleep(11)  # so that a fresh start is no echo of the first
    network.daemon.kill()
    network.start_daemon()
    wait_until(lambda: {('tcp', port), ('udp', port)} <= network.rules(), seconds,
               lambda: network.probe.tail() + network.daemon.tail())
    assert network.ask_tcp('11.0.0.1', port) == b'inside\n'


@case
def pcp_restarted(box):
    """PCP: the router is restarted, and the ports are open again, the same ones"""
    check_restart(box, '--no-nat-pmp', '--no-upnp', seconds=15)


@case
def nat_pmp_restarted(box):
    """NAT-PMP: the router is restarted, and the ports are open again"""
    check_restart(box, '--no-pcp', '--no-upnp', seconds=15)


@case
def upnp_restarted(box):
    """UPnP: the router is restarted at another port, and the ports are open again"""
    check_restart(box, '--no-pcp', '--no-nat-pmp', seconds=20)


def start_fake(box, kind):
    network = Network(box)
    router = kind(network.router)
    network.start_probe('--no-pcp', '--no-nat-pmp')
    return network, router


@case
def permanent_only(box):
    """UPnP: a router that knows no leases gets permanent mappings, and they are deleted at the end"""
    class Router(FakeRouter):
        def call(self, action, arguments):
            if action == 'AddPortMapping' and arguments['NewLeaseDuration'] != '0':
                return self.fault(725, 'OnlyPermanentLeasesSupported')
            return super().call(action, arguments)

    network, router = start_fake(box, Router)
    network.wait_for('mapped')
    assert router.mappings == {'TCP': PORT, 'UDP': PORT}, router.calls
    network.probe.process.terminate()
    network.probe.wait(3)
    assert router.mappings == {}, router.calls


@case
def upnp_pinhole(box):
    """UPnP: a firewall for IPv6 is opened for our own address, and closed at the end"""
    class Router(FakeRouter):
        services = [('WANIPConnection:1', '/control'), ('WANIPv6FirewallControl:1', 'six')]

    network, router = start_fake(box, Router)
    network.wait_for('mapped', condition=lambda s: len(s['mappings']) == 4)
    asked = [arguments for action, arguments in router.calls if action == 'AddPinhole']
    assert [a['Protocol'] for a in asked] == ['6', '17'], asked
    assert {a['InternalClient'] for a in asked} == {'2600:77:1::7'} and asked[0]['InternalPort'] == str(PORT), asked
    network.probe.process.terminate()
    network.probe.wait(3)
    assert [action for action, _ in router.calls].count('DeletePinhole') == 2, router.calls


def check_refused(box, kind, n_requests):
    """No port is opened, nobody else is spoken to, and the user is told why in one printable sentence."""
    network = Network(box)
    network.router.run('ip address add 192.168.50.8/24 dev in')
    router = kind(network.router)
    network.start_probe('--no-pcp', '--no-nat-pmp')
    status = network.wait_for('failed', 15)
    assert status['error'].endswith('.') and status['error'].isprintable(), status
    assert 'AddPortMapping' not in [action for action, _ in router.calls], router.calls
    assert len(router.requests) == n_requests, router.requests
    assert network.probe.memory() < 40 << 20, network.probe.memory()
    return status


@case
def location_elsewhere(box):
    """UPnP: a description on another computer is not fetched"""
    class Router(FakeRouter):
        location = 'http://192.168.50.8:5000/description.xml'
    assert 'another computer' in check_refused(box, Router, 0)['error']


@case
def location_by_name(box):
    """UPnP: a description under a name, or by another protocol, is not fetched"""
    class Router(FakeRouter):
        location = 'ftp://192.168.50.1@localhost:5000/description.xml'
    check_refused(box, Router, 0)


@case
def stranger_answers(box):
    """UPnP: an answer from another computer than the router is not believed"""
    class Router(FakeRouter):
        speaker = '192.168.50.8'
        location = 'http://192.168.50.8:5000/description.xml'
    assert 'does not answer' in check_refused(box, Router, 0)['error']


@case
def control_elsewhere(box):
    """UPnP: calls to another computer are not made"""
    class Router(FakeRouter):
        services = [('WANIPConnection:1', 'http://192.168.50.8:5000/control')]
    check_refused(box, Router, 1)


@case
def redirect(box):
    """UPnP: a redirect is not followed"""
    class Router(FakeRouter):
        def reply(self, connection, head, body):
            connection.sendall(b'HTTP/1.1 302 Found\r\nLocation: http://192.168.50.8:5000/\r\nContent-Length: 0\r\n\r\n')
    check_refused(box, Router, 1)


@case
def endless_description(box):
    """UPnP: a description without end is cut off"""
    class Router(FakeRouter):
        n_sent = 0

        def reply(self, connection, head, body):
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<root>')
            while True:
                connection.sendall(b'<a>some</a>' * 1000)
                Router.n_sent += 11000
    check_refused(box, Router, 1)
    assert Router.n_sent < 20 << 20, Router.n_sent


@case
def dripping_description(box):
    """UPnP: a description that comes too slowly is given up"""
    class Router(FakeRouter):
        def reply(self, connection, head, body):
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<root>')
            while True:
                connection.sendall(b' ')
                time.sleep(0.3)
    check_refused(box, Router, 1)


@case
def hostile_error_text(box):
    """UPnP: what a router writes into its refusal is made printable"""
    network, router = start_fake(box, type('Router', (FakeRouter,), {
        'call': lambda self, action, arguments: self.fault(606, 'no\x1b[31m\u202e' + 'x' * 3000)}))
    status = network.wait_for('failed', 15)
    assert '606' in status['error'] and status['error'].isprintable() and len(status['error']) < 200, status


class Seed:
    """ccbt itself, seeding behind the router."""

    def __init__(self, network, box, *more):
        self.torrent = make_single(box)
        self.process = network.inside.start('ccbt', os.path.abspath(os.environ['CCBT']), self.torrent.path, '-o', self.torrent.folder,
                                            '--seed', '--json', '--port', PORT, '--state-dir', box / 'state', '--no-dht', '--no-lsd', *more)

    def connection(self):
        """What it said last of how it stands in the network."""
        lines = [json.loads(line) for line in self.process.text().splitlines(True) if line.endswith('\n')]
        return ([m for m in lines if m['type'] == 'connection'] or [{'router': {'state': ''}}])[-1]


@case
def ccbt_behind_a_router(box):
    """ccbt opens its port, is reached through it, says so, and closes it when it ends"""
    network = Network(box)
    network.start_daemon()
    seed = Seed(network, box)
    wait_until(lambda: seed.connection()['router']['state'] == 'mapped', 15, lambda: seed.process.tail())
    router = seed.connection()['router']
    assert (router['protocol'], router['gateway'], router['tcp_port']) == ('PCP', '192.168.50.1', PORT), router
    assert seed.connection()['ipv4']['reach'] == 'likely', seed.connection()
    wait_until(lambda: network.rules() == {('tcp', PORT), ('udp', PORT)}, 5, network.show)
    with network.outside.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(5)
        sock.connect(('11.0.0.1', PORT))
        sock.sendall(handshake(seed.torrent.info_hash, new_peer_id()))
        reply = b''
        while len(reply) < 68:
            reply += sock.recv(68 - len(reply))
        assert reply[28:48] == seed.torrent.info_hash
    wait_until(lambda: seed.connection()['ipv4']['reach'] == 'open', 5, lambda: seed.process.tail())
    seed.process.process.terminate()
    seed.process.wait(5)
    wait_until(lambda: not network.rules(), 2, network.show)


@case
def ccbt_told_not_to(box):
    """with --no-portmap the router is not asked"""
    network = Network(box)
    network.start_daemon()
    seed = Seed(network, box, '--no-portmap')
    wait_until(lambda: seed.connection()['router']['state'] == 'off', 10, lambda: seed.process.tail())
    time.sleep(2)
    assert not network.rules(), network.show()


main()
