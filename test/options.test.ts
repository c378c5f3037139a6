/** `sock.options` beyond the single option: what the view is, how it fails, what follows from setting through it. */
import { execFileSync } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_UNIX,
  EBADF,
  IPPROTO_TCP,
  MSG_PEEK,
  OSError,
  SO_COOKIE,
  SO_MAX_PACING_RATE,
  SO_PEERPIDFD,
  SO_RCVTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  socketpair,
  TCP_KEEPIDLE,
} from 'bsd-socket';
import { expect, onTestFinished, test } from 'vitest';
import { optionNumber } from '../dist/options/option-access.js';
import { capable } from './capabilities.ts';
import { failure, inet, keep, open, pair, unixPath } from './support.ts';

test('it is made once, by the first use, and keeps its socket', () => {
  const sock = open(inet);
  expect(sock.options).toBe(sock.options);
  expect(open(inet).options).not.toBe(sock.options);
  expect(() => Object.assign(sock, { options: {} })).toThrow(TypeError);
});

test('looking at it asks the kernel nothing', () => {
  const [a] = pair(inet);
  expect(inspect(a.options, { showHidden: true, getters: true, depth: 9 })).toBe(
    `<Options fd=${a.fileno()}>`,
  );
  expect(JSON.stringify(a.options)).toBe('{}');
  expect(Object.entries(a.options)).toEqual([]);
  // SO_ERROR is cleared by reading it, so nobody has read it when it is still there.
  const listener = open(inet);
  listener.settimeout(0);
  listener.connectEx(['127.0.0.1', 1]);
  inspect(listener.options, { showHidden: true, getters: true });
  expect(listener.options.error).toBe(111);
  expect(listener.options.error).toBe(0);
});

test('a name that does not exist', () => {
  const { options } = open(inet);
  expect(() => Object.assign(options, { tcpNodelay: true })).toThrow(TypeError);
  expect('tcpNodelay' in options).toBe(false);
  expect('tcpNoDelay' in options).toBe(true);
});

test('a closed socket: EBADF, with the name', async () => {
  const sock = new Socket();
  const { options } = sock;
  sock.close();
  for (const action of [() => options.tcpNoDelay, () => Object.assign(options, { tcpNoDelay: true })]) {
    const error = await failure(action);
    expect(error).toBeInstanceOf(OSError);
    expect(error).toMatchObject({ errno: EBADF, option: 'TCP_NODELAY' });
  }
  expect(inspect(options)).toBe('<Options fd=-1>');
});

test('another protocol lacks the option: an OSError that says which', async () => {
  const sock = open(unixPath);
  const error = await failure(() => Object.assign(sock.options, { tcpNoDelay: true }));
  expect(error).toMatchObject({ code: 'EOPNOTSUPP', option: 'TCP_NODELAY', syscall: 'setsockopt' });
  expect(error.message).toBe('[Errno 95] Operation not supported (setsockopt TCP_NODELAY)');
});

test('a constant that this system lacks: ENOPROTOOPT, without asking the kernel', async () => {
  const error = await failure(() => optionNumber('setsockopt', 'TCP_OF_ANOTHER_SYSTEM'));
  expect(error).toBeInstanceOf(OSError);
  expect(error).toMatchObject({
    code: 'ENOPROTOOPT',
    option: 'TCP_OF_ANOTHER_SYSTEM',
    syscall: 'setsockopt',
  });
});

const wrong: [name: string, value: unknown, type: typeof TypeError | typeof RangeError][] = [
  ['tcpNoDelay', 1, TypeError],
  ['tcpNoDelay', undefined, TypeError],
  ['ipTtl', true, TypeError],
  ['ipTtl', '7', TypeError],
  ['ipTtl', 1.5, RangeError],
  ['ipTtl', Number.NaN, RangeError],
  ['ipTtl', 2 ** 31, RangeError],
  ['mark', -1, RangeError],
  ['mark', 2 ** 32, RangeError],
  ['maxPacingRate', 1000, TypeError],
  ['maxPacingRate', -1n, RangeError],
  ['maxPacingRate', 2n ** 64n, RangeError],
  ['tcpCongestion', 5, TypeError],
  ['tcpCongestion', 'cu\0bic', TypeError],
  ['rcvTimeo', 0, RangeError],
  ['rcvTimeo', -1, RangeError],
  ['rcvTimeo', Number.POSITIVE_INFINITY, RangeError],
  ['rcvTimeo', '1', TypeError],
  ['linger', -1, RangeError],
  ['linger', true, TypeError],
  ['linger', { onoff: 1, linger: 5 }, TypeError],
  ['ipLocalPortRange', [1], TypeError],
  ['ipLocalPortRange', [1, 65536], RangeError],
  ['txTime', null, TypeError],
  ['txTime', { clockid: 1 }, TypeError],
  ['txTime', { clockid: 1, flags: -1 }, RangeError],
  ['ipUnicastIf', -1, RangeError],
  ['ipMulticastIf', 1, TypeError],
  ['tcpFastOpenKey', 5, TypeError],
];

test.each(wrong)('options.%s = %o', async (name, value, type) => {
  const sock = open(inet, SOCK_DGRAM);
  const error = await failure(() => Object.assign(sock.options, { [name]: value }));
  expect(error).toBeInstanceOf(type);
  expect(error.message).toContain(`options.${name}`);
});

