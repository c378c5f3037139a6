/**
 * Sends any number of clients their own bytes back, with a selector that knows what to do for each of its sockets. A
 * client that does not take them is cut off. Talk to it with echo-client.
 *
 *     node build/examples/selectors-echo-server.js [host] [port]
 */

import * as socket from 'bsd-socket';
import * as selectors from 'bsd-socket/selectors';
import { announce, argument, repr } from './helpers.ts';

const host = argument(1, '127.0.0.1');
const port = argument(2, 8001);

const sel = new selectors.DefaultSelector();

function accept(server: socket.Socket): void {
  const [conn, address] = server.accept();
  console.log(`accepted ${repr(address)}`);
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, echo);
}

function echo(conn: socket.Socket): void {
  let data: Buffer = Buffer.alloc(0);
  try {
    data = conn.recv(1024);
    if (data.length > 0) conn.sendall(data);
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    console.log(`lost a client: ${error.name}`);
    data = Buffer.alloc(0);
  }
  if (data.length === 0) {
    console.log('closing a connection');
    sel.unregister(conn);
    conn.close();
  }
}

const server = socket.createServer([host, port]);
announce(server);
server.setblocking(false);
sel.register(server, selectors.EVENT_READ, accept);

while (true) {
  for (const [key] of sel.select()) {
    const callback = key.data;
    callback(key.fileobj);
  }
}
