// Calls everything that allocates, succeeds and fails in turn, then ends by itself: for LeakSanitizer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as socket from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { outward } from '../fixtures/native-calls.mjs';

const ROUNDS = 50;
const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SO_RCVBUF } = socket;

function attempt(call) {
  try {
    return call();
  } catch (error) {
    assert(error instanceof Error);
  }
}

function synchronous() {
  const server = socket.createServer(['127.0.0.1', 0]);
  const client = socket.createConnection(server.getsockname());
  const [connection] = server.accept();
  client.sendall(Buffer.alloc(10_000, 'x'));
  connection.recv(5_000);
  connection.recv(1_000_000);
  connection.settimeout(0.001);
  attempt(() => connection.recv(1));
  client.getsockopt(SOL_SOCKET, SO_RCVBUF, 4);
  client.dup().close();
  for (const each of [server, client, connection]) each.close();
  attempt(() => client.recv(1));

  const unix = socket.socket(AF_UNIX, SOCK_DGRAM);
  unix.bind(`\0bsd-socket-leaks-${process.pid}`);
  unix.sendto('to itself', unix.getsockname());
  unix.recvfrom(100);
  unix.close();
  const [first, second] = socket.socketpair();
  first.sendmsg(['one', Buffer.from('two')], [socket.ancillary.rights([0, 0])]);
  socket.recvFds(second, 2, 9)[1].forEach(socket.close);
  second.recvmsgInto([Buffer.alloc(3), Buffer.alloc(100)], 100_000);
  attempt(() => second.recvmsg(1, 64, socket.MSG_DONTWAIT));
  first.close();
  second.close();
  for (const family of [AF_INET, AF_INET6, AF_UNIX, -1, 9999]) {
    for (const each of attempt(() => socket.socketpair(family)) ?? []) each.close();
  }
}

function wrongArguments() {
  const values = [
    undefined,
    null,
    -1,
    2 ** 40,
    NaN,
    'text',
    {},
    [],
    Symbol('s'),
    1n,
    Buffer.alloc(3),
    () => 1,
  ];
  for (const [name, call] of Object.entries(binding)) {
    // A number might be a descriptor of this process, and these would act on it.
    if (typeof call !== 'function' || name === 'close' || outward.includes(name)) continue;
    for (const value of values) attempt(() => call(value));
    const bytes = Buffer.alloc(8);
    attempt(() => call(-1, bytes, bytes, bytes, bytes, bytes));
  }
}

function names() {
  socket.getaddrinfo('127.0.0.1', 80);
  attempt(() => socket.getaddrinfo('::1', 'http'));
  attempt(() => socket.getaddrinfo('no such host', 1));
  socket.getnameinfo(['127.0.0.1', 80], socket.NI_NUMERICHOST | socket.NI_NUMERICSERV);
  socket.inetNtop(AF_INET6, socket.inetPton(AF_INET6, '2001:db8::1'));
  attempt(() => socket.inetPton(AF_INET, 'x'));
  socket.gethostname();
}

async function asynchronous() {
  const server = socket.createServer(['127.0.0.1', 0]);
  const client = socket.socket(AF_INET, SOCK_STREAM);
  const accepting = server.acceptAsync();
  await client.connectAsync(server.getsockname());
  const [connection] = await accepting;
  const receiving = connection.recvAsync(100);
  await client.sendallAsync('hello');
  await receiving;

  const aborted = connection.recvAsync(1, 0, { signal: AbortSignal.timeout(1) });
  await assert.rejects(aborted);
  connection.settimeout(0.001);
  await assert.rejects(connection.recvAsync(1));
  connection.settimeout(null);
  const closed = connection.recvAsync(1);
  connection.close();
  await assert.rejects(closed);
  for (const each of [server, client]) each.close();

  await socket.getaddrinfoAsync('localhost', 80);
  await socket.getnameinfoAsync(['127.0.0.1', 80], socket.NI_NUMERICHOST | socket.NI_NUMERICSERV);
  await assert.rejects(socket.getaddrinfoAsync('no such host', 1));
}

/** A worker that is ended while it waits, once in a blocked call and once on its event loop. */
async function worker(code) {
  const thread = new Worker(
    `import('bsd-socket').then(async (socket) => {
    const [left, right] = socket.socketpair();
    (await import('node:worker_threads')).parentPort.postMessage('ready');
    ${code};
  })`,
    { eval: true },
  );
  await once(thread, 'message');
  await thread.terminate();
}

for (let round = 0; round < ROUNDS; round++) {
  synchronous();
  names();
  await asynchronous();
}
wrongArguments();
await worker('left.recv(1)');
await worker('await left.recvAsync(1)');
await worker('left.close(); right.close()');
