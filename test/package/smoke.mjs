/**
 * One echo each over TCP, UDP and Unix sockets, synchronous and asynchronous, for machines on which the test-suite
 * does not run: an empty folder with the published package, another processor. Ends with code 0 and one line that
 * says which compiled addon was used.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, socket } from 'bsd-socket';

const message = Buffer.from('hello, world');
const abstract = (name) => `\0bsd-socket-smoke-${process.pid}-${name}`;

/** Both ends in one thread: the kernel's buffers hold what is under way. */
function streamEcho(family, address) {
  const server = socket(family, SOCK_STREAM);
  server.bind(address);
  server.listen();
  const client = socket(family, SOCK_STREAM);
  client.connect(server.getsockname());
  const [connection] = server.accept();
  client.sendall(message);
  connection.sendall(connection.recv(100));
  assert.deepEqual(client.recv(100), message);
  for (const each of [server, client, connection]) each.close();
}

async function streamEchoAsync(family, address) {
  const server = socket(family, SOCK_STREAM);
  server.bind(address);
  server.listen();
  const client = socket(family, SOCK_STREAM);
  const accepting = server.acceptAsync();
  await client.connectAsync(server.getsockname());
  const [connection] = await accepting;
  const answer = client.recvAsync(100);
  await client.sendallAsync(message);
  await connection.sendallAsync(await connection.recvAsync(100));
  assert.deepEqual(await answer, message);
  for (const each of [server, client, connection]) each.close();
}

function datagramEcho(family, serverAddress, clientAddress) {
  const server = socket(family, SOCK_DGRAM);
  server.bind(serverAddress);
  const client = socket(family, SOCK_DGRAM);
  client.bind(clientAddress);
  client.sendto(message, server.getsockname());
  const [data, from] = server.recvfrom(100);
  server.sendto(data, from);
  assert.deepEqual(client.recvfrom(100), [message, server.getsockname()]);
  for (const each of [server, client]) each.close();
}

async function datagramEchoAsync(family, serverAddress, clientAddress) {
  const server = socket(family, SOCK_DGRAM);
  server.bind(serverAddress);
  const client = socket(family, SOCK_DGRAM);
  client.bind(clientAddress);
  const receiving = server.recvfromAsync(100);
  await client.sendtoAsync(message, server.getsockname());
  const [data, from] = await receiving;
  await server.sendtoAsync(data, from);
  assert.deepEqual(await client.recvfromAsync(100), [message, server.getsockname()]);
  for (const each of [server, client]) each.close();
}

streamEcho(AF_INET, ['127.0.0.1', 0]);
streamEcho(AF_UNIX, abstract('stream'));
datagramEcho(AF_INET, ['127.0.0.1', 0], ['127.0.0.1', 0]);
datagramEcho(AF_UNIX, abstract('server'), abstract('client'));
await streamEchoAsync(AF_INET, ['127.0.0.1', 0]);
await streamEchoAsync(AF_UNIX, abstract('stream-async'));
await datagramEchoAsync(AF_INET, ['127.0.0.1', 0], ['127.0.0.1', 0]);
await datagramEchoAsync(AF_UNIX, abstract('server-async'), abstract('client-async'));

const [addon] = readFileSync('/proc/self/maps', 'utf8').match(/\/\S*bsd[-_]socket\S*\.node$/m) ?? ['?'];
console.log(`smoke test: ok on ${process.platform}-${process.arch}, Node.js ${process.version}, ${addon}`);
