/** toDuplex(): the stream itself. What runs over it is in duplex-node.test.ts. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { Duplex, finished, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  createServer,
  IPPROTO_TCP,
  OSError,
  SHUT_WR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  type SocketDuplex,
  socketpair,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from 'bsd-socket';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { child } from './peers.ts';
import {
  type AnySocket,
  bound,
  failure,
  families,
  fill,
  inet,
  keep,
  listening,
  name,
  noSuchHost,
  open,
  pair,
  pattern,
  turns,
  unixPath,
  until,
  watch,
} from './support.ts';

const present = families.filter(({ missing }) => missing === undefined);

/** A stream that is destroyed when the test is over. */
function duplexOf(socket: AnySocket, options?: Parameters<AnySocket['toDuplex']>[0]): SocketDuplex {
  const duplex = socket.toDuplex(options);
  onTestFinished(() => {
    duplex.destroy();
  });
  return duplex;
}

/** All that a stream receives. (`for await` would destroy it at its end, with what it still has to send.) */
async function all(duplex: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  duplex.on('data', (chunk) => chunks.push(chunk));
  await once(duplex, 'end');
  return Buffer.concat(chunks);
}

/** The error that a stream is destroyed with. */
async function destroyed(duplex: Duplex): Promise<Error & Record<string, unknown>> {
  const [error] = await once(duplex, 'error');
  return error;
}

describe.each(present)('$name', (family) => {
  test('carries bytes both ways', async () => {
    const [client, server] = pair(family).map((socket) => duplexOf(socket)) as [SocketDuplex, SocketDuplex];
    expect(client).toBeInstanceOf(Duplex);
    const [up, down] = [pattern(3_000_000), pattern(1_000_000)];
    client.end(up);
    server.end(down);
    const [received, answered] = await Promise.all([all(server), all(client)]);
    expect(received.equals(up)).toBe(true);
    expect(answered.equals(down)).toBe(true);
    expect([client.bytesWritten, client.bytesRead]).toEqual([3_000_000, 1_000_000]);
    await Promise.all([client, server].map((each) => each.closed || once(each, 'close')));
    expect([client.socket.closed, server.socket.closed]).toEqual([true, true]);
  });

  test('has the names that node:net has', () => {
    const [client, server] = pair(family);
    const duplex = duplexOf(client);
    const names = [duplex.remoteAddress, duplex.remotePort, duplex.localAddress, duplex.localPort];
    const kind = { '127.0.0.1': 'IPv4', '::1': 'IPv6' }[duplex.localAddress ?? ''];
    const here = family.unix ? [] : name(client);
    const there = family.unix ? [] : name(server);
    expect(names).toEqual([there[0], there[1], here[0], here[1]]);
    expect([duplex.remoteFamily, duplex.localFamily]).toEqual([kind, kind]);
    expect(duplex.address()).toEqual(family.unix ? {} : { address: here[0], port: here[1], family: kind });
    duplex.destroy();
    expect([duplex.remoteAddress, duplex.localPort]).toEqual([there[0], here[1]]);
  });

  test('connects', async () => {
    const server = listening(family);
    const duplex = duplexOf(open(family));
    expect([duplex.pending, duplex.connecting, duplex.readyState]).toEqual([true, false, 'open']);
    const events: string[] = [];
    for (const event of ['connect', 'ready', 'data', 'end', 'close'])
      duplex.on(event, () => events.push(event));
    const connected = () => events.push('listener');
    const address = name(server);
    // Written before there is a connection, as clients do.
    duplex.write('early ');
    const returned = family.unix
      ? duplex.connect({ path: address }, connected)
      : duplex.connect(address[1], address[0], connected);
    expect(returned).toBe(duplex);
    expect([duplex.pending, duplex.connecting, duplex.readyState]).toEqual([true, true, 'opening']);
    duplex.end('birds');
    const [connection] = await server.acceptAsync();
    keep(connection);
    expect(String(await connection.recvAsync(99))).toMatch(/^early /);
    connection.sendall('ok');
    connection.close();
    await once(duplex, 'close');
    expect(events).toEqual(['connect', 'listener', 'ready', 'data', 'end', 'close']);
    expect([duplex.pending, duplex.connecting, duplex.readyState]).toEqual([false, false, 'closed']);
  });
});

