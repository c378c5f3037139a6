/** lib/messages/control-encoders.ts and control-decoders.ts: every kind sent and received, over loopback and Unix sockets. */

import { readFileSync, readlinkSync } from 'node:fs';
import * as socket from 'bsd-socket';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ancillary,
  type ControlMessage,
  close,
  decodeAncillary,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVORIGDSTADDR,
  IP_RECVTOS,
  IP_RECVTTL,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVORIGDSTADDR,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_BROADCAST,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_TIMESTAMPING,
  SO_PASSCRED,
  SO_PASSPIDFD,
  SO_RCVBUF,
  SO_RXQ_OVFL,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SO_TXTIME,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_UDP,
  Socket,
  socketpair,
  UDP_GRO,
} from 'bsd-socket';
import { getInheritable } from 'bsd-socket/binding';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnySocket, both, bound, families, keep, type Mode, modes, name, open } from './support.ts';

const inet = families[0]!;
const inet6 = families[1]!;

// The kernel begins to stamp what comes in a moment after the first socket has asked for it, and goes on while one does.
const stamped = {
  sender: new Socket<number>(AF_INET, SOCK_DGRAM),
  receiver: new Socket<number>(AF_INET, SOCK_DGRAM),
};

beforeAll(async () => {
  const { sender, receiver } = stamped;
  receiver.bind(['127.0.0.1', 0]);
  const flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  receiver.setsockopt(SOL_SOCKET, SO_TIMESTAMPING_OLD, flags);
  for (;;) {
    sender.sendto('x', receiver.getsockname());
    const [, ancdata] = await receiver.recvmsgAsync(1, 256);
    if (ancdata.length > 0) return;
  }
});

afterAll(() => {
  stamped.sender.close();
  stamped.receiver.close();
});

/** Why this kernel cannot set an option; false where it can. */
function lacks(family: number, type: number, level: number, option: number, value: number | Uint8Array = 1) {
  try {
    using probe = new Socket<number>(family, type);
    probe.setsockopt(level, option, value);
    return false;
  } catch (error) {
    return `skipped: ${(error as Error).message}`;
  }
}

const ROOM = 512;

async function receive(mode: Mode, sock: AnySocket, flags = 0): Promise<ControlMessage[]> {
  // Over loopback everything is there at once; what is not will not come.
  sock.settimeout(5);
  const [, ancdata] = await both(mode, sock).recvmsg(65536, ROOM, flags);
  return decodeAncillary(ancdata);
}

interface Row {
  family: typeof inet;
  any: string;
  own: string;
  version: 4 | 6;
  options: Record<'packetInfo' | 'hopLimit' | 'trafficClass' | 'error' | 'destination', [number, number]>;
}
const rows: Row[] = [
  {
    family: inet,
    any: '0.0.0.0',
    own: '127.0.0.1',
    version: 4,
    options: {
      packetInfo: [SOL_IP, IP_PKTINFO],
      hopLimit: [SOL_IP, IP_RECVTTL],
      trafficClass: [SOL_IP, IP_RECVTOS],
      error: [SOL_IP, IP_RECVERR],
      destination: [SOL_IP, IP_RECVORIGDSTADDR],
    },
  },
  {
    family: inet6,
    any: '::',
    own: '::1',
    version: 6,
    options: {
      packetInfo: [SOL_IPV6, IPV6_RECVPKTINFO],
      hopLimit: [SOL_IPV6, IPV6_RECVHOPLIMIT],
      trafficClass: [SOL_IPV6, IPV6_RECVTCLASS],
      error: [SOL_IPV6, IPV6_RECVERR],
      destination: [SOL_IPV6, IPV6_RECVORIGDSTADDR],
    },
  },
];
const matrix = rows.flatMap((row) =>
  modes.map((mode) => ({ ...row, mode, title: `${row.family.name}, ${mode}` })),
);
const missing = (row: Row) => row.family.missing;

const loopbackIndex = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));

