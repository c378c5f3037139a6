import socket
import time

from helpers import argument

SERVER = argument(1, "192.168.56.1")
PORT = argument(2, 9797)

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect((SERVER, PORT))
client.send("Hello world!".encode())
time.sleep(argument(3, 4))
client.shutdown(1)
client.close()
