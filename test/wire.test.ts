/** What a file object is to its socket: who waits for whom, what ends a wait, who keeps whom open. */
import { type Socket, socketpair } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { child, peer } from './peers.ts';
import {
  type AnySocket,
  both,
  failure,
  fill,
  inet,
  keep,
  modes,
  pair,
  pattern,
  turns,
  watch,
} from './support.ts';
import { empty } from './waiting.ts';

function sockets(): [AnySocket, AnySocket] {
  const [a, b] = socketpair();
  return [keep(a as AnySocket), keep(b as AnySocket)];
}

test('asynchronous calls of one direction come in turn, those of the other do not wait for them', async () => {
  const [a, b] = sockets();
  const file = keep(a.makefile('rwb'));
  const reads = [
    file.readlineAsync(),
    file.readAsync(3),
    file.readlineAsync(),
    file.peekAsync(),
    file.read1Async(2),
    file.readintoAsync(Buffer.alloc(1)),
  ];
  await file.writeAsync('ping');
  await file.flushAsync();
  expect(String(b.recv(10))).toBe('ping');
  b.sendall('one\nabctwo\n');
  b.sendall('uvw');
  expect((await Promise.all(reads)).map(String)).toEqual(['one\n', 'abc', 'two\n', 'uvw', 'uv', '1']);
});

test('writes larger than the buffer go out whole and in order', async () => {
  const [a, b] = sockets();
  const file = keep(a.makefile('wb', 100));
  const parts = [pattern(1_000_000), Buffer.from('small'), pattern(500_000), Buffer.from('end')];
  const writes = Promise.all(parts.map((part) => file.writeAsync(part)));
  const closed = writes.then(() => file.closeAsync()).then(() => a.close());
  const received: Buffer[] = [];
  for await (const chunk of b.chunks()) received.push(chunk);
  expect(await writes).toEqual(parts.map((part) => part.length));
  await closed;
  expect(Buffer.concat(received).equals(Buffer.concat(parts))).toBe(true);
});

describe('aborting', () => {
  test('a read loses nothing', async () => {
    const [a, b] = sockets();
    const file = keep(a.makefile('r'));
    for (const call of [
      (signal: AbortSignal) => file.readAsync(10, { signal }),
      (signal: AbortSignal) => file.readlineAsync(-1, { signal }),
      (signal: AbortSignal) => file.readAsync(-1, { signal }),
    ]) {
      const controller = new AbortController();
      const reading = call(controller.signal);
      b.send('ab');
      await turns();
      controller.abort(new Error('enough'));
      expect((await failure(() => reading)).message).toBe('enough');
      expect(await failure(() => call(controller.signal))).toHaveProperty('message', 'enough');
    }
    b.send('\n');
    expect(file.readline()).toBe('ababab\n');
  });

  test('a call whose turn has not come lets the next one have it', async () => {
    const [a, b] = sockets();
    const file = keep(a.makefile('rb'));
    const controller = new AbortController();
    const first = file.readlineAsync();
    const second = watch(file.readlineAsync(-1, { signal: controller.signal }));
    const third = watch(file.readlineAsync());
    controller.abort('reason');
    await turns();
    expect([second.state, second.error, third.state]).toEqual(['rejected', 'reason', 'pending']);
    b.send('1\n2\n');
    expect(String(await first)).toBe('1\n');
    await turns();
    expect(String(third.value)).toBe('2\n');
  });

  test('a write leaves what has been written to the buffer', async () => {
    const [a, b] = sockets();
    const file = keep(a.makefile('wb'));
    fill(a, 1);
    file.write('abc');
    const controller = new AbortController();
    const flushing = file.flushAsync({ signal: controller.signal });
    controller.abort();
    expect((await failure(() => flushing)).name).toBe('AbortError');
    empty(b);
    file.flush();
    expect(String(b.recv(10))).toBe('abc');
  });
});

describe('closing', () => {
  test('the file ends its pending calls, and not those of the socket', async () => {
    const [a, b] = sockets();
    const file = a.makefile('rb');
    const controller = new AbortController();
    const calls = [file.readAsync(1), file.readlineAsync(-1, { signal: controller.signal })];
    const other = a.recvAsync(1);
    await turns();
    file.close();
    for (const call of calls) expect((await failure(() => call)).code).toBe('ECANCELED');
    b.send('x');
    expect(String(await other)).toBe('x');
  });

  test('the socket ends nothing while a file is open, and everything with the last file', async () => {
    const [a, b] = sockets();
    const [first, second] = [a.makefile('rb'), a.makefile('rb')];
    const reading = first.readlineAsync();
    a.close();
    b.send('still\n');
    expect(String(await reading)).toBe('still\n');
    const receiving = a.recvAsync(1);
    first.close();
    await turns();
    second.close();
    expect((await failure(() => receiving)).code).toBe('ECANCELED');
  });

  test('closeAsync waits for the writes that are pending', async () => {
    const [a, b] = sockets();
    const file = a.makefile('w');
    fill(a, 1);
    const writing = file.writeAsync('x'.repeat(20_000));
    const closing = watch(file.closeAsync());
    await turns();
    expect(closing.state).toBe('pending');
    empty(b);
    expect(await writing).toBe(20_000);
    await turns();
    expect([closing.state, file.closed]).toEqual(['fulfilled', true]);
  });
});

