/**
 * Sends the file that its client asks for, with sendfile(2): sendfile-client.
 *
 *     node build/examples/sendfile-server.js [host] [port]
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import * as socket from 'bsd-socket';
import { announce, argument } from './helpers.ts';

using server = socket.createServer([argument(1, '127.0.0.1'), argument(2, 5002)]);
announce(server);
const [conn, addr] = server.accept();
using lines = conn.makefile('rw');
// Of the working folder, and of no other.
const name = basename(lines.readline().trim());
const file = openSync(name, 'r');
lines.write(`${fstatSync(file).size}\n`);
lines.flush();
const sent = conn.sendfile(file);
closeSync(file);
// It stays open until `lines` is closed too.
conn.close();
console.log(`Sent ${sent} bytes of ${name} to ${addr[0]}`);
