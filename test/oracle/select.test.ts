/** The modules select and selectors. */

import { spawnSync } from 'node:child_process';
import {
  EPOLL_CLOEXEC,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  SHUT_WR,
} from 'bsd-socket';
import * as select from 'bsd-socket/select';
import * as selectors from 'bsd-socket/selectors';
import { expect, test } from 'vitest';
import { type Case, compare, list, of, ref, type Step } from './oracle.ts';
import { noPython, python } from './python.ts';

const bytes = (text: string) => Buffer.from(text);
const pair: Step = ['a, b = socket.socketpair'];
const pairs: Step[] = [pair, ['c, d = socket.socketpair']];
const closed: Step[] = [['x = socket.socket'], ['x.close']];
const [a, b, c, x] = ['a', 'b', 'c', 'x'].map(ref);
/** A number that has been a descriptor, which Linux ignores in select(2) where it has never been one. */
const notOpen: Step[] = [['x = socket.socket'], ['n = x.fileno'], ['x.close']];
/** More than a process may have. */
const NOT_OPEN = 2 ** 30;
/** The first event of a call, or a number of it. */
const first = (step: Step, ...indices: number[]) =>
  indices.reduce((inner, index) => of('item', inner, index), of('item', of(...step), 0));

compare('select', [
  {
    name: 'nothing',
    steps: [
      ['select.select', [], [], [], 0],
      ['select.select', [], [], [], 0.01],
    ],
  },
  { name: 'what is ready', steps: [pair, ['select.select', [a, b], [b, a, b], [a], null]] },
  {
    name: 'what has arrived',
    steps: [...pairs, ['a.send', bytes('x')], ['select.select', [c, b, a], list(), list(), null]],
  },
  { name: 'half an end', steps: [pair, ['b.shutdown', SHUT_WR], ['select.select', [a, b], [a], [a]]] },
  { name: 'an end', steps: [pair, ['b.close'], ['select.select', [a], [a], [a]]] },
  { name: 'an end that is not asked for', steps: [pair, ['b.close'], ['select.select', [], [], [a], 0.01]] },
  {
    name: 'a socket that is not connected',
    steps: [['a = socket.socket'], ['select.select', [a], [a], [a]], ['select.select', [], [], [a], 0.01]],
  },
  {
    name: 'a connection to accept',
    steps: [
      ['a = socket.create_server', ['127.0.0.1', 0]],
      ['select.select', [a], [a], [a], 0],
      ['b = socket.create_connection', of('a.getsockname')],
      ['select.select', [a], [b], [], 5],
    ],
  },
  ...[
    [1, 2, 3],
    [null, [], []],
    ['text', [], []],
    [[], []],
    [[null], [], []],
    [[ref('select')], [], []],
    [['0'], [], []],
    [[-1], [], []],
    [[-5], [], []],
    [[], [], [], 'x'],
    [[], [], [], -1],
    [[], [], [], Number.POSITIVE_INFINITY],
    [[], [], [], 1e30],
  ].map((args): Case => ({ name: `arguments ${JSON.stringify(args)}`, steps: [['select.select', ...args]] })),
  { name: 'a closed socket', steps: [...closed, ['select.select', [x], [], []]] },
  { name: 'a descriptor that is not open', steps: [...notOpen, ['select.select', [ref('n')], [], [], 0]] },
  {
    name: 'a number that has never been a descriptor',
    steps: [['select.select', [900], [], [], 0]],
    differs: 'numbers of no descriptor',
  },
  {
    name: 'a descriptor above 1024',
    steps: [['select.select', [NOT_OPEN], [], [], 0]],
    differs: 'FD_SETSIZE',
  },
]);

compare('a poll object', [
  {
    name: 'what is ready',
    steps: [
      ...pairs,
      ['p = select.poll'],
      ['p.poll', 0],
      ['p.register', a],
      ['item', first(['p.poll']), 1],
      ['p.register', a, POLLIN],
      ['p.poll', 1],
      ['b.send', bytes('x')],
      ['item', first(['p.poll', null]), 1],
      ['p.modify', a, POLLIN | POLLOUT | POLLPRI],
      ['item', first(['p.poll', -1]), 1],
      ['b.close'],
      ['item', first(['p.poll', -0.5]), 1],
      ['p.unregister', a],
      ['p.poll', 0.5],
    ],
  },
  {
    name: 'a descriptor that is not open',
    steps: [['p = select.poll'], ['p.register', 900], ['p.poll'], ['p.unregister', 900], ['p.poll', 0]],
  },
  {
    name: 'many',
    steps: [['p = select.poll'], ['p.register', 900, 0], ['p.register', 901, 1], ['p.poll', 0]],
  },
  ...(
    [
      ['register', null],
      ['register', -1],
      ['register', 0, -1],
      ['register', 0, 65536],
      ['register', 0, 2 ** 64],
      ['register', 0, 'in'],
      ['register'],
      ['modify', 900, 1],
      ['modify', -1, 1],
      ['modify', null, 1],
      ['modify', 0],
      ['unregister', 900],
      ['unregister', -1],
      ['unregister', null],
      ['poll', 'x'],
      ['poll', 2 ** 31],
      ['poll', 2 ** 64],
    ] as [string, ...unknown[]][]
  ).map(
    ([call, ...args]): Case => ({
      name: `${call} ${JSON.stringify(args)}`,
      steps: [['p = select.poll'], [`p.${call}`, ...args]],
    }),
  ),
  {
    name: 'a closed socket',
    steps: [...closed, ['p = select.poll'], ['p.register', x], ['p.modify', x, 1], ['p.unregister', x]],
  },
  {
    name: 'a fraction for events',
    steps: [['p = select.poll'], ['p.register', 0, 1.5]],
    differs: 'fractions',
  },
]);

