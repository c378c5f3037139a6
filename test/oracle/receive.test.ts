/** recv, recv_into, recvfrom, recvfrom_into: sizes, flags, what they return. */
import { AF_UNIX, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOCK_STREAM } from 'bsd-socket';
import { type Case, compare, float, of, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const stream: Step = ['a, b = socket.socketpair'];
const datagram: Step = ['a, b = socket.socketpair', AF_UNIX, SOCK_DGRAM];
const hello: Step = ['b.sendall', bytes('hello')];

const received = (name: string, steps: Step[], differs?: Case['differs'], form?: Case['form']): Case => ({
  name,
  steps: [stream, hello, ...steps],
  differs,
  form,
});

compare('recv', [
  received('of less than there is', [
    ['a.recv', 3],
    ['a.recv', 3],
  ]),
  received('of more than there is', [['a.recv', 100]]),
  received('of 0', [
    ['a.recv', 0],
    ['a.recv', 5],
  ]),
  received('of -1', [['a.recv', -1]]),
  received('of -2 ** 31', [['a.recv', -(2 ** 31)]]),
  received('of -2 ** 63', [['a.recv', -(2 ** 63)]]),
  received('of 2 ** 64', [['a.recv', 2 ** 64]]),
  received('of 1.5', [['a.recv', 1.5]], 'fractions'),
  received('of NaN', [['a.recv', Number.NaN]], 'fractions'),
  received('of 5.0', [['a.recv', float(5)]], 'whole floats'),
  received('of None', [['a.recv', null]]),
  received('of text', [['a.recv', '5']]),
  received('of bytes', [['a.recv', bytes('5')]]),
  received('of True', [['a.recv', true]], 'booleans'),
  received('of a tuple', [['a.recv', [5]]]),
  received('without a size', [['a.recv']]),
  received('with flags that are text', [['a.recv', 5, '0']]),
  received('with flags None', [['a.recv', 5, null]]),
  received('with flags 2 ** 31', [['a.recv', 5, 2 ** 31]]),
  received('with flags 1.5', [['a.recv', 5, 1.5]], 'fractions'),
  received('with MSG_PEEK', [
    ['a.recv', 2, MSG_PEEK],
    ['a.recv', 100],
  ]),
  received('with MSG_DONTWAIT', [
    ['a.recv', 100, MSG_DONTWAIT],
    ['a.recv', 100, MSG_DONTWAIT],
  ]),
  received(
    'on a non-blocking socket',
    [
      ['a.setblocking', false],
      ['a.recv', 100],
      ['a.recv', 1],
    ],
    undefined,
    'sync',
  ),
  received('with a timeout', [
    ['a.settimeout', 0.01],
    ['a.recv', 100],
    ['a.recv', 1],
  ]),
  received('at the end', [['b.close'], ['a.recv', 100], ['a.recv', 100], ['a.recv', 0]]),
  received('of 0 without data', [
    ['a.recv', 5],
    ['a.recv', 0],
  ]),
  received('of 0 on a closed socket', [['a.close'], ['a.recv', 0], ['a.recv', 1]]),
  received('of 0 after shutdown of the other side', [
    ['b.shutdown', 1],
    ['a.recv', 0],
    ['a.recv', 9],
    ['a.recv', 9],
  ]),
]);

compare('recv of datagrams', [
  { name: 'cuts them', steps: [datagram, hello, hello, ['a.recv', 3], ['a.recv', 100]] },
  {
    name: 'knows empty ones',
    steps: [datagram, ['b.send', bytes('')], hello, ['a.recv', 100], ['a.recv', 100]],
  },
  {
    name: 'of 0 leaves them, recvfrom of 0 takes one',
    steps: [
      datagram,
      hello,
      ['a.recv', 0],
      ['a.recv', 0],
      ['a.recvfrom', 0],
      ['a.settimeout', 0.01],
      ['a.recv', 9],
    ],
  },
]);

const into = (call: string, rows: [string, unknown[], Case['differs']?][]): Case[] =>
  rows.map(([name, args, differs]) => ({
    name: `${call} ${name}`,
    steps: [stream, hello, ['buf = memory', 8], [`a.${call}`, ref('buf'), ...args], ['get buf']],
    differs,
  }));

for (const call of ['recv_into', 'recvfrom_into']) {
  compare(call, [
    ...into(call, [
      ['a whole buffer', []],
      ['a whole buffer, asked for with 0', [0]],
      ['a part', [3]],
      ['exactly its length', [8]],
      ['more than its length', [9]],
      ['-1', [-1]],
      ['-2 ** 31', [-(2 ** 31)]],
      ['2 ** 64', [2 ** 64]],
      ['1.5', [1.5], 'fractions'],
      ['None', [null]],
      ['text', ['3']],
      ['flags', [0, MSG_PEEK]],
      ['flags that are text', [0, '0']],
    ]),
    {
      name: 'a buffer without bytes',
      steps: [stream, hello, ['buf = memory', 0], [`a.${call}`, ref('buf')]],
    },
    { name: 'text', steps: [stream, hello, [`a.${call}`, 'text']] },
    { name: 'None', steps: [stream, hello, [`a.${call}`, null]] },
    { name: 'a number', steps: [stream, hello, [`a.${call}`, 8]] },
    { name: 'nothing', steps: [stream, hello, [`a.${call}`]] },
    {
      name: 'at the end',
      steps: [stream, ['b.close'], ['buf = memory', 8], [`a.${call}`, ref('buf')], ['get buf']],
    },
    {
      name: 'on a closed socket',
      steps: [stream, ['a.close'], ['buf = memory', 8], [`a.${call}`, ref('buf')]],
    },
    {
      name: 'a buffer without bytes, on a closed socket',
      steps: [stream, ['a.close'], ['buf = memory', 0], [`a.${call}`, ref('buf')]],
    },
    {
      name: 'a datagram that is longer',
      steps: [
        datagram,
        ['b.send', bytes('0123456789')],
        ['buf = memory', 8],
        [`a.${call}`, ref('buf')],
        ['get buf'],
      ],
    },
    {
      name: 'a datagram that is longer, with MSG_TRUNC',
      steps: [
        datagram,
        ['b.send', bytes('0123456789')],
        ['buf = memory', 8],
        [`a.${call}`, ref('buf'), 4, MSG_TRUNC],
        ['get buf'],
      ],
    },
  ]);
}

const udp: Step[] = [
  ['a = socket.socket', 2, SOCK_DGRAM],
  ['a.bind', ['127.0.0.1', 0]],
  ['b = socket.socket', 2, SOCK_DGRAM],
  ['b.bind', ['127.0.0.1', 0]],
  ['b.connect', of('a.getsockname')],
];

compare('recvfrom', [
  { name: 'of a stream', steps: [stream, hello, ['a.recvfrom', 100]] },
  { name: 'of a TCP stream', steps: [...tcp(), hello, ['a.recvfrom', 3], ['a.recvfrom', 3]] },
  { name: 'of UDP', steps: [...udp, ['b.send', bytes('x')], ['a.recvfrom', 100]] },
  {
    name: 'of connected UDP',
    steps: [...udp, ['a.connect', of('b.getsockname')], ['b.send', bytes('x')], ['a.recvfrom', 100]],
  },
  { name: 'of unnamed Unix datagrams', steps: [datagram, hello, ['a.recvfrom', 100]] },
  {
    name: 'of named Unix datagrams',
    steps: [datagram, ['b.bind', bytes('\0bsd-socket oracle\0b')], hello, ['a.recvfrom', 100]],
  },
  { name: 'of 0 of a stream', steps: [stream, hello, ['a.recvfrom', 0], ['a.recv', 100]] },
  { name: 'of 0 with nothing there', steps: [stream, ['a.settimeout', 0.01], ['a.recvfrom', 0]] },
  { name: 'of -1', steps: [stream, hello, ['a.recvfrom', -1]] },
  { name: 'of 1.5', steps: [stream, hello, ['a.recvfrom', 1.5]], differs: 'fractions' },
  { name: 'of text', steps: [stream, hello, ['a.recvfrom', '5']] },
  { name: 'of nothing', steps: [stream, hello, ['a.recvfrom']] },
  { name: 'at the end', steps: [stream, ['b.close'], ['a.recvfrom', 100]] },
  { name: 'of 0 on a closed socket', steps: [stream, ['a.close'], ['a.recvfrom', 0]] },
  {
    name: 'with MSG_PEEK',
    steps: [...udp, ['b.send', bytes('xyz')], ['a.recvfrom', 2, MSG_PEEK], ['a.recvfrom', 9]],
  },
  {
    name: 'on a non-blocking socket',
    steps: [stream, ['a.setblocking', false], ['a.recvfrom', 1]],
    form: 'sync',
  },
]);

/** A TCP connection `a`, `b`. */
function tcp(): Step[] {
  return [
    ['s = socket.create_server', ['127.0.0.1', 0]],
    ['a = socket.create_connection', of('s.getsockname')],
    ['b, address = s.accept'],
  ];
}

compare('without a connection', [
  { name: 'recv', steps: [['a = socket.socket'], ['a.recv', 1], ['a.recvfrom', 1]] },
  {
    name: 'recv, datagrams',
    steps: [
      ['a = socket.socket', 2, SOCK_DGRAM],
      ['a.settimeout', 0.01],
      ['a.recv', 1],
    ],
  },
  {
    name: 'recv, Unix',
    steps: [
      ['a = socket.socket', AF_UNIX, SOCK_STREAM],
      ['a.recv', 1],
      ['a.recvfrom', 1],
    ],
  },
  { name: 'send', steps: [['a = socket.socket'], ['a.send', bytes('x')], ['a.sendall', bytes('x')]] },
  {
    name: 'send, datagrams',
    steps: [
      ['a = socket.socket', 2, SOCK_DGRAM],
      ['a.send', bytes('x')],
      ['a.sendall', bytes('x')],
    ],
  },
  {
    name: 'send, Unix',
    steps: [
      ['a = socket.socket', AF_UNIX, SOCK_STREAM],
      ['a.send', bytes('x')],
    ],
  },
  {
    name: 'shutdown',
    steps: [['a = socket.socket'], ['a.shutdown', 0], ['a.shutdown', 1], ['a.shutdown', 2]],
  },
  {
    name: 'shutdown, datagrams',
    steps: [
      ['a = socket.socket', 2, SOCK_DGRAM],
      ['a.shutdown', 2],
    ],
  },
  {
    name: 'shutdown, Unix',
    steps: [
      ['a = socket.socket', AF_UNIX],
      ['a.shutdown', 2],
    ],
  },
  {
    name: 'shutdown of a connection',
    steps: [stream, ['a.shutdown', 1], ['a.send', bytes('x')], ['b.recv', 1], ['a.shutdown', 1]],
  },
  {
    name: 'shutdown of no direction',
    steps: [
      stream,
      ['a.shutdown', 3],
      ['a.shutdown', -1],
      ['a.shutdown', 2 ** 31],
      ['a.shutdown', null],
      ['a.shutdown'],
    ],
  },
  { name: 'getpeername', steps: [['a = socket.socket'], ['a.getpeername']] },
  { name: 'accept', steps: [['a = socket.socket'], ['a.accept']] },
  { name: 'accept, datagrams', steps: [['a = socket.socket', 2, SOCK_DGRAM], ['a.accept']] },
]);