describe('connect', () => {
  test('takes an object, a port alone, and a path alone', async () => {
    const tcp = listening(inet);
    const port = name(tcp)[1];
    await once(duplexOf(open(inet)).connect({ port, host: '127.0.0.1' }), 'connect');
    await once(duplexOf(open(inet)).connect(port), 'connect');
    await once(duplexOf(open(inet)).connect(String(port), 'localhost'), 'ready');
    const unix = listening(unixPath);
    await new Promise<void>((resolve) => duplexOf(open(unixPath)).connect(name(unix), resolve));
  });

  test('destroys the stream with the error as it is', async () => {
    const refusing = bound(inet);
    const duplex = duplexOf(open(inet));
    const written = new Promise((resolve) => duplex.write('never', resolve));
    duplex.connect(name(refusing)[1], '127.0.0.1');
    expect(await destroyed(duplex)).toMatchObject({ name: 'ConnectionRefusedError', code: 'ECONNREFUSED' });
    expect(await written).toMatchObject({ code: 'ENOTCONN' });
    expect([duplex.connecting, duplex.socket.closed]).toEqual([false, true]);
  });

  test.each([
    [noSuchHost, 80, 'gaierror'],
    ['127.0.0.1', 65536, 'RangeError'],
    ['127.0.0.1', Number.NaN, 'RangeError'],
  ])('destroys the stream with what else is wrong: %s, %s', async (host, port, type) => {
    const duplex = duplexOf(open(inet));
    duplex.connect(port, host);
    expect(await destroyed(duplex)).toMatchObject({ name: type });
  });

  test('of a connected stream is an error', async () => {
    const server = listening(inet);
    const duplex = duplexOf(pair(inet)[0]);
    duplex.connect(name(server)[1], '127.0.0.1');
    expect(await destroyed(duplex)).toMatchObject({ code: 'EISCONN' });
  });

  test('can be given up', async () => {
    const duplex = duplexOf(open(inet));
    duplex.connect(name(listening(inet))[1], '127.0.0.1');
    duplex.destroy();
    const events: string[] = [];
    for (const event of ['connect', 'error']) duplex.on(event, () => events.push(event));
    await once(duplex, 'close');
    await turns();
    expect(events).toEqual([]);
  });

  test('of a destroyed stream is refused: its socket is closed for good', async () => {
    const duplex = duplexOf(open(inet));
    duplex.destroy();
    const port = name(listening(inet))[1];
    const error = await failure(() => duplex.connect(port, '127.0.0.1', () => expect.unreachable()));
    expect(error).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    expect([duplex.connecting, duplex.listenerCount('connect')]).toEqual([false, 0]);
  });

  test('that is at work when the stream is made is waited for', async () => {
    const server = listening(inet);
    const socket = open(inet);
    const connecting = socket.connectAsync(name(server));
    const duplex = duplexOf(socket);
    duplex.end('hello');
    await connecting;
    const connection = keep(server.accept()[0]);
    expect(String(await connection.recvAsync(99))).toBe('hello');
  });

  test('of a socket that has been reset is not waited for', async () => {
    const [client, server] = pair(inet);
    client.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    client.close();
    await until(() => server.getsockopt(SOL_SOCKET, SO_KEEPALIVE) === 0 && !hasPeer(server));
    const duplex = duplexOf(server);
    expect(duplex.pending).toBe(false);
    duplex.resume();
    expect(await destroyed(duplex)).toMatchObject({ name: 'ConnectionResetError' });
  });
});

function hasPeer(socket: AnySocket): boolean {
  try {
    socket.getpeername();
    return true;
  } catch {
    return false;
  }
}

