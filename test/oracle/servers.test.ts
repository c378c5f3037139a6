/** listen and accept, create_server, create_connection. */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from 'bsd-socket';
import { type Case, compare, keywords, of, path, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const server: Step = ['s = socket.create_server', ['127.0.0.1', 0]];
const where = of('s.getsockname');
/** A port of which nobody listens, since `p` has it and does not. */
const closedPort: Step[] = [['p = socket.socket'], ['p.bind', ['127.0.0.1', 0]], ['closed = p.getsockname']];

const udp: Step = ['a = socket.socket', AF_INET, SOCK_DGRAM];

compare('listen and accept', [
  ...[0, 1, -1, -(2 ** 31), 2 ** 31 - 1].map(
    (backlog): Case => ({
      name: `a backlog of ${backlog}`,
      steps: [['a = socket.socket'], ['a.listen', backlog], ['a.getsockopt', SOL_SOCKET, 30]],
    }),
  ),
  { name: 'a backlog of 2 ** 31', steps: [['a = socket.socket'], ['a.listen', 2 ** 31]] },
  { name: 'a backlog of 1.5', steps: [['a = socket.socket'], ['a.listen', 1.5]], differs: 'fractions' },
  { name: 'a backlog that is text', steps: [['a = socket.socket'], ['a.listen', '5']] },
  { name: 'a backlog None', steps: [['a = socket.socket'], ['a.listen', null]] },
  {
    name: 'no backlog',
    steps: [['a = socket.socket'], ['a.listen'], ['a.listen'], ['a.getsockopt', SOL_SOCKET, 30]],
  },
  { name: 'of UDP', steps: [udp, ['a.listen']] },
  { name: 'of a Unix socket without a name', steps: [['a = socket.socket', AF_UNIX], ['a.listen']] },
  { name: 'of a connected socket', steps: [server, ['a = socket.create_connection', where], ['a.listen']] },
  {
    name: 'accept with nobody there',
    form: 'sync',
    steps: [server, ['s.setblocking', false], ['s.accept'], ['s.settimeout', 0.01], ['s.accept']],
  },
  { name: 'accept with a timeout', steps: [server, ['s.settimeout', 0.01], ['s.accept']] },
  { name: 'what is accepted', steps: [server, ['a = socket.create_connection', where], ['s.accept']] },
  {
    name: 'what is accepted of seqpackets',
    steps: [
      ['s = socket.socket', AF_UNIX, SOCK_SEQPACKET],
      ['s.bind', bytes('')],
      ['s.listen'],
      ['a = socket.socket', AF_UNIX, SOCK_SEQPACKET],
      ['a.connect', of('s.getsockname')],
      ['s.accept'],
    ],
  },
  {
    name: 'whose peer has a name',
    steps: [
      ['s = socket.socket', AF_UNIX],
      ['s.bind', bytes('')],
      ['s.listen'],
      ['a = socket.socket', AF_UNIX],
      ['a.bind', path('client')],
      ['a.connect', of('s.getsockname')],
      ['b, address = s.accept'],
      ['get address'],
      ['b.getpeername'],
    ],
  },
]);

compare('create_server', [
  {
    name: 'with an address',
    steps: [
      ['s = socket.create_server', ['127.0.0.1', 0]],
      ['s.getsockname'],
      ['s.getsockopt', SOL_SOCKET, SO_REUSEADDR],
      ['s.getsockopt', SOL_SOCKET, SO_REUSEPORT],
      ['s.getsockopt', SOL_SOCKET, 30],
      ['get s.type'],
      ['s.gettimeout'],
    ],
  },
  { name: 'with an empty host', steps: [['s = socket.create_server', ['', 0]], ['s.getsockname']] },
  {
    name: 'with reuse_port',
    steps: [
      ['s = socket.create_server', ['127.0.0.1', 0], keywords({ reuse_port: true })],
      ['s.getsockopt', SOL_SOCKET, SO_REUSEPORT],
    ],
  },
  {
    name: 'of IPv6',
    steps: [
      ['s = socket.create_server', ['::1', 0], keywords({ family: AF_INET6 })],
      ['s.getsockname'],
      ['s.getsockopt', 41, 26],
    ],
  },
  {
    name: 'of both',
    steps: [
      ['s = socket.create_server', ['', 0], keywords({ family: AF_INET6, dualstack_ipv6: true })],
      ['s.getsockname'],
      ['s.getsockopt', 41, 26],
    ],
  },
  {
    name: 'of both, with AF_INET',
    steps: [['socket.create_server', ['', 0], keywords({ dualstack_ipv6: true })]],
  },
  {
    name: 'of a path',
    steps: [['s = socket.create_server', path('s'), keywords({ family: AF_UNIX })], ['s.getsockname']],
  },
  {
    name: 'of a path that is taken',
    steps: [
      ['s = socket.create_server', path('s'), keywords({ family: AF_UNIX })],
      ['socket.create_server', path('s'), keywords({ family: AF_UNIX })],
    ],
  },
  {
    name: 'of an address of somebody else',
    steps: [['socket.create_server', ['192.0.2.1', 0]]],
    differs: 'server texts',
  },
  {
    name: 'of an unknown name',
    steps: [['socket.create_server', ['256.256.256.256', 0]]],
    differs: 'server look-ups',
  },
  { name: 'of a wrong port', steps: [['socket.create_server', ['127.0.0.1', 65536]]] },
  { name: 'of None', steps: [['socket.create_server', null]] },
  {
    name: 'of a wrong family',
    steps: [['socket.create_server', ['127.0.0.1', 0], keywords({ family: AF_INET6 })]],
    differs: 'server look-ups',
  },
  {
    name: 'with a backlog',
    steps: [
      ['s = socket.create_server', ['127.0.0.1', 0], keywords({ backlog: 3 })],
      ['s.getsockopt', SOL_SOCKET, 30],
    ],
  },
  {
    name: 'with a backlog None',
    steps: [
      ['s = socket.create_server', ['127.0.0.1', 0], keywords({ backlog: null })],
      ['s.getsockopt', SOL_SOCKET, 30],
    ],
  },
  {
    name: 'with a backlog that is text',
    steps: [['socket.create_server', ['127.0.0.1', 0], keywords({ backlog: 'x' })]],
  },
]);

compare('create_connection', [
  {
    name: 'to a server',
    steps: [
      server,
      ['a = socket.create_connection', where],
      ['a.getpeername'],
      ['a.gettimeout'],
      ['get a.family'],
      ['get a.type'],
      ['get a.proto'],
    ],
  },
  {
    name: 'by name',
    steps: [
      ['s = socket.create_server', ['', 0]],
      ['port = item', where, 1],
      ['a = socket.create_connection', ['localhost', ref('port')]],
      ['a.getpeername'],
    ],
  },
  {
    name: 'to a port as text',
    steps: [server, ['socket.create_connection', ['127.0.0.1', 'no such service']]],
  },
  { name: 'to nobody', steps: [...closedPort, ['socket.create_connection', ref('closed')]] },

  { name: 'with a timeout', steps: [server, ['a = socket.create_connection', where, 2.5], ['a.gettimeout']] },
  {
    name: 'with a timeout None',
    steps: [server, ['a = socket.create_connection', where, null], ['a.gettimeout']],
  },
  { name: 'with a negative timeout', steps: [server, ['socket.create_connection', where, -1]] },
  { name: 'with a timeout that is text', steps: [server, ['socket.create_connection', where, 'x']] },
  {
    name: 'from an address',
    steps: [server, ['a = socket.create_connection', where, 5, ['127.0.0.2', 0]], ['a.getsockname']],
  },
  {
    name: 'from an address of somebody else',
    steps: [server, ['socket.create_connection', where, 5, ['192.0.2.1', 0]]],
  },
  {
    name: 'from an address of another family',
    steps: [server, ['socket.create_connection', where, 5, ['::1', 0]]],
  },
  {
    name: 'from an address that is wrong',
    steps: [server, ['socket.create_connection', where, 5, ['127.0.0.1', -1]]],
  },
  { name: 'to an unknown name', steps: [['socket.create_connection', ['256.256.256.256', 80]]] },
  { name: 'to port 65536', steps: [['socket.create_connection', ['127.0.0.1', 65536], 1]], differs: 'ports' },
  { name: 'to None', steps: [['socket.create_connection', null]] },
  { name: 'to one element', steps: [['socket.create_connection', ['127.0.0.1']]], differs: 'unpacking' },
  {
    name: 'to three elements',
    steps: [server, ['port = item', where, 1], ['socket.create_connection', ['127.0.0.1', ref('port'), 0]]],
    differs: 'unpacking',
  },
  { name: 'to text', steps: [['socket.create_connection', '127.0.0.1']], differs: 'unpacking' },
  { name: 'without an address', steps: [['socket.create_connection']] },
]);
