/**
 * Serves any number of clients at once, with a thread for each. Talk to it with hello-client.
 *
 *     node build/examples/threaded-server.js [host] [port]
 */
import { isMainThread } from 'node:worker_threads';
import * as socket from 'bsd-socket';
import * as threading from 'bsd-socket/threading';
import { announce, argument, repr } from './helpers.ts';

export function clientThread(conn: socket.Socket, addr: socket.InetAddress): void {
  {
    using _ = conn;
    console.log(`[CONNECTION] Connected to ${repr(addr)}`);
    while (true) {
      const data = conn.recv(1024);
      if (data.length === 0) break;
      conn.sendall(`[CONNECTION] Received ${repr(data)} from ${repr(addr)}`);
    }
  }
  console.log(`[CONNECTION] Disconnected from ${repr(addr)}`);
}

// A thread imports this file for its function, and must not be a server of its own.
if (isMainThread) {
  const SERVER = argument(1) || socket.gethostbyname(socket.gethostname());
  const PORT = argument(2, 9797);

  using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  s.bind([SERVER, PORT]);
  s.listen(5);
  console.log(`[INFO] Listening on ${SERVER}:${PORT}`);
  announce(s);

  while (true) {
    const [conn, addr] = s.accept();
    console.log(`[INFO] Starting thread for connection ${repr(addr)}`);
    const target = new URL('#clientThread', import.meta.url);
    const thread = new threading.Thread({ target, args: [conn, addr] });
    thread.start();
  }
}
