/** Streams over connections: what CPython's test_streams expects of open_connection, start_server and StreamWriter. */
import { once } from 'node:events';
import { createServer as createNodeServer, type Server as NodeServer } from 'node:net';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_UNIX,
  ConnectionError,
  ConnectionResetError,
  createConnection,
  createServer,
  IPPROTO_TCP,
  SO_LINGER,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
  Socket,
  socketpair,
  TCP_NODELAY,
} from 'bsd-socket';
import { openConnection, openUnixConnection, StreamReader, StreamWriter } from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connected, echo, portOf, reports, tcp, unixStreams, ways } from './streams.ts';
import {
  collected,
  failure,
  keep,
  noSuchHost,
  path,
  pattern,
  turns,
  unhandledRejections,
  until,
  watch,
} from './support.ts';

const linger = (seconds: number) => Buffer.from(Int32Array.of(1, seconds).buffer);

for (const way of ways) {
  const title = way.missing === undefined ? way.name : `${way.name} (skipped: ${way.missing})`;
  describe.skipIf(way.missing !== undefined)(title, () => {
    test('a conversation, and its end in good order', async () => {
      const { near, far, server } = await connected(way);
      const [reader, writer] = near;
      writer.write('GET / HTTP/1.0\r\n\r\n');
      await writer.drain();
      expect(String(await far[0].readuntil('\r\n\r\n'))).toBe('GET / HTTP/1.0\r\n\r\n');
      far[1].writelines(
        ['HTTP/1.0 200 OK\r\n', Buffer.from('\r\n'), '', 'body'].map((text) => Buffer.from(text)),
      );
      far[1].close();
      expect(String(await reader.readline())).toBe('HTTP/1.0 200 OK\r\n');
      expect(String(await reader.read())).toBe('\r\nbody');
      expect(reader.atEof()).toBe(true);
      expect(writer.isClosing()).toBe(false);
      writer.close();
      expect(writer.isClosing()).toBe(true);
      await Promise.all([writer.waitClosed(), far[1].waitClosed()]);
      server.close();
      await server.waitClosed();
    });

    test('much in both directions at once, in order and whole', async () => {
      const server = await way.serve(echo);
      const [reader, writer] = await way.connect(server);
      const data = pattern(3_000_001);
      const back = reader.readexactly(data.length);
      for (let at = 0; at < data.length; at += 99_999) {
        writer.write(data.subarray(at, at + 99_999));
        await writer.drain();
      }
      writer.writeEof();
      expect((await back).equals(data)).toBe(true);
      expect((await reader.read()).length).toBe(0);
    });

    test('what is known of it', async () => {
      const { near, far, server } = await connected(way);
      const [mine, theirs] = [near[1], far[1]];
      expect(mine.getExtraInfo('socket')).toBeInstanceOf(Socket);
      expect(mine.getExtraInfo('peername')).toEqual(server.sockets[0]!.getsockname());
      expect(theirs.getExtraInfo('peername')).toEqual(mine.getExtraInfo('sockname'));
      expect(theirs.getExtraInfo('sockname')).toEqual(mine.getExtraInfo('peername'));
      expect([mine.getExtraInfo('sslcontext'), mine.getExtraInfo('toString')]).toEqual([null, null]);
      expect(mine.getExtraInfo('nothing', 5)).toBe(5);
      const known = mine.getExtraInfo('peername');
      theirs.transport.abort();
      await near[0].read();
      mine.close();
      await mine.waitClosed();
      expect(mine.getExtraInfo('peername')).toBe(known);
    });

    test('`await using` closes it', async () => {
      const server = await way.serve(echo);
      let socket: Socket;
      {
        const [reader, own] = await way.connect(server);
        await using writer = own;
        writer.write('x');
        expect(String(await reader.read(1))).toBe('x');
        socket = writer.getExtraInfo('socket');
        expect(socket.closed).toBe(false);
      }
      expect(socket.closed).toBe(true);
    });
  });
}

