/** The addresses of a host, tried in order and raced: with fake look-ups, and with real ones in a network of its own. */
import { writeFileSync } from 'node:fs';
import { AF_INET, AF_INET6, SOCK_STREAM, type Socket } from 'bsd-socket';
import { openConnection } from 'bsd-socket/asyncio';
import { describe, expect, test } from 'vitest';
import { interleaved } from '../dist/asyncio/connect-addresses.js';
import { isolated, isolation } from './namespaces.ts';
import { libraryUrl } from './peers.ts';
import { failure, fullBacklog, inet, listening, name, path, until, watch } from './support.ts';

type Row = Parameters<typeof interleaved>[0][number];
const row = (family: number, host: string): Row => [family, SOCK_STREAM, 6, '', [host, 1]] as never;

describe('interleaved', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((host) => row(AF_INET6, host)) as [Row, Row, Row, Row];
  const [x, y] = ['x', 'y'].map((host) => row(AF_INET, host)) as [Row, Row];

  test.each([
    [[a, b, c, d, x, y], 1, [a, x, b, y, c, d]],
    [[a, b, c, d, x, y], 2, [a, b, x, c, y, d]],
    [[a, b, c, d, x, y], 3, [a, b, c, x, d, y]],
    [[x, a, y, b], 1, [x, a, y, b]],
    [[x, y], 9, [x, y]],
    [[], 1, []],
  ] as [Row[], number, Row[]][])('%#', (rows, first, expected) => {
    expect(interleaved(rows, first)).toEqual(expected);
  });
});

/** An address where nobody listens. */
function nobody(): number {
  const server = listening(inet);
  const [, port] = name(server);
  server.close();
  return port;
}

test.each([undefined, 0.25])('one address, happyEyeballsDelay %s', async (happyEyeballsDelay) => {
  const server = listening(inet);
  const [, port] = name(server);
  const [, writer] = await openConnection('127.0.0.1', port, { happyEyeballsDelay });
  const socket: Socket = writer.getExtraInfo('socket');
  expect(socket.gettimeout()).toBe(0);
  writer.close();
  await writer.waitClosed();
  const error = await failure(() => openConnection('127.0.0.1', nobody(), { happyEyeballsDelay }));
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  const all = await failure(() =>
    openConnection('127.0.0.1', nobody(), { happyEyeballsDelay, allErrors: true }),
  );
  expect(all).toBeInstanceOf(AggregateError);
  expect(all.errors).toMatchObject([{ code: 'ECONNREFUSED' }]);
});

test('localAddr', async () => {
  const server = listening(inet);
  const [, port] = name(server);
  const free = nobody();
  const [, writer] = await openConnection('127.0.0.1', port, { localAddr: ['127.0.0.1', free] });
  expect(writer.getExtraInfo('sockname')).toEqual(['127.0.0.1', free]);
  writer.transport.abort();
  await writer.waitClosed();
  const taken = await failure(() => openConnection('127.0.0.1', port, { localAddr: ['127.0.0.1', port] }));
  expect(taken).toMatchObject({ code: 'EADDRINUSE' });
  expect(taken.message).toMatch(/while attempting to bind on address .*: address already in use/);
  const other = await failure(() => openConnection('127.0.0.1', port, { localAddr: ['::1', 0] }));
  expect(other.message).toMatch('no matching local address with family=AF_INET found');
});

