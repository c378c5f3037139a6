import socket
import struct
import sys

from helpers import argument

ETHERNET = 14


def mac(address):
    return address.hex(':')


ifname = argument(1, 'lo')
port = argument(2, 0)
count = argument(3, 0)

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as s:
    s.bind((ifname, 3))
    print(f'listening on {ifname}', file=sys.stderr, flush=True)

    shown = 0
    while count == 0 or shown < count:
        frame, addr = s.recvfrom(65536)
        _, proto, pkttype, *_ = addr
        # On the loopback interface every packet is seen twice, going and coming.
        if pkttype == socket.PACKET_OUTGOING or proto != 0x0800:
            continue

        ip = frame[ETHERNET:]
        if ip[9] != socket.IPPROTO_UDP:
            continue
        udp = ip[(ip[0] & 15) * 4:]
        source, destination, length = struct.unpack('!HHH', udp[:6])
        if port != 0 and destination != port:
            continue

        print(f'Ethernet {mac(frame[6:12])} -> {mac(frame[0:6])}')
        total, = struct.unpack('!H', ip[2:4])
        print(f'  IP {socket.inet_ntoa(ip[12:16])} -> {socket.inet_ntoa(ip[16:20])}, TTL {ip[8]}, {total} bytes')
        print(f'  UDP {source} -> {destination}: {udp[8:length]!r}')
        shown += 1
