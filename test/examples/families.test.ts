/** Runs the examples that speak to the kernel and to networks at their lower levels, in both languages. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ifNameindex } from 'bsd-socket';
import { describe, expect, it } from 'vitest';
import { noPacket, noPing, noRaw } from '../families.ts';
import { isolated, isolation } from '../namespaces.ts';
import { command, LANGUAGES, type Language, Program, pythonEnv, start, test } from './programs.ts';

/** A test of a program that this machine may be unable to run. */
function testUnless(
  missing: string | undefined,
  title: string,
  language: Language,
  body: () => Promise<void>,
): void {
  if (missing === undefined) test(title, [language], body);
  else it.skip(`${title} (skipped: ${missing})`);
}

const own = isolation('net');
/** What a script does to let everybody send ICMP datagrams, in a network namespace of its own. */
const ALLOWED = 'ip link set lo up && echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range';
const [unshare, ...flags] = own.prefix;

function whyNoPing(): string | undefined {
  if (noPing === undefined) return undefined;
  if (own.missing !== undefined) return `${noPing}; ${own.missing}`;
  try {
    isolated(own, ALLOWED);
    return undefined;
  } catch (error) {
    return `${noPing}; ${(error as Error).message.trim()}`;
  }
}

function ping(language: Language, ...args: unknown[]): Program {
  if (args[1] === 'raw' || noPing === undefined) return start(language, 'ping', args);
  // /proc/sys/net is that of the process that looks at it.
  const words = ['sh', '-ec', `${ALLOWED}\nexec "$@"`, 'sh', ...command(language, 'ping', args)];
  return new Program(unshare!, [...flags, ...words], { env: pythonEnv() });
}

describe.each(LANGUAGES)('in %s', (language) => {
  for (const [kind, missing] of [
    ['raw', noRaw],
    ['dgram', whyNoPing()],
  ] as const) {
    testUnless(missing, `ping with a ${kind} socket`, language, async () => {
      const program = ping(language, '127.0.0.1', kind, 3);
      const lines = (await program.end()).replace(/time=\d+\.\d{3} ms/g, 'time=T').split('\n');
      const line = (sequence: number) => `16 bytes from 127.0.0.1: icmp_seq=${sequence} time=T`;
      expect(lines).toEqual([line(1), line(2), line(3), '']);
      expect(program.stderr).toBe('');
    });
  }

  testUnless(noPacket, 'sniffer', language, async () => {
    const receiver = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const sender = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(sender, 'listening');
    try {
      const { port } = receiver.address();
      const program = start(language, 'sniffer', ['lo', port, 2]);
      await program.until('stderr', /^listening on lo\n/);
      for (const text of ['hello', '\0\xff']) sender.send(Buffer.from(text, 'latin1'), port, '127.0.0.1');
      const datagram = (text: string, size: number) =>
        'Ethernet 00:00:00:00:00:00 -> 00:00:00:00:00:00\n' +
        `  IP 127.0.0.1 -> 127.0.0.1, TTL 64, ${28 + size} bytes\n` +
        `  UDP ${sender.address().port} -> ${port}: ${text}\n`;
      expect(await program.end()).toBe(datagram("b'hello'", 5) + datagram("b'\\x00\\xff'", 2));
    } finally {
      receiver.close();
      sender.close();
    }
  });

  test('netlink-links', [language], async () => {
    const program = start(language, 'netlink-links');
    const lines = (await program.end()).trimEnd().split('\n');
    const seen = lines.map((line) =>
      /^(\d+): (\S+): (up|down), mtu (\d+), (\S+|no address)$/.exec(line)!.slice(1),
    );
    expect(seen.map(([index, name]) => [Number(index), name])).toEqual(ifNameindex());
    // Node tells the addresses of those that are up and have an address of their own.
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      const link = seen.find(([, linkName]) => linkName === name);
      expect([link?.[2], link?.[4]]).toEqual(['up', addresses![0]!.mac]);
    }
    expect(program.stderr).toBe('');
  });

  test('port-scanner', [language], async () => {
    const server = net.createServer((client) => client.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const program = start(language, 'port-scanner', ['localhost', port, port + 2]);
      const lines = (await program.end()).split('\n');
      expect(lines[0]).toBe(`Scanning 127.0.0.1, ports ${port} to ${port + 2}`);
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^Port ${port} is open \\(\\S+\\)$`)));
      expect(lines.slice(-2)).toEqual(['Done', '']);
    } finally {
      server.close();
    }
  });
});
