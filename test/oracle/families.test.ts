/** Addresses of the families beyond the Internet's: what CPython takes, what it refuses, and what the kernel makes of them. */
import {
  AF_ALG,
  AF_CAN,
  AF_KEY,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_TIPC,
  AF_UNIX,
  AF_VSOCK,
  CAN_BCM,
  CAN_ISOTP,
  CAN_J1939,
  CAN_RAW,
  NETLINK_USERSOCK,
  SO_TYPE,
  SO_VM_SOCKETS_BUFFER_SIZE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  VMADDR_CID_ANY,
} from 'bsd-socket';
import { noRaw, noVsock } from '../families.ts';
import { type Case, compare, float, list, of, type Step } from './oracle.ts';

type Row = [name: string, address: unknown, differs?: Case['differs']];

/**
 * bind, connect and sendto with an address, each on a socket that only takes itself for one of the family: the kernel
 * refuses whatever gets as far as it, with the same errno on both sides.
 */
function disguised(family: number, proto: number, rows: Row[]): Case[] {
  return rows.map(([name, address, differs]) => ({
    name,
    differs,
    steps: ['a', 'b', 'c'].flatMap((socket, index): Step[] => [
      [`u${socket} = socket.socket`, AF_UNIX, SOCK_DGRAM],
      [`${socket} = socket.socket`, family, SOCK_DGRAM, proto, of(`u${socket}.detach`)],
      index === 0
        ? ['a.bind', address]
        : index === 1
          ? ['b.connect', address]
          : ['c.sendto', Buffer.from('x'), address],
    ]),
  }));
}

const pairs: Row[] = [
  ['of two numbers', [1, 2]],
  ['of the largest numbers', [2 ** 32 - 1, 2 ** 32 - 1]],
  ['None', null],
  ['a number', 5],
  ['text', 'x'],
  ['of one', [1]],
  ['of three', [1, 2, 3]],
  ['empty', []],
  ['of text', ['1', 2]],
  ['of None', [1, null]],
  ['a list', list(1, 2), 'lists'],
  ['of floats', [float(1), 2], 'whole floats'],
  ['of fractions', [1.5, 2], 'fractions'],
  ['of 2 ** 32', [2 ** 32, 0], 'numbers of addresses'],
  ['of -1', [0, -1], 'numbers of addresses'],
];

compare('an AF_VSOCK address', disguised(AF_VSOCK, 0, pairs));
compare('an AF_QIPCRTR address', disguised(AF_QIPCRTR, 0, pairs));
compare('an AF_NETLINK address', disguised(AF_NETLINK, 0, pairs));

compare(
  'an AF_PACKET address',
  disguised(AF_PACKET, 0, [
    ['of two', ['lo', 3]],
    ['of three', ['lo', 3, 4]],
    ['of four', ['lo', 3, 4, 772]],
    ['of five', ['lo', 3, 0, 0, Buffer.alloc(8)]],
    ['of one', ['lo']],
    ['of six', ['lo', 3, 0, 0, Buffer.alloc(0), 0]],
    ['None', null],
    ['text', 'lo'],
    ['an interface that is not there', ['nowhere', 3]],
    ['no interface', ['', 3]],
    ['a name that no interface can have', ['x'.repeat(40), 3]],
    ['an interface by number', [1, 3]],
    ['an interface as bytes', [Buffer.from('lo'), 3], 'bytes in addresses'],
    ['an interface with NUL', ['lo\0', 3], 'NUL'],
    ['protocol 65535', ['lo', 65535]],
    ['protocol 65536', ['lo', 65536]],
    ['protocol -1', ['lo', -1]],
    ['protocol as text', ['lo', '3']],
    ['a packet type of 256', ['lo', 3, 256], 'numbers of addresses'],
    ['a hardware type of 65536', ['lo', 3, 0, 65536], 'numbers of addresses'],
    ['an address of nine bytes', ['lo', 3, 0, 0, Buffer.alloc(9)]],
    ['an address as text', ['lo', 3, 0, 0, 'abc']],
    ['an address None', ['lo', 3, 0, 0, null]],
  ]),
);

// None is a SystemError where CPython forgets to ask for a tuple: CAN_ISOTP and CAN_J1939.
const interfaces = (rest: unknown[]): Row[] => [
  ['of an interface', ['lo', ...rest]],
  ['of every interface', ['', ...rest]],
  ['of an interface as bytes', [Buffer.from('lo'), ...rest]],
  ['of an interface that is not there', ['nowhere', ...rest]],
  ['of a name of 15 bytes', ['x'.repeat(15), ...rest]],
  ['of a name of 16 bytes', ['x'.repeat(16), ...rest]],
  ['of a name that is a number', [1, ...rest]],
  ['of nothing', []],
  ['with one more', ['lo', ...rest, 1]],
];