test.each([true, '5', undefined])('options.linger = %o: the text says what it takes', async (value) => {
  const error = await failure(() => Object.assign(open(inet).options, { linger: value }));
  expect(error.message).toContain('must be seconds as an integer, or null for off, not ');
});

test('a timeout of the kernel counts when it was set through the view', async () => {
  const [sock] = pair(inet);
  sock.options.rcvTimeo = 0.05;
  expect((await failure(() => sock.recv(1))).code).toBe('EAGAIN');
  sock.options.rcvTimeo = null;
  const bytes = sock.getsockopt(SOL_SOCKET, SO_RCVTIMEO, 16);
  expect(bytes).toEqual(Buffer.alloc(16));
});

test('rcvLowat delays a receive when it was set through the view', async () => {
  const [sock, peer] = pair(inet);
  sock.options.rcvLowat = 4;
  peer.send('abc');
  const received = sock.recvAsync(10);
  expect(sock.recv(10, MSG_PEEK | 0x40).toString()).toBe('abc');
  peer.send('d');
  expect((await received).toString()).toBe('abcd');
});

test('a timeout shorter than a microsecond is one, and not none', () => {
  const sock = open(inet);
  sock.options.rcvTimeo = 1e-9;
  expect(sock.options.rcvTimeo).toBeGreaterThan(0);
});

test('peerPidFd: a close-on-exec descriptor of the process', () => {
  const [a, b] = socketpair(AF_UNIX);
  keep(a);
  keep(b);
  const fd = a.options.peerPidFd();
  onTestFinished(() => closeSync(fd));
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  expect(info).toMatch(new RegExp(`^Pid:\\s*${process.pid}$`, 'm'));
  expect(Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)![1]!, 8) & 0o2000000).not.toBe(0);
});

test('peerPidFd without a peer names the option', async () => {
  const sock = open(inet);
  const error = await failure(() => sock.options.peerPidFd());
  expect(error).toMatchObject({ option: 'SO_PEERPIDFD' });
  expect(() => sock.getsockopt(SOL_SOCKET, SO_PEERPIDFD)).toThrow(OSError);
});

test('peerCred is null where there is no peer', () => {
  expect(open(unixPath).options.peerCred).toBe(null);
  expect(open(inet).options.peerCred).toBe(null);
});

const noGroups = capable('CAP_SETGID') ? undefined : ' (skipped: no CAP_SETGID)';

test.skipIf(noGroups)(`more groups than fit the first buffer${noGroups ?? ''}`, () => {
  const program = `
    import { socketpair } from './index.js';
    process.setgroups(Array.from({ length: 5000 }, (_, index) => 1000 + index));
    const [a, b] = socketpair();
    const { peerGroups } = a.options;
    console.log(peerGroups.length, peerGroups[0], peerGroups.at(-1));
    a.close();
    b.close();
  `;
  const cwd = new URL('../dist/', import.meta.url);
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('5000 1000 5999\n');
});

test('the name of an interface that does not exist', async () => {
  const sock = open(inet, SOCK_DGRAM);
  const error = await failure(() => Object.assign(sock.options, { ipMulticastIf: 'nothing' }));
  expect(error).toMatchObject({ code: 'ENODEV', address: 'nothing' });
});

// The raw calls

test.each([
  ['int8', 1],
  ['uint8', 1],
  ['int16', 1],
  ['uint16', 1],
  ['int32', 1],
  ['uint32', 1],
  ['int64', 1n],
  ['uint64', 1n],
] as const)('getsockopt of %s', (kind, expected) => {
  expect(SOCK_STREAM).toBe(1);
  expect(open(inet).getsockopt(SOL_SOCKET, SO_TYPE, kind as 'int32')).toBe(expected);
});

test('integers of 64 bits, and the sign of shorter ones', () => {
  const sock = keep(new Socket(AF_INET, SOCK_STREAM));
  const cookie: bigint = sock.getsockopt(SOL_SOCKET, SO_COOKIE, 'uint64');
  expect(cookie).toBe(sock.options.cookie);
  sock.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 2n ** 40n + 5n);
  expect(sock.options.maxPacingRate).toBe(2n ** 40n + 5n);
  sock.setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, -1n);
  expect(sock.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 'uint64')).toBe(2n ** 64n - 1n);
  expect(sock.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 'int64')).toBe(-1n);
  expect(sock.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 'uint32')).toBe(2 ** 32 - 1);
  expect(sock.getsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, 'int32')).toBe(-1);
  // Options that are ints take 8 bytes too, of which the kernel reads the first 4.
  sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 77n);
  expect(sock.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(77);
});

test.each([
  [2n ** 64n, RangeError],
  [-(2n ** 63n) - 1n, RangeError],
])('setsockopt of %s', (value, type) => {
  expect(() => open(inet).setsockopt(SOL_SOCKET, SO_MAX_PACING_RATE, value)).toThrow(type);
});

test.each(['uint', 'uint128', '4', '', 'toString'])('getsockopt of the type %o is a TypeError', (kind) => {
  expect(() => open(inet).getsockopt(SOL_SOCKET, SO_TYPE, kind as 'uint8')).toThrow(TypeError);
});
