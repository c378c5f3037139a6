/**
 * Prints what each client sends, and sends back what you type; talk to it with any number of socketserver-tcp-client.
 *
 *     node build/examples/socketserver-tcp-server.js [host] [port]
 */
import * as socketserver from 'bsd-socket/socketserver';
import { announce, argument } from './helpers.ts';
import { input } from './input.ts';

class MyTCPHandler extends socketserver.BaseRequestHandler {
  override handle(): void {
    const data = this.request.recv(1024).toString().trim();
    const [host] = this.clientAddress;
    console.log(`${host} wrote:`);
    console.log(data);
    const msg = input('Enter text: ');
    this.request.sendall(msg);
  }
}

const HOST = argument(1, 'localhost');
const PORT = argument(2, 9999);
using server = new socketserver.TCPServer([HOST, PORT], MyTCPHandler);
announce(server.socket);
server.serveForever();
