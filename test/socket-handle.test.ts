/** What a socket is apart from its traffic: how it is made, its descriptor, its names. */
import { closeSync, openSync } from 'node:fs';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  close,
  dup,
  IPPROTO_TCP,
  IPPROTO_UDP,
  OSError,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  socketpair,
} from 'bsd-socket';
import { getInheritable, getNonblocking } from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { child } from './peers.ts';
import {
  bound,
  failure,
  families,
  inet,
  keep,
  listening,
  name,
  open,
  pair,
  unixAbstract,
  unixPath,
} from './support.ts';

const kinds = families
  .filter(({ name: title }) => title !== unixAbstract.name)
  .flatMap(({ family, unix, missing }) =>
    [SOCK_STREAM, SOCK_DGRAM, ...(unix ? [SOCK_SEQPACKET] : [])].map((type) => ({
      family,
      type,
      // The kernel fills in what 0 stands for, in Unix sockets nothing.
      proto: unix ? 0 : type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP,
      missing,
    })),
  )
  .filter(({ missing }) => missing === undefined);

describe('the constructor', () => {
  test('without arguments: AF_INET, SOCK_STREAM, 0, close-on-exec', () => {
    const sock = keep(new Socket());
    expect([sock.family, sock.type, sock.proto, sock.closed]).toEqual([AF_INET, SOCK_STREAM, 0, false]);
    expect(sock.fileno()).toBeGreaterThanOrEqual(0);
    expect(sock.getInheritable()).toBe(false);
  });

  test.each(kinds)('family $family, type $type', ({ family, type, proto }) => {
    const sock = keep(new Socket<number>(family, type));
    expect([sock.family, sock.type, sock.proto]).toEqual([family, type, 0]);
    expect(sock.getsockopt(SOL_SOCKET, SO_TYPE)).toBe(type);
    const exact = keep(new Socket<number>(family, type, proto));
    expect(exact.proto).toBe(proto);
  });

  test.each([null, undefined, -1])('%s leaves a number out', (nothing) => {
    const sock = keep(new Socket(nothing as null, nothing, nothing, nothing === -1 ? null : nothing));
    expect([sock.family, sock.type, sock.proto]).toEqual([AF_INET, SOCK_STREAM, 0]);
  });

  test('SOCK_CLOEXEC and SOCK_NONBLOCK are no part of the type', () => {
    const sock = open(inet, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
    expect([sock.type, sock.gettimeout(), getNonblocking(sock.fileno())]).toEqual([SOCK_DGRAM, 0, 1]);
  });

  test.each([
    [[99], OSError, 'EAFNOSUPPORT'],
    [[-2], RangeError, 'ERR_OUT_OF_RANGE'],
    [[AF_INET, 77], OSError, 'EINVAL'],
    [[AF_INET, SOCK_STREAM, IPPROTO_UDP], OSError, 'EPROTONOSUPPORT'],
    [['AF_INET'], TypeError, 'ERR_INVALID_ARG_TYPE'],
    [[AF_INET, '1'], TypeError, 'ERR_INVALID_ARG_TYPE'],
    [[AF_INET, SOCK_STREAM, {}], TypeError, 'ERR_INVALID_ARG_TYPE'],
    [[1.5], RangeError, 'ERR_OUT_OF_RANGE'],
    [[AF_INET, SOCK_STREAM, 2 ** 31], RangeError, 'ERR_OUT_OF_RANGE'],
  ])('new Socket(...%j) fails', async (args, type, code) => {
    const error = await failure(() => new Socket(...(args as never[])));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code });
  });
});

