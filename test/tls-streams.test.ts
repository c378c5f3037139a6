/** TLS of asyncio's connections and servers: certificates, what is known, the end of a connection, and failures. */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { ConnectionAbortedError, ConnectionResetError, Socket, TimeoutError } from 'bsd-socket';
import {
  openConnection,
  openUnixConnection,
  type StreamReader,
  type StreamWriter,
  startServer,
  startUnixServer,
} from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { start } from './fixtures/start.ts';
import { reports } from './streams.ts';
import { failure, inet, listening, name, path, pattern, turns, until, watch } from './support.ts';
import { cert, dial, echo, ends, fixture, key, portOf, serve, stranger } from './tls.ts';

const LARGE = pattern(3_000_000);
const never = () => {
  throw new Error('the callback must not be called');
};

/** One connection: the streams of both sides. */
async function both(options = {}, serverOptions = {}) {
  let accepted: (streams: [StreamReader, StreamWriter]) => void;
  const other = new Promise<[StreamReader, StreamWriter]>((resolve) => {
    accepted = resolve;
  });
  const [server, port] = await serve((reader, writer) => accepted([reader, writer]), serverOptions);
  const [reader, writer] = await dial(port, options);
  const [peerReader, peerWriter] = await other;
  return { server, port, reader, writer, peerReader, peerWriter };
}

