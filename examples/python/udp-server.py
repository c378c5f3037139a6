import socket

from helpers import announce, argument

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.bind((argument(1, 'localhost'), argument(2, 65432)))
    announce(s)

    while True:
        data, addr = s.recvfrom(1024)
        print('Received', repr(data), 'from', addr)
        s.sendto(data, addr)
