/**
 * A chat with chat-server: sends what you type and prints the answers, until you type q.
 *
 *     node build/examples/chat-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';
import { input } from './input.ts';

const host = argument(1, '127.0.0.1');
const port = argument(2, 5001);
const obj = socket.socket();
obj.connect([host, port]);
let message = input('Type message: ');
while (message !== 'q') {
  obj.send(message);
  const data = obj.recv(1024).toString();
  console.log(`Received from server: ${data}`);
  message = input('Type message: ');
}
obj.close();
