import socket

from helpers import announce, argument

host = argument(1, "127.0.0.1")
port = argument(2, 5001)
server = socket.socket()
server.bind((host, port))
server.listen()
announce(server)
conn, addr = server.accept()
data = conn.recv(1024).decode()
filename = "test.txt"
f = open(filename, "rb")
while True:
    l = f.read(1024)
    if not l:
        break
    conn.send(l)
    print("Sent", repr(l))
f.close()
print("File transferred")
conn.close()
