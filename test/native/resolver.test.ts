/** binding/resolver.cpp: getaddrinfo(3) and getnameinfo(3), on this thread and on the pool. */
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  EAI_BADFLAGS,
  EAI_FAMILY,
  EAI_NONAME,
  EAI_SERVICE,
  EAI_SOCKTYPE,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { loopback } from './descriptors.ts';

type Arguments = Parameters<typeof binding.getaddrinfo>;
const NUMERIC = AI_NUMERICHOST | AI_NUMERICSERV;

const forms = [
  ['getaddrinfo', async (...args: Arguments) => binding.getaddrinfo(...args)],
  ['getaddrinfoAsync', (...args: Arguments) => binding.getaddrinfoAsync(...args)],
] as const;

describe.each(forms)('%s', (_, getaddrinfo) => {
  test('has a row for each type of socket', async () => {
    expect(await getaddrinfo('127.0.0.1', '80', AF_INET, 0, 0, NUMERIC)).toEqual([
      [AF_INET, SOCK_STREAM, 6, '', ['127.0.0.1', 80]],
      [AF_INET, SOCK_DGRAM, 17, '', ['127.0.0.1', 80]],
      [AF_INET, SOCK_RAW, 0, '', ['127.0.0.1', 80]],
    ]);
  });

  test('null is the wildcard or the loopback address, undefined too', async () => {
    const wildcard = [[AF_INET, SOCK_STREAM, 6, '', ['0.0.0.0', 80]]];
    expect(await getaddrinfo(null, '80', AF_INET, SOCK_STREAM, 0, NUMERIC | AI_PASSIVE)).toEqual(wildcard);
    const loop = [[AF_INET, SOCK_STREAM, 6, '', ['127.0.0.1', 80]]];
    expect(await getaddrinfo(null, '80', AF_INET, SOCK_STREAM, 0, NUMERIC)).toEqual(loop);
    const missing = undefined as unknown as null;
    expect(await getaddrinfo(missing, '80', AF_INET, SOCK_STREAM, 0, NUMERIC)).toEqual(loop);
  });

  test('IPv6 with its scope', async () => {
    expect(await getaddrinfo('fe80::1%lo', null, AF_INET6, SOCK_STREAM, 0, AI_NUMERICHOST)).toEqual([
      [AF_INET6, SOCK_STREAM, 6, '', ['fe80::1', 0, 0, expect.any(Number)]],
    ]);
  });

  test('the canonical name', async () => {
    const rows = await getaddrinfo('127.0.0.1', null, AF_INET, SOCK_STREAM, 0, NUMERIC | AI_CANONNAME);
    expect(rows).toEqual([[AF_INET, SOCK_STREAM, 6, '127.0.0.1', ['127.0.0.1', 0]]]);
  });

  test.each<[string, number, Arguments]>([
    ['EAI_NONAME: not numeric', EAI_NONAME, ['example', null, 0, 0, 0, AI_NUMERICHOST]],
    ['EAI_NONAME: neither host nor service', EAI_NONAME, [null, null, 0, 0, 0, 0]],
    ['EAI_NONAME: a service that is not numeric', EAI_NONAME, ['127.0.0.1', 'http', 0, 0, 0, NUMERIC]],
    [
      'EAI_SERVICE: an unknown service',
      EAI_SERVICE,
      ['127.0.0.1', 'no such service', 0, 0, 0, AI_NUMERICHOST],
    ],
    ['EAI_FAMILY', EAI_FAMILY, ['127.0.0.1', null, 12345, 0, 0, AI_NUMERICHOST]],
    ['EAI_SOCKTYPE', EAI_SOCKTYPE, ['127.0.0.1', null, 0, 12345, 0, AI_NUMERICHOST]],
    ['EAI_BADFLAGS', EAI_BADFLAGS, ['127.0.0.1', null, 0, 0, 0, -1]],
  ])('%s', async (_name, eai, args) => {
    expect(await getaddrinfo(...args)).toEqual({ eai, errno: 0 });
  });
});

const nameForms = [
  ['getnameinfo', async (sockaddr: Uint8Array, flags: number) => binding.getnameinfo(sockaddr, flags)],
  [
    'getnameinfoAsync',
    async (sockaddr: Uint8Array, flags: number) => binding.getnameinfoAsync(sockaddr, flags),
  ],
] as const;

describe.each(nameForms)('%s', (_, getnameinfo) => {
  const NUMERIC_NAMES = NI_NUMERICHOST | NI_NUMERICSERV;

  test('numeric', async () => {
    expect(await getnameinfo(loopback(80), NUMERIC_NAMES)).toEqual(['127.0.0.1', '80']);
    const link = binding.sockaddr(AF_INET6, 'fe80::1%lo', 443, 0, 0) as Buffer;
    expect(await getnameinfo(link, NUMERIC_NAMES)).toEqual(['fe80::1%lo', '443']);
  });

  test('failures', async () => {
    expect(await getnameinfo(new Uint8Array(0), NUMERIC_NAMES)).toEqual({ eai: EAI_FAMILY, errno: 0 });
    expect(await getnameinfo(loopback().subarray(0, 7), NUMERIC_NAMES)).toEqual({
      eai: EAI_FAMILY,
      errno: 0,
    });
    expect(await getnameinfo(new Uint8Array(16), NUMERIC_NAMES)).toEqual({ eai: EAI_FAMILY, errno: 0 });
    expect(await getnameinfo(loopback(), -1)).toEqual({ eai: EAI_BADFLAGS, errno: 0 });
  });

  test.each([129, 2 ** 28])('%i bytes are more than any sockaddr has, and not copied', async (size) => {
    await expect(getnameinfo(new Uint8Array(size), NUMERIC_NAMES)).rejects.toThrow(RangeError);
  });
});

test('look-ups on the pool run beside the event loop, many of them', async () => {
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const lookups = Array.from({ length: 500 }, (_, port) =>
    binding.getaddrinfoAsync('127.0.0.1', String(port), AF_INET, SOCK_STREAM, 0, NUMERIC),
  );
  const results = (await Promise.all(lookups)) as binding.AddressRow[][];
  clearInterval(counting);
  expect(results.map(([row]) => row![4])).toEqual(lookups.map((_, port) => ['127.0.0.1', port]));
});

test('the bytes of an asynchronous look-up are those of the call', async () => {
  const sockaddr = loopback(80);
  const names = binding.getnameinfoAsync(sockaddr, NI_NUMERICHOST | NI_NUMERICSERV);
  sockaddr.fill(0);
  expect(await names).toEqual(['127.0.0.1', '80']);
});

test('localhost is 127.0.0.1, by whatever the machine looks names up with', () => {
  const rows = binding.getaddrinfo('localhost', null, AF_UNSPEC, SOCK_STREAM, 0, 0);
  expect(rows).toContainEqual([AF_INET, SOCK_STREAM, 6, '', ['127.0.0.1', 0]]);
});
