/** sendmmsg and recvmmsg on sockets of every family, in both forms. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  AF_INET6,
  BlockingIOError,
  ConnectionRefusedError,
  MessageBatch,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SHUT_RD,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
  Socket,
  TimeoutError,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { liar, resizable } from './fixtures/memory.ts';
import { libraryUrl, peer } from './peers.ts';
import {
  type AnySocket,
  both,
  bound,
  describeMatrix,
  failure,
  families,
  inet,
  modes,
  name,
  noSuchHost,
  open,
  pair,
  path,
  pattern,
  turns,
  unixAbstract,
  unixPath,
  watch,
} from './support.ts';

const texts = (batch: MessageBatch<number>) => Array.from(batch, ([data]) => String(data));

/** Puts what is there into a batch of eight. */
function arrived(sock: AnySocket) {
  const batch = new MessageBatch<number>(8, 100);
  sock.recvmmsg(batch, MSG_DONTWAIT);
  return batch;
}

describeMatrix(families, (family, mode) => {
  test('many messages to many receivers, and each with its sender', async () => {
    const [a, b, c] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    const batch = new MessageBatch<number>(4, 100, { family: family.family });
    batch.push('to b', name(b));
    batch.push(Buffer.from('to c'), name(c));
    batch.push('', name(b));
    expect(await both(mode, a).sendmmsg(batch)).toBe(3);
    expect([0, 1, 2].map((index) => batch.transferred(index))).toEqual([4, 4, 0]);
    const received = new MessageBatch(4, 100);
    expect(await both(mode, b).recvmmsg(received)).toBe(2);
    expect([...received]).toEqual([
      [Buffer.from('to b'), name(a)],
      [Buffer.from(''), name(a)],
    ]);
    expect(await both(mode, c).recvmmsg(received)).toBe(1);
    expect([...received]).toEqual([[Buffer.from('to c'), name(a)]]);
  });

  test('what has been received goes back to where it came from', async () => {
    const server = bound(family, SOCK_DGRAM);
    const clients = [1, 2, 3].map(() => bound(family, SOCK_DGRAM));
    for (const [index, client] of clients.entries()) client.sendto(`hello from ${index}`, name(server));
    const batch = new MessageBatch<number>(8, 100);
    expect(await both(mode, server).recvmmsg(batch)).toBe(3);
    expect(await both(mode, server).sendmmsg(batch)).toBe(3);
    expect(clients.map((client) => texts(arrived(client)))).toEqual([
      ['hello from 0'],
      ['hello from 1'],
      ['hello from 2'],
    ]);
  });

  test('plain arrays, with addresses and without', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    const [c, d] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
    const { sendmmsg } = both(mode, a);
    expect(await sendmmsg(['one', Buffer.from('two'), ['three'], ['four', null, []]])).toBe(4);
    expect(texts(arrived(b))).toEqual(['one', 'two', 'three', 'four']);
    const list = new Set<[string, unknown]>([
      ['x', name(c)],
      ['y', name(d)],
    ]);
    expect(await both(mode, open(family, SOCK_DGRAM)).sendmmsg(list as never)).toBe(2);
    expect([texts(arrived(c)), texts(arrived(d))]).toEqual([['x'], ['y']]);
    expect(await sendmmsg([])).toBe(0);
  });

  test('what views say of their length does not count', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    const messages = [liar('long', 6000), 'between', liar('short', 1), [liar('none', 0)] as const];
    expect(await both(mode, a).sendmmsg(messages)).toBe(4);
    expect(texts(arrived(b))).toEqual(['long', 'between', 'short', 'none']);
  });

  test('from a message on', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    const batch = new MessageBatch<number>(3, 10);
    for (const text of ['a', 'b', 'c']) batch.push(text);
    expect(await both(mode, a).sendmmsg(batch, 0, 1)).toBe(2);
    expect(await both(mode, a).sendmmsg(['d', 'e'], 0, 1)).toBe(1);
    expect(await both(mode, a).sendmmsg(batch, 0, 3)).toBe(0);
    expect(texts(arrived(b))).toEqual(['b', 'c', 'e']);
    for (const start of [-1, 4, 0.5]) {
      await expect(both(mode, a).sendmmsg(batch, 0, start)).rejects.toThrow(RangeError);
    }
  });

  test('no more than there is room for, and the rest with the next call', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    a.sendmmsg(['1', '2', '3', '4', '5']);
    const batch = new MessageBatch<number>(3, 10);
    expect(await both(mode, b).recvmmsg(batch)).toBe(3);
    expect(texts(batch)).toEqual(['1', '2', '3']);
    expect(await both(mode, b).recvmmsg(batch)).toBe(2);
    expect(texts(batch)).toEqual(['4', '5']);
  });

  test('a long message is cut, and its flags say so', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    a.sendmmsg(['123456', '123', '123456']);
    const batch = new MessageBatch<number>(3, 4);
    const rows = () =>
      [0, 1, 2].map((index) => [
        String(batch.data(index)),
        batch.flags(index) & MSG_TRUNC,
        batch.transferred(index),
      ]);
    // A peek takes nothing away, so that every message is the first one.
    expect(await both(mode, b).recvmmsg(batch, MSG_PEEK)).toBe(3);
    expect(rows()).toEqual(Array(3).fill(['1234', MSG_TRUNC, 4]));
    expect(await both(mode, b).recvmmsg(batch, MSG_TRUNC)).toBe(3);
    expect(rows()).toEqual([
      ['1234', MSG_TRUNC, 6],
      ['123', 0, 3],
      ['1234', MSG_TRUNC, 6],
    ]);
    // What is sent on is what there is, and nothing of its neighbour.
    b.sendmmsg(batch);
    expect(texts(arrived(a))).toEqual(['1234', '123', '1234']);
  });

  test('it waits for the first message, and takes those that are there then', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    await peer(a, (sock) => sock.sendmmsg(['1', '2']));
    const batch = new MessageBatch<number>(8, 10);
    expect(await both(mode, b).recvmmsg(batch)).toBeGreaterThan(0);
    expect(texts(batch)[0]).toBe('1');
  });

  test('with MSG_WAITALL it waits until the batch is full', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    const { done } = await peer(a, (sock, { blocked }) => {
      for (const text of ['1', '2', '3', '4']) {
        sock.send(text);
        blocked();
      }
    });
    const batch = new MessageBatch<number>(3, 10);
    expect(await both(mode, b).recvmmsg(batch, MSG_WAITALL)).toBe(3);
    expect(texts(batch)).toEqual(['1', '2', '3']);
    await done;
    expect(await both(mode, b).recv(10)).toEqual(Buffer.from('4'));
  });

  test('with MSG_WAITALL and a timeout it returns what has come until then', async () => {
    const [a, b] = pair(family, SOCK_DGRAM);
    b.settimeout(0.05);
    const batch = new MessageBatch<number>(3, 10);
    await expect(both(mode, b).recvmmsg(batch, MSG_WAITALL)).rejects.toThrow(TimeoutError);
    a.sendmmsg(['1', '2']);
    expect(await both(mode, b).recvmmsg(batch, MSG_WAITALL)).toBe(2);
    expect(texts(batch)).toEqual(['1', '2']);
  });

  test('nothing there: BlockingIOError where it may not wait', async () => {
    const [, b] = pair(family, SOCK_DGRAM);
    const batch = new MessageBatch<number>(3, 10);
    await expect(both(mode, b).recvmmsg(batch, MSG_DONTWAIT)).rejects.toThrow(BlockingIOError);
    b.settimeout(0);
    expect(() => b.recvmmsg(batch)).toThrow(BlockingIOError);
    expect(() => b.recvmmsg(batch, MSG_WAITALL)).toThrow(BlockingIOError);
  });

  test('a stream’s messages go out to their last bytes', async () => {
    const [a, b] = pair(family);
    const data = pattern(3_000_000);
    const batch = new MessageBatch<number>(3, 1_000_000);
    for (let at = 0; at < 3; at++) batch.push(data.subarray(at * 1_000_000, (at + 1) * 1_000_000));
    const { done } = await peer(b, (sock) => sock.recv(3_000_000, 0x100 /* MSG_WAITALL */));
    expect(await both(mode, a).sendmmsg(batch)).toBe(3);
    expect(Buffer.compare(data, Buffer.from(await done))).toBe(0);
    expect([0, 1, 2].map((index) => batch.transferred(index))).toEqual([1e6, 1e6, 1e6]);
  });

  test('with a timeout a stream takes what it has room for, and the batch says how much', async () => {
    const [a, b] = pair(family);
    a.settimeout(1);
    const batch = new MessageBatch<number>(3, 5_000_000);
    batch.push(pattern(1000));
    batch.push(pattern(5_000_000));
    batch.push('z');
    expect(await both(mode, a).sendmmsg(batch)).toBe(2);
    expect(batch.transferred(0)).toBe(1000);
    const part = batch.transferred(1);
    expect(part).toBeGreaterThan(0);
    expect(part).toBeLessThan(5_000_000);
    a.close();
    const data = b.recv(6_000_000, MSG_WAITALL);
    expect(Buffer.compare(data, Buffer.concat([pattern(1000), pattern(5_000_000).subarray(0, part)]))).toBe(
      0,
    );
  });
});

