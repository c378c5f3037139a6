/**
 * The database of hosts and the host's own name, here and in CPython: each runs in namespaces of its own, with a
 * hosts file of this test's and no network to ask.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isolation } from '../namespaces.ts';
import { essence, type Outcome } from './oracle.ts';
import { noPython, python } from './python.ts';

const HOSTS = `\
127.0.0.1 localhost here.example alias-of-here
::1 localhost ip6-localhost
192.0.2.7 seven seven.example sieben
192.0.2.8 eight
192.0.2.10 xn--bcher-kva.example
2001:db8::9 nine nine.example
`;

type Call = [name: string, ...args: (string | Buffer | number | null)[]];
const of = (name: string, ...values: Call[1][]): Call[] => values.map((value) => [name, value]);

const hosts = [
  'localhost',
  'seven',
  'sieben',
  'seven.example',
  'eight',
  Buffer.from('seven'),
  'b\u00fccher.example',
  'SEVEN',
];
const addresses = ['127.0.0.1', '192.0.2.7', '192.0.2.8', '127.1'];
const nobodies = ['nobody', '256.0.0.1', 'a b'];
const odd = ['', '<broadcast>', '0.0.0.0', null, 5];

const calls: Call[] = [
  ...of('gethostbyname_ex', ...hosts, ...addresses, ...nobodies, ...odd, 'nine', '::1'),
  ...of(
    'gethostbyaddr',
    ...hosts,
    ...addresses,
    ...nobodies,
    ...odd,
    '192.0.2.99',
    '2001:db8::9',
    '2001:db8::8',
    '::1',
    'nine',
    '::',
  ),
  ...of(
    'getfqdn',
    ...hosts,
    ...addresses,
    'nobody',
    '',
    '0.0.0.0',
    '::',
    ' seven ',
    '192.0.2.99',
    '2001:db8::9',
    'nine',
  ),
  ['getfqdn'],
  ['gethostname'],
  ['sethostname', 'seven'],
  ['gethostname'],
  ['getfqdn'],
  ['sethostname', Buffer.from('as-bytes')],
  ['gethostname'],
  ['sethostname', 'x'.repeat(64)],
  ['gethostname'],
  ['sethostname', 'x'.repeat(65)],
  ['sethostname', null],
  ['sethostname', 5],
  ['gethostname'],
];

const own = isolation('uts', 'net', 'mount');
const missing = own.missing ?? (noPython || undefined);
const folder = mkdtempSync(join(tmpdir(), 'bsd-socket-hosts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SCRIPT = `
cd "$1"
for name in hosts nsswitch.conf; do mount --bind "$name" "/etc/$name"; done
echo eight > /proc/sys/kernel/hostname
shift
exec "$@"
`;

/** What a program prints that runs with that resolver. */
function run(program: string[], input: unknown): unknown {
  const [command, ...args] = [...own.prefix, 'sh', '-ec', SCRIPT, 'sh', folder, ...program];
  const options = { input: JSON.stringify(input), encoding: 'utf8', timeout: 20_000 } as const;
  const { status, stdout, stderr } = spawnSync(command!, args, options);
  if (status !== 0) throw new Error(`ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout);
}

const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const encoded = (value: unknown) => (Buffer.isBuffer(value) ? { bytes: value.toString('hex') } : value);
const camelCase = (name: string) => name.replace('_ex', 'Ex');
const shown = ([name, ...args]: Call, index: number) =>
  `${index}: ${name}(${args.map((arg) => (Buffer.isBuffer(arg) ? `b'${arg}'` : JSON.stringify(arg))).join()})`;

describe.skipIf(missing)(`in namespaces of its own${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let theirs: Outcome[] = [];
  let ours: { sync: Outcome; async?: Outcome }[] = [];
  beforeAll(() => {
    writeFileSync(join(folder, 'hosts'), HOSTS);
    writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files\n');
    const arranged = calls.map(([name, ...args]) => [name, ...args.map(encoded)]);
    const steps = arranged.map(([name, ...args]) => [`socket.${name}`, ...args]);
    [theirs = []] = run([python!, beside('oracle.py')], [steps]) as Outcome[][];
    const names = arranged.map(([name, ...args]) => [camelCase(name as string), ...args]);
    ours = run([process.execPath, beside('../fixtures/names.mjs')], names) as typeof ours;
  });

  test.each(calls.map((call, index) => [shown(call, index), index] as const))('%s', (_, index) => {
    const { sync, async: twin } = ours[index]!;
    expect(essence(sync)).toEqual(essence(theirs[index]!));
    if (twin !== undefined) expect(twin).toEqual(sync);
    expect(twin === undefined).toBe(/(get|set)hostname$/.test(calls[index]![0]));
  });

  test('there is all that there should be', () => {
    const index = calls.findIndex(([name, arg]) => name === 'gethostbyaddr' && arg === 'sieben');
    expect(ours[index]?.async).toEqual({ value: ['seven', ['seven.example', 'sieben'], ['192.0.2.7']] });
    const unknown = calls.findIndex(([name, arg]) => name === 'gethostbyaddr' && arg === '192.0.2.99');
    expect(ours[unknown]?.sync).toEqual({
      error: 'herror',
      errno: 1,
      text: 'Unknown host',
      code: 'HOST_NOT_FOUND',
    });
    const full = calls.findIndex(([name, arg]) => name === 'getfqdn' && arg === 'sieben');
    expect(ours[full]?.sync).toEqual({ value: 'seven.example' });
  });
});
