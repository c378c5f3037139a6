import os
import signal
import socketserver
import sys
import threading

from helpers import argument


class LineHandler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            text = line.decode().strip()
            if not text:
                break
            self.wfile.write((text[::-1] + "\n").encode())


def end(*_):
    # Here it would wait for the thread that it stops.
    threading.Thread(target=server.shutdown).start()


path = argument(1, "lines.sock")
with socketserver.ThreadingUnixStreamServer(path, LineHandler) as server:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    print(f"listening on {path}", file=sys.stderr, flush=True)
    server.serve_forever()
os.unlink(path)
