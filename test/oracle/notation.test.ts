/** Byte order and the notation of addresses, over long lists of numbers and texts. */
import { AF_INET, AF_INET6, AF_UNIX } from 'bsd-socket';
import { type Case, compare, float } from './oracle.ts';

const order = (call: string, rows: [unknown, Case['differs']?][]): Case[] =>
  rows.map(([x, differs]) => ({
    name: typeof x === 'object' ? JSON.stringify(x) : String(x),
    steps: [[`socket.${call}`, x]],
    differs,
  }));

for (const call of ['htons', 'ntohs']) {
  compare(
    call,
    order(call, [
      ...[0, 1, 255, 256, 0x1234, 0x7fff, 0x8000, 0xffff].map((x): [number] => [x]),
      ...[-1, -32768, 0x10000, 2 ** 31, 2 ** 32, 2 ** 64].map((x): [number] => [x]),
      [1.5, 'fractions'],
      [float(1), 'whole floats'],
      [null],
      ['1'],
      [true, 'booleans'],
    ]),
  );
}
for (const call of ['htonl', 'ntohl']) {
  compare(
    call,
    order(call, [
      ...[0, 1, 0x12345678, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff].map((x): [number] => [x]),
      ...[2 ** 32, 2 ** 63, 2 ** 64].map((x): [number] => [x]),
      [-1],
      [1.5, 'fractions'],
      [null],
      ['1'],
      [[1]],
    ]),
  );
}

const v4 = [
  '0.0.0.0', '127.0.0.1', '255.255.255.255', '1.2.3.4', '01.02.03.04', '1.2.3.08', '0x7f.0.0.1', '0x7F000001', '0177.1',
  '127.1', '127.0.1', '1', '4294967295', '4294967296', '256.0.0.1', '1.256', '1.2.65536', '1.16777216', '1.16777215',
  '1.2.3.4.5', '1.2.3', '1.2.3.', '.1.2.3', '1..2.3', '1.2.3.-4', '+1.2.3.4', '1.2.3.4 ', ' 1.2.3.4', '1.2.3.4 x',
  '1.2.3.4x', '1.2.3.4\n', '1.2.3.4\t', '', ' ', 'localhost', '::1', '0x', '0', '00', '0.0', '1e3', '1,2,3,4',
  '\u0661.2.3.4', '\u00b2', '999999999999999999999', 'x'.repeat(1000), '1.2.3.4\0',
]; // biome-ignore format: a list
const v6 = [
  '::', '::1', '1::', '1::2', '2001:db8::ff00:42:8329', '2001:DB8:0:0:0:FF00:42:8329', '0:0:0:0:0:0:0:0',
  '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1::8::', ':::', ':1',
  '1:', '::ffff:1.2.3.4', '::1.2.3.4', '::ffff:1.2.3', '::ffff:1.2.3.256', '64:ff9b::192.0.2.33', '1.2.3.4::', 'fe80::1%lo',
  'fe80::1%1', '12345::', '::g', '[::1]', '::1 ', ' ::1', '', '1.2.3.4', '::00001', '::0001', '::1\0', 'ff02::1',
]; // biome-ignore format: a list

const named = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 20)}...` : text);
const reads = (call: string, texts: string[], ...before: unknown[]): Case[] =>
  texts.map((text) => ({
    name: named(text),
    steps: [[`socket.${call}`, ...before, text]],
    differs: text.includes('\0') ? 'NUL' : undefined,
  }));
const others: [string, unknown][] = [
  ['None', null],
  ['a number', 5],
  ['bytes', Buffer.from('127.0.0.1')],
  ['a tuple', ['127.0.0.1']],
];
const kinds = (call: string, ...before: unknown[]): Case[] =>
  others.map(([name, value]) => ({ name, steps: [[`socket.${call}`, ...before, value]] }));

compare('inet_aton', [...reads('inet_aton', [...v4, ...v6.slice(0, 5)]), ...kinds('inet_aton')]);
compare('inet_pton of AF_INET', [
  ...reads('inet_pton', [...v4, ...v6.slice(0, 5)], AF_INET),
  ...kinds('inet_pton', AF_INET),
]);
compare('inet_pton of AF_INET6', reads('inet_pton', [...v6, ...v4.slice(0, 5)], AF_INET6));
compare('inet_pton of another family', [
  ...reads('inet_pton', ['1.2.3.4', '/tmp/x'], AF_UNIX),
  ...reads('inet_pton', ['1.2.3.4'], 0),
  ...reads('inet_pton', ['1.2.3.4'], -1),
  ...reads('inet_pton', ['1.2.3.4'], 2 ** 31),
  ...reads('inet_pton', ['1.2.3.4'], 'AF_INET'),
  ...reads('inet_pton', ['1.2.3.4'], null),
]);

const lengths = [0, 1, 3, 4, 5, 15, 16, 17, 100];
compare('inet_ntop', [
  ...[AF_INET, AF_INET6].flatMap((family) =>
    lengths.map((length): Case => ({ name: `${family}, ${length} bytes`, steps: [['socket.inet_ntop', family, Buffer.alloc(length, 7)]] })),
  ),
  ...[
    '00000000000000000000000000000000', '00000000000000000000000000000001', '00000000000000000000ffff01020304',
    '00000000000000000000000001020304', '20010db8000000000001000000000001', '20010db8000100000000000000000001',
    'fe800000000000000000000000000001', '00010000000100000001000000010000', '00000001000000010000000100000001',
    'ffffffffffffffffffffffffffffffff', '0064ff9b0000000000000000c0000221', '00010002000300040005000600000008',
  ].map((hex): Case => ({ name: hex, steps: [['socket.inet_ntop', AF_INET6, Buffer.from(hex, 'hex')]] })),
  { name: 'text', steps: [['socket.inet_ntop', AF_INET, '\x01\x02\x03\x04']], differs: 'text as bytes' },
  { name: 'None', steps: [['socket.inet_ntop', AF_INET, null]] },
  { name: 'another family', steps: [['socket.inet_ntop', AF_UNIX, Buffer.alloc(4)], ['socket.inet_ntop', -1, Buffer.alloc(4)]] },
  { name: 'a family that is text', steps: [['socket.inet_ntop', 'AF_INET', Buffer.alloc(4)]] },
]); // biome-ignore format: a list
compare('inet_ntoa', [
  ...lengths.map(
    (length): Case => ({ name: `${length} bytes`, steps: [['socket.inet_ntoa', Buffer.alloc(length, 200)]] }),
  ),
  { name: 'text', steps: [['socket.inet_ntoa', '\x01\x02\x03\x04']], differs: 'text as bytes' },
  { name: 'None', steps: [['socket.inet_ntoa', null]] },
]);
