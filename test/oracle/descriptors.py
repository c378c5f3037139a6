"""Tells what a socket made from descriptors is, one JSON line for each; echoes what it can receive at once.

With "make", makes sockets, runs the rest of the command line with their descriptors behind it, and prints what they
are in Python's eyes, then what that program printed.
"""
import json
import os
import socket
import subprocess
import sys


def described(sock):
    name = sock.getsockname()
    return {
        'family': int(sock.family),
        'type': int(sock.type),
        'proto': sock.proto,
        'timeout': sock.gettimeout(),
        'name': {'bytes': name.hex()} if isinstance(name, bytes) else list(name) if isinstance(name, tuple) else name,
    }


def make():
    plain = [socket.socket(*args) for args in [
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK),
        (socket.AF_INET6, socket.SOCK_DGRAM),
        (socket.AF_UNIX, socket.SOCK_STREAM),
        (socket.AF_UNIX, socket.SOCK_SEQPACKET),
    ]]
    bound = socket.create_server(('127.0.0.1', 0))
    abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    abstract.bind(b'')
    waiting = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    waiting.settimeout(3)
    one, two = socket.socketpair()
    one.sendall(b'from Python')
    sockets = plain + [bound, abstract, waiting, two]
    for sock in sockets:
        sock.set_inheritable(True)
    fds = [sock.fileno() for sock in sockets]
    # What Python itself finds out from a descriptor alone.
    print(json.dumps([described(socket.socket(fileno=os.dup(fd))) for fd in fds]), flush=True)
    subprocess.run(sys.argv[2:] + [json.dumps(fds)], close_fds=False, check=True, stdin=subprocess.DEVNULL)
    print(json.dumps(one.recv(100).decode()), flush=True)


def adopt():
    for fd in json.loads(sys.argv[2]):
        sock = socket.socket(fileno=fd)
        print(json.dumps(described(sock)), flush=True)
        try:
            sock.send(sock.recv(100, socket.MSG_DONTWAIT))
        except OSError:
            pass


{'make': make, 'adopt': adopt}[sys.argv[1]]()
