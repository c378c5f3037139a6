/** binding/address.cpp: the bytes of a sockaddr, there and back. */
import { readFileSync, rmSync } from 'node:fs';
import {
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_RDS,
  AF_TIPC,
  AF_UNIX,
  AF_VSOCK,
  EINVAL,
  ENAMETOOLONG,
  SOCK_DGRAM,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import { noIPv6, path } from '../support.ts';
import { nameOf, open, stored, unix } from './descriptors.ts';

/** What `address` makes of the bytes of a sockaddr. */
function decoded(sockaddr: Uint8Array, length = sockaddr.length): binding.Address | null {
  const storage = new Uint8Array(binding.STORAGE_SIZE);
  new Uint32Array(storage.buffer, 0, 1)[0] = length;
  storage.set(sockaddr, 4);
  return binding.address(storage);
}

const hex = (bytes: unknown) => (bytes as Buffer).toString('hex');

describe('AF_INET', () => {
  test.each([
    ['0.0.0.0', 0],
    ['127.0.0.1', 80],
    ['255.255.255.255', 65535],
    ['1.2.3.4', 0x1234],
  ])('%s port %i', (host, port) => {
    expect(decoded(binding.sockaddr(AF_INET, host, port) as Buffer)).toEqual([host, port]);
  });

  test('in network byte order', () => {
    expect(hex(binding.sockaddr(AF_INET, '1.2.3.4', 0x1234))).toMatch(/123401020304(00){8}$/);
  });

  test.each([
    '',
    'localhost',
    '1',
    '127.1',
    '0x7f.0.0.1',
    '01.02.03.04',
    '256.0.0.1',
    '1.2.3.4 ',
    '1.2.3.4.5',
    '::1',
  ])('%j is no numeric address: null, for the resolver', (host) =>
    expect(binding.sockaddr(AF_INET, host, 80)).toBeNull(),
  );

  test('a port of more than 16 bits', () => {
    expect(() => binding.sockaddr(AF_INET, '1.2.3.4', 65536)).toThrow(RangeError);
    expect(() => binding.sockaddr(AF_INET6, '::1', 65536, 0, 0)).toThrow(RangeError);
    expect(() => binding.sockaddr(AF_INET, '1.2.3.4', -1)).toThrow(RangeError);
  });
});

describe('AF_INET6', () => {
  test.each([
    ['::', 0, 0, 0],
    ['::1', 80, 0, 0],
    ['fe80::1', 65535, 0xfffff, 1],
    ['2001:db8::ff00:42:8329', 1, 0xffffffff, 0xffffffff],
    ['::ffff:1.2.3.4', 1, 2, 3],
  ])('%s port %i flowinfo %i scopeId %i', (...fields) => {
    expect(decoded(binding.sockaddr(AF_INET6, ...fields) as Buffer)).toEqual(fields);
  });

  const scopeOf = (host: string, scopeId = 0) =>
    (decoded(binding.sockaddr(AF_INET6, host, 1, 0, scopeId) as Buffer) as unknown[])[3];

  test('a scope in the host, by name and by number', () => {
    const lo = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));
    expect(scopeOf('fe80::1%lo')).toBe(lo);
    expect(scopeOf('fe80::1%7')).toBe(7);
    expect(scopeOf('fe80::1%4294967295')).toBe(2 ** 32 - 1);
    expect(scopeOf('fe80::1%7', 5)).toBe(5);
  });

  test.each([
    'localhost',
    '1.2.3.4',
    '::g',
    '::1%',
    'fe80::1%nowhere',
    'fe80::1%0',
    'fe80::1%4294967296',
    'fe80::1%1x',
    '%lo',
    '[::1]',
  ])('%j is no numeric address: null, for the resolver', (host) =>
    expect(binding.sockaddr(AF_INET6, host, 80, 0, 0)).toBeNull(),
  );

  test.skipIf(noIPv6)(`a socket has it all ${noIPv6 ?? ''}`, () => {
    const a = open(AF_INET6, SOCK_DGRAM);
    binding.bind(a, binding.sockaddr(AF_INET6, '::1', 0, 0, 0) as Buffer);
    const [, port] = nameOf(a) as [string, number];
    expect(binding.connect(a, binding.sockaddr(AF_INET6, '::1', port, 0, 0) as Buffer)).toBe(0);
    expect(stored((into) => binding.getpeername(a, into))).toEqual(['::1', port, 0, 0]);
  });
});

