import socket

from helpers import argument

s = socket.socket()
host = argument(1, "127.0.0.1")
port = argument(2, 5001)

s.connect((host, port))
s.send("Hello server!".encode())

with open("recv.txt", "wb") as f:
    while True:
        print("Receiving data...")
        data = s.recv(1024)
        if not data:
            break
        f.write(data)
f.close()
print("Successfully received")
s.close()
print("Connection closed")
