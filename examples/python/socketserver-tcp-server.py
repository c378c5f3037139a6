import socketserver

from helpers import announce, argument


class MyTCPHandler(socketserver.BaseRequestHandler):
    def handle(self):
        data = self.request.recv(1024).strip()
        host, _ = self.client_address
        print("{} wrote:".format(host))
        print(data.decode())
        msg = input("Enter text: ")
        self.request.sendall(msg.encode())


if __name__ == "__main__":
    HOST, PORT = argument(1, "localhost"), argument(2, 9999)
    with socketserver.TCPServer((HOST, PORT), MyTCPHandler) as server:
        announce(server.socket)
        server.serve_forever()
