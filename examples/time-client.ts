/**
 * Asks a daytime server (RFC 867) for the date and the time, over TCP.
 *
 *     node build/examples/time-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);

const host = argument(1, 'time.nist.gov');
const port = argument(2, 13);

s.connect([host, port]);
s.sendall('');
console.log(s.recv(4096).toString());
