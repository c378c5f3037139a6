import os
import socket
import subprocess
import sys

file = sys.argv[1] if len(sys.argv) > 1 else __file__
program = sys.argv[2:] or [sys.executable, __file__.replace('parent', 'child')]

ours, theirs = socket.socketpair()
with ours:
    # The child's standard input is its end of the pair.
    child = subprocess.Popen(program, stdin=theirs)
    theirs.close()

    fd = os.open(file, os.O_RDONLY)
    socket.send_fds(ours, [b'a file'], [fd])
    os.close(fd)  # The child has its own by now.
    print('The child says:', ours.recv(1024).decode())
    child.wait()
