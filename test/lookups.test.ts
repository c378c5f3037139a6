/** getaddrinfo and its relatives, both forms. No test needs a network: the names are this machine's, or none at all. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as library from 'bsd-socket';
import {
  AF_INET,
  AF_INET6,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_PASSIVE,
  EAI_FAMILY,
  EAI_NONAME,
  gaierror,
  gethostname,
  IPPROTO_TCP,
  IPPROTO_UDP,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  OSError,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { both, failure, modes, noSuchHost, turns, unhandledRejections } from './support.ts';

const NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV;
const loopback = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));
const noServices = existsSync('/etc/services') ? '' : ' (skipped: no /etc/services on this machine)';

describe.each(modes)('%s', (mode) => {
  const { getaddrinfo, getnameinfo, gethostbyname } = both(mode, library);

  describe('getaddrinfo', () => {
    test('gives a row for each type', async () => {
      expect(await getaddrinfo('127.0.0.1', 80)).toEqual([
        [AF_INET, SOCK_STREAM, IPPROTO_TCP, '', ['127.0.0.1', 80]],
        [AF_INET, SOCK_DGRAM, IPPROTO_UDP, '', ['127.0.0.1', 80]],
        [AF_INET, SOCK_RAW, 0, '', ['127.0.0.1', 80]],
      ]);
      expect(await getaddrinfo('::1', 80, 0, SOCK_STREAM)).toEqual([
        [AF_INET6, SOCK_STREAM, IPPROTO_TCP, '', ['::1', 80, 0, 0]],
      ]);
      expect(await getaddrinfo('127.0.0.1', 80, AF_INET, 0, IPPROTO_UDP)).toEqual([
        [AF_INET, SOCK_DGRAM, IPPROTO_UDP, '', ['127.0.0.1', 80]],
      ]);
    });

    test.each([
      [80, 80],
      ['80', 80],
      [Buffer.from('80'), 80],
      [null, 0],
      [undefined, 0],
      [0, 0],
      [65535, 65535],
      ['65535', 65535],
    ])('port %s is %i', async (port, expected) => {
      const [[, , , , address] = []] = await getaddrinfo('127.0.0.1', port as number, 0, SOCK_STREAM);
      expect(address).toEqual(['127.0.0.1', expected]);
    });

    test.skipIf(noServices)(`a service's name${noServices}`, async () => {
      expect(await getaddrinfo('127.0.0.1', 'http', 0, SOCK_STREAM)).toMatchObject([
        { 4: ['127.0.0.1', 80] },
      ]);
      expect(await getaddrinfo('127.0.0.1', Buffer.from('domain'), 0, SOCK_DGRAM)).toMatchObject([
        { 4: ['127.0.0.1', 53] },
      ]);
    });

    test('hosts: a name, bytes, other notations, none', async () => {
      const first = async (host: string | Buffer | null, family = AF_INET as number, flags = 0) =>
        (await getaddrinfo(host, 80, family, SOCK_STREAM, 0, flags))[0]?.[4];
      expect(await first('localhost')).toEqual(['127.0.0.1', 80]);
      expect(await first(Buffer.from('127.0.0.1'))).toEqual(['127.0.0.1', 80]);
      expect(await first('127.1')).toEqual(['127.0.0.1', 80]);
      expect(await first(null)).toEqual(['127.0.0.1', 80]);
      expect(await first(null, AF_INET, AI_PASSIVE)).toEqual(['0.0.0.0', 80]);
      expect(await first(null, AF_INET6, AI_PASSIVE)).toEqual(['::', 80, 0, 0]);
      expect(await first('::1%1', AF_INET6)).toEqual(['::1', 80, 0, expect.any(Number)]);
    });

    test('the canonical name', async () => {
      const [row] = await getaddrinfo(
        '127.0.0.1',
        null,
        AF_INET,
        SOCK_STREAM,
        0,
        AI_CANONNAME | AI_NUMERICHOST,
      );
      expect(row?.[3]).toBe('127.0.0.1');
    });

    test.each([
      [[noSuchHost, 80], 'EAI_NONAME'],
      [['localhost', 80, 0, 0, 0, AI_NUMERICHOST], 'EAI_NONAME'],
      [[null, null], 'EAI_NONAME'],
      [['', 80], 'EAI_NONAME'],
      [['127.0.0.1', 'no-such-service'], 'EAI_SERVICE'],
      [['127.0.0.1', 80, 99], 'EAI_FAMILY'],
      [['127.0.0.1', 80, 0, 99], 'EAI_SOCKTYPE'],
      [['127.0.0.1', 80, AF_INET6], 'EAI_ADDRFAMILY'],
      [['127.0.0.1', 80, 0, 0, 0, -1], 'EAI_BADFLAGS'],
    ] as [Parameters<typeof library.getaddrinfo>, string][])('%j is a gaierror', async (args, code) => {
      const error = await failure(() => getaddrinfo(...args));
      expect(error).toBeInstanceOf(gaierror);
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({
        name: 'gaierror',
        code,
        errno: (library as unknown as Record<string, number>)[code],
        syscall: 'getaddrinfo',
      });
    });

    test('the error has the text of libc and the host', async () => {
      expect(await failure(() => getaddrinfo('127.0.0.1', 80, 99))).toMatchObject({
        errno: EAI_FAMILY,
        strerror: 'ai_family not supported',
        address: '127.0.0.1',
        message: `[Errno ${EAI_FAMILY}] ai_family not supported (getaddrinfo 127.0.0.1)`,
      });
    });

    test.each([
      [['127.0.0.1', 65536], RangeError, 'port'],
      [['127.0.0.1', 2 ** 32], RangeError, 'port'],
      [['127.0.0.1', -1], RangeError, 'port'],
      [['127.0.0.1', 80.5], RangeError, 'port'],
      [['127.0.0.1', '65536'], RangeError, 'port'],
      [['127.0.0.1', '+65616'], RangeError, 'port'],
      [['127.0.0.1', ' 65616'], RangeError, 'port'],
      [['127.0.0.1', {}], TypeError, 'port'],
      [['127.0.0.1', '80\0'], TypeError, 'port'],
      [[5, 80], TypeError, 'host'],
      [[['127.0.0.1'], 80], TypeError, 'host'],
      [['127.0.0.1\0', 80], TypeError, 'host'],
      [['127.0.0.1', 80, '2'], TypeError, 'family'],
      [['127.0.0.1', 80, 2 ** 31], RangeError, 'family'],
      [['127.0.0.1', 80, 0, null], TypeError, 'type'],
      [['127.0.0.1', 80, 0, 0, 'tcp'], TypeError, 'proto'],
      [['127.0.0.1', 80, 0, 0, 0, '1'], TypeError, 'flags'],
    ])('%j is wrong', async (args, type, name) => {
      const error = await failure(() => getaddrinfo(...(args as unknown as [string, number])));
      expect(error).toBeInstanceOf(type);
      expect(error.message).toMatch(new RegExp(`^getaddrinfo(Async)?\\(\\): ${name} must be `));
    });

    test.each(['\ud800', '\u00ad', 'xn--\u00fc', '\u00fc b', '\u00fc%'])(
      '%j is no name to IDNA',
      async (host) => {
        const error = await failure(() => getaddrinfo(host, 80));
        expect(error).toBeInstanceOf(gaierror);
        expect(error).toMatchObject({
          errno: EAI_NONAME,
          code: 'EAI_NONAME',
          syscall: 'getaddrinfo',
          address: host,
        });
      },
    );

    test('a name that is not ASCII goes out in ASCII', async () => {
      const error = await failure(() => getaddrinfo(`b\u00fccher.${noSuchHost}`, 80));
      expect(error).toMatchObject({ errno: EAI_NONAME, address: `xn--bcher-kva.${noSuchHost}` });
    });
  });

  describe('getnameinfo', () => {
    test.each([
      [['127.0.0.1', 80], NUMERIC, ['127.0.0.1', '80']],
      [['::1', 80], NUMERIC, ['::1', '80']],
      [['::1', 80, 0, 0], NUMERIC, ['::1', '80']],
      [['fe80::1', 80, 0, loopback], NUMERIC, ['fe80::1%lo', '80']],
      [['fe80::1%lo', 80], NUMERIC, ['fe80::1%lo', '80']],
      [['', 80], NUMERIC, ['0.0.0.0', '80']],
    ])('%j with flags %i', async (address, flags, expected) => {
      expect(await getnameinfo(address as [string, number], flags)).toEqual(expected);
    });

    test('a name', async () => {
      const [host, service] = await getnameinfo(['127.0.0.1', 80], NI_NUMERICSERV);
      expect([host, service]).toEqual([expect.stringContaining('localhost'), '80']);
    });

    test.skipIf(noServices)(`a service, of streams or of datagrams${noServices}`, async () => {
      expect(await getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST)).toEqual(['127.0.0.1', 'http']);
      const [, stream] = await getnameinfo(['127.0.0.1', 514], NI_NUMERICHOST);
      const [, datagram] = await getnameinfo(['127.0.0.1', 514], NI_NUMERICHOST | NI_DGRAM);
      expect([stream, datagram]).toEqual(['shell', 'syslog']);
    });

    test.each([[['localhost', 80]], [['127.1', 80]], [[noSuchHost, 80]]])(
      '%j is not numeric',
      async (address) => {
        const error = await failure(() => getnameinfo(address as [string, number], NUMERIC));
        expect(error).toBeInstanceOf(gaierror);
        expect(error).toMatchObject({ errno: EAI_NONAME, code: 'EAI_NONAME', address: address[0] });
      },
    );

    test.each([
      [['127.0.0.1'], 0, TypeError],
      [['127.0.0.1', 80, 0, 0], 0, TypeError],
      [['::1', 80, 0, 0, 0], 0, TypeError],
      ['127.0.0.1', 0, TypeError],
      [['127.0.0.1', '80'], 0, TypeError],
      [['127.0.0.1', 70000], 0, RangeError],
      [['::1', 80, 2 ** 20], 0, RangeError],
      [['::1', 80, -1], 0, RangeError],
      [['::1', 80, 0, 2 ** 32], 0, RangeError],
      [['127.0.0.1', 80], undefined, TypeError],
      [['127.0.0.1', 80], '0', TypeError],
    ])('%j with flags %s is wrong', async (address, flags, type) => {
      const error = await failure(() => getnameinfo(address as never, flags as number));
      expect(error).toBeInstanceOf(type);
      expect(error.message).toMatch(/^getnameinfo(Async)?\(\): /);
    });
  });

  describe('gethostbyname', () => {
    test.each([
      ['', '0.0.0.0'],
      ['<broadcast>', '255.255.255.255'],
      ['localhost', '127.0.0.1'],
      ['127.1', '127.0.0.1'],
      ['192.0.2.7', '192.0.2.7'],
      [Buffer.from('localhost'), '127.0.0.1'],
    ])('%s is %s', async (name, expected) => {
      expect(await gethostbyname(name)).toBe(expected);
    });

    test.each([noSuchHost, '::1'])('%s has no IPv4 address', async (name) => {
      await expect(gethostbyname(name)).rejects.toThrow(gaierror);
    });

    test.each([5, null, undefined, 'a\0b', {}])('%s is wrong', async (name) => {
      await expect(gethostbyname(name as string)).rejects.toThrow(TypeError);
    });
  });
});

test('gethostname', () => {
  expect(gethostname()).toBe(hostname());
});

describe('a signal', () => {
  const calls: [string, (signal: AbortSignal) => Promise<unknown>][] = [
    ['getaddrinfoAsync', (signal) => library.getaddrinfoAsync('localhost', 80, 0, 0, 0, 0, { signal })],
    ['getnameinfoAsync', (signal) => library.getnameinfoAsync(['127.0.0.1', 80], NI_NAMEREQD, { signal })],
    ['gethostbynameAsync', (signal) => library.gethostbynameAsync('localhost', { signal })],
  ];

  test.each(calls)('ends %s, before and after', async (_name, call) => {
    await expect(call(AbortSignal.abort('no'))).rejects.toBe('no');
    const controller = new AbortController();
    const pending = call(controller.signal);
    controller.abort('enough');
    await expect(pending).rejects.toBe('enough');
    const done = new AbortController();
    await expect(call(done.signal)).resolves.toBeDefined();
    done.abort();
  });

  test.each([
    () => library.getaddrinfoAsync(noSuchHost, 80, 0, 0, 0, 0, 5 as never),
    () => library.getnameinfoAsync(['127.0.0.1', 80], 0, 5 as never),
    () => library.gethostbynameAsync(noSuchHost, 5 as never),
    () => library.createConnectionAsync([noSuchHost, 80], null, null, { signal: 5 as never }),
  ])('that is none is told before there is a look-up, which would reject unhandled', async (call) => {
    const unhandled = unhandledRejections();
    await expect(call()).rejects.toThrow(TypeError);
    // Behind it on the pool, or sooner.
    await library.getservbynameAsync('http').catch(() => {});
    await turns();
    expect(unhandled).toEqual([]);
  });
});

test('what needs no look-up takes no turn of the event loop', async () => {
  const immediate = new Promise<string>((resolve) => setImmediate(resolve, 'a turn'));
  for (const host of ['127.0.0.1', '::1']) {
    const rows = library.getaddrinfoAsync(host, 80, 0, SOCK_STREAM);
    expect(await Promise.race([rows, immediate])).toEqual(library.getaddrinfo(host, 80, 0, SOCK_STREAM));
  }
});

test('the asynchronous forms leave the event loop free', async () => {
  let turned = false;
  const looking = library.getaddrinfoAsync('localhost', 80);
  const turn = new Promise<void>((resolve) =>
    setImmediate(() => {
      turned = true;
      resolve();
    }),
  );
  await turn;
  expect(turned).toBe(true);
  expect((await looking).length).toBeGreaterThan(0);
});
