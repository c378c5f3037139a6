import socket

from helpers import announce, argument

group = argument(1, '239.1.2.3')
address = argument(3, '0.0.0.0')

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((group, argument(2, 5007)))
    membership = socket.inet_aton(group) + socket.inet_aton(address)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    announce(s)

    while True:
        data, addr = s.recvfrom(1024)
        print('Received', repr(data), 'from', addr)
