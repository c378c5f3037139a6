import socket

from helpers import argument

HOST, PORT = argument(1, "localhost"), argument(2, 9999)

while True:
    try:
        data = input("Enter text: ")
    except EOFError:
        break
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.connect((HOST, PORT))
        sock.sendall(bytes(data + "\n", "utf-8"))
        received = str(sock.recv(1024), "utf-8")
        print("Sent: {}".format(data))
        print("Received: {}".format(received))