test('small writes of TCP are not held back', async () => {
  const { near, far } = await connected();
  for (const [, writer] of [near, far]) {
    expect(writer.getExtraInfo('socket').getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(1);
  }
  // Without a protocol number, which is TCP, too.
  const server = await tcp.serve(echo);
  const sock = new Socket(AF_INET);
  sock.connect(['127.0.0.1', portOf(server)]);
  const [, writer] = await openConnection(null, null, { sock });
  expect(sock.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(1);
  await writer[Symbol.asyncDispose]();
});

describe('openConnection', () => {
  test('fails with the error of the one address', async () => {
    const server = createServer(['127.0.0.1', 0]);
    const [, port] = server.getsockname();
    server.close();
    const error = await failure(() => openConnection('127.0.0.1', port));
    expect(error).toMatchObject({ name: 'ConnectionRefusedError', code: 'ECONNREFUSED', port });
  });

  test('fails for an unknown host', async () => {
    expect(await failure(() => openConnection(noSuchHost, 80))).toMatchObject({ name: 'gaierror' });
  });

  test.each([
    [[], RangeError, 'host and port was not specified and no sock specified'],
    [[null, null, {}], RangeError, 'host and port was not specified and no sock specified'],
    [['localhost', 80, { limit: 0 }], RangeError, 'limit must be more than 0'],
    [['localhost', 80, null], TypeError, 'options must be an object'],
    [['localhost', 80, { signal: 5 }], TypeError, 'signal must be an AbortSignal'],
    [[null, null, { sock: 5 }], TypeError, 'sock must be a Socket'],
    [[undefined, 70_000], RangeError, '0-65535'],
  ])('of %j is wrong', async (args, kind, text) => {
    const error = await failure(() => openConnection(...(args as [])));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });

  test('takes a connected socket', async () => {
    const server = await tcp.serve(echo);
    const sock = createConnection(['127.0.0.1', portOf(server)]);
    const error = await failure(() => openConnection('127.0.0.1', 80, { sock }));
    expect(error.message).toMatch('host/port and sock can not be specified at the same time');
    const [reader, writer] = await openConnection(null, null, { sock });
    expect(writer.getExtraInfo('socket')).toBe(sock);
    expect(sock.gettimeout()).toBe(0);
    writer.write('x');
    writer.writeEof();
    expect(String(await reader.read())).toBe('x');
    writer.close();
    await writer.waitClosed();
    expect(sock.closed).toBe(true);
  });

  test('takes no socket of another kind, and leaves that open', async () => {
    const sock = keep(new Socket(AF_INET, SOCK_DGRAM));
    for (const open of [
      openConnection,
      (_: null, __: null, options: object) => openUnixConnection(null, options),
    ]) {
      const error = await failure(() => open(null, null, { sock }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(/Stream Socket was expected, got <Socket/);
    }
    expect(sock.closed).toBe(false);
    const inet = keep(new Socket(AF_INET));
    expect(await failure(() => openUnixConnection(null, { sock: inet as never }))).toBeInstanceOf(RangeError);
  });

  test('is given up when its signal aborts', async () => {
    // Nothing answers at an address for documentation; where there is no route, the signal is too late, or in time.
    const controller = new AbortController();
    const reason = new Error('enough');
    const open = watch(openConnection('192.0.2.1', 80, { signal: controller.signal }));
    controller.abort(reason);
    await until(() => open.state !== 'pending');
    expect(open.error).toBe(reason);
    expect(await failure(() => openConnection('127.0.0.1', 1, { signal: controller.signal }))).toBe(reason);
  });

  test('binds to a local address before', async () => {
    const server = await tcp.serve(echo);
    const [, writer] = await openConnection('127.0.0.1', portOf(server), { localAddr: ['127.0.0.1', 0] });
    expect(writer.getExtraInfo('sockname')[0]).toBe('127.0.0.1');
    await writer[Symbol.asyncDispose]();
  });
});

describe('openUnixConnection', () => {
  test.each([
    [[], RangeError, 'no path and sock were specified'],
    [['/tmp/x', { sock: 5 }], RangeError, 'path and sock can not be specified at the same time'],
    [[5], TypeError, 'AF_UNIX address'],
  ])('of %j is wrong', async (args, kind, text) => {
    const error = await failure(() => openUnixConnection(...(args as [])));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });

  test('fails where nobody is', async () => {
    expect(await failure(() => openUnixConnection(path()))).toMatchObject({ code: 'ENOENT' });
  });

  test('takes a connected socket', async () => {
    const [a, b] = socketpair(AF_UNIX);
    keep(b);
    const [reader, writer] = await openUnixConnection(null, { sock: a });
    b.sendall('hello');
    b.close();
    expect(String(await reader.read())).toBe('hello');
    await writer[Symbol.asyncDispose]();
  });

  test('is given up when its signal aborts', async () => {
    const reason = new Error('enough');
    expect(await failure(() => openUnixConnection(path(), { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
  });
});

describe('a writer', () => {
  test('takes text, and bytes of all kinds', async () => {
    const { near, far } = await connected();
    near[1].write('grüße ');
    near[1].write(new Uint16Array([0x6161]));
    near[1].write(new Uint8Array([98]).buffer);
    near[1].write('');
    near[1].writelines(new Set(['c', Buffer.from('d')]));
    near[1].writelines([]);
    near[1].close();
    expect(String(await far[0].read())).toBe('grüße aabcd');
  });

  test.each([
    ['write', 5],
    ['write', null],
    ['writelines', 'text'],
    ['writelines', Buffer.from('bytes')],
    ['writelines', 5],
    ['writelines', [5]],
  ] as const)('%s(%j) is a TypeError', async (method, data) => {
    const { near } = await connected();
    expect(() => near[1][method](data as never)).toThrow(TypeError);
  });

  test('writes nothing after writeEof', async () => {
    const { near, far } = await connected();
    const [, writer] = near;
    expect(writer.canWriteEof()).toBe(true);
    writer.write('last');
    writer.writeEof();
    writer.writeEof();
    expect(() => writer.write('x')).toThrow('Cannot call write() after writeEof()');
    expect(() => writer.writelines(['x'])).toThrow('Cannot call writelines() after writeEof()');
    expect(String(await far[0].read())).toBe('last');
    far[1].write('the other direction');
    far[1].close();
    expect(String(await near[0].read())).toBe('the other direction');
  });

  test('ends its direction only when all has been sent', async () => {
    const { near, far } = await connected(tcp, { serverLimit: 1000 });
    const data = pattern(10_000_000);
    near[1].write(data);
    expect(near[1].transport.getWriteBufferSize()).toBeGreaterThan(0);
    near[1].writeEof();
    expect((await far[0].read()).equals(data)).toBe(true);
    expect(near[1].isClosing()).toBe(false);
  });

  test('sends what is buffered before it closes', async () => {
    const { near, far } = await connected(tcp, { serverLimit: 1000 });
    const data = pattern(10_000_000);
    near[1].write(data);
    near[1].close();
    expect(near[1].transport.getWriteBufferSize()).toBeGreaterThan(0);
    const closed = watch(near[1].waitClosed());
    await turns(5);
    expect(closed.state).toBe('pending');
    expect((await far[0].read()).equals(data)).toBe(true);
    await near[1].waitClosed();
  });

  test('does not close because its peer has ended one direction', async () => {
    const { near, far } = await connected();
    near[1].writeEof();
    expect((await far[0].read()).length).toBe(0);
    await turns(5);
    expect(far[1].isClosing()).toBe(false);
  });

  test('lets a reader see the end when it closes', async () => {
    const { near } = await connected();
    const [reader, writer] = near;
    writer.close();
    await writer.waitClosed();
    expect(reader.atEof()).toBe(true);
    expect((await reader.read()).length).toBe(0);
  });

  test('closes with unread data', async () => {
    const { near, far } = await connected();
    far[1].write('HTTP/1.0 200 OK\r\nnobody reads this');
    await near[0].readline();
    near[1].close();
    await near[1].waitClosed();
  });

  test('drops what is written after close, and drain tells', async () => {
    const { near } = await connected();
    near[1].close();
    near[1].write('data');
    const error = await failure(() => near[1].drain());
    expect(error).toBeInstanceOf(ConnectionResetError);
    expect(error).toMatchObject({ strerror: 'Connection lost', code: 'ECONNRESET', errno: undefined });
    expect(await failure(() => near[1].drain({ signal: AbortSignal.abort(new Error('no')) }))).toMatchObject({
      message: 'no',
    });
  });

  test('who writes and drains in a loop gets to know that the peer is gone', async () => {
    const told = reports();
    const { near, far } = await connected();
    far[1].close();
    await far[1].waitClosed();
    const error = await failure(async () => {
      for (;;) {
        near[1].write('foo\n');
        await near[1].drain();
      }
    });
    expect(error).toBeInstanceOf(ConnectionError);
    expect(told).toEqual([]);
  });

  test('is closed as a forgotten one, with a warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    onTestFinished(() => {
      process.off('warning', listen);
    });
    const server = await tcp.serve(echo);
    const forget = async () => {
      const [reader, writer] = await openConnection('127.0.0.1', portOf(server));
      writer.write('x');
      expect(String(await reader.read(1))).toBe('x');
      return [writer.getExtraInfo('socket') as Socket, String(writer.transport)] as const;
    };
    const [socket, transport] = await forget();
    await collected(() => socket.closed);
    const texts = warnings.map(({ name, message }) => `${name}: ${message}`);
    // Other tests have forgotten theirs, too.
    const unclosed = `ResourceWarning: unclosed <StreamWriter transport=${transport}>`;
    expect(texts.filter((text) => text === unclosed)).toEqual([unclosed]);
  });

  test('is not forgotten as long as its reader is at hand, or waits', async () => {
    const { far, near } = await connected();
    const socket = near[1].getExtraInfo('socket') as Socket;
    const read = async () => {
      const server = await tcp.serve(async (_, writer) => {
        await far[0].readline();
        writer.write('late');
        writer.close();
      });
      const [reader] = await openConnection('127.0.0.1', portOf(server));
      return reader.read();
    };
    const reading = read();
    for (let count = 0; count < 10; count++) {
      await turns(2);
      globalThis.gc!();
    }
    near[1].write('now\n');
    expect(String(await reading)).toBe('late');
    expect(socket.closed).toBe(false);
  });
});

describe('a connection that is lost', () => {
  const reset = async () => {
    const { near, far, server } = await connected();
    far[1].getExtraInfo('socket').setsockopt(SOL_SOCKET, SO_LINGER, linger(0));
    return { near, far, server };
  };

  test('rejects reads, drain and waitClosed with the reset', async () => {
    const { near, far } = await reset();
    const [reader, writer] = near;
    const pending = watch(reader.readline());
    far[1].transport.abort();
    await until(() => pending.state !== 'pending');
    expect(pending.error).toBeInstanceOf(ConnectionResetError);
    expect(reader.exception()).toBe(pending.error);
    expect(await failure(() => reader.read())).toBe(pending.error);
    expect(await failure(() => writer.drain())).toBe(pending.error);
    expect(await failure(() => writer.waitClosed())).toBe(pending.error);
    expect(await failure(() => writer.waitClosed({}))).toBe(pending.error);
    expect(writer.isClosing()).toBe(true);
    writer.write('dropped');
    writer.writelines(['dropped']);
    writer.writeEof();
    // Somebody has been told.
    await writer[Symbol.asyncDispose]();
  });

  test('rejects `await using` where nobody has been told', async () => {
    const { near, far } = await reset();
    far[1].transport.abort();
    await until(() => near[1].isClosing());
    const error = await failure(() => near[1][Symbol.asyncDispose]());
    expect(error).toBeInstanceOf(ConnectionResetError);
  });

  test('wakes all who drain', async () => {
    const { near, far } = await reset();
    near[1].getExtraInfo('socket').setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
    near[1].write(Buffer.alloc(8_000_000));
    const drains = Array.from({ length: 3 }, () => watch(near[1].drain()));
    await turns(5);
    expect(drains.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    far[1].transport.abort();
    await until(() => drains.every(({ state }) => state === 'rejected'));
    for (const { error } of drains) expect(error).toBeInstanceOf(ConnectionError);
    expect(near[1].transport.getWriteBufferSize()).toBe(0);
  });

  test('by its socket, which was closed under it', async () => {
    const { near } = await connected();
    const pending = watch(near[0].read());
    near[1].getExtraInfo('socket').close();
    await until(() => pending.state === 'rejected');
    expect(pending.error).toMatchObject({ code: 'ECANCELED' });
  });

  test('by an error of the protocol, which goes to the exception handler', async () => {
    const told = reports();
    const { near, far } = await connected();
    near[1].transport.setProtocol({
      ...near[1].transport.getProtocol(),
      dataReceived: () => {
        throw new Error('cannot');
      },
      connectionLost: () => {
        throw new Error('nor this');
      },
    });
    far[1].write('x');
    expect((await far[0].read()).length).toBe(0);
    await until(() => told.length === 2);
    expect(told.map(({ exception }) => (exception as Error).message)).toEqual(['cannot', 'nor this']);
  });
});

describe('drain', () => {
  /** A connection on which little fits. */
  async function narrow() {
    const { near, far } = await connected(unixStreams, { serverLimit: 1 });
    near[1].getExtraInfo('socket').setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
    far[1].getExtraInfo('socket').setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
    return { near, far };
  }

  test('waits above the high-water mark, and until the low-water mark', async () => {
    const { near, far } = await narrow();
    const [, writer] = near;
    const { transport } = writer;
    expect(transport.getWriteBufferLimits()).toEqual([16 * 1024, 64 * 1024]);
    // Until the kernel takes no more.
    while (transport.getWriteBufferSize() === 0) writer.write(Buffer.alloc(1024));
    writer.write(Buffer.alloc(64 * 1024 - transport.getWriteBufferSize()));
    await writer.drain();
    writer.write('x');
    const drains = Array.from({ length: 10 }, () => watch(writer.drain()));
    await turns(5);
    expect(new Set(drains.map(({ state }) => state))).toEqual(new Set(['pending']));
    const sizes: number[] = [];
    const drained = writer.drain().then(() => sizes.push(transport.getWriteBufferSize()));
    let done = false;
    const reading = (async () => {
      while (!done) await far[0].read(1024);
    })();
    await drained;
    done = true;
    expect(sizes[0]).toBeLessThanOrEqual(16 * 1024);
    expect(new Set(drains.map(({ state }) => state))).toEqual(new Set(['fulfilled']));
    writer.close();
    await reading;
  });

  test('is given up when its signal aborts, and the next one waits', async () => {
    const { near } = await narrow();
    near[1].write(Buffer.alloc(2_000_000));
    const controller = new AbortController();
    const drain = watch(near[1].drain({ signal: controller.signal }));
    const next = watch(near[1].drain());
    const reason = new Error('enough');
    controller.abort(reason);
    await turns(2);
    expect([drain.error, next.state]).toEqual([reason, 'pending']);
    expect(near[1].isClosing()).toBe(false);
  });

  test('takes a signal and nothing else', async () => {
    const { near } = await connected();
    expect(await failure(() => near[1].drain({ signal: 5 as never }))).toBeInstanceOf(TypeError);
    expect(await failure(() => near[1].waitClosed({ signal: 5 as never }))).toBeInstanceOf(TypeError);
  });

  test('waitClosed with anything else rejects, and nobody waits who could reject unhandled', async () => {
    const { near, far } = await connected();
    const unhandled = unhandledRejections();
    const [reader, writer] = near;
    const { signal } = new AbortController();
    await expect(writer.waitClosed(signal as never)).rejects.toThrow(TypeError);
    far[1].getExtraInfo('socket').setsockopt(SOL_SOCKET, SO_LINGER, linger(0));
    far[1].transport.abort();
    expect(await failure(() => reader.read())).toBeInstanceOf(ConnectionResetError);
    // Also when it is over.
    await expect(writer.waitClosed(signal as never)).rejects.toThrow(TypeError);
    await expect(writer.waitClosed({ signal: AbortSignal.abort('no') })).rejects.toBe('no');
    await turns();
    expect(unhandled).toEqual([]);
  });

  test('waitClosed is given up when its signal aborts', async () => {
    const { near } = await connected();
    const reason = new Error('enough');
    expect(await failure(() => near[1].waitClosed({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    near[1].close();
    await near[1].waitClosed({});
  });
});

test('the classes and their texts', async () => {
  const { near } = await connected();
  const [reader, writer] = near;
  expect(reader).toBeInstanceOf(StreamReader);
  expect(writer).toBeInstanceOf(StreamWriter);
  expect(inspect(writer)).toMatch(
    /^<StreamWriter transport=<SocketTransport fd=\d+ read=polling write=<idle, bufsize=0>> reader=<StreamReader transport=.*>>$/,
  );
  writer.close();
  expect(inspect(writer.transport)).toMatch(/^<SocketTransport closing fd=/);
  await writer.waitClosed();
  await turns(2);
  expect(String(writer.transport)).toBe('<SocketTransport closed fd=-1 read=idle write=<idle, bufsize=0>>');
});

test('node:net at the other end', async () => {
  const node: NodeServer = createNodeServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    node.close();
  });
  await once(node, 'listening');
  const [reader, writer] = await openConnection('127.0.0.1', (node.address() as { port: number }).port);
  writer.write('there and back\n');
  expect(String(await reader.readline())).toBe('there and back\n');
  await writer[Symbol.asyncDispose]();
});
