/**
 * Answers every datagram in capital letters; talk to it with socketserver-udp-client.
 *
 *     node build/examples/socketserver-udp-server.js [host] [port]
 */
import * as socketserver from 'bsd-socket/socketserver';
import { announce, argument } from './helpers.ts';

class MyUDPHandler extends socketserver.BaseRequestHandler<socketserver.UDPServer> {
  override handle(): void {
    const data = this.request[0].toString().trim();
    const sock = this.request[1];
    console.log(`${this.clientAddress[0]} wrote:`);
    console.log(data);
    sock.sendto(data.toUpperCase(), this.clientAddress);
  }
}

const HOST = argument(1, 'localhost');
const PORT = argument(2, 9999);
using server = new socketserver.UDPServer([HOST, PORT], MyUDPHandler);
announce(server.socket);
server.serveForever();
