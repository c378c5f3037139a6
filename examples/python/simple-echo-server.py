import socket

from helpers import announce, argument

server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server_socket.bind((argument(1, 'localhost'), argument(2, 65432)))
server_socket.listen()
announce(server_socket)
print('Server listening on port 65432...')
conn, addr = server_socket.accept()
with conn:
    print('Connected by', addr)
    while True:
        data = conn.recv(1024)
        if not data:
            break
        conn.sendall(data)
