/**
 * Tries to connect to each port of a range, and prints those that are open, with the service that is usual there.
 *
 *     node build/examples/port-scanner.js [host] [first port] [last port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

function serviceOf(port: number): string {
  try {
    return socket.getservbyport(port, 'tcp');
  } catch {
    return 'unknown';
  }
}

const target = socket.gethostbyname(argument(1, 'localhost'));
const first = argument(2, 1);
const last = argument(3, 1023);

console.log(`Scanning ${target}, ports ${first} to ${last}`);

for (let port = first; port <= last; port++) {
  using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  s.settimeout(0.5);
  const result = s.connectEx([target, port]);
  if (result === 0) console.log(`Port ${port} is open (${serviceOf(port)})`);
}

console.log('Done');
