# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP tracker in a thread: honest (compact replies, peers it has heard of), or with an answer of one's own."""
import socket
import struct
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import at_end
from torrents import bencode


def compact(peers):
    return b''.join(socket.inet_aton(address) + struct.pack('>H', port) for address, port in peers)


def parse_query(path):
    """First value of each parameter, as bytes."""
    _, _, query = path.partition('?')
    pairs = (item.partition('=') for item in query.split('&') if item)
    return {name: urllib.parse.unquote_to_bytes(value.replace('+', ' ')) for name, _, value in pairs}


class Tracker:
    """@answer: called with (handler, query), sends the whole reply itself; None: honest.
    requests: (path, query) of every announce so far; scrapes: of every scrape."""

    def __init__(self, address='10.77.0.1', port=6969, answer=None, interval=1800):
        self.address, self.port, self.interval = address, port, interval
        self.url = 'http://%s:%d/announce' % (address, port)
        self.requests, self.scrapes = [], []
        self.swarms = {}
        tracker = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                query = parse_query(self.path)
                is_scrape = '/scrape' in self.path.partition('?')[0]
                (tracker.scrapes if is_scrape else tracker.requests).append((self.path, query))
                try:
                    (answer or (tracker.scrape if is_scrape else tracker.answer))(self, query)
                except OSError:
                    pass  # the other end had enough
                except (KeyError, ValueError) as error:
                    reply(self, bencode({'failure reason': str(error)}))

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            address_family = socket.AF_INET6 if ':' in address else socket.AF_INET

        self.server = Server((address, port), Handler)
        self.server.block_on_close = False
        self.is_running = True
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()
        at_end(self.stop)

    def answer(self, handler, query):
        swarm = self.swarms.setdefault(query['info_hash'], {})
        peer = (handler.client_address[0], int(query['port']))
        others = [p for p in swarm if p != peer]
        if query.get('event') == b'stopped':
            swarm.pop(peer, None)
        else:
            swarm[peer] = int(query['left'])
        n_seeds = sum(1 for left in swarm.values() if left == 0)
        reply(handler, bencode({'interval': self.interval, 'complete': n_seeds, 'incomplete': len(swarm) - n_seeds,
                                'peers': compact(others)}))

    def scrape(self, handler, query):
        swarm = self.swarms.get(query['info_hash'], {})
        n_seeds = sum(1 for left in swarm.values() if left == 0)
        reply(handler, bencode({'files': {query['info_hash']: {
            'complete': n_seeds, 'incomplete': len(swarm) - n_seeds, 'downloaded': 0}}}))

    def add_peer(self, torrent, address, port, left=0):
        self.swarms.setdefault(torrent.info_hash, {})[(address, port)] = left

    def events(self):
        return [query.get('event', b'').decode() for _, query in self.requests]

    def stop(self):
        if not self.is_running:
            return
        self.is_running = False
        self.server.shutdown()
        self.server.server_close()


def reply(handler, body, status=200, headers=()):
    handler.send_response(status)
    handler.send_header('Content-Length', str(len(body)))
    handler.send_header('Content-Type', 'text/plain')
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
