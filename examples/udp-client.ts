/**
 * Sends a datagram to udp-server and prints the one that comes back.
 *
 *     node build/examples/udp-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument, repr } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
s.sendto('Hello, server', [argument(1, 'localhost'), argument(2, 65432)]);
const [data, addr] = s.recvfrom(1024);
console.log('Received', repr(data), 'from', repr(addr));
