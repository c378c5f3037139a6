/** Where a call has to wait: MSG_WAITALL, the kernel's own timeouts, error queues, queues that are full. */
import {
  AF_INET,
  AF_UNIX,
  IP_RECVERR,
  IPPROTO_IP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  SO_ERROR,
  SO_OOBINLINE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from 'bsd-socket';
import { type Case, compare, of, path, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const tcp: Step[] = [
  ['s = socket.create_server', ['127.0.0.1', 0]],
  ['a = socket.create_connection', of('s.getsockname')],
  ['b, address = s.accept'],
];
const stream: Step = ['a, b = socket.socketpair'];
const hello: Step = ['b.sendall', bytes('hello')];
const limits = { 'no timeout': null, 'a timeout': 0.02, 'a timeout of 0': 0 };

/** The case with every kind of timeout, where a call that would have to wait for good must not. */
const withEvery = (make: (timeout: number | null) => Case): Case[] =>
  Object.entries(limits).map(([title, timeout]) => {
    const each = make(timeout);
    // With a timeout of 0 asynchronous calls wait without limit, which Python's do not.
    return { ...each, name: `${each.name}, ${title}`, form: timeout === 0 ? 'sync' : undefined };
  });

compare('MSG_WAITALL', [
  ...withEvery((timeout) => ({
    name: 'when all is there',
    steps: [
      stream,
      hello,
      ['a.settimeout', timeout],
      ['a.recv', 5, MSG_WAITALL],
      hello,
      ['a.recv', 2, MSG_WAITALL],
    ],
  })),
  ...withEvery((timeout) => ({
    name: 'at the end',
    steps: [
      stream,
      hello,
      ['b.close'],
      ['a.settimeout', timeout],
      ['a.recv', 9, MSG_WAITALL],
      ['a.recv', 9, MSG_WAITALL],
    ],
  })),
  ...withEvery((timeout) => ({
    name: 'into a buffer, at the end',
    steps: [
      stream,
      hello,
      ['b.close'],
      ['a.settimeout', timeout],
      ['buf = memory', 9],
      ['a.recv_into', ref('buf'), 9, MSG_WAITALL],
      ['get buf'],
    ],
  })),
  ...withEvery((timeout) => ({
    name: 'of datagrams',
    steps: [
      ['a, b = socket.socketpair', AF_UNIX, SOCK_DGRAM],
      hello,
      ['a.settimeout', timeout],
      ['a.recv', 9, MSG_WAITALL],
    ],
  })),
  ...withEvery((timeout) => ({
    name: 'of seqpackets',
    steps: [
      ['a, b = socket.socketpair', AF_UNIX, SOCK_SEQPACKET],
      hello,
      ['a.settimeout', timeout],
      ['a.recv', 9, MSG_WAITALL],
    ],
  })),
  ...withEvery((timeout) => ({
    name: 'with MSG_DONTWAIT',
    steps: [stream, hello, ['a.settimeout', timeout], ['a.recv', 9, MSG_WAITALL | MSG_DONTWAIT]],
  })),
  ...withEvery((timeout) => ({
    name: 'with MSG_PEEK, when all is there',
    steps: [stream, hello, ['a.settimeout', timeout], ['a.recv', 5, MSG_WAITALL | MSG_PEEK], ['a.recv', 9]],
  })),
  {
    name: 'of less, cut short by a timeout',
    steps: [stream, hello, ['a.settimeout', 0.02], ['a.recv', 9, MSG_WAITALL]],
  },
  ...[tcp, [stream]].map((sockets, index) => ({
    name: `up to the mark of urgent data, of ${['TCP', 'a Unix socket'][index]}`,
    steps: [
      ...sockets,
      hello,
      ['b.send', bytes('!'), MSG_OOB],
      hello,
      ['a.recv', 20, MSG_WAITALL],
      ['a.recv', 5, MSG_WAITALL],
    ] as Step[],
  })),
  {
    name: 'of less, with MSG_PEEK at a Unix socket',
    steps: [stream, hello, ['a.recv', 9, MSG_WAITALL | MSG_PEEK], ['a.recv', 9]],
  },
]);

const shortTime = Buffer.from(new BigInt64Array([0n, 20_000n]).buffer);
const limited = (option: number): Step => ['a.setsockopt', SOL_SOCKET, option, shortTime];

compare('the kernel’s own timeouts', [
  {
    name: 'of recv',
    steps: [stream, limited(SO_RCVTIMEO), ['a.recv', 1], ['a.recvfrom', 1], hello, ['a.recv', 9]],
  },
  { name: 'of recv_into', steps: [stream, limited(SO_RCVTIMEO), ['a.recv_into', of('memory', 4)]] },
  {
    name: 'of MSG_WAITALL',
    steps: [stream, limited(SO_RCVTIMEO), hello, ['a.recv', 9, MSG_WAITALL], ['a.recv', 9, MSG_WAITALL]],
  },
  {
    name: 'of accept',
    steps: [['a = socket.create_server', ['127.0.0.1', 0]], limited(SO_RCVTIMEO), ['a.accept']],
  },
  {
    name: 'of connect to a full backlog',
    steps: [
      ['s = socket.socket', AF_UNIX],
      ['s.bind', path('s')],
      ['s.listen', 0],
      ['c = socket.socket', AF_UNIX],
      ['c.connect', path('s')],
      ['a = socket.socket', AF_UNIX],
      limited(SO_SNDTIMEO),
      ['a.connect', path('s')],
      ['a.connect_ex', path('s')],
    ],
  },
  {
    name: 'of sendall',
    steps: [stream, limited(SO_SNDTIMEO), ['a.sendall', Buffer.alloc(2_000_000)], ['a.send', bytes('x')]],
  },
  {
    name: 'do not count beside a timeout',
    steps: [stream, limited(SO_RCVTIMEO), ['a.settimeout', 0.04], ['a.recv', 1]],
  },
  {
    name: 'set through a duplicate',
    steps: [stream, ['d = a.dup'], ['d.setsockopt', SOL_SOCKET, SO_RCVTIMEO, shortTime], ['a.recv', 1]],
  },
  {
    name: 'of the other direction do not count',
    steps: [stream, limited(SO_SNDTIMEO), ['a.settimeout', 0.02], ['a.recv', 1]],
  },
]);

const refused: Step[] = [
  ['p = socket.socket', AF_INET, SOCK_DGRAM],
  ['p.bind', ['127.0.0.1', 0]],
  ['gone = p.getsockname'],
  ['p.close'],
  ['a = socket.socket', AF_INET, SOCK_DGRAM],
];

compare('errors that come later', [
  {
    name: 'of a datagram to nobody',
    steps: [
      ...refused,
      ['a.connect', ref('gone')],
      ['a.send', bytes('x')],
      ['a.settimeout', 0.5],
      ['a.recv', 9],
      ['a.send', bytes('y')],
    ],
  },
  {
    name: 'are read by SO_ERROR',
    steps: [
      ...refused,
      ['a.connect', ref('gone')],
      ['a.send', bytes('x')],
      ['a.getsockopt', SOL_SOCKET, SO_ERROR],
      ['a.getsockopt', SOL_SOCKET, SO_ERROR],
      ['a.settimeout', 0.02],
      ['a.recv', 9],
    ],
  },
  {
    name: 'of a socket that is not connected do not come',
    steps: [...refused, ['a.sendto', bytes('x'), ref('gone')], ['a.settimeout', 0.02], ['a.recv', 9]],
  },
  {
    name: 'go to the error queue with IP_RECVERR',
    form: 'sync',
    steps: [
      ...refused,
      ['a.setsockopt', IPPROTO_IP, IP_RECVERR, 1],
      ['a.connect', ref('gone')],
      ['a.send', bytes('hello')],
      ['a.getsockopt', SOL_SOCKET, SO_ERROR],
      ['a.recv', 9, MSG_ERRQUEUE],
      ['a.recv', 9, MSG_ERRQUEUE],
    ],
  },
  {
    name: 'from which a timeout makes nobody wait for data',
    steps: [
      ...refused,
      ['a.setsockopt', IPPROTO_IP, IP_RECVERR, 1],
      ['a.connect', ref('gone')],
      ['a.send', bytes('hello')],
      ['a.getsockopt', SOL_SOCKET, SO_ERROR],
      ['a.settimeout', 0.05],
      ['a.recv', 9],
      ['a.recv', 9, MSG_ERRQUEUE],
    ],
  },
  {
    name: 'an empty error queue',
    form: 'sync',
    steps: [...refused, ['a.recv', 9, MSG_ERRQUEUE], ['a.setblocking', false], ['a.recv', 9, MSG_ERRQUEUE]],
  },
]);

compare('urgent data', [
  {
    name: 'is read by MSG_OOB',
    steps: [
      ...tcp,
      ['b.send', bytes('!'), MSG_OOB],
      ['b.send', bytes('x')],
      ['a.recv', 1],
      ['a.recv', 9, MSG_OOB],
    ],
  },
  { name: 'is not there', steps: [...tcp, ['a.recv', 9, MSG_OOB]] },
  {
    name: 'with MSG_WAITALL',
    steps: [...tcp, ['b.send', bytes('a!'), MSG_OOB], ['a.recv', 9], ['a.recv', 9, MSG_OOB | MSG_WAITALL]],
  },
  {
    name: 'stands among the rest with SO_OOBINLINE',
    steps: [
      ...tcp,
      ['a.setsockopt', SOL_SOCKET, SO_OOBINLINE, 1],
      ['b.send', bytes('!'), MSG_OOB],
      ['a.recv', 9],
      ['a.recv', 9, MSG_OOB],
    ],
  },
  {
    name: 'of a Unix stream',
    steps: [stream, ['b.send', bytes('a!'), MSG_OOB], ['a.recv', 9, MSG_OOB], ['a.recv', 9]],
  },
  {
    name: 'of datagrams',
    steps: [
      ['a, b = socket.socketpair', AF_UNIX, SOCK_DGRAM],
      ['b.send', bytes('!'), MSG_OOB],
      ['a.recv', 9, MSG_OOB | MSG_DONTWAIT],
    ],
  },
]);

const lowWater: Step = ['a.setsockopt', SOL_SOCKET, SO_RCVLOWAT, 9];

compare('SO_RCVLOWAT', [
  {
    name: 'when enough is there',
    steps: [...tcp, ['a.setsockopt', SOL_SOCKET, SO_RCVLOWAT, 5], hello, ['a.recv', 9]],
  },
  {
    name: 'of a non-blocking socket',
    form: 'sync',
    steps: [...tcp, lowWater, hello, ['a.setblocking', false], ['a.recv', 9]],
  },
  {
    name: 'at the end',
    steps: [...tcp, lowWater, hello, ['b.close'], ['a.recv', 9], ['a.recv', 9]],
  },
  {
    name: 'when fewer are asked for',
    steps: [...tcp, hello, ['a.recv', 9], lowWater, hello, ['a.recv', 2]],
  },
  ...[tcp, [stream]].map((sockets, index) => ({
    name: `with a timeout, of ${['TCP', 'a Unix socket'][index]}`,
    steps: [
      ...sockets,
      lowWater,
      hello,
      ['a.settimeout', 0.02],
      ['a.recv', 1, MSG_PEEK],
      ['a.recv', 1],
      ['a.recv', 9],
    ] as Step[],
  })),
  {
    name: 'when the kernel’s own timeout is over',
    steps: [
      ...tcp,
      lowWater,
      limited(SO_RCVTIMEO),
      hello,
      ['a.recv', 9, MSG_PEEK],
      ['a.recv_into', of('memory', 9)],
      ['a.recv', 9],
    ],
  },
  {
    name: 'set through a duplicate',
    differs: 'low water',
    steps: [
      ...tcp,
      ['d = a.dup'],
      ['d.setsockopt', SOL_SOCKET, SO_RCVLOWAT, 9],
      hello,
      ['a.settimeout', 0.02],
      ['a.recv', 9],
    ],
  },
  {
    name: 'of a peek at a Unix socket',
    steps: [stream, lowWater, hello, ['a.recv', 9, MSG_PEEK]],
  },
]);

compare('a peer that resets', [
  {
    name: 'before anything was read',
    steps: [
      ...tcp,
      ['a.send', bytes('unread')],
      ['b.setsockopt', SOL_SOCKET, 13, Buffer.from(new Int32Array([1, 0]).buffer)],
      ['b.close'],
      ['a.recv', 9],
      ['a.recv', 9],
      ['a.send', bytes('x')],
      ['a.getpeername'],
    ],
  },
  {
    name: 'by closing with something unread',
    steps: [stream, ['a.send', bytes('unread')], ['b.close'], ['a.recv', 9], ['a.recv', 9]],
  },
]);