describe.each(modes)('%s', (mode) => {
  test('a full receiver: without a timeout all messages are sent in the end', async () => {
    const [a, b] = pair(unixAbstract, SOCK_DGRAM);
    const messages = Array.from({ length: 2000 }, (_, index) => `${index}`);
    const { done } = await peer(b, (sock) => Array.from({ length: 2000 }, () => String(sock.recv(10))));
    expect(await both(mode, a).sendmmsg(messages)).toBe(2000);
    expect(await done).toEqual(messages);
  });

  test('a full receiver: with a timeout what one call has sent', async () => {
    const [a, b] = pair(unixAbstract, SOCK_DGRAM);
    const messages = Array.from({ length: 2000 }, () => 'x');
    a.settimeout(0.05);
    const sent = await both(mode, a).sendmmsg(messages);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(1000);
    await expect(both(mode, a).sendmmsg(messages, 0, sent)).rejects.toThrow(TimeoutError);
    await expect(both(mode, a).sendmmsg(messages, MSG_DONTWAIT)).rejects.toThrow(BlockingIOError);
    for (let count = 0; count < sent; count++) b.recv(1);
    expect(() => b.recv(1, MSG_DONTWAIT)).toThrow(BlockingIOError);
  });

  test('an error after a part: the part is the result, and the next send has the error', async () => {
    const [a, b] = pair(inet, SOCK_DGRAM);
    const messages = ['1', '2', Buffer.alloc(70_000), '4'];
    expect(await both(mode, a).sendmmsg(messages)).toBe(2);
    const error = await failure(() => both(mode, a).sendmmsg(messages, 0, 3));
    expect(error).toMatchObject({ code: 'EMSGSIZE', syscall: 'sendmmsg' });
    expect(await both(mode, a).sendmmsg(messages, 0, 3)).toBe(1);
    expect(texts(arrived(b))).toEqual(['1', '2', '4']);
  });

  test('an error at once is thrown, with the address', async () => {
    const a = open(inet, SOCK_DGRAM);
    const error = await failure(() => both(mode, a).sendmmsg([[Buffer.alloc(70_000), ['127.0.0.1', 9]]]));
    expect(error).toMatchObject({ code: 'EMSGSIZE', address: '127.0.0.1', port: 9 });
    const unconnected = await failure(() => both(mode, a).sendmmsg(['x']));
    expect(unconnected.code).toBe('EDESTADDRREQ');
  });

  test('a refusal is reported, however many messages there were', async () => {
    const a = open(inet, SOCK_DGRAM);
    const gone = bound(inet, SOCK_DGRAM);
    a.connect(name(gone));
    gone.close();
    // On loopback the refusal is there before the next message, which fails with it, and is sent the next time.
    expect(await both(mode, a).sendmmsg(['1', '2', '3', '4'])).toBe(4);
    await expect(both(mode, a).sendmmsg(['5'])).rejects.toThrow(ConnectionRefusedError);
    expect(await both(mode, a).sendmmsg(['5'])).toBe(1);
    await expect(both(mode, a).recvmmsg(new MessageBatch(2, 10))).rejects.toThrow(ConnectionRefusedError);
  });

  test('names in an array are resolved', async () => {
    const [a, b] = [open(inet, SOCK_DGRAM), bound(inet, SOCK_DGRAM)];
    const [, port] = name(b);
    expect(
      await both(mode, a).sendmmsg([
        ['1', ['localhost', port]],
        ['2', ['127.0.0.1', port]],
      ] as never),
    ).toBe(2);
    expect(texts(arrived(b))).toEqual(['1', '2']);
    const error = await failure(() => both(mode, a).sendmmsg([['1', [noSuchHost, port]]] as never));
    expect(error.name).toBe('gaierror');
    const later = [
      ['1', [noSuchHost, port]],
      ['2', 'no address'],
    ];
    await expect(both(mode, a).sendmmsg(later as never)).rejects.toThrow();
  });

  test('more messages than the kernel takes at once', async () => {
    const [a, b] = pair(unixAbstract);
    const messages = Array.from({ length: 3000 }, (_, index) => `${index},`);
    const expected = messages.join('');
    const { done } = await peer(
      b,
      (sock, { args }) => String(sock.recv(args, 0x100 /* MSG_WAITALL */)),
      expected.length,
    );
    expect(await both(mode, a).sendmmsg(messages)).toBe(3000);
    expect(await done).toBe(expected);
  });

  test('a socket that has been shut down has an empty message, as the kernel says', async () => {
    const [, b] = pair(inet, SOCK_DGRAM);
    b.shutdown(SHUT_RD);
    const batch = new MessageBatch<number>(4, 10);
    expect(await both(mode, b).recvmmsg(batch)).toBe(1);
    expect([...batch]).toEqual([[Buffer.alloc(0), null]]);
  });

  test.each([null, 5, 'text', Buffer.from('x'), [5], [['x', 5]], [['x', null, 5]], [[]], { length: 1 }])(
    'sendmmsg of %o is a TypeError',
    async (messages) => {
      const [a] = pair(inet, SOCK_DGRAM);
      await expect(both(mode, a).sendmmsg(messages as never)).rejects.toThrow(TypeError);
    },
  );

  test.each([null, 5, 'text', [], Buffer.alloc(10), {}])('recvmmsg into %o is a TypeError', async (batch) => {
    const [a] = pair(inet, SOCK_DGRAM);
    await expect(both(mode, a).recvmmsg(batch as never)).rejects.toThrow(TypeError);
  });
});

