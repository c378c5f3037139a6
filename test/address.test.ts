/** Addresses handed in: every wrong one, with its text, in every call that takes one, in both forms; and the odd right ones. */
import { readFileSync, statSync } from 'node:fs';
import {
  AF_INET6,
  gaierror,
  getnameinfo,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  OSError,
  SOCK_DGRAM,
  Socket,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import {
  type AnySocket,
  both,
  bound,
  type Family,
  failure,
  families,
  inet,
  keep,
  modes,
  name,
  noIPv6,
  noSuchHost,
  open,
  path,
  unixAbstract,
  unixPath,
} from './support.ts';

const inet6 = families[1]!;
const loopback = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));

type Caller = (sock: AnySocket, address: unknown) => unknown;

/** Each call that takes an address. */
const callers: [string, Caller][] = [
  ['bind', (sock, address) => sock.bind(address as never)],
  ...modes.flatMap((mode): [string, Caller][] => [
    [`connect, ${mode}`, (sock, address) => both(mode, sock).connect(address as never)],
    [`connectEx, ${mode}`, (sock, address) => both(mode, sock).connectEx(address as never)],
    [`sendto, ${mode}`, (sock, address) => both(mode, sock).sendto('x', 0, address as never)],
  ]),
];

interface Wrong {
  address: unknown;
  type: new (...args: never[]) => Error;
  text: string | RegExp;
}

const wrongInet: Wrong[] = [
  ...[['127.0.0.1'], ['127.0.0.1', 80, 0], [], '127.0.0.1:80', null, undefined, 5, {}, Buffer.from('x')].map(
    (address) => ({ address, type: TypeError, text: 'AF_INET address must be [host, port], not ' }),
  ),
  { address: ['127.0.0.1', 65536], type: RangeError, text: 'port must be 0-65535, not 65536' },
  { address: ['127.0.0.1', -1], type: RangeError, text: 'port must be 0-65535, not -1' },
  { address: ['127.0.0.1', 1.5], type: RangeError, text: 'port must be 0-65535, not 1.5' },
  { address: ['127.0.0.1', Number.NaN], type: RangeError, text: 'port must be 0-65535, not NaN' },
  { address: ['127.0.0.1', '80'], type: TypeError, text: "port must be an integer, not '80'" },
  { address: ['127.0.0.1', null], type: TypeError, text: 'port must be an integer, not null' },
  { address: [5, 80], type: TypeError, text: 'host must be a string or bytes, not 5' },
  { address: [null, 80], type: TypeError, text: 'host must be a string or bytes, not null' },
  { address: [['127.0.0.1'], 80], type: TypeError, text: 'host must be a string or bytes, not ' },
  { address: ['127.0.0.1\0', 80], type: TypeError, text: 'host must be without NUL' },
  { address: [Buffer.from('a\0b'), 80], type: TypeError, text: 'host must be without NUL' },
  ...['\ud800', '\u00ad', 'xn--\u00fc', '\u00fc b', '\u00fc%'].map((host) => ({
    address: [host, 80],
    type: gaierror,
    text: 'Name or service not known',
  })),
  { address: [noSuchHost, 80], type: gaierror, text: 'Name or service not known' },
  { address: ['fe80::1', 80], type: gaierror, text: 'Address family for hostname not supported' },
];

const wrongInet6: Wrong[] = [
  ...[['::1'], ['::1', 80, 0, 0, 0], [], '::1', null, 5].map((address) => ({
    address,
    type: TypeError,
    text: 'AF_INET6 address must be [host, port, flowinfo?, scopeId?], not ',
  })),
  { address: ['::1', 65536], type: RangeError, text: 'port must be 0-65535, not 65536' },
  {
    address: ['::1', 80, 2 ** 20],
    type: RangeError,
    text: 'flowinfo must be an integer from 0 to 1048575, not 1048576',
  },
  { address: ['::1', 80, -1], type: RangeError, text: 'flowinfo must be ' },
  { address: ['::1', 80, '0'], type: TypeError, text: 'flowinfo must be an integer' },
  { address: ['::1', 80, 0, 2 ** 32], type: RangeError, text: 'scopeId must be ' },
  { address: ['::1', 80, 0, -1], type: RangeError, text: 'scopeId must be ' },
  { address: ['::1', 80, 0, null], type: TypeError, text: 'scopeId must be an integer' },
  { address: ['127.0.0.1', 80], type: gaierror, text: 'Address family for hostname not supported' },
  { address: ['<broadcast>', 80], type: OSError, text: /^address family mismatched$/ },
  { address: ['fe80::1%no-such-interface', 80], type: gaierror, text: 'Name or service not known' },
];

