import socket

from helpers import announce, argument

server = socket.socket()
server.bind((argument(1, "localhost"), argument(2, 12345)))
server.listen()
announce(server)
conn, addr = server.accept()
print("Connection from: " + str(addr))
while True:
    data = conn.recv(1024).decode()
    if not data:
        break
    print("From client: " + data)
    conn.send(data.upper().encode())
conn.close()
