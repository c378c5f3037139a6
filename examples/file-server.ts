/**
 * Sends the file test.txt of the working folder to one client: file-client.
 *
 *     node build/examples/file-server.js [host] [port]
 */
import { closeSync, openSync, readSync } from 'node:fs';
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

const host = argument(1, '127.0.0.1');
const port = argument(2, 5001);
using server = socket.socket();
server.bind([host, port]);
server.listen();
announce(server);
const [conn] = server.accept();
conn.recv(1024);
const filename = 'test.txt';
const f = openSync(filename, 'r');
const buffer = Buffer.alloc(1024);
while (true) {
  const l = buffer.subarray(0, readSync(f, buffer));
  if (l.length === 0) break;
  conn.send(l);
  console.log('Sent', repr(l));
}
closeSync(f);
console.log('File transferred');
conn.close();
