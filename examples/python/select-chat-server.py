import select
import socket

from helpers import announce, argument

host = argument(1, "127.0.0.1")
port = argument(2, 5002)

names = {}
outgoing = {}


def say(text, speaker=None):
    for client in outgoing:
        if client is not speaker:
            outgoing[client] += text.encode()


def join(client, address):
    client.setblocking(False)
    name = str(address)
    print(f"{name} comes")
    say(f"{name} comes\n")
    names[client] = name
    outgoing[client] = b""


def leave(client):
    name = names.pop(client)
    del outgoing[client]
    client.close()
    print(f"{name} goes")
    say(f"{name} goes\n")


def listen(client):
    data = client.recv(1024)
    if data:
        say(f"{names[client]}: {data.decode()}", client)
    else:
        leave(client)


def talk(client):
    waiting = outgoing[client]
    outgoing[client] = waiting[client.send(waiting):]


def serve(client, action):
    """Lets a client do what it is ready for, unless it has left."""
    if client not in names:
        return
    try:
        action(client)
    except OSError:
        leave(client)


with socket.create_server((host, port)) as server:
    announce(server)

    while True:
        clients = [*names]
        talking = [client for client in clients if outgoing[client]]
        readable, writable, _ = select.select([server, *clients], talking, [])
        for client in writable:
            serve(client, talk)
        for sock in readable:
            if sock is server:
                join(*server.accept())
            else:
                serve(sock, listen)