const wrongUnix: Wrong[] = [
  ...[null, undefined, 5, ['x'], ['127.0.0.1', 80], {}].map((address) => ({
    address,
    type: TypeError,
    text: 'AF_UNIX address must be a string or bytes, not ',
  })),
  { address: 'x'.repeat(108), type: OSError, text: /^AF_UNIX path too long$/ },
  // Two bytes each.
  { address: '\u00e9'.repeat(54), type: OSError, text: /^AF_UNIX path too long$/ },
  { address: Buffer.alloc(109), type: OSError, text: /^AF_UNIX path too long$/ },
  { address: `\0${'y'.repeat(108)}`, type: OSError, text: /^AF_UNIX path too long$/ },
  { address: 'a\0b', type: TypeError, text: 'AF_UNIX path must be without NUL' },
  { address: Buffer.from('ab\0'), type: TypeError, text: 'AF_UNIX path must be without NUL' },
];

const matrix: [Family, Wrong[]][] = [
  [inet, wrongInet],
  [inet6, wrongInet6],
  [unixPath, wrongUnix],
];

/** A wrong address in a test's title. */
const shown = (address: unknown) => (JSON.stringify(address) ?? 'undefined').slice(0, 40);

for (const [family, wrong] of matrix) {
  const skip = family.missing === undefined ? '' : ` (skipped: ${family.missing})`;
  describe.skipIf(skip)(`wrong addresses of ${family.name}${skip}`, () => {
    for (const [index, { address, type, text }] of wrong.entries()) {
      test.each(callers)(`${index}: ${shown(address)} in %s`, async (caller, call) => {
        const sock = open(family, SOCK_DGRAM);
        const error = await failure(() => call(sock, address));
        expect(error).toBeInstanceOf(type);
        if (text instanceof RegExp) expect(error.message).toMatch(text);
        else expect(error.message).toContain(text);
        // The text begins with the call, except for what a system call or the resolver says.
        const method = caller.split(',')[0]!;
        if (type === TypeError || type === RangeError)
          expect(error.message.startsWith(`${method}(): `)).toBe(true);
        // Nothing has happened.
        expect(sock.closed).toBe(false);
        expect(sock.getsockname()).toEqual(open(family, SOCK_DGRAM).getsockname());
      });
    }
  });
}

