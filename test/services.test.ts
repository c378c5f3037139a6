/** The databases of services and protocols: /etc/services and /etc/protocols, which a machine may lack. */
import { existsSync } from 'node:fs';
import * as library from 'bsd-socket';
import { OSError } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { both, failure, modes } from './support.ts';

const missing = ['/etc/services', '/etc/protocols'].find((file) => !existsSync(file));
const why = missing ? ` (skipped: no ${missing} on this machine)` : '';

describe.each(modes)('%s', (mode) => {
  const { getservbyname, getservbyport, getprotobyname } = both(mode, library);

  test.skipIf(missing)(`what is there${why}`, async () => {
    expect(await getservbyname('http')).toBe(80);
    expect(await getservbyname('http', 'tcp')).toBe(80);
    expect(await getservbyname('domain', Buffer.from('udp'))).toBe(53);
    expect(await getservbyname(Buffer.from('domain'), null)).toBe(53);
    expect(await getservbyport(80)).toBe('http');
    expect(await getservbyport(514, 'tcp')).toBe('shell');
    expect(await getservbyport(514, 'udp')).toBe('syslog');
    expect(await getprotobyname('icmp')).toBe(1);
    expect(await getprotobyname('TCP')).toBe(6);
    expect(await getprotobyname(Buffer.from('ipv6-icmp'))).toBe(58);
  });

  test.each([
    [() => getservbyname('no such service'), 'service/proto not found', 'getservbyname'],
    [() => getservbyname('http', 'no such protocol'), 'service/proto not found', 'getservbyname'],
    [() => getservbyname('', ''), 'service/proto not found', 'getservbyname'],
    [() => getservbyport(65535, 'no such protocol'), 'port/proto not found', 'getservbyport'],
    [() => getservbyport(0), 'port/proto not found', 'getservbyport'],
    [() => getprotobyname('no such protocol'), 'protocol not found', 'getprotobyname'],
    [() => getprotobyname('x'.repeat(100_000)), 'protocol not found', 'getprotobyname'],
  ])('what is not there: %s', async (call, text, syscall) => {
    const error = await failure(call);
    expect(error.constructor).toBe(OSError);
    expect(error).toMatchObject({ message: text, strerror: text, errno: undefined, syscall });
  });

  test.each([
    [() => getservbyport(65536), RangeError, 'getservbyport(): port must be 0-65535, not 65536'],
    [() => getservbyport(-1), RangeError, 'getservbyport(): port must be 0-65535, not -1'],
    [() => getservbyport(1.5), RangeError, 'getservbyport(): port must be 0-65535'],
    [() => getservbyport('80' as never), TypeError, 'getservbyport(): port must be an integer'],
    [() => getservbyport(80, 6 as never), TypeError, 'getservbyport(): protocol must be a string or bytes'],
    [() => getservbyname(80 as never), TypeError, 'getservbyname(): service must be a string or bytes'],
    [() => getservbyname('http\0'), TypeError, 'getservbyname(): service must be without NUL'],
    [() => getservbyname('http', 'tcp\0'), TypeError, 'getservbyname(): protocol must be without NUL'],
    [() => getprotobyname(null as never), TypeError, 'getprotobyname(): protocol must be a string or bytes'],
    [() => getprotobyname('tcp\0'), TypeError, 'getprotobyname(): protocol must be without NUL'],
  ])('what is wrong: %s', async (call, type, text) => {
    const error = await failure(call);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(text);
  });
});

test('many look-ups at once on the pool', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `no-such-service-${index}`);
  const results = await Promise.allSettled(names.map((name) => library.getservbynameAsync(name)));
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
});
