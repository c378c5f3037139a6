/**
 * An echo with asyncio's streams, the server of Python's documentation; talk to it with asyncio-echo-client.
 *
 *     node build/examples/asyncio-echo-server.js [host] [port]
 */
import * as asyncio from 'bsd-socket/asyncio';
import { announce, argument, repr } from './helpers.ts';

async function handleEcho(reader: asyncio.StreamReader, writer: asyncio.StreamWriter): Promise<void> {
  const data = await reader.read(100);
  const message = data.toString();
  const addr = writer.getExtraInfo('peername');

  console.log(`Received ${repr(message)} from ${repr(addr)}`);

  console.log(`Send: ${repr(message)}`);
  writer.write(data);
  await writer.drain();

  console.log('Close the connection');
  writer.close();
  await writer.waitClosed();
}

await using server = await asyncio.startServer(handleEcho, argument(1, '127.0.0.1'), argument(2, 8888));

const addrs = server.sockets.map((sock) => repr(sock.getsockname())).join(', ');
console.log(`Serving on ${addrs}`);
announce(server.sockets[0]!);

await server.serveForever();
