#!/usr/bin/python

import socket

from helpers import argument

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:

    host = argument(1, "localhost")
    port = argument(2, 8001)

    s.connect((host, port))
    s.sendall(b'hello there')
    print(str(s.recv(4096), 'utf-8'))
