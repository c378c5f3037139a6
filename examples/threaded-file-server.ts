/**
 * Sends files by sendfile(2), as many as each client asks for, with a thread for each client: threaded-file-client.
 *
 *     node build/examples/threaded-file-server.js [host] [port]
 */
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import * as socket from 'bsd-socket';
import * as threading from 'bsd-socket/threading';
import { announce, argument } from './helpers.ts';

/** The sizes of files in bytes, -1 where there is none, and their bytes: the answers to lines with their names. */
export function sendFiles(conn: socket.Socket, counter: threading.Lock, sent: SharedArrayBuffer): void {
  using _ = conn;
  using lines = conn.makefile('rw');
  const total = new Int32Array(sent);
  for (let line = lines.readline(); line !== ''; line = lines.readline()) {
    // Of the working folder, and of no other.
    const name = basename(line.trim());
    if (!existsSync(name)) {
      lines.write('-1\n');
      lines.flush();
      continue;
    }
    const file = openSync(name, 'r');
    lines.write(`${fstatSync(file).size}\n`);
    lines.flush();
    conn.sendfile(file);
    closeSync(file);
    using _held = counter.hold();
    total[0] = total[0]! + 1;
    console.log(`Sent ${name}, the file number ${total[0]}`);
  }
}

if (isMainThread) {
  const counter = new threading.Lock();
  const sent = new SharedArrayBuffer(4);
  using server = socket.createServer([argument(1, '127.0.0.1'), argument(2, 5002)]);
  announce(server);
  while (true) {
    const [conn] = server.accept();
    const target = new URL('#sendFiles', import.meta.url);
    new threading.Thread({ target, args: [conn, counter, sent], daemon: true }).start();
  }
}