describe('right addresses', () => {
  test.each([
    [['127.0.0.1', 0], '127.0.0.1'],
    [['', 0], '0.0.0.0'],
    [['<broadcast>', 0], '255.255.255.255'],
    [['localhost', 0], '127.0.0.1'],
    [[Buffer.from('127.0.0.1'), 0], '127.0.0.1'],
    [[new Uint8Array(Buffer.from('localhost')), 0], '127.0.0.1'],
    [['127.1', 0], '127.0.0.1'],
    [['0x7f.1', 0], '127.0.0.1'],
    [['2130706433', 0], '127.0.0.1'],
  ] as [[string, number], string][])('AF_INET: %j', (address, expected) => {
    const sock = open(inet, SOCK_DGRAM);
    sock.bind(address);
    expect(name(sock)[0]).toBe(expected);
  });

  test.skipIf(noIPv6).each([
    [
      ['::1', 0],
      ['::1', 0, 0],
    ],
    [
      ['', 0],
      ['::', 0, 0],
    ],
    [
      ['::1', 0, 0],
      ['::1', 0, 0],
    ],
    [
      ['::1', 0, 0xfffff, 0],
      ['::1', 0, 0],
    ],
    // The kernel keeps the scope of link-local addresses alone.
    [
      ['::1', 0, 0, loopback],
      ['::1', 0, 0],
    ],
    [
      ['::1%lo', 0],
      ['::1', 0, 0],
    ],
    [
      ['0:0:0:0:0:0:0:1', 0],
      ['::1', 0, 0],
    ],
    [
      ['::ffff:127.0.0.1', 0],
      ['::ffff:127.0.0.1', 0, 0],
    ],
    [
      [Buffer.from('::1'), 0],
      ['::1', 0, 0],
    ],
  ])(`AF_INET6: %j${noIPv6 === undefined ? '' : ` (skipped: ${noIPv6})`}`, (address, expected) => {
    const sock = keep(new Socket<number>(AF_INET6, SOCK_DGRAM));
    sock.bind(address as unknown as [string, number]);
    const [host, , flowinfo, scopeId] = name(sock);
    expect([host, flowinfo, scopeId]).toEqual(expected);
  });

  test('the zone of a host counts where no scope is given, by name and by number', () => {
    const numeric = NI_NUMERICHOST | NI_NUMERICSERV;
    for (const address of [
      ['fe80::1%lo', 9],
      [`fe80::1%${loopback}`, 9],
      ['fe80::1', 9, 0, loopback],
      ['fe80::1%lo', 9, 0, 0],
    ]) {
      expect(getnameinfo(address as [string, number], numeric)).toEqual(['fe80::1%lo', '9']);
    }
    // A scope given counts more.
    expect(getnameinfo(['fe80::1%lo', 9, 0, 77777], numeric)[0]).toBe('fe80::1%77777');
  });

  test('AF_UNIX: paths as text and bytes, of every length', () => {
    const base = path();
    for (const file of [base, `${base}\u00e9\u20ac`, base.padEnd(107, 'x')]) {
      const sock = open(unixPath, SOCK_DGRAM);
      sock.bind(file);
      expect(sock.getsockname()).toBe(file);
      expect(statSync(file).isSocket()).toBe(true);
      const sender = open(unixPath, SOCK_DGRAM);
      expect(sender.sendto('x', Buffer.from(file))).toBe(1);
      expect(sender.sendto('x', new DataView(new Uint8Array(Buffer.from(file)).buffer))).toBe(1);
    }
  });

  test('AF_UNIX: abstract names, of every length, with any byte', () => {
    const base = unixAbstract.free() as Buffer;
    const names = [base, Buffer.concat([base, Buffer.from([0, 0xff, 0])]), Buffer.concat([base], 108)];
    for (const abstract of names) {
      const sock = open(unixAbstract, SOCK_DGRAM);
      sock.bind(abstract);
      expect(sock.getsockname()).toEqual(abstract);
    }
    const text = open(unixAbstract, SOCK_DGRAM);
    text.bind(`${base}\u00e9`);
    expect(text.getsockname()).toEqual(Buffer.from(`${base}\u00e9`));
  });

  test('an address may be changed after the call', async () => {
    const address: [string, number] = ['127.0.0.1', 0];
    const [first, second] = [open(inet, SOCK_DGRAM), open(inet, SOCK_DGRAM)];
    first.bind(address);
    second.bind(address);
    const [targets] = [[name(first), name(second)] as [string, number][]];
    const sender = open(inet, SOCK_DGRAM);
    // The same array, with another port: nothing is remembered by the array.
    for (const [, port] of targets!) {
      address[1] = port;
      sender.sendto(String(port), address);
      await sender.sendtoAsync(String(port), address);
    }
    for (const [index, sock] of [first, second].entries()) {
      for (let round = 0; round < 2; round++) expect(String(sock.recv(10))).toBe(String(targets![index]![1]));
    }
  });

  test.each(callers)(
    'a host that is another one with each look is remembered as none, in %s',
    async (caller, call) => {
      // To bind to it takes a port that is free.
      const port = caller === 'bind' ? 0 : name(bound(inet, SOCK_DGRAM))[1];
      const hosts = ['127.0.0.1', '127.0.0.2'];
      let looks = 0;
      const address = Object.defineProperty(['', port], 0, { get: () => hosts[looks++ % 2] });
      const meant = (host: string) => {
        const sock = open(inet, SOCK_DGRAM);
        if (caller === 'bind') sock.bind([host, port]);
        else sock.connect([host, port]);
        return (caller === 'bind' ? name(sock) : (sock.getpeername() as [string]))[0];
      };
      for (const host of hosts) {
        await call(open(inet, SOCK_DGRAM), address);
        expect(meant(host)).toBe(host);
      }
    },
  );

  test('bytes of a host may be changed after the call', () => {
    const host = Buffer.from('127.0.0.1');
    const first = open(inet, SOCK_DGRAM);
    first.bind([host, 0]);
    host.write('127.0.0.2');
    const second = open(inet, SOCK_DGRAM);
    second.bind([host, 0]);
    expect([name(first)[0], name(second)[0]]).toEqual(['127.0.0.1', '127.0.0.2']);
  });

  test('senders of one host are told apart by their ports', () => {
    for (const family of noIPv6 ? [inet] : [inet, inet6]) {
      const receiver = bound(family, SOCK_DGRAM);
      const senders = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
      for (const sender of [...senders, ...senders]) {
        sender.sendto('x', name(receiver));
        expect(receiver.recvfrom(1)[1]).toEqual(sender.getsockname());
      }
    }
  });
});
