/**
 * Echoes what each client says first, any number of clients at once; talk to it with echo-client.
 *
 *     node build/examples/async-server.js [host] [port]
 */
import * as asyncio from 'bsd-socket/asyncio';
import { announce, argument } from './helpers.ts';

async function handleClient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter): Promise<void> {
  const data = await reader.read(1024);
  writer.write(data);
  writer.close();
}

// Node's event loop runs as long as there is a server.
const server = await asyncio.startServer(handleClient, argument(1, 'localhost'), argument(2, 8001));
announce(server.sockets[0]!);
