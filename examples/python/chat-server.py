import socket

from helpers import announce, argument

host = argument(1, "127.0.0.1")
port = argument(2, 5001)
server = socket.socket()
server.bind((host, port))
server.listen()
announce(server)
conn, addr = server.accept()
print("Connection from: " + str(addr))
while True:
    data = conn.recv(1024).decode()
    if not data:
        break
    data = str(data).upper()
    print("From client: " + str(data))
    data = input("Type message: ")
    conn.send(data.encode())
conn.close()
