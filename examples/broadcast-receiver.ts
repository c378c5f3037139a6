/**
 * Prints what is sent to everybody on a network; send with broadcast-sender.
 *
 *     node build/examples/broadcast-receiver.js [address] [port]
 *
 * The address is the network's broadcast address, or '' for those of all networks.
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
s.options.reuseAddr = true;
s.bind([argument(1, ''), argument(2, 37020)]);
announce(s);

while (true) {
  const [data, addr] = s.recvfrom(1024);
  console.log('Received', repr(data), 'from', repr(addr));
}
