import os
import socket

from helpers import announce, argument

with socket.create_server((argument(1, "127.0.0.1"), argument(2, 5002))) as server:
    announce(server)
    conn, addr = server.accept()
    with conn, conn.makefile("rw") as lines:
        # Of the working folder, and of no other.
        name = os.path.basename(lines.readline().strip())
        with open(name, "rb") as file:
            lines.write(f"{os.fstat(file.fileno()).st_size}\n")
            lines.flush()
            sent = conn.sendfile(file)
        print(f"Sent {sent} bytes of {name} to {addr[0]}")
