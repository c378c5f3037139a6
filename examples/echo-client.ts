/**
 * Sends a greeting to echo-server and prints what comes back.
 *
 *     node build/examples/echo-client.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

using s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);

const host = argument(1, 'localhost');
const port = argument(2, 8001);

s.connect([host, port]);
s.sendall('hello there');
console.log(s.recv(4096).toString());
