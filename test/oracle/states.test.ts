/** What a socket is and knows: closed ones, what they are made with, what a descriptor tells. */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from 'bsd-socket';
import { type Case, compare, of, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const stream: Step = ['a, b = socket.socketpair'];

compare('on a closed socket', [
  ...(
    [
      ['accept'],
      ['bind', ['127.0.0.1', 0]],
      ['connect', ['127.0.0.1', 1]],
      ['connect_ex', ['127.0.0.1', 1]],
      ['detach'],
      ['dup'],
      ['close'],
      ['fileno'],
      ['get_inheritable'],
      ['getblocking'],
      ['getpeername'],
      ['getsockname'],
      ['getsockopt', 1, 3],
      ['gettimeout'],
      ['listen'],
      ['recv', 1],
      ['recvfrom', 1],
      ['send', bytes('x')],
      ['send', bytes('')],
      ['sendall', bytes('x')],
      ['sendall', bytes('')],
      ['sendto', bytes('x'), ['127.0.0.1', 1]],
      ['set_inheritable', true],
      ['setblocking', false],
      ['setblocking', true],
      ['setsockopt', 1, 2, 1],
      ['settimeout', 1],
      ['settimeout', null],
      ['shutdown', 2],
    ] as [string, ...unknown[]][]
  ).map(
    ([call, ...args]): Case => ({
      name: `${call} ${args.length > 0 ? JSON.stringify(args) : ''}`,
      steps: [['a = socket.socket'], ['a.close'], [`a.${call}`, ...args]],
    }),
  ),
  {
    name: 'what it was is still known',
    steps: [
      ['a = socket.socket', AF_INET6, SOCK_DGRAM],
      ['a.settimeout', 1.5],
      ['a.close'],
      ['get a.family'],
      ['get a.type'],
      ['get a.proto'],
      ['get a.timeout'],
      ['a.gettimeout'],
      ['a.getblocking'],
      ['a.fileno'],
    ],
  },
  {
    name: 'settimeout fails',
    differs: 'failed settimeout',
    steps: [['a = socket.socket'], ['a.close'], ['a.settimeout', 1], ['a.gettimeout']],
  },
  {
    name: 'detach gives the descriptor up',
    steps: [
      stream,
      ['c = a.detach'],
      ['a.fileno'],
      ['a.detach'],
      ['socket.close', ref('c')],
      ['b.recv', 1],
      ['a.recv', 1],
    ],
  },
  {
    name: 'the other side sees the end',
    steps: [stream, ['a.close'], ['a.close'], ['b.recv', 1], ['b.send', bytes('x')]],
  },
]);

const made = (rows: [string, unknown[], Case['differs']?][]): Case[] =>
  rows.map(([name, args, differs]) => ({
    name,
    steps: [
      ['a = socket.socket', ...args],
      ['get a.family'],
      ['get a.type'],
      ['get a.proto'],
      ['a.gettimeout'],
      ['a.get_inheritable'],
    ],
    differs,
  }));

compare('a socket made with', [
  ...made([
    ['nothing', []],
    ['AF_INET', [AF_INET]],
    ['-1, -1, -1', [-1, -1, -1]],
    ['None as fileno', [AF_INET, SOCK_STREAM, 0, null]],
    ['AF_INET6, SOCK_DGRAM', [AF_INET6, SOCK_DGRAM]],
    ['AF_UNIX', [AF_UNIX]],
    ['AF_UNIX, SOCK_SEQPACKET', [AF_UNIX, SOCK_SEQPACKET]],
    ['a protocol', [AF_INET, SOCK_STREAM, IPPROTO_TCP]],
    ['SOCK_NONBLOCK', [AF_INET, SOCK_STREAM | SOCK_NONBLOCK]],
    ['SOCK_CLOEXEC', [AF_INET, SOCK_DGRAM | SOCK_CLOEXEC]],
    ['both', [AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK]],
  ]),
  ...(
    [
      ['an unknown family', [200]],
      ['an unknown type', [AF_INET, 99]],
      ['a wrong protocol', [AF_INET, SOCK_STREAM, IPPROTO_UDP]],
      ['a negative protocol', [AF_INET, SOCK_STREAM, -2], 'negative numbers'],
      ['a raw socket of no protocol', [AF_INET, SOCK_RAW]],
      ['a family that is text', ['AF_INET']],
      ['a type that is text', [AF_INET, 'SOCK_STREAM']],
      ['a protocol that is text', [AF_INET, SOCK_STREAM, 'tcp']],
      ['a family of 1.5', [1.5], 'fractions'],
      ['a family of 2 ** 31', [2 ** 31]],
      ['a family of -2', [-2], 'negative numbers'],
      ['a descriptor of -1', [AF_INET, SOCK_STREAM, 0, -1]],
      ['a descriptor of -1 and nothing else', [-1, -1, -1, -1]],
      ['a descriptor of 1.5', [-1, -1, -1, 1.5], 'fractions'],
      ['a descriptor that is text', [-1, -1, -1, '5']],
      ['a descriptor that is not open', [-1, -1, -1, 1_000_000]],
      ['a descriptor that is not open, and everything given', [AF_INET, SOCK_STREAM, 0, 1_000_000]],
      ['a descriptor of 2 ** 31', [-1, -1, -1, 2 ** 31]],
    ] as [string, unknown[], Case['differs']?][]
  ).map(([name, args, differs]): Case => ({ name, steps: [['socket.socket', ...args]], differs })),
]);

const adopted = (make: Step): Case => ({
  name: make.slice(1).join(', '),
  steps: [
    make,
    ['fd = a.detach'],
    ['b = socket.socket', -1, -1, -1, ref('fd')],
    ['get b.family'],
    ['get b.type'],
    ['get b.proto'],
    ['b.gettimeout'],
    ['b.get_inheritable'],
  ],
});

compare('a descriptor tells', [
  ...[AF_INET, AF_INET6].flatMap((family) =>
    [SOCK_STREAM, SOCK_DGRAM].map((type) => adopted(['a = socket.socket', family, type])),
  ),
  ...[SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET].map((type) => adopted(['a = socket.socket', AF_UNIX, type])),
  adopted(['a = socket.socket', AF_INET, SOCK_STREAM | SOCK_NONBLOCK]),
  {
    name: 'what is given counts',
    steps: [
      ['a = socket.socket', AF_INET, SOCK_STREAM],
      ['fd = a.detach'],
      ['b = socket.socket', AF_INET6, SOCK_DGRAM, 99, ref('fd')],
      ['get b.family'],
      ['get b.type'],
      ['get b.proto'],
    ],
  },
  {
    name: 'fromfd duplicates',
    steps: [
      stream,
      ['c = socket.fromfd', of('a.fileno'), AF_UNIX, SOCK_STREAM],
      ['c.get_inheritable'],
      ['a.close'],
      ['c.send', bytes('x')],
      ['b.recv', 9],
      ['get c.proto'],
    ],
  },
  {
    name: 'fromfd with a wrong descriptor',
    steps: [
      ['socket.fromfd', -1, AF_INET, SOCK_STREAM],
      ['socket.fromfd', 1_000_000, AF_INET, SOCK_STREAM],
      ['socket.fromfd', 'x', AF_INET, SOCK_STREAM],
    ],
  },
  {
    name: 'dup and close of descriptors',
    steps: [
      stream,
      ['fd = socket.dup', of('a.fileno')],
      ['a.close'],
      ['socket.close', ref('fd')],
      ['b.recv', 1],
      ['socket.close', 1_000_000],
      ['socket.dup', 1_000_000],
      ['socket.close', 'x'],
      ['socket.dup', null],
    ],
  },
]);

compare('inheritance', [
  {
    name: 'of a new socket',
    steps: [
      ['a = socket.socket'],
      ['a.get_inheritable'],
      ['a.set_inheritable', true],
      ['a.get_inheritable'],
      ['a.set_inheritable', false],
      ['a.get_inheritable'],
    ],
  },
  { name: 'of a pair', steps: [stream, ['a.get_inheritable'], ['b.get_inheritable']] },
  {
    name: 'of a duplicate',
    steps: [stream, ['a.set_inheritable', true], ['c = a.dup'], ['c.get_inheritable']],
  },
  {
    name: 'of an accepted connection',
    steps: [
      ['s = socket.create_server', ['127.0.0.1', 0]],
      ['s.set_inheritable', true],
      ['a = socket.create_connection', of('s.getsockname')],
      ['b, address = s.accept'],
      ['b.get_inheritable'],
      ['a.get_inheritable'],
    ],
  },
]);

compare('socketpair', [
  {
    name: 'is AF_UNIX and SOCK_STREAM',
    steps: [
      ['socket.socketpair'],
      stream,
      ['a.getsockname'],
      ['a.getpeername'],
      ['get a.proto'],
      ['a.gettimeout'],
    ],
  },
  { name: 'of datagrams', steps: [['socket.socketpair', AF_UNIX, SOCK_DGRAM]] },
  {
    name: 'with SOCK_NONBLOCK',
    steps: [
      ['a, b = socket.socketpair', AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK],
      ['a.gettimeout'],
      ['get b.type'],
    ],
  },
  { name: 'of None', steps: [['socket.socketpair', null]] },
  { name: 'of a family without pairs', steps: [['socket.socketpair', AF_INET]] },
  {
    name: 'of text',
    steps: [
      ['socket.socketpair', 'AF_UNIX'],
      ['socket.socketpair', AF_UNIX, 'SOCK_STREAM'],
      ['socket.socketpair', AF_UNIX, SOCK_STREAM, 'tcp'],
    ],
  },
]);
