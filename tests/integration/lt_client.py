#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""libtorrent as a client of its own. lt_client.py ADDRESS PORT FOLDER TORRENT|MAGNET [--seed] [--lsd] [--limit BYTES] [--limit-up BYTES] [--dial HOST:PORT]...
Prints "done" once complete, and "peer HOST:PORT SOURCES" for each new connection, where SOURCES are libtorrent's bits:
1 tracker, 2 DHT, 4 PEX, 8 LSD, 32 incoming. Then stays."""
import signal
import sys
import time

import libtorrent as lt


def main():
    address, port, folder, what, *rest = sys.argv[1:]
    listen = '[%s]:%s' % (address, port) if ':' in address else '%s:%s' % (address, port)
    off = int(lt.enc_policy.disabled)
    session = lt.session({
        'listen_interfaces': listen, 'enable_dht': False, 'enable_lsd': '--lsd' in rest, 'enable_upnp': False,
        'enable_natpmp': False, 'enable_incoming_utp': False, 'enable_outgoing_utp': False,
        'allow_multiple_connections_per_ip': True, 'in_enc_policy': off, 'out_enc_policy': off,
        'outgoing_interfaces': address, 'active_checking': 1, 'torrent_connect_boost': 50,
    })
    if what.startswith('magnet:'):
        parameters = lt.parse_magnet_uri(what)
    else:
        parameters = lt.add_torrent_params()
        parameters.ti = lt.torrent_info(what)
    parameters.save_path = folder
    flags = lt.torrent_flags
    parameters.flags &= ~flags.auto_managed & ~flags.paused
    if '--seed' in rest:
        parameters.flags |= flags.seed_mode
    handle = session.add_torrent(parameters)
    if '--limit' in rest:  # what it downloads in a second
        handle.set_download_limit(int(rest[rest.index('--limit') + 1]))
    if '--limit-up' in rest:
        handle.set_upload_limit(int(rest[rest.index('--limit-up') + 1]))
    dial = [rest[i + 1].rsplit(':', 1) for i, word in enumerate(rest) if word == '--dial']
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    said = False
    peers = set()
    last_dial = 0
    while True:
        status = handle.status()
        if time.monotonic() - last_dial > 2 and dial and not status.num_peers:
            last_dial = time.monotonic()
            for host, number in dial:
                handle.connect_peer((host.strip('[]'), int(number)))
        for peer in handle.get_peer_info():
            if not peer.flags & (peer.handshake | peer.connecting) and (peer.ip, peer.source) not in peers:
                peers.add((peer.ip, peer.source))
                print('peer %s:%d %d' % (*peer.ip, peer.source), flush=True)
        if status.is_seeding and not said:
            said = True
            print('done', flush=True)
        time.sleep(0.05)


main()
