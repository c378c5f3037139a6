/**
 * Greets receive-server or multi-client-server, waits for four seconds and goes.
 *
 *     node build/examples/hello-client.js [host] [port] [seconds]
 */
import { setTimeout } from 'node:timers/promises';
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const SERVER = argument(1, '192.168.56.1');
const PORT = argument(2, 9797);

const client = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
client.connect([SERVER, PORT]);
client.send('Hello world!');
await setTimeout(argument(3, 4) * 1000);
client.shutdown(socket.SHUT_WR);
client.close();
