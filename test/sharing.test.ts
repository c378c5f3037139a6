/** share(), fromshare() and unshare(): sockets that pass from one thread of the process to another. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import {
  AF_UNIX,
  fromshare,
  getdefaulttimeout,
  type OSError,
  type SharedSocket,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  setdefaulttimeout,
  socketpair,
  unshare,
} from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { child } from './peers.ts';
import {
  type AnySocket,
  bound,
  failure,
  families,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  unixPath,
  until,
} from './support.ts';
import { thread } from './threads.ts';

const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** A token that is given up when the test is over, whatever has become of it. */
function shared(socket: AnySocket, options?: { expires?: number | null }): SharedSocket {
  const token = socket.share(options);
  onTestFinished(() => {
    unshare(token);
  });
  return token;
}

const stale = { name: 'OSError', code: 'ESTALE', syscall: 'fromshare' };

describe('a token', () => {
  test('is a plain object that says what the socket is', () => {
    const socket = open(inet);
    socket.settimeout(2.5);
    const token = shared(socket);
    expect(token).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      family: inet.family,
      type: SOCK_STREAM,
      proto: 0,
      timeout: 2.5,
    });
    expect(structuredClone(token)).toEqual(token);
    expect(JSON.parse(JSON.stringify(token))).toEqual(token);
  });

  test('makes a socket over another descriptor, close-on-exec, with the same timeout', () => {
    const socket = bound(inet);
    for (const timeout of [null, 0, 1.25]) {
      socket.settimeout(timeout);
      const copy = keep(fromshare(shared(socket)));
      expect(copy).toBeInstanceOf(Socket);
      expect(copy.fileno()).not.toBe(socket.fileno());
      expect(copy.getInheritable()).toBe(false);
      expect([copy.family, copy.type, copy.proto]).toEqual([socket.family, socket.type, socket.proto]);
      expect(copy.timeout).toBe(timeout);
      expect(copy.getsockname()).toEqual(socket.getsockname());
    }
  });

  test('brings its timeout, and not the default one', () => {
    onTestFinished(() => setdefaulttimeout(null));
    const token = shared(open(inet));
    setdefaulttimeout(7);
    expect(keep(fromshare(token)).timeout).toBe(null);
    expect(getdefaulttimeout()).toBe(7);
  });

  test('outlives the socket that it was made of', () => {
    const [a, b] = pair(unixPath);
    const token = shared(a);
    a.close();
    keep(fromshare(token)).sendall('still here');
    expect(String(b.recv(99))).toBe('still here');
  });

  test('works once', async () => {
    const token = shared(open(inet));
    keep(fromshare(token));
    expect(await failure(() => fromshare(token))).toMatchObject(stale);
    expect(await failure(() => fromshare(token))).toMatchObject({ message: /has been claimed/ as never });
  });

  test('works once, also when two threads want it', async () => {
    const before = openDescriptors();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const sockets = Array.from({ length: 100 }, () => shared(open(inet)));
    const claim = () =>
      thread(
        ({ fromshare }, { gate, sockets }) => {
          Atomics.add(gate, 0, 1);
          while (Atomics.load(gate, 0) < 2);
          let claimed = 0;
          for (const token of sockets) {
            try {
              fromshare(token).close();
              claimed++;
            } catch (error) {
              if ((error as OSError).code !== 'ESTALE') throw error;
            }
          }
          return claimed;
        },
        { gate, sockets },
      );
    const threads = [claim(), claim()];
    const [one, other] = await Promise.all(threads.map(({ done }) => done));
    expect(one! + other!).toBe(100);
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
    expect(openDescriptors()).toBe(before + 100);
  });

  test('of a closed socket cannot be had', async () => {
    const socket = open(inet);
    socket.close();
    expect(await failure(() => socket.share())).toMatchObject({ code: 'EBADF' });
  });
});

