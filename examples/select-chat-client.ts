/**
 * Talks to select-chat-server: waits for what you type and for what the others say at the same time, with select. It
 * ends when you end your input with Ctrl-D.
 *
 *     node build/examples/select-chat-client.js [host] [port]
 */
import { readSync } from 'node:fs';
import * as socket from 'bsd-socket';
import * as select from 'bsd-socket/select';
import { argument } from './helpers.ts';

const host = argument(1, '127.0.0.1');
const port = argument(2, 5002);

const stdin = 0;
const chunk = Buffer.alloc(1024);

using s = socket.createConnection([host, port]);
let sources: (number | socket.Socket)[] = [s, stdin];
while (true) {
  const [readable] = select.select(sources, [], []);
  if (readable.includes(s)) {
    const data = s.recv(1024);
    if (data.length === 0) break;
    process.stdout.write(data);
  }
  if (readable.includes(stdin)) {
    const line = chunk.subarray(0, readSync(stdin, chunk));
    if (line.length > 0) {
      s.sendall(line);
    } else {
      s.shutdown(socket.SHUT_WR);
      sources = [s];
    }
  }
}
