/**
 * sendmsg, recvmsg, recvmsg_into, CMSG_LEN, CMSG_SPACE, send_fds, recv_fds: what CPython's own test_socket expects of
 * them (SendmsgTests, RecvmsgTests, CmsgMacroTests, SCMRightsTest, RFC3542AncillaryTest), asked of both.
 */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  CMSG_LEN,
  CMSG_SPACE,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SCM_RIGHTS,
  SO_PASSCRED,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_IP,
  SOL_SOCKET,
} from 'bsd-socket';
import { type Case, compare, float, list, of, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const ints = (...numbers: number[]) => Buffer.from(Int32Array.from(numbers).buffer);
const memory = (size: number) => of('memory', size);
/** After a send that found no more room TCP may still move some bytes on, and then there is room again. */
const full: Step[] = Array(5).fill(['a.sendall', memory(10_000_000), MSG_DONTWAIT]);
const MSG = bytes('Michael Gilfix was here\n\xf5');

/** Sockets of which `a` sends to `b`; and the address argument that `a` needs for that. */
interface Transport {
  name: string;
  open: Step[];
  to?: unknown;
  stream?: true;
}
const datagrams = (family: number, host: string, proto: number): Step[] => [
  ['b = socket.socket', family, SOCK_DGRAM, proto],
  ['b.bind', [host, 0]],
  ['a = socket.socket', family, SOCK_DGRAM, proto],
];
const IPPROTO_UDPLITE = 136;
const there = of('b.getsockname');
const transports: Transport[] = [
  { name: 'UDP', open: datagrams(AF_INET, '127.0.0.1', 0), to: there },
  { name: 'UDP over IPv6', open: datagrams(AF_INET6, '::1', 0), to: there },
  { name: 'UDP-Lite', open: datagrams(AF_INET, '127.0.0.1', IPPROTO_UDPLITE), to: there },
  {
    name: 'TCP',
    open: [
      ['s = socket.create_server', ['127.0.0.1', 0]],
      ['a = socket.create_connection', of('s.getsockname')],
      ['b, peer = s.accept'],
    ],
    stream: true,
  },
  { name: 'a Unix stream', open: [['a, b = socket.socketpair', AF_UNIX, SOCK_STREAM]], stream: true },
  { name: 'Unix datagrams', open: [['a, b = socket.socketpair', AF_UNIX, SOCK_DGRAM]] },
  { name: 'Unix packets', open: [['a, b = socket.socketpair', AF_UNIX, SOCK_SEQPACKET]] },
];

for (const { name, open, to, stream } of transports) {
  const send = (buffers: unknown, ancdata: unknown = [], flags: unknown = 0): Step =>
    to === undefined ? ['a.sendmsg', buffers, ancdata, flags] : ['a.sendmsg', buffers, ancdata, flags, to];
  /** Steps in both forms of receiving: where `size` bytes are received, and what was. */
  const received = (title: string, before: Step[], size: number, ...rest: unknown[]): Case[] => [
    { name: `recvmsg ${title}`, steps: [...open, ...before, ['b.recvmsg', size, ...rest]] },
    {
      name: `recvmsg_into ${title}`,
      steps: [...open, ...before, ['m = memory', size], ['b.recvmsg_into', [ref('m')], ...rest], ['get m']],
    },
  ];

  compare(`over ${name}`, [
    { name: 'sendmsg', steps: [...open, send([MSG]), ['b.recv', 100]] },
    {
      name: 'sendmsg of two pieces',
      steps: [...open, send([MSG.subarray(0, 3), MSG.subarray(3)]), ['b.recv', 100]],
    },
    {
      name: 'sendmsg of empty pieces',
      steps: [...open, send([bytes(''), bytes('x'), bytes('')]), ['b.recv', 9]],
    },
    { name: 'sendmsg of text', steps: [...open, send(['text'])], differs: 'text as bytes' },
    {
      name: 'sendmsg without its arguments, or with wrong ones',
      steps: [
        ...open,
        ['a.sendmsg'],
        send(bytes('not in an iterable')),
        send('not in an iterable either'),
        send(5),
        send(null),
        send([5]),
        send([MSG, null]),
        send([MSG], 5),
        send([MSG], [], null),
        send([MSG], [], 'x'),
        ['a.sendmsg', [MSG], [], 0, 5],
      ],
    },
    { name: 'sendmsg with flags of 1.5', steps: [...open, send([MSG], [], 1.5)], differs: 'fractions' },
    {
      name: 'sendmsg with wrong ancillary data',
      steps: [
        ...open,
        send([MSG], [5]),
        send([MSG], [[null, 0, bytes('data')]]),
        send([MSG], [[0, null, bytes('data')]]),
        send([MSG], [[0, 0, 5]]),
        send([MSG], [[0, 0]]),
        send([MSG], [[0, 0, bytes('data'), 42]]),
        send([MSG], [0, 0, bytes('')]),
        send([MSG], [[0, 0, bytes('')], null]),
        send([MSG], [[2 ** 31, 0, bytes('')]]),
        send([MSG], null),
      ],
    },
    {
      name: 'sendmsg with ancillary data that the kernel does not know',
      steps: [...open, send([MSG], [[SOL_SOCKET, 12345, ints(0)]]), send([MSG], [[SOL_IP, 12345, ints(0)]])],
    },
    { name: 'sendmsg on a closed socket', steps: [...open, ['a.close'], ['a.sendmsg', [MSG]]] },
    {
      name: 'sendmsg without an address',
      steps: [...open, ['a.sendmsg', [MSG]], ['a.sendmsg', [MSG], [], 0, null]],
    },
    {
      name: 'sendmsg of more pieces than the kernel takes',
      steps: [...open, send(new Array(1024).fill(bytes('x'))), send(new Array(1025).fill(bytes('x')))],
    },

    ...received('of a message', [send([MSG])], MSG.length),
    ...received('with all arguments', [send([MSG])], MSG.length, 0, 0),
    ...received('of a shorter message', [send([MSG])], MSG.length + 42),
    ...received('of a longer message', [send([MSG])], MSG.length - 3),
    ...received('of no bytes', [send([MSG])], 0),
    ...received('with MSG_TRUNC', [send([MSG])], MSG.length - 3, 0, stream ? 0 : MSG_TRUNC),
    ...received('with room for ancillary data', [send([MSG])], MSG.length, 10240),
    ...received('with too little room', [send([MSG])], MSG.length, 1),
    ...received('with MSG_PEEK', [send([MSG])], MSG.length - 3, 0, MSG_PEEK),
    ...received('with MSG_DONTWAIT', [], 9, 0, MSG_DONTWAIT),
    ...received('with MSG_CMSG_CLOEXEC', [send([MSG])], MSG.length, 0, MSG_CMSG_CLOEXEC),
    ...received('until a timeout', [['b.settimeout', 0.01]], 9),
    ...received('on a closed socket', [['b.close']], 9),
    ...(stream ? received('at the end', [['a.close']], 9) : []),
    ...(stream ? received('with MSG_WAITALL', [send([MSG])], MSG.length, 0, MSG_WAITALL) : []),
    {
      name: 'recvmsg with wrong arguments',
      steps: [
        ...open,
        ['b.recvmsg'],
        ['b.recvmsg', -1, 0, 0],
        ['b.recvmsg', 9, -1, 0],
        ['b.recvmsg', [memory(10)], 0, 0],
        ['b.recvmsg', null],
        ['b.recvmsg', 9, null],
        ['b.recvmsg', 9, 0, null],
        ['b.recvmsg', 2 ** 63],
        ['b.recvmsg', 9, 2 ** 31],
      ],
    },
    { name: 'recvmsg of 1.5 bytes', steps: [...open, ['b.recvmsg', 1.5]], differs: 'fractions' },
    {
      name: 'recvmsg of 9.0 bytes',
      steps: [...open, send([MSG]), ['b.recvmsg', float(9)]],
      differs: 'whole floats',
    },
    {
      name: 'recvmsg_into with wrong arguments',
      steps: [
        ...open,
        ['b.recvmsg_into'],
        ['b.recvmsg_into', 9, 0, 0],
        ['b.recvmsg_into', memory(9), 0, 0],
        ['b.recvmsg_into', [5], 0, 0],
        ['b.recvmsg_into', ['text'], 0, 0],
        ['b.recvmsg_into', [memory(9), null], 0, 0],
        ['b.recvmsg_into', [memory(9)], -1, 0],
        ['b.recvmsg_into', [memory(9)], null, 0],
        ['b.recvmsg_into', [memory(9)], 0, null],
      ],
    },
    {
      name: 'recvmsg_into several pieces',
      steps: [
        ...open,
        send([bytes('Mary had a little lamb')]),
        ['one = memory', 4],
        ['two = memory', 0],
        ['three = memory', 7],
        ['four = memory', 14],
        ['b.recvmsg_into', [ref('one'), ref('two'), ref('three'), ref('four')]],
        ['get one'],
        ['get three'],
        ['get four'],
      ],
    },
    {
      name: 'recvmsg_into nothing, and more pieces than the kernel takes',
      steps: [
        ...open,
        send([MSG]),
        ['b.recvmsg_into', []],
        send([MSG]),
        ['b.recvmsg_into', new Array(1025).fill(memory(1))],
      ],
    },
    ...(stream
      ? [
          {
            name: 'a message in two parts',
            steps: [...open, send([MSG]), ['b.recvmsg', 5], ['b.recvmsg', 100]] as Step[],
          },
          {
            name: 'sendmsg until a timeout',
            steps: [...open, ...full, ['a.settimeout', 0.01], ['a.sendmsg', [MSG]]] as Step[],
          },
          {
            name: 'sendmsg with MSG_DONTWAIT',
            steps: [...open, ...full, ['a.sendmsg', [MSG], [], MSG_DONTWAIT]] as Step[],
          },
        ]
      : []),
  ]);
}

// Descriptors: 0, 1 and 2 are there in every process. Numbers of received ones differ, so that their length counts.

const rights = (data: Buffer): unknown[] => [SOL_SOCKET, SCM_RIGHTS, data];
const pair: Step = ['a, b = socket.socketpair'];

/** Both forms of receiving descriptors. */
function passed(title: string, steps: Step[], ...ancbufsize: number[]): Case[] {
  return [
    { name: `${title}, recvmsg`, steps: [...steps, ['lengths', of('b.recvmsg', 100, ...ancbufsize)]] },
    {
      name: `${title}, recvmsg_into`,
      steps: [...steps, ['lengths', of('b.recvmsg_into', [memory(100)], ...ancbufsize)]],
    },
  ];
}
// Where nothing could be sent there is nothing to wait for.
const pass = (...datas: Buffer[]): Step[] => [
  pair,
  ['b.settimeout', 0.01],
  ['a.sendmsg', [MSG], datas.map(rights)],
];

compare('descriptors', [
  ...passed('one', pass(ints(0)), 10240),
  ...passed('four', pass(ints(0, 1, 2, 0)), 10240),
  ...passed('four into CMSG_SPACE', pass(ints(0, 1, 2, 0)), CMSG_SPACE(16)),
  ...passed('one into CMSG_LEN of four', pass(ints(0)), CMSG_LEN(16)),
  ...passed('two, separately', pass(ints(0), ints(1)), 10240),
  ...passed('two, separately, into little space', pass(ints(0), ints(1)), CMSG_SPACE(4) + CMSG_LEN(8)),
  ...passed('none', pass(Buffer.alloc(0)), 10240),
  ...passed('a part of one', pass(ints(-0x5555).subarray(0, 3)), 10240),
  ...passed('a part of one in the middle', pass(ints(0, -0x5555).subarray(0, 7), ints(1)), 10240),
  ...passed('one that is not open', pass(ints(-0x5555)), 10240),
  ...passed('more than there may be', pass(ints(...new Array(254).fill(0))), 10240),
  ...passed('as many as there may be', pass(ints(...new Array(253).fill(0))), 10240),
  ...passed('without room', pass(ints(0))),
  ...[0, 1, 8, CMSG_LEN(0) - 1, CMSG_LEN(0), CMSG_LEN(0) + 1].flatMap((size) =>
    passed(`one into ${size} bytes`, pass(ints(0)), size),
  ),
  ...[0, 1, CMSG_LEN(0), CMSG_LEN(4), CMSG_LEN(6), CMSG_LEN(8) - 1, CMSG_SPACE(4)].flatMap((size) =>
    passed(`two into ${size} bytes`, pass(ints(0, 1)), size),
  ),
  {
    name: 'in a list',
    steps: [pair, ['a.sendmsg', [MSG], [list(SOL_SOCKET, SCM_RIGHTS, ints(0))]]],
  },
  ...passed('that nobody asks for', [...pass(ints(0)), ['b.recv', 3]], 10240),
  ...passed('with the end of a stream', [...pass(ints(0)), ['a.close']], 10240),
  ...passed(
    'with MSG_WAITALL',
    [
      pair,
      ['a.send', bytes('one')],
      ['a.sendmsg', [bytes('two')], [rights(ints(0))]],
      ['a.send', bytes('three')],
    ],
    10240,
    MSG_WAITALL,
  ),
]);

const fdsOf = (...args: unknown[]) => of('socket.recv_fds', ref('b'), ...args);

compare('send_fds and recv_fds', [
  { name: 'one', steps: [pair, ['socket.send_fds', ref('a'), [MSG], [0]], ['lengths', fdsOf(100, 1)]] },
  {
    name: 'three',
    steps: [pair, ['socket.send_fds', ref('a'), [MSG], [0, 1, 2]], ['lengths', fdsOf(100, 9)]],
  },
  {
    name: 'more than asked for',
    steps: [pair, ['socket.send_fds', ref('a'), [MSG], [0, 1, 2]], ['lengths', fdsOf(100, 2)]],
  },
  {
    name: 'none asked for',
    steps: [pair, ['socket.send_fds', ref('a'), [MSG], [0]], ['lengths', fdsOf(9, 0)]],
  },
  { name: 'none sent', steps: [pair, ['socket.send_fds', ref('a'), [MSG], []], ['lengths', fdsOf(100, 2)]] },
  { name: 'the end', steps: [pair, ['a.close'], ['lengths', fdsOf(100, 2)]] },
  {
    name: 'wrong arguments',
    steps: [pair, ['socket.send_fds', ref('a'), [MSG], ['x']], ['lengths', fdsOf(null, 1)]],
  },
  { name: 'of a closed descriptor', steps: [pair, ['socket.send_fds', ref('a'), [MSG], [98765]]] },
  { name: 'a negative number of them', steps: [pair, ['lengths', fdsOf(100, -1)]] },
  {
    name: 'with flags',
    steps: [
      pair,
      ['socket.send_fds', ref('a'), [MSG], [0]],
      ['lengths', fdsOf(100, 1, MSG_PEEK)],
      ['b.setblocking', false],
      ['lengths', fdsOf(100, 1)],
    ],
    differs: 'flags of recv_fds',
  },
  {
    name: 'with an address',
    steps: [
      ['s = socket.socket', AF_UNIX, SOCK_DGRAM],
      ['s.bind', ''],
      ['c = socket.socket', AF_UNIX, SOCK_DGRAM],
      ['socket.send_fds', ref('c'), [MSG], [0], 0, of('s.getsockname')],
    ],
    differs: 'flags of send_fds',
  },
  {
    name: 'on a socket with SO_PASSCRED',
    steps: [
      pair,
      ['b.setsockopt', SOL_SOCKET, SO_PASSCRED, 1],
      ['socket.send_fds', ref('a'), [MSG], [0, 1]],
      ['lengths', fdsOf(100, 1)],
    ],
    differs: 'credentials of recv_fds',
  },
]);

// IPv6's options of RFC 3542.

const udp6: Step[] = [...datagrams(AF_INET6, '::1', 0), ['b.setsockopt', IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1]];
const both: Step[] = [...udp6, ['b.setsockopt', IPPROTO_IPV6, IPV6_RECVTCLASS, 1]];
const limit = [IPPROTO_IPV6, IPV6_HOPLIMIT, ints(2)];
const tclass = (data: Buffer) => [IPPROTO_IPV6, IPV6_TCLASS, data];
const sent = (...ancdata: unknown[]): Step => ['a.sendmsg', [MSG], ancdata, 0, there];

function rfc3542(title: string, steps: Step[], ...ancbufsize: number[]): Case[] {
  return [
    { name: `${title}, recvmsg`, steps: [...steps, ['b.recvmsg', 100, ...ancbufsize]] },
    { name: `${title}, recvmsg_into`, steps: [...steps, ['b.recvmsg_into', [memory(100)], ...ancbufsize]] },
  ];
}

compare('hop limit and traffic class', [
  ...rfc3542('hop limit', [...udp6, sent()], 10240),
  ...rfc3542('hop limit into CMSG_SPACE', [...udp6, sent()], CMSG_SPACE(4)),
  ...rfc3542('hop limit set', [...udp6, sent(limit)], 10240),
  ...rfc3542('both', [...both, sent()], 10240),
  ...rfc3542('both into CMSG_SPACE', [...both, sent()], 2 * CMSG_SPACE(4)),
  ...rfc3542('both set', [...both, sent(tclass(ints(-1)), limit)], 10240),
  ...rfc3542('both set, in the other order', [...both, sent(limit, tclass(ints(0x2e << 2)))], 10240),
  ...rfc3542('an odd size', [...both, sent(tclass(Buffer.alloc(5)), limit), sent()], 10240),
  ...rfc3542('without room', [...udp6, sent()]),
  ...[0, 1, 8, CMSG_LEN(0) - 1, CMSG_LEN(0), CMSG_LEN(4) - 1, CMSG_LEN(4)].flatMap((size) =>
    rfc3542(`one in ${size} bytes`, [...udp6, sent()], size),
  ),
  ...[0, 1, 8, CMSG_LEN(0) - 1, CMSG_LEN(4) - 1, CMSG_LEN(4)].flatMap((size) =>
    rfc3542(`the second in ${size} bytes`, [...both, sent()], CMSG_SPACE(4) + size),
  ),
]);

const LIMIT = 0x7fffffff;
const values = [...Array(257).keys()];
const valid = (most: number) => [...values, ...values.map((value) => most - value)];
const invalid = (most: number) => [-1, most + 1, 2 ** 31, 2 ** 63 - 1];

compare('sizes of control messages', [
  {
    name: 'CMSG_LEN',
    steps: [...valid(LIMIT - CMSG_LEN(0)), ...invalid(LIMIT - CMSG_LEN(0))].map(
      (n): Step => ['socket.CMSG_LEN', n],
    ),
  },
  {
    name: 'CMSG_SPACE',
    steps: [...valid(LIMIT - CMSG_SPACE(1)), ...invalid(LIMIT - CMSG_SPACE(1))].map(
      (n): Step => ['socket.CMSG_SPACE', n],
    ),
  },
  {
    name: 'of wrong kinds',
    steps: [['socket.CMSG_LEN', 'x'], ['socket.CMSG_SPACE', null], ['socket.CMSG_LEN']],
  },
]);
