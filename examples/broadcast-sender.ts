/**
 * Sends to everybody on a network: see broadcast-receiver.
 *
 *     node build/examples/broadcast-sender.js [address] [port]
 */
import * as socket from 'bsd-socket';
import { argument, repr } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
s.options.broadcast = true;
for (const message of ['one', 'two', 'three']) {
  s.sendto(message, [argument(1, '<broadcast>'), argument(2, 37020)]);
  console.log('Sent', repr(Buffer.from(message)));
}
