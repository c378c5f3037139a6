/**
 * Addresses of the families beyond the Internet's, on sockets that only take themselves for one of the family: what is
 * wrong with one, and what comes back that CPython cannot be asked about. test/oracle has the rest.
 */
import {
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_NETLINK,
  AF_PACKET,
  AF_RDS,
  AF_TIPC,
  AF_UNIX,
  AF_X25,
  BTPROTO_HCI,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
  CAN_ISOTP,
  CAN_J1939,
  CAN_RAW,
  ENODEV,
  OSError,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
  TIPC_ADDR_NAME,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { type AnySocket, both, failure, keep, modes, noSuchHost } from './support.ts';

function disguised(family: number, proto = 0, type: number = SOCK_DGRAM): AnySocket {
  return keep(new Socket<number>(family, type, proto, new Socket(AF_UNIX, type).detach()));
}

type Wrong = [
  name: string,
  family: number,
  proto: number,
  address: unknown,
  type: new (...args: never[]) => Error,
  text: string,
];

const bdaddr = '01:23:45:67:89:AB';

const wrong: Wrong[] = [
  ['Bluetooth of an unknown protocol', AF_BLUETOOTH, 7, bdaddr, OSError, '(): unknown Bluetooth protocol'],
  ...[
    '',
    'x',
    '01:23:45:67:89',
    `${bdaddr}:00`,
    '01:23:45:67:89:100',
    '01-23-45-67-89-ab',
    ` ${bdaddr}`,
    '+1:2:3:4:5:6',
  ].map(
    (text): Wrong => [`SCO '${text}'`, AF_BLUETOOTH, BTPROTO_SCO, text, OSError, 'bad bluetooth address'],
  ),
  ['L2CAP, bad', AF_BLUETOOTH, BTPROTO_L2CAP, ['x', 1], OSError, 'bad bluetooth address'],
  ['RFCOMM, bad', AF_BLUETOOTH, BTPROTO_RFCOMM, ['x', 1], OSError, 'bad bluetooth address'],
  [
    'L2CAP of one',
    AF_BLUETOOTH,
    BTPROTO_L2CAP,
    [bdaddr],
    TypeError,
    'must be [bdaddr, psm, cid?, bdaddrType?], not ',
  ],
  ['L2CAP of five', AF_BLUETOOTH, BTPROTO_L2CAP, [bdaddr, 1, 2, 3, 4], TypeError, 'must be [bdaddr, psm'],
  ['L2CAP, psm', AF_BLUETOOTH, BTPROTO_L2CAP, [bdaddr, 65536], RangeError, 'psm must be 0-65535, not 65536'],
  ['L2CAP, cid', AF_BLUETOOTH, BTPROTO_L2CAP, [bdaddr, 1, -1], RangeError, 'cid must be 0-65535, not -1'],
  ['L2CAP, type', AF_BLUETOOTH, BTPROTO_L2CAP, [bdaddr, 1, 0, 256], RangeError, 'bdaddrType must be '],
  [
    'L2CAP, address',
    AF_BLUETOOTH,
    BTPROTO_L2CAP,
    [5, 1],
    TypeError,
    'bdaddr must be a string or bytes, not 5',
  ],
  [
    'RFCOMM of three',
    AF_BLUETOOTH,
    BTPROTO_RFCOMM,
    [bdaddr, 1, 2],
    TypeError,
    'must be [bdaddr, channel], not ',
  ],
  ['RFCOMM, channel', AF_BLUETOOTH, BTPROTO_RFCOMM, [bdaddr, 256], RangeError, 'channel must be '],
  [
    'HCI, text',
    AF_BLUETOOTH,
    BTPROTO_HCI,
    bdaddr,
    TypeError,
    'must be a number or [deviceId, channel?], not ',
  ],
  ['HCI, device', AF_BLUETOOTH, BTPROTO_HCI, 65536, RangeError, 'deviceId must be 0-65535'],
  ['HCI, channel', AF_BLUETOOTH, BTPROTO_HCI, [0, -1], RangeError, 'channel must be 0-65535'],
  ['SCO, an array', AF_BLUETOOTH, BTPROTO_SCO, [bdaddr], TypeError, 'bdaddr must be a string or bytes, not '],
  ['CAN of an unknown protocol', AF_CAN, 99, ['lo'], OSError, '(): unsupported CAN protocol'],
  ['CAN, a long name', AF_CAN, CAN_RAW, ['x'.repeat(16)], OSError, 'AF_CAN interface name too long'],
  [
    'CAN, a name of many bytes',
    AF_CAN,
    CAN_RAW,
    ['\u00e4'.repeat(8)],
    OSError,
    'AF_CAN interface name too long',
  ],
  ['CAN, no interface', AF_CAN, CAN_RAW, [], TypeError, 'AF_CAN address must be [ifname], not '],
  ['ISO-TP', AF_CAN, CAN_ISOTP, ['lo', 1], TypeError, 'AF_CAN address must be [ifname, rxId, txId], not '],
  ['J1939, name', AF_CAN, CAN_J1939, ['lo', 2n ** 64n, 0, 0], RangeError, 'name must be '],
  ['J1939, a number as name', AF_CAN, CAN_J1939, ['lo', 2 ** 53, 0, 0], RangeError, 'name must be '],
  ['PACKET, proto', AF_PACKET, 0, ['lo', 65536], RangeError, 'proto must be 0-65535, not 65536'],
  [
    'PACKET, addr',
    AF_PACKET,
    0,
    ['lo', 3, 0, 0, Buffer.alloc(9)],
    RangeError,
    'addr must be 8 bytes or less (Hardware address), not 9',
  ],
  [
    'PACKET, no array',
    AF_PACKET,
    0,
    'lo',
    TypeError,
    'AF_PACKET address must be [ifname, proto, pkttype?, hatype?, addr?], not ',
  ],
  ['NETLINK', AF_NETLINK, 0, [1], TypeError, 'AF_NETLINK address must be [pid, groups], not '],
  ['TIPC', AF_TIPC, 0, [9, 1, 2, 3], TypeError, '(Invalid address type), not 9'],
  ['ALG', AF_ALG, 0, ['t'.repeat(14), 'n'], RangeError, '(AF_ALG type too long.), not 14'],
  ['RDS, port', AF_RDS, 0, ['127.0.0.1', 65536], RangeError, 'port must be 0-65535'],
  ['RDS, host', AF_RDS, 0, [noSuchHost, 1], OSError, 'Name or service not known'],
  ['an unknown family', AF_X25, 0, ['x', 1], OSError, '(): bad family'],
  [
    'an unknown family, long',
    AF_X25,
    0,
    [AF_X25, Buffer.alloc(127)],
    RangeError,
    'data must be at most 126 bytes',
  ],
];

describe.each(wrong)('%s', (_, family, proto, address, type, text) => {
  test('in bind', async () => {
    const error = await failure(() => disguised(family, proto).bind(address as never));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(text);
  });

  test.each(modes)('in connect, connectEx and sendto, %s', async (mode) => {
    const sock = both(mode, disguised(family, proto));
    for (const call of [
      () => sock.connect(address as never),
      () => sock.connectEx(address as never),
      () => sock.sendto('x', 0, address as never),
    ]) {
      const error = await failure(call);
      expect(error).toBeInstanceOf(type);
      expect(error.message).toContain(text);
    }
  });
});

test('an interface that is not there is ENODEV, with its name', async () => {
  for (const [family, proto, rest] of [
    [AF_PACKET, 0, [3]],
    [AF_CAN, CAN_RAW, []],
    [AF_CAN, CAN_J1939, [1n, 2, 3]],
  ] as const) {
    const error = await failure(() => disguised(family, proto).bind(['nowhere', ...rest] as never));
    expect(error).toMatchObject({ errno: ENODEV, code: 'ENODEV', syscall: 'bind', address: 'nowhere' });
  }
  expect(await failure(() => disguised(AF_PACKET).bind(['x'.repeat(500), 3]))).toMatchObject({
    errno: ENODEV,
  });
});

test('names of RDS sockets are resolved as those of AF_INET', () => {
  // The kernel is asked about 127.0.0.1, which no Unix socket can be bound to.
  expect(() => disguised(AF_RDS).bind(['localhost', 1])).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('a connection of AF_ALG has no address: accept asks for none', async () => {
  for (const mode of modes) {
    const server = keep(new Socket<number>(AF_UNIX, SOCK_STREAM));
    server.bind('');
    server.listen();
    const client = keep(new Socket(AF_UNIX, SOCK_STREAM));
    client.connect(server.getsockname() as Buffer);
    const alg = keep(new Socket(AF_ALG, SOCK_STREAM, 0, server.dup().detach()));
    const [connection, address] = await both(mode, alg).accept();
    expect(address).toBeNull();
    client.send('x');
    expect(String(keep(connection).recv(1))).toBe('x');
  }
});

/** What an address of these bytes comes to. */
function decoded(sockaddr: Buffer, protocol = 0): unknown {
  const storage = new Uint8Array(binding.STORAGE_SIZE);
  new Uint32Array(storage.buffer)[0] = sockaddr.length;
  storage.set(sockaddr, 4);
  return binding.address(storage, -1, protocol);
}

test('types and protocols that are unknown come back as bytes', () => {
  expect(decoded(Buffer.from(Uint16Array.of(AF_BLUETOOTH, 1).buffer), 7)).toEqual([
    AF_BLUETOOTH,
    Buffer.from([1, ...new Uint8Array(13)]),
  ]);
  expect(decoded(Buffer.from(Uint16Array.of(AF_TIPC, 9).buffer))).toEqual([
    AF_TIPC,
    Buffer.from([9, ...new Uint8Array(13)]),
  ]);
});

test('a negative scope of TIPC comes back as it is', () => {
  const packed = binding.sockaddr(AF_TIPC, TIPC_ADDR_NAME, 1, 2, 0, -3) as Buffer;
  expect(decoded(packed)).toEqual([TIPC_ADDR_NAME, 1, 2, 2, -3]);
});

test('an interface that is gone has no name', () => {
  const packed = binding.sockaddr(
    AF_PACKET,
    disguised(AF_UNIX).fileno(),
    'lo',
    3,
    0,
    0,
    new Uint8Array(0),
  ) as Buffer;
  packed.writeUInt32LE(0x7ffffff0, 4);
  expect(decoded(packed)).toEqual(['', 3, 0, 0, Buffer.alloc(0)]);
});

test('a hardware address may be longer than the structure has room for', () => {
  const packed = Buffer.alloc(32, 0xaa);
  packed.fill(0, 0, 12);
  packed.writeUInt16LE(AF_PACKET);
  packed[11] = 20;
  expect(decoded(packed)).toEqual(['', 0, 0, 0, Buffer.alloc(20, 0xaa)]);
  packed[11] = 255;
  expect(decoded(packed)).toEqual(['', 0, 0, 0, Buffer.alloc(20, 0xaa)]);
});
