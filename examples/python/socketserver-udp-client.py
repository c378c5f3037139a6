import socket
import sys

from helpers import argument

HOST, PORT = argument(1, "localhost"), argument(2, 9999)
data = " ".join(sys.argv[3:])

# There is no connect() for UDP: the datagram goes to whoever is named.
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.sendto(bytes(data + "\n", "utf-8"), (HOST, PORT))
received = str(sock.recv(1024), "utf-8")

print("Sent:     {}".format(data))
print("Received: {}".format(received))
