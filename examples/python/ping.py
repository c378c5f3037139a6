import os
import socket
import struct
import time

from helpers import argument

ICMP_ECHO = 8
ICMP_ECHOREPLY = 0


def checksum(data):
    """The Internet checksum: the complement of the sum of all 16-bit words, carries included."""
    total = sum(word for word, in struct.iter_unpack('!H', data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo_request(identifier, sequence):
    data = b'bsd-sock'
    header = struct.pack('!BBHHH', ICMP_ECHO, 0, 0, identifier, sequence)
    return struct.pack('!BBHHH', ICMP_ECHO, 0, checksum(header + data), identifier, sequence) + data


host = argument(1, '127.0.0.1')
kind = argument(2, 'raw')
count = argument(3, 3)
type = socket.SOCK_DGRAM if kind == 'dgram' else socket.SOCK_RAW

with socket.socket(socket.AF_INET, type, socket.getprotobyname('icmp')) as s:
    s.settimeout(2)
    # The identifier of a datagram socket is its port, which the kernel chooses.
    if kind == 'dgram':
        s.bind(('', 0))
    identifier = s.getsockname()[1] if kind == 'dgram' else os.getpid() & 0xffff

    for sequence in range(1, count + 1):
        start = time.perf_counter()
        s.sendto(echo_request(identifier, sequence), (host, 0))
        while True:
            data, addr = s.recvfrom(2048)
            # A raw socket gets the IP header, too, and everybody's answers.
            reply = data if kind == 'dgram' else data[(data[0] & 15) * 4:]
            if reply[0] != ICMP_ECHOREPLY:
                continue
            if struct.unpack('!HH', reply[4:8]) != (identifier, sequence):
                continue
            elapsed = (time.perf_counter() - start) * 1000
            print(f'{len(reply)} bytes from {addr[0]}: icmp_seq={sequence} time={elapsed:.3f} ms')
            break
