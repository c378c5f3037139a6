import socket
import sys

from helpers import argument

with socket.create_connection((argument(1, "127.0.0.1"), argument(2, 5002))) as s, s.makefile("rwb") as f:
    for name in sys.argv[3:]:
        f.write(f"{name}\n".encode())
        f.flush()
        size = int(f.readline())
        if size < 0:
            print(f"There is no {name}")
            continue
        with open(f"{name}.recv", "wb") as received:
            left = size
            while left > 0:
                data = f.read(min(left, 65536))
                if not data:
                    raise EOFError(f"{left} bytes are missing")
                received.write(data)
                left -= len(data)
        print(f"Received {size} bytes of {name}")
