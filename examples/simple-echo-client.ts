/**
 * Sends a greeting to simple-echo-server and prints what comes back, as bytes.
 *
 *     node build/examples/simple-echo-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument, repr } from './helpers.ts';

const clientSocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
clientSocket.connect([argument(1, 'localhost'), argument(2, 65432)]);
clientSocket.sendall('Hello, server');
const data = clientSocket.recv(1024);
console.log('Received', repr(data));
clientSocket.close();
