import socket

from helpers import argument

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b'Hello, server', (argument(1, 'localhost'), argument(2, 65432)))
    data, addr = s.recvfrom(1024)
    print('Received', repr(data), 'from', addr)
