/** File objects of makefile. */
import { type Case, compare, keywords, of, ref, type Step } from './oracle.ts';

const bytes = (text: string) => Buffer.from(text);
const stream: Step = ['a, b = socket.socketpair'];
/** A file over one end, and what the other has sent and that it has ended. */
const reading = (text: string | Buffer, ...args: unknown[]): Step[] => [
  stream,
  ['f = a.makefile', ...args],
  ['b.sendall', Buffer.from(text)],
  ['b.close'],
];
const all = 'one\r\ntwo\n\nthree\rfour';
const text = 'grüße\r\n€ and 😀\rend';

const forms: [name: string, ...args: unknown[]][] = [
  ['buffered', 'rb'],
  ['unbuffered', 'rb', 0],
  ['with a small buffer', 'rb', 2],
  ['text', 'r'],
  ['text as it is', 'r', -1, keywords({ newline: '' })],
  ['text with \\n', 'r', -1, keywords({ newline: '\n' })],
  ['text with \\r', 'r', -1, keywords({ newline: '\r' })],
  ['text with \\r\\n', 'r', 2, keywords({ newline: '\r\n' })],
  ['latin-1', 'r', null, keywords({ encoding: 'latin-1' })],
  ['utf-16-le', 'r', null, keywords({ encoding: 'utf-16-le', errors: 'replace' })],
  ['ascii, replaced', 'r', null, keywords({ encoding: 'ascii', errors: 'replace' })],
];

compare(
  'reading a file object',
  forms.flatMap(([name, ...args]): Case[] => [
    { name: `${name}: all`, steps: [...reading(all, ...args), ['f.read'], ['f.read'], ['f.read', 5]] },
    { name: `${name}: all, by lines`, steps: [...reading(all, ...args), ['f.readlines'], ['f.readlines']] },
    { name: `${name}: lines`, steps: [...reading(all, ...args), ...Array(6).fill(['f.readline'])] },
    {
      name: `${name}: lines of other characters`,
      steps: [...reading(`${text} `.repeat(2), ...args), ...Array(6).fill(['f.readline'])],
    },
    {
      name: `${name}: parts of lines`,
      steps: [
        ...reading(text, ...args),
        ...[3, 0, 1, 1, 1, 1, 2, -5, -1, 9].map((size): Step => ['f.readline', size]),
      ],
    },
    {
      name: `${name}: so much`,
      steps: [...reading(text, ...args), ...[0, 1, 2, 3, 4, 5, -1].map((size): Step => ['f.read', size])],
    },
    {
      name: `${name}: one by one`,
      steps: [...reading(text.slice(3), ...args), ...Array(20).fill(['f.read', 1])],
    },
    {
      name: `${name}: lines up to a hint`,
      steps: [...reading(all, ...args), ['f.readlines', 5], ['f.readlines', 0]],
    },
    {
      name: `${name}: what it is`,
      steps: [...reading(all, ...args), ['get f.mode'], ['f.readable'], ['f.seekable'], ['f.isatty']],
    },
    {
      name: `${name}: closed`,
      steps: [
        ...reading(all, ...args),
        ['f.close'],
        ['f.close'],
        ['get f.closed'],
        ['f.read'],
        ['f.readline'],
        ['f.readlines'],
        ['f.flush'],
        ['f.fileno'],
        ['a.recv', 3],
      ],
    },
    {
      name: `${name}: a fraction`,
      steps: [...reading(all, ...args), ['f.read', 1.5], ['f.readline', 1.5]],
      differs: 'fractions',
    },
    {
      name: `${name}: text for a size`,
      steps: [...reading(all, ...args), ['f.read', '1'], ['f.readline', '1']],
    },
    { name: `${name}: written to`, steps: [...reading(all, ...args), ['f.flush']] },
  ]),
);