test('a closed socket: EBADF', async () => {
  const sock = new Socket(AF_INET6, SOCK_DGRAM);
  sock.close();
  for (const mode of modes) {
    await expect(both(mode, sock).sendmmsg(['x'])).rejects.toMatchObject({ code: 'EBADF' });
    await expect(both(mode, sock).recvmmsg(new MessageBatch(1, 1))).rejects.toMatchObject({ code: 'EBADF' });
  }
});

test('memory that shrinks while an array is looked through goes out as it is then', () => {
  const [a, b] = pair(unixPath, SOCK_DGRAM);
  const shrinking = resizable(6000);
  function* messages() {
    yield shrinking;
    yield 'between';
    shrinking.resize(3);
    yield 'last';
  }
  expect(a.sendmmsg(messages())).toBe(3);
  expect(texts(arrived(b))).toEqual(['\0\0\0', 'between', 'last']);
});

test('a plain array may be changed while it is pending', async () => {
  const [a, b] = pair(unixPath, SOCK_DGRAM);
  a.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000);
  a.sendmmsg(['first', 'first', 'first', 'first', 'first']);
  a.settimeout(0);
  for (;;) if (a.sendmmsg(['filler', 'filler'], MSG_DONTWAIT) < 2) break;
  a.settimeout(null);
  const data = Buffer.from('before');
  const pending = watch(a.sendmmsgAsync([data, data, data]));
  await turns();
  expect(pending.state).toBe('pending');
  data.write('after!');
  const seen: string[] = [];
  while (seen.filter((text) => text === 'before').length < 3) {
    seen.push(String(await b.recvAsync(100)));
  }
  expect(seen).not.toContain('after!');
  expect(pending.value).toBe(3);
});

