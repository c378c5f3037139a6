/**
 * Prints the IPv4 address of a host.
 *
 *     node build/examples/get-ip.js [host]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const ip = socket.gethostbyname(argument(1, 'example.com'));
console.log(ip);
