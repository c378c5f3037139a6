/**
 * A chat room on the event loop: what a member says is told to all others. Talk to it with `nc 127.0.0.1 8765`, from
 * several terminals.
 *
 *     node build/examples/chat-room.js [host] [port]
 */
import { ConnectionResetError } from 'bsd-socket';
import * as asyncio from 'bsd-socket/asyncio';
import { announce, argument, repr } from './helpers.ts';

const HOST = argument(1) || '127.0.0.1';
const PORT = argument(2, 8765);

const members = new Map<asyncio.StreamWriter, string>();

async function tell(text: string, but?: asyncio.StreamWriter): Promise<void> {
  const others = [...members.keys()].filter((writer) => writer !== but);
  for (const writer of others) writer.write(text);
  // A member who has gone meanwhile must not end the others' round.
  await Promise.allSettled(others.map((writer) => writer.drain()));
}

async function member(reader: asyncio.StreamReader, writer: asyncio.StreamWriter): Promise<void> {
  const addr = writer.getExtraInfo('peername');
  console.log(`Connected by ${repr(addr)}`);
  try {
    writer.write('Your name? ');
    await writer.drain();
    const name = (await reader.readline()).toString().trim();
    members.set(writer, name);
    await tell(`${name} has joined, we are ${members.size}\n`);
    for await (const line of reader) await tell(`${name}: ${line}`, writer);
  } catch (error) {
    if (!(error instanceof ConnectionResetError)) throw error;
    console.log(`Lost ${repr(addr)}`);
  } finally {
    const name = members.get(writer);
    members.delete(writer);
    if (name !== undefined) await tell(`${name} has left\n`);
    writer.close();
  }
}

await using server = await asyncio.startServer(member, HOST, PORT);
announce(server.sockets[0]!);
await server.serveForever();
