import socket

from helpers import argument

host = argument(1, "webcode.me")
with socket.create_connection((host, argument(2, 80))) as s, s.makefile("rwb") as f:
    f.write(f"GET {argument(3, '/')} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    f.flush()

    version, status = f.readline().decode().split(" ")[:2]
    print(f"{version} says {status}")
    headers = {}
    for line in f:
        if line == b"\r\n":
            break
        name, value = line.decode().split(": ", 1)
        headers[name.lower()] = value.strip()
    for name, value in headers.items():
        print(f"{name} = {value}")

    body = f.read(int(headers.get("content-length", -1)))
    print(f"{len(body)} bytes:")
    print(body.decode())
