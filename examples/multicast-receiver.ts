/**
 * Joins a multicast group and prints what is sent to it; send with multicast-sender.
 *
 *     node build/examples/multicast-receiver.js [group] [port] [interface]
 *
 * The interface is given by its address: without one the routing table chooses it.
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

const group = argument(1, '239.1.2.3');
const address = argument(3, '0.0.0.0');

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
s.options.reuseAddr = true;
s.bind([group, argument(2, 5007)]);
s.options.joinGroup(group, { interface: address });
announce(s);

while (true) {
  const [data, addr] = s.recvfrom(1024);
  console.log('Received', repr(data), 'from', repr(addr));
}