describe('half-close', () => {
  test('end() shuts the one direction down, and the other goes on', async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client);
    duplex.end('question');
    expect(String(await server.recvAsync(99))).toBe('question');
    expect((await server.recvAsync(99)).length).toBe(0);
    await server.sendallAsync('answer');
    server.shutdown(SHUT_WR);
    expect(String(await all(duplex))).toBe('answer');
    await turns();
    expect(duplex.closed).toBe(true);
  });

  test("the peer's end ends both directions", async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client);
    duplex.resume();
    server.shutdown(SHUT_WR);
    await once(duplex, 'close');
    expect([duplex.writableFinished, duplex.errored]).toEqual([true, null]);
    expect((await server.recvAsync(9)).length).toBe(0);
  });

  test("the peer's end leaves the other direction open with allowHalfOpen", async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client, { allowHalfOpen: true });
    duplex.resume();
    server.shutdown(SHUT_WR);
    await once(duplex, 'end');
    await turns();
    expect([duplex.destroyed, duplex.readyState]).toEqual([false, 'writeOnly']);
    duplex.end('late');
    await once(duplex, 'close');
    expect(String(await server.recvAsync(9))).toBe('late');
  });

  test('end() after the peer has reset is no error of its own', async () => {
    const [client, server] = pair(inet);
    const duplex = duplexOf(client, { allowHalfOpen: true });
    server.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    server.close();
    await until(() => !hasPeer(client));
    const ended = once(duplex, 'finish');
    duplex.end();
    await ended;
    duplex.resume();
    expect(await destroyed(duplex)).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('backpressure', () => {
  test.each([1, 1000, 65536, 200_000])('no more is received ahead than %i bytes', async (highWaterMark) => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client, { highWaterMark });
    const sent = fill(server);
    expect(sent).toBeGreaterThan(highWaterMark);
    let most = 0;
    // Reading nothing at all starts the stream, and it stops by itself.
    duplex.read(0);
    await until(() => duplex.readableLength === Math.min(highWaterMark, sent));
    await turns(20);
    expect([duplex.readableLength, duplex.bytesRead]).toEqual([highWaterMark, highWaterMark]);
    for (let left = sent; left > 0; ) {
      const chunk: Buffer | null = duplex.read(Math.min(7919, duplex.readableLength) || undefined);
      if (chunk === null) await once(duplex, 'readable');
      else left -= chunk.length;
      most = Math.max(most, duplex.readableLength);
    }
    expect(most).toBeLessThanOrEqual(highWaterMark);
  });

  test('write() returns false from the high-water mark on, and "drain" follows', async () => {
    const [client, server] = pair(unixPath);
    fill(client);
    const duplex = duplexOf(client, { writableHighWaterMark: 1000 });
    expect(duplex.write(Buffer.alloc(999))).toBe(true);
    expect(duplex.write(Buffer.alloc(1))).toBe(false);
    const drained = watch(once(duplex, 'drain'));
    await turns(20);
    expect([drained.state, duplex.bytesWritten]).toEqual(['pending', 1000]);
    while (drained.state === 'pending') await server.recvAsync(65536);
    expect([duplex.writableLength, duplex.bytesWritten]).toEqual([0, 1000]);
  });

  test('a pipeline through two sockets moves all bytes', async () => {
    const [[a, b], [c, d]] = [pair(unixPath), pair(inet)];
    const data = pattern(5_000_000);
    const result = all(duplexOf(d));
    await Promise.all([
      pipeline(Readable.from([data.subarray(0, 1_000_001), data.subarray(1_000_001)]), duplexOf(a)),
      pipeline(duplexOf(b), duplexOf(c)),
    ]);
    expect((await result).equals(data)).toBe(true);
  });

  test('many small writes arrive in order, those together that waited together', async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client);
    duplex.cork();
    for (let count = 0; count < 2000; count++) duplex.write(`${count},`);
    duplex.uncork();
    duplex.write(new Uint8Array([120]));
    duplex.end('');
    const expected = `${Array.from({ length: 2000 }, (_, index) => index)},x`;
    expect(String(await all(duplexOf(server)))).toBe(expected);
  });
});

