import socket

from helpers import announce, argument

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((argument(1, ''), argument(2, 37020)))
    announce(s)

    while True:
        data, addr = s.recvfrom(1024)
        print('Received', repr(data), 'from', addr)
