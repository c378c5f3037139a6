/** Addresses as bind, connect, connect_ex and sendto take them: what is wrong with one, and what a right one becomes. */
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from 'bsd-socket';
import { type Case, compare, float, list, path, ref, type Step } from './oracle.ts';

const data = Buffer.from('x');

/** Every call that takes an address, each on a socket of its own. */
function everywhere(family: number, [name, address, differs]: Row): Case {
  const steps: Step[] = [
    ...['a', 'b', 'c', 'd'].map((socket): Step => [`${socket} = socket.socket`, family, SOCK_DGRAM]),
    ['a.bind', address],
    ['b.connect', address],
    ['c.connect_ex', address],
    ['d.sendto', data, address],
  ];
  return { name, steps, differs };
}

type Row = [name: string, address: unknown, differs?: Case['differs']];
const table = (family: number, rows: Row[]) => rows.map((row) => everywhere(family, row));

compare(
  'an AF_INET address',
  table(AF_INET, [
    ['None', null],
    ['a number', 5],
    ['a string', '127.0.0.1'],
    ['bytes', Buffer.from('127.0.0.1')],
    ['a list', list('127.0.0.1', 80), 'lists'],
    ['an empty tuple', []],
    ['one element', ['127.0.0.1']],
    ['three elements', ['127.0.0.1', 80, 0]],
    ['port None', ['127.0.0.1', null]],
    ['port as text', ['127.0.0.1', '80']],
    ['port as bytes', ['127.0.0.1', Buffer.from('80')]],
    ['port -1', ['127.0.0.1', -1]],
    ['port 65536', ['127.0.0.1', 65536]],
    ['port 2 ** 31', ['127.0.0.1', 2 ** 31]],
    ['port 2 ** 70', ['127.0.0.1', 2 ** 70]],
    ['port 80.0', ['127.0.0.1', float(80)], 'whole floats'],
    ['port 80.5', ['127.0.0.1', 80.5], 'fractions'],
    ['port NaN', ['127.0.0.1', Number.NaN], 'fractions'],
    ['port True', ['127.0.0.1', true], 'booleans'],
    ['host None', [null, 80]],
    ['host as a number', [127, 80]],
    ['host True', [true, 80]],
    ['host as a tuple', [['127.0.0.1'], 80]],
    ['host with NUL', ['127.0.0.1\0', 80]],
    ['host as bytes with NUL', [Buffer.from('127.0.0.1\0'), 80]],
    ['host of IPv6', ['::1', 80]],
    ['host with too many parts', ['1.2.3.4.5', 80]],
    ['host out of range', ['1.2.3.256', 80]],
    ['host with a blank', ['1.2.3.4 x', 80]],
    ['host with a label of 64 letters', [`${'x'.repeat(64)}.invalid`, 80]],
    ['host with a label of 64 letters beyond ASCII', [`${'\u00e4'.repeat(64)}.invalid`, 80], 'IDNA'],
    ['host with an empty label', ['a..b', 80]],
    ['host that begins as IDNA writes it, beyond ASCII', ['xn--\u00e4', 80], 'IDNA'],
    ['host of half a character', ['\ud800', 80], 'IDNA'],
    ['host of nothing that can be seen', ['\u00ad', 80], 'IDNA'],
  ]),
);

compare(
  'an AF_INET6 address',
  table(AF_INET6, [
    ['None', null],
    ['a string', '::1'],
    ['a list', list('::1', 80), 'lists'],
    ['an empty tuple', []],
    ['one element', ['::1']],
    ['five elements', ['::1', 80, 0, 0, 0]],
    ['port -1', ['::1', -1]],
    ['port 65536', ['::1', 65536]],
    ['port as text', ['::1', '80']],
    ['flowinfo -1', ['::1', 80, -1]],
    ['flowinfo 0xfffff', ['::1', 0, 0xfffff]],
    ['flowinfo 0x100000', ['::1', 80, 0x100000]],
    ['flowinfo 2 ** 32', ['::1', 80, 2 ** 32], 'wrapping'],
    ['flowinfo as text', ['::1', 80, '0']],
    ['flowinfo None', ['::1', 80, null]],
    ['scope id -1', ['::1', 80, 0, -1], 'wrapping'],
    ['scope id 2 ** 32', ['::1', 80, 0, 2 ** 32], 'wrapping'],
    ['scope id as text', ['::1', 80, 0, 'lo']],
    ['host of IPv4', ['127.0.0.1', 80]],
    ['host in brackets', ['[::1]', 80]],
    ['host with an unknown scope', ['fe80::1%nowhere', 80]],
    ['host None', [null, 80]],
    ['<broadcast>', ['<broadcast>', 80]],
    ['host with a scope by name that is not link-local', ['::1%lo', 0], 'scopes'],
  ]),
);

