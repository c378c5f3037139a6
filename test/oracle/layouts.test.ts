/**
 * The bytes of a sockaddr of every family: those that CPython makes of the same address, those that the kernel's
 * headers want, and what becomes of them on their way back. No kernel has to know the family.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_INET,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_RDS,
  AF_TIPC,
  AF_UNIX,
  AF_VSOCK,
  BDADDR_ANY,
  BDADDR_LE_PUBLIC,
  BTPROTO_HCI,
  BTPROTO_L2CAP,
  BTPROTO_RFCOMM,
  BTPROTO_SCO,
  CAN_BCM,
  CAN_ISOTP,
  CAN_J1939,
  CAN_RAW,
  ETH_P_ALL,
  ifNametoindex,
  PACKET_OUTGOING,
  SOCK_DGRAM,
  Socket,
  TIPC_ADDR_ID,
  TIPC_ADDR_NAME,
  TIPC_ADDR_NAMESEQ,
  VMADDR_CID_ANY,
  VMADDR_PORT_ANY,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test } from 'vitest';
import { native } from '../../dist/native.js';
import { keep } from '../support.ts';
import { noPython, python } from './python.ts';

interface Layout {
  name: string;
  family: number;
  proto?: number;
  address: unknown;
  /** The bytes in hexadecimal; dots where the kernel does not look, and CPython leaves what was there. */
  bytes: string;
  /** What the bytes become on the way back, where that is another form of the same. */
  back?: unknown;
  /** CPython is only asked where its build knows the family. */
  python?: false;
}

const numbers = (size: 2 | 4 | 8, ...values: (number | bigint)[]) =>
  Buffer.from(
    (size === 2
      ? Uint16Array.from(values as number[])
      : size === 4
        ? Uint32Array.from(values as number[])
        : BigUint64Array.from(values as bigint[])
    ).buffer,
  ).toString('hex');
const family = (number: number) => numbers(2, number);
const lo = numbers(4, ifNametoindex('lo'));
const padded = (text: string, size: number) =>
  Buffer.from(text)
    .toString('hex')
    .padEnd(size * 2, '0');

const can = (
  proto: number,
  address: unknown[],
  rest: string,
  name = address[0] === '' ? numbers(4, 0) : lo,
): Layout => ({
  name: `AF_CAN, protocol ${proto}, ${address}`,
  family: AF_CAN,
  proto,
  address,
  bytes: [family(AF_CAN), '....', name, rest.padEnd(32, '.')].join(''),
});

const bluetooth = (name: string, proto: number, address: unknown, rest: string, back?: unknown): Layout => ({
  name: `AF_BLUETOOTH, ${name}, ${address}`,
  family: AF_BLUETOOTH,
  proto,
  address,
  bytes: family(AF_BLUETOOTH) + rest,
  python: false,
  ...(back === undefined ? {} : { back }),
});