const straced = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

describe.skipIf(!straced)(straced ? 'strace' : 'strace (skipped: no strace here that may trace)', () => {
  test('thirty-two messages are one system call', () => {
    const program = `
      const { AF_INET, MessageBatch, SOCK_DGRAM, Socket } = await import('${libraryUrl}');
      const [a, b] = [new Socket(AF_INET, SOCK_DGRAM), new Socket(AF_INET, SOCK_DGRAM)];
      b.bind(['127.0.0.1', 0]);
      const batch = new MessageBatch(32, 100);
      for (let index = 0; index < 32; index++) batch.push('message', b.getsockname());
      a.sendmmsg(batch);
      b.recvmmsg(batch);
      await a.sendmmsgAsync(Array.from({ length: 32 }, () => ['message', b.getsockname()]));
      await b.recvmmsgAsync(batch);
      a.close();
      b.close();`;
    const file = path();
    const node = [process.execPath, '--input-type=module', '-e', program];
    const calls = 'trace=sendto,sendmsg,sendmmsg,recvfrom,recvmsg,recvmmsg,poll,ppoll';
    const { status, stderr } = spawnSync('strace', ['-f', '-qq', '-e', calls, '-o', file, ...node], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect([status, stderr]).toEqual([0, '']);
    const ours = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => /^\d+ +(\w+)\(.* = (-?\d+)/.exec(line)?.slice(1))
      // libuv's own calls are poll(2) on its own descriptors.
      .filter((call) => call !== undefined && !call[0]!.includes('poll'));
    expect(ours).toEqual([
      ['sendmmsg', '32'],
      ['recvmmsg', '32'],
      ['sendmmsg', '32'],
      ['recvmmsg', '32'],
    ]);
  });
});
