/** binding/platform_linux_options.cpp: values that tell the kernel how much to write, or where to. */
import { fileURLToPath } from 'node:url';
import {
  AF_INET,
  AF_INET6,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOPROTOOPT,
  EOPNOTSUPP,
  IP_MSFILTER,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_MPTCP,
  IPPROTO_TCP,
  MCAST_MSFILTER,
  MPTCP_FULL_INFO,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_MPTCP,
  Socket,
  TCP_AO_GET_KEYS,
  TCP_ZEROCOPY_RECEIVE,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { witness } from '../fixtures/witness.mjs';
import { isolated, isolation } from '../namespaces.ts';
import { keep, noIPv6 } from '../support.ts';
import { called, loopback, open, keep as own, sockaddrOf, storage } from './descriptors.ts';

const FILL = 0xcc;
const PAGE = 4096;

/** A view with memory behind it that must stay as it is. */
function framed(length: number, shared: boolean) {
  const memory = new Uint8Array(shared ? new SharedArrayBuffer(8192) : new ArrayBuffer(8192)).fill(FILL);
  const view = Buffer.from(memory.buffer, 0, length).fill(0);
  return { view, untouched: () => memory.subarray(length).every((byte) => byte === FILL) };
}

/** Each kind of view, whose memory others may change meanwhile or not. */
const kinds = [
  ['memory of its own', false],
  ['shared memory', true],
] as const;

describe.each(kinds)('how many sources of a multicast group there is room for, in %s', (_kind, shared) => {
  const LOOPBACK = 1;
  const SOURCES = 10;
  const packed = (family: number, ...fields: [string, ...number[]]) =>
    binding.sockaddr(family, ...fields) as Buffer;

  /** struct ip_msfilter */
  function ipFilter(view: Buffer) {
    view.set(packed(AF_INET, '239.66.2.1', 0).subarray(4, 8), 0);
    view.set(packed(AF_INET, '127.0.0.1', 0).subarray(4, 8), 4);
  }

  /** struct group_filter */
  const groupFilter = (group: Buffer) => (view: Buffer) => {
    view.writeUInt32LE(LOOPBACK, 0);
    view.set(group, 8);
  };

  const [group, group6] = [packed(AF_INET, '239.66.2.1', 0), packed(AF_INET6, 'ff15::66:9', 0, 0, 0)];
  const v4 = { family: AF_INET, group: '239.66.2.1', source: '10.66.0.' };
  const v6 = { family: AF_INET6, group: 'ff15::66:9', source: 'fd66::' };
  test.each([
    { name: 'IP_MSFILTER', ...v4, option: IP_MSFILTER, fill: ipFilter, count: 12, element: 4 },
    {
      name: 'MCAST_MSFILTER',
      ...v4,
      option: MCAST_MSFILTER,
      fill: groupFilter(group),
      count: 140,
      element: 128,
    },
    ...(noIPv6 === undefined
      ? [
          {
            name: 'MCAST_MSFILTER6',
            ...v6,
            option: MCAST_MSFILTER,
            fill: groupFilter(group6),
            count: 140,
            element: 128,
          },
        ]
      : []),
  ])('$name', ({ family, group: name, source, option, fill, count, element }) => {
    const level = family === AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    const sock = keep(new Socket<number>(family, SOCK_DGRAM));
    for (let index = 1; index <= SOURCES; index++)
      sock.options.joinGroup(name, { source: `${source}${index}`, interface: 'lo' });
    const first = count + 4;
    for (const [room, claimed] of [
      [0, SOURCES],
      [1, SOURCES],
      [3, 2 ** 32 - 1],
      [SOURCES, SOURCES],
      [SOURCES + 5, 2 ** 32 - 1],
    ] as const) {
      // Three bytes more are no element.
      const { view, untouched } = framed(first + room * element + 3, shared);
      fill(view);
      view.writeUInt32LE(claimed, count);
      const returned = Math.min(room, SOURCES);
      expect(binding.getsockopt(sock.fileno(), level, option, view)).toBe(first + returned * element);
      // How many there are.
      expect(view.readUInt32LE(count)).toBe(SOURCES);
      expect(view.subarray(first, first + returned * element).some((byte) => byte !== 0)).toBe(returned > 0);
      expect(untouched()).toBe(true);
    }
    for (const size of [0, 1, count, first - 1]) {
      const { view, untouched } = framed(size, shared);
      expect(binding.getsockopt(sock.fileno(), level, option, view)).toBe(-EINVAL);
      expect(untouched()).toBe(true);
    }
  });
});

test('TCP_AO_GET_KEYS, whose count lies behind a short view', () => {
  const fd = open(AF_INET);
  for (const size of [0, 4, 272, 273, 275, 276, 304]) {
    const { view, untouched } = framed(size, false);
    // A socket without keys, or a kernel without the option.
    expect([-EINVAL, -ENOENT, -ENOPROTOOPT]).toContain(
      binding.getsockopt(fd, IPPROTO_TCP, TCP_AO_GET_KEYS, view),
    );
    expect(untouched()).toBe(true);
  }
});

describe.each(kinds)('addresses in the value, in %s', (_kind, shared) => {
  test('TCP_ZEROCOPY_RECEIVE: nothing is received to one', () => {
    const [server, client] = called(AF_INET);
    const peer = own(binding.accept(server, storage()));
    binding.send(client, new Uint8Array(PAGE).fill(1), 0);
    const { address, changed } = witness();
    // struct tcp_zerocopy_receive
    const { view } = framed(64, shared);
    view.writeUInt32LE(PAGE, 8);
    view.writeBigUInt64LE(address, 24);
    view.writeInt32LE(PAGE, 32);
    view.writeBigUInt64LE(address, 40);
    view.writeBigUInt64LE(BigInt(PAGE), 48);
    // Kernels before 5.11 know no such address, and want a mapping.
    expect([-EFAULT, -EINVAL, -ENOPROTOOPT]).toContain(
      binding.getsockopt(peer, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, view),
    );
    expect(changed()).toBe(0);
    // Nothing is lost.
    const received = new Uint8Array(2 * PAGE);
    expect(binding.recv(peer, received, 0)).toBe(PAGE);
  });

  test('MPTCP_FULL_INFO: nothing is written to one, and without arrays it tells', ({ skip }) => {
    const server = binding.socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    if (server < 0) skip(`no MPTCP: ${binding.strerror(-server)}`);
    own(server);
    binding.bind(server, loopback());
    binding.listen(server, 1);
    const client = open(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    binding.connect(client, sockaddrOf(server));
    const { address, changed } = witness();
    const ask = (arrays: number) => {
      // struct mptcp_full_info
      const { view } = framed(400, shared);
      view.writeUInt32LE(PAGE, 4);
      view.writeUInt32LE(PAGE, 12);
      view.writeUInt32LE(arrays, 20);
      view.writeBigUInt64LE(address, 24);
      view.writeBigUInt64LE(address, 32);
      return binding.getsockopt(client, SOL_MPTCP, MPTCP_FULL_INFO, view);
    };
    const length = ask(0);
    if (length === -EOPNOTSUPP) skip('no MPTCP_FULL_INFO on this kernel (6.5 and later have it)');
    expect(length).toBeGreaterThan(40);
    expect(ask(4)).toBe(-EFAULT);
    expect(changed()).toBe(0);
  });
});

const network = isolation('net');
test.skipIf(network.missing)(
  `IPT_SO_SET_REPLACE: the counters of the old rules go nowhere${network.missing ? ` (skipped: ${network.missing})` : ''}`,
  ({ skip }) => {
    const program = fileURLToPath(new URL('../fixtures/replace-table.mjs', import.meta.url));
    const { missing, ...result } = JSON.parse(isolated(network, '"$@"', process.execPath, program));
    if (missing !== undefined) skip(`no iptables of the kernel's: ${missing}`);
    expect(result).toEqual({ result: 0, changed: 0 });
  },
);
