# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wires of this namespace."""
import socket
import threading

from harness import at_end


class Capture:
    """Every packet of this namespace, from now on."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.packets = []
        at_end(self.socket.close)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                self.packets.append(self.socket.recv(65536))
            except OSError:
                return

    def udp(self):
        """Payloads of IPv4 UDP and all of IPv6."""
        return [p[28:] if p[0] >> 4 == 4 else p for p in list(self.packets) if p[0] >> 4 == 6 or p[9] == 17]

    def names(self, torrent):
        """Datagrams that name it."""
        return [p for p in self.udp() if torrent.info_hash in p or torrent.hex.encode() in p.lower()]