const layouts: Layout[] = [
  {
    name: 'AF_INET',
    family: AF_INET,
    address: ['1.2.3.4', 0x1234],
    bytes: `${family(AF_INET)}123401020304${'0'.repeat(16)}`,
  },
  {
    name: 'AF_RDS',
    family: AF_RDS,
    address: ['1.2.3.4', 0x1234],
    bytes: `${family(AF_INET)}123401020304${'0'.repeat(16)}`,
  },
  { name: 'AF_UNIX', family: AF_UNIX, address: '/tmp/x', bytes: `${family(AF_UNIX)}${padded('/tmp/x', 7)}` },
  {
    name: 'AF_PACKET of two',
    family: AF_PACKET,
    address: ['lo', ETH_P_ALL],
    bytes: `${family(AF_PACKET)}0003${lo}00000000${'.'.repeat(16)}`,
    back: ['lo', ETH_P_ALL, 0, 0, Buffer.alloc(0)],
  },
  {
    name: 'AF_PACKET of five',
    family: AF_PACKET,
    address: ['lo', 0x88cc, PACKET_OUTGOING, 772, Buffer.from('0102030405060708', 'hex')],
    bytes: `${family(AF_PACKET)}88cc${lo}${numbers(2, 772)}04080102030405060708`,
  },
  {
    name: 'AF_PACKET with an address of six bytes',
    family: AF_PACKET,
    address: ['lo', 65535, 255, 65535, Buffer.from('a1a2a3a4a5a6', 'hex')],
    bytes: `${family(AF_PACKET)}ffff${lo}ffffff06a1a2a3a4a5a6....`,
  },
  {
    name: 'AF_NETLINK',
    family: AF_NETLINK,
    address: [0xfffffffe, 0x80000001],
    bytes: `${family(AF_NETLINK)}....${numbers(4, 0xfffffffe, 0x80000001)}`,
  },
  {
    name: 'AF_VSOCK',
    family: AF_VSOCK,
    address: [2, 0x12345678],
    bytes: `${family(AF_VSOCK)}0000${numbers(4, 0x12345678, 2)}00000000`,
  },
  {
    name: 'AF_VSOCK, any',
    family: AF_VSOCK,
    address: [VMADDR_CID_ANY, VMADDR_PORT_ANY],
    bytes: `${family(AF_VSOCK)}0000ffffffffffffffff00000000`,
  },
  {
    name: 'AF_QIPCRTR',
    family: AF_QIPCRTR,
    address: [0xfffffffe, 7],
    bytes: `${family(AF_QIPCRTR)}....${numbers(4, 0xfffffffe, 7)}`,
  },
  {
    name: 'AF_TIPC, a range',
    family: AF_TIPC,
    address: [TIPC_ADDR_NAMESEQ, 1, 2, 0xffffffff, 3],
    bytes: `${family(AF_TIPC)}0103${numbers(4, 1, 2, 0xffffffff)}`,
  },
  {
    name: 'AF_TIPC, a name',
    family: AF_TIPC,
    address: [TIPC_ADDR_NAME, 18888, 17, 99],
    bytes: `${family(AF_TIPC)}0202${numbers(4, 18888, 17, 0)}`,
    back: [TIPC_ADDR_NAME, 18888, 17, 17, 2],
  },
  {
    name: 'AF_TIPC, a socket',
    family: AF_TIPC,
    address: [TIPC_ADDR_ID, 0x1001, 5, 0, 1],
    bytes: `${family(AF_TIPC)}0301${numbers(4, 5, 0x1001, 0)}`,
  },
  {
    name: 'AF_ALG',
    family: AF_ALG,
    address: ['hash', 'sha256'],
    bytes: `${family(AF_ALG)}${padded('hash', 14)}${numbers(4, 0, 0)}${padded('sha256', 64)}`,
    back: ['hash', 'sha256', 0, 0],
  },
  {
    name: 'AF_ALG, as long as can be',
    family: AF_ALG,
    address: ['t'.repeat(13), 'n'.repeat(63), 0x1234, 0xffff],
    bytes: `${family(AF_ALG)}${padded('t'.repeat(13), 14)}${numbers(4, 0x1234, 0xffff)}${padded('n'.repeat(63), 64)}`,
  },
  can(CAN_RAW, ['lo'], ''),
  can(CAN_RAW, [''], ''),
  can(CAN_BCM, ['lo'], ''),
  can(CAN_ISOTP, ['lo', 0x123, 0x9fffffff], numbers(4, 0x123, 0x9fffffff)),
  can(
    CAN_J1939,
    ['lo', 2n ** 64n - 2n, 0x3ffff, 0xfe],
    `${numbers(8, 2n ** 64n - 2n)}${numbers(4, 0x3ffff)}fe`,
  ),
  can(CAN_J1939, ['', 0n, 0x40000, 0xff], `${numbers(8, 0n)}${numbers(4, 0x40000)}ff`),
  bluetooth('L2CAP', BTPROTO_L2CAP, ['01:23:45:67:89:AB', 0x1001], '0110ab896745230100000000'),
  bluetooth('L2CAP', BTPROTO_L2CAP, ['01:23:45:67:89:AB', 0, 0x1234], '0000ab896745230134120000'),
  bluetooth(
    'L2CAP',
    BTPROTO_L2CAP,
    ['01:23:45:67:89:AB', 31, 4, BDADDR_LE_PUBLIC],
    '1f00ab896745230104000100',
  ),
  bluetooth('L2CAP', BTPROTO_L2CAP, ['1:2:3:4:5:6', 1, 0, 0], '010006050403020100000000', [
    '01:02:03:04:05:06',
    1,
  ]),
  bluetooth('RFCOMM', BTPROTO_RFCOMM, ['01:23:45:67:89:AB', 255], 'ab8967452301ff00'),
  bluetooth('HCI', BTPROTO_HCI, 5, '05000000'),
  bluetooth('HCI', BTPROTO_HCI, [5], '05000000', 5),
  bluetooth('HCI', BTPROTO_HCI, [0xffff, 3], 'ffff0300'),
  bluetooth('SCO', BTPROTO_SCO, BDADDR_ANY, '000000000000'),
  bluetooth('SCO', BTPROTO_SCO, Buffer.from('01:23:45:67:89:ab'), 'ab8967452301', '01:23:45:67:89:AB'),
];

