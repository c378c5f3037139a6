/**
 * Echo servers and their clients over TCP, UDP and Unix sockets: first with synchronous calls, the server in a worker
 * thread, then with asynchronous calls, the server and three clients on one event loop.
 *
 *     npm run demo
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as socket from 'bsd-socket';

const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;

/** Where a server is to listen. The kernel replaces port 0 by a free one. */
type Place = { name: string; family: number; type: number; address: socket.AddressInput };

function openServer({ family, type, address }: Place): socket.Socket<number> {
  const server = socket.socket(family, type);
  server.bind(address);
  if (type === SOCK_STREAM) server.listen();
  return server;
}

function openClient({ family, type }: Place): socket.Socket<number> {
  const client = socket.socket(family, type);
  // A Unix datagram socket gets answers only where it has an address; '' lets the kernel choose one.
  if (family === AF_UNIX && type === SOCK_DGRAM) client.bind('');
  return client;
}

// ---- Synchronous calls: they wait, as in Python, and so a server has its own thread.

async function synchronous(place: Place): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: place });
  const [address] = await once(worker, 'message');
  announce(place, address, 'synchronous calls, the server in a worker thread');
  {
    using client = openClient(place);
    client.connect(address);
    client.sendall(`hello over ${place.name}`);
    report('client', `hello over ${place.name}`, client.recv(1024));
  }
  await once(worker, 'exit');
}

/** Runs in the worker thread and serves one client. */
function serve(place: Place): void {
  using server = openServer(place);
  parentPort!.postMessage(server.getsockname());
  if (place.type === SOCK_DGRAM) {
    const [data, sender] = server.recvfrom(1024);
    server.sendto(data, sender!);
  } else {
    const [connection] = server.accept();
    using _ = connection;
    while (true) {
      const data = connection.recv(1024);
      if (data.length === 0) break;
      connection.sendall(data);
    }
  }
}

// ---- Asynchronous calls: the same with await, and for await over whatever keeps coming.

async function asynchronous(place: Place): Promise<void> {
  const server = openServer(place);
  const address = server.getsockname();
  announce(place, address, 'asynchronous calls, all on one event loop');
  const serving = serveAsync(server);
  await Promise.all(['client 1', 'client 2', 'client 3'].map((name) => greet(name, place, address)));
  server.close(); // which ends the loop of the server
  await serving;
}

async function greet(name: string, place: Place, address: socket.Address): Promise<void> {
  await using client = openClient(place);
  await client.connectAsync(address);
  await client.sendallAsync(`hello from ${name}`);
  report(name, `hello from ${name}`, await client.recvAsync(1024));
}

async function serveAsync(server: socket.Socket<number>): Promise<void> {
  if (server.type === SOCK_DGRAM) {
    for await (const [data, sender] of server.datagrams()) {
      await server.sendtoAsync(data, sender!);
    }
  } else {
    for await (const [connection] of server.connections()) echo(connection);
  }
}

async function echo(connection: socket.Socket<number>): Promise<void> {
  await using _ = connection;
  for await (const data of connection.chunks()) await connection.sendallAsync(data);
}

// ---- What is shown

function announce({ name }: Place, address: unknown, how: string): void {
  console.log(`${name} at ${Array.isArray(address) ? address.join(':') : address}, ${how}`);
}

function report(who: string, sent: string, answer: Buffer): void {
  console.log(`  ${who} sent "${sent}" and got "${answer}"`);
  if (answer.toString() !== sent) throw new Error(`${who} got the wrong answer`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-'));
  const places: Place[] = [
    { name: 'TCP', family: AF_INET, type: SOCK_STREAM, address: ['127.0.0.1', 0] },
    { name: 'UDP', family: AF_INET, type: SOCK_DGRAM, address: ['127.0.0.1', 0] },
    { name: 'Unix stream', family: AF_UNIX, type: SOCK_STREAM, address: join(folder, 'stream') },
    { name: 'Unix datagram', family: AF_UNIX, type: SOCK_DGRAM, address: join(folder, 'datagram') },
  ];
  try {
    for (const place of places) {
      await synchronous(place);
      if (place.family === AF_UNIX) rmSync(place.address as string);
      await asynchronous(place);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log('All answers were right.');
}

// Seconds, for all threads: should an answer not come, the demo ends with a TimeoutError.
socket.setdefaulttimeout(5);
if (isMainThread) await main();
else serve(workerData as Place);