/** A plain socket connected to a port of this machine. */
function plain(port: number): net.Socket {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

describe('an encrypted connection', () => {
  test('carries what is written, in both directions, in any size', async () => {
    const [, port] = await serve(echo);
    const [reader, writer] = await dial(port);
    writer.write('a line\n');
    expect(String(await reader.readline())).toBe('a line\n');
    writer.writelines(['', LARGE.subarray(0, 1), LARGE.subarray(1)]);
    expect((await reader.readexactly(LARGE.length)).equals(LARGE)).toBe(true);
    writer.close();
    await writer.waitClosed();
    expect(reader.atEof()).toBe(true);
  });

  test('goes over a Unix socket, and over sockets that there are', async () => {
    const file = path();
    const unix = ends(await startUnixServer(echo, file, { ssl: { cert, key } }));
    const socket = new Socket(inet.family);
    const server = ends(await startServer(echo, null, null, { ssl: { cert, key }, sock: bound(socket) }));
    const connected = new Socket(inet.family);
    connected.connect(['127.0.0.1', portOf(server)]);
    const options = { ssl: { ca: cert }, serverHostname: 'localhost' };
    for (const [reader, writer] of [
      await openUnixConnection(file, options),
      await openConnection(null, null, { ...options, sock: connected }),
    ]) {
      writer.write('x\n');
      expect(String(await reader.readline())).toBe('x\n');
      writer.close();
      await writer.waitClosed();
    }
    unix.close();
  });

  test('tells what is known of it, also after its end', async () => {
    const { writer, peerWriter, port } = await both();
    const look = () => {
      expect(writer.getExtraInfo('peername')).toEqual(['127.0.0.1', port]);
      expect(writer.getExtraInfo('sockname')).toEqual(peerWriter.getExtraInfo('peername'));
      expect(writer.getExtraInfo('socket')).toBeInstanceOf(Socket);
      expect(writer.getExtraInfo('sslcontext')).toHaveProperty('context');
      expect(writer.getExtraInfo('ssl_object')).toBeInstanceOf(tls.TLSSocket);
      expect(writer.getExtraInfo('cipher')).toEqual(peerWriter.getExtraInfo('cipher'));
      expect(writer.getExtraInfo('cipher')).toMatchObject({ version: 'TLSv1.3' });
      expect(writer.getExtraInfo('peercert').subject.CN).toBe('bsd-socket test only');
      expect(peerWriter.getExtraInfo('peercert')).toBe(null);
      expect(writer.getExtraInfo('compression')).toBe(null);
      expect(writer.getExtraInfo('nothing', 5)).toBe(5);
    };
    look();
    expect(String(writer)).toMatch(/^<StreamWriter transport=<TlsTransport over <SocketTransport fd=\d+ /);
    writer.close();
    await writer.waitClosed();
    look();
    expect(String(writer.transport)).toMatch(/^<TlsTransport closing over /);
  });

  test('has no half that could be ended', async () => {
    const { writer } = await both();
    expect(writer.canWriteEof()).toBe(false);
    expect(() => writer.writeEof()).toThrow(/not possible with TLS/);
  });

  test('knows protocols and names', async () => {
    const names: string[] = [];
    const { writer, peerWriter } = await both(
      { ssl: { ca: cert, ALPNProtocols: ['two', 'one'] }, serverHostname: 'localhost' },
      {
        ssl: {
          cert,
          key,
          ALPNProtocols: ['one', 'two'],
          SNICallback: (host: string, done: (error: Error | null, context?: tls.SecureContext) => void) => {
            names.push(host);
            done(null, tls.createSecureContext({ cert, key }));
          },
        },
      },
    );
    expect(names).toEqual(['localhost']);
    expect(writer.getExtraInfo('ssl_object').alpnProtocol).toBe('one');
    expect(peerWriter.getExtraInfo('ssl_object').servername).toBe('localhost');
  });

  test('takes a secure context, and takes sessions up again', async () => {
    const secureContext = tls.createSecureContext({ cert, key, ca: cert, sessionIdContext: 'test' });
    const [, port] = await serve(echo, { ssl: { secureContext, requestCert: true } });
    let session: Buffer | undefined;
    for (const reused of [false, true]) {
      const [reader, writer] = await dial(port, { ssl: { secureContext, session } });
      const socket: tls.TLSSocket = writer.getExtraInfo('ssl_object');
      socket.on('session', (ticket) => {
        session = ticket;
      });
      writer.write('x\n');
      expect(String(await reader.readline())).toBe('x\n');
      await until(() => session !== undefined);
      expect(socket.isSessionReused()).toBe(reused);
      writer.close();
      await writer.waitClosed();
    }
  });
});

function bound(socket: Socket): Socket {
  socket.bind(['127.0.0.1', 0] as never);
  return socket;
}

describe('certificates', () => {
  test.each([
    ['nobody knows it', { ssl: true }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another is known', { ssl: { ca: stranger.cert } }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['it is another host’s', { serverHostname: 'example.org' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['it is another address’s', { serverHostname: '127.0.0.2' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['the program says so', { ssl: { ca: cert, checkServerIdentity: () => new Error('no') } }, undefined],
    [
      'any name will do, and nobody knows it',
      { ssl: true, serverHostname: '' },
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
  ] as const)('a server’s is refused: %s', async (_, options, code) => {
    const [server, port] = await serve(echo);
    const error = await failure(() => dial(port, options as object));
    expect(error.code).toBe(code);
    // The server is none the worse for it.
    const [reader, writer] = await dial(port);
    writer.write('x\n');
    expect(String(await reader.readline())).toBe('x\n');
    expect(server.isServing()).toBe(true);
  });

  test.each([
    ['of the host', {}],
    ['of the name given', { serverHostname: 'localhost' }],
    ['of any name', { serverHostname: '' }],
    ['of the host, with options that are left out', { ssl: { ca: cert, checkServerIdentity: undefined } }],
    ['of anybody', { ssl: { rejectUnauthorized: false }, serverHostname: 'example.org' }],
  ])('a server’s is taken: %s', async (_, options) => {
    const [, port] = await serve(echo);
    const [reader, writer] = await dial(port, options);
    writer.write('x\n');
    expect(String(await reader.readline())).toBe('x\n');
  });

  test('a connection that is over with its handshake is one all the same', async () => {
    const seen: string[] = [];
    const [, port] = await serve(async (reader) => {
      seen.push(String(await reader.read()));
    });
    // All that the client ever says comes with the end of its handshake.
    const socket = tls.connect({ port, host: '127.0.0.1', ca: cert });
    socket.on('error', () => {});
    socket.end('first and last words');
    await until(() => seen.length > 0);
    expect(seen).toEqual(['first and last words']);
    socket.destroy();
  });

  const mutual = { cert, key, ca: cert, requestCert: true };

  test('a client’s is asked for', async () => {
    const { writer, peerWriter } = await both({ ssl: { ca: cert, cert, key } }, { ssl: mutual });
    expect(peerWriter.getExtraInfo('peercert').subject.CN).toBe('bsd-socket test only');
    expect(peerWriter.getExtraInfo('ssl_object')).toMatchObject({
      authorized: true,
      authorizationError: null,
    });
    expect(writer.isClosing()).toBe(false);
  });

  test.each([
    ['that has none', {}],
    ['that has one nobody knows', stranger],
  ])('a client is refused %s', async (_, own) => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const [, port] = await serve(never, { ssl: mutual });
      const meet = async () => {
        // With TLS 1.3 a client is done before the server has looked.
        const [reader] = await dial(port, { ssl: { ca: cert, ...own, maxVersion } });
        const data = await reader.read();
        if (data.length === 0) throw new Error('ended');
      };
      await expect(meet()).rejects.toThrow();
    }
  });

  test('a client without one is taken where it need not be known', async () => {
    const ssl = { ...mutual, rejectUnauthorized: false };
    const { peerWriter } = await both({}, { ssl });
    expect(peerWriter.getExtraInfo('peercert')).toBe(null);
    const { peerWriter: other } = await both({ ssl: { ca: cert, ...stranger } }, { ssl });
    expect(other.getExtraInfo('peercert').subject.CN).toBe('bsd-socket test stranger');
    for (const socket of [peerWriter, other].map((each) => each.getExtraInfo('ssl_object')))
      expect(socket).toMatchObject({ authorized: false, authorizationError: expect.stringMatching(/CERT/) });
  });
});

describe('options', () => {
  const open = (options: object, host: string | null = '127.0.0.1') =>
    openConnection(host, host === null ? null : 1, options);
  const start = (options: object) => startServer(echo, '127.0.0.1', 0, options);
  const unix = (options: object) => openUnixConnection('/nowhere', options);

  test.each([
    ['serverHostname', () => open({ serverHostname: '' }), RangeError, /serverHostname is only meaningful/],
    ['sslHandshakeTimeout', () => open({ sslHandshakeTimeout: 1 }), RangeError, /only meaningful with ssl/],
    ['sslShutdownTimeout', () => open({ sslShutdownTimeout: 1 }), RangeError, /only meaningful with ssl/],
    ['a time of a server', () => start({ sslHandshakeTimeout: 1 }), RangeError, /only meaningful with ssl/],
    ['a time of a server', () => start({ sslShutdownTimeout: 1 }), RangeError, /only meaningful with ssl/],
    ['no name', () => open({ ssl: true }, ''), RangeError, /must set serverHostname/],
    ['no name', () => open({ ssl: true }, null), RangeError, /must set serverHostname/],
    ['no name', () => unix({ ssl: true }), RangeError, /must set serverHostname/],
    ['a name', () => open({ ssl: true, serverHostname: 5 }), TypeError, /serverHostname must be a string/],
    ['no time', () => open({ ssl: true, sslHandshakeTimeout: 0 }), RangeError, /positive number, got 0/],
    ['no time', () => open({ ssl: true, sslShutdownTimeout: -1 }), RangeError, /positive number, got -1/],
    ['no time', () => open({ ssl: true, sslShutdownTimeout: '1' }), TypeError, /must be a number/],
    ['no times', () => start({ ssl: { cert, key }, sslHandshakeTimeout: 0 }), RangeError, /positive number/],
    ['a kind', () => open({ ssl: 'yes' }), TypeError, /ssl must be true or an object/],
    ['a kind', () => open({ ssl: [] }), TypeError, /ssl must be true or an object/],
    ['a server’s kind', () => start({ ssl: true }), TypeError, /ssl must be an object/],
    ['a server’s kind', () => start({ ssl: false }), TypeError, /ssl must be an object/],
    ['a wrong key', () => start({ ssl: { cert, key: stranger.key } }), Error, /key values mismatch/],
  ] as const)('are checked before anything is done: %s', async (_, call, kind, text) => {
    const error = await failure(call);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });
});

describe('the end', () => {
  test.each(['the client', 'the server'])('%s closes: all arrives, and both sides end well', async (side) => {
    const pair = await both();
    const [closer, reader, writer] =
      side === 'the client'
        ? [pair.writer, pair.peerReader, pair.peerWriter]
        : [pair.peerWriter, pair.reader, pair.writer];
    closer.write(LARGE);
    closer.close();
    expect(closer.isClosing()).toBe(true);
    // Nothing more goes out.
    closer.write('x');
    expect((await reader.read()).equals(LARGE)).toBe(true);
    await Promise.all([closer.waitClosed(), writer.waitClosed()]);
    expect(writer.isClosing()).toBe(true);
  });

  test('what comes after close() is for nobody', async () => {
    const { reader, writer, peerWriter } = await both();
    peerWriter.write(LARGE);
    writer.close();
    await Promise.all([writer.waitClosed(), peerWriter.waitClosed()]);
    expect((await reader.read()).length).toBeLessThan(LARGE.length);
  });

  test('a connection that ends without a word ends the stream', async () => {
    const raw = listening(inet);
    const target = await serve(echo);
    const connection = dialThrough(raw, target[1]);
    const [reader, writer] = await connection.streams;
    writer.write('x\n');
    expect(String(await reader.readline())).toBe('x\n');
    connection.relay().end();
    expect(String(await reader.read())).toBe('');
    await writer.waitClosed();
  });

  test('a reset is an error for whoever reads, writes and waits', async () => {
    const raw = listening(inet);
    const target = await serve(echo);
    const connection = dialThrough(raw, target[1]);
    const [reader, writer] = await connection.streams;
    const reading = failure(() => reader.read());
    connection.relay().resetAndDestroy();
    expect((await reading).code).toBe('ECONNRESET');
    expect((await failure(() => writer.waitClosed())).code).toBe('ECONNRESET');
    expect((await failure(() => writer.drain())).code).toBe('ECONNRESET');
    writer.write('x');
  });

  test('close waits for the peer’s answer, and no longer than it may', async () => {
    const raw = listening(inet);
    const target = await serve(echo);
    const connection = dialThrough(raw, target[1], { sslShutdownTimeout: 0.05 });
    const [, writer] = await connection.streams;
    // Nothing gets through any more.
    connection.hold();
    writer.close();
    const error = await failure(() => writer.waitClosed());
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toBe('SSL shutdown timed out');
  });

  test('close waits for the peer’s answer as long as there is time', async () => {
    const raw = listening(inet);
    const target = await serve(echo);
    const connection = dialThrough(raw, target[1]);
    const [, writer] = await connection.streams;
    connection.hold();
    writer.close();
    const closed = watch(writer.waitClosed());
    await turns(50);
    expect(closed.state).toBe('pending');
    connection.release();
    await until(() => closed.state !== 'pending');
    expect(closed.state).toBe('fulfilled');
  });

  test('abort waits for nothing', async () => {
    const { writer, reader, peerReader } = await both();
    writer.write(LARGE);
    writer.transport.abort();
    expect(writer.isClosing()).toBe(true);
    await writer.waitClosed();
    expect(String(await reader.read())).toBe('');
    const got = await peerReader.read().catch(() => Buffer.alloc(0));
    expect(got.length).toBeLessThan(LARGE.length);
  });

  test('a server closes and aborts its clients', async () => {
    const one = await both();
    one.server.close();
    one.server.closeClients();
    expect(String(await one.reader.read())).toBe('');
    await Promise.all([one.writer.waitClosed(), one.server.waitClosed()]);
    const two = await both();
    two.peerWriter.write(LARGE);
    two.server.close();
    two.server.abortClients();
    await two.server.waitClosed();
  });

  test('clients in the middle of their handshake do not keep a server', async () => {
    const [server, port] = await serve(never);
    const socket = plain(port);
    await once(socket, 'connect');
    // Accepted: the connection waits for the client's first word.
    await turns(20);
    server.close();
    const over = watch(server.waitClosed());
    await turns(20);
    expect(over.state).toBe('pending');
    server.closeClients();
    await server.waitClosed();
    await once(socket, 'close');
  });
});

/** A connection through a relay that a test can hold up and cut. */
function dialThrough(raw: ReturnType<typeof listening>, port: number, options = {}) {
  let [near, far]: net.Socket[] = [];
  const held: [net.Socket, Buffer][] = [];
  let holds = false;
  const pass = (to: net.Socket) => (data: Buffer) => {
    if (holds) held.push([to, data]);
    else to.write(data);
  };
  raw.acceptAsync().then(([socket]) => {
    near = new net.Socket({ fd: socket.detach(), readable: true, writable: true });
    far = plain(port);
    for (const each of [near, far]) each.on('error', () => {});
    near.on('data', pass(far)).on('end', () => far!.end());
    far.on('data', pass(near)).on('end', () => near!.end());
    onTestFinished(() => {
      near!.destroy();
    });
  });
  const [, rawPort] = name(raw);
  return {
    streams: dial(rawPort, options),
    /** The socket next to the client. */
    relay: () => near!,
    hold: () => {
      holds = true;
    },
    release: () => {
      holds = false;
      for (const [to, data] of held.splice(0)) to.write(data);
    },
  };
}

describe('flow control', () => {
  test('a writer waits for a reader that does not read', async () => {
    const { writer, peerReader } = await both();
    expect(writer.transport.getWriteBufferLimits()).toEqual([131072, 524288]);
    const data = pattern(8_000_000);
    writer.write(data);
    expect(writer.transport.getWriteBufferSize()).toBeGreaterThan(524288);
    const drained = watch(writer.drain());
    await turns(20);
    expect(drained.state).toBe('pending');
    expect((await peerReader.readexactly(data.length)).equals(data)).toBe(true);
    await until(() => drained.state !== 'pending');
    expect(drained.state).toBe('fulfilled');
    expect(writer.transport.getWriteBufferSize()).toBeLessThanOrEqual(131072);
  });

  test('the marks can be set', async () => {
    const { writer } = await both();
    const { transport } = writer;
    transport.setWriteBufferLimits({ high: 100 });
    expect(transport.getWriteBufferLimits()).toEqual([25, 100]);
    transport.setWriteBufferLimits();
    expect(transport.getWriteBufferLimits()).toEqual([131072, 524288]);
    expect(() => transport.setWriteBufferLimits({ high: 1, low: 2 })).toThrow(RangeError);
  });

  test('reading can be paused', async () => {
    const { reader, writer, peerWriter } = await both();
    const { transport } = writer;
    transport.pauseReading();
    expect(transport.isReading()).toBe(false);
    peerWriter.write('x\n');
    const line = watch(reader.readline());
    await turns(20);
    expect(line.state).toBe('pending');
    transport.resumeReading();
    expect(transport.isReading()).toBe(true);
    await until(() => line.state !== 'pending');
    expect(String(line.value)).toBe('x\n');
  });
});

describe('a handshake that fails', () => {
  test.each([
    ['with something else', (socket: net.Socket) => socket.write('GET / HTTP/1.0\r\n\r\n')],
    ['with an end', (socket: net.Socket) => socket.end()],
    ['with half a handshake and an end', (socket: net.Socket) => socket.end(HELLO.subarray(0, 30))],
    ['with a reset', (socket: net.Socket) => socket.resetAndDestroy()],
    [
      'with half a handshake and a reset',
      (socket: net.Socket) => socket.write(HELLO.subarray(0, 30), () => socket.resetAndDestroy()),
    ],
    ['with nothing at all', undefined],
  ])('is no concern of a server: %s', async (_, act) => {
    const calls: unknown[] = [];
    const [server, port] = await serve(
      (reader, writer) => {
        calls.push(1);
        return echo(reader, writer);
      },
      // Long enough for those who do speak.
      act === undefined ? { sslHandshakeTimeout: 1.5 } : {},
    );
    const socket = plain(port);
    await once(socket, 'connect');
    act?.(socket);
    socket.resume();
    if (!socket.closed) await once(socket, 'close');
    const [reader, writer] = await dial(port);
    writer.write('x\n');
    expect(String(await reader.readline())).toBe('x\n');
    expect(calls).toEqual([1]);
    writer.close();
    server.close();
    await server.waitClosed();
  });

  /** Connects to a server that has no TLS. */
  const meet = async (serving: (writer: StreamWriter) => void, options = {}) => {
    const server = ends(await startServer((_, writer) => serving(writer), '127.0.0.1', 0));
    return failure(() => dial(portOf(server), options));
  };

  test('says so: the server speaks something else', async () => {
    const error = await meet((writer) => writer.write('220 hello\r\n'));
    expect(error.code).toMatch(/^ERR_SSL_/);
  });

  test('says so: the server closes', async () => {
    const error = await meet((writer) => writer.close());
    expect(error).toBeInstanceOf(ConnectionResetError);
    expect(error.code).toBe('ECONNRESET');
  });

  test('says so: the server says nothing', async () => {
    const error = await meet(() => {}, { sslHandshakeTimeout: 0.05 });
    expect(error).toBeInstanceOf(ConnectionAbortedError);
    expect(error.message).toBe('SSL handshake is taking longer than 0.05 seconds: aborting the connection');
  });

  test('is told to whoever asks for it', async () => {
    const program = fileURLToPath(new URL('fixtures/tls-server.mjs', import.meta.url));
    const files = ['certificate', 'key'].map((file) => fileURLToPath(fixture(file)));
    const env = { ...process.env, NODE_DEBUG: 'bsd-socket' };
    const server = start(process.execPath, [program, ...files], { env });
    const socket = plain(Number(await server.says(/\d+\n/)));
    socket.end('GET / HTTP/1.0\r\n\r\n').resume();
    await server.says(/Error on transport creation for incoming connection <SocketTransport .*ERR_SSL_/s);
  });

  test('that cannot even begin, for wrong options, is told to whoever is to blame', async () => {
    const told = reports();
    const wrong = { ALPNProtocols: [5] } as never;
    const [server, port] = await serve(never, { ssl: { cert, key, ...(wrong as object) } });
    expect(await failure(() => dial(port))).toBeInstanceOf(ConnectionResetError);
    expect(told).toMatchObject([
      { message: 'Error on transport creation for incoming connection', exception: { name: 'TypeError' } },
    ]);
    server.close();
    await server.waitClosed();
    const [, good] = await serve(echo);
    const error = await failure(() => dial(good, { ssl: { ca: cert, ...(wrong as object) } }));
    expect(error).toBeInstanceOf(TypeError);
  });

  test('ends when its signal aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const error = await meet(() => controller.abort(reason), { signal: controller.signal });
    expect(error).toBe(reason);
    expect(await failure(() => dial(1, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

/** The first message of a client, as far as anybody looks at it. */
const HELLO = Buffer.from('160301020001000001fc0303'.padEnd(400, '00'), 'hex');

test('what a callback throws closes the connection, and no other', async () => {
  const told = reports();
  const error = new Error('mine');
  let calls = 0;
  const [, port] = await serve((reader, writer) => {
    if (++calls === 1) throw error;
    return echo(reader, writer);
  });
  const [first] = await dial(port);
  const [reader, writer] = await dial(port);
  expect(String(await first.read())).toBe('');
  expect(told).toMatchObject([{ exception: error }]);
  writer.write('x\n');
  expect(String(await reader.readline())).toBe('x\n');
});

test('a connection is closed when nobody can reach it any more', async () => {
  const [server, port] = await serve(echo);
  const warnings: Error[] = [];
  // Node prints nothing meanwhile.
  const printing = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => warnings.push(warning));
  onTestFinished(() => {
    process.removeAllListeners('warning');
    for (const listener of printing) process.on('warning', listener);
  });
  await (async () => {
    await openConnection('127.0.0.1', port, { ssl: { ca: cert } });
  })();
  server.close();
  const over = watch(server.waitClosed());
  await until(() => {
    globalThis.gc?.();
    return over.state !== 'pending';
  });
  expect(warnings.map(({ name: kind }) => kind)).toEqual(['ResourceWarning']);
});
