/** toWeb(): a byte stream and a writable stream over one socket. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { SHUT_WR, SO_LINGER, SOL_SOCKET } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AnySocket,
  failure,
  families,
  fill,
  inet,
  open,
  pair,
  pattern,
  turns,
  unixPath,
  until,
  watch,
} from './support.ts';

const present = families.filter(({ missing }) => missing === undefined);
const LARGE = pattern(3_000_000);

async function all(readable: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function put(writable: WritableStream, ...chunks: unknown[]): Promise<void> {
  const writer = writable.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

const reset = (socket: AnySocket) => {
  socket.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
  socket.close();
};

describe.each(present)('$name', (family) => {
  test('carries bytes both ways, and closes the socket when both are over', async () => {
    const [client, server] = pair(family);
    const [a, b] = [client.toWeb(), server.toWeb()];
    expect(a.readable).toBeInstanceOf(ReadableStream);
    expect(a.writable).toBeInstanceOf(WritableStream);
    const results = [all(a.readable), all(b.readable)];
    await Promise.all([put(a.writable, LARGE), put(b.writable, LARGE.subarray(0, 500_000))]);
    expect((await results[1]!).equals(LARGE)).toBe(true);
    expect((await results[0]!).equals(LARGE.subarray(0, 500_000))).toBe(true);
    expect([client.closed, server.closed]).toEqual([true, true]);
  });
});

describe('reading', () => {
  test('into memory that the reader brings', async () => {
    const [client, server] = pair(unixPath);
    const { readable } = client.toWeb();
    const reader = readable.getReader({ mode: 'byob' });
    server.sendall('hello world');
    const first = await reader.read(new Uint8Array(new ArrayBuffer(16), 2, 5));
    expect([String(Buffer.from(first.value!)), first.value!.byteOffset, first.done]).toEqual([
      'hello',
      2,
      false,
    ]);
    const second = await reader.read(new Uint8Array(first.value!.buffer));
    expect(String(Buffer.from(second.value!))).toBe(' world');
    const third = reader.read(new Uint8Array(second.value!.buffer));
    server.shutdown(SHUT_WR);
    const { value, done } = await third;
    expect([value?.byteLength, value?.buffer.byteLength, done]).toEqual([0, 16, true]);
  });

  test('with a default reader gives chunks of their own memory', async () => {
    const [client, server] = pair(unixPath);
    const reader = client.toWeb().readable.getReader();
    const chunks: Uint8Array[] = [];
    for (const text of ['one', 'two']) {
      server.sendall(text);
      chunks.push((await reader.read()).value!);
    }
    expect(chunks.map((chunk) => [String(Buffer.from(chunk)), chunk.buffer.byteLength])).toEqual([
      ['one', 3],
      ['two', 3],
    ]);
    // Ordinary receives go on: none of their memory has been given away.
    const [other, peer] = pair(unixPath);
    peer.sendall('three');
    expect(String(await other.recvAsync(99))).toBe('three');
  });

  test('nothing is received that nobody asked for', async () => {
    const [client, server] = pair(unixPath);
    const { readable } = client.toWeb();
    server.sendall('0123456789');
    await turns(20);
    expect(client.recv(99, 2 /* MSG_PEEK */).length).toBe(10);
    const reader = readable.getReader({ mode: 'byob' });
    await reader.read(new Uint8Array(4));
    await turns(20);
    expect(client.recv(99, 2).length).toBe(6);
  });

  test.each([1, 1000, 100_000])('no more is received ahead than %i bytes', async (readableHighWaterMark) => {
    const [client, server] = pair(unixPath);
    const sent = fill(server);
    const { readable } = client.toWeb({ readableHighWaterMark });
    await turns(50);
    // What is left in the kernel has not been received.
    const drainable = Buffer.alloc(sent);
    const left = client.recvInto(drainable, sent, 2);
    expect(left).toBe(sent - readableHighWaterMark);
    server.shutdown(SHUT_WR);
    expect((await all(readable)).length).toBe(sent);
  });

  test('cancel() ends the one direction', async () => {
    const [client, server] = pair(unixPath);
    const { readable, writable } = client.toWeb();
    const reader = readable.getReader();
    const pending = reader.read();
    await turns();
    await reader.cancel('enough');
    expect(await pending).toEqual({ value: undefined, done: true });
    expect(client.closed).toBe(false);
    expect(await failure(() => server.send('x'))).toMatchObject({ code: 'EPIPE' });
    await put(writable, 'still');
    expect(String(server.recv(99))).toBe('still');
    expect(server.recv(99).length).toBe(0);
    expect(client.closed).toBe(true);
  });

  test('cancel() with memory of the reader outstanding', async () => {
    const [client, server] = pair(unixPath);
    const { readable, writable } = client.toWeb();
    const reader = readable.getReader({ mode: 'byob' });
    const pending = reader.read(new Uint8Array(10));
    await turns();
    await reader.cancel();
    expect((await pending).done).toBe(true);
    await writable.abort();
    expect(client.closed).toBe(true);
    expect(server.recv(9).length).toBe(0);
  });

  test('a reader that lets go loses nothing', async () => {
    const [client, server] = pair(unixPath);
    const { readable } = client.toWeb();
    const first = readable.getReader();
    const pending = failure(() => first.read());
    await turns();
    first.releaseLock();
    expect(await pending).toBeInstanceOf(TypeError);
    server.sendall('kept');
    server.shutdown(SHUT_WR);
    expect(String(await all(readable))).toBe('kept');
  });

  test('a reset fails both', async () => {
    const [client, server] = pair(inet);
    const { readable, writable } = client.toWeb();
    const read = failure(() => readable.getReader().read());
    await turns();
    reset(server);
    const error = await read;
    expect(error).toMatchObject({ name: 'ConnectionResetError', code: 'ECONNRESET', syscall: 'recv' });
    expect(await failure(() => writable.getWriter().write('x'))).toBe(error);
    expect(client.closed).toBe(true);
  });

  test('tee() and pipeThrough()', async () => {
    const [client, server] = pair(unixPath);
    const { readable } = client.toWeb();
    server.sendall('hello');
    server.shutdown(SHUT_WR);
    const upper = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) =>
        controller.enqueue(Buffer.from(String(Buffer.from(chunk)).toUpperCase())),
    });
    const [one, two] = readable.tee();
    const results = [all(one as ReadableStream<Uint8Array>), all(two.pipeThrough(upper))];
    expect((await Promise.all(results)).map(String)).toEqual(['hello', 'HELLO']);
  });
});

