/** The programs in docs/messages.md do what the page says. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as socket from 'bsd-socket';
import { decodeAncillary } from 'bsd-socket';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keep } from './support.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, so that the programs find it by its name.
const folder = `${root}build/messages-docs-${process.pid}`;
const page = readFileSync(`${root}docs/messages.md`, 'utf8');
const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

/** The program with this in it, as JavaScript that every version of Node takes. */
function program(part: string): string {
  const [found, ...others] = blocks.filter((code) => code.includes(part));
  expect([found, others.length]).toEqual([expect.any(String), 0]);
  return found!.replaceAll(/^using /gm, 'const ').replaceAll(')!', ')');
}

beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

/** Why there can be no network of our own. */
function whyNoNetwork(): string | undefined {
  const { status, stderr, error } = spawnSync(
    'unshare',
    ['-rn', 'ip', 'link', 'add', 'host', 'type', 'veth', 'peer', 'name', 'client'],
    { encoding: 'utf8' },
  );
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

const noNetwork = whyNoNetwork();

test.skipIf(noNetwork)(
  `the DHCP server answers on the interface that a request came in on${noNetwork ? ` (${noNetwork})` : ''}`,
  () => {
    const code = program('offer(request, info.ifindex)');
    const server = `${folder}/server.mjs`;
    writeFileSync(server, `const offer = (request, ifindex) => \`\${request} on \${ifindex}\`;\n${code}`);
    const network = fileURLToPath(new URL('fixtures/dhcp.mjs', import.meta.url));
    const { stdout, stderr } = spawnSync('unshare', ['-rn', process.execPath, network, server], {
      encoding: 'utf8',
      timeout: 15_000,
      killSignal: 'SIGKILL',
    });
    expect(stderr).toBe('');
    const results = JSON.parse(stdout) as [number, string, socket.InetAddress][];
    expect(results).toEqual([
      [expect.any(Number), `discover on ${results[0]![0]}`, ['10.1.0.1', 67]],
      [expect.any(Number), `discover on ${results[1]![0]}`, ['10.2.0.1', 67]],
    ]);
    expect(results[0]![0]).not.toBe(results[1]![0]);
  },
);

/** Runs the program's lines with everything of the package in scope. */
function run(code: string, names: Record<string, unknown>): Promise<unknown> {
  const scope = { ...socket, ...names };
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<unknown>;
  // The program's own names come before those of the package.
  return new AsyncFunction(...Object.keys(scope), `return (async () => {${code}})();`)(
    ...Object.values(scope),
  );
}

test('timestamps', async () => {
  const sock = keep(new socket.Socket(socket.AF_INET, socket.SOCK_DGRAM));
  sock.bind(['127.0.0.1', 0]);
  const before = Date.now();
  const logged: Date[] = [];
  const code = program('SO_TIMESTAMPNS').replace('\n', '\nsock.sendto("x", sock.getsockname());\n');
  await run(code, { sock, console: { log: (date: Date) => logged.push(date) } });
  expect(logged).toHaveLength(1);
  expect(logged[0]!.getTime()).toBeGreaterThanOrEqual(before);
  expect(logged[0]!.getTime()).toBeLessThanOrEqual(Date.now());
});

test('who has refused it', async () => {
  const sock = keep(new socket.Socket(socket.AF_INET, socket.SOCK_DGRAM));
  const gone = new socket.Socket(socket.AF_INET, socket.SOCK_DGRAM);
  gone.bind(['127.0.0.1', 0]);
  const [, port] = gone.getsockname();
  gone.close();
  const code = program('IP_RECVERR').replace("['127.0.0.1', 9]", `['127.0.0.1', ${port}]`);
  const result = await run(`${code}\nreturn [String(data), address, error];`, { sock });
  expect(result).toMatchObject([
    'hello',
    ['127.0.0.1', port],
    { kind: 'extendedError', errno: socket.ECONNREFUSED, type: 3, code: 3, offender: ['127.0.0.1', 0] },
  ]);
});

test('the table has every kind, and the bytes of each', () => {
  const table = page.slice(page.indexOf('| `kind` |'), page.indexOf('\n\nAn option asks'));
  const sizes = new Map<string, Set<number>>();
  for (const [, kind, bytes] of table.matchAll(/^\| `'(\w+)'` \|.*\| ([\d; each]*) \|$/gm)) {
    const all = sizes.get(kind!) ?? new Set();
    for (const [size] of bytes!.matchAll(/\d+/g)) all.add(Number(size));
    sizes.set(kind!, all);
  }
  const rows: [string, number, number, number[]][] = [
    ['packetInfo', socket.SOL_IP, socket.IP_PKTINFO, [12]],
    ['packetInfo', socket.SOL_IPV6, socket.IPV6_PKTINFO, [20]],
    ['hopLimit', socket.SOL_IP, socket.IP_TTL, [4]],
    ['trafficClass', socket.SOL_IP, socket.IP_TOS, [1]],
    ['trafficClass', socket.SOL_IPV6, socket.IPV6_TCLASS, [4]],
    ['timestamp', socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, [16]],
    ['timestamping', socket.SOL_SOCKET, socket.SO_TIMESTAMPING, [48]],
    ['originalDestination', socket.SOL_IP, socket.IP_ORIGDSTADDR, [16]],
    ['originalDestination', socket.SOL_IPV6, socket.IPV6_ORIGDSTADDR, [28]],
    ['extendedError', socket.SOL_IP, socket.IP_RECVERR, [32]],
    ['extendedError', socket.SOL_IPV6, socket.IPV6_RECVERR, [44]],
    ['udpGro', socket.SOL_UDP, socket.UDP_GRO, [4]],
    ['receiveQueueOverflow', socket.SOL_SOCKET, socket.SO_RXQ_OVFL, [4]],
    ['credentials', socket.SOL_SOCKET, socket.SCM_CREDENTIALS, [12]],
    ['rights', socket.SOL_SOCKET, socket.SCM_RIGHTS, [4]],
    ['pidfd', socket.SOL_SOCKET, socket.SCM_PIDFD, [4]],
  ];
  for (const [kind, level, type, bytes] of rows) {
    for (const size of bytes) {
      const data = Buffer.alloc(size);
      // A family, for what has an address.
      data.writeUInt8(level === socket.SOL_IP ? socket.AF_INET : socket.AF_INET6, 0);
      expect([kind, decodeAncillary([[level, type, data]])[0]!.kind]).toEqual([kind, kind]);
      expect(sizes.get(kind)).toContain(size);
    }
  }
  expect([...sizes.keys()].sort()).toEqual([...new Set(rows.map(([kind]) => kind))].sort());
});
