/** Multicast groups: who gets a datagram after joining, leaving and blocking. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  NETLINK_ROUTE,
  OSError,
  PACKET_MR_MULTICAST,
  PACKET_MR_PROMISC,
  PACKET_MR_UNICAST,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  SOCK_DGRAM,
  SOCK_RAW,
  Socket,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { exchange, expected } from './fixtures/multicast.mjs';
import { failure, inet, keep, open } from './support.ts';

const LOOPBACK = 1;

test.each([
  ['the name of the interface', '239.66.1.1', { interface: 'lo' }],
  ['the index of the interface', '239.66.1.2', { interface: LOOPBACK }],
  ['the address of the interface', '239.66.1.3', { interface: '127.0.0.1' }],
])('IPv4, by %s', (_name, group, where) => {
  expect(exchange(AF_INET, group, '127.0.0.1', '127.0.0.9', where)).toEqual(expected);
});

/** Runs a program in a network namespace whose loopback interface takes IPv6 multicasts, as no other's does. */
function inNamespace(args: string[]) {
  const setUp =
    'ip link set lo up multicast on && ip -6 route add local ff00::/8 dev lo table local && exec "$@"';
  return spawnSync('unshare', ['--user', '--map-root-user', '--net', 'sh', '-c', setUp, 'sh', ...args], {
    encoding: 'utf8',
  });
}

const probe = inNamespace(['true']);
const noNamespace = probe.status === 0 ? undefined : `no namespace: ${probe.error ?? probe.stderr}`;

test.skipIf(noNamespace).each([
  ['the name of the interface', 'ff15::66:1', { interface: 'lo' }],
  ['the index of the interface', 'ff15::66:2', { interface: LOOPBACK }],
  ['the scope of the group', 'ff12::66:3%lo', {}],
])(`IPv6, by %s${noNamespace ? ` (skipped: ${noNamespace})` : ''}`, (_name, group, where) => {
  const program = fileURLToPath(new URL('fixtures/multicast.mjs', import.meta.url));
  const args = [String(AF_INET6), group, '::1', '::9', JSON.stringify(where)];
  const { stdout, stderr } = inNamespace([process.execPath, program, ...args]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(expected);
});

describe('what is wrong', () => {
  test.each([
    [['localhost'], TypeError],
    [[undefined], TypeError],
    [[''], TypeError],
    [[-1], RangeError],
    [[1.5], RangeError],
    [['239.1.2.3', { source: '::1' }], TypeError],
    [['239.1.2.3', { source: 'localhost' }], TypeError],
    [['239.1.2.3', null], TypeError],
    [['239.1.2.3', 'lo'], TypeError],
    [['239.1.2.3', { interface: -1 }], RangeError],
    [['239.1.2.3', { interface: {} }], TypeError],
    [['239.1.2.3', { interface: 'l\0o' }], TypeError],
  ] as [never, typeof TypeError][])('joinGroup(...%j)', (args, type) => {
    const { options } = open(inet, SOCK_DGRAM);
    expect(() => (options.joinGroup as (...args: unknown[]) => void)(...(args as unknown[]))).toThrow(type);
  });

  test.each([
    [['239.1.2.3'], TypeError],
    [['239.1.2.3', null], TypeError],
    [[1, '127.0.0.1'], TypeError],
    [['239.1.2.3', '127.0.0.1', { interface: 1.5 }], RangeError],
  ] as [never, typeof TypeError][])('blockSource(...%j)', (args, type) => {
    const { options } = open(inet, SOCK_DGRAM);
    expect(() => (options.blockSource as (...args: unknown[]) => void)(...(args as unknown[]))).toThrow(type);
  });

  test.each([
    ['239.1.2.3', 'a name, an index or an IPv4 address'],
    ['ff02::1234', 'a name or an index'],
  ])('an interface for %s is %s', (group, forms) => {
    const { options } = open(inet, SOCK_DGRAM);
    const text = `interface must be ${forms}, not null`;
    expect(() => options.joinGroup(group, { interface: null as never })).toThrow(text);
    expect(() => options.blockSource(group, group, { interface: null as never })).toThrow(text);
  });

  test('an interface that does not exist', async () => {
    const { options } = open(inet, SOCK_DGRAM);
    const byName = await failure(() => options.joinGroup('239.1.2.3', { interface: 'nothing' }));
    expect(byName).toMatchObject({ code: 'ENODEV', syscall: 'if_nametoindex', address: 'nothing' });
    const byIndex = await failure(() => options.joinGroup('239.1.2.3', { interface: 99_999 }));
    expect(byIndex).toMatchObject({ code: 'ENODEV', option: 'MCAST_JOIN_GROUP' });
  });

  test('an address that is no group', async () => {
    const { options } = open(inet, SOCK_DGRAM);
    const error = await failure(() => options.joinGroup('127.0.0.1', { interface: 'lo' }));
    expect(error).toMatchObject({ code: 'EINVAL', option: 'MCAST_JOIN_GROUP' });
  });

  test('a number on a socket that is not of netlink', async () => {
    const error = await failure(() => open(inet, SOCK_DGRAM).options.joinGroup(1));
    expect(error).toBeInstanceOf(OSError);
    expect(error).toMatchObject({ option: 'NETLINK_ADD_MEMBERSHIP' });
  });
});

test('groups of netlink', () => {
  const { options } = keep(new Socket<number>(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  expect(options.netlinkListMemberships).toEqual([]);
  options.joinGroup(RTNLGRP_NEIGH);
  options.joinGroup(RTNLGRP_LINK);
  expect(options.netlinkListMemberships).toEqual([RTNLGRP_LINK, RTNLGRP_NEIGH].sort((a, b) => a - b));
  options.leaveGroup(RTNLGRP_NEIGH);
  expect(options.netlinkListMemberships).toEqual([RTNLGRP_LINK]);
});

function whyNoPackets(): string | undefined {
  try {
    new Socket<number>(AF_PACKET, SOCK_RAW, 0).close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const noPackets = whyNoPackets();

test.skipIf(noPackets)(`memberships of a link${noPackets ? ` (skipped: ${noPackets})` : ''}`, async () => {
  const { options } = keep(new Socket<number>(AF_PACKET, SOCK_RAW, 0));
  const hardware = Buffer.from('01005e010203', 'hex');
  options.packetAddMembership('lo', PACKET_MR_PROMISC);
  options.packetAddMembership(LOOPBACK, PACKET_MR_MULTICAST, hardware);
  options.packetDropMembership('lo', PACKET_MR_MULTICAST, hardware);
  options.packetDropMembership(LOOPBACK, PACKET_MR_PROMISC);
  const error = await failure(() => options.packetAddMembership(99_999, PACKET_MR_PROMISC));
  expect(error).toMatchObject({ code: 'ENODEV', option: 'PACKET_ADD_MEMBERSHIP' });
  // An address of another length than the interface's.
  const short = await failure(() => options.packetAddMembership('lo', PACKET_MR_UNICAST, Buffer.alloc(8)));
  expect(short).toMatchObject({ code: 'EINVAL', option: 'PACKET_ADD_MEMBERSHIP' });
  expect(() => options.packetAddMembership('lo', PACKET_MR_UNICAST, Buffer.alloc(9))).toThrow(TypeError);
  expect(() => options.packetAddMembership('lo', 70_000)).toThrow(RangeError);
});