describe('errors and the end', () => {
  test('a reset is the error of the stream', async () => {
    const [client, server] = pair(inet);
    const duplex = duplexOf(client);
    duplex.resume();
    duplexOf(server).resetAndDestroy();
    const error = await destroyed(duplex);
    expect(error).toBeInstanceOf(OSError);
    expect(error).toMatchObject({
      name: 'ConnectionResetError',
      code: 'ECONNRESET',
      errno: 104,
      syscall: 'recv',
    });
    expect(client.closed).toBe(true);
  });

  test('a failed write is the error of the stream, and of the write', async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client);
    server.close();
    const written = new Promise((resolve) => duplex.write('x', resolve));
    expect(await destroyed(duplex)).toMatchObject({
      name: 'BrokenPipeError',
      code: 'EPIPE',
      syscall: 'send',
    });
    expect(await written).toMatchObject({ code: 'EPIPE' });
  });

  test('destroy() closes the socket, and what is pending ends', async () => {
    const [client, server] = pair(unixPath);
    fill(client);
    const duplex = duplexOf(client);
    duplex.resume();
    const written = new Promise((resolve) => duplex.write('never', resolve));
    await turns();
    duplex.destroy();
    expect(client.closed).toBe(true);
    expect(await written).toMatchObject({ code: 'ECANCELED' });
    await turns();
    expect(duplex.closed).toBe(true);
    while ((await server.recvAsync(65536)).length > 0);
  });

  test('destroy(error) passes the error on', async () => {
    const duplex = duplexOf(pair(unixPath)[0]);
    const error = new Error('enough');
    duplex.destroy(error);
    expect(await destroyed(duplex)).toBe(error);
  });

  test('a signal destroys the stream', async () => {
    const controller = new AbortController();
    const [client] = pair(unixPath);
    const duplex = duplexOf(client, { signal: controller.signal });
    controller.abort();
    expect(await destroyed(duplex)).toMatchObject({ name: 'AbortError' });
    expect(client.closed).toBe(true);
  });

  test('a socket that is closed under the stream ends it', async () => {
    const [client] = pair(unixPath);
    const duplex = duplexOf(client);
    duplex.resume();
    await turns();
    client.close();
    expect(await destroyed(duplex)).toMatchObject({ code: 'ECANCELED' });
  });

  test('destroySoon() sends the rest first', async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client);
    const data = pattern(2_000_000);
    duplex.write(data);
    duplex.destroySoon();
    expect((await all(duplexOf(server))).equals(data)).toBe(true);
    expect(duplex.destroyed).toBe(true);
  });

  test('finished() tells an end from a premature close', async () => {
    const end = (duplex: Duplex) => new Promise((resolve) => finished(duplex, resolve));
    const [client, server] = pair(unixPath);
    const ends = [end(duplexOf(client).resume()), end(duplexOf(server))];
    client.shutdown(SHUT_WR);
    server.close();
    expect(await ends[0]).toBeUndefined();
    const [other] = pair(unixPath);
    const cut = duplexOf(other);
    const premature = end(cut);
    cut.destroy();
    expect(await premature).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });

  test('what a listener throws is an uncaught exception', async () => {
    const { ended } = child(({ socketpair }) => {
      const [a, b] = socketpair();
      process.on('unhandledRejection', () => console.log('rejection'));
      process.on('uncaughtException', ({ message }) => {
        console.log(message);
        process.exit();
      });
      a.toDuplex().on('data', () => {
        throw new Error('thrown by a listener');
      });
      b.sendall('x');
    });
    expect((await ended).stdout).toBe('thrown by a listener\n');
  });

  test('after what a listener has thrown the stream goes on', async () => {
    const { ended } = child(({ socketpair }) => {
      const [a, b] = socketpair();
      process.on('uncaughtException', ({ message }) => console.log(message));
      const texts = ['one', 'two', 'three'];
      const next = () => {
        const text = texts.shift();
        if (text === undefined) b.close();
        else b.sendall(text);
      };
      const duplex = a.toDuplex();
      duplex.on('data', (data) => {
        setImmediate(next);
        throw new Error(`thrown at ${data}`);
      });
      duplex.on('end', () => console.log('end'));
      next();
    });
    expect((await ended).stdout).toBe('thrown at one\nthrown at two\nthrown at three\nend\n');
  });

  test.each([
    ['an end', (duplex: Duplex) => duplex.resume().end(), ['end', 'close false']],
    ['destroy()', (duplex: Duplex) => duplex.destroy(), ['close false']],
    ['destroy(error)', (duplex: Duplex) => duplex.destroy(new Error('enough')), ['error', 'close true']],
  ])('close says whether there was an error, behind it: %s', async (_, end, expected) => {
    const theirs = (socket: AnySocket) =>
      new net.Socket({ fd: socket.detach(), readable: true, writable: true });
    for (const streamOf of [duplexOf, theirs]) {
      const [client, server] = pair(unixPath);
      const duplex = streamOf(server);
      const events: string[] = [];
      for (const event of ['end', 'error', 'close'])
        duplex.on(event, (fact) => events.push(event === 'close' ? `close ${fact}` : event));
      client.shutdown(SHUT_WR);
      end(duplex);
      await until(() => duplex.closed && events.length >= expected.length);
      await turns();
      expect(events).toEqual(expected);
    }
  });

  test('a thousand streams leave nothing open', async () => {
    const openDescriptors = () => readdirSync('/proc/self/fd').length;
    const before = openDescriptors();
    for (let count = 0; count < 1000; count += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const [a, b] = socketpair().map((socket) => socket.toDuplex()) as [SocketDuplex, SocketDuplex];
          a.end('x');
          b.end('y');
          await Promise.all([all(a), all(b)]);
        }),
      );
    }
    await until(() => openDescriptors() === before);
  });
});

