import socket
import struct
from datetime import datetime, timezone

from helpers import announce, argument

# Not all versions of Python have these.
SO_TIMESTAMPNS = 35
IP_PKTINFO = 8

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    s.setsockopt(socket.SOL_IP, IP_PKTINFO, 1)
    s.bind((argument(1, ''), argument(2, 65432)))
    announce(s)

    while True:
        data, ancdata, _, addr = s.recvmsg(1024, 128)
        print('Received', repr(data), 'from', addr)
        answer = []
        for level, type, content in ancdata:
            if (level, type) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = struct.unpack('qq', content)
                time = datetime.fromtimestamp(seconds, timezone.utc).isoformat()[:19]
                print(f'  at {time}.{nanoseconds // 1_000_000:03}Z')
            elif (level, type) == (socket.SOL_IP, IP_PKTINFO):
                index, own, destination = struct.unpack('=I4s4s', content)
                print('  for', socket.inet_ntoa(destination), 'on interface', index)
                answer.append((level, type, struct.pack('=I4s4s', index, own, bytes(4))))
        s.sendmsg([data], answer, 0, addr)