describe('writing', () => {
  test('takes all kinds of bytes', async () => {
    const [client, server] = pair(unixPath);
    const shared = new Uint8Array(new SharedArrayBuffer(1)).fill(100);
    const chunks = [
      'a',
      Buffer.from('b'),
      new Uint8Array([99]).buffer,
      shared,
      new DataView(new ArrayBuffer(1)),
      '',
    ];
    await put(client.toWeb().writable, ...chunks);
    expect(String(await all(server.toWeb().readable))).toBe('abcd\0');
  });

  test.each([3, null, {}, { byteLength: Number.NaN }])(
    'a chunk of another kind fails both: %j',
    async (wrong) => {
      const [client, server] = pair(unixPath);
      const { readable, writable } = client.toWeb();
      const writer = writable.getWriter();
      const [closed, read] = [failure(() => writer.closed), failure(() => readable.getReader().read())];
      const error = await failure(() => writer.write(wrong as never));
      expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
      expect(error.message).toMatch(/^write\(\): chunk must be bytes/);
      expect([await closed, await read]).toEqual([error, error]);
      expect(client.closed).toBe(true);
      expect(server.recv(9).length).toBe(0);
    },
  );

  test('a chunk of another kind at the end of a pipe fails both, behind what came before it', async () => {
    const [client, server] = pair(unixPath);
    const { readable, writable } = client.toWeb();
    const read = failure(() => readable.getReader().read());
    const error = await failure(() => ReadableStream.from<unknown>(['ok', {}]).pipeTo(writable));
    expect(error).toBeInstanceOf(TypeError);
    expect(await read).toBe(error);
    expect(client.closed).toBe(true);
    expect(String(server.recv(9))).toBe('ok');
  });

  test('ready waits from the high-water mark on', async () => {
    const [client, server] = pair(unixPath);
    fill(client);
    const writer = client.toWeb({ writableHighWaterMark: 1000 }).writable.getWriter();
    expect(writer.desiredSize).toBe(1000);
    void writer.write(Buffer.alloc(999));
    expect(writer.desiredSize).toBe(1);
    const written = writer.write(Buffer.alloc(1));
    const ready = watch(writer.ready);
    await turns(20);
    expect([writer.desiredSize, ready.state]).toEqual([0, 'pending']);
    const done = watch(written);
    while (done.state === 'pending') await server.recvAsync(65536);
    await writer.ready;
    expect(writer.desiredSize).toBe(1000);
  });

  test('close() ends the one direction', async () => {
    const [client, server] = pair(unixPath);
    const { readable, writable } = client.toWeb();
    await put(writable, 'question');
    expect(client.closed).toBe(false);
    expect(String(await all(server.toWeb().readable))).toBe('question');
    server.sendall('answer');
    server.close();
    expect(String(await all(readable))).toBe('answer');
    expect(client.closed).toBe(true);
  });

  test('abort() ends a write that waits, and everything else', async () => {
    const [client, server] = pair(unixPath);
    fill(client);
    const { readable, writable } = client.toWeb();
    const writer = writable.getWriter();
    const written = failure(() => writer.write('never'));
    const read = failure(() => readable.getReader().read());
    await turns();
    const reason = new Error('no more');
    await writer.abort(reason);
    expect([await written, await read]).toEqual([reason, reason]);
    expect(client.closed).toBe(true);
    while (server.recv(65536).length > 0);
  });

  test('to a peer that is gone fails both', async () => {
    const [client, server] = pair(unixPath);
    server.close();
    const { readable, writable } = client.toWeb();
    const error = await failure(() => writable.getWriter().write('x'));
    expect(error).toMatchObject({ name: 'BrokenPipeError', code: 'EPIPE' });
    expect(await failure(() => readable.getReader().read())).toBe(error);
    expect(client.closed).toBe(true);
  });
});

test('HTTP by hand, with text streams', async () => {
  const web = http.createServer((request, response) => response.end(`you asked for ${request.url}`));
  onTestFinished(() => {
    web.close();
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const socket = open(inet);
  await socket.connectAsync(['127.0.0.1', (web.address() as AddressInfo).port]);
  const { readable, writable } = socket.toWeb();
  const answer = all(readable);
  await put(writable, 'GET /path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(String(await answer)).toMatch(/^HTTP\/1.1 200 OK.*you asked for \/path$/s);
  await until(() => socket.closed);
});

test.each([
  [{ readableHighWaterMark: -1 }, RangeError],
  [{ writableHighWaterMark: 1.5 }, RangeError],
  [{ readableHighWaterMark: '1' }, TypeError],
])('toWeb(%j) is refused', async (options, type) => {
  const socket = open(inet);
  expect(await failure(() => socket.toWeb(options as never))).toBeInstanceOf(type);
  expect(socket.timeout).toBe(null);
});