compare('bytes of a file object', [
  {
    name: 'peek, read1, readinto, readinto1',
    steps: [
      ...reading('abcdefghij', 'rb', 4),
      ['f.peek'],
      ['f.peek', 1],
      ['f.read1', 2],
      ['f.read1'],
      ['f.readinto', of('memory', 3)],
      ['f.readinto1', of('memory', 4)],
      ['f.readinto', of('memory', 9)],
      ['f.readinto', of('memory', 9)],
      ['f.read1', 0],
      ['f.read1'],
      ['f.peek'],
    ],
  },
  {
    name: 'SocketIO',
    steps: [
      stream,
      ['f = a.makefile', 'rwb', 0],
      ['f.write', bytes('abc')],
      ['b.recv', 9],
      ['b.send', bytes('defgh')],
      ['f.readinto', of('memory', 2)],
      ['f.read', 2],
      ['b.close'],
      ['f.readall'],
      ['f.readall'],
      ['get f.mode'],
      ['get f.closed'],
    ],
  },
  {
    name: 'bytes that are no text',
    steps: [...reading(Buffer.from([0x61, 0xff, 0x62]), 'r'), ['f.read']],
  },
  {
    name: 'bytes that are no text, replaced',
    steps: [
      ...reading(Buffer.from([0x61, 0xff, 0xe2, 0x82, 0x62, 0xe2]), 'r', -1, keywords({ errors: 'replace' })),
      ['f.read'],
    ],
  },
  {
    name: 'reading what is for writing',
    steps: [
      stream,
      ['f = a.makefile', 'wb'],
      ['f.readable'],
      ['f.writable'],
      ...['read', 'readline'].map((call): Step => [`f.${call}`]),
    ],
    differs: 'unsupported',
  },
  {
    name: 'writing what is for reading',
    steps: [stream, ['f = a.makefile', 'rb'], ['f.write', bytes('x')]],
    differs: 'unsupported',
  },
]);

const writing = (...args: unknown[]): Step[] => [stream, ['f = a.makefile', ...args]];
compare('writing a file object', [
  {
    name: 'bytes',
    steps: [...writing('wb'), ['f.write', bytes('abc')], ['f.write', bytes('')], ['f.flush'], ['b.recv', 9]],
  },
  {
    name: 'bytes and flush',
    steps: [
      ...writing('wb', 4),
      ['f.write', bytes('abc')],
      ['f.write', bytes('de')],
      ['b.recv', 9],
      ['f.write', bytes('fghijk')],
      ['b.recv', 9],
    ],
  },
  { name: 'bytes without a buffer', steps: [...writing('wb', 0), ['f.write', bytes('abc')], ['b.recv', 9]] },
  { name: 'text as bytes', steps: [...writing('wb'), ['f.write', 'abc']], differs: 'text as bytes' },
  { name: 'bytes as text', steps: [...writing('w'), ['f.write', bytes('abc')]] },
  {
    name: 'lines',
    steps: [...writing('wb'), ['f.writelines', [bytes('a\n'), bytes('b')]], ['f.close'], ['b.recv', 9]],
  },
  ...[null, '', '\n', '\r', '\r\n'].map(
    (newline): Case => ({
      name: `text with ${JSON.stringify(newline)}`,
      steps: [
        ...writing('w', -1, keywords({ newline })),
        ['f.write', 'a\nb\r\nc\rü😀'],
        ['f.flush'],
        ['b.recv', 99],
      ],
    }),
  ),
  ...['latin-1', 'ascii', 'utf-16-le', 'cp1252', 'koi8-r'].flatMap((encoding): Case[] => [
    {
      name: `text in ${encoding}`,
      steps: [
        ...writing('w', null, keywords({ encoding })),
        ['f.write', 'az\n'],
        ['f.close'],
        ['b.recv', 99],
      ],
    },
    {
      name: `text in ${encoding}, replaced`,
      steps: [
        ...writing('w', null, keywords({ encoding, errors: 'replace' })),
        ['f.write', 'ü€😀ж'],
        ['f.close'],
        ['b.recv', 99],
      ],
    },
  ]),
  {
    name: 'text that the encoding does not have',
    steps: [...writing('w', null, keywords({ encoding: 'ascii' })), ['f.write', 'ü']],
  },
  {
    name: 'after the peer has closed',
    steps: [
      ...writing('wb'),
      ['b.close'],
      ['f.write', bytes('x')],
      ['f.flush'],
      ['f.close'],
      ['get f.closed'],
    ],
  },
]);

