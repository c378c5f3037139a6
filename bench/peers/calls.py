"""calls.py CASE COUNT SIZE [PORT]: CPython's side of calls.mjs."""
import json
import socket
import sys
import time


def measure(count, run):
    run(count // 10)
    started, used = time.perf_counter(), time.process_time()
    run(count)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({"operations": count, "seconds": seconds, "cpu": cpu}))


# Each loop is written out: a call of a function for every turn would be a part of what is measured.


def socketpair_recv(count, size):
    a, b = socket.socketpair()
    data = bytes(size)

    def run(count):
        for _ in range(count):
            a.send(data)
            b.recv(size)

    measure(count, run)


def datagrams(count, size):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to, data = receiver.getsockname(), bytes(size)

    def run(count):
        for _ in range(count):
            sender.sendto(data, to)
            receiver.recvfrom(size)

    measure(count, run)


def ping_pong(count, size, port):
    s = socket.create_connection(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = bytes(size)

    def run(count):
        for _ in range(count):
            s.sendall(data)
            s.recv(size)

    measure(count, run)


name, *numbers = sys.argv[1:]
{"socketpair-recv": socketpair_recv, "datagrams": datagrams, "ping-pong": ping_pong}[name](*map(int, numbers))
