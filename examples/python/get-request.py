#!/usr/bin/python

import socket

from helpers import argument

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:

    s.connect((argument(1, "webcode.me"), argument(2, 80)))
    s.sendall(b"GET / HTTP/1.1\r\nHost: webcode.me\r\nAccept: text/html\r\nConnection: close\r\n\r\n")

    while True:

        data = s.recv(1024)

        if not data:
            break

        print(data.decode())
