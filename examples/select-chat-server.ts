/**
 * A chat room: what one client says all others hear. One thread serves them all, with select, and waits for nobody: what
 * a client does not take yet is kept for it. Talk to it with select-chat-client.
 *
 *     node build/examples/select-chat-server.js [host] [port]
 */

import * as socket from 'bsd-socket';
import * as select from 'bsd-socket/select';
import { announce, argument, repr } from './helpers.ts';

const host = argument(1, '127.0.0.1');
const port = argument(2, 5002);

const names = new Map<socket.Socket, string>();
const outgoing = new Map<socket.Socket, Buffer>();

function say(text: string, speaker?: socket.Socket): void {
  for (const [client, waiting] of outgoing) {
    if (client !== speaker) outgoing.set(client, Buffer.concat([waiting, Buffer.from(text)]));
  }
}

function join(client: socket.Socket, address: socket.InetAddress): void {
  client.setblocking(false);
  const name = repr(address);
  console.log(`${name} comes`);
  say(`${name} comes\n`);
  names.set(client, name);
  outgoing.set(client, Buffer.alloc(0));
}

function leave(client: socket.Socket): void {
  const name = names.get(client);
  names.delete(client);
  outgoing.delete(client);
  client.close();
  console.log(`${name} goes`);
  say(`${name} goes\n`);
}

function listen(client: socket.Socket): void {
  const data = client.recv(1024);
  if (data.length > 0) say(`${names.get(client)}: ${data}`, client);
  else leave(client);
}

function talk(client: socket.Socket): void {
  const waiting = outgoing.get(client)!;
  outgoing.set(client, waiting.subarray(client.send(waiting)));
}

/** Lets a client do what it is ready for, unless it has left. */
function serve(client: socket.Socket, action: (client: socket.Socket) => void): void {
  if (!names.has(client)) return;
  try {
    action(client);
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    leave(client);
  }
}

using server = socket.createServer([host, port]);
announce(server);

while (true) {
  const clients = [...names.keys()];
  const talking = clients.filter((client) => outgoing.get(client)!.length > 0);
  const [readable, writable] = select.select([server, ...clients], talking, []);
  for (const client of writable) serve(client, talk);
  for (const sock of readable) {
    if (sock === server) join(...server.accept());
    else serve(sock, listen);
  }
}
