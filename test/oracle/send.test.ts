/** send, sendall and sendto; timeouts that pass. */
import { AF_INET, AF_UNIX, SOCK_DGRAM } from 'bsd-socket';
import { type Case, compare, of, path, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const stream: Step = ['a, b = socket.socketpair'];
const server: Step = ['s = socket.create_server', ['127.0.0.1', 0]];
const where = of('s.getsockname');

const sends: Case[] = ['send', 'sendall'].flatMap((call): Case[] =>
  (
    [
      ['bytes', bytes('hello')],
      ['no bytes', bytes('')],
      ['text', 'hello', 'text as bytes'],
      ['None', null],
      ['a number', 5],
      ['a tuple', [1, 2]],
      ['True', true],
    ] as [string, unknown, Case['differs']?][]
  ).map(([name, data, differs]) => ({
    name: `${call} ${name}`,
    steps: [stream, [`a.${call}`, data]],
    differs,
  })),
);

compare('sending', [
  ...sends,
  { name: 'nothing', steps: [stream, ['a.send'], ['a.sendall']] },
  {
    name: 'with flags that are text',
    steps: [stream, ['a.send', bytes('x'), 'x'], ['a.sendall', bytes('x'), 'x']],
  },
  { name: 'with flags None', steps: [stream, ['a.send', bytes('x'), null], ['a.sendall', bytes('x'), null]] },
  { name: 'with flags of 1.5', steps: [stream, ['a.send', bytes('x'), 1.5]], differs: 'fractions' },
  { name: 'with flags of 2 ** 31', steps: [stream, ['a.send', bytes('x'), 2 ** 31]] },
  {
    name: 'to a peer that is gone',
    steps: [stream, ['b.close'], ['a.send', bytes('x')], ['a.sendall', bytes('x')]],
  },
  {
    name: 'after shutdown',
    steps: [
      stream,
      ['a.shutdown', 1],
      ['a.send', bytes('x')],
      ['a.sendall', bytes('x')],
      ['a.send', bytes('')],
    ],
  },
  {
    name: 'without waiting',
    form: 'sync',
    steps: [stream, ['a.setblocking', false], ['a.sendall', Buffer.alloc(3_000_000)], ['a.send', bytes('x')]],
  },
  {
    name: 'with a timeout',
    steps: [stream, ['a.settimeout', 0.01], ['a.sendall', Buffer.alloc(3_000_000)], ['a.send', bytes('x')]],
  },
  {
    name: 'a datagram that is too long',
    steps: [
      ['a = socket.socket', AF_INET, SOCK_DGRAM],
      ['a.connect', ['127.0.0.1', 9]],
      ['a.send', Buffer.alloc(70_000)],
      ['a.sendto', Buffer.alloc(70_000), ['127.0.0.1', 9]],
    ],
  },
]);

const udp: Step = ['a = socket.socket', AF_INET, SOCK_DGRAM];
compare('sendto', [
  {
    name: 'an address',
    steps: [
      udp,
      ['a.bind', ['127.0.0.1', 0]],
      ['b = socket.socket', AF_INET, SOCK_DGRAM],
      ['b.sendto', bytes('hey'), of('a.getsockname')],
      ['a.recvfrom', 9],
    ],
  },
  {
    name: 'an address with flags',
    steps: [
      udp,
      ['a.bind', ['127.0.0.1', 0]],
      ['b = socket.socket', AF_INET, SOCK_DGRAM],
      ['b.sendto', bytes('hey'), 0, of('a.getsockname')],
      ['a.recvfrom', 9],
    ],
  },
  { name: 'with one argument', steps: [udp, ['a.sendto', bytes('x')]] },
  { name: 'with none', steps: [udp, ['a.sendto']] },
  { name: 'with flags that are text', steps: [udp, ['a.sendto', bytes('x'), '0', ['127.0.0.1', 9]]] },
  { name: 'with flags None', steps: [udp, ['a.sendto', bytes('x'), null, ['127.0.0.1', 9]]] },
  {
    name: 'with flags of 1.5',
    steps: [udp, ['a.sendto', bytes('x'), 1.5, ['127.0.0.1', 9]]],
    differs: 'fractions',
  },
  { name: 'with flags and without an address', steps: [udp, ['a.sendto', bytes('x'), 0]] },
  {
    name: 'with data that is text',
    steps: [udp, ['a.sendto', 'x', ['127.0.0.1', 9]]],
    differs: 'text as bytes',
  },
  { name: 'with data None', steps: [udp, ['a.sendto', null, ['127.0.0.1', 9]]] },
  { name: 'with arguments the wrong way round', steps: [udp, ['a.sendto', ['127.0.0.1', 9], bytes('x')]] },
  {
    name: 'on a connected stream',
    steps: [server, ['a = socket.create_connection', where], ['a.sendto', bytes('x'), where]],
  },
  {
    name: 'on a stream without a connection',
    steps: [server, ['a = socket.socket'], ['a.sendto', bytes('x'), where]],
  },
  { name: 'on a Unix stream', steps: [stream, ['a.sendto', bytes('x'), bytes('\0nobody')]] },
  {
    name: 'to a Unix path of nothing',
    steps: [
      ['a = socket.socket', AF_UNIX, SOCK_DGRAM],
      ['a.sendto', bytes('x'), path('nothing')],
    ],
  },
  {
    name: 'to a Unix path of another type',
    steps: [
      ['s = socket.socket', AF_UNIX],
      ['s.bind', path('s')],
      ['a = socket.socket', AF_UNIX, SOCK_DGRAM],
      ['a.sendto', bytes('x'), path('s')],
    ],
  },
  { name: 'broadcast without leave', steps: [udp, ['a.sendto', bytes('x'), ['255.255.255.255', 9]]] },
]);

compare('a timeout that passes', [
  { name: 'of recv', steps: [stream, ['a.settimeout', 0.01], ['a.recv', 1]] },
  { name: 'of recv_into', steps: [stream, ['a.settimeout', 0.01], ['a.recv_into', of('memory', 4)]] },
  { name: 'of recvfrom', steps: [udp, ['a.settimeout', 0.01], ['a.recvfrom', 1]] },
  { name: 'of recvfrom_into', steps: [udp, ['a.settimeout', 0.01], ['a.recvfrom_into', of('memory', 4)]] },
  { name: 'of accept', steps: [server, ['s.settimeout', 0.01], ['s.accept']] },
  { name: 'of a nanosecond', steps: [stream, ['a.settimeout', 1e-9], ['a.recv', 1]] },
]);
