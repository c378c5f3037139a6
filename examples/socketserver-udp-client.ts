/**
 * Sends its words to socketserver-udp-server, and prints the answer.
 *
 *     node build/examples/socketserver-udp-client.js [host] [port] [words]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const HOST = argument(1, 'localhost');
const PORT = argument(2, 9999);
const data = process.argv.slice(4).join(' ');

// There is no connect() for UDP: the datagram goes to whoever is named.
using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
sock.sendto(`${data}\n`, [HOST, PORT]);
const received = sock.recv(1024).toString();

console.log(`Sent:     ${data}`);
console.log(`Received: ${received}`);
