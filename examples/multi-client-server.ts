/**
 * Serves any number of clients at once: where the Python original starts a thread for each, this one starts a task on
 * the event loop. Talk to it with hello-client.
 *
 *     node build/examples/multi-client-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

const SERVER = argument(1) || socket.gethostbyname(socket.gethostname());
const PORT = argument(2, 9797);

async function clientTask(conn: socket.Socket, addr: socket.InetAddress): Promise<void> {
  {
    using _ = conn;
    console.log(`[CONNECTION] Connected to ${repr(addr)}`);
    while (true) {
      const data = await conn.recvAsync(1024);
      if (data.length === 0) break;
      await conn.sendallAsync(`[CONNECTION] Received ${repr(data)} from ${repr(addr)}`);
    }
  }
  console.log(`[CONNECTION] Disconnected from ${repr(addr)}`);
}

using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
s.bind([SERVER, PORT]);
s.listen(5);
console.log(`[INFO] Listening on ${SERVER}:${PORT}`);
announce(s);

while (true) {
  const [conn, addr] = await s.acceptAsync();
  console.log(`[INFO] Starting task for connection ${repr(addr)}`);
  // Not awaited. An error ends this client's task only, as it would end its thread.
  clientTask(conn, addr).catch(console.error);
}