describe.each(modes)('errors, %s', (mode) => {
  test('a timeout of a write leaves the rest in the buffer, and more can be written', async () => {
    const [a, b] = sockets();
    const file = keep(a.makefile('wb'));
    fill(a, 1);
    a.settimeout(0.01);
    file.write('abc');
    expect((await failure(() => both(mode, file).flush())).name).toBe('TimeoutError');
    empty(b);
    file.write('def');
    await both(mode, file).flush();
    expect(String(b.recv(10))).toBe('abcdef');
  });

  test('the timeout is for each receive, and not for the line', async () => {
    const [a, b] = pair(inet);
    const file = keep(a.makefile('rb'));
    // The parts take longer than this together, and each of them much less.
    a.settimeout(0.8);
    await peer(b, async (other) => {
      for (const part of ['a', 'b', 'c', 'd', '\n']) {
        await new Promise((resolve) => setTimeout(resolve, 220));
        other.send(part);
      }
    });
    expect(String(await both(mode, file).readline())).toBe('abcd\n');
  });

  test('a reset and a peer that is gone', async () => {
    const [a, b] = pair(inet);
    const file = keep(a.makefile('rwb'));
    a.send('unread');
    b.close();
    expect((await failure(() => both(mode, file).read())).code).toBe('ECONNRESET');
    file.write('x');
    expect((await failure(() => both(mode, file).flush())).code).toBe('EPIPE');
    expect((await failure(() => both(mode, file).close())).code).toBe('EPIPE');
    expect(file.closed).toBe(true);
  });
});

test('what nobody refers to any more', async () => {
  const { ended } = child(
    async ({ socketpair, close, dup }) => {
      const warnings: string[] = [];
      process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`));
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      const collect = async (condition: () => boolean) => {
        for (let count = 0; count < 3000 && !condition(); count++) {
          globalThis.gc!();
          await turn();
        }
      };
      const isOpen = (fd: number) => {
        try {
          close(dup(fd));
          return true;
        } catch {
          return false;
        }
      };
      const fds: Record<string, number> = {};
      const pairs: Socket[] = [];
      const make = (name: string) => {
        const [a, b] = socketpair();
        pairs.push(b);
        fds[name] = a.fileno();
        return a;
      };
      // A file keeps its socket; a pending call keeps both.
      const file = (() => make('kept by its file').makefile('rb'))();
      let line = '';
      (() => {
        const waiting = make('kept by a call').makefile('rb');
        void waiting.readlineAsync().then((data) => {
          line = String(data);
          waiting.close();
        });
      })();
      // The file is forgotten, the socket is not: the file lets go without a word.
      const socket = make('used on');
      (() => socket.makefile('rb').peek)();
      // The file, and bytes in it.
      const lossy = make('lossy');
      (() => lossy.makefile('w').write('abc'))();
      // The socket has been closed, its file has not.
      (() => {
        const closed = make('closed');
        closed.makefile('rb');
        closed.close();
      })();
      // Neither.
      (() => make('neither').makefile('rb'))();
      await collect(() => warnings.length >= 3 && !isOpen(fds.closed!) && !isOpen(fds.neither!));
      socket.close();
      await collect(() => !isOpen(fds['used on']!));
      const open = Object.keys(fds).filter((name) => isOpen(fds[name]!));
      pairs[1]!.send('line\n');
      await collect(() => line !== '');
      console.log(JSON.stringify({ warnings: warnings.sort(), open, line, fds }));
      file.close();
      lossy.close();
      for (const each of pairs) each.close();
    },
    null,
    ['--expose-gc', '--no-warnings'],
  );
  const { stdout, stderr, status } = await ended;
  expect([status, stderr]).toEqual([0, '']);
  const { warnings, open, line, fds } = JSON.parse(stdout);
  expect(line).toBe('line\n');
  expect(open).toEqual(['kept by its file', 'kept by a call', 'lossy']);
  const socket = (fd: number, closed = '') =>
    `<Socket ${closed}fd=${fd}, family=AF_UNIX, type=SOCK_STREAM, proto=0>`;
  expect(warnings).toContain(`ResourceWarning: unclosed file of ${socket(fds.lossy)}, 3 bytes were not sent`);
  expect(warnings).toContain(`ResourceWarning: unclosed file of ${socket(fds.closed, '[closed] ')}`);
  expect(warnings).toContain(`ResourceWarning: unclosed ${socket(fds.neither)}`);
});
