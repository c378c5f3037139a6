import socket

from helpers import announce, argument

server = socket.socket()
server.bind((argument(1, "localhost"), argument(2, 12345)))
server.listen()
announce(server)
client, addr = server.accept()
print("Connection request from: " + str(addr))
