/** lib/socket/socket-messages.ts: the arguments and results of sendmsg, recvmsg and recvmsgInto. */
import {
  ancillary,
  type Bytes,
  SO_PASSCRED,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  type WritableBytes,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import {
  type AnySocket,
  both,
  bound,
  describeMatrix,
  failure,
  families,
  inet,
  type Mode,
  modes,
  name,
  noSuchHost,
  open,
  pair,
  unixPath,
} from './support.ts';

const generator = function* <T>(...values: T[]): Generator<T> {
  yield* values;
};

describeMatrix(families, (family, mode) => {
  test('a stream', async () => {
    const [a, b] = pair(family);
    expect(await both(mode, a).sendmsg(['one', 'two'])).toBe(6);
    const [data, ancdata, flags, address] = await both(mode, b).recvmsg(100);
    expect([String(data), ancdata, flags]).toEqual(['onetwo', [], 0]);
    expect(address).toBeNull();
  });

  test('datagrams, with an address and without', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    expect(await both(mode, a).sendmsg(['to', 'peer'])).toBe(6);
    expect(await both(mode, b).recvmsg(100)).toEqual([Buffer.from('topeer'), [], 0, name(a)]);
    const other = bound(family, SOCK_DGRAM);
    const receiver = bound(family, SOCK_DGRAM);
    expect(await both(mode, other).sendmsg(['x'], [], 0, name(receiver))).toBe(1);
    expect(await both(mode, receiver).recvmsgInto([Buffer.alloc(9)])).toEqual([1, [], 0, name(other)]);
    await expect(both(mode, other).sendmsg(['x'])).rejects.toMatchObject({ syscall: 'sendmsg' });
  });

  test('into pieces of memory, in their order', async () => {
    const [a, b] = pair(family);
    a.send('Mary had a little lamb');
    const [one, two, three] = [Buffer.from('----'), Buffer.from('0123456789'), Buffer.from('--------------')];
    const [nbytes] = await both(mode, b).recvmsgInto([one, two.subarray(2, 9), three]);
    expect([nbytes, ...[one, two, three].map(String)]).toEqual([22, 'Mary', '01 had a 9', 'little lamb---']);
  });
});

describe.each(modes)('any iterable of any mix, %s', (mode) => {
  test('to send', async () => {
    const [a, b] = pair(unixPath);
    const memory = Buffer.from('abcdefgh');
    const { buffer, byteOffset } = new Uint8Array(memory);
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(33);
    const parts = generator<Bytes>(
      '',
      'grüße ',
      buffer,
      new Uint16Array(buffer, byteOffset + 2, 2),
      new DataView(buffer, 7),
      shared,
      shared.buffer,
    );
    const count = await both(mode, a).sendmsg(parts, generator());
    expect([count, String(b.recv(100))]).toEqual([25, 'grüße abcdefghcdefh!!!!']);
    expect(await both(mode, a).sendmsg(new Set(['one']))).toBe(3);
    expect(await both(mode, a).sendmsg([])).toBe(0);
  });

  test('to receive', async () => {
    const [a, b] = pair(unixPath);
    a.send('0123456789abcdef');
    const memory = new ArrayBuffer(4);
    const words = new Uint16Array(2);
    const shared = new SharedArrayBuffer(4);
    const view = new DataView(new ArrayBuffer(8), 2, 4);
    const [nbytes] = await both(mode, b).recvmsgInto(generator<WritableBytes>(memory, words, shared, view));
    const text = [memory, words.buffer, shared, view.buffer].map((each) =>
      Buffer.from(each as ArrayBuffer).toString(),
    );
    expect([nbytes, ...text]).toEqual([16, '0123', '4567', '89ab', '\0\0cdef\0\0']);
  });

  test('is iterated over once, before anything is waited for', async () => {
    const receiver = bound(inet, SOCK_DGRAM);
    const a = open(inet, SOCK_DGRAM);
    let times = 0;
    const counting = {
      *[Symbol.iterator]() {
        times++;
        yield 'x';
      },
    };
    const sending = both(mode, a).sendmsg(counting, [], 0, ['localhost', name(receiver)[1]]);
    expect(times).toBe(1);
    await sending;
    expect([times, String(receiver.recv(9))]).toEqual([1, 'x']);
  });

  test('an iterator’s own error is passed on', async () => {
    const [a] = pair(unixPath);
    const failing = {
      [Symbol.iterator]() {
        throw new Error('its own');
      },
    };
    await expect(both(mode, a).sendmsg(failing as never)).rejects.toThrow('its own');
    await expect(both(mode, a).recvmsgInto(failing as never)).rejects.toThrow('its own');
  });
});