compare(
  'an AF_UNIX address',
  table(AF_UNIX, [
    ['None', null],
    ['a number', 5],
    ['a tuple', ['/tmp/x', 0]],
    ['an empty tuple', []],
    ['a path of 107 bytes', `/nowhere/${'x'.repeat(98)}`],
    ['a path of 108 bytes', `/nowhere/${'x'.repeat(99)}`],
    ['a path of 108 bytes that are not 108 letters', `/nowhere/${'\u00e4'.repeat(50)}`],
    ['bytes of 108', Buffer.from(`/nowhere/${'x'.repeat(99)}`)],
    ['an abstract name of 109 bytes', Buffer.from(`\0${'x'.repeat(108)}`)],
    ['a path of 10,000 bytes', '/x'.repeat(5000)],
    ['a path with NUL', '/nowhere/x\0y', 'NUL'],
    ['bytes with NUL', Buffer.from('/nowhere/x\0y'), 'NUL'],
    ['a path in a folder that is not there', '/nowhere/x'],
    ['a path below a file', '/dev/null/x'],
    ['a folder', '/'],
    ['an abstract name of nobody', Buffer.from('\0bsd-socket nobody')],
  ]),
);

/** Binds to an address and tells the name that came of it. */
const names = (family: number, type: number, rows: Row[]): Case[] =>
  rows.map(([name, address, differs]) => ({
    name,
    steps: [['a = socket.socket', family, type], ['a.bind', address], ['a.getsockname']],
    differs,
  }));

compare('the name of an AF_INET socket bound to', [
  { name: 'nothing', steps: [['a = socket.socket'], ['a.getsockname'], ['a.getpeername']] },
  ...names(AF_INET, SOCK_STREAM, [
    ['an empty host', ['', 0]],
    ['0.0.0.0', ['0.0.0.0', 0]],
    ['loopback', ['127.0.0.1', 0]],
    ['another loopback address', ['127.1.2.3', 0]],
    ['bytes', [Buffer.from('127.0.0.1'), 0]],
    ['127.1, as libc reads it', ['127.1', 0]],
    ['hexadecimal, as libc reads it', ['0x7f.0.0.1', 0]],
    ['octal, as libc reads it', ['0177.0.0.1', 0]],
    ['one number, as libc reads it', ['2130706433', 0]],
    ['localhost', ['localhost', 0]],
    ['an address of somebody else', ['192.0.2.1', 0]],
    ['an address of no class', ['255.255.255.254', 0]],
  ]),
  {
    name: 'an address that is taken',
    steps: [
      ['a = socket.socket'],
      ['a.bind', ['127.0.0.1', 0]],
      ['taken = a.getsockname'],
      ['b = socket.socket'],
      ['b.bind', ref('taken')],
      ['a.bind', ['127.0.0.1', 0]],
    ],
  },
]);

compare(
  'the name of an AF_INET datagram socket bound to',
  names(AF_INET, SOCK_DGRAM, [
    ['<broadcast>', ['<broadcast>', 0]],
    ['a multicast address', ['224.0.0.1', 0]],
  ]),
);

compare(
  'the name of an AF_INET6 socket bound to',
  names(AF_INET6, SOCK_STREAM, [
    ['an empty host', ['', 0]],
    ['loopback', ['::1', 0]],
    ['loopback in full', ['0:0:0:0:0:0:0:1', 0]],
    ['a flowinfo', ['::1', 0, 7]],
    ['a scope id', ['::1', 0, 0, 1]],
    ['a scope by number in the host', ['::1%1', 0]],
    ['an IPv4 address as one of IPv6', ['::ffff:127.0.0.1', 0]],
    ['a link-local address without a scope', ['fe80::1', 0]],
  ]),
);

for (const [name, type] of Object.entries({
  stream: SOCK_STREAM,
  datagram: SOCK_DGRAM,
  seqpacket: SOCK_SEQPACKET,
})) {
  compare(`the name of an AF_UNIX ${name} socket bound to`, [
    {
      name: 'nothing',
      steps: [['a = socket.socket', AF_UNIX, type], ['a.getsockname'], ['a.getpeername']],
    },
    ...names(AF_UNIX, type, [
      ['a path', path('x')],
      ['a path beyond ASCII', path('\u00e4\u{1f980}')],
      ['an empty string', ''],
      ['empty bytes', Buffer.alloc(0)],
      ['an abstract name as text', `\0bsd-socket ${name}`],
      ['an abstract name as bytes', Buffer.from(`\0bsd-socket ${name}`)],
      ['an abstract name with NULs', Buffer.from(`\0bsd-socket\0${name}\0\0`)],
      ['an abstract name of bytes that are no text', Buffer.from(`\0bsd-socket\xff\x80${name}`, 'latin1')],
      ['the longest abstract name', Buffer.from(`\0${name.padEnd(107, '.')}`)],
      ['one NUL', Buffer.from('\0')],
    ]),
  ]);
}
