/**
 * Sends every datagram back to where it came from; talk to it with udp-client.
 *
 *     node build/examples/udp-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
s.bind([argument(1, 'localhost'), argument(2, 65432)]);
announce(s);

while (true) {
  const [data, addr] = s.recvfrom(1024);
  console.log('Received', repr(data), 'from', repr(addr));
  s.sendto(data, addr!);
}
