/** lib/messages/control-decoders.ts: what the bytes of each kind mean; test/control-exchange.test.ts has them sent and received. */

import * as socket from 'bsd-socket';
import { AF_INET, AF_INET6, decodeAncillary } from 'bsd-socket';
import { describe, expect, test } from 'vitest';

const int = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
const long = (...values: bigint[]) => Buffer.from(BigInt64Array.from(values).buffer);
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const decode = (level: number, type: number, data: Buffer) => decodeAncillary([[level, type, data]])[0];

const V6 = '20010db8000000000000000000000001';
const sockaddrIn = Buffer.concat([
  Buffer.from(Uint16Array.of(AF_INET).buffer),
  hex('0050 0a000001 0000000000000000'),
]);
const sockaddrIn6 = Buffer.concat([
  Buffer.from(Uint16Array.of(AF_INET6).buffer),
  hex(`0050 00000000 ${V6}`),
  int(3),
]);
const error = (sockaddr = Buffer.alloc(0)) =>
  Buffer.concat([int(socket.EMSGSIZE), Buffer.of(2, 3, 4, 0), int(1400, -1), sockaddr]);
const extended = {
  kind: 'extendedError',
  errno: socket.EMSGSIZE,
  origin: socket.SO_EE_ORIGIN_ICMP,
  type: 3,
  code: 4,
  info: 1400,
  data: 0xffffffff,
};
const second = 1_000_000_000n;

type Row = [name: string, level: number, type: number, data: Buffer, expected: object];
const { SOL_SOCKET, SOL_IP, SOL_IPV6, SOL_UDP } = socket;

const rows: Row[] = [
  ['SCM_RIGHTS', SOL_SOCKET, socket.SCM_RIGHTS, int(3, 4), { kind: 'rights', fds: [3, 4] }],
  ['SCM_RIGHTS, cut', SOL_SOCKET, socket.SCM_RIGHTS, int(3, 4).subarray(0, 7), { kind: 'rights', fds: [3] }],
  ['SCM_PIDFD', SOL_SOCKET, socket.SCM_PIDFD, int(5), { kind: 'pidfd', fd: 5 }],
  [
    'SCM_CREDENTIALS',
    SOL_SOCKET,
    socket.SCM_CREDENTIALS,
    int(1, -2, 3),
    { kind: 'credentials', pid: 1, uid: 2 ** 32 - 2, gid: 3 },
  ],
  ...([socket.SO_TIMESTAMP_OLD, socket.SO_TIMESTAMP_NEW] as const).map(
    (type): Row => [
      'SO_TIMESTAMP',
      SOL_SOCKET,
      type,
      long(5n, 6n),
      { kind: 'timestamp', time: 5n * second + 6000n },
    ],
  ),
  ...([socket.SO_TIMESTAMPNS_OLD, socket.SO_TIMESTAMPNS_NEW] as const).map(
    (type): Row => [
      'SO_TIMESTAMPNS',
      SOL_SOCKET,
      type,
      long(5n, 6n),
      { kind: 'timestamp', time: 5n * second + 6n },
    ],
  ),
  [
    'SO_TIMESTAMPNS after 2106',
    SOL_SOCKET,
    socket.SO_TIMESTAMPNS_NEW,
    long(2n ** 33n, 999_999_999n),
    { kind: 'timestamp', time: 2n ** 33n * second + 999_999_999n },
  ],
  [
    'SO_TIMESTAMP_OLD of 32 bits',
    SOL_SOCKET,
    socket.SO_TIMESTAMP_OLD,
    int(5, 6),
    { kind: 'timestamp', time: 5n * second + 6000n },
  ],
  [
    'SO_TIMESTAMPNS_OLD of 32 bits',
    SOL_SOCKET,
    socket.SO_TIMESTAMPNS_OLD,
    int(5, 6),
    { kind: 'timestamp', time: 5n * second + 6n },
  ],
  ...([socket.SO_TIMESTAMPING_OLD, socket.SO_TIMESTAMPING_NEW] as const).flatMap((type): Row[] => [
    [
      'SO_TIMESTAMPING',
      SOL_SOCKET,
      type,
      long(5n, 6n, 0n, 0n, 0n, 0n),
      { kind: 'timestamping', software: 5n * second + 6n, hardware: null },
    ],
    [
      'SO_TIMESTAMPING by hardware',
      SOL_SOCKET,
      type,
      long(0n, 0n, 0n, 0n, 7n, 8n),
      { kind: 'timestamping', software: null, hardware: 7n * second + 8n },
    ],
  ]),
  [
    'SO_TIMESTAMPING_OLD of 32 bits',
    SOL_SOCKET,
    socket.SO_TIMESTAMPING_OLD,
    int(5, 6, 0, 0, 7, 8),
    { kind: 'timestamping', software: 5n * second + 6n, hardware: 7n * second + 8n },
  ],
  [
    'SO_RXQ_OVFL',
    SOL_SOCKET,
    socket.SO_RXQ_OVFL,
    int(-1),
    { kind: 'receiveQueueOverflow', dropped: 2 ** 32 - 1 },
  ],
  [
    'IP_PKTINFO',
    SOL_IP,
    socket.IP_PKTINFO,
    Buffer.concat([int(2), hex('0a000001 e0000001')]),
    { kind: 'packetInfo', family: AF_INET, ifindex: 2, specDst: '10.0.0.1', addr: '224.0.0.1' },
  ],
  [
    'IPV6_PKTINFO',
    SOL_IPV6,
    socket.IPV6_PKTINFO,
    Buffer.concat([hex(V6), int(2)]),
    { kind: 'packetInfo', family: AF_INET6, ifindex: 2, addr: '2001:db8::1' },
  ],
  ['IP_TTL', SOL_IP, socket.IP_TTL, int(64), { kind: 'hopLimit', family: AF_INET, hopLimit: 64 }],
  [
    'IPV6_HOPLIMIT',
    SOL_IPV6,
    socket.IPV6_HOPLIMIT,
    int(255),
    { kind: 'hopLimit', family: AF_INET6, hopLimit: 255 },
  ],
  [
    'IP_TOS',
    SOL_IP,
    socket.IP_TOS,
    Buffer.of(0xbb),
    { kind: 'trafficClass', family: AF_INET, trafficClass: 0xbb, dscp: 46, ecn: 3 },
  ],
  [
    'IPV6_TCLASS',
    SOL_IPV6,
    socket.IPV6_TCLASS,
    int(0xbb),
    { kind: 'trafficClass', family: AF_INET6, trafficClass: 0xbb, dscp: 46, ecn: 3 },
  ],
  ['UDP_GRO', SOL_UDP, socket.UDP_GRO, int(1472), { kind: 'udpGro', segmentSize: 1472 }],
  [
    'IP_ORIGDSTADDR',
    SOL_IP,
    socket.IP_ORIGDSTADDR,
    sockaddrIn,
    { kind: 'originalDestination', address: ['10.0.0.1', 80] },
  ],
  [
    'IPV6_ORIGDSTADDR',
    SOL_IPV6,
    socket.IPV6_ORIGDSTADDR,
    sockaddrIn6,
    { kind: 'originalDestination', address: ['2001:db8::1', 80, 0, 3] },
  ],
  ['IP_RECVERR', SOL_IP, socket.IP_RECVERR, error(sockaddrIn), { ...extended, offender: ['10.0.0.1', 80] }],
  [
    'IP_RECVERR without an offender',
    SOL_IP,
    socket.IP_RECVERR,
    error(Buffer.alloc(sockaddrIn.length)),
    { ...extended, offender: null },
  ],
  [
    'IP_RECVERR, cut',
    SOL_IP,
    socket.IP_RECVERR,
    error(sockaddrIn).subarray(0, -1),
    { ...extended, offender: null },
  ],
  [
    'IPV6_RECVERR',
    SOL_IPV6,
    socket.IPV6_RECVERR,
    error(sockaddrIn6),
    { ...extended, offender: ['2001:db8::1', 80, 0, 3] },
  ],
  [
    'PACKET_TX_TIMESTAMP',
    socket.SOL_PACKET,
    socket.PACKET_TX_TIMESTAMP,
    error(),
    { ...extended, offender: null },
  ],
];

