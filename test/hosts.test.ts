/** The database of hosts as this machine has it; test/oracle/hosts.test.ts has one of its own. */
import * as library from 'bsd-socket';
import { gaierror, gethostname, herror, OSError, sethostname } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { isolated, isolation } from './namespaces.ts';
import { libraryUrl } from './peers.ts';
import { both, failure, modes, noSuchHost, turns, unhandledRejections } from './support.ts';

describe.each(modes)('%s', (mode) => {
  const { gethostbynameEx, gethostbyaddr, getfqdn } = both(mode, library);

  test('localhost', async () => {
    const [name, aliases, addresses] = await gethostbynameEx('localhost');
    expect([name, ...aliases]).toContain('localhost');
    expect(addresses).toContain('127.0.0.1');
    expect(await gethostbyaddr('127.0.0.1')).toEqual(await gethostbyaddr(Buffer.from('127.1')));
    expect((await gethostbyaddr('localhost'))[2]).toEqual(['127.0.0.1']);
    expect(await getfqdn('localhost')).toEqual(expect.stringContaining('localhost'));
  });

  test('a name that cannot be', async () => {
    for (const call of [() => gethostbynameEx(noSuchHost), () => gethostbyaddr(noSuchHost)]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(gaierror);
      expect(error).toMatchObject({ code: 'EAI_NONAME', address: noSuchHost });
    }
    expect(await getfqdn(noSuchHost)).toBe(noSuchHost);
    expect(await getfqdn(` b\u00fccher.${noSuchHost}\n`)).toBe(`b\u00fccher.${noSuchHost}`);
  });

  test.each(['gethostbynameEx', 'gethostbyaddr', 'getfqdn'] as const)(
    'wrong arguments of %s',
    async (name) => {
      const call = both(mode, library)[name] as (name: unknown) => Promise<unknown>;
      for (const value of [null, 5, {}, ['localhost'], 'a\0b', Buffer.from('a\0b')]) {
        const error = await failure(() => call(value));
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toMatch(/^(getfqdn|gethostbynameEx|gethostbyaddr)\(\): (name|host) must be /);
      }
    },
  );
});

test('an herror is an OSError with its number and name', () => {
  const error = new herror('Unknown host', { errno: library.HOST_NOT_FOUND });
  expect(error).toBeInstanceOf(OSError);
  expect(error).toMatchObject({ name: 'herror', errno: 1 });
});

describe('a signal', () => {
  const calls: [string, (signal: AbortSignal) => Promise<unknown>][] = [
    ['gethostbynameExAsync', (signal) => library.gethostbynameExAsync('localhost', { signal })],
    ['gethostbyaddrAsync', (signal) => library.gethostbyaddrAsync('127.0.0.1', { signal })],
    ['getfqdnAsync', (signal) => library.getfqdnAsync('localhost', { signal })],
    ['getservbynameAsync', (signal) => library.getservbynameAsync('http', 'tcp', { signal })],
    ['getservbyportAsync', (signal) => library.getservbyportAsync(80, 'tcp', { signal })],
    ['getprotobynameAsync', (signal) => library.getprotobynameAsync('tcp', { signal })],
  ];

  test.each(calls)('ends %s, before and after', async (_name, call) => {
    await expect(call(AbortSignal.abort('no'))).rejects.toBe('no');
    const controller = new AbortController();
    const pending = call(controller.signal);
    controller.abort(new OSError('enough'));
    await expect(pending).rejects.toThrow('enough');
  });

  test.each([
    () => library.gethostbynameExAsync(noSuchHost, 5 as never),
    () => library.gethostbyaddrAsync(noSuchHost, 5 as never),
    () => library.getfqdnAsync(noSuchHost, 5 as never),
  ])('that is none is told before there is a look-up, which would reject unhandled', async (call) => {
    const unhandled = unhandledRejections();
    await expect(call()).rejects.toThrow(TypeError);
    // Behind it on the pool, or sooner.
    await library.getservbynameAsync('http').catch(() => {});
    await turns();
    expect(unhandled).toEqual([]);
  });
});

const own = isolation('uts');
test.skipIf(own.missing)(`sethostname${own.missing ? ` (skipped: ${own.missing})` : ''}`, () => {
  const before = gethostname();
  const program = `
    import { gethostname, sethostname } from '${libraryUrl}';
    sethostname('a-new-name');
    console.log(gethostname());
    sethostname(new Uint8Array([98, 111, 98]).buffer);
    sethostname(Buffer.from('another'));
    console.log(gethostname());
    try { sethostname('x'.repeat(65)); } catch (error) { console.log(error.code, error.syscall); }`;
  const script = 'exec "$1" --input-type=module -e "$2"';
  expect(isolated(own, script, process.execPath, program)).toBe('a-new-name\nanother\nEINVAL sethostname\n');
  expect(gethostname()).toBe(before);
});

test('sethostname: what cannot be a name', () => {
  for (const name of [null, undefined, 5, ['x']]) {
    expect(() => sethostname(name as unknown as string)).toThrow(TypeError);
  }
  // No machine takes as much, be it by right or by length.
  expect(() => sethostname('x'.repeat(100))).toThrow(expect.objectContaining({ syscall: 'sethostname' }));
});
