/**
 * Gets a page by HTTPS: node's TLS and HTTP, over a socket of ours.
 *
 *     node build/examples/https-over-duplex.js [host] [port] [file of certificates to trust]
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const host = argument(1, 'example.com');
const file = argument(3);
const ca = file ? readFileSync(file) : undefined;

const sock = await socket.createConnectionAsync([host, argument(2, 443)]);
const secure = tls.connect({ socket: sock.toDuplex(), servername: host, ca });
const request = https.get({ host, path: '/', createConnection: () => secure });
const [response] = (await once(request, 'response')) as [IncomingMessage];
console.log(response.statusCode, response.statusMessage);
console.log(await text(response));