test.each(rows)('%s', (_name, level, type, data, expected) => {
  expect(decode(level, type, data)).toEqual(expected);
  // Memory at an odd place is memory.
  const odd = Buffer.concat([Buffer.alloc(1), data]).subarray(1);
  expect(decode(level, type, odd)).toEqual(expected);
});

describe('what cannot be decoded keeps its bytes', () => {
  test('an unknown kind', () => {
    const data = Buffer.from('anything');
    expect(decode(1, 4711, data)).toEqual({ kind: 'unknown', level: 1, type: 4711, data });
    expect(decode(4711, socket.SCM_RIGHTS, data)).toMatchObject({ kind: 'unknown' });
  });

  const shortest = rows.filter(
    ([name]) => !/cut|32 bits|IP_RECVERR/.test(name) && !/_(OLD|RIGHTS)$/.test(name),
  );
  test.each(shortest)('%s, cut at every length', (_name, level, type, data) => {
    for (let length = 0; length < data.length; length++) {
      const cut = data.subarray(0, length);
      const message = decode(level, type, cut)!;
      // The layouts of 32 bits are shorter.
      if (message.kind === 'timestamp' || message.kind === 'timestamping') expect(type).toBeLessThan(60);
      else if (message.kind === 'extendedError') expect(message.offender).toBeNull();
      else expect(message).toEqual({ kind: 'unknown', level, type, data: cut });
    }
  });

  test('an address of no family', () => {
    const data = Buffer.alloc(16);
    expect(decode(SOL_IP, socket.IP_ORIGDSTADDR, data)).toEqual({
      kind: 'unknown',
      level: SOL_IP,
      type: socket.IP_ORIGDSTADDR,
      data,
    });
  });
});

test('order is kept, and any iterable will do', () => {
  const ancdata = function* (): Generator<socket.Ancillary> {
    yield [SOL_IP, socket.IP_TTL, int(1)];
    yield [9, 9, Buffer.alloc(0)];
  };
  expect(decodeAncillary(ancdata()).map(({ kind }) => kind)).toEqual(['hopLimit', 'unknown']);
  expect(decodeAncillary([])).toEqual([]);
});