describe.each(modes)('wrong arguments, %s', (mode) => {
  type Call = (sock: AnySocket, mode: Mode) => Promise<unknown>;
  const wrong = (value: unknown) => value as never;
  const sendmsg =
    (...args: unknown[]): Call =>
    (sock, how) =>
      (both(how, sock).sendmsg as (...all: unknown[]) => Promise<unknown>)(...args);
  const rows: [name: string, error: typeof TypeError | typeof RangeError, message: RegExp, call: Call][] = [
    [
      'bytes',
      TypeError,
      /^sendmsg\(\): buffers must be an iterable of bytes, not an instance of Buffer/,
      sendmsg(Buffer.from('x')),
    ],
    ['text', TypeError, /buffers must be an iterable of bytes, not 'x'/, sendmsg('x')],
    ['numbers', TypeError, /an item of buffers must be bytes .*, not 5/, sendmsg([5])],
    [
      'ancillary data',
      TypeError,
      /ancdata must be an iterable of \[level, type, data\], not 5/,
      sendmsg(['x'], 5),
    ],
    [
      'an item',
      TypeError,
      /ancdata must be an iterable of \[level, type, data\]; an item must|an item/,
      sendmsg(['x'], [[1, 2]]),
    ],
    [
      'a level',
      TypeError,
      /level of ancdata must be an integer, not 'x'/,
      sendmsg(['x'], [['x', 2, ''] as never]),
    ],
    ['a type', RangeError, /type of ancdata/, sendmsg(['x'], [[1, 2 ** 31, '']])],
    ['data', TypeError, /data of ancdata must be bytes/, sendmsg(['x'], [[1, 2, 3]])],
    ['flags', TypeError, /^sendmsg\(\): flags must be an integer/, sendmsg(['x'], [], '0')],
    ['an address', TypeError, /AF_UNIX address/, sendmsg(['x'], [], 0, 5)],
    [
      'a size',
      RangeError,
      /bufsize must be 0 or more \(negative buffer size in recvmsg\), not -1/,
      (sock, how) => both(how, sock).recvmsg(-1),
    ],
    [
      'room',
      RangeError,
      /ancbufsize must be 0 or more \(invalid ancillary data buffer length in recvmsg\)/,
      (sock, how) => both(how, sock).recvmsg(1, -1),
    ],
    [
      'much room',
      RangeError,
      /ancbufsize must be an integer from 0/,
      (sock, how) => both(how, sock).recvmsg(1, 2 ** 31),
    ],
    [
      'memory',
      TypeError,
      /^recvmsgInto\(\): an item of buffers must be memory/,
      (sock, how) => both(how, sock).recvmsgInto([wrong('x')]),
    ],
    [
      'one buffer',
      TypeError,
      /buffers must be an iterable of bytes/,
      (sock, how) => both(how, sock).recvmsgInto(wrong(Buffer.alloc(1))),
    ],
  ];
  test.each(rows)('%s', async (_name, error, message, call) => {
    const [a] = pair(unixPath);
    const thrown = await failure(() => call(a, mode));
    expect(thrown).toBeInstanceOf(error);
    expect(thrown.message).toMatch(message);
  });

  test('of the asynchronous form alone', async () => {
    const [a] = pair(unixPath);
    await expect(a.sendmsgAsync(['x'], [], 0, null, wrong(5))).rejects.toThrow(TypeError);
    await expect(a.recvmsgAsync(1, 0, 0, wrong([]))).rejects.toThrow(TypeError);
    const aborted = { signal: AbortSignal.abort('reason') };
    await expect(a.sendmsgAsync(['x'], [], 0, null, aborted)).rejects.toBe('reason');
    await expect(a.recvmsgAsync(1, 0, 0, aborted)).rejects.toBe('reason');
    await expect(a.recvmsgIntoAsync([], 0, 0, aborted)).rejects.toBe('reason');
  });
});

