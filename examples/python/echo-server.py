#!/usr/bin/python

import socket
import time

from helpers import announce, argument

with socket.socket() as s:

    host = argument(1, 'localhost')
    port = argument(2, 8001)

    s.bind((host, port))
    print(f'socket binded to {port}')

    s.listen()
    announce(s)

    con, addr = s.accept()

    with con:

        while True:

            data = con.recv(1024)

            if not data:
                break

            con.sendall(data)
