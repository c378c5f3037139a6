/** Sockets of ours handed over to node:net, node:dgram and child processes: by their descriptors. */
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { AF_UNIX, SHUT_WR, SOCK_DGRAM, SOCK_STREAM, socketpair } from 'bsd-socket';
import { getNonblocking } from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AnySocket,
  bound,
  failure,
  families,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  pattern,
  unixPath,
  until,
} from './support.ts';

const present = families.filter(({ missing }) => missing === undefined);
function unixPair(type: number): [AnySocket, AnySocket] {
  const [one, other] = socketpair<number>(AF_UNIX, type);
  return [keep(one), keep(other)];
}

const LARGE = pattern(2_000_000);

async function all(stream: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** A net.Socket over a descriptor, destroyed when the test is over. */
function netSocket(fd: number, options: net.SocketConstructorOpts = {}): net.Socket {
  const socket = new net.Socket({ fd, readable: true, writable: true, ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

describe.each(present)('$name', (family) => {
  test.each([null, 0, 5])(
    'a connected socket becomes a net.Socket, with a timeout of %s',
    async (timeout) => {
      const [client, server] = pair(family);
      client.settimeout(timeout);
      const [here, there] = family.unix ? [[], []] : [name(client), name(server)];
      const fd = client.detach();
      expect([client.closed, client.fileno()]).toEqual([true, -1]);
      const theirs = netSocket(fd);
      expect([theirs.localPort, theirs.remotePort]).toEqual([here[1], there[1]]);
      // libuv sets it whatever it was.
      expect(getNonblocking(fd)).toBe(1);
      const received = all(theirs);
      const sent = server.sendallAsync(LARGE).then(() => server.shutdown(SHUT_WR));
      theirs.end('from node');
      expect(String(await server.recvAsync(99))).toBe('from node');
      expect((await server.recvAsync(99)).length).toBe(0);
      await sent;
      expect((await received).equals(LARGE)).toBe(true);
      await until(() => theirs.closed);
    },
  );

  test('a listening socket, and one that is bound only, become a net.Server', async () => {
    for (const make of [listening, bound]) {
      const socket = make(family);
      const address = name(socket);
      const server = net.createServer((connection) => connection.end('from node'));
      onTestFinished(() => {
        server.close();
      });
      server.listen({ fd: socket.detach() });
      await once(server, 'listening');
      if (!family.unix) expect(server.address()).toMatchObject({ address: address[0], port: address[1] });
      const client = open(family);
      await client.connectAsync(address);
      expect(String(await client.recvAsync(99))).toBe('from node');
    }
  });
});

test('without "readable" and "writable" a net.Socket is neither', () => {
  const socket = netSocket(pair(inet)[0].detach(), { readable: false, writable: false });
  expect([socket.readable, socket.writable]).toEqual([false, false]);
});

test('a duplicate goes to node, and ours stays', async () => {
  const [client, server] = pair(inet);
  const theirs = netSocket(client.dup().detach());
  theirs.write('through node ');
  await until(() => theirs.bytesWritten > 0 && theirs.writableLength === 0);
  client.sendall('and through us');
  await until(() => server.recv(99, 2).length === 27);
  theirs.destroy();
  await once(theirs, 'close');
  expect(client.getpeername()).toEqual(name(server));
});

test('a UDP socket becomes a dgram.Socket', async () => {
  const socket = bound(inet, SOCK_DGRAM);
  const address = name(socket);
  const theirs = dgram.createSocket('udp4');
  onTestFinished(() => {
    theirs.close();
  });
  await new Promise<void>((resolve) => theirs.bind({ fd: socket.detach() }, resolve));
  theirs.on('message', (message, { port, address: host }) => theirs.send(`${message}!`, port, host));
  const client = open(inet, SOCK_DGRAM);
  await client.sendtoAsync('hello', address);
  expect(String(await client.recvAsync(99))).toBe('hello!');
});

test('a socket that node has no handle for is refused by node, and is still ours', async () => {
  const [one, other] = unixPair(SOCK_DGRAM);
  expect(await failure(() => new net.Socket({ fd: one.fileno() }))).toMatchObject({
    code: 'ERR_INVALID_FD_TYPE',
  });
  one.send('x');
  expect(String(other.recv(9))).toBe('x');
});

test('the standard streams of a child process, which makes them blocking', async () => {
  const [here, there] = unixPair(SOCK_STREAM);
  there.settimeout(0);
  const child = spawn('cat', { stdio: [there.fileno(), there.fileno(), 'inherit'] });
  const fd = there.fileno();
  await once(child, 'spawn');
  expect(getNonblocking(fd)).toBe(0);
  there.close();
  here.sendall('through a cat');
  here.shutdown(SHUT_WR);
  expect(await text(here.toDuplex())).toBe('through a cat');
});

test('a connection that goes to another process by child.send()', async () => {
  const program = `process.once('message', (_, socket) => socket.end('from the child', () => process.disconnect()))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [client, server] = pair(inet);
  child.send('take it', netSocket(server.detach()));
  expect(String(await client.recvAsync(99))).toBe('from the child');
  client.close();
  await once(child, 'exit');
});

test('a Unix listener that node closes leaves its path', async () => {
  const socket = listening(unixPath);
  const address = name(socket);
  const server = net.createServer().listen({ fd: socket.detach() });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
  expect(await failure(() => open(unixPath).connect(address))).toMatchObject({ code: 'ECONNREFUSED' });
});
