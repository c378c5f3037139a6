import os
import socket
import threading

from helpers import announce, argument


def send_files(conn, counter, sent):
    """The sizes of files in bytes, -1 where there is none, and their bytes: the answers to lines with their names."""
    with conn, conn.makefile("rw") as lines:
        for line in lines:
            # Of the working folder, and of no other.
            name = os.path.basename(line.strip())
            if not os.path.exists(name):
                lines.write("-1\n")
                lines.flush()
                continue
            with open(name, "rb") as file:
                lines.write(f"{os.fstat(file.fileno()).st_size}\n")
                lines.flush()
                conn.sendfile(file)
            with counter:
                sent[0] += 1
                print(f"Sent {name}, the file number {sent[0]}")


if __name__ == "__main__":
    counter = threading.Lock()
    sent = [0]
    with socket.create_server((argument(1, "127.0.0.1"), argument(2, 5002))) as server:
        announce(server)
        while True:
            conn, _ = server.accept()
            threading.Thread(target=send_files, args=(conn, counter, sent), daemon=True).start()
