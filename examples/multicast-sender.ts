/**
 * Sends to all members of a multicast group on this network: see multicast-receiver.
 *
 *     node build/examples/multicast-sender.js [group] [port] [interface]
 */
import * as socket from 'bsd-socket';
import { argument, repr } from './helpers.ts';

const group = argument(1, '239.1.2.3');

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
s.options.ipMulticastTtl = 1;
s.options.ipMulticastIf = argument(3, '0.0.0.0');
for (const message of ['one', 'two', 'three']) {
  s.sendto(message, [group, argument(2, 5007)]);
  console.log('Sent', repr(Buffer.from(message)));
}
