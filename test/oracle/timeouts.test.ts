/** Timeouts and blocking: of one socket, of new ones, of connections. */
import { AF_INET, SOCK_STREAM } from 'bsd-socket';
import { type Case, compare, float, of, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const stream: Step = ['a, b = socket.socketpair'];

const timeouts = (rows: [string, unknown, Case['differs']?][]): Case[] =>
  rows.map(([name, timeout, differs]) => ({
    name,
    steps: [
      ['a = socket.socket'],
      ['a.settimeout', timeout],
      ['a.gettimeout'],
      ['a.getblocking'],
      ['get a.timeout'],
      ['socket.setdefaulttimeout', timeout],
      ['socket.getdefaulttimeout'],
    ],
    differs,
  }));

compare(
  'a timeout of',
  timeouts([
    ['None', null],
    ['0', 0],
    ['0.0', float(0)],
    ['-0.0', float(-0)],
    ['1', 1],
    ['0.5', 0.5],
    ['1e-9', 1e-9],
    ['1e-12, less than the clock can tell', 1e-12, 'tiny timeouts'],
    ['1e6', 1e6],
    ['-1', -1],
    ['-0.5', -0.5],
    ['-1e-12', -1e-12],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['-infinity', Number.NEGATIVE_INFINITY],
    ['1e9', 1e9],
    ['1e10, more than 2 ** 63 nanoseconds', 1e10],
    ['1e300', 1e300],
    ['text', '1'],
    ['bytes', bytes('1')],
    ['a tuple', [1]],
  ]),
);

compare('blocking', [
  ...([true, false, 0, 1, '', 'x', null] as const).map(
    (blocking): Case => ({
      name: `setblocking(${JSON.stringify(blocking)})`,
      steps: [['a = socket.socket'], ['a.setblocking', blocking], ['a.gettimeout'], ['a.getblocking']],
      since: typeof blocking === 'boolean' || typeof blocking === 'number' ? 0 : 12,
    }),
  ),
  { name: 'a timeout of True', steps: [['a = socket.socket'], ['a.settimeout', true]], differs: 'booleans' },
  {
    name: 'after a timeout',
    steps: [
      ['a = socket.socket'],
      ['a.settimeout', 2],
      ['a.getblocking'],
      ['a.setblocking', true],
      ['a.gettimeout'],
    ],
  },
  { name: 'settimeout without a value', steps: [['a = socket.socket'], ['a.settimeout']] },
]);

compare('the default timeout', [
  {
    name: 'is none',
    steps: [['socket.getdefaulttimeout'], ['a = socket.socket'], ['a.gettimeout'], ['a.getblocking']],
  },
  ...[2.5, 0].flatMap((timeout): Case[] => [
    {
      name: `${timeout} of a new socket`,
      steps: [
        ['socket.setdefaulttimeout', timeout],
        ['a = socket.socket'],
        ['a.gettimeout'],
        ['a.getblocking'],
      ],
    },
    {
      name: `${timeout} of a pair`,
      steps: [['socket.setdefaulttimeout', timeout], stream, ['a.gettimeout'], ['b.gettimeout']],
    },
    {
      name: `${timeout} of a duplicate, which has the original's`,
      steps: [
        ['a = socket.socket'],
        ['a.settimeout', 7],
        ['socket.setdefaulttimeout', timeout],
        ['c = a.dup'],
        ['c.gettimeout'],
      ],
    },
    {
      name: `${timeout} of an adopted descriptor`,
      steps: [
        ['a = socket.socket'],
        ['fd = a.detach'],
        ['socket.setdefaulttimeout', timeout],
        ['b = socket.socket', -1, -1, -1, ref('fd')],
        ['b.gettimeout'],
      ],
    },
    {
      name: `${timeout} of fromfd`,
      steps: [
        ['a = socket.socket'],
        ['socket.setdefaulttimeout', timeout],
        ['b = socket.fromfd', of('a.fileno'), AF_INET, SOCK_STREAM],
        ['b.gettimeout'],
      ],
    },
    {
      name: `${timeout} of an accepted connection`,
      steps: [
        ['s = socket.create_server', ['127.0.0.1', 0]],
        ['a = socket.create_connection', of('s.getsockname')],
        ['socket.setdefaulttimeout', timeout],
        ['b, address = s.accept'],
        ['b.gettimeout'],
      ],
    },
    {
      name: `${timeout} of create_connection and create_server`,
      steps: [
        ['s = socket.create_server', ['127.0.0.1', 0]],
        ['socket.setdefaulttimeout', timeout || 3],
        ['t = socket.create_server', ['127.0.0.1', 0]],
        ['t.gettimeout'],
        ['a = socket.create_connection', of('s.getsockname')],
        ['a.gettimeout'],
        ['b = socket.create_connection', of('s.getsockname'), null],
        ['b.gettimeout'],
        ['c = socket.create_connection', of('s.getsockname'), 9],
        ['c.gettimeout'],
      ],
    },
  ]),
  ...[null, 5, 0].map(
    (timeout): Case => ({
      name: `an accepted connection does not have the listener's ${timeout}`,
      steps: [
        ['s = socket.create_server', ['127.0.0.1', 0]],
        ['a = socket.create_connection', of('s.getsockname')],
        ['s.settimeout', timeout],
        ['b, address = s.accept'],
        ['b.gettimeout'],
        ['b.getblocking'],
        ['b.setblocking', true],
        ['a.sendall', bytes('x')],
        ['b.recv', 1],
      ],
    }),
  ),
]);
