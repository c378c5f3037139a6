/** getaddrinfo, getnameinfo, gethostbyname: what they give for numeric hosts and what for impossible ones. */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  IPPROTO_TCP,
  IPPROTO_UDP,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from 'bsd-socket';
import { type Case, compare, float, list } from './oracle.ts';

const families = { AF_UNSPEC, AF_INET, AF_INET6 };
const types = { any: 0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };
const protocols = { any: 0, IPPROTO_TCP, IPPROTO_UDP };
const flagSets = {
  AI_NUMERICHOST,
  'AI_PASSIVE, AI_NUMERICHOST': AI_PASSIVE | AI_NUMERICHOST,
  'AI_V4MAPPED, AI_NUMERICHOST': AI_V4MAPPED | AI_NUMERICHOST,
  'AI_V4MAPPED, AI_ALL, AI_NUMERICHOST': AI_V4MAPPED | AI_ALL | AI_NUMERICHOST,
  'AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV': AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV,
};
const hosts = ['127.0.0.1', '::1', null] as const;

/** Every combination of hints, with numeric hosts: all that belong to one host and one set of flags are one case. */
const hints = hosts.flatMap((host) =>
  Object.entries(flagSets).map(
    ([name, flags]): Case => ({
      name: `${host}, ${name}`,
      steps: Object.values(families).flatMap((family) =>
        Object.values(types).flatMap((type) =>
          Object.values(protocols).map((protocol): Case['steps'][number] => [
            'socket.getaddrinfo',
            host,
            80,
            family,
            type,
            protocol,
            flags,
          ]),
        ),
      ),
    }),
  ),
);

const looked = (name: string, args: unknown[], differs?: Case['differs']): Case => ({
  name,
  steps: [['socket.getaddrinfo', ...args]],
  differs,
});

compare('getaddrinfo with every hint', hints);

compare('getaddrinfo of a host', [
  looked('in libc’s short form', ['127.1', 80]),
  looked('in hexadecimal', ['0x7f.1', 80]),
  looked('as bytes', [Buffer.from('127.0.0.1'), 80]),
  looked('with a scope by number', ['fe80::1%1', 80, 0, SOCK_STREAM]),
  looked('with a scope by name', ['fe80::1%lo', 80, 0, SOCK_STREAM]),
  looked('with a scope of nothing', ['fe80::1%nowhere', 80, 0, SOCK_STREAM, 0, AI_NUMERICHOST]),
  looked('of IPv4 as IPv6', ['127.0.0.1', 80, AF_INET6, SOCK_STREAM, 0, AI_NUMERICHOST]),
  looked('of IPv6 as IPv4', ['::1', 80, AF_INET, SOCK_STREAM, 0, AI_NUMERICHOST]),
  looked('that is a name where a number is wanted', ['localhost', 80, 0, 0, 0, AI_NUMERICHOST]),
  looked('localhost', ['localhost', 80, AF_INET, SOCK_STREAM]),
  looked('localhost in capitals', ['LOCALHOST', 80, AF_INET, SOCK_STREAM]),
  looked('that is empty', ['', 80]),
  looked('that is out of range', ['256.0.0.1', 80, 0, 0, 0, AI_NUMERICHOST]),
  looked('with a blank', ['127.0.0.1 ', 80, 0, 0, 0, AI_NUMERICHOST]),
  looked('with NUL', ['127.0.0.1\0', 80], 'NUL'),
  looked('that is a number', [5, 80]),
  looked('that is a tuple', [['127.0.0.1'], 80]),
  looked('that is True', [true, 80]),
  looked('with a label of 64 letters', [`${'x'.repeat(64)}.invalid`, 80], 'IDNA'),
  looked('with an empty label', ['a..b', 80, 0, 0, 0, AI_NUMERICHOST], 'IDNA'),
  looked('that begins as IDNA writes it, beyond ASCII', ['xn--\u00e4', 80], 'IDNA'),
  looked('of half a character', ['\ud800', 80], 'IDNA'),
  looked('beyond ASCII with a blank', ['\u00e4 b', 80, 0, 0, 0, AI_NUMERICHOST]),
  looked('beyond ASCII with a percent sign', ['\u00e4%', 80, 0, 0, 0, AI_NUMERICHOST]),
  looked('and nothing else', ['127.0.0.1'], 'missing arguments'),
]);

compare('getaddrinfo of a port', [
  ...[0, 1, 80, 65535].map((port) => looked(String(port), ['127.0.0.1', port, 0, SOCK_STREAM])),
  ...['0', '80', '65535', '080'].map((port) => looked(`'${port}'`, ['127.0.0.1', port, 0, SOCK_STREAM])),
  looked('as bytes', ['127.0.0.1', Buffer.from('80'), 0, SOCK_STREAM]),
  looked('that is a name', ['127.0.0.1', 'http', 0, SOCK_STREAM]),
  looked('that is a name, of datagrams', ['127.0.0.1', 'ntp', 0, SOCK_DGRAM]),
  looked('that is a name of a service without streams', ['127.0.0.1', 'tftp', 0, SOCK_STREAM]),
  looked('that is a name of nothing', ['127.0.0.1', 'no such service', 0, SOCK_STREAM]),
  looked('that is empty', ['127.0.0.1', '', 0, SOCK_STREAM]),
  looked('that is a name where a number is wanted', ['127.0.0.1', 'http', 0, SOCK_STREAM, 0, AI_NUMERICSERV]),
  looked('None', ['127.0.0.1', null, 0, SOCK_STREAM]),
  looked('None, of host None', [null, null]),
  looked('-1', ['127.0.0.1', -1, 0, SOCK_STREAM], 'ports'),
  looked('65536', ['127.0.0.1', 65536, 0, SOCK_STREAM], 'ports'),
  looked('2 ** 32', ['127.0.0.1', 2 ** 32, 0, SOCK_STREAM], 'ports'),
  looked("'65536'", ['127.0.0.1', '65536', 0, SOCK_STREAM], 'ports'),
  looked('1.5', ['127.0.0.1', 1.5, 0, SOCK_STREAM], 'kinds of ports'),
  looked('80.0', ['127.0.0.1', float(80), 0, SOCK_STREAM], 'kinds of ports'),
  looked('a tuple', ['127.0.0.1', [80], 0, SOCK_STREAM], 'kinds of ports'),
]);

