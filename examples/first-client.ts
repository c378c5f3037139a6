/**
 * Sends what you type and prints the answers, until you type q; first-server only takes the connection, upper-server
 * answers.
 *
 *     node build/examples/first-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';
import { input } from './input.ts';

const obj = socket.socket();
obj.connect([argument(1, 'localhost'), argument(2, 12345)]);
let message = input('Type message: ');
while (message !== 'q') {
  obj.send(message);
  const data = obj.recv(1024).toString();
  console.log(`Received from server: ${data}`);
  message = input('Type message: ');
}
obj.close();
