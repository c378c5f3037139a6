/**
 * Answers one client in capital letters; talk to it with first-client.
 *
 *     node build/examples/upper-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

using server = socket.socket();
server.bind([argument(1, 'localhost'), argument(2, 12345)]);
server.listen();
announce(server);
const [conn, addr] = server.accept();
console.log(`Connection from: ${repr(addr)}`);
while (true) {
  const data = conn.recv(1024).toString();
  if (!data) break;
  console.log(`From client: ${data}`);
  conn.send(data.toUpperCase());
}
conn.close();
