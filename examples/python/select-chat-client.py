import os
import select
import socket
import sys

from helpers import argument

host = argument(1, "127.0.0.1")
port = argument(2, 5002)

stdin = 0

with socket.create_connection((host, port)) as s:
    sources = [s, stdin]
    while True:
        readable, _, _ = select.select(sources, [], [])
        if s in readable:
            data = s.recv(1024)
            if not data:
                break
            sys.stdout.write(data.decode())
        if stdin in readable:
            line = os.read(stdin, 1024)
            if line:
                s.sendall(line)
            else:
                s.shutdown(socket.SHUT_WR)
                sources = [s]
