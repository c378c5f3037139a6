/**
 * Takes one client after the other, receives all that it sends and answers at the end; talk to it with hello-client.
 *
 *     node build/examples/receive-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

const SERVER = argument(1) || socket.gethostbyname(socket.gethostname());
const PORT = argument(2, 9797);

using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
s.bind([SERVER, PORT]);
s.listen(5);
console.log(`[INFO] Listening on ${SERVER}:${PORT}`);
announce(s);

while (true) {
  const [conn, addr] = s.accept();
  {
    using _ = conn;
    console.log(`[CONNECTION] Connected to ${repr(addr)}`);
    // The tutorial has this loop indented once more, which Python takes for an error.
    let data: Buffer;
    do {
      data = conn.recv(1024);
    } while (data.length > 0);
    conn.sendall(`[CONNECTION] Received ${repr(data)} from ${repr(addr)}`);
  }
  console.log(`[CONNECTION] Disconnected from ${repr(addr)}`);
}
