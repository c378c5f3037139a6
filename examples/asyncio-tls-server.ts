/**
 * Sends every line back in capital letters, over TLS; talk to it with asyncio-tls-client.
 *
 *     node build/examples/asyncio-tls-server.js [host] [port] [file of the certificate] [file of its key]
 */
import { readFileSync } from 'node:fs';
import * as asyncio from 'bsd-socket/asyncio';
import { announce, argument, repr } from './helpers.ts';

async function handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter): Promise<void> {
  const peer = repr(writer.getExtraInfo('peername'));
  for await (const line of reader) {
    console.log('Received', repr(line), 'from', peer);
    writer.write(line.toString().toUpperCase());
    await writer.drain();
  }
  console.log('Closing', peer);
  writer.close();
  await writer.waitClosed();
}

const ssl = { cert: readFileSync(argument(3, 'cert.pem')), key: readFileSync(argument(4, 'key.pem')) };
await using server = await asyncio.startServer(handle, argument(1, 'localhost'), argument(2, 8443), { ssl });
announce(server.sockets[0]!);
await server.serveForever();
