import socket

from helpers import argument

client_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client_socket.connect((argument(1, 'localhost'), argument(2, 65432)))
client_socket.sendall(b'Hello, server')
data = client_socket.recv(1024)
print('Received', repr(data))
client_socket.close()
