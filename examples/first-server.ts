/**
 * Accepts one connection and says who it was; talk to it with first-client.
 *
 *     node build/examples/first-server.js [host] [port]
 */
import * as socket from 'bsd-socket';
import { announce, argument, repr } from './helpers.ts';

using server = socket.socket();
server.bind([argument(1, 'localhost'), argument(2, 12345)]);
server.listen();
announce(server);
const [client, addr] = server.accept();
console.log(`Connection request from: ${repr(addr)}`);
client.close();
