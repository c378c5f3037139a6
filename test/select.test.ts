/** lib/select/selecting.ts: `select` and `selectAsync`. What Python says stands in test/oracle/select.test.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import {
  close,
  createServer,
  dup,
  EBADF,
  MSG_OOB,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  Socket,
  socketpair,
} from 'bsd-socket';
import * as selecting from 'bsd-socket/select';
import { select, selectAsync } from 'bsd-socket/select';
import { describe, expect, onTestFinished, test } from 'vitest';
import { child, peer } from './peers.ts';
import {
  both,
  elapsed,
  failure,
  fill,
  inet,
  keep,
  listening,
  type Mode,
  modes,
  name,
  pair,
  turns,
  watch,
} from './support.ts';

const couple = () => socketpair().map(keep) as unknown as [Socket, Socket];
const call = (mode: Mode) => both(mode, { select, selectAsync }).select;

describe.each(modes)('%s', (mode) => {
  const selected = call(mode);

  test('of nothing waits for the time to pass, and returns three arrays', async () => {
    let lists: unknown[] = [];
    const took = await elapsed(async () => {
      lists = await selected([], [], [], 0.02);
    });
    expect(lists).toEqual([[], [], []]);
    expect(new Set(lists).size).toBe(3);
    expect(took).toBeGreaterThanOrEqual(19.5);
  });

  test('returns the objects that were given, in their order, as often as they were given', async () => {
    const [a, b] = couple();
    const [c] = couple();
    b.send('x');
    const number = dup(a.fileno());
    onTestFinished(() => close(number));
    const [readable, writable, exceptional] = await selected([c, a, number, a], [b, a], [a]);
    expect(readable).toEqual([a, number, a]);
    expect(readable[0]).toBe(a);
    expect(writable[0]).toBe(b);
    expect(writable[1]).toBe(a);
    expect(exceptional).toEqual([]);
  });

  test('takes every iterable, once', async () => {
    const [a, b] = couple();
    b.send('x');
    const generator = (function* () {
      yield a;
    })();
    expect(await selected(generator, new Set([b]), new Map<number, Socket>().values())).toEqual([
      [a],
      [b],
      [],
    ]);
  });

  test('says what is readable: data, a connection, an end', async () => {
    const server = listening(inet);
    const client = keep(new Socket(inet.family));
    client.settimeout(0);
    client.connectEx(name(server));
    expect(await selected([server], [], [])).toEqual([[server], [], []]);
    const [a, b] = couple();
    b.shutdown(SHUT_WR);
    expect(await selected([a], [], [])).toEqual([[a], [], []]);
  });

  test('says what is writable', async () => {
    const [a, b] = couple();
    fill(a);
    expect(await selected([], [a, b], [])).toEqual([[], [b], []]);
    expect(await selected([], [a], [], 0.01)).toEqual([[], [], []]);
  });

  test('says where urgent data has arrived', async () => {
    const [a, b] = pair(inet);
    b.send('!', MSG_OOB);
    expect(await selected([], [], [a])).toEqual([[], [], [a]]);
  });

  test('an error counts as readable and writable', async () => {
    const nobody = keep(new Socket(inet.family, SOCK_DGRAM));
    nobody.bind(['127.0.0.1', 0]);
    const sock = keep(new Socket(inet.family, SOCK_DGRAM));
    sock.connect(nobody.getsockname());
    nobody.close();
    sock.send('x');
    expect(await selected([sock], [sock], [sock])).toEqual([[sock], [sock], []]);
  });

  test('a hang-up counts as readable, and does not wake who waits for something else', async () => {
    // Not connected: POLLHUP and POLLOUT, for ever.
    const sock = keep(new Socket(inet.family));
    expect(await selected([sock], [], [])).toEqual([[sock], [], []]);
    const took = await elapsed(async () =>
      expect(await selected([], [], [sock], 0.05)).toEqual([[], [], []]),
    );
    expect(took).toBeGreaterThanOrEqual(49.5);
  });

  test('files are always ready', async () => {
    const file = openSync(new URL(import.meta.url), 'r');
    onTestFinished(() => closeSync(file));
    expect(await selected([file], [file], [file])).toEqual([[file], [file], []]);
    expect(await selected([], [], [file], 0.01)).toEqual([[], [], []]);
  });

  test('of more descriptors than an fd_set has bits', async () => {
    const [a, b] = couple();
    const fds = Array.from({ length: 1500 }, () => dup(a.fileno()));
    onTestFinished(() => fds.forEach(close));
    expect(fds.at(-1)).toBeGreaterThan(1024);
    b.send('x');
    expect(await selected(fds, fds, fds, 0)).toEqual([fds, fds, []]);
  });

  test('a descriptor that is not open is EBADF', async () => {
    const [a, b] = couple();
    const fd = b.fileno();
    b.close();
    for (const [rlist, wlist, xlist] of [
      [[fd], [], []],
      [[], [fd], []],
      [[], [], [fd]],
      [[a], [a], [fd]],
    ] as const) {
      const error = await failure(() => selected(rlist, wlist, xlist, 1));
      expect(error).toMatchObject({ name: 'OSError', errno: EBADF, syscall: 'select' });
      expect(error).toBeInstanceOf(selecting.error);
    }
    expect(await failure(() => selected([b], [], []))).toBeInstanceOf(RangeError);
  });

  test.each([
    [[1, 2, 3]],
    [[null, [], []]],
    [['text', [], []]],
    [[[], [], undefined]],
    [[[], [], [], 'a while']],
    [[[], [], [], true]],
    [[['0'], [], []]],
  ])('%j is a TypeError', async (args) => {
    expect(await failure(() => selected(...(args as unknown as [[], [], []])))).toBeInstanceOf(TypeError);
  });

  test.each([-1, -0.001, Number.NaN, Number.POSITIVE_INFINITY, 1e30])(
    'a timeout of %d is a RangeError',
    async (timeout) => {
      expect(await failure(() => selected([], [], [], timeout))).toBeInstanceOf(RangeError);
    },
  );

  test('reads line by line from a child that takes its time', async () => {
    const [ours, theirs] = couple();
    const program = spawn('sh', ['-c', 'for i in 1 2 3; do echo testing; read line; done'], {
      stdio: [theirs.fileno(), theirs.fileno(), 'inherit'],
    });
    const ended = once(program, 'close');
    theirs.close();
    const lines: string[] = [];
    for (;;) {
      const [readable, writable] = await selected([ours], [], [], lines.length % 2 ? null : 10);
      expect([readable, writable]).toEqual([[ours], []]);
      const line = String(ours.recv(100));
      if (line === '') break;
      lines.push(line);
      ours.send('\n');
    }
    expect(lines).toEqual(['testing\n', 'testing\n', 'testing\n']);
    await ended;
  });
});

describe('a blocked select', () => {
  test('is woken by another thread', async () => {
    const [a, b] = couple();
    const { done } = await peer(b, (sock) => sock.send('x'));
    expect(select([a], [], [], 10)).toEqual([[a], [], []]);
    await done;
  });

  test('is told what becomes ready beside a hang-up that does not count', async () => {
    const [a, b] = couple();
    const sock = keep(new Socket());
    const { done } = await peer(b, (other) => other.send('x'));
    expect(select([a], [], [sock], 10)).toEqual([[a], [], []]);
    await done;
  });
});

describe('a pending selectAsync', () => {
  test('does not mind the pending calls of its sockets, nor they it', async () => {
    const [a, b] = couple();
    const received = a.recvAsync(1);
    const readable = [selectAsync([a], [], []), selectAsync([a], [], [], 5)];
    fill(a);
    const writable = selectAsync([], [a], []);
    const sent = a.sendallAsync('the end');
    b.send('xx');
    expect(String(await received)).toBe('x');
    for (const ready of await Promise.all(readable)) expect(ready).toEqual([[a], [], []]);
    let got = '';
    while (!got.endsWith('the end')) got = `${got}${await b.recvAsync(1 << 20)}`.slice(-7);
    expect(await writable).toEqual([[], [a], []]);
    await sent;
  });

  test('may be one of a thousand for one descriptor', async () => {
    const [a, b] = couple();
    const [stop, stopper] = couple();
    const waiting = Array.from({ length: 1000 }, () => selectAsync([a, stop], [], []));
    await turns();
    b.send('x');
    for (const ready of await Promise.all(waiting)) expect(ready).toEqual([[a], [], []]);
    stopper.send('x');
    expect(await selectAsync([stop], [], [])).toEqual([[stop], [], []]);
  });

  test('ends when its time is over, and sees what came at the last moment', async () => {
    const [a, b] = couple();
    const took = await elapsed(() => selectAsync([a], [], [], 0.02));
    expect(took).toBeGreaterThanOrEqual(19.5);
    const waiting = selectAsync([a], [], [], 0.001);
    for (const end = performance.now() + 10; performance.now() < end; );
    b.send('x');
    expect(await waiting).toEqual([[a], [], []]);
  });

  test('is given up by its signal', async () => {
    const [a, b] = couple();
    const controller = new AbortController();
    const waiting = watch(selectAsync([a], [], [], null, { signal: controller.signal }));
    await turns();
    expect(waiting.state).toBe('pending');
    controller.abort(new Error('enough'));
    await turns();
    expect(waiting.error).toMatchObject({ message: 'enough' });
    b.send('x');
    const { signal } = controller;
    await expect(selectAsync([a], [], [], null, { signal })).rejects.toThrow('enough');
    expect(await selectAsync([a], [], [])).toEqual([[a], [], []]);
  });

  test('rejects wrong options', async () => {
    for (const options of [null, [], 5, { signal: 5 }, new AbortController().signal])
      await expect(selectAsync([], [], [], 0, options as never)).rejects.toThrow(TypeError);
  });

  test('is EBADF at once when one of its sockets is closed, even if the number is in use again', async () => {
    const [a, b] = couple();
    const fd = a.fileno();
    const waiting = selectAsync([a, b], [], []);
    await turns();
    a.close();
    const again = dup(b.fileno());
    onTestFinished(() => close(again));
    expect(again).toBe(fd);
    await expect(waiting).rejects.toMatchObject({ errno: EBADF, syscall: 'select' });
    expect(await selectAsync([], [fd], [])).toEqual([[], [fd], []]);
  });

  test('is EBADF when a plain descriptor is closed by the library', async () => {
    const fd = dup(couple()[0].fileno());
    const waiting = selectAsync([fd], [], []);
    close(fd);
    await expect(waiting).rejects.toMatchObject({ errno: EBADF });
  });

  test('of a descriptor that somebody else closes learns it with the next wake-up', async () => {
    const [a, b] = couple();
    const [c, d] = couple();
    const fd = dup(c.fileno());
    const waiting = watch(selectAsync([a, fd], [], []));
    await turns();
    closeSync(fd);
    await turns();
    expect(waiting.state).toBe('pending');
    b.send('x');
    await turns(20);
    expect(waiting.error).toMatchObject({ errno: EBADF });
    d.send('x');
    // Another descriptor of that number is another matter.
    const again = dup(c.fileno());
    expect(again).toBe(fd);
    expect(await selectAsync([again], [], [])).toEqual([[again], [], []]);
    closeSync(again);
  });

  test('of a number that has changed hands waits for the new owner', async () => {
    const [a, b] = couple();
    const [c, d] = couple();
    const fd = dup(a.fileno());
    const old = watch(selectAsync([fd], [], [], null, { signal: AbortSignal.timeout(10_000) }));
    await turns();
    closeSync(fd);
    const again = dup(c.fileno());
    expect(again).toBe(fd);
    const waiting = selectAsync([again], [], []);
    await turns();
    d.send('x');
    expect(await waiting).toEqual([[again], [], []]);
    await turns();
    // It asks about its number, as poll(2) would.
    expect(old.value).toEqual([[fd], [], []]);
    closeSync(again);
    b.close();
  });

  test('goes on when a socket gives its descriptor up without closing it', async () => {
    const [a, b] = couple();
    const waiting = watch(selectAsync([a], [], []));
    await turns();
    const fd = a.detach();
    await turns();
    expect(waiting.state).toBe('pending');
    b.send('x');
    await turns(20);
    expect(waiting.value).toEqual([[a], [], []]);
    close(fd);
  });

  test('does not starve the event loop when something is always ready', async () => {
    const [a, b] = couple();
    b.send('x');
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    while (!turned) expect(await selectAsync([a], [], [], null)).toEqual([[a], [], []]);
  });

  test('keeps the process alive, and nothing else does', async () => {
    const program = child(async ({ socketpair }, _, load) => {
      const { selectAsync } = await load('select');
      const [a, b] = socketpair();
      console.log((await selectAsync([a], [], [], 0.05)).length);
      const waiting = selectAsync([a], [], []);
      setTimeout(() => b.send('x'), 20);
      console.log((await waiting)[0][0] === a);
      a.close();
      b.close();
    });
    expect(await program.ended).toEqual({ status: 0, signal: null, stdout: '3\ntrue\n', stderr: '' });
  });

  test('of a server tells of every client', async () => {
    const server = keep(createServer(['127.0.0.1', 0]));
    const clients = Array.from({ length: 20 }, () => {
      const client = keep(new Socket());
      client.settimeout(0);
      client.connectEx(server.getsockname());
      return client;
    });
    const taken: Socket[] = [];
    while (taken.length < clients.length) {
      const [ready] = await selectAsync([server], [], []);
      if (ready.length > 0) taken.push(keep(server.accept()[0]));
    }
    for (const connection of taken) connection.shutdown(SHUT_RDWR);
    const left = new Set(clients);
    while (left.size > 0) {
      for (const client of (await selectAsync(left, [], []))[0]) {
        expect(client.recv(1)).toHaveLength(0);
        left.delete(client);
      }
    }
  });
});
