import socket

from helpers import argument

with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
    sock.connect(argument(1, "lines.sock"))
    with sock.makefile("rw") as file:
        while True:
            try:
                line = input("> ")
            except EOFError:
                break
            file.write(line + "\n")
            file.flush()
            answer = file.readline()
            if not answer:
                break
            print(answer.strip())
