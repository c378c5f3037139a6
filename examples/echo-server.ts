/**
 * Sends one client its own bytes back; talk to it with echo-client.
 *
 *     node build/examples/echo-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument } from './helpers.ts';

using s = socket.socket();

const host = argument(1, 'localhost');
const port = argument(2, 8001);

s.bind([host, port]);
console.log(`socket binded to ${port}`);

s.listen();
announce(s);

const [con] = s.accept();

{
  using _ = con;

  while (true) {
    const data = con.recv(1024);

    if (data.length === 0) break;

    con.sendall(data);
  }
}
