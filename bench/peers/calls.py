"""calls.py CASE COUNT SIZE [PORT]: CPython's side of calls.mjs."""
import json
import socket
import sys
import time


def measure(count, run, size, once):
    """`once` does an operation with other data and returns what has come: nothing may be left over, either."""
    other = b"y" * size
    assert once(other) == other
    run(count // 10)
    started, used = time.perf_counter(), time.process_time()
    run(count)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    assert once(other) == other
    print(json.dumps({"operations": count, "seconds": seconds, "cpu": cpu}))


# Each loop is written out: a call of a function for every turn would be a part of what is measured.


def socketpair_recv(count, size):
    a, b = socket.socketpair()
    data = b"x" * size

    def run(count):
        for _ in range(count):
            a.send(data)
            b.recv(size)

    measure(count, run, size, lambda other: a.send(other) and b.recv(size))


def datagrams(count, size):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to, data = receiver.getsockname(), b"x" * size

    def run(count):
        for _ in range(count):
            sender.sendto(data, to)
            receiver.recvfrom(size)

    measure(count, run, size, lambda other: sender.sendto(other, to) and receiver.recvfrom(size)[0])


def ping_pong(count, size, port):
    s = socket.create_connection(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b"x" * size

    def run(count):
        for _ in range(count):
            s.sendall(data)
            s.recv(size)

    measure(count, run, size, lambda other: s.sendall(other) or s.recv(size))


name, *numbers = sys.argv[1:]
{"socketpair-recv": socketpair_recv, "datagrams": datagrams, "ping-pong": ping_pong}[name](*map(int, numbers))