compare('getaddrinfo of hints', [
  looked('an unknown family', ['127.0.0.1', 80, 12345]),
  looked('AF_UNIX', ['127.0.0.1', 80, AF_UNIX]),
  looked('an unknown type', ['127.0.0.1', 80, 0, 12345]),
  looked('SOCK_SEQPACKET', ['127.0.0.1', 80, 0, SOCK_SEQPACKET]),
  looked('a type and another protocol', ['127.0.0.1', 80, 0, SOCK_STREAM, IPPROTO_UDP]),
  looked('unknown flags', ['127.0.0.1', 80, 0, 0, 0, -1]),
  looked('a family that is text', ['127.0.0.1', 80, 'AF_INET']),
  looked('a family None', ['127.0.0.1', 80, null]),
  looked('a type of 1.5', ['127.0.0.1', 80, 0, 1.5], 'fractions'),
  looked('flags of 2 ** 31', ['127.0.0.1', 80, 0, 0, 0, 2 ** 31]),
  looked('AI_ADDRCONFIG', ['127.0.0.1', 80, AF_INET, SOCK_STREAM, 0, AI_ADDRCONFIG]),
]);

const NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV;
const named = (name: string, args: unknown[], differs?: Case['differs']): Case => ({
  name,
  steps: [['socket.getnameinfo', ...args]],
  differs,
});

compare('getnameinfo', [
  named('of IPv4', [['127.0.0.1', 80], NUMERIC]),
  named('of IPv6', [['::1', 80], NUMERIC]),
  named('of IPv6 with all fields', [['::1', 80, 3, 0], NUMERIC]),
  named('of a scope', [['fe80::1', 80, 0, 1], NUMERIC]),
  named('of IPv6 that carries IPv4', [['::ffff:1.2.3.4', 80], NUMERIC]),
  named('of a service', [['127.0.0.1', 80], NI_NUMERICHOST]),
  named('of a service of datagrams', [['127.0.0.1', 69], NI_NUMERICHOST | NI_DGRAM]),
  named('of a service without a name', [['127.0.0.1', 65432], NI_NUMERICHOST]),
  named('of an address that must have a name', [['0.0.0.0', 80], NI_NAMEREQD]),
  named('of port 0', [['127.0.0.1', 0], NUMERIC]),
  named('of flags that are unknown', [['127.0.0.1', 80], -1]),
  named('of flags that are text', [['127.0.0.1', 80], '1']),
  named('of flags None', [['127.0.0.1', 80], null]),
  named('without flags', [['127.0.0.1', 80]]),
  named('of a name', [['localhost', 80], NUMERIC]),
  named('of IPv4 with four fields', [['127.0.0.1', 80, 0, 0], NUMERIC], 'IPv4 of four'),
  named('of a list', [list('127.0.0.1', 80), NUMERIC], 'lists'),
  named('of text', ['127.0.0.1', NUMERIC]),
  named('of None', [null, NUMERIC]),
  named('of one element', [['127.0.0.1'], NUMERIC]),
  named('of an empty tuple', [[], NUMERIC]),
  named('of a flow info of 21 bits', [['::1', 80, 0x100000, 0], NUMERIC]),
  named('of port 70000', [['127.0.0.1', 70000], NUMERIC], 'ports'),
  named('of port -1', [['127.0.0.1', -1], NUMERIC], 'ports'),
  named('of port 80.5', [['127.0.0.1', 80.5], NUMERIC], 'fractions'),
  named('of a port that is text', [['127.0.0.1', '80'], NUMERIC]),
  named('of a host that is bytes', [[Buffer.from('127.0.0.1'), 80], NUMERIC], 'hosts as bytes'),
  named('of a host None', [[null, 80], NUMERIC]),
]);

const host = (name: string, value: unknown, differs?: Case['differs']): Case => ({
  name,
  steps: [['socket.gethostbyname', value]],
  differs,
});

compare('gethostbyname', [
  host('numeric', '127.0.0.1'),
  host('short', '127.1'),
  host('bytes', Buffer.from('127.0.0.1')),
  host('empty', ''),
  host('<broadcast>', '<broadcast>'),
  host('localhost', 'localhost'),
  host('IPv6', '::1'),
  host('a name that cannot be', 'a..b', 'IDNA'),
  host('a name that begins as IDNA writes it, beyond ASCII', 'xn--\u00e4', 'IDNA'),
  host('a name with a blank', 'a b'),
  host('out of range', '256.256.256.256'),
  host('NUL', 'localhost\0'),
  host('None', null),
  host('a number', 5),
  host('a tuple', ['localhost']),
]);

compare('this machine', [
  { name: 'has_dualstack_ipv6', steps: [['socket.has_dualstack_ipv6']] },
  { name: 'gethostname', steps: [['socket.gethostname']] },
  { name: 'has_ipv6', steps: [['get socket.has_ipv6']] },
]);
