import os
import socket
import sys


def sd_notify(*lines):
    address = os.environ.get('NOTIFY_SOCKET')
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        # An abstract name has a NUL where its text form has an @.
        s.connect('\0' + address[1:] if address.startswith('@') else address)
        s.sendall('\n'.join(lines).encode())
    return True


lines = sys.argv[1:]
notified = sd_notify(*(lines or ['READY=1', f'MAINPID={os.getpid()}']))
print('notified' if notified else 'NOTIFY_SOCKET is not set')