describe('a token that is not claimed', () => {
  test('can be given up, once', async () => {
    const socket = open(inet);
    const before = openDescriptors();
    const token = socket.share();
    expect(openDescriptors()).toBe(before + 1);
    expect(unshare(token)).toBe(true);
    expect(openDescriptors()).toBe(before);
    expect(unshare(token)).toBe(false);
    expect(await failure(() => fromshare(token))).toMatchObject(stale);
  });

  test('cannot be given up any more when it has been claimed', () => {
    const token = open(inet).share();
    const copy = keep(fromshare(token));
    expect(unshare(token)).toBe(false);
    expect(copy.getsockname()).toBeDefined();
  });

  test('expires', async () => {
    const socket = open(inet);
    const before = openDescriptors();
    const tokens = Array.from({ length: 1000 }, () => socket.share({ expires: 0.01 }));
    const lasting = shared(socket, { expires: null });
    expect(openDescriptors()).toBe(before + 1001);
    await until(() => openDescriptors() === before + 1);
    for (const token of tokens) expect(await failure(() => fromshare(token))).toMatchObject(stale);
    keep(fromshare(lasting));
  });

  test('that has been claimed does not expire', async () => {
    const copy = keep(fromshare(open(inet).share({ expires: 0 })));
    const before = openDescriptors();
    open(inet).share({ expires: 0.002 });
    // The timer of the second token, which is the younger, fires after that of the first.
    await until(() => openDescriptors() === before + 1);
    expect(copy.getsockname()).toBeDefined();
  });

  test('does not keep the process alive', async () => {
    const { ended } = child(({ Socket }) => {
      new Socket().share({ expires: 3600 });
      new Socket().share({ expires: null });
    });
    expect(await ended).toMatchObject({ status: 0 });
  });

  test.each(['return', 'exit', 'throw', 'terminate'])(
    'is closed with the thread that shared it: %s',
    async (how) => {
      const before = openDescriptors();
      const { worker, ended } = thread(({ Socket, socketpair }, how, port) => {
        const [one] = socketpair();
        const tokens: SharedSocket[] = Array.from({ length: 100 }, () => one.share({ expires: null }));
        tokens.push(new Socket().share());
        port.postMessage({ tokens });
        if (how === 'exit') process.exit();
        if (how === 'throw') {
          port.once('message', () => {
            throw new Error('thrown in a worker');
          });
        }
        if (how === 'terminate') setInterval(() => one, 1000);
      }, how);
      worker.on('error', () => {});
      const [{ tokens }] = await once(worker, 'message');
      if (how === 'throw') worker.postMessage('now');
      if (how === 'terminate') await worker.terminate();
      await ended;
      for (const token of tokens) expect(await failure(() => fromshare(token))).toMatchObject(stale);
      await until(() => openDescriptors() <= before);
    },
  );

  test('of this thread stays when another one ends', async () => {
    const token = shared(open(inet));
    const { ended } = thread(({ Socket, unshare }) => unshare(new Socket().share()), null);
    await ended;
    keep(fromshare(token));
  });
});

describe('a token that nobody has made', () => {
  const real = () => shared(open(inet));

  test.each([
    ['an id that is made up', () => ({ ...real(), id: '00000000-0000-4000-8000-000000000000' })],
    ['a descriptor for an id', () => ({ ...real(), id: '0' })],
    ['an empty id', () => ({ ...real(), id: '' })],
  ])('%s is an OSError', async (_, forged) => {
    const before = openDescriptors();
    const token = forged();
    expect(await failure(() => fromshare(token))).toMatchObject(stale);
    expect(unshare(token)).toBe(false);
    expect(openDescriptors()).toBe(before + 2);
  });

  test.each([
    ['undefined', () => undefined, TypeError],
    ['null', () => null, TypeError],
    ['a string', () => 'token', TypeError],
    ['a number', () => 3, TypeError],
    ['an empty object', () => ({}), TypeError],
    ['an id with NUL', () => ({ ...real(), id: 'a\0b' }), TypeError],
    ['an id that is a number', () => ({ ...real(), id: 3 }), TypeError],
    ['a family that is text', () => ({ ...real(), family: 'AF_INET' }), TypeError],
    ['a negative type', () => ({ ...real(), type: -1 }), RangeError],
    ['a fraction for a protocol', () => ({ ...real(), proto: 1.5 }), RangeError],
    ['no timeout', () => ({ ...real(), timeout: undefined }), TypeError],
    ['a negative timeout', () => ({ ...real(), timeout: -1 }), RangeError],
  ])('%s is a TypeError or a RangeError, and uses nothing up', async (_, forged, type) => {
    const token = forged();
    expect(await failure(() => fromshare(token as never))).toBeInstanceOf(type);
    const { id } = (token ?? {}) as SharedSocket;
    if (typeof id === 'string' && !id.includes('\0')) expect(unshare(token as SharedSocket)).toBe(true);
  });

  test('of another process is stale', async () => {
    const { ended } = child(async ({ Socket }) => {
      const socket = new Socket();
      process.stdout.write(JSON.stringify(socket.share()));
      socket.close();
    });
    const { stdout } = await ended;
    expect(await failure(() => fromshare(JSON.parse(stdout)))).toMatchObject(stale);
  });

  test.each([
    [{ expires: -1 }, RangeError],
    [{ expires: Number.NaN }, RangeError],
    [{ expires: 2147484 }, RangeError],
    [{ expires: '1' }, TypeError],
    [null, TypeError],
    [3, TypeError],
  ])('share(%j) is refused, and leaves nothing behind', async (options, type) => {
    const socket = open(inet);
    const before = openDescriptors();
    const error = await failure(() => socket.share(options as never));
    expect(error).toBeInstanceOf(type);
    if (type === RangeError) expect(error.message).toContain('expires must be from 0 to 2147483 seconds');
    expect(openDescriptors()).toBe(before);
  });
});

