import socket

from helpers import argument

HOST, PORT, wanted = argument(1, "localhost"), argument(2, 9999), argument(3, 2)

pids = set()
while len(pids) < wanted:
    with socket.create_connection((HOST, PORT)) as sock:
        sock.sendall(b"hello\n")
        with sock.makefile("r") as file:
            pid, rest = file.readline().split(" ", 1)
            if rest != "hello\n":
                raise ValueError("that is no answer")
            pids.add(pid)
print(f"Served by {len(pids)} processes")
