/**
 * Asks a Quote of the Day server (RFC 865) with an empty UDP datagram.
 *
 *     node build/examples/qotd-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);

const message = '';
const addr = [argument(1, 'djxmmx.net'), argument(2, 17)] as const;

s.sendto(message, addr);

const [data] = s.recvfrom(1024);
console.log(data.toString());
