/**
 * Sends what you type to socketserver-tcp-server, each line in a connection of its own, and prints the answers.
 *
 *     node build/examples/socketserver-tcp-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';
import { EOFError, input } from './input.ts';

const HOST = argument(1, 'localhost');
const PORT = argument(2, 9999);

while (true) {
  let data: string;
  try {
    data = input('Enter text: ');
  } catch (error) {
    if (error instanceof EOFError) break;
    throw error;
  }
  using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  sock.connect([HOST, PORT]);
  sock.sendall(`${data}\n`);
  const received = sock.recv(1024).toString();
  console.log(`Sent: ${data}`);
  console.log(`Received: ${received}`);
}
