import socket

from helpers import argument

host = argument(1, "127.0.0.1")
port = argument(2, 5001)
obj = socket.socket()
obj.connect((host, port))
message = input("Type message: ")
while message != "q":
    obj.send(message.encode())
    data = obj.recv(1024).decode()
    print("Received from server: " + data)
    message = input("Type message: ")
obj.close()