test('a signal ends all attempts and closes their sockets', async () => {
  const { server } = fullBacklog(inet);
  const [host, port] = name(server);
  for (const happyEyeballsDelay of [null, 0]) {
    const controller = new AbortController();
    const opening = watch(openConnection(host, port, { happyEyeballsDelay, signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    await until(() => opening.state !== 'pending');
    expect(opening.error).toBe(reason);
  }
});

// A name with an address of each family, of which the resolver gives that of IPv6 first.
const network = isolation('net', 'mount');
const NETWORK = `
  ip link set lo up
  mount --bind "$1" /etc/hosts
  exec "$2" --input-type=module -e "$3"
`;
const HOSTS = '::1 both.test\n127.0.0.1 both.test\n';

/**
 * What a program of ours finds out in that network. It has `open`; `port`, on which a server listens at 127.0.0.1;
 * `silence(host, port)`, which makes an address of this machine one that does not answer; and leaks no descriptor.
 */
function inNetwork(program: string): unknown {
  const hosts = path();
  writeFileSync(hosts, HOSTS);
  const source = `
    import { readdirSync } from 'node:fs';
    import { AF_INET, AF_INET6, Socket } from '${libraryUrl}';
    import { openConnection, startServer } from '${libraryUrl.replace('index', 'asyncio')}';
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const kept = [];
    const silence = (host, port) => {
      const family = host.includes(':') ? AF_INET6 : AF_INET;
      const server = new Socket(family);
      server.bind([host, port]);
      server.listen(0);
      kept.push(server);
      // Fills the queue: what comes after that gets no answer.
      for (;;) {
        const client = new Socket(family);
        client.settimeout(0.05);
        kept.push(client);
        if (client.connectEx([host, server.getsockname()[1]]) !== 0) return server.getsockname()[1];
      }
    };
    const ends = [];
    const server = await startServer((_, writer) => {
      writer.close();
      ends.push(writer.waitClosed());
    }, '127.0.0.1', 0);
    const port = server.sockets[0].getsockname()[1];
    const open = async (port, options) => {
      const [, writer] = await openConnection('both.test', port, options);
      const [peer] = writer.getExtraInfo('peername');
      writer.close();
      await writer.waitClosed();
      return peer;
    };
    await open(port);
    // The server's end of it may still be open, or not even accepted.
    while (ends.length === 0) await new Promise(setImmediate);
    await Promise.all(ends);
    const before = descriptors();
    const result = await (async () => { ${program} })();
    server.close();
    await server.waitClosed();
    await Promise.all(ends);
    for (const socket of kept) socket.close();
    console.log(JSON.stringify({ result, leaked: descriptors() - before + 1 }));
  `;
  const { result, leaked } = JSON.parse(isolated(network, NETWORK, hosts, process.execPath, source));
  expect(leaked).toBe(0);
  return result;
}

describe.skipIf(network.missing)(`in a network of its own ${network.missing ?? ''}`, () => {
  test('an address that is silent is passed by', () => {
    const result = inNetwork(`
      silence('::1', port);
      const start = performance.now();
      const peer = await open(port, { happyEyeballsDelay: 0.05 });
      return { peer, late: performance.now() - start > 48 };
    `);
    expect(result).toEqual({ peer: '127.0.0.1', late: true });
  });

  test('an address that refuses is passed by at once', () => {
    expect(inNetwork(`return open(port, { happyEyeballsDelay: 1000 });`)).toBe('127.0.0.1');
    expect(inNetwork(`return open(port);`)).toBe('127.0.0.1');
  });

  test('a signal ends the race', () => {
    const result = inNetwork(`
      const dead = silence('::1', 0);
      silence('127.0.0.1', dead);
      const signal = AbortSignal.timeout(50);
      return open(dead, { happyEyeballsDelay: 0.01, signal }).catch((error) => error.name);
    `);
    expect(result).toBe('TimeoutError');
  });

  test('all that has gone wrong is told', () => {
    const result = inNetwork(`
      server.close();
      const one = await open(port, { interleave: 1 }).catch((error) => error);
      const all = await open(port, { happyEyeballsDelay: 0, allErrors: true }).catch((error) => error);
      return { text: one.message, causes: one.cause.errors.length, all: all.errors.map(({ code }) => code) };
    `) as { text: string };
    expect(result).toMatchObject({ causes: 2, all: ['ECONNREFUSED', 'ECONNREFUSED'] });
    expect(result.text).toMatch(/^Multiple exceptions: \[Errno 111\] .*::1.*, \[Errno 111\] .*127\.0\.0\.1/);
  });
});
