/** File objects of `makefile` in all their forms: what CPython's tests of them expect, and what lies between the calls. */
import {
  type BufferedFile,
  OSError,
  SocketIO,
  socketpair,
  type TextFile,
  UnsupportedOperation,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import {
  type AnySocket,
  both,
  failure,
  fill,
  inet,
  keep,
  type Mode,
  modes,
  pair,
  turns,
  watch,
} from './support.ts';
import { empty } from './waiting.ts';

/** Any of the file objects; what is no use on one of them fails. */
type AnyFile = BufferedFile & TextFile & SocketIO;
// biome-ignore lint/suspicious/noExplicitAny: the modes come out of tables.
const makefile = (sock: AnySocket, ...args: any[]) => keep(sock.makefile(...(args as [string]))) as AnyFile;

/** A pair of sockets that the test closes. */
function sockets(): [AnySocket, AnySocket] {
  const [a, b] = socketpair();
  return [keep(a as AnySocket), keep(b as AnySocket)];
}

const MSG = 'Michael Gilfix was here\u1234\r\n';

interface Variant {
  name: string;
  buffering: number;
  readMode: 'r' | 'rb';
  writeMode: 'w' | 'wb';
}

const variants: Variant[] = [
  { name: 'buffered', buffering: -1, readMode: 'rb', writeMode: 'wb' },
  { name: 'unbuffered', buffering: 0, readMode: 'rb', writeMode: 'wb' },
  { name: 'line buffered', buffering: 1, readMode: 'rb', writeMode: 'wb' },
  { name: 'with a small buffer', buffering: 2, readMode: 'rb', writeMode: 'wb' },
  { name: 'reading text', buffering: -1, readMode: 'r', writeMode: 'wb' },
  { name: 'writing text', buffering: -1, readMode: 'rb', writeMode: 'w' },
  { name: 'text', buffering: -1, readMode: 'r', writeMode: 'w' },
];
const rows = variants.flatMap((variant) => modes.map((mode) => ({ ...variant, mode })));

describe.each(rows)('$name, $mode', ({ buffering, readMode, writeMode, mode }) => {
  const options = { encoding: 'utf-8', errors: 'strict', newline: '' };
  const message: string | Buffer = readMode === 'r' ? MSG : Buffer.from(MSG);
  const written = (text: string) => (writeMode === 'w' ? text : Buffer.from(text)) as never;
  const cut = (from: number, to?: number) => (message as string).slice(from, to);

  function files() {
    const [reading, writing] = pair(inet);
    const reader = makefile(reading, readMode, buffering, options);
    const writer = makefile(writing, writeMode, buffering, options);
    return { reading, writing, reader, writer, read: both(mode, reader), write: both(mode, writer) };
  }

  async function say(write: ReturnType<typeof files>['write'], text: string) {
    await write.write(written(text));
    await write.flush();
  }

  test('a read after one that has timed out fails', async () => {
    const { reading, read, write } = files();
    await say(write, MSG.slice(0, 3));
    reading.settimeout(0.01);
    expect(await read.read(3)).toEqual(cut(0, 3));
    expect((await failure(() => read.read(1))).name).toBe('TimeoutError');
    const again = await failure(() => read.read(1));
    expect([again.name, again.message, again.errno]).toEqual([
      'OSError',
      'cannot read from timed out object',
      undefined,
    ]);
  });

  test('small reads', async () => {
    const { read, write } = files();
    await say(write, MSG);
    expect(await read.read(message.length - 3)).toEqual(cut(0, -3));
    expect(await read.read(3)).toEqual(cut(-3));
  });

  test('a read to the end', async () => {
    const { writing, read, write } = files();
    await write.write(written(MSG));
    await write.close();
    writing.close();
    expect(await read.read()).toEqual(message);
    expect(await read.read()).toHaveLength(0);
  });

  test('reads of one, in turn', async () => {
    const { writing, writer, read, write } = files();
    await say(write, MSG);
    writer.close();
    writing.close();
    const all: (string | Buffer)[] = [];
    for (let one = await read.read(1); one!.length > 0; one = await read.read(1)) all.push(one!);
    expect(readMode === 'r' ? all.join('') : Buffer.concat(all as Buffer[])).toEqual(message);
    expect(all).toHaveLength(message.length);
  });

  test('a line', async () => {
    const { read, write } = files();
    await say(write, MSG);
    expect(await read.readline()).toEqual(message);
  });

  test('a part of a line, its rest, all lines, and no more of them than wanted', async () => {
    const { writing, read, write } = files();
    await say(write, 'one\ntwo\n\nthree\nfour');
    await write.close();
    writing.close();
    const as = (...lines: string[]) => (readMode === 'r' ? lines : lines.map((line) => Buffer.from(line)));
    expect([await read.readline(2), await read.readline(2), await read.readline(0)]).toEqual(
      as('on', 'e\n', ''),
    );
    expect(await read.readlines(4)).toEqual(as('two\n', '\n'));
    expect(await read.readlines(null)).toEqual(as('three\n', 'four'));
    expect(await read.readlines()).toEqual([]);
  });

  test('the file keeps a closed socket open', async () => {
    const { reading, writing, reader, writer, read, write } = files();
    await say(write, MSG);
    writer.close();
    writing.close();
    reading.close();
    expect([reading.closed, reading.fileno()]).toEqual([true, reader.fileno()]);
    expect(await read.read()).toEqual(message);
    reader.close();
    expect(reading.fileno()).toBe(-1);
  });

  test('a closed file leaves the socket open', async () => {
    const { reading, reader, write } = files();
    reader.close();
    await say(write, MSG);
    expect(String(reading.recv(100))).toBe(MSG);
  });

  test('what it says of itself', () => {
    const { reading, writing, reader, writer } = files();
    expect([reader.mode, writer.mode]).toEqual([readMode, writeMode]);
    expect([reader.name, writer.name]).toEqual([reading.fileno(), writing.fileno()]);
    expect([reader.closed, writer.closed]).toEqual([false, false]);
    expect([reader.readable(), reader.writable()]).toEqual([true, false]);
    expect([writer.readable(), writer.writable()]).toEqual([false, true]);
    expect([reader.seekable(), reader.isatty()]).toEqual([false, false]);
  });

  test('both closed, the socket is really closed', async () => {
    const { reading, reader, read } = files();
    await read.close();
    await read.close();
    expect([reader.closed, reader.name]).toEqual([true, -1]);
    for (const call of ['fileno', 'readable', 'writable', 'seekable', 'isatty', 'flush'] as const)
      expect(() => reader[call]()).toThrow(/I\/O operation on closed file/);
    for (const call of ['read', 'readline', 'readlines', 'flush'] as const) {
      const error = await failure(() =>
        call === 'flush' && mode === 'async' ? reader.flushAsync() : read[call](),
      );
      expect([error.name, error.code]).toEqual(['RangeError', 'ERR_USE_AFTER_CLOSE']);
    }
    reading.close();
    expect((await failure(() => reading.getsockname())).code).toBe('EBADF');
  });

  test('each direction alone', async () => {
    const { reader, writer, read, write } = files();
    for (const call of ['read', 'readline', 'readlines'] as const)
      expect(await failure(() => write[call]())).toBeInstanceOf(UnsupportedOperation);
    const data = (readMode === 'r' ? 'x' : Buffer.from('x')) as never;
    expect(await failure(() => read.write(data))).toBeInstanceOf(UnsupportedOperation);
    expect(await failure(() => read.writelines([data]))).toBeInstanceOf(OSError);
    expect(await failure(() => [...writer])).toBeInstanceOf(UnsupportedOperation);
    reader.flush();
    await read.flush();
  });

  test('writelines, and iteration by line', async () => {
    const { writing, reader, write } = files();
    await write.writelines(['one\n', 'two\n', 'three'].map(written));
    await write.close();
    writing.close();
    const lines: string[] = [];
    if (mode === 'sync') for (const line of reader) lines.push(String(line));
    else for await (const line of reader) lines.push(String(line));
    expect(lines).toEqual(['one\n', 'two\n', 'three']);
  });

  test('using', async () => {
    const { reading, writing } = files();
    let inside: AnyFile;
    if (mode === 'sync') {
      using file = writing.makefile(writeMode as 'wb', buffering) as AnyFile;
      file.write(written('x'));
      inside = file;
    } else {
      await using file = writing.makefile(writeMode as 'wb', buffering) as AnyFile;
      await file.writeAsync(written('x'));
      inside = file;
    }
    expect(inside.closed).toBe(true);
    expect(String(reading.recv(10))).toBe('x');
  });
});

describe.each(modes)('what is special, %s', (mode: Mode) => {
  test('without a buffer nothing beyond the line is read', async () => {
    const [a, b] = sockets();
    b.sendall('A. one\nB. two\nrest');
    expect(String(await both(mode, makefile(a, 'rb', 0)).readline())).toBe('A. one\n');
    expect(String(await both(mode, makefile(a, 'rb', 0)).readline())).toBe('B. two\n');
    expect(String(a.recv(10))).toBe('rest');
  });

  test('a socket can be used until its last file is closed', async () => {
    const [a, b] = sockets();
    const [first, second] = [makefile(a, 'rb', 0), makefile(a, 'w')];
    a.close();
    a.close();
    b.send('x');
    expect(String(await both(mode, a).recv(1))).toBe('x');
    expect(String(a)).toMatch(/^<Socket \[closed\] fd=\d+, family=AF_UNIX, type=SOCK_STREAM, proto=0>$/);
    await both(mode, first).close();
    expect(a.fileno()).toBeGreaterThan(0);
    await both(mode, second).close();
    expect(a.fileno()).toBe(-1);
    expect((await failure(() => both(mode, a).recv(1))).code).toBe('EBADF');
  });

  test('after detach a file has nothing to read from, and closing it does no harm', async () => {
    const [a, b] = sockets();
    const file = makefile(a, 'rwb');
    const fd = a.detach();
    b.send('x');
    expect(file.name).toBe(-1);
    expect((await failure(() => both(mode, file).read(1))).code).toBe('EBADF');
    await both(mode, file).close();
    const { Socket } = await import('bsd-socket');
    const again = keep(new Socket(null, null, null, fd));
    expect(String(again.recv(1))).toBe('x');
  });

  test('both directions in one file', async () => {
    const [a, b] = sockets();
    const left = makefile(a, 'rw');
    const right = makefile(b, 'rwb');
    expect([left.mode, right.mode]).toEqual(['rw', 'rwb']);
    await both(mode, left).write('ping\n');
    await both(mode, left).flush();
    expect(String(await both(mode, right).readline())).toBe('ping\n');
    await both(mode, right).write('pong\n');
    await both(mode, right).close();
    b.close();
    expect(await both(mode, left).read()).toBe('pong\n');
  });

  test('peek, read1, readinto and readinto1', async () => {
    const [a, b] = sockets();
    const file = makefile(a, 'rb', 8);
    const read = both(mode, file);
    b.send('abcdefghijkl');
    expect(String(await read.peek())).toBe('abcdefgh');
    expect(String(await read.peek(1))).toBe('abcdefgh');
    expect(String(await read.read1(3))).toBe('abc');
    expect(String(await read.read1())).toBe('defgh');
    const memory = new Uint16Array(2);
    expect(await read.readinto(memory)).toBe(4);
    expect(Buffer.from(memory.buffer).toString()).toBe('ijkl');
    b.send('mn');
    expect(await read.readinto1(memory.buffer)).toBe(2);
    expect(Buffer.from(memory.buffer).toString()).toBe('mnkl');
    expect(String(await read.read1(0))).toBe('');
    b.send('op');
    b.close();
    expect(await read.readinto(memory)).toBe(2);
    expect([await read.readinto(memory), await read.readinto1(memory)]).toEqual([0, 0]);
    expect([await read.peek(), await read.read1()]).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  });

  test('SocketIO by itself', async () => {
    const [a, b] = sockets();
    const raw = keep(new SocketIO(a, 'rw'));
    expect([raw.mode, raw.name]).toEqual(['rwb', a.fileno()]);
    expect(await both(mode, raw).write('abcdef')).toBe(6);
    expect(String(b.recv(10))).toBe('abcdef');
    b.send('ghi');
    const memory = Buffer.alloc(8);
    expect(await both(mode, raw).readinto(memory)).toBe(3);
    b.send('jkl');
    expect(String(await both(mode, raw).read(100))).toBe('jkl');
    b.send('mno');
    b.close();
    expect(String(await both(mode, raw).readall())).toBe('mno');
    expect(() => new SocketIO(a, 'x')).toThrow(RangeError);
    expect(() => new SocketIO({} as never, 'r')).toThrow(TypeError);
  });

  test('a read of exactly so much, over many receives', async () => {
    const [a, b] = sockets();
    const file = makefile(a, 'rb');
    const { done } = await peer(b, (other, { blocked }) => {
      for (const size of [1, 5000, 70_000, 200_000, 24_999]) {
        other.sendall(Buffer.alloc(size, size % 256));
        blocked();
      }
    });
    const data = await both(mode, file).read(299_999);
    expect(data).toHaveLength(299_999);
    expect((data as unknown as Buffer).buffer.byteLength).toBe(299_999);
    await done;
    expect(await both(mode, file).read()).toHaveLength(1);
  });

  test('a huge line costs no more than its length', async () => {
    const size = 8 << 20;
    for (const kind of ['rb', 'r'] as const) {
      const [a, b] = sockets();
      const file = makefile(a, kind);
      const act = (other: AnySocket, { args }: { args: unknown }) =>
        other.sendall(Buffer.concat([Buffer.alloc(args as number, 'x'), Buffer.from('\nend')]));
      const { done } = await peer(b, act as never, size);
      expect(await both(mode, file).readline()).toHaveLength(size + 1);
      expect(String(await both(mode, file).readline())).toBe('end');
      await done;
    }
  });
});

describe('on a non-blocking socket', () => {
  test('without a buffer: null, then what is there', () => {
    const [a, b] = sockets();
    const raw = makefile(a, 'rb', 0);
    a.setblocking(false);
    expect([raw.readinto(Buffer.alloc(10)), raw.read(5), raw.read()]).toEqual([null, null, null]);
    b.send('abcdef');
    expect(String(raw.read(3))).toBe('abc');
    const memory = Buffer.alloc(10);
    expect(raw.readinto(memory)).toBe(3);
    expect([raw.readinto(memory), raw.read(1)]).toEqual([null, null]);
    expect(() => raw.readline()).toThrow(
      expect.objectContaining({ name: 'BlockingIOError', code: 'EAGAIN' }),
    );
    b.send('gh');
    expect(String(raw.readline())).toBe('gh');
    b.send('i');
    expect(String(raw.readall())).toBe('i');
  });

  test('without a buffer: writes until null', () => {
    const [a] = sockets();
    const raw = makefile(a, 'wb', 0);
    a.setblocking(false);
    const big = Buffer.alloc(1 << 20);
    expect(raw.write(big)).toBeGreaterThan(0);
    fill(a, 1);
    expect(raw.write(big)).toBeNull();
  });

  test('with a buffer: what is there, null where that is nothing', () => {
    const [a, b] = sockets();
    const file = makefile(a, 'rb');
    a.setblocking(false);
    const memory = Buffer.alloc(4);
    expect([file.read(), file.read(5), file.readinto(memory)]).toEqual([null, null, null]);
    expect([file.readline(), file.peek(), file.read1()].map(String)).toEqual(['', '', '']);
    for (const read of [() => file.read(), () => file.read(5), () => file.readline(), () => file.peek()]) {
      b.send('abc');
      expect(String(read())).toBe('abc');
    }
    expect(file.readinto(memory)).toBe(3);
  });

  test('with a buffer: a write says how many bytes it has taken, and none of them is lost', async () => {
    const [a, b] = sockets();
    const file = makefile(a, 'wb', 10);
    a.setblocking(false);
    const blocked = (charactersWritten: number) =>
      expect.objectContaining({
        name: 'BlockingIOError',
        errno: 11,
        strerror: 'write could not complete without blocking',
        charactersWritten,
      });
    const filled = fill(a, 1);
    expect(file.write('12345')).toBe(5);
    expect(() => file.write('67890abc')).toThrow(blocked(5));
    expect(() => file.write('x')).toThrow(blocked(0));
    expect(() => file.flush()).toThrow(blocked(0));
    // The asynchronous form waits.
    const flushing = watch(file.flushAsync());
    await turns();
    expect(flushing.state).toBe('pending');
    let received = 0;
    while (received < filled) received += b.recv(1 << 20).length;
    expect(String(await b.recvAsync(20))).toBe('1234567890');
    await turns();
    expect(flushing.state).toBe('fulfilled');
    // What is left in the buffer when the file is closed is lost, and the file closed all the same.
    fill(a, 1);
    file.write('y');
    expect(() => file.close()).toThrow(blocked(0));
    expect(file.closed).toBe(true);
    empty(b);
  });

  test('text: what is there, an error where nothing would look like the end', () => {
    const [a, b] = sockets();
    const file = makefile(a, 'r');
    a.setblocking(false);
    expect(() => file.read()).toThrow(expect.objectContaining({ name: 'BlockingIOError' }));
    expect([file.read(5), file.readline()]).toEqual(['', '']);
    // Half a character is not lost.
    b.send(Buffer.from('é').subarray(0, 1));
    expect(file.readline()).toBe('');
    b.send(Buffer.concat([Buffer.from('é').subarray(1), Buffer.from('a')]));
    expect(file.read()).toBe('éa');
  });
});
