import socket

from helpers import argument

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for message in [b'one', b'two', b'three']:
        s.sendto(message, (argument(1, '<broadcast>'), argument(2, 37020)))
        print('Sent', repr(message))
