/** `StreamWriter.startTls`: connections that are encrypted from some point on. */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { ConnectionAbortedError, ConnectionResetError } from 'bsd-socket';
import type { ClientConnected, StreamReader, StreamWriter } from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failure, pattern, turns, until, watch } from './support.ts';
import { cert, dial, echo, key, serve, stranger } from './tls.ts';

const plain = { ssl: null };
const client = [{ ca: cert }, { serverHostname: 'localhost' }] as const;
const server = { cert, key };

/** Answers STARTTLS, and goes on encrypted. */
const starting: ClientConnected = async (reader, writer) => {
  expect(String(await reader.readline())).toBe('STARTTLS\n');
  writer.write('OK\n');
  await writer.startTls(server);
  await echo(reader, writer);
};

async function asked(port: number): Promise<[StreamReader, StreamWriter]> {
  const [reader, writer] = await dial(port, plain);
  writer.write('STARTTLS\n');
  expect(String(await reader.readline())).toBe('OK\n');
  return [reader, writer];
}

async function echoes(reader: StreamReader, writer: StreamWriter): Promise<void> {
  const data = pattern(1_000_000);
  writer.write(data);
  expect((await reader.readexactly(data.length)).equals(data)).toBe(true);
}

test('both sides go on encrypted', async () => {
  const [, port] = await serve(starting, plain);
  const [reader, writer] = await asked(port);
  const before = writer.transport;
  expect(writer.canWriteEof()).toBe(true);
  await writer.startTls(...client);
  expect(writer.transport).not.toBe(before);
  expect(writer.canWriteEof()).toBe(false);
  expect(writer.getExtraInfo('cipher')).toMatchObject({ version: 'TLSv1.3' });
  expect(writer.getExtraInfo('peername')).toEqual(['127.0.0.1', port]);
  await echoes(reader, writer);
  writer.close();
  await writer.waitClosed();
  expect(String(await reader.read())).toBe('');
});

test('what is still buffered goes out before, as it is', async () => {
  const LARGE = pattern(60_000);
  const [, port] = await serve(async (reader, writer) => {
    expect((await reader.readexactly(LARGE.length)).equals(LARGE)).toBe(true);
    await writer.startTls(server);
    await echo(reader, writer);
  }, plain);
  const [reader, writer] = await dial(port, plain);
  writer.write(LARGE);
  await writer.startTls(...client);
  await echoes(reader, writer);
});

test('what the peer has sent early belongs to the handshake', async () => {
  const [, port] = await serve(async (reader, writer) => {
    // The client does not wait for an answer, so that its first message is there with this line.
    await reader.readexactly(6);
    await until(() => /reader=.* \d{3,} bytes/.test(String(writer)));
    await writer.startTls(server);
    await echo(reader, writer);
  }, plain);
  const [reader, writer] = await dial(port, plain);
  writer.write('PROXY\n');
  await writer.startTls(...client);
  await echoes(reader, writer);
});

test('text that somebody slips in before the handshake is no part of what comes after it', async () => {
  const lines: string[] = [];
  const [, port] = await serve(async (reader, writer) => {
    await reader.readline();
    await until(() => /reader=.* \d+ bytes/.test(String(writer)));
    const error = await failure(() => writer.startTls(server));
    lines.push(String(error.code), String(await failure(() => reader.readline())));
  }, plain);
  const [reader, writer] = await dial(port, plain);
  writer.write('STARTTLS\nMAIL FROM:<mallory>\n');
  await reader.read().catch(() => {});
  await until(() => lines.length > 0);
  expect(lines[0]).toMatch(/^ERR_SSL_/);
  expect(lines[1]).not.toContain('mallory');
});

test('a read that waits gets what comes encrypted', async () => {
  const [, port] = await serve(async (reader, writer) => {
    await writer.startTls(server);
    writer.write('secret\n');
    await reader.read();
    writer.close();
  }, plain);
  const [reader, writer] = await dial(port, plain);
  const line = reader.readline();
  await writer.startTls(...client);
  expect(String(await line)).toBe('secret\n');
});

test('TLS in TLS', async () => {
  const [, port] = await serve(starting);
  const [reader, writer] = await dial(port);
  writer.write('STARTTLS\n');
  expect(String(await reader.readline())).toBe('OK\n');
  await writer.startTls(...client);
  await echoes(reader, writer);
  expect(String(writer.transport)).toMatch(/^<TlsTransport over <TlsTransport over <SocketTransport/);
  writer.close();
  await writer.waitClosed();
});

test('a client’s certificate is asked for', async () => {
  const names: unknown[] = [];
  const [, port] = await serve(async (reader, writer) => {
    await writer.startTls({ ...server, ca: cert, requestCert: true });
    names.push(writer.getExtraInfo('peercert').subject.CN);
    await echo(reader, writer);
  }, plain);
  const [reader, writer] = await dial(port, plain);
  await writer.startTls({ ca: cert, cert, key }, { serverHostname: '127.0.0.1' });
  await echoes(reader, writer);
  expect(names).toEqual(['bsd-socket test only']);
});

