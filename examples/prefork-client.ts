/**
 * Connects to prefork-server again and again until it has been served by several processes, and says by how many.
 *
 *     node build/examples/prefork-client.js [host] [port] [processes]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const [HOST, PORT, wanted] = [argument(1, 'localhost'), argument(2, 9999), argument(3, 2)];

const pids = new Set<string>();
while (pids.size < wanted) {
  using sock = socket.createConnection([HOST, PORT]);
  sock.sendall('hello\n');
  using file = sock.makefile('r');
  const [pid, ...rest] = file.readline().split(' ');
  if (rest.join(' ') !== 'hello\n') throw new Error('that is no answer');
  pids.add(pid!);
}
console.log(`Served by ${pids.size} processes`);
