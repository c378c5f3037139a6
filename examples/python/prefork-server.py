import os
import signal
import socketserver
import sys

from helpers import announce, argument


class PidHandler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline()
        self.wfile.write(b"%d %s" % (os.getpid(), line))


class ReusePortServer(socketserver.TCPServer):
    allow_reuse_port = True


def serve(address, ready):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    with ReusePortServer(address, PidHandler) as server:
        os.write(ready, b"!")
        server.serve_forever()


def main(address):
    # It has the port and does not listen, so that no connection comes here.
    reserved = ReusePortServer(address, PidHandler, False)
    reserved.server_bind()
    children = []
    reader, writer = os.pipe()
    for _ in range(argument(3, 2)):
        pid = os.fork()
        if pid == 0:
            return serve(reserved.server_address, writer)
        children.append(pid)
        os.read(reader, 1)

    def end(*_):
        for pid in children:
            os.kill(pid, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    announce(reserved.socket)
    for pid in children:
        os.waitpid(pid, 0)
    print(len(children), "processes have ended")


main((argument(1, "localhost"), argument(2, 9999)))