describe('in other threads', () => {
  test.each(families.filter(({ missing }) => missing === undefined))(
    'several workers accept on one listening socket: $name',
    async (family) => {
      const server = listening(family);
      const start = (number: number) =>
        thread(
          async ({ fromshare }, { token, number }) => {
            const server = fromshare(token);
            const [connection] = await server.acceptAsync();
            await connection.sendallAsync(`worker ${number}`);
            connection.close();
            server.close();
          },
          { token: shared(server), number },
        );
      const threads = [1, 2, 3].map(start);
      const answers: string[] = [];
      for (let count = 0; count < 3; count++) {
        const client = open(family);
        await client.connectAsync(name(server));
        answers.push(String(await client.recvAsync(99)));
      }
      expect(answers.sort()).toEqual(['worker 1', 'worker 2', 'worker 3']);
      await Promise.all(threads.map(({ done }) => done));
    },
  );

  const echo = (socket: AnySocket) =>
    thread(({ fromshare }, token) => {
      const socket = fromshare(token);
      const [data, address] = socket.recvfrom(99);
      const answer = Buffer.concat([data, Buffer.from(' from a worker')]);
      if (address) socket.sendto(answer, address as never);
      else socket.sendall(answer);
      const { family, type, timeout } = socket;
      socket.close();
      return { family, type, timeout };
    }, shared(socket));

  test.each(families.filter(({ missing }) => missing === undefined))(
    'a connected stream is used synchronously: $name',
    async (family) => {
      const [client, server] = pair(family);
      server.settimeout(9);
      const { done } = echo(server);
      await client.sendallAsync('hello');
      expect(String(await client.recvAsync(99))).toBe('hello from a worker');
      expect(await done).toEqual({ family: family.family, type: SOCK_STREAM, timeout: 9 });
    },
  );

  test.each(families.filter(({ missing }) => missing === undefined))(
    'a datagram socket answers: $name',
    async (family) => {
      const [client, server] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
      const { done } = echo(server);
      await client.sendtoAsync('hello', name(server));
      expect(String(await client.recvAsync(99))).toBe('hello from a worker');
      expect(await done).toMatchObject({ family: family.family, type: SOCK_DGRAM });
    },
  );

  test('a pair of Unix sequential packet sockets', async () => {
    const [one, other] = socketpair<number>(AF_UNIX, SOCK_SEQPACKET);
    keep(one);
    keep(other);
    const { done } = echo(one);
    await other.sendAsync('hello');
    expect(String(await other.recvAsync(99))).toBe('hello from a worker');
    expect(await done).toMatchObject({ type: SOCK_SEQPACKET });
  });

  test('a socket of a family without a form of its own here', () => {
    // AF_NETLINK, which every Linux has.
    const netlink = keep(new Socket<number>(16, SOCK_RAW, 0));
    const copy = keep(fromshare(shared(netlink)));
    expect([copy.family, copy.type, copy.proto]).toEqual([16, SOCK_RAW, 0]);
  });

  test('a worker hands a connection back, which outlives it', async () => {
    const [client, server] = pair(inet);
    const before = openDescriptors();
    const { worker, done } = thread(async ({ fromshare }, token, port) => {
      const socket = fromshare(token);
      const answer = new Promise((resolve) => port.once('message', resolve));
      port.postMessage({ token: socket.share() });
      socket.close();
      await answer;
    }, shared(server));
    const [{ token }] = await once(worker, 'message');
    const back = keep(fromshare(token as SharedSocket));
    worker.postMessage('claimed');
    await done;
    await worker.terminate();
    await until(() => openDescriptors() === before + 1);
    server.close();
    client.sendall('after all');
    expect(String(back.recv(99))).toBe('after all');
  });

  test('a claimed socket is closed with the thread that has claimed it', async () => {
    const [client, server] = pair(inet);
    const before = openDescriptors();
    const { worker, done } = thread(({ fromshare }, token) => {
      (globalThis as { kept?: unknown }).kept = fromshare(token);
      setInterval(() => {}, 1000);
    }, shared(server));
    await done;
    await worker.terminate();
    expect(openDescriptors()).toBe(before);
    server.close();
    expect((await client.recvAsync(9)).length).toBe(0);
  });
});