test('with a server of node, and a client of node', async () => {
  const node = net.createServer((socket) => {
    const secure = new tls.TLSSocket(socket, { isServer: true, ...server });
    secure.on('error', () => {}).pipe(secure);
  });
  onTestFinished(() => {
    node.close();
  });
  await once(node.listen(0, '127.0.0.1'), 'listening');
  const [reader, writer] = await dial((node.address() as net.AddressInfo).port, plain);
  await writer.startTls(...client);
  await echoes(reader, writer);
  writer.close();
  await writer.waitClosed();

  const [, port] = await serve(starting, plain);
  const socket = net.connect(port, '127.0.0.1');
  socket.write('STARTTLS\n');
  await once(socket, 'data');
  const secure = tls.connect({ socket, ca: cert, servername: 'localhost' });
  secure.write('x\n');
  expect(String((await once(secure, 'data'))[0])).toBe('x\n');
  secure.end();
  await once(secure.resume(), 'end');
  await once(secure, 'close');
});

describe('fails', () => {
  test.each([
    ['the certificate is nobody’s', [true, { serverHostname: 'localhost' }], 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['it is another’s', [{ ca: cert }, { serverHostname: 'example.org' }], 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('and closes the connection: %s', async (_, args, code) => {
    const errors: Error[] = [];
    const [, port] = await serve(async (_reader, writer) => {
      errors.push(await failure(() => writer.startTls(server)));
    }, plain);
    const [reader, writer] = await dial(port, plain);
    expect((await failure(() => writer.startTls(...(args as unknown as [true])))).code).toBe(code);
    expect(writer.isClosing()).toBe(true);
    expect((await failure(() => writer.waitClosed())).code).toBe(code);
    expect((await failure(() => reader.read())).code).toBe(code);
    await until(() => errors.length > 0);
  });

  test.each([
    ['a server that goes', (writer: StreamWriter) => writer.close(), ConnectionResetError, null],
    ['a server that says nothing', () => {}, ConnectionAbortedError, 0.1],
  ])('with %s', async (_, act, kind, sslHandshakeTimeout) => {
    const [, port] = await serve((_reader, writer) => act(writer), plain);
    const [, writer] = await dial(port, plain);
    const error = await failure(() =>
      writer.startTls({ ca: cert }, { serverHostname: '', sslHandshakeTimeout }),
    );
    expect(error).toBeInstanceOf(kind);
    expect(writer.isClosing()).toBe(true);
  });

  test('after the end of the connection', async () => {
    const [, port] = await serve((_, writer) => writer.close(), plain);
    const [reader, writer] = await dial(port, plain);
    expect(String(await reader.read())).toBe('');
    expect(await failure(() => writer.startTls(...client))).toBeInstanceOf(ConnectionResetError);
    await writer.waitClosed();
    expect(await failure(() => writer.startTls(...client))).toBeInstanceOf(ConnectionResetError);
  });

  test.each([0, 10])('when its signal aborts, %s turns later', async (later) => {
    const [, port] = await serve(() => {}, plain);
    const [, writer] = await dial(port, plain);
    const controller = new AbortController();
    const started = watch(writer.startTls({ ca: cert }, { serverHostname: '', signal: controller.signal }));
    const reason = new Error('enough');
    await turns(later);
    controller.abort(reason);
    await until(() => started.state !== 'pending');
    expect(started.error).toBe(reason);
    await writer.waitClosed();
  });

  test.each([
    ['no name', [{ ca: cert }, {}], RangeError, /needs serverHostname/],
    ['no name', [true, {}], RangeError, /needs serverHostname/],
    ['a kind', ['yes', {}], TypeError, /ssl must be true or an object/],
    ['a kind', [null, {}], TypeError, /ssl must be true or an object/],
    ['a time', [true, { serverHostname: '', sslHandshakeTimeout: 0 }], RangeError, /positive number/],
    ['a name', [true, { serverHostname: 5 }], TypeError, /serverHostname must be a string/],
  ] as const)('and leaves the connection as it is: %s', async (_, args, kind, text) => {
    const [, port] = await serve(echo, plain);
    const [reader, writer] = await dial(port, plain);
    const error = await failure(() => writer.startTls(...(args as unknown as [true])));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
    writer.write('x\n');
    expect(String(await reader.readline())).toBe('x\n');
  });

  test('without a certificate on the server’s side', async () => {
    const errors: Error[] = [];
    const [, port] = await serve(async (_, writer) => {
      errors.push(await failure(() => writer.startTls(true)));
      errors.push(await failure(() => writer.startTls({ cert, key: stranger.key })));
      writer.close();
    }, plain);
    const [reader] = await dial(port, plain);
    await reader.read();
    expect(errors.map(({ message }) => message)).toEqual([
      'startTls(): ssl must be an object of tls options, with cert and key, not true',
      expect.stringContaining('key values mismatch'),
    ]);
  });
});