describe('AF_UNIX', () => {
  const names: [string, Buffer][] = [
    ['a path', Buffer.from('/tmp/x')],
    ['a relative path', Buffer.from('x')],
    ['a path with letters of many bytes', Buffer.from('/tmp/ä\u{1f980}')],
    ['the longest path', Buffer.from(`/${'x'.repeat(106)}`)],
  ];
  test.each(names)('%s is text', (_, name) => expect(decoded(unix(name))).toBe(String(name)));

  const bytes: [string, Buffer][] = [
    ['a path that is not UTF-8', Buffer.from('/tmp/\xff\xfe', 'latin1')],
    ['an abstract name', Buffer.from('\0name')],
    ['an abstract name with NULs', Buffer.from('\0a\0b\0\0')],
    ['an abstract name of one NUL', Buffer.from('\0')],
    ['an abstract name that is not UTF-8', Buffer.from('\0\xff\x80', 'latin1')],
    ['the longest abstract name', Buffer.from(`\0${'x'.repeat(107)}`)],
  ];
  test.each(bytes)('%s is bytes', (_, name) => expect(decoded(unix(name))).toEqual(name));

  test('no name is an empty text', () => expect(decoded(unix(''))).toBe(''));

  test('what does not fit', () => {
    expect(binding.sockaddr(AF_UNIX, Buffer.from(`/${'x'.repeat(107)}`))).toBe(-ENAMETOOLONG);
    expect(binding.sockaddr(AF_UNIX, Buffer.from(`\0${'x'.repeat(108)}`))).toBe(-ENAMETOOLONG);
    expect(binding.sockaddr(AF_UNIX, Buffer.from('/tmp/a\0b'))).toBe(-EINVAL);
  });

  test.each([names[2]!, ...bytes])('the kernel gives it back: %s', (_, name) => {
    const fd = open(AF_UNIX);
    const prefix = Buffer.from(name[0] === 0 ? name : path());
    const own =
      name[0] === 0 ? name : Buffer.concat([prefix, name.subarray(4).filter((byte) => byte !== 47)]);
    onTestFinished(() => {
      if (own[0] !== 0) rmSync(own);
    });
    expect(binding.bind(fd, unix(own))).toBe(0);
    const text = String(own);
    expect(nameOf(fd)).toEqual(own[0] !== 0 && Buffer.from(text).equals(own) ? text : own);
  });

  test('a path may fill the kernel’s structure without a NUL at its end', () => {
    const full = Buffer.concat([unix('/').subarray(0, 2), Buffer.alloc(108, 'p')]);
    expect(decoded(full)).toBe('p'.repeat(108));
  });
});

describe('other families', () => {
  const family = 12345;

  test('are their number and bytes', () => {
    expect(decoded(Buffer.from([57, 48, 1, 2, 3]))).toEqual([
      family,
      Buffer.from([1, 2, 3, ...new Uint8Array(11)]),
    ]);
  });

  test('are packed from bytes of any length', () => {
    expect(hex(binding.sockaddr(family, new Uint8Array([1, 2, 3])))).toBe('3930010203');
    expect(hex(binding.sockaddr(family, new Uint8Array(0)))).toBe('3930');
    expect(binding.sockaddr(family, new Uint8Array(126))).toHaveLength(128);
    expect(() => binding.sockaddr(family, new Uint8Array(127))).toThrow(RangeError);
    expect(() => binding.sockaddr(family, 'anything')).toThrow(TypeError);
    for (const number of [-1, 65536]) {
      expect(() => binding.sockaddr(number, new Uint8Array(0))).toThrow(RangeError);
    }
  });
});

const everyFamily = [
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_PACKET,
  AF_NETLINK,
  AF_VSOCK,
  AF_CAN,
  AF_TIPC,
  AF_ALG,
  AF_QIPCRTR,
  AF_BLUETOOTH,
  AF_RDS,
];
const protocols = [0, 1, 2, 3, 6, 7, -1];

describe('whatever stands in the storage', () => {
  test('there is no address in 0 or 1 bytes', () => {
    expect(binding.address(new Uint8Array(binding.STORAGE_SIZE))).toBeNull();
    expect(decoded(Buffer.from([2]))).toBeNull();
  });

  test('an address cut short is read as far as it goes', () => {
    for (const family of everyFamily) {
      for (let length = 2; length <= 128; length++) {
        expect(decoded(Buffer.from([family, 0]), length), `${family}, ${length}`).not.toBeNull();
      }
    }
  });

  test('any bytes and any length give something or null', () => {
    let seed = 1;
    const random = () => {
      // A linear congruential generator: the same bytes in every run.
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed >> 8;
    };
    for (let round = 0; round < 6000; round++) {
      const storage = Uint8Array.from({ length: binding.STORAGE_SIZE }, random);
      storage[4] = [...everyFamily, random()][round % (everyFamily.length + 1)]!;
      storage[5] = 0;
      new Uint32Array(storage.buffer, 0, 1)[0] = [0, 2, 110, 128, 129, 2 ** 31, 2 ** 32 - 1, random()][
        round % 8
      ]!;
      const address: unknown = binding.address(storage, -1, protocols[round % protocols.length]);
      expect(['string', 'object', 'number']).toContain(typeof address);
    }
  });
});
