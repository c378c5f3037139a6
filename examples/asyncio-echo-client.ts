/**
 * Sends a greeting to asyncio-echo-server and prints what comes back: the client of Python's documentation.
 *
 *     node build/examples/asyncio-echo-client.js [host] [port] [message]
 */
import * as asyncio from 'bsd-socket/asyncio';
import { argument, repr } from './helpers.ts';

async function tcpEchoClient(message: string): Promise<void> {
  const [reader, writer] = await asyncio.openConnection(argument(1, '127.0.0.1'), argument(2, 8888));

  console.log(`Send: ${repr(message)}`);
  writer.write(message);
  await writer.drain();

  const data = await reader.read(100);
  console.log(`Received: ${repr(data.toString())}`);

  console.log('Close the connection');
  writer.close();
  await writer.waitClosed();
}

await tcpEchoClient(argument(3, 'Hello World!'));
