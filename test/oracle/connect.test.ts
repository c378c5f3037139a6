/** connect and connect_ex: to somebody, to nobody, without waiting, where there is no room. */
import { AF_INET, AF_UNIX, SOCK_DGRAM } from 'bsd-socket';
import { compare, of, path, ref, type Step } from './oracle.ts';

const server: Step = ['s = socket.create_server', ['127.0.0.1', 0]];
const where = of('s.getsockname');
/** A port of which nobody listens, since `p` has it and does not. */
const closedPort: Step[] = [['p = socket.socket'], ['p.bind', ['127.0.0.1', 0]], ['closed = p.getsockname']];

compare('connect', [
  {
    name: 'to a server',
    steps: [server, ['a = socket.socket'], ['a.connect', where], ['a.connect', where], ['a.getpeername']],
  },
  {
    name: 'to nobody',
    steps: [...closedPort, ['a = socket.socket'], ['a.connect', ref('closed')], ['a.connect', ref('closed')]],
  },
  {
    name: 'of UDP, again and again',
    steps: [
      ...closedPort,
      ['a = socket.socket', AF_INET, SOCK_DGRAM],
      ['a.connect', ['127.0.0.1', 9]],
      ['a.connect', ['127.0.0.1', 7]],
      ['a.getpeername'],
    ],
  },
  {
    name: 'with a timeout',
    steps: [server, ['a = socket.socket'], ['a.settimeout', 5], ['a.connect', where], ['a.gettimeout']],
  },
  {
    name: 'with a timeout, to nobody',
    steps: [...closedPort, ['a = socket.socket'], ['a.settimeout', 5], ['a.connect', ref('closed')]],
  },
  { name: 'of a listening socket', steps: [server, ['s.connect', where]] },
  {
    name: 'to a path',
    steps: [
      ['s = socket.socket', AF_UNIX],
      ['s.bind', path('s')],
      ['s.listen'],
      ['a = socket.socket', AF_UNIX],
      ['a.connect', path('s')],
      ['a.getpeername'],
      ['a.getsockname'],
      ['s.accept'],
    ],
  },
  {
    name: 'to a path of nothing',
    steps: [
      ['a = socket.socket', AF_UNIX],
      ['a.connect', path('nothing')],
      ['a.connect_ex', path('nothing')],
    ],
  },
  {
    name: 'to a path of nobody',
    steps: [
      ['s = socket.socket', AF_UNIX],
      ['s.bind', path('s')],
      ['a = socket.socket', AF_UNIX],
      ['a.connect', path('s')],
    ],
  },
  {
    name: 'to a socket of another type',
    steps: [
      ['s = socket.socket', AF_UNIX, SOCK_DGRAM],
      ['s.bind', path('s')],
      ['a = socket.socket', AF_UNIX],
      ['a.connect', path('s')],
    ],
  },
  { name: 'of a multicast address', steps: [['a = socket.socket'], ['a.connect', ['224.0.0.1', 80]]] },
  {
    name: 'of broadcast',
    steps: [
      ['a = socket.socket', AF_INET, SOCK_DGRAM],
      ['a.connect', ['<broadcast>', 80]],
    ],
  },
  { name: 'without an address', steps: [['a = socket.socket'], ['a.connect'], ['a.connect_ex']] },
]);

compare('connect to nobody', [
  {
    name: 'and then to somebody',
    steps: [
      ...closedPort,
      server,
      ['a = socket.socket'],
      ['a.connect', ref('closed')],
      ['a.connect', where],
      ['a.getpeername'],
    ],
  },
  {
    name: 'twice, of a bound socket',
    steps: [
      ...closedPort,
      ['a = socket.socket'],
      ['a.bind', ['127.0.0.1', 0]],
      ['a.connect', ref('closed')],
      ['a.connect', ref('closed')],
      ['a.getsockname'],
    ],
  },
  {
    name: 'by connect_ex, three times',
    steps: [
      ...closedPort,
      ['a = socket.socket'],
      ['a.connect_ex', ref('closed')],
      ['a.connect_ex', ref('closed')],
      ['a.connect_ex', ref('closed')],
    ],
  },
  {
    name: 'with a timeout, to a full backlog',
    steps: [
      ...fullBacklog(),
      ['b = socket.socket', AF_UNIX],
      ['b.settimeout', 0.01],
      ['b.connect', path('s')],
    ],
    differs: 'backlog timeouts',
  },
]);

compare('connect_ex', [
  {
    name: 'to a server',
    steps: [server, ['a = socket.socket'], ['a.connect_ex', where], ['a.connect_ex', where]],
  },
  { name: 'to nobody', steps: [...closedPort, ['a = socket.socket'], ['a.connect_ex', ref('closed')]] },
  {
    name: 'to nobody, with a timeout',
    steps: [...closedPort, ['a = socket.socket'], ['a.settimeout', 5], ['a.connect_ex', ref('closed')]],
  },
  {
    name: 'on a closed socket',
    steps: [['a = socket.socket'], ['a.close'], ['a.connect_ex', ['127.0.0.1', 80]]],
  },
  {
    name: 'of a name that cannot be',
    steps: [['a = socket.socket'], ['a.connect_ex', ['256.256.256.256', 80]]],
  },
  { name: 'of a listening socket', steps: [server, ['s.connect_ex', where]] },
  {
    name: 'without waiting, to a Unix socket',
    steps: [
      ['s = socket.socket', AF_UNIX],
      ['s.bind', path('s')],
      ['s.listen'],
      ['a = socket.socket', AF_UNIX],
      ['a.setblocking', false],
      ['a.connect_ex', path('s')],
      ['a.connect_ex', path('s')],
    ],
  },
  {
    name: 'without waiting, to TCP',
    form: 'sync',
    steps: [
      server,
      ['a = socket.socket'],
      ['a.setblocking', false],
      ['a.connect_ex', where],
      ['b, address = s.accept'],
      ['a.connect_ex', where],
      ['a.connect_ex', where],
    ],
  },
  {
    name: 'connect without waiting, to TCP',
    form: 'sync',
    steps: [
      server,
      ['a = socket.socket'],
      ['a.setblocking', false],
      ['a.connect', where],
      ['b, address = s.accept'],
      ['a.connect', where],
    ],
  },
  {
    name: 'without waiting, to a full backlog',
    form: 'sync',
    steps: [
      ...fullBacklog(),
      ['b = socket.socket', AF_UNIX],
      ['b.setblocking', false],
      ['b.connect_ex', path('s')],
      ['b.connect', path('s')],
    ],
  },
  {
    name: 'with a timeout, to a full backlog',
    steps: [
      ...fullBacklog(),
      ['b = socket.socket', AF_UNIX],
      ['b.settimeout', 0.01],
      ['b.connect_ex', path('s')],
    ],
  },
]);

/** A Unix server that accepts nobody and has no room left. */
function fullBacklog(): Step[] {
  return [
    ['s = socket.socket', AF_UNIX],
    ['s.bind', path('s')],
    ['s.listen', 0],
    ['a = socket.socket', AF_UNIX],
    ['a.connect', path('s')],
  ];
}
