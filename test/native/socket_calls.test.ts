/** binding/socket_calls.cpp: the calls that make, name, connect and end a socket. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOENT,
  ENOTCONN,
  ENOTSOCK,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SHUT_RDWR,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_ERROR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import { noIPv6 } from '../support.ts';
import {
  bound,
  called,
  isNonblocking,
  keep,
  listening,
  loopback,
  nameOf,
  open,
  pair,
  sockaddrOf,
  storage,
  stored,
  unix,
} from './descriptors.ts';

const families = [
  ['AF_INET', AF_INET],
  ['AF_UNIX', AF_UNIX],
] as const;

describe('descriptors that are made here are close-on-exec', () => {
  const made: [string, () => number[]][] = [
    ['socket', () => [open(AF_INET)]],
    ['socketpair', () => pair()],
    ['accept', () => [keep(binding.accept(called(AF_UNIX)[0], storage()))]],
    ['dup', () => [keep(binding.dup(open(AF_UNIX)))]],
    [
      'dup of an inheritable one',
      () => {
        const fd = open(AF_UNIX);
        binding.setInheritable(fd, true);
        return [keep(binding.dup(fd))];
      },
    ],
  ];
  test.each(made)('%s', (_, make) => {
    for (const fd of make()) expect(binding.getInheritable(fd)).toBe(0);
  });

  test('so that a child process gets none of them', () => {
    const fds = made.slice(0, -1).flatMap(([, make]) => make());
    const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    expect(stdout).toContain('-> ');
    for (const fd of fds) expect(stdout).not.toContain(readlinkSync(`/proc/self/fd/${fd}`));
  });
});

describe('socket', () => {
  test('is blocking, unless SOCK_NONBLOCK asks for the contrary', () => {
    expect(isNonblocking(open(AF_INET))).toBe(false);
    expect(isNonblocking(open(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))).toBe(true);
    const [first, second] = binding.socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0) as [number, number];
    expect([keep(first), keep(second)].map(isNonblocking)).toEqual([true, true]);
  });

  test.each([
    ['an unknown family', [255, SOCK_STREAM, 0], EAFNOSUPPORT],
    ['a negative family', [-1, SOCK_STREAM, 0], EAFNOSUPPORT],
    ['an unknown type', [AF_INET, 1234567, 0], EINVAL],
    ['a type that the family lacks', [AF_UNIX, 4, 0], ESOCKTNOSUPPORT],
    ['a protocol of another type', [AF_INET, SOCK_STREAM, IPPROTO_UDP], EPROTONOSUPPORT],
    ['a negative protocol', [AF_INET, SOCK_STREAM, -1], EINVAL],
  ] as [string, [number, number, number], number][])('of %s fails with its errno', (_, args, errno) => {
    expect(binding.socket(...args)).toBe(-errno);
    expect(binding.socketpair(...args)).toBeLessThan(0);
  });

  test('pairs of the internet do not exist', () => {
    expect(binding.socketpair(AF_INET, SOCK_STREAM, IPPROTO_TCP)).toBe(-EOPNOTSUPP);
  });
});

describe('bind, getsockname', () => {
  test('give and tell a name', () => {
    expect(nameOf(open(AF_INET))).toEqual(['0.0.0.0', 0]);
    expect(nameOf(open(AF_UNIX))).toBe('');
    expect(nameOf(bound(AF_INET))).toEqual(['127.0.0.1', expect.any(Number)]);
    // The kernel chose an abstract name of five digits.
    expect(String(nameOf(bound(AF_UNIX)))).toMatch(/^\0[0-9a-f]{5}$/);
  });

  test.skipIf(noIPv6)(`IPv6 ${noIPv6 ?? ''}`, () => {
    const fd = open(AF_INET6);
    expect(binding.bind(fd, binding.sockaddr(AF_INET6, '::1', 0, 0, 0) as Buffer)).toBe(0);
    expect(nameOf(fd)).toEqual(['::1', expect.any(Number), 0, 0]);
  });

  test('fail with their errno', () => {
    const taken = bound(AF_INET);
    expect(binding.bind(open(AF_INET), sockaddrOf(taken))).toBe(-EADDRINUSE);
    expect(binding.bind(taken, loopback())).toBe(-EINVAL);
    expect(binding.bind(open(AF_INET), unix())).toBe(-EINVAL);
    expect(binding.bind(open(AF_INET), new Uint8Array(0))).toBe(-EINVAL);
    expect(binding.bind(open(AF_INET), new Uint8Array(1000))).toBe(-EINVAL);
    expect(binding.bind(open(AF_UNIX), unix('/nowhere/at/all'))).toBe(-ENOENT);
    expect(binding.getsockname(-1, storage())).toBe(-EBADF);
    expect(binding.getpeername(open(AF_INET), storage())).toBe(-ENOTCONN);
  });
});

describe('connect', () => {
  test.each(families)('%s: leaves O_NONBLOCK as it was', (_, family) => {
    for (const nonblocking of [false, true]) {
      for (const server of [listening(family), bound(family)]) {
        const fd = open(family);
        binding.setNonblocking(fd, nonblocking);
        const result = binding.connect(fd, sockaddrOf(server));
        expect([0, -EINPROGRESS, -ECONNREFUSED]).toContain(result);
        expect(isNonblocking(fd)).toBe(nonblocking);
      }
    }
  });

  test("takes the caller's word for O_NONBLOCK", () => {
    const server = listening(AF_INET);
    const fd = open(AF_INET);
    binding.setNonblocking(fd, true);
    expect([0, -EINPROGRESS]).toContain(binding.connect(fd, sockaddrOf(server), true));
    expect(isNonblocking(fd)).toBe(true);
    binding.setNonblocking(server, true);
    keep(binding.accept(server, storage(), true));
    expect(binding.accept(server, storage(), true)).toBe(-EAGAIN);
    expect(() => binding.accept(server, storage(), 1 as never)).toThrow(TypeError);
    expect(() => binding.connect(fd, sockaddrOf(server), 'yes' as never)).toThrow(TypeError);
  });

  test('does not wait for room in a backlog', () => {
    const server = listening(AF_UNIX, 0);
    const results = Array.from({ length: 3 }, () => binding.connect(open(AF_UNIX), sockaddrOf(server)));
    expect(results).toEqual([0, -EAGAIN, -EAGAIN]);
  });

  test('tells the truth in SO_ERROR where it could not at once', () => {
    const fd = open(AF_INET);
    const refused = binding.connect(fd, sockaddrOf(bound(AF_INET)));
    if (refused === -EINPROGRESS) {
      const error = new Int32Array(1);
      binding.poll(new Int32Array([fd, 4]), -1);
      binding.getsockopt(fd, SOL_SOCKET, SO_ERROR, error);
      expect(error[0]).toBe(ECONNREFUSED);
    } else {
      expect(refused).toBe(-ECONNREFUSED);
    }
  });

  test('fails with its errno', () => {
    const [, client] = called(AF_UNIX);
    expect(binding.connect(client, sockaddrOf(listening(AF_UNIX)))).toBe(-EISCONN);
    expect(binding.connect(open(AF_UNIX), unix('/nowhere'))).toBe(-ENOENT);
    expect(binding.connect(open(AF_UNIX), unix('\0nobody listens here'))).toBe(-ECONNREFUSED);
    expect(binding.connect(open(AF_INET), new Uint8Array(0))).toBe(-EINVAL);
    expect(binding.connect(-1, loopback(1))).toBe(-EBADF);
  });
});

describe('listen, accept', () => {
  test.each(families)('%s: hand over the connection and the name of its peer', (_, family) => {
    const [server, client] = called(family);
    const peer = storage();
    const connection = keep(binding.accept(server, peer));
    expect(binding.address(peer)).toEqual(family === AF_INET ? nameOf(client) : '');
    expect(stored((into) => binding.getpeername(client, into))).toEqual(nameOf(server));
    expect(stored((into) => binding.getsockname(connection, into))).toEqual(nameOf(server));
    expect(isNonblocking(connection)).toBe(false);
  });

  test.each(families)('%s: the first accept sets O_NONBLOCK and leaves it', (_, family) => {
    const server = listening(family);
    expect(isNonblocking(server)).toBe(false);
    expect(binding.accept(server, storage())).toBe(-EAGAIN);
    expect(isNonblocking(server)).toBe(true);
    binding.setNonblocking(server, false);
    expect(binding.accept(server, storage())).toBe(-EAGAIN);
    expect(isNonblocking(server)).toBe(true);
  });

  test('accept leaves O_NONBLOCK of what does not listen alone', () => {
    const [stream] = pair();
    expect(binding.accept(stream, storage())).toBe(-EINVAL);
    expect(isNonblocking(stream)).toBe(false);
    const zero = openSync('/dev/zero', 'r');
    onTestFinished(() => closeSync(zero));
    expect(binding.accept(zero, storage())).toBe(-ENOTSOCK);
    expect(isNonblocking(zero)).toBe(false);
  });

  test('fail with their errno', () => {
    expect(binding.accept(open(AF_INET), storage())).toBe(-EINVAL);
    expect(binding.accept(open(AF_INET, SOCK_DGRAM), storage())).toBe(-EOPNOTSUPP);
    expect(binding.accept(-1, storage())).toBe(-EBADF);
    expect(binding.listen(open(AF_INET, SOCK_DGRAM), 1)).toBe(-EOPNOTSUPP);
    expect(binding.listen(open(AF_UNIX), 1)).toBe(-EINVAL);
    expect(binding.listen(-1, 1)).toBe(-EBADF);
  });

  test('listen takes any backlog', () => {
    for (const backlog of [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1]) {
      const server = bound(AF_INET);
      expect(binding.listen(server, backlog)).toBe(0);
      const listens = new Int32Array(1);
      binding.getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, listens);
      expect(listens[0]).toBe(1);
    }
  });

  test('seqpacket sockets are accepted too', () => {
    const server = open(AF_UNIX, SOCK_SEQPACKET);
    binding.bind(server, unix());
    binding.listen(server, 1);
    const client = open(AF_UNIX, SOCK_SEQPACKET);
    expect(binding.connect(client, sockaddrOf(server))).toBe(0);
    const connection = keep(binding.accept(server, storage()));
    binding.send(client, Buffer.from('one'), 0, 0, 3);
    binding.send(client, Buffer.from('two'), 0, 0, 3);
    const buffer = Buffer.alloc(16);
    expect(binding.recv(connection, buffer, 0, 0, 16)).toBe(3);
    expect(String(buffer.subarray(0, 3))).toBe('one');
  });
});

describe('shutdown, close, dup', () => {
  test('shutdown ends one direction', () => {
    const [a, b] = pair();
    expect(binding.shutdown(a, SHUT_WR)).toBe(0);
    expect(binding.recv(b, new Uint8Array(1), 0, 0, 1)).toBe(0);
    expect(binding.send(b, new Uint8Array(1), 0, 0, 1)).toBe(1);
  });

  test('dup makes a second descriptor of the same socket', () => {
    const [a, b] = pair();
    const copy = keep(binding.dup(a));
    expect(copy).not.toBe(a);
    binding.setNonblocking(a, true);
    expect(isNonblocking(copy)).toBe(true);
    binding.send(copy, Buffer.from('x'), 0, 0, 1);
    expect(binding.recv(b, new Uint8Array(9), 0, 0, 9)).toBe(1);
  });

  test('fail with their errno', () => {
    expect(binding.shutdown(open(AF_INET), SHUT_RDWR)).toBe(-ENOTCONN);
    expect(binding.shutdown(pair()[0], 77)).toBe(-EINVAL);
    expect(binding.close(-1)).toBe(-EBADF);
    expect(binding.close(2 ** 31 - 1)).toBe(-EBADF);
    expect(binding.dup(-1)).toBe(-EBADF);
  });
});
