"""A peer for the tests: `peer.py server|client stream|dgram|seqpacket FAMILY ADDRESS [FD]`, all but the words as JSON.

The server echoes and prints its address first; a stream until its end, datagrams until one says "end". The client
sends what it wants to have back, small and large, and prints "ok" when all came back.
"""
import json
import os
import socket
import sys
import threading

role, kind, family, address = sys.argv[1:5]
family = socket.AddressFamily(json.loads(family))
address = json.loads(address)
address = tuple(address) if isinstance(address, list) else address
if isinstance(address, dict):
    address = bytes.fromhex(address['bytes'])
kinds = {'stream': socket.SOCK_STREAM, 'dgram': socket.SOCK_DGRAM, 'seqpacket': socket.SOCK_SEQPACKET}
LARGE = bytes(range(256)) * 4096


def shown(name):
    return {'bytes': name.hex()} if isinstance(name, bytes) else name


def server():
    sock = socket.socket(family, kinds[kind])
    sock.bind(address)
    if kind != 'dgram':
        sock.listen()
    print(json.dumps(shown(sock.getsockname())), flush=True)
    if kind == 'dgram':
        while True:
            data, sender = sock.recvfrom(65536)
            sock.sendto(data, sender)
            if data == b'end':
                return
    connection, peer = sock.accept()
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def client():
    sock = socket.socket(family, kinds[kind])
    if kind == 'dgram':
        sock.bind(('', 0) if family == socket.AF_INET else ('::1', 0) if family == socket.AF_INET6 else b'')
    sock.connect(address)
    if kind == 'stream':
        sock.sendall(b'hello')
        assert sock.recv(5, socket.MSG_WAITALL) == b'hello'
        sender = threading.Thread(target=lambda: (sock.sendall(LARGE), sock.shutdown(socket.SHUT_WR)))
        sender.start()
        received = b''
        while data := sock.recv(65536):
            received += data
        sender.join()
        assert received == LARGE
    else:
        for data in [b'hello', b'x' * 30000, b'end']:
            sock.sendall(data)
            assert sock.recv(65536) == data
    print('ok')


{'server': server, 'client': client}[role]()
