/**
 * A chat with one client, whose messages it prints in capital letters: it waits for you to type each answer. Talk to
 * it with chat-client.
 *
 *     node build/examples/chat-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';
import { input } from './input.ts';

const host = argument(1, '127.0.0.1');
const port = argument(2, 5001);
using server = socket.socket();
server.bind([host, port]);
server.listen();
announce(server);
const [conn, addr] = server.accept();
console.log(`Connection from: ${repr(addr)}`);
while (true) {
  let data = conn.recv(1024).toString();
  if (!data) break;
  data = data.toUpperCase();
  console.log(`From client: ${data}`);
  data = input('Type message: ');
  conn.send(data);
}
conn.close();
