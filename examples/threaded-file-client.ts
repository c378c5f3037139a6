/**
 * Fetches files from threaded-file-server, each into its name with .recv behind it, in the working folder.
 *
 *     node build/examples/threaded-file-client.js [host] [port] [name ...]
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

using s = socket.createConnection([argument(1, '127.0.0.1'), argument(2, 5002)]);
using f = s.makefile('rwb');
for (let index = 3; argument(index); index++) {
  const name = argument(index);
  f.write(`${name}\n`);
  f.flush();
  const size = Number(f.readline());
  if (size < 0) {
    console.log(`There is no ${name}`);
    continue;
  }
  const received = openSync(`${name}.recv`, 'w');
  for (let left = size; left > 0; ) {
    const data = f.read(Math.min(left, 65536))!;
    if (data.length === 0) throw new Error(`${left} bytes are missing`);
    writeSync(received, data);
    left -= data.length;
  }
  closeSync(received);
  console.log(`Received ${size} bytes of ${name}`);
}