const set: Step = ['e = select.epoll'];

compare('an epoll object', [
  {
    name: 'what is ready',
    steps: [
      ...pairs,
      set,
      ['e.poll', 0],
      ['e.register', a],
      ['item', first(['e.poll']), 1],
      ['e.modify', a, EPOLLIN],
      ['e.poll', 0.001],
      ['b.send', bytes('x')],
      ['item', first(['e.poll', null]), 1],
      ['e.modify', a, EPOLLIN + EPOLLET],
      ['item', first(['e.poll', -1, 1]), 1],
      ['e.poll', 0],
      ['e.modify', a, 0],
      ['b.close'],
      ['item', first(['e.poll', -1]), 1],
      ['e.unregister', a],
      ['e.poll', 0],
    ],
  },
  {
    name: 'maxevents',
    steps: [
      ...pairs,
      set,
      ['e.register', a, EPOLLOUT],
      ['e.register', b, EPOLLOUT],
      ['e.register', c, EPOLLOUT],
      ['e.modify', b, EPOLLIN],
      // Which of them come is the kernel's to say.
      ['item', first(['e.poll', 0, 1]), 1],
      ['e.poll', 0, 0],
      ['e.poll', 0, -2],
      ['e.poll', 0, 'x'],
      ['e.poll', 0, 2 ** 31],
    ],
  },
  ...(
    [
      [],
      [1],
      [16, 0],
      [-1, EPOLL_CLOEXEC],
      [0],
      [-2],
      [1, 2],
      [-1, 12356],
      ['x'],
      [null],
      [[]],
      [2 ** 31],
    ] as unknown[][]
  ).map(
    (args): Case => ({
      name: `made with ${JSON.stringify(args)}`,
      steps: [['e = select.epoll', ...args]],
    }),
  ),
  { name: 'made with a fraction', steps: [['e = select.epoll', 1.5]], differs: 'fractions' },
  ...(
    [
      ['register', null],
      ['register', -1],
      ['register', 900],
      ['register', ref('e')],
      ['modify', 900, 1],
      ['modify', a, 1],
      ['modify', a],
      ['unregister', 900],
      ['unregister', a],
      ['poll', 'x'],
      ['poll', 1e30],
      ['poll', 2147484],
      ['poll', Number.POSITIVE_INFINITY],
    ] as [string, ...unknown[]][]
  ).map(
    ([call, ...args]): Case => ({
      name: `${call} ${JSON.stringify(args)}`,
      steps: [pair, set, [`e.${call}`, ...args]],
    }),
  ),
  { name: 'registered twice', steps: [pair, set, ['e.register', a], ['e.register', a]] },
  {
    name: 'a mask of more than 32 bits',
    steps: [pair, set, ['e.register', a, 2 ** 40]],
    differs: 'event masks',
  },
  { name: 'a negative mask', steps: [pair, set, ['e.register', a, -1]], form: 'sync' },
  {
    name: 'closed',
    steps: [
      pair,
      set,
      ['get e.closed'],
      ['e.close'],
      ['get e.closed'],
      ['e.close'],
      ['e.fileno'],
      ['e.register', a],
      ['e.modify', a, 1],
      ['e.unregister', a],
      ['e.poll', 0],
    ],
  },
  {
    name: 'a socket that is closed while it is registered',
    steps: [pair, set, ['e.register', a], ['a.close'], ['e.poll', 0], ['e.unregister', a]],
  },
  {
    name: 'of a descriptor that is none',
    steps: [
      ['e = select.epoll.fromfd', 900],
      ['e.poll', 0],
      ['e.register', 0],
    ],
  },
  { name: 'of text', steps: [['e = select.epoll.fromfd', 'x']] },
  {
    name: 'a hang-up',
    steps: [
      ['a = socket.socket'],
      set,
      ['e.register', a, 0],
      ['item', first(['e.poll']), 1],
      ['e.modify', a, EPOLLHUP | EPOLLPRI],
      ['item', first(['e.poll']), 1],
    ],
  },
]);

