/** sendfile: what CPython's tests of it expect, what sendfile(2) refuses, and files and sockets that change meanwhile. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  ftruncateSync,
  openSync,
  promises,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { pathToFileURL } from 'node:url';
import { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, Socket, socketpair } from 'bsd-socket';
import { getNonblocking } from 'bsd-socket/binding';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { child, libraryUrl, peer } from './peers.ts';
import {
  type AnySocket,
  both,
  describeMatrix,
  failure,
  families,
  fill,
  inet,
  keep,
  type Mode,
  modes,
  pair,
  path,
  pattern,
  turns,
  unixPath,
  watch,
} from './support.ts';
import { empty } from './waiting.ts';

const SIZE = 3_000_000;
const data = pattern(SIZE);
let file = '';
/** More than any socket takes at once; it occupies no room. */
let endless = '';
beforeAll(() => {
  file = path();
  writeFileSync(file, data);
  endless = path();
  writeFileSync(endless, '');
  truncateSync(endless, 2 ** 30);
});

function descriptor(name: string, flags = 'r'): number {
  const fd = openSync(name, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** Where a descriptor stands. */
const position = (fd: number) =>
  Number(/^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]);

/** A socket to send to, and all that arrives at the other end once the socket is closed. */
async function sink(family = inet): Promise<{ sock: AnySocket; received(): Promise<Buffer> }> {
  const [sock, other] = pair(family);
  const { done } = await peer(other, (reader) => {
    const all: Buffer[] = [];
    for (;;) {
      const chunk = reader.recv(1 << 20);
      if (chunk.length === 0) return Buffer.concat(all);
      all.push(chunk);
    }
  });
  const received = async () => {
    sock.close();
    return Buffer.from(await done);
  };
  return { sock, received };
}

describeMatrix(
  families.filter(({ name }) => name !== 'AF_UNIX abstract'),
  (family, mode) => {
    test('a whole file', async () => {
      const { sock, received } = await sink(family);
      expect(await both(mode, sock).sendfile(file)).toBe(SIZE);
      expect((await received()).equals(data)).toBe(true);
    });

    test('from an offset, so many bytes', async () => {
      const { sock, received } = await sink(family);
      expect(await both(mode, sock).sendfile(file, 5000)).toBe(SIZE - 5000);
      expect(await both(mode, sock).sendfile(file, 2007, 100_007)).toBe(100_007);
      expect(await both(mode, sock).sendfile(file, 0, 1)).toBe(1);
      expect(await both(mode, sock).sendfile(file, SIZE - 5, 100)).toBe(5);
      expect(await both(mode, sock).sendfile(file, SIZE + 5)).toBe(0);
      const expected = [
        data.subarray(5000),
        data.subarray(2007, 102_014),
        data.subarray(0, 1),
        data.subarray(-5),
      ];
      expect((await received()).equals(Buffer.concat(expected))).toBe(true);
    });
  },
);

describe.each(modes)('%s', (mode: Mode) => {
  test('a path as text, as bytes and as a URL; a descriptor; a FileHandle', async () => {
    const { sock, received } = await sink();
    const handle = await promises.open(file);
    for (const form of [file, Buffer.from(file), pathToFileURL(file), descriptor(file), handle])
      expect(await both(mode, sock).sendfile(form, 0, 10)).toBe(10);
    await handle.close();
    expect(await received()).toHaveLength(50);
    expect((await failure(() => both(mode, sock).sendfile(handle))).code).toBe('EBADF');
  });

  test('a descriptor is positioned behind what was sent, and null begins where it stands', async () => {
    const { sock, received } = await sink();
    const fd = descriptor(file);
    expect(await both(mode, sock).sendfile(fd, 100, 50)).toBe(50);
    expect(position(fd)).toBe(150);
    expect(await both(mode, sock).sendfile(fd, null, 10)).toBe(10);
    expect(position(fd)).toBe(160);
    expect(await both(mode, sock).sendfile(fd, undefined, 10)).toBe(10);
    expect(position(fd)).toBe(10);
    const handle = await promises.open(file);
    await both(mode, sock).sendfile(handle, 7, 3);
    expect((await handle.read(Buffer.alloc(1))).buffer).toEqual(data.subarray(10, 11));
    await handle.close();
    const expected = [data.subarray(100, 160), data.subarray(0, 10), data.subarray(7, 10)];
    expect((await received()).equals(Buffer.concat(expected))).toBe(true);
  });

  test('an empty file', async () => {
    const [sock] = pair(inet);
    const name = path();
    writeFileSync(name, '');
    const fd = descriptor(name);
    expect(await both(mode, sock).sendfile(fd)).toBe(0);
    expect(position(fd)).toBe(0);
  });

  test('what sendfile(2) refuses: a file of /proc, a pipe, a socket', async () => {
    const { sock, received } = await sink();
    const version = readFileSync('/proc/version');
    expect(await both(mode, sock).sendfile('/proc/version')).toBe(version.length);
    expect(await both(mode, sock).sendfile('/proc/version', 3, 4)).toBe(4);
    const [a, b] = socketpair();
    a.send('from a socket');
    a.close();
    using other = b;
    expect(await both(mode, sock).sendfile(other.fileno())).toBe(13);
    expect((await failure(() => both(mode, sock).sendfile(other.fileno(), 1))).code).toBe('ESPIPE');
    expect(await both(mode, sock).sendfile('/dev/zero', 0, 100_000)).toBe(100_000);
    const expected = [version, version.subarray(3, 7), Buffer.from('from a socket'), Buffer.alloc(100_000)];
    expect((await received()).equals(Buffer.concat(expected))).toBe(true);
  });

  test('a source that has nothing yet is waited for, as long as the timeout says', async () => {
    const { sock, received } = await sink();
    const [source, end] = socketpair();
    using kept = source;
    const { done } = await peer(end as AnySocket, (other, { blocked }) => {
      blocked();
      other.sendall('late');
    });
    expect(await both(mode, sock).sendfile(kept.fileno())).toBe(4);
    await done;
    const [quiet, silent] = socketpair();
    using first = quiet;
    using second = silent;
    sock.settimeout(0.01);
    expect((await failure(() => both(mode, sock).sendfile(first.fileno()))).name).toBe('TimeoutError');
    second.close();
    expect(String(await received())).toBe('late');
  });

  test('what is no file', async () => {
    const [sock] = pair(inet);
    expect((await failure(() => both(mode, sock).sendfile('/nowhere'))).name).toBe('FileNotFoundError');
    expect((await failure(() => both(mode, sock).sendfile('/tmp'))).name).toBe('IsADirectoryError');
    expect((await failure(() => both(mode, sock).sendfile(2 ** 20))).code).toBe('EBADF');
    const write = descriptor(path(), 'w');
    expect((await failure(() => both(mode, sock).sendfile(write))).code).toBe('EBADF');
    for (const wrong of [undefined, null, {}, true, { fd: '3' }])
      expect((await failure(() => both(mode, sock).sendfile(wrong as never))).name).toBe('TypeError');
    expect((await failure(() => both(mode, sock).sendfile(-1))).name).toBe('RangeError');
    expect((await failure(() => both(mode, sock).sendfile('a\0b'))).name).toBe('TypeError');
  });

  test('wrong numbers, wrong sockets', async () => {
    const [sock] = pair(inet);
    for (const count of [0, -1, 0.1, Number.NaN]) {
      const error = await failure(() => both(mode, sock).sendfile(file, 0, count));
      expect([error.name, error.message]).toEqual([
        'RangeError',
        expect.stringContaining('positive integer'),
      ]);
    }
    expect((await failure(() => both(mode, sock).sendfile(file, 0, '2' as never))).message).toMatch(
      /positive integer/,
    );
    for (const offset of [-1, 0.5, 2 ** 53])
      expect((await failure(() => both(mode, sock).sendfile(file, offset))).name).toBe('RangeError');
    for (const type of [SOCK_DGRAM, SOCK_SEQPACKET]) {
      const error = await failure(() => both(mode, keep(new Socket(AF_UNIX, type))).sendfile(file));
      expect([error.name, error.message]).toEqual(['RangeError', expect.stringContaining('SOCK_STREAM')]);
    }
    const closed = new Socket();
    closed.close();
    expect((await failure(() => both(mode, closed).sendfile(file))).code).toBe('EBADF');
    const lonely = keep(new Socket());
    expect((await failure(() => both(mode, lonely).sendfile(file))).name).toBe('BrokenPipeError');
  });

  test('a timeout is for each wait; after it the descriptor says how much was sent', async () => {
    const [sock, other] = pair(inet);
    sock.settimeout(0.02);
    const fd = descriptor(endless);
    expect((await failure(() => both(mode, sock).sendfile(fd, 10))).name).toBe('TimeoutError');
    const sent = position(fd) - 10;
    expect(sent).toBeGreaterThan(0);
    sock.close();
    let received = 0;
    for (;;) {
      const chunk = other.recv(1 << 20);
      if (chunk.length === 0) break;
      received += chunk.length;
    }
    expect(received).toBe(sent);
  });

  test('a file that grows, and one that shrinks', async () => {
    const [sock, other] = pair(unixPath);
    const name = path();
    writeFileSync(name, data.subarray(0, 1_000_000));
    await peer(
      other,
      (reader, { blocked, args }) => {
        // The sender waits: it has sent a part.
        blocked();
        const { appendFileSync } = process.getBuiltinModule('node:fs');
        appendFileSync(args as string, 'more');
        while (reader.recv(1 << 20).length > 0);
      },
      name,
    );
    expect(await both(mode, sock).sendfile(name)).toBe(1_000_004);

    const [again, end] = pair(unixPath);
    const filled = fill(again, 1 << 16);
    const { done } = await peer(
      end,
      (reader, { blocked, args }) => {
        blocked();
        const { truncateSync } = process.getBuiltinModule('node:fs');
        truncateSync(args as string, 5);
        let received = 0;
        for (;;) {
          const chunk = reader.recv(1 << 20);
          if (chunk.length === 0) return received;
          received += chunk.length;
        }
      },
      name,
    );
    expect(await both(mode, again).sendfile(name)).toBe(5);
    again.close();
    expect(await done).toBe(filled + 5);
  });

  test('beyond 4 GiB', async () => {
    const name = path();
    const fd = openSync(name, 'w+');
    const far = 5 * 2 ** 30;
    writeSync(fd, 'far away', far);
    const { sock, received } = await sink();
    expect(await both(mode, sock).sendfile(fd, far + 4)).toBe(4);
    expect(position(fd)).toBe(far + 8);
    expect(String(await received())).toBe('away');
    ftruncateSync(fd, 0);
    closeSync(fd);
  });

  test('the peer resets in mid-file', async () => {
    const [sock, other] = pair(inet);
    await peer(other, (reader, { blocked }) => {
      blocked();
      reader.recv(10);
    });
    const error = await failure(() => both(mode, sock).sendfile(endless));
    expect(['ECONNRESET', 'EPIPE']).toContain(error.code);
  });

  test('a FileHandle whose fd is code of the program, which sets a timeout or closes the socket', async () => {
    const fd = openSync(file, 'r');
    onTestFinished(() => closeSync(fd));
    // At one look of several: some are before the socket is looked at, some are in the middle of it.
    let looks = 0;
    const handle = (which: number, act: () => void) => {
      looks = 0;
      return {
        get fd() {
          if (++looks === which) act();
          return fd;
        },
      };
    };
    const { sock } = await sink();
    await both(mode, sock).sendfile(
      handle(0, () => {}),
      0,
      10,
    );
    for (let which = looks; which > 0; which--) {
      sock.settimeout(null);
      const resets = handle(which, () => sock.settimeout(20));
      expect(await both(mode, sock).sendfile(resets, 0, 10)).toBe(10);
      expect([which, getNonblocking(sock.fileno())]).toEqual([which, 1]);
    }
    const error = await failure(() =>
      both(mode, sock).sendfile(
        handle(3, () => sock.close()),
        0,
        10,
      ),
    );
    expect(error).toMatchObject({ code: 'EBADF' });
  });

  test('the descriptor stays as blocking as it was', async () => {
    const { sock, received } = await sink();
    await both(mode, sock).sendfile(file);
    expect(getNonblocking(sock.fileno())).toBe(0);
    sock.settimeout(10);
    await both(mode, sock).sendfile(file, 0, 10);
    expect(getNonblocking(sock.fileno())).toBe(1);
    await received();
  });
});

test('a non-blocking socket: the synchronous form fails, the asynchronous one waits', async () => {
  const { sock, received } = await sink();
  sock.setblocking(false);
  expect(() => sock.sendfile(file)).toThrow(/non-blocking sockets are not supported/);
  expect(await sock.sendfileAsync(file)).toBe(SIZE);
  expect((await received()).equals(data)).toBe(true);
});

const open = () => readdirSync('/proc/self/fd').length;

test('aborted in mid-file, and before it begins', async () => {
  const [sock, other] = pair(inet);
  const before = open();
  const controller = new AbortController();
  const sending = watch(sock.sendfileAsync(endless, 0, null, { signal: controller.signal }));
  await turns();
  expect(sending.state).toBe('pending');
  controller.abort('enough');
  await turns();
  expect(sending.error).toBe('enough');
  const late = sock.sendfileAsync(file, 0, null, { signal: controller.signal });
  await expect(late).rejects.toBe('enough');
  expect(open()).toBe(before);
  empty(other);
  sock.send('usable');
});

test('closed in mid-file', async () => {
  const [sock] = pair(inet);
  const fd = descriptor(file);
  const before = open();
  const sending = [sock.sendfileAsync(endless), sock.sendfileAsync(fd)];
  await turns();
  sock.close();
  for (const each of sending) expect((await failure(() => each)).code).toBe('ECANCELED');
  // The socket's own descriptor is gone too.
  expect(open()).toBe(before - 1);
});

test('pending calls go out in order', async () => {
  const [sock, other] = pair(inet);
  sock.settimeout(20);
  const sending = [
    sock.sendallAsync('<'),
    sock.sendfileAsync(file),
    sock.sendallAsync('|'),
    sock.sendfileAsync(file, 9, 9),
  ];
  const all = Promise.all(sending).then(() => sock.close());
  const received: Buffer[] = [];
  for await (const chunk of other.chunks()) received.push(chunk);
  await all;
  const expected = Buffer.concat([Buffer.from('<'), data, Buffer.from('|'), data.subarray(9, 18)]);
  expect(Buffer.concat(received).equals(expected)).toBe(true);
});

test.each(modes)('a FIFO is read until nobody writes to it any more, %s', async (mode) => {
  const name = path();
  execFileSync('mkfifo', [name]);
  const { sock, received } = await sink();
  sock.settimeout(0.02);
  // Until somebody writes to it, it has not begun.
  expect((await failure(() => both(mode, sock).sendfile(name))).name).toBe('TimeoutError');
  sock.settimeout(null);
  const written = once(spawn('sh', ['-c', `echo one > ${name}`]), 'close');
  expect(await both(mode, sock).sendfile(name)).toBe(4);
  await written;
  expect(String(await received())).toBe('one\n');
});

test('a worker that sends a file ends with the worker', async () => {
  const { ended } = child(
    async (_, { url, file }) => {
      const { Worker } = process.getBuiltinModule('node:worker_threads');
      const worker = new Worker(
        `import(${JSON.stringify(url)}).then(({ socketpair }) => {
         const [a, b] = socketpair();
         globalThis.kept = b;
         process.getBuiltinModule('node:worker_threads').parentPort.postMessage('sending');
         a.sendfile(${JSON.stringify(file)});
       })`,
        { eval: true },
      );
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
      console.log('ended');
    },
    { url: libraryUrl, file: endless },
  );
  expect(await ended).toMatchObject({ status: 0, stdout: 'ended\n', stderr: '' });
});
