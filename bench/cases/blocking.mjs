/** Blocking calls: loops that one process measures by itself. */
import { beside, itself, port } from '../measures.mjs';

/** @param {import('../cases.mjs').Scale} scale */
export function blocking({ count }) {
  const ours = (name, ...args) => ['node', 'calls', name, ...args];
  const cpython = (name, ...args) => ['python', 'calls', name, ...args];
  const c = (name, ...args) => ['c', name, ...args];

  const recv = ({ size, operations, atMost }) => ({
    name: `recv-${size}`,
    title: `socketpair, send + recv of ${size} B, a new Buffer each`,
    rounds: 10,
    unit: 'send + recv',
    sides: {
      ours: itself(ours('socketpair-recv', count(operations), size)),
      CPython: itself(cpython('socketpair-recv', count(operations), size)),
    },
    targets: [{ peer: 'CPython', of: 'time/op', atMost }],
  });

  const bulk = ({ direction, size, operations }) => {
    const server = ['c', 'bulk-server', direction === 'send' ? 'sink' : 'source'];
    // The sink never sleeps, and has a core of its own.
    const where = { core: direction === 'send' ? 1 : 0 };
    const amount = size < 1 << 20 ? `${size >> 10} KiB` : `${size >> 20} MiB`;
    const way = direction === 'send' ? 'sent to' : 'received from';
    return {
      name: `bulk-${direction}-${size >> 10}k`,
      title: `blocking bulk, blocks of ${amount} ${way} a C program`,
      rounds: 10,
      unit: `block of ${amount}`,
      sides: {
        ours: beside(server, ours(`bulk-${direction}`, count(operations), size, port), where),
        C: beside(server, c('bulk', direction, port, count(operations), size), where),
      },
      targets: [
        { peer: 'C', of: 'rate', atLeast: 0.95 },
        { peer: 'C', of: 'cpu/op' },
      ],
    };
  };

  return [
    {
      name: 'socketpair-into',
      title: 'socketpair, send + recvInto of 64 B, data ready',
      rounds: 10,
      unit: 'send + recv',
      sides: {
        ours: itself(ours('socketpair-into', count(15e4), 64)),
        C: itself(c('socketpair', count(15e4), 64)),
        'posix-socket': itself(['npm', 'posix-socket', 'socketpair-into', count(15e4), 64]),
      },
      targets: [
        { peer: 'C', of: 'time/op', atMost: 1.2 },
        { peer: 'posix-socket', of: 'time/op' },
      ],
    },
    recv({ size: 64, operations: 15e4, atMost: 0.95 }),
    recv({ size: 4096, operations: 1e5, atMost: 1 }),
    recv({ size: 65536, operations: 25e3, atMost: 1 }),
    {
      name: 'ping-pong',
      title: 'blocking TCP ping-pong of 64 B with a C echo server on the same core',
      rounds: 10,
      unit: 'round trip',
      sides: {
        ours: beside(['c', 'echo-server'], ours('ping-pong', count(4e4), 64, port)),
        CPython: beside(['c', 'echo-server'], cpython('ping-pong', count(4e4), 64, port)),
      },
      targets: [{ peer: 'CPython', of: 'time/op', atMost: 1.05 }],
    },
    bulk({ direction: 'send', size: 1 << 16, operations: 2e4 }),
    bulk({ direction: 'send', size: 1 << 20, operations: 1250 }),
    bulk({ direction: 'recv', size: 1 << 16, operations: 2e4 }),
    bulk({ direction: 'recv', size: 1 << 20, operations: 1250 }),
    {
      name: 'udp',
      title: 'UDP sendto + recvfrom of 64 B',
      rounds: 10,
      unit: 'datagram',
      sides: {
        ours: itself(ours('datagrams', count(1e5), 64)),
        CPython: itself(cpython('datagrams', count(1e5), 64)),
      },
      targets: [{ peer: 'CPython', of: 'time/op', atMost: 0.85 }],
    },
    {
      name: 'udp-into',
      title: 'UDP sendto + recvfromInto of 64 B',
      rounds: 10,
      unit: 'datagram',
      sides: {
        ours: itself(ours('datagrams-into', count(1e5), 64)),
        C: itself(c('datagrams', count(1e5), 64)),
        'posix-socket': itself(['npm', 'posix-socket', 'datagrams-into', count(1e5), 64]),
      },
      targets: [
        { peer: 'C', of: 'time/op', atMost: 1.25 },
        { peer: 'posix-socket', of: 'time/op' },
      ],
    },
    {
      name: 'udp-batch',
      title: 'UDP sendmmsg + recvmmsg of 64 B, 32 in a call',
      rounds: 10,
      unit: 'datagram',
      sides: {
        ours: itself(ours('batches', count(32e4), 64)),
        C: itself(c('batches', count(32e4), 64)),
        'node:dgram': itself(['node', 'node-calls', 'datagrams', count(64e3), 64]),
      },
      targets: [
        { peer: 'C', of: 'time/op', atMost: 1.15 },
        { peer: 'node:dgram', of: 'time/op', atMost: 0.5 },
      ],
    },
  ];
}
