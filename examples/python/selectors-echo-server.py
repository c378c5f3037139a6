import selectors
import socket

from helpers import announce, argument

host = argument(1, "127.0.0.1")
port = argument(2, 8001)

sel = selectors.DefaultSelector()


def accept(server):
    conn, address = server.accept()
    print(f"accepted {address}")
    conn.setblocking(False)
    sel.register(conn, selectors.EVENT_READ, echo)


def echo(conn):
    data = b""
    try:
        data = conn.recv(1024)
        if data:
            conn.sendall(data)
    except OSError as error:
        print(f"lost a client: {type(error).__name__}")
        data = b""
    if not data:
        print("closing a connection")
        sel.unregister(conn)
        conn.close()


server = socket.create_server((host, port))
announce(server)
server.setblocking(False)
sel.register(server, selectors.EVENT_READ, accept)

while True:
    for key, mask in sel.select():
        callback = key.data
        callback(key.fileobj)