const names = ['SelectSelector', 'PollSelector', 'EpollSelector', 'DefaultSelector'] as const;
/** The events of the only key that is ready. */
const ready = (...args: unknown[]): Step => ['item', first(['s.select', ...args]), 1];

for (const name of names) {
  const make: Step = [`s = selectors.${name}`];
  compare(name, [
    {
      name: 'what is ready',
      steps: [
        pair,
        make,
        ['s.select', 0],
        ['k = s.register', a, 1, 'data'],
        ['get k.events'],
        ['get k.data'],
        ['get k.fileobj'],
        ['s.select', 0],
        ['s.select', -1],
        ['k = s.register', b, 2],
        ['get k.data'],
        ready(),
        ['a.send', bytes('x')],
        ['k = s.modify', b, 3, 5],
        ['get k.data'],
        ready(null),
        ['b.recv', 1],
        ['b.close'],
        ['k = s.unregister', b],
        ['get k.events'],
        ready(1),
        ['k = s.modify', a, 2],
        ready(1),
      ],
    },
    ...(
      [
        ['register', a, 0],
        ['register', a, 4],
        ['register', a, 999999],
        ['register', a, 'r'],
        ['register', -10, 1],
        ['unregister', 900],
        ['unregister', -1],
        ['modify', 900, 1],
        ['get_key', 900],
        ['select', 'x'],
      ] as [string, ...unknown[]][]
    ).map(
      ([call, ...args]): Case => ({
        name: `${call} ${JSON.stringify(args)}`,
        steps: [pair, make, [`s.${call}`, ...args]],
      }),
    ),
    { name: 'registered twice', steps: [pair, make, ['k = s.register', a, 1], ['s.register', a, 1]] },
    {
      name: 'what has no descriptor',
      steps: [make, ['s.register', ref('selectors'), 1], ['s.unregister', ref('selectors')]],
      differs: 'selectable kinds',
    },
    {
      name: 'events that it does not know',
      steps: [pair, make, ['k = s.register', a, 1], ['s.modify', a, 0], ['s.get_key', a]],
      differs: 'unknown events',
    },
    {
      name: 'a closed socket',
      steps: [
        ...closed,
        pair,
        make,
        ['s.register', x, 1],
        ['k = s.register', a, 1],
        ['a.close'],
        ['k = s.get_key', a],
      ],
    },
    {
      name: 'closed',
      steps: [
        pair,
        make,
        ['k = s.register', a, 1],
        ['s.close'],
        ['s.close'],
        ['s.get_key', a],
        ['s.get_map'],
        ['s.unregister', a],
      ],
    },
    {
      name: 'used after it has been closed',
      steps: [make, ['s.close'], ['s.select', 0]],
      differs: 'closed selectors',
    },
    {
      name: 'the map',
      steps: [
        pair,
        make,
        ['m = s.get_map'],
        ['m.get', a],
        ['k = s.register', a, 1, 'data'],
        ['k = m.get', a],
        ['get k.data'],
        ['m.get', b],
        ['m.get', 900],
      ],
    },
    {
      name: 'the map, of what has no descriptor',
      steps: [make, ['m = s.get_map'], ['m.get', ref('selectors')], ['s.get_key', ref('selectors')]],
      differs: 'lookups of files',
    },
    {
      name: 'a descriptor that is not open',
      steps: [
        ...notOpen,
        make,
        ['k = s.register', ref('n'), 1],
        ...(name === 'PollSelector' ? [ready(0)] : [['s.select', 0] as Step]),
        ['k = s.unregister', ref('n')],
      ],
    },
  ]);
}

test.skipIf(noPython)(noPython ? `the names: ${noPython}` : 'the names are Python’s, and a few more', () => {
  const program =
    'import json, select, selectors; print(json.dumps([{n: getattr(m, n) if n.isupper() else None for n in dir(m)} for m in (select, selectors)]))';
  const { stdout } = spawnSync(python!, ['-c', program], { encoding: 'utf8' });
  const [ofSelect, ofSelectors] = JSON.parse(stdout) as Record<string, number | null>[];
  const numbers = Object.entries(ofSelect!).filter(([name]) => /^E?POLL|^PIPE_BUF$/.test(name));
  expect(numbers.length).toBeGreaterThan(25);
  for (const [name, number] of numbers)
    expect([name, (select as Record<string, unknown>)[name]]).toEqual([name, number]);
  for (const name of ['select', 'poll', 'epoll', 'error']) expect(select).toHaveProperty(name);
  const classes = Object.keys(ofSelectors!).filter((name) =>
    /^([A-Z]\w+(Selector|Key)|EVENT_\w+)$/.test(name),
  );
  expect(classes.length).toBeGreaterThan(7);
  for (const name of classes) expect(selectors).toHaveProperty(name);
  expect(POLLNVAL).toBe(ofSelect!.POLLNVAL);
});
