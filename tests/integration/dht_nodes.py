#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DHT of libtorrent nodes: dht_nodes.py ADDRESS... Each address is one node on port 6881; the first is the others' way
in. Prints "ready" once all know each other. Then one command a line, each answered by one line of JSON:
seed NODE TORRENT FOLDER; leech NODE MAGNET FOLDER; done NODE; nodes NODE; put NODE TEXT; get NODE TARGET;
sign NODE SEED-HEX SALT TEXT; follow NODE KEY-HEX SALT."""
import json
import sys
import time

import libtorrent as lt


def make_session(address, bootstrap):
    listen = '[%s]:6881' % address if ':' in address else address + ':6881'
    return lt.session({
        'listen_interfaces': listen, 'enable_dht': True, 'enable_lsd': False, 'enable_upnp': False,
        'enable_natpmp': False, 'enable_incoming_utp': False, 'enable_outgoing_utp': False,
        'allow_multiple_connections_per_ip': True, 'in_enc_policy': int(lt.enc_policy.disabled),
        'out_enc_policy': int(lt.enc_policy.disabled), 'dht_bootstrap_nodes': bootstrap,
        'dht_restrict_routing_ips': False, 'dht_restrict_search_ips': False, 'dht_enforce_node_id': False,
        'dht_prefer_verified_node_ids': False, 'dht_ignore_dark_internet': False, 'dht_announce_interval': 5,
        'alert_mask': int(lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification
                          | lt.alert.category_t.status_notification),
    })


class Nodes:
    def __init__(self, addresses):
        self.addresses = addresses
        self.sessions = [make_session(address, '' if i == 0 else self.join(addresses[0]))
                         for i, address in enumerate(addresses)]
        self.handles = {}

    @staticmethod
    def join(address):
        return '[%s]:6881' % address if ':' in address else address + ':6881'

    def wait_for(self, session, kind, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for alert in session.pop_alerts():
                if isinstance(alert, kind):
                    return alert
            time.sleep(0.02)
        return None

    def count(self, index):
        return self.sessions[index].status().dht_nodes

    def wait_ready(self):
        few = min(len(self.sessions) - 1, 5)
        end = time.monotonic() + 60
        while any(self.count(i) < few for i in range(len(self.sessions))) and time.monotonic() < end:
            for i in range(1, len(self.sessions)):
                if self.count(i) < few:
                    self.sessions[i].add_dht_node((self.addresses[0], 6881))
                    self.sessions[0].add_dht_node((self.addresses[i], 6881))
            time.sleep(0.2)
        print('ready', [self.count(i) for i in range(len(self.sessions))], flush=True)

    def add(self, index, parameters, folder, flags):
        parameters.save_path = folder
        parameters.flags = (parameters.flags | flags) & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
        self.handles[index] = self.sessions[index].add_torrent(parameters)
        self.handles[index].force_dht_announce()
        return True

    def seed(self, index, torrent, folder):
        parameters = lt.add_torrent_params()
        parameters.ti = lt.torrent_info(torrent)
        return self.add(index, parameters, folder, lt.torrent_flags.seed_mode)

    def leech(self, index, magnet, folder):
        return self.add(index, lt.parse_magnet_uri(magnet), folder, lt.torrent_flags_t(0)
                        if hasattr(lt, 'torrent_flags_t') else 0)

    def done(self, index):
        return self.handles[index].status().is_seeding

    def nodes(self, index):
        return self.count(index)

    def put(self, index, text):
        return str(self.sessions[index].dht_put_immutable_item(text))

    def get(self, index, target):
        session = self.sessions[index]
        session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(target)))
        alert = self.wait_for(session, lt.dht_immutable_item_alert)
        value = alert.item if alert else None
        # The binding gives {'key': ..., 'value': ...}
        value = value.get('value', value) if isinstance(value, dict) else value
        return value.decode() if isinstance(value, bytes) else repr(value)


def main():
    nodes = Nodes(sys.argv[1:])
    nodes.wait_ready()
    for line in sys.stdin:
        name, index, *arguments = line.rstrip('\n').split('\t')
        print(json.dumps(getattr(nodes, name)(int(index), *arguments)), flush=True)


main()
