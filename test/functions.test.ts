/** The functions that make sockets: socket, socketpair, fromfd, createServer, and what they ask. */
import { closeSync, openSync } from 'node:fs';
import { inspect } from 'node:util';
import * as library from 'bsd-socket';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  close,
  createServer,
  dup,
  fromfd,
  hasDualstackIPv6,
  hasIPv6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  OSError,
  SO_ACCEPTCONN,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  socket,
  socketpair,
} from 'bsd-socket';
import { getInheritable } from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { abstract, failure, inet, keep, listening, name, noIPv6, open, path } from './support.ts';

const skipIPv6 = noIPv6 === undefined ? '' : ` (skipped: ${noIPv6})`;

describe('socket', () => {
  test('is the class under its Python name', () => {
    const sock = keep(socket(AF_UNIX, SOCK_DGRAM));
    expect(sock).toBeInstanceOf(Socket);
    expect([sock.family, sock.type, sock.proto]).toEqual([AF_UNIX, SOCK_DGRAM, 0]);
    expect(keep(library.socket()).family).toBe(AF_INET);
    const adopted = keep(socket(null, null, null, dup(sock.fileno())));
    expect([adopted.family, adopted.type]).toEqual([AF_UNIX, SOCK_DGRAM]);
  });
});

describe('socketpair', () => {
  test.each([
    [[], AF_UNIX, SOCK_STREAM],
    [[null], AF_UNIX, SOCK_STREAM],
    [[AF_UNIX, SOCK_DGRAM], AF_UNIX, SOCK_DGRAM],
    [[AF_UNIX, SOCK_SEQPACKET, 0], AF_UNIX, SOCK_SEQPACKET],
  ] as [[], number, number][])('%j', (args, family, type) => {
    const [a, b] = socketpair<number>(...args);
    keep(a);
    keep(b);
    for (const sock of [a, b]) {
      expect([sock.family, sock.type, sock.proto, sock.getInheritable(), sock.gettimeout()]).toEqual([
        family,
        type,
        0,
        false,
        null,
      ]);
      expect([sock.getsockname(), sock.getpeername()]).toEqual(['', '']);
    }
    a.send('there');
    b.send('back');
    expect([String(b.recv(10)), String(a.recv(10))]).toEqual(['there', 'back']);
  });

  test('SOCK_NONBLOCK', () => {
    for (const sock of socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK)) {
      expect([keep(sock).gettimeout(), sock.type]).toEqual([0, SOCK_STREAM]);
    }
  });

  test.each([
    [[AF_INET], OSError, 'EOPNOTSUPP'],
    [[99], OSError, 'EAFNOSUPPORT'],
    [[AF_UNIX, 77], OSError, 'EINVAL'],
    [[AF_UNIX, SOCK_STREAM, 77], OSError, 'EPROTONOSUPPORT'],
    [['AF_UNIX'], TypeError, 'ERR_INVALID_ARG_TYPE'],
    [[AF_UNIX, null], TypeError, 'ERR_INVALID_ARG_TYPE'],
  ])('%j fails', async (args, type, code) => {
    const error = await failure(() => socketpair(...(args as [])));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code });
  });
});

