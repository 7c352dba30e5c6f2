# SPDX-License-Identifier: GPL-3.0-or-later
"""A router that speaks UPnP and can say anything: a class attribute or a method more makes it another one."""
import re
import socket
import threading

ADDRESS = '192.168.50.1'
PORT = 5000
SERVICE = '<service><serviceType>urn:schemas-upnp-org:service:%s</serviceType><controlURL>%s</controlURL></service>'
ENVELOPE = ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body>'
            '</s:Envelope>')


class FakeRouter:
    location = 'http://%s:%d/description.xml' % (ADDRESS, PORT)
    services = [('WANIPConnection:1', '/control')]
    speaker = ADDRESS  # who answers searches

    def __init__(self, space):
        self.calls = []  # (action, {argument: value})
        self.requests = []  # first lines
        self.mappings = {}
        self.ssdp = space.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ssdp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.ssdp.bind(('', 1900))
        self.ssdp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                             socket.inet_aton('239.255.255.250') + socket.inet_aton(self.speaker))
        self.answers = space.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.answers.bind((self.speaker, 0))
        self.http = space.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.http.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.http.bind(('', PORT))
        self.http.listen(20)
        for target in (self.run_ssdp, self.run_http):
            threading.Thread(target=target, daemon=True).start()

    def run_ssdp(self):
        while True:
            data, peer = self.ssdp.recvfrom(4096)
            if data.startswith(b'M-SEARCH'):
                target = re.search(rb'(?im)^ST: *(\S+)', data)[1].decode()
                text = ('HTTP/1.1 200 OK\r\nST: %s\r\nLOCATION: %s\r\nBOOTID.UPNP.ORG: 5\r\n\r\n' %
                        (target, self.location))
                self.answers.sendto(text.encode(), peer)

    def run_http(self):
        while True:
            connection, _ = self.http.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection:
            data = b''
            while b'\r\n\r\n' not in data:
                data += connection.recv(4096) or b'\r\n\r\n'
            head, _, body = data.partition(b'\r\n\r\n')
            length = re.search(rb'(?i)content-length: *(\d+)', head)
            while length and len(body) < int(length[1]):
                body += connection.recv(4096)
            self.requests.append(head.split(b'\r\n')[0].decode())
            try:
                self.reply(connection, head.decode(), body.decode())
            except OSError:
                pass

    def reply(self, connection, head, body):
        action = re.search('(?i)soapaction: *"[^"]*#(\\w+)"', head)
        if not action:
            return self.send(connection, 200, self.description())
        arguments = dict(re.findall(r'<(\w+)>([^<]*)</\1>', body))
        self.calls.append((action[1], arguments))
        return self.send(connection, *self.call(action[1], arguments))

    @staticmethod
    def send(connection, status, text):
        data = text.encode()
        connection.sendall(b'HTTP/1.1 %d OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n' % (status, len(data)) +
                           data)

    def description(self):
        return '<?xml version="1.0"?><root><device><serviceList>%s</serviceList></device></root>' % ''.join(
            SERVICE % service for service in self.services)

    def call(self, action, arguments):
        inner = {'GetExternalIPAddress': '<NewExternalIPAddress>11.0.0.1</NewExternalIPAddress>',
                 'AddPinhole': '<UniqueID>%d</UniqueID>' % len(self.calls)}.get(action, '')
        if action == 'AddPortMapping':
            self.mappings[arguments['NewProtocol']] = int(arguments['NewExternalPort'])
        if action == 'DeletePortMapping':
            self.mappings.pop(arguments['NewProtocol'], None)
        return 200, ENVELOPE % '<u:%sResponse xmlns:u="x">%s</u:%sResponse>' % (action, inner, action)

    @staticmethod
    def fault(code, text):
        return 500, ENVELOPE % ('<s:Fault><detail><UPnPError><errorCode>%d</errorCode><errorDescription>%s</errorDescription>'
                                '</UPnPError></detail></s:Fault>' % (code, text))
