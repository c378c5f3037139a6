import socket
import threading

from helpers import announce, argument


def client_thread(conn, addr):
    with conn:
        print(f"[CONNECTION] Connected to {addr}")
        while True:
            data = conn.recv(1024)
            if not data:
                break
            conn.sendall(f"[CONNECTION] Received {data} from {addr}".encode())
    print(f"[CONNECTION] Disconnected from {addr}")


if __name__ == "__main__":
    SERVER = argument(1) or socket.gethostbyname(socket.gethostname())
    PORT = argument(2, 9797)

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind((SERVER, PORT))
        s.listen(5)
        print(f"[INFO] Listening on {SERVER}:{PORT}")
        announce(s)

        while True:
            conn, addr = s.accept()
            print(f"[INFO] Starting thread for connection {addr}")
            thread = threading.Thread(target=client_thread, args=(conn, addr))
            thread.start()
