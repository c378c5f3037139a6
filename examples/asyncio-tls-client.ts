/**
 * Sends two lines to asyncio-tls-server, whose certificate it verifies, and prints what comes back.
 *
 *     node build/examples/asyncio-tls-client.js [host] [port] [file of certificates to trust] [name in the certificate]
 */
import { readFileSync } from 'node:fs';
import * as asyncio from 'bsd-socket/asyncio';
import { argument, repr } from './helpers.ts';

const host = argument(1, 'localhost');
const ssl = { ca: readFileSync(argument(3, 'cert.pem')) };
const [reader, writer] = await asyncio.openConnection(host, argument(2, 8443), {
  ssl,
  serverHostname: argument(4, host),
  happyEyeballsDelay: 0.25,
});
for (const line of ['Hello, world\n', 'Over TLS\n']) {
  writer.write(line);
  await writer.drain();
  console.log('Received', repr(await reader.readline()));
}
writer.close();
await writer.waitClosed();