/** The bytes that a socket of that family hands to sendto(2). */
function packed({ family: domain, proto = 0, address }: Layout): Buffer {
  const { sendto } = native;
  let seen: Buffer | undefined;
  native.sendto = (_fd, view, _flags, sockaddr) => {
    seen = Buffer.from(sockaddr as Buffer);
    return view.byteLength;
  };
  onTestFinished(() => {
    native.sendto = sendto;
  });
  // A descriptor of any socket will do.
  const sock = keep(new Socket<number>(domain, SOCK_DGRAM, proto, new Socket(AF_UNIX, SOCK_DGRAM).detach()));
  sock.sendto('x', address as never);
  native.sendto = sendto;
  return seen!;
}

const pattern = (bytes: string) => new RegExp(`^${bytes}$`);

describe.each(layouts)('$name', (layout) => {
  test('is packed as the kernel wants it', () => {
    expect(packed(layout).toString('hex')).toMatch(pattern(layout.bytes.replaceAll('.', '0')));
  });

  test('comes back', () => {
    const sockaddr = packed(layout);
    const storage = new Uint8Array(binding.STORAGE_SIZE);
    new Uint32Array(storage.buffer)[0] = sockaddr.length;
    storage.set(sockaddr, 4);
    const { address, back = address, proto = 0 } = layout;
    expect(binding.address(storage, -1, proto)).toEqual(back);
    const fd = new Socket(AF_UNIX, SOCK_DGRAM);
    expect(binding.address(storage, keep(fd).fileno(), proto)).toEqual(back);
  });
});

/** An argument as JSON for layouts.py. */
function encoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encoded);
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  return typeof value === 'bigint' ? { int: String(value) } : value;
}

const machine = ['x64', 'arm64'].includes(process.arch)
  ? undefined
  : `the number of sendto(2) on ${process.arch} is not known`;
const missing = noPython || machine;

test.skipIf(missing)(`CPython packs the same${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const cases = layouts.filter(({ python: asked }) => asked !== false);
  const { status, stdout, stderr } = spawnSync(
    python!,
    [fileURLToPath(new URL('layouts.py', import.meta.url))],
    {
      input: JSON.stringify(
        cases.map(({ family: domain, proto = 0, address }) => [domain, proto, encoded(address)]),
      ),
      encoding: 'utf8',
      timeout: 15_000,
    },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const theirs = JSON.parse(stdout) as { bytes?: string }[];
  expect(theirs).toHaveLength(cases.length);
  for (const [index, { name, bytes }] of cases.entries()) {
    expect(theirs[index], name).toEqual({ bytes: expect.stringMatching(pattern(bytes)) });
  }
});
