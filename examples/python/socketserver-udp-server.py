import socketserver

from helpers import announce, argument


class MyUDPHandler(socketserver.BaseRequestHandler):
    def handle(self):
        data = self.request[0].strip()
        sock = self.request[1]
        print("{} wrote:".format(self.client_address[0]))
        print(data.decode())
        sock.sendto(data.upper(), self.client_address)


if __name__ == "__main__":
    HOST, PORT = argument(1, "localhost"), argument(2, 9999)
    with socketserver.UDPServer((HOST, PORT), MyUDPHandler) as server:
        announce(server.socket)
        server.serve_forever()