describe('from a descriptor', () => {
  test.each(kinds)('family $family, type $type: what is left out is found out', ({ family, type, proto }) => {
    const first = new Socket<number>(family, type);
    const adopted = keep(new Socket(null, null, null, first.detach()));
    expect([adopted.family, adopted.type, adopted.proto]).toEqual([family, type, proto]);
    // What is given is believed.
    const told = keep(new Socket<number>(family, type, 0, dup(adopted.fileno())));
    expect([told.family, told.type, told.proto]).toEqual([family, type, 0]);
    const half = keep(new Socket(null, type, null, dup(adopted.fileno())));
    expect([half.family, half.type, half.proto]).toEqual([family, type, proto]);
  });

  test('the descriptor itself is taken', () => {
    const fd = new Socket().detach();
    const sock = new Socket(null, null, null, fd);
    expect(sock.fileno()).toBe(fd);
    sock.close();
    expect(() => dup(fd)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  test('the connection and its data come along', () => {
    const [client, server] = pair(inet);
    client.send('hello');
    const address = server.getsockname();
    const adopted = keep(new Socket(null, null, null, server.detach()));
    expect([String(adopted.recv(10)), adopted.getsockname()]).toEqual(['hello', address]);
  });

  test.each([[[]], [[AF_INET, SOCK_STREAM, 0]]])('no socket: ENOTSOCK (with %j)', async (given) => {
    const fd = openSync('/dev/null', 'r');
    const [family = null, type = null, proto = null] = given;
    const error = await failure(() => new Socket(family as never, type, proto, fd));
    expect(error).toBeInstanceOf(OSError);
    expect(error).toMatchObject({ code: 'ENOTSOCK' });
    // It still belongs to the caller.
    closeSync(fd);
  });

  test.each([
    [0x7fffffff, OSError, 'EBADF'],
    [-1, RangeError, 'ERR_OUT_OF_RANGE'],
    [-5, RangeError, 'ERR_OUT_OF_RANGE'],
    [1.5, RangeError, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, RangeError, 'ERR_OUT_OF_RANGE'],
    [2 ** 32, RangeError, 'ERR_OUT_OF_RANGE'],
    ['0', TypeError, 'ERR_INVALID_ARG_TYPE'],
    [true, TypeError, 'ERR_INVALID_ARG_TYPE'],
  ])('%s is none', async (fileno, type, code) => {
    const error = await failure(() => new Socket(null, null, null, fileno as number));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code });
  });
});

describe('the descriptor', () => {
  test('detach gives it up, once', () => {
    const sock = new Socket();
    const fd = sock.fileno();
    expect([sock.detach(), sock.detach(), sock.fileno(), sock.closed]).toEqual([fd, -1, -1, true]);
    expect(getInheritable(fd)).toBe(0);
    close(fd);
  });

  test('dup shares everything but the number', () => {
    const [client, server] = pair(inet);
    server.settimeout(7);
    server.setInheritable(true);
    const copy = keep(server.dup());
    expect(copy.fileno()).not.toBe(server.fileno());
    expect([copy.family, copy.type, copy.proto, copy.gettimeout()]).toEqual([
      server.family,
      server.type,
      server.proto,
      7,
    ]);
    expect(copy.getInheritable()).toBe(false);
    expect(copy.getpeername()).toEqual(client.getsockname());
    server.close();
    client.send('x');
    expect(copy.recv(1)).toHaveLength(1);
  });

  test('dup of a subclass whose constructor fails leaves nothing behind', async () => {
    const { ended } = child(
      async ({ Socket }) => {
        let fails = false;
        class Failing extends Socket<number> {
          constructor(...args: ConstructorParameters<typeof Socket<number>>) {
            super(...args);
            if (fails) throw new Error('of the subclass');
          }
        }
        const sock = new Failing();
        fails = true;
        let message = '';
        try {
          sock.dup();
        } catch (error) {
          ({ message } = error as Error);
        }
        const { fstatSync, openSync } = process.getBuiltinModule('node:fs');
        // It gets the number of the duplicate, which nobody may close any more.
        const file = openSync('/dev/null', 'r');
        let warnings = 0;
        process.on('warning', () => warnings++);
        for (let count = 0; count < 20; count++) {
          globalThis.gc!();
          await new Promise((resolve) => setImmediate(resolve));
        }
        console.log(JSON.stringify({ message, warnings, open: fstatSync(file).isCharacterDevice() }));
        sock.close();
      },
      null,
      ['--expose-gc'],
    );
    const { stdout } = await ended;
    expect(JSON.parse(stdout)).toEqual({ message: 'of the subclass', warnings: 0, open: true });
  });

  test('dup of a subclass is one', () => {
    class Special extends Socket {}
    const copy = keep(keep(new Special()).dup());
    expect(copy).toBeInstanceOf(Special);
  });

  test('setInheritable', () => {
    const sock = open(inet);
    for (const inheritable of [true, true, false]) {
      expect(sock.setInheritable(inheritable)).toBe(undefined);
      expect(sock.getInheritable()).toBe(inheritable);
      expect(getInheritable(sock.fileno())).toBe(Number(inheritable));
    }
  });

  test('everything that makes one makes it close-on-exec', () => {
    const [client, server] = pair(unixPath);
    const [a, b] = socketpair();
    for (const sock of [client, server, keep(a), keep(b), keep(client.dup())]) {
      expect(sock.getInheritable()).toBe(false);
    }
    const fd = dup(client.fileno());
    expect(getInheritable(fd)).toBe(0);
    close(fd);
  });
});

describe('names', () => {
  test.each(kinds)('an unbound socket: family $family, type $type', ({ family, type }) => {
    const sock = keep(new Socket<number>(family, type));
    const any = { [AF_INET]: ['0.0.0.0', 0], [AF_INET6]: ['::', 0, 0, 0], [AF_UNIX]: '' };
    expect(sock.getsockname()).toEqual(any[family]);
    expect(() => sock.getpeername()).toThrow(
      expect.objectContaining({ code: 'ENOTCONN', syscall: 'getpeername' }),
    );
  });

  test.each(families.filter(({ missing }) => !missing))(
    'what was bound is what is shown: $name',
    (family) => {
      const address = family.free();
      const sock = open(family);
      expect(sock.bind(address)).toBe(undefined);
      const shown = name(sock);
      if (family.unix) return expect(shown).toEqual(address);
      expect(shown).toEqual([address[0], expect.any(Number), ...(family.family === AF_INET6 ? [0, 0] : [])]);
      expect(shown[1]).toBeGreaterThan(0);
      // Nobody else's array.
      shown[0] = 'changed';
      expect(name(sock)[0]).toBe(address[0]);
    },
  );

  test('an address in use, and one that is not ours', () => {
    const address = name(listening(inet));
    const [host, port] = address;
    expect(() => open(inet).bind(address)).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', syscall: 'bind', address: host, port }),
    );
    // TEST-NET-1 belongs to nobody.
    expect(() => open(inet).bind(['192.0.2.1', 0])).toThrow(
      expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
    );
    const file = name(bound(unixPath));
    expect(() => open(unixPath).bind(file)).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', address: file }),
    );
  });

  test('a path that is not UTF-8 is shown as bytes', () => {
    const file = Buffer.concat([Buffer.from(unixPath.free()), Buffer.from([0xff, 0xfe])]);
    const sock = open(unixPath);
    sock.bind(file);
    expect(sock.getsockname()).toEqual(file);
  });
});
