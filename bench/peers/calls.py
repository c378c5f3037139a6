"""calls.py CASE COUNT SIZE: CPython's side of the cases that one process measures by itself."""
import json
import socket
import sys
import time


def measure(count, operation):
    for _ in range(count // 10):
        operation()
    started, used = time.perf_counter(), time.process_time()
    for _ in range(count):
        operation()
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({"operations": count, "seconds": seconds, "cpu": cpu}))


def socketpair_recv(count, size):
    a, b = socket.socketpair()
    data = bytes(size)

    def operation():
        a.send(data)
        b.recv(size)

    measure(count, operation)


def datagrams(count, size):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to, data = receiver.getsockname(), bytes(size)

    def operation():
        sender.sendto(data, to)
        receiver.recvfrom(size)

    measure(count, operation)


def ping_pong(count, size, port):
    s = socket.create_connection(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = bytes(size)

    def operation():
        s.sendall(data)
        s.recv(size)

    measure(count, operation)


name, *numbers = sys.argv[1:]
{"socketpair-recv": socketpair_recv, "datagrams": datagrams, "ping-pong": ping_pong}[name](*map(int, numbers))
