/** The end of a socket: what a closed one still does, and `using`. Besides: listen, and the text of a socket. */
import { inspect } from 'node:util';
import {
  AF_UNIX,
  close,
  dup,
  EBADF,
  OSError,
  SHUT_RDWR,
  SO_ACCEPTCONN,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
  SOMAXCONN,
  Socket,
  socketpair,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import {
  type AnySocket,
  both,
  bound,
  failure,
  inet,
  keep,
  listening,
  modes,
  name,
  open,
  pair,
  unixAbstract,
  unixPath,
} from './support.ts';

const gone = ['close', 'detach'] as const;

function ended(how: (typeof gone)[number], sock: AnySocket): AnySocket {
  if (how === 'close') sock.close();
  else close(sock.detach());
  return sock;
}

describe.each(gone)('after %s', (how) => {
  const address = ['127.0.0.1', 9] as const;

  const waits: [string, ...unknown[]][] = [
    ['accept'],
    ['connect', address],
    ['recv', 1],
    ['recvInto', Buffer.alloc(1)],
    ['recvfrom', 1],
    ['recvfrom', 0],
    ['recvfromInto', Buffer.alloc(1)],
    ['send', 'x'],
    ['send', ''],
    ['sendall', 'x'],
    ['sendall', ''],
    ['sendto', 'x', address],
    ['sendto', 'x', 0, address],
  ];

  describe.each(modes)('%s', (mode) => {
    test.each(waits)('%s is EBADF', async (call, ...args) => {
      const sock = ended(how, open(inet));
      // biome-ignore lint/suspicious/noExplicitAny: each call has arguments of its own.
      const error = await failure(() => (both(mode, sock) as any)[call](...args));
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({
        constructor: OSError,
        errno: EBADF,
        code: 'EBADF',
        syscall: call.replace(/(Into|all)$/, ''),
      });
    });

    test('connectEx returns it', async () => {
      expect(await both(mode, ended(how, open(inet))).connectEx(address)).toBe(EBADF);
    });

    test('receiving nothing is no call', async () => {
      const calls = both(mode, ended(how, open(inet)));
      expect(await calls.recv(0)).toEqual(Buffer.alloc(0));
      expect(await calls.recvInto(Buffer.alloc(0))).toBe(0);
    });

    test('wrong arguments are wrong all the same', async () => {
      const calls = both(mode, ended(how, open(inet)));
      await expect(calls.recv(-1)).rejects.toThrow(RangeError);
      await expect(calls.send(5 as never)).rejects.toThrow(TypeError);
      await expect(calls.connect('x' as never)).rejects.toThrow(TypeError);
    });
  });

  test.each([
    ['bind', address],
    ['listen'],
    ['shutdown', SHUT_RDWR],
    ['getsockname'],
    ['getpeername'],
    ['getsockopt', SOL_SOCKET, SO_TYPE],
    ['getsockopt', SOL_SOCKET, SO_TYPE, 4],
    ['setsockopt', SOL_SOCKET, SO_TYPE, 1],
    ['getInheritable'],
    ['setInheritable', true],
    ['settimeout', 1],
    ['settimeout', null],
    ['setblocking', true],
    ['dup'],
  ] as [string, ...unknown[]][])('%s is EBADF', async (call, ...args) => {
    const sock = ended(how, open(inet));
    // biome-ignore lint/suspicious/noExplicitAny: each call has arguments of its own.
    const error = await failure(() => (sock as any)[call](...args));
    expect(error).toMatchObject({ constructor: OSError, errno: EBADF, code: 'EBADF' });
  });

  test('what needs no descriptor still works', () => {
    const sock = open(inet, SOCK_DGRAM);
    sock.settimeout(7);
    ended(how, sock);
    expect([sock.fileno(), sock.closed, sock.type, sock.family, sock.proto]).toEqual([
      -1,
      true,
      SOCK_DGRAM,
      inet.family,
      0,
    ]);
    expect([sock.gettimeout(), sock.timeout, sock.getblocking()]).toEqual([7, 7, true]);
    expect(sock.ref().unref()).toBe(sock);
  });

  test('close and detach do nothing more', () => {
    const sock = ended(how, open(inet));
    // A new socket takes the number that has become free.
    const next = open(inet);
    expect([sock.close(), sock.detach(), sock.close()]).toEqual([undefined, -1, undefined]);
    expect(next.getsockname()).toEqual(['0.0.0.0', 0]);
  });
});

describe('close', () => {
  test('gives the number back', () => {
    const sock = new Socket();
    const fd = sock.fileno();
    expect(sock.closed).toBe(false);
    sock.close();
    expect(sock.closed).toBe(true);
    expect(() => dup(fd)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'dup' }));
  });

  test('of a descriptor that somebody else has closed is EBADF, once', async () => {
    const sock = new Socket();
    close(sock.fileno());
    expect(await failure(() => sock.close())).toMatchObject({ code: 'EBADF', syscall: 'close' });
    expect(sock.close()).toBe(undefined);
  });

  test('leaves a duplicate open', () => {
    const [client, server] = pair(inet);
    const copy = keep(server.dup());
    server.close();
    client.send('x');
    expect(copy.recv(1)).toHaveLength(1);
  });
});