describe('fromfd, close and dup', () => {
  test('fromfd leaves the descriptor to its owner', () => {
    const server = listening(inet);
    const sock = keep(fromfd(server.fileno(), AF_INET, SOCK_STREAM));
    expect(sock.fileno()).not.toBe(server.fileno());
    expect(sock.getsockname()).toEqual(server.getsockname());
    expect([sock.family, sock.type, sock.proto, sock.getInheritable()]).toEqual([
      AF_INET,
      SOCK_STREAM,
      0,
      false,
    ]);
    sock.close();
    expect(server.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(1);
  });

  test('of no descriptor, and of one that is no socket', async () => {
    expect(await failure(() => fromfd(0x7fffffff, AF_INET, SOCK_STREAM))).toMatchObject({ code: 'EBADF' });
    const fd = openSync('/dev/null', 'r');
    expect(await failure(() => fromfd(fd, AF_INET, SOCK_STREAM))).toMatchObject({ code: 'ENOTSOCK' });
    closeSync(fd);
  });

  test('dup is close-on-exec, close closes', async () => {
    const sock = open(inet);
    const fd = dup(sock.fileno());
    expect([fd === sock.fileno(), getInheritable(fd)]).toEqual([false, 0]);
    expect(close(fd)).toBe(undefined);
    expect(await failure(() => close(fd))).toMatchObject({ code: 'EBADF', syscall: 'close' });
    expect(await failure(() => dup(fd))).toMatchObject({ code: 'EBADF', syscall: 'dup' });
    expect(await failure(() => close(-1))).toMatchObject({ code: 'EBADF' });
    for (const wrong of ['1', null, undefined, 1n]) {
      expect(() => close(wrong as never)).toThrow(TypeError);
      expect(() => dup(wrong as never)).toThrow(TypeError);
    }
    expect(() => close(1.5)).toThrow(RangeError);
  });
});

describe('createServer', () => {
  test('listens, with SO_REUSEADDR', () => {
    const server = keep(createServer(['127.0.0.1', 0]));
    expect([server.family, server.type, server.proto, server.gettimeout()]).toEqual([
      AF_INET,
      SOCK_STREAM,
      0,
      null,
    ]);
    expect(server.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(1);
    expect(server.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
    expect(server.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(0);
    open(inet).connect(name(server as never));
    keep(server.accept()[0]);
  });

  test.each([0, 1, -1, 1000, null, undefined])('a backlog of %s', (backlog) => {
    const server = keep(createServer(['', 0], { backlog }));
    expect(server.getsockname()[0]).toBe('0.0.0.0');
  });

  test('reusePort lets a second one in', () => {
    const first = keep(createServer(['127.0.0.1', 0], { reusePort: true }));
    expect(first.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(1);
    keep(createServer(first.getsockname(), { reusePort: true }));
  });

  test.each([
    ['a path', path],
    ['an abstract name', abstract],
  ])('%s', (_name, free) => {
    const address = free();
    const server = keep(createServer(address, { family: AF_UNIX }));
    expect(server.getsockname()).toEqual(address);
    const client = keep(new Socket(AF_UNIX));
    client.connect(address);
    keep(server.accept()[0]);
  });

  test.skipIf(skipIPv6)(`AF_INET6 is for IPv6 alone, unless dualstackIPv6 is asked for${skipIPv6}`, () => {
    const only = keep(createServer(['::1', 0], { family: AF_INET6 }));
    expect(only.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(1);
    const dual = keep(createServer(['::', 0], { family: AF_INET6, dualstackIPv6: true }));
    expect(dual.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(0);
    open(inet).connect(['127.0.0.1', dual.getsockname()[1]]);
    const [connection, [host]] = dual.accept();
    connection.close();
    expect(host).toBe('::ffff:127.0.0.1');
  });

  test('an error of bind names the address', async () => {
    const address = name(listening(inet));
    const error = await failure(() => createServer(address));
    expect(error).toMatchObject({
      constructor: OSError,
      code: 'EADDRINUSE',
      address: address[0],
      port: address[1],
    });
    const attempt = `while attempting to bind on address ${inspect(address)}`;
    expect(error.message).toBe(`[Errno 98] Address already in use (${attempt}) (bind ${address.join(':')})`);
    const missing = await failure(() => createServer(`${path()}/x`, { family: AF_UNIX }));
    expect(missing).toMatchObject({ name: 'FileNotFoundError', code: 'ENOENT' });
  });

  test.each([
    [['', 0], { dualstackIPv6: true }, RangeError],
    ['x', { family: AF_UNIX, dualstackIPv6: true }, RangeError],
    [['127.0.0.1', 65536], {}, RangeError],
    [['127.0.0.1'], {}, TypeError],
    ['127.0.0.1', {}, TypeError],
    [['127.0.0.1', 0], { backlog: 'x' }, TypeError],
    [['127.0.0.1', 0], { family: 'AF_INET' }, TypeError],
  ])('%j with %j is wrong', (address, options, type) => {
    expect(() => createServer(address as never, options as never)).toThrow(type);
  });
});

describe('IPv6', () => {
  test('hasIPv6 is about the headers, hasDualstackIPv6 about the kernel', () => {
    expect(hasIPv6).toBe(true);
    // Where it says no there is no IPv6 socket to be had either.
    if (hasDualstackIPv6()) keep(new Socket(AF_INET6)).setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    else expect(() => new Socket(AF_INET6)).toThrow(OSError);
  });
});