describe.each(modes)('errors of the system, %s', (mode) => {
  test('too many pieces', async () => {
    const [a, b] = pair(unixPath);
    const most = 1024;
    expect(await both(mode, a).sendmsg(new Array(most).fill('x'))).toBe(most);
    await expect(both(mode, a).sendmsg(new Array(most + 1).fill('x'))).rejects.toMatchObject({
      code: 'EMSGSIZE',
    });
    await expect(both(mode, b).recvmsgInto(new Array(most + 1).fill(Buffer.alloc(1)))).rejects.toMatchObject({
      code: 'EMSGSIZE',
    });
    expect((await both(mode, b).recvmsgInto(new Array(most).fill(Buffer.alloc(1))))[0]).toBe(most);
  });

  test('too large a datagram, with its address', async () => {
    const sock = open(inet, SOCK_DGRAM);
    const sending = both(mode, sock).sendmsg([Buffer.alloc(65536)], [], 0, ['127.0.0.1', 9]);
    await expect(sending).rejects.toMatchObject({
      code: 'EMSGSIZE',
      syscall: 'sendmsg',
      address: '127.0.0.1',
      port: 9,
    });
  });

  test('control messages that make no sense', async () => {
    const [a] = pair(unixPath);
    await expect(both(mode, a).sendmsg(['x'], [ancillary.rights([2 ** 31 - 1])])).rejects.toMatchObject({
      code: 'EBADF',
    });
    await expect(both(mode, a).sendmsg(['x'], [[SOL_SOCKET, 999, '']])).rejects.toMatchObject({
      code: 'EINVAL',
    });
    const fds = new Array(254).fill(0);
    await expect(both(mode, a).sendmsg(['x'], [ancillary.rights(fds)])).rejects.toMatchObject({
      code: 'EINVAL',
    });
  });

  test('a name that cannot be resolved', async () => {
    const sock = open(inet, SOCK_DGRAM);
    await expect(both(mode, sock).sendmsg(['x'], [], 0, [noSuchHost, 9])).rejects.toMatchObject({
      name: 'gaierror',
    });
  });

  test('a socket that is closed', async () => {
    const [a] = pair(unixPath);
    a.close();
    const calls = both(mode, a);
    for (const call of [calls.sendmsg(['x']), calls.recvmsg(1), calls.recvmsgInto([])])
      await expect(call).rejects.toMatchObject({ code: 'EBADF' });
  });
});

test.each(modes)('packets keep their boundaries and their credentials, %s', async (mode) => {
  const server = bound(unixPath, SOCK_SEQPACKET);
  server.listen();
  const client = open(unixPath, SOCK_SEQPACKET);
  client.connect(name(server));
  const [connection] = server.accept();
  connection.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
  await both(mode, client).sendmsg(['one ', 'packet']);
  await both(mode, client).sendmsg(['another']);
  const messages = [
    await both(mode, connection).recvmsg(100, 64),
    await both(mode, connection).recvmsg(100, 64),
  ];
  expect(messages.map(([data]) => String(data))).toEqual(['one packet', 'another']);
  expect(messages.map(([, ancdata]) => ancdata.length)).toEqual([1, 1]);
  connection.close();
});
