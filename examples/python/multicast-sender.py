import socket

from helpers import argument

group = argument(1, '239.1.2.3')

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(argument(3, '0.0.0.0')))
    for message in [b'one', b'two', b'three']:
        s.sendto(message, (group, argument(2, 5007)))
        print('Sent', repr(message))
