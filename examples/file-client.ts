/**
 * Fetches the file that file-server sends into recv.txt in the working folder.
 *
 *     node build/examples/file-client.js [host] [port]
 */
import { open } from 'node:fs/promises';
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const s = socket.socket();
const host = argument(1, '127.0.0.1');
const port = argument(2, 5001);

s.connect([host, port]);
s.send('Hello server!');

{
  await using f = await open('recv.txt', 'w');
  while (true) {
    console.log('Receiving data...');
    const data = s.recv(1024);
    if (data.length === 0) break;
    await f.write(data);
  }
}
console.log('Successfully received');
s.close();
console.log('Connection closed');