compare('an AF_CAN address of CAN_RAW', disguised(AF_CAN, CAN_RAW, [...interfaces([]), ['None', null]]));
compare('an AF_CAN address of CAN_BCM', disguised(AF_CAN, CAN_BCM, interfaces([])));
compare('an AF_CAN address of CAN_ISOTP', [
  ...disguised(AF_CAN, CAN_ISOTP, interfaces([1, 2])),
  ...disguised(AF_CAN, CAN_ISOTP, [
    ['without ids', ['lo']],
    ['ids as text', ['lo', '1', 2]],
    ['the largest ids', ['lo', 2 ** 32 - 1, 2 ** 32 - 1]],
    ['an id of 2 ** 32', ['lo', 2 ** 32, 0], 'numbers of addresses'],
  ]),
]);
compare('an AF_CAN address of CAN_J1939', [
  ...disguised(AF_CAN, CAN_J1939, interfaces([1, 2, 3])),
  ...disguised(AF_CAN, CAN_J1939, [
    ['without a name', ['lo']],
    ['the largest numbers', ['lo', 2n ** 64n - 1n, 0x40000, 255]],
    ['an address of 256', ['lo', 1, 2, 256], 'numbers of addresses'],
    ['a name of -1', ['lo', -1, 2, 3], 'numbers of addresses'],
    ['a name of 2 ** 64', ['lo', 2n ** 64n, 2, 3], 'numbers of addresses'],
    ['a name that is text', ['lo', '1', 2, 3]],
  ]),
]);
compare(
  'an AF_CAN address of another protocol',
  disguised(AF_CAN, 99, [
    ['is none', ['lo']],
    ['nothing', null],
  ]),
);

compare(
  'an AF_TIPC address',
  disguised(AF_TIPC, 0, [
    ['a range', [1, 2, 3, 4]],
    ['a name', [2, 2, 3, 4, 1]],
    ['a socket', [3, 2, 3, 4, 3]],
    ['of an unknown type', [4, 2, 3, 4]],
    ['of type 0', [0, 2, 3, 4]],
    ['of three', [1, 2, 3]],
    ['of six', [1, 2, 3, 4, 5, 6]],
    ['None', null],
    ['of text', [1, '2', 3, 4]],
    ['a number of -1', [1, -1, 3, 4], 'numbers of addresses'],
    ['a scope of 256', [1, 2, 3, 4, 256], 'numbers of addresses'],
  ]),
);

compare(
  'an AF_ALG address',
  disguised(AF_ALG, 0, [
    ['of two', ['hash', 'sha256']],
    ['of three', ['hash', 'sha256', 1]],
    ['of four', ['hash', 'sha256', 1, 2]],
    ['of one', ['hash']],
    ['of five', ['hash', 'sha256', 1, 2, 3]],
    ['None', null],
    ['text', 'hash'],
    ['a type of 13 bytes', ['t'.repeat(13), 'n']],
    ['a type of 14 bytes', ['t'.repeat(14), 'n']],
    ['a name of 63 bytes', ['t', 'n'.repeat(63)]],
    ['a name of 64 bytes', ['t', 'n'.repeat(64)]],
    ['a type with NUL', ['t\0', 'n'], 'NUL'],
    ['a type as bytes', [Buffer.from('t'), 'n'], 'bytes in addresses'],
    ['features as text', ['t', 'n', '1']],
  ]),
);

compare(
  'an address of a family that nobody knows',
  disguised(AF_KEY, 0, [
    ['None', null],
    ['a pair', ['lo', 1]],
    ['bytes', Buffer.from('x')],
    ['another family', [AF_ALG, Buffer.alloc(14)]],
    ['the family and bytes', [AF_KEY, Buffer.alloc(14)], 'unknown families'],
  ]),
);

const title = (name: string, missing: string | undefined) =>
  missing ? `${name} (skipped: ${missing})` : name;
const where = (missing: string | undefined, cases: Case[]) => (missing ? [] : cases);

compare(title('a packet socket', noRaw), [
  ...where(noRaw, [
    { name: 'has no name', steps: [['a = socket.socket', AF_PACKET, SOCK_RAW], ['a.getsockname']] },
    {
      name: 'is named by the interface',
      steps: [
        ['a = socket.socket', AF_PACKET, SOCK_DGRAM],
        ['a.bind', ['lo', 0x88cc]],
        ['a.getsockname'],
        ['a.bind', ['nowhere', 3]],
        ['a.close'],
        ['a.bind', ['lo', 3]],
      ],
    },
  ]),
]);

compare('a netlink socket', [
  {
    name: 'is named by its port id and groups',
    steps: [
      ['a = socket.socket', AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK],
      ['a.getsockname'],
      ['a.bind', [123456789, 0]],
      ['a.getsockname'],
    ],
  },
]);

compare(
  title('a vsock socket', noVsock),
  where(noVsock, [
    {
      name: 'is named by its cid and port',
      steps: [
        ['a = socket.socket', AF_VSOCK, SOCK_STREAM],
        ['a.getsockname'],
        ['a.bind', [VMADDR_CID_ANY, 55555]],
        ['a.getsockname'],
      ],
    },
    {
      name: 'has options of 64 bits',
      steps: [
        ['a = socket.socket', AF_VSOCK, SOCK_STREAM],
        ['a.getsockopt', AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE],
        ['a.setsockopt', AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, 70000],
        ['a.getsockopt', AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE],
        ['a.getsockopt', SOL_SOCKET, SO_TYPE],
        ['a.setsockopt', AF_VSOCK, 12345, 1],
        ['a.getsockopt', AF_VSOCK, 12345],
      ],
    },
    {
      name: 'has options as bytes',
      differs: 'options of AF_VSOCK',
      steps: [
        ['a = socket.socket', AF_VSOCK, SOCK_STREAM],
        ['a.getsockopt', SOL_SOCKET, SO_TYPE, 4],
      ],
    },
  ]),
);