describe('using', () => {
  test('closes at the end of the block, also when it throws', () => {
    let seen: Socket | undefined;
    expect(() => {
      using sock = new Socket();
      seen = sock;
      expect(sock.closed).toBe(false);
      throw new Error('out');
    }).toThrow('out');
    expect(seen!.closed).toBe(true);
  });

  test('await using does', async () => {
    let seen: Socket | undefined;
    {
      await using sock = new Socket();
      seen = sock;
      expect(sock.closed).toBe(false);
    }
    expect(seen.closed).toBe(true);
    expect(seen[Symbol.dispose]()).toBe(undefined);
    expect(await seen[Symbol.asyncDispose]()).toBe(undefined);
  });
});

describe('listen', () => {
  test.each([[], [0], [1], [-1], [-(2 ** 31)], [SOMAXCONN], [2 ** 31 - 1], [undefined]])(
    '(%s)',
    (...args) => {
      const server = bound(inet);
      expect(server.listen(...args)).toBe(undefined);
      expect(server.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(1);
      const client = open(inet);
      client.connect(name(server));
      server.accept()[0].close();
    },
  );

  test('on an unbound socket binds it', () => {
    const server = open(inet);
    server.listen();
    expect(name(server)[1]).toBeGreaterThan(0);
  });

  test('without a backlog holds 128 connections', () => {
    const server = listening(unixPath);
    const clients: AnySocket[] = [];
    // A Unix socket says at once when one more does not fit; the kernel lets one more in than asked for.
    for (;;) {
      const client = open(unixPath);
      client.setblocking(false);
      if (client.connectEx(name(server)) !== 0) break;
      clients.push(client);
    }
    expect(clients.length).toBe(129);
  });

  test.each([
    [2 ** 31, RangeError],
    [1.5, RangeError],
    [null, TypeError],
    ['5', TypeError],
  ])('(%s) is wrong', (backlog, type) => {
    expect(() => open(inet).listen(backlog as number)).toThrow(type);
  });

  test('what cannot listen, and what does not accept', async () => {
    expect(() => open(inet, SOCK_DGRAM).listen()).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }));
    for (const mode of modes) {
      await expect(both(mode, bound(inet)).accept()).rejects.toMatchObject({
        code: 'EINVAL',
        syscall: 'accept',
      });
    }
  });
});

describe('the text', () => {
  test('of a socket with and without names', () => {
    const sock = open(inet);
    const fd = sock.fileno();
    expect(inspect(sock)).toBe(
      `<Socket fd=${fd}, family=AF_INET, type=SOCK_STREAM, proto=0, laddr=[ '0.0.0.0', 0 ]>`,
    );
    expect([String(sock), `${sock}`]).toEqual([inspect(sock), inspect(sock)]);
    const [client, server] = pair(inet);
    const [laddr, raddr] = [inspect(name(client)), inspect(name(server))];
    expect(String(client)).toBe(
      `<Socket fd=${client.fileno()}, family=AF_INET, type=SOCK_STREAM, proto=0, laddr=${laddr}, raddr=${raddr}>`,
    );
  });

  test('of Unix sockets', () => {
    const [a, b] = socketpair(null, SOCK_DGRAM);
    keep(b);
    expect(String(keep(a))).toContain('family=AF_UNIX, type=SOCK_DGRAM, proto=0>');
    const [client, server] = pair(unixPath);
    expect(String(client)).toContain(`proto=0, raddr='${name(server)}'>`);
    const abstract = bound(unixAbstract);
    expect(String(abstract)).toContain(`laddr=${inspect(name(abstract))}`);
  });

  test('of a closed one', () => {
    const sock = new Socket<number>(AF_UNIX, SOCK_DGRAM);
    sock.close();
    expect(inspect(sock)).toBe('<Socket [closed] fd=-1, family=AF_UNIX, type=SOCK_DGRAM, proto=0>');
  });
});