compare('makefile', [
  ...['r', 'rb', 'rw', 'w', 'wb', 'rwb', 'wr', 'b', '', 'br'].map(
    (mode): Case => ({
      name: `mode ${mode}`,
      steps: [stream, ['f = a.makefile', mode], ['f.readable'], ['f.writable'], ['get f.closed']],
    }),
  ),
  ...['rt', 'x', '+', 'a', 'R'].map(
    (mode): Case => ({ name: `mode ${mode}`, steps: [stream, ['a.makefile', mode]] }),
  ),
  { name: 'mode 5', steps: [stream, ['a.makefile', 5]] },
  { name: 'text without a buffer', steps: [stream, ['a.makefile', 'r', 0]] },
  {
    name: 'an encoding for bytes',
    steps: [stream, ['f = a.makefile', 'rb', -1, keywords({ encoding: 'utf-8' })], ['get f.mode']],
  },
  { name: 'a wrong newline', steps: [stream, ['a.makefile', 'r', -1, keywords({ newline: 'x' })]] },
  { name: 'a newline that is a number', steps: [stream, ['a.makefile', 'r', -1, keywords({ newline: 5 })]] },
  {
    name: 'an unknown encoding',
    steps: [stream, ['a.makefile', 'r', -1, keywords({ encoding: 'nope' })]],
  },
  {
    name: 'both directions have a descriptor and a mode',
    steps: [...writing('rwb'), ['get f.mode']],
    differs: 'both directions',
  },
  {
    name: 'the socket closed, then the file',
    steps: [
      stream,
      ['f = a.makefile', 'rb'],
      ['g = a.makefile', 'wb'],
      ['a.close'],
      ['b.send', bytes('xyz')],
      ['a.recv', 1],
      ['f.close'],
      ['a.recv', 1],
      ['g.close'],
      ['a.recv', 1],
      ['a.fileno'],
    ],
  },
  {
    name: 'the file closed, then the socket',
    steps: [stream, ['f = a.makefile', 'rb'], ['f.close'], ['a.getblocking'], ['a.close'], ['a.getsockname']],
  },
  {
    name: 'the socket detached',
    steps: [
      stream,
      ['f = a.makefile', 'rb'],
      ['fd = a.detach'],
      ['f.read', 1],
      ['f.close'],
      ['socket.close', ref('fd')],
    ],
  },
  {
    name: 'a timeout',
    steps: [
      stream,
      ['f = a.makefile', 'rb'],
      ['a.settimeout', 0.01],
      ['b.send', bytes('abc')],
      ['f.read', 3],
      ['f.read', 1],
      ['f.read', 1],
      ['f.readline'],
      ['b.send', bytes('abc')],
      ['a.recv', 3],
    ],
  },
  {
    name: 'line buffering',
    steps: [...writing('wb', 1), ['f.write', bytes('a')], ['f.write', bytes('bc\n')], ['b.recv', 9]],
  },
]);

const nonBlocking: Step = ['a.setblocking', false];
compare('a non-blocking file object', [
  {
    name: 'unbuffered',
    form: 'sync',
    steps: [
      ...writing('rb', 0),
      nonBlocking,
      ['f.read'],
      ['f.read', 5],
      ['f.readinto', of('memory', 5)],
      ['b.send', bytes('abcdef')],
      ['f.read', 3],
      ['f.read', 9],
      ['f.readall'],
    ],
  },
  {
    name: 'buffered',
    form: 'sync',
    steps: [
      ...writing('rb'),
      nonBlocking,
      ['f.read'],
      ['f.read', 5],
      ['f.readinto', of('memory', 5)],
      ['f.readline'],
      ['f.peek'],
      ['f.read1'],
      ['b.send', bytes('abc')],
      ['f.read', 5],
      ['b.send', bytes('abc')],
      ['f.readline'],
      ['b.send', bytes('abc')],
      ['f.read'],
      ['f.readlines'],
    ],
  },
  {
    name: 'text',
    form: 'sync',
    steps: [
      ...writing('r'),
      nonBlocking,
      ['f.read', 5],
      ['f.readline'],
      ['b.send', bytes('abc')],
      ['f.read'],
    ],
  },
  {
    name: 'text, nothing at all',
    form: 'sync',
    steps: [...writing('r'), nonBlocking, ['f.read']],
    differs: 'no text',
  },
  {
    name: 'a line, unbuffered',
    form: 'sync',
    steps: [...writing('rb', 0), nonBlocking, ['f.readline']],
    differs: 'no line',
  },
  {
    name: 'a write',
    form: 'sync',
    steps: [
      ...writing('wb', 10),
      nonBlocking,
      ['f.write', Buffer.alloc(3_000_000)],
      ['f.write', bytes('x')],
      ['f.flush'],
      ['f.close'],
      ['get f.closed'],
    ],
  },
]);
