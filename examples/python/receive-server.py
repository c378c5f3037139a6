import socket

from helpers import announce, argument

SERVER = argument(1) or socket.gethostbyname(socket.gethostname())
PORT = argument(2, 9797)

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
    s.bind((SERVER, PORT))
    s.listen(5)
    print(f"[INFO] Listening on {SERVER}:{PORT}")
    announce(s)

    while True:
        conn, addr = s.accept()
        with conn:
            print(f"[CONNECTION] Connected to {addr}")
            # The tutorial has this loop indented once more, which Python takes for an error.
            while True:
                data = conn.recv(1024)
                if not data:
                    break
            conn.sendall(f"[CONNECTION] Received {data} from {addr}".encode())
        print(f"[CONNECTION] Disconnected from {addr}")