describe('what node:net has beside the stream', () => {
  test('setNoDelay and setKeepAlive', () => {
    const [client] = pair(inet);
    const duplex = duplexOf(client);
    const option = (level: number, number: number) => client.getsockopt(level, number);
    expect(duplex.setNoDelay()).toBe(duplex);
    expect(option(IPPROTO_TCP, TCP_NODELAY)).not.toBe(0);
    duplex.setNoDelay(false);
    expect(option(IPPROTO_TCP, TCP_NODELAY)).toBe(0);
    expect(duplex.setKeepAlive(true, 12_345)).toBe(duplex);
    expect(option(SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
    expect(option(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(12);
    duplex.setKeepAlive(false, 60_000);
    expect([option(SOL_SOCKET, SO_KEEPALIVE), option(IPPROTO_TCP, TCP_KEEPIDLE)]).toEqual([0, 12]);
    duplex.destroy();
    expect(duplex.setNoDelay().setKeepAlive(true)).toBe(duplex);
    const unix = duplexOf(pair(unixPath)[0]);
    expect(unix.setNoDelay().setKeepAlive(true, 1000)).toBe(unix);
  });

  test('setTimeout tells of inactivity, once, and does nothing', async () => {
    const [client, server] = pair(unixPath);
    const duplex = duplexOf(client);
    duplex.resume();
    let times = 0;
    duplex.on('timeout', () => times++);
    expect(duplex.setTimeout(20)).toBe(duplex);
    expect(duplex.timeout).toBe(20);
    await once(duplex, 'timeout');
    expect(duplex.destroyed).toBe(false);
    // What arrives starts it anew.
    server.sendall('x');
    await once(duplex, 'timeout');
    expect(times).toBe(2);
    const listener = () => times++;
    duplex.setTimeout(10_000, listener);
    expect(duplex.listenerCount('timeout')).toBe(2);
    duplex.setTimeout(0, listener);
    expect([duplex.listenerCount('timeout'), duplex.timeout]).toEqual([1, 0]);
  });

  test('a write that makes progress is no inactivity', async () => {
    const [client, server] = pair(unixPath);
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const duplex = duplexOf(client);
    let timeouts = 0;
    duplex.setTimeout(1000, () => timeouts++);
    let written = false;
    duplex.write(Buffer.alloc(200_000), () => {
      written = true;
    });
    let waits = 0;
    while (!written) {
      await server.recvAsync(65536);
      await turns(20);
      if (written) break;
      vi.advanceTimersByTime(900);
      waits++;
    }
    expect(waits).toBeGreaterThan(2);
    expect(timeouts).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(timeouts).toBe(1);
  });

  test.each([
    [-1, RangeError],
    [Number.NaN, RangeError],
    [Number.POSITIVE_INFINITY, RangeError],
    ['1', TypeError],
  ])('setTimeout(%s) is refused', async (value, type) => {
    const duplex = duplexOf(pair(unixPath)[0]);
    expect(await failure(() => duplex.setTimeout(value as number))).toBeInstanceOf(type);
  });

  test('setTimeout takes more than a timer does', async () => {
    const duplex = duplexOf(pair(unixPath)[0]);
    duplex.setTimeout(2 ** 40, () => expect.unreachable());
    await turns(20);
    expect(duplex.timeout).toBe(2 ** 40);
  });

  test('unref() lets the process end', async () => {
    const { ended } = child(({ socketpair }) => {
      const [a, b] = socketpair();
      Object.assign(globalThis, { kept: b });
      const duplex = a.toDuplex();
      duplex.setTimeout(1_000_000).unref().resume();
    });
    expect(await ended).toMatchObject({ status: 0 });
  });

  test('the stream keeps the process alive while it reads, and ref() makes it do so again', async () => {
    const { program, ended, says } = child(({ socketpair }) => {
      const [a, b] = socketpair();
      const duplex = a.toDuplex().unref().ref();
      duplex.on('data', (data) => console.log(String(data)));
      duplex.on('end', () => console.log('end'));
      process.stdin
        .once('data', () => {
          b.sendall('hello');
          b.shutdown(1);
        })
        .unref();
      Object.assign(globalThis, { kept: b });
      console.log('ready');
    });
    await says('ready');
    program.stdin.write('go');
    expect(await ended).toMatchObject({ status: 0, stdout: 'ready\nhello\nend\n' });
  });
});

describe('the socket', () => {
  test('becomes non-blocking, and its timeout does not end a read', async () => {
    const [client, server] = pair(unixPath);
    client.settimeout(0.01);
    const duplex = duplexOf(client);
    expect([duplex.socket, client.timeout]).toEqual([client, 0]);
    const read = watch(once(duplex, 'data'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(read.state).toBe('pending');
    server.sendall('late');
    await until(() => read.state !== 'pending');
    expect(String(read.value)).toBe('late');
  });

  test.each([
    ['a datagram socket', () => open(inet, SOCK_DGRAM), 'EOPNOTSUPP', /SOCK_STREAM/],
    ['a packet socket', () => open(unixPath, SOCK_SEQPACKET), 'EOPNOTSUPP', /SOCK_STREAM/],
    ['a listening socket', () => keep(createServer<number>(['127.0.0.1', 0])), 'EINVAL', /listens/],
  ])('%s is refused, and stays as it is', async (_, make, code, text) => {
    const socket = make();
    for (const method of ['toDuplex', 'toWeb'] as const) {
      const error = await failure(() => socket[method]());
      expect(error).toMatchObject({ name: 'OSError', code, syscall: method });
      expect(error.message).toMatch(text);
    }
    expect([socket.timeout, socket.closed]).toEqual([null, false]);
  });

  test('a closed socket is refused', async () => {
    const socket = open(inet);
    socket.close();
    expect(await failure(() => socket.toDuplex())).toMatchObject({ code: 'EBADF', syscall: 'toDuplex' });
    expect(await failure(() => socket.toWeb())).toMatchObject({ code: 'EBADF', syscall: 'toWeb' });
  });

  test.each([null, 3, 'x'])('options that are %s are refused', async (options) => {
    const socket = open(inet);
    expect(await failure(() => socket.toDuplex(options as never))).toBeInstanceOf(TypeError);
    expect(await failure(() => socket.toWeb(options as never))).toBeInstanceOf(TypeError);
    expect(socket.timeout).toBe(null);
  });
});
