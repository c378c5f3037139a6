#!/usr/bin/python

import socket

from helpers import argument

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:

    message = b''
    addr = (argument(1, "djxmmx.net"), argument(2, 17))

    s.sendto(message, addr)

    data, address = s.recvfrom(1024)
    print(data.decode())
