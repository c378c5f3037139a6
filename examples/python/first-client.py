import socket

from helpers import argument

obj = socket.socket()
obj.connect((argument(1, "localhost"), argument(2, 12345)))
message = input("Type message: ")
while message != "q":
    obj.send(message.encode())
    data = obj.recv(1024).decode()
    print("Received from server: " + data)
    message = input("Type message: ")
obj.close()
