import socket

from helpers import argument


def service_of(port):
    try:
        return socket.getservbyport(port, 'tcp')
    except OSError:
        return 'unknown'


target = socket.gethostbyname(argument(1, 'localhost'))
first = argument(2, 1)
last = argument(3, 1023)

print(f'Scanning {target}, ports {first} to {last}')

for port in range(first, last + 1):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.settimeout(0.5)
        result = s.connect_ex((target, port))
        if result == 0:
            print(f'Port {port} is open ({service_of(port)})')

print('Done')