for (const row of matrix) {
  const { family, any, own, mode, version, options } = row;
  const number = family.family as typeof AF_INET | typeof AF_INET6;

  describe.skipIf(missing(row))(`${row.title}${missing(row) ? ` (${missing(row)})` : ''}`, () => {
    const pair = (option?: [number, number]): [AnySocket, AnySocket] => {
      const [a, b] = [bound(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
      if (option) b.setsockopt(...option, 1);
      return [a, b];
    };

    test('packet info: where a datagram came in, and an answer from there', async () => {
      const server = open(family, SOCK_DGRAM);
      server.bind([any, 0]);
      server.setsockopt(...options.packetInfo, 1);
      const client = bound(family, SOCK_DGRAM);
      client.sendto('request', [own, name(server)[1]]);
      const [, ancdata, , address] = await both(mode, server).recvmsg(100, ROOM);
      const [info] = decodeAncillary(ancdata);
      if (info?.kind !== 'packetInfo') throw new Error('no packet info');
      expect(info).toEqual({
        kind: 'packetInfo',
        family: number,
        ifindex: loopbackIndex,
        addr: own,
        ...(version === 4 ? { specDst: own } : {}),
      });
      await both(mode, server).sendmsg(['answer'], [ancillary.packetInfo(info)], 0, address);
      expect((await both(mode, client).recvfrom(100))[1]).toEqual([own, ...name(server).slice(1)]);
    });

    test('packet info to send: the source address, the interface, neither', async () => {
      const [a, b] = pair();
      const sender = open(family, SOCK_DGRAM);
      const source = version === 4 ? '127.0.0.9' : '::1';
      const info =
        version === 4
          ? ancillary.packetInfo({ family: AF_INET, specDst: source })
          : ancillary.packetInfo({ family: AF_INET6, addr: source });
      await both(mode, sender).sendmsg(['x'], [info], 0, name(b));
      expect((await both(mode, b).recvfrom(9))[1]![0]).toBe(source);
      const only = ancillary.packetInfo({ family: number, ifindex: loopbackIndex } as never);
      await both(mode, a).sendmsg(
        ['x'],
        [only, ancillary.packetInfo({ family: number } as never)],
        0,
        name(b),
      );
      expect((await both(mode, b).recvfrom(9))[1]).toEqual(name(a));
      const nowhere = ancillary.packetInfo({ family: number, ifindex: 2 ** 31 - 1 } as never);
      await expect(both(mode, a).sendmsg(['x'], [nowhere], 0, name(b))).rejects.toThrow(
        /ENODEV|No such device|ENETUNREACH|unreachable/i,
      );
    });

    test('hop limit', async () => {
      const [a, b] = pair(options.hopLimit);
      await both(mode, a).sendmsg(['x'], [ancillary.hopLimit(number, 7)], 0, name(b));
      expect(await receive(mode, b)).toEqual([{ kind: 'hopLimit', family: number, hopLimit: 7 }]);
    });

    test('traffic class with ECN', async () => {
      const [a, b] = pair(options.trafficClass);
      const trafficClass = (46 << 2) | 1;
      await both(mode, a).sendmsg(['x'], [ancillary.trafficClass(number, trafficClass)], 0, name(b));
      expect(await receive(mode, b)).toEqual([
        { kind: 'trafficClass', family: number, trafficClass, dscp: 46, ecn: 1 },
      ]);
    });

    test('original destination', async () => {
      const [a, b] = pair(options.destination);
      a.sendto('x', name(b));
      expect(await receive(mode, b)).toEqual([{ kind: 'originalDestination', address: name(b) }]);
    });

    test('an error that a host reported, with its address', async () => {
      const [a] = pair();
      a.setsockopt(...options.error, 1);
      const gone = bound(family, SOCK_DGRAM);
      const where = name(gone);
      gone.close();
      a.sendto('nobody', where);
      a.settimeout(5);
      const [data, ancdata, flags, address] = await both(mode, a).recvmsg(100, ROOM, MSG_ERRQUEUE);
      expect([String(data), flags & MSG_ERRQUEUE, address]).toEqual(['nobody', MSG_ERRQUEUE, where]);
      const [origin, type, code] = version === 4 ? [SO_EE_ORIGIN_ICMP, 3, 3] : [SO_EE_ORIGIN_ICMP6, 1, 4];
      expect(decodeAncillary(ancdata)).toEqual([
        {
          kind: 'extendedError',
          errno: socket.ECONNREFUSED,
          origin,
          type,
          code,
          info: 0,
          data: 0,
          offender: version === 4 ? [own, 0] : [own, 0, 0, 0],
        },
      ]);
    });

    test.each([SO_TIMESTAMP_OLD, SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW])(
      'timestamp of option %i',
      async (option) => {
        const [a, b] = pair([SOL_SOCKET, option]);
        const before = BigInt(Date.now()) * 1_000_000n;
        a.sendto('x', name(b));
        const [message] = await receive(mode, b);
        if (message?.kind !== 'timestamp') throw new Error('no timestamp');
        // The clock is the same; whole milliseconds are rounded down.
        expect(message.time).toBeGreaterThanOrEqual(before);
        expect(message.time).toBeLessThan(BigInt(Date.now() + 1) * 1_000_000n);
      },
    );

    test.each([SO_TIMESTAMPING_OLD, SO_TIMESTAMPING_NEW])(
      'timestamping of option %i, of what came and of what went',
      async (option) => {
        const [a, b] = pair();
        const software =
          SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE;
        for (const sock of [a, b])
          sock.setsockopt(
            SOL_SOCKET,
            option,
            software | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY,
          );
        const before = BigInt(Date.now()) * 1_000_000n;
        a.sendto('x', name(b));
        const [came] = await receive(mode, b);
        const went = await receive(mode, a, MSG_ERRQUEUE);
        expect(came).toEqual({ kind: 'timestamping', software: expect.any(BigInt), hardware: null });
        expect(went).toMatchObject([
          { kind: 'timestamping', software: expect.any(BigInt), hardware: null },
          { kind: 'extendedError', origin: SO_EE_ORIGIN_TIMESTAMPING, errno: socket.ENOMSG, offender: null },
        ]);
        const [sent, received] = [went[0], came].map((message) => (message as { software: bigint }).software);
        expect(sent).toBeGreaterThanOrEqual(before);
        expect(received).toBeGreaterThanOrEqual(sent!);
      },
    );

    test('packets for which there was no room are counted', async () => {
      const [a, b] = pair([SOL_SOCKET, SO_RXQ_OVFL]);
      b.setsockopt(SOL_SOCKET, SO_RCVBUF, 0);
      const SENT = 50;
      for (let count = 0; count < SENT; count++) a.sendto('x', name(b));
      let received = 0;
      try {
        for (;;) received += b.recv(9, MSG_DONTWAIT).length;
      } catch {
        // Nothing is left.
      }
      a.sendto('y', name(b));
      expect(received).toBeLessThan(SENT);
      expect(await receive(mode, b)).toEqual([{ kind: 'receiveQueueOverflow', dropped: SENT - received }]);
    });

    const noGro = lacks(number, SOCK_DGRAM, SOL_UDP, UDP_GRO);
    test.skipIf(noGro)(
      `segments: sent by one call, received by one${noGro ? ` (${noGro})` : ''}`,
      async () => {
        const [a, b] = pair([SOL_UDP, UDP_GRO]);
        await both(mode, a).sendmsg([Buffer.alloc(2500)], [ancillary.udpSegment(1000)], 0, name(b));
        b.settimeout(5);
        const [data, ancdata] = await both(mode, b).recvmsg(65536, ROOM);
        expect(data.length).toBe(2500);
        expect(decodeAncillary(ancdata)).toEqual([{ kind: 'udpGro', segmentSize: 1000 }]);
        b.setsockopt(SOL_UDP, UDP_GRO, 0);
        await both(mode, a).sendmsg([Buffer.alloc(2500)], [ancillary.udpSegment(1000)], 0, name(b));
        const sizes = [b.recv(65536), b.recv(65536), b.recv(65536)].map(({ length }) => length);
        expect(sizes).toEqual([1000, 1000, 500]);
      },
    );

    const CLOCK_MONOTONIC = 1;
    const clock = Int32Array.of(CLOCK_MONOTONIC, 0);
    const noTxTime = lacks(number, SOCK_DGRAM, SOL_SOCKET, SO_TXTIME, new Uint8Array(clock.buffer));
    test.skipIf(noTxTime)(
      `transmit time: taken with SO_TXTIME only${noTxTime ? ` (${noTxTime})` : ''}`,
      async () => {
        const [a, b] = pair();
        const time = process.hrtime.bigint();
        await expect(
          both(mode, a).sendmsg(['x'], [ancillary.txTime(time)], 0, name(b)),
        ).rejects.toMatchObject({
          code: 'EINVAL',
        });
        a.setsockopt(SOL_SOCKET, SO_TXTIME, clock);
        expect(await both(mode, a).sendmsg(['x'], [ancillary.txTime(time)], 0, name(b))).toBe(1);
        expect(String(b.recv(9))).toBe('x');
      },
    );
  });
}

test.each(modes)('a broadcast tells both of its addresses, %s', async (mode) => {
  const server = keep(new Socket(AF_INET, SOCK_DGRAM));
  server.bind(['', 0]);
  server.setsockopt(SOL_IP, IP_PKTINFO, 1);
  const client = keep(new Socket(AF_INET, SOCK_DGRAM));
  client.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
  client.sendto('where is a server?', ['127.255.255.255', server.getsockname()[1]]);
  expect(await receive(mode, server as AnySocket)).toEqual([
    {
      kind: 'packetInfo',
      family: AF_INET,
      ifindex: loopbackIndex,
      specDst: '127.0.0.1',
      addr: '127.255.255.255',
    },
  ]);
});

describe.each(modes)('Unix sockets, %s', (mode) => {
  const pair = (type: number): [AnySocket, AnySocket] => {
    const [a, b] = socketpair(AF_UNIX, type);
    return [keep(a) as AnySocket, keep(b) as AnySocket];
  };
  const ours = { kind: 'credentials', pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };

  test.each([SOCK_STREAM, SOCK_DGRAM])('credentials, type %i', async (type) => {
    const [a, b] = pair(type);
    b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
    a.send('x');
    expect(await receive(mode, b)).toEqual([ours]);
    await both(mode, a).sendmsg(['x'], [ancillary.credentials()]);
    expect(await receive(mode, b)).toEqual([ours]);
    const claim = () => both(mode, a).sendmsg(['x'], [ancillary.credentials({ uid: 12345, gid: 2 ** 31 })]);
    if (ours.uid !== 0) return expect(claim()).rejects.toMatchObject({ code: 'EPERM' });
    await claim();
    expect(await receive(mode, b)).toEqual([{ ...ours, uid: 12345, gid: 2 ** 31 }]);
  });

  test('rights', async () => {
    const [a, b] = pair(SOCK_STREAM);
    const [c, d] = pair(SOCK_STREAM);
    await both(mode, a).sendmsg(['x'], [ancillary.rights([c.fileno(), d.fileno()])]);
    const [message] = await receive(mode, b);
    if (message?.kind !== 'rights') throw new Error('no rights');
    const [first, second] = message.fds.map((fd) => keep(new Socket(null, null, null, fd)));
    expect([first!.getInheritable(), second!.getInheritable()]).toEqual([false, false]);
    first!.send('through a duplicate');
    expect(String(second!.recv(100))).toBe('through a duplicate');
  });

  const noPidfd = lacks(AF_UNIX, SOCK_STREAM, SOL_SOCKET, SO_PASSPIDFD);
  test.skipIf(noPidfd)(`a descriptor of the process${noPidfd ? ` (${noPidfd})` : ''}`, async () => {
    const [a, b] = pair(SOCK_STREAM);
    b.setsockopt(SOL_SOCKET, SO_PASSPIDFD, 1);
    a.send('x');
    const [message] = await receive(mode, b);
    if (message?.kind !== 'pidfd') throw new Error('no pidfd');
    const { fd } = message;
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('anon_inode:[pidfd]');
    expect(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')).toMatch(
      new RegExp(`^Pid:\\s*${process.pid}$`, 'm'),
    );
    expect(getInheritable(fd)).toBe(0);
    close(fd);
  });
});

describe('encoders', () => {
  const int = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);

  test('make what the kernel reads', () => {
    expect(ancillary.rights([3, 4])).toEqual([SOL_SOCKET, socket.SCM_RIGHTS, int(3, 4)]);
    expect(ancillary.rights(new Set([5]))).toEqual([SOL_SOCKET, socket.SCM_RIGHTS, int(5)]);
    expect(ancillary.rights([])[2].length).toBe(0);
    expect(ancillary.credentials({ pid: 1, uid: 2 ** 32 - 1, gid: 3 })[2]).toEqual(int(1, -1, 3));
    expect(ancillary.udpSegment(1472)).toEqual([
      SOL_UDP,
      socket.UDP_SEGMENT,
      Buffer.from(Uint16Array.of(1472).buffer),
    ]);
    expect(ancillary.txTime(2n ** 63n)[2]).toEqual(Buffer.from(BigUint64Array.of(2n ** 63n).buffer));
    expect(
      decodeAncillary([ancillary.packetInfo({ family: AF_INET, ifindex: 9, specDst: '1.2.3.4' })]),
    ).toEqual([{ kind: 'packetInfo', family: AF_INET, ifindex: 9, specDst: '1.2.3.4', addr: '0.0.0.0' }]);
  });

  const wrong: [
    name: string,
    error: typeof TypeError | typeof RangeError | typeof socket.OSError,
    call: () => unknown,
  ][] = [
    ['rights of text', TypeError, () => ancillary.rights(['0'] as never)],
    ['rights of a negative number', RangeError, () => ancillary.rights([-1])],
    ['rights of a number', TypeError, () => ancillary.rights(5 as never)],
    ['a negative pid', RangeError, () => ancillary.credentials({ pid: -1 })],
    ['a uid that is too large', RangeError, () => ancillary.credentials({ uid: 2 ** 32 })],
    ['a hop limit of 256', RangeError, () => ancillary.hopLimit(AF_INET6, 256)],
    ['a TTL of 0', RangeError, () => ancillary.hopLimit(AF_INET, 0)],
    ['a hop limit of a Unix socket', RangeError, () => ancillary.hopLimit(AF_UNIX as never, 1)],
    ['a hop limit of text', TypeError, () => ancillary.hopLimit(AF_INET, '1' as never)],
    ['a traffic class of 256', RangeError, () => ancillary.trafficClass(AF_INET, 256)],
    ['a traffic class of -1', RangeError, () => ancillary.trafficClass(AF_INET6, -1)],
    ['segments of 0 bytes', RangeError, () => ancillary.udpSegment(0)],
    ['segments of 64 KiB', RangeError, () => ancillary.udpSegment(65536)],
    ['a time that is no bigint', TypeError, () => ancillary.txTime(5 as never)],
    ['a negative time', RangeError, () => ancillary.txTime(-1n)],
    ['a time of 2 ** 64', RangeError, () => ancillary.txTime(2n ** 64n)],
    ['packet info of nothing', TypeError, () => ancillary.packetInfo(null as never)],
    ['packet info of no family', RangeError, () => ancillary.packetInfo({} as never)],
    [
      'packet info of a negative interface',
      RangeError,
      () => ancillary.packetInfo({ family: AF_INET, ifindex: -1 }),
    ],
    [
      'packet info of a name',
      socket.OSError,
      () => ancillary.packetInfo({ family: AF_INET, specDst: 'localhost' }),
    ],
    [
      'packet info of a number',
      TypeError,
      () => ancillary.packetInfo({ family: AF_INET6, addr: 1 as never }),
    ],
  ];
  test.each(wrong)('%s', (_name, error, call) => {
    expect(call).toThrow(error);
  });
});
