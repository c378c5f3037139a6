/** Asynchronous calls: servers under a load from a C program, and loops that one process measures by itself. */
import { beside, file, idle, itself, pid, port, served } from '../measures.mjs';

const FILE = 256 << 20;

/** @param {import('../cases.mjs').Scale} scale */
export function eventLoop({ count, seconds }) {
  const ours = (kind) => ['node', 'echo', kind];
  const node = (kind) => ['node', 'node-echo', kind];
  const asyncio = (kind) => ['python', 'echo', kind];
  // A server in JavaScript gets faster for more than a second.
  const [warm, measured] = [seconds(1.5), seconds(1)];
  const echoes = (connections) => ['c', 'echo-load', port, pid, warm, measured, connections, 64];
  const datagrams = ['c', 'udp-load', port, pid, warm, measured, 32, 64];
  const connections = ['c', 'connect-load', port, pid, count(5000), 50];
  const besideSink = (...program) => beside(['c', 'bulk-server', 'sink'], program, { core: 1 });
  let path;
  const large = () => {
    path ??= file(count(FILE));
    return path;
  };

  return [
    {
      name: 'echo-50',
      title: 'async TCP echo of 64 B, 50 connections',
      rounds: 5,
      unit: 'message',
      sides: {
        ours: served(ours('socket'), echoes(50)),
        'node:net': served(node('net'), echoes(50)),
        C: served(['c', 'echo-server'], echoes(50)),
        asyncio: served(asyncio('sock'), echoes(50)),
      },
      targets: [
        { peer: 'node:net', of: 'cpu/op', atMost: 0.7 },
        { peer: 'C', of: 'cpu/op', atMost: 1.2 },
        { peer: 'node:net', of: 'rate', atLeast: 1.3 },
        { peer: 'asyncio', of: 'rate', atLeast: 1.5 },
      ],
    },
    {
      name: 'echo-1000',
      title: 'async TCP echo of 64 B, 1,000 connections',
      rounds: 7,
      unit: 'message',
      sides: {
        ours: served(ours('socket'), echoes(1000)),
        'node:net': served(node('net'), echoes(1000)),
      },
      targets: [{ peer: 'node:net', of: 'cpu/op', atMost: 0.75 }],
    },
    {
      name: 'streams-echo',
      title: 'echo of asyncio-style streams (startServer), 50 connections',
      rounds: 5,
      unit: 'message',
      sides: {
        ours: served(ours('streams'), echoes(50)),
        'node:net': served(node('net'), echoes(50)),
        asyncio: served(asyncio('streams'), echoes(50)),
      },
      targets: [
        { peer: 'node:net', of: 'cpu/op', atMost: 0.9 },
        { peer: 'asyncio', of: 'rate', atLeast: 1.5 },
      ],
    },
    {
      name: 'udp-echo',
      title: 'async UDP echo of 64 B, 32 datagrams on their way',
      rounds: 7,
      unit: 'datagram',
      sides: {
        ours: served(ours('udp'), datagrams),
        'node:dgram': served(node('dgram'), datagrams),
      },
      targets: [{ peer: 'node:dgram', of: 'rate', atLeast: 2 }],
    },
    {
      name: 'udp-echo-batches',
      title: 'async UDP echo, recvmmsgAsync and sendmmsgAsync',
      rounds: 7,
      unit: 'datagram',
      sides: {
        ours: served(ours('udp-batches'), datagrams),
        'node:dgram': served(node('dgram'), datagrams),
      },
      targets: [{ peer: 'node:dgram', of: 'rate', atLeast: 2 }],
    },
    {
      name: 'unix-datagrams',
      title: 'async Unix datagrams of 64 B, one at a time',
      rounds: 10,
      unit: 'datagram',
      sides: {
        ours: itself(['node', 'async-calls', 'unix-datagrams', count(5e4), 64]),
        'unix-dgram': itself(['npm', 'unix-dgram', 'unix-datagrams', count(5e4), 64]),
      },
      targets: [{ peer: 'unix-dgram', of: 'time/op' }],
    },
    {
      name: 'async-bulk',
      title: 'async bulk, writes of 64 KiB on one connection to a C program',
      rounds: 10,
      unit: 'block of 64 KiB',
      sides: {
        ours: besideSink('node', 'async-calls', 'bulk', count(3e4), 1 << 16, port),
        'node:net': besideSink('node', 'node-calls', 'bulk', count(3e4), 1 << 16, port),
      },
      targets: [{ peer: 'node:net', of: 'rate', atLeast: 1.1 }],
    },
    {
      name: 'sendfile',
      title: 'a file of 256 MiB over TCP: sendfileAsync, stream.pipe(socket)',
      rounds: 10,
      unit: 'file',
      sides: {
        ours: besideSink('node', 'async-calls', 'file', 1, count(FILE), port, large),
        'node:fs': besideSink('node', 'node-calls', 'file', 1, count(FILE), port, large),
      },
      targets: [{ peer: 'node:fs', of: 'cpu/op', atMost: 0.4 }],
    },
    {
      name: 'connect',
      title: 'connect + accept + close, both ends in one process, 10 at a time',
      rounds: 10,
      unit: 'connection',
      sides: {
        ours: itself(['node', 'async-calls', 'connections', count(5000), 0]),
        'node:net': itself(['node', 'node-calls', 'connections', count(5000), 0]),
      },
      targets: [{ peer: 'node:net', of: 'rate', atLeast: 1.2 }],
    },
    {
      name: 'accept',
      title: 'accept + close under a load of connections from a C program',
      rounds: 10,
      unit: 'connection',
      sides: {
        ours: served(ours('accept'), connections),
        'node:net': served(node('accept'), connections),
      },
      // The load takes longer than the server, so the rate is the load's.
      targets: [{ peer: 'node:net', of: 'cpu/op' }],
    },
    {
      name: 'idle',
      title: '10,000 idle connections of an echo server',
      rounds: 5,
      unit: 'connection',
      sides: {
        ours: idle(ours('socket'), count(10_000)),
        'node:net': idle(node('net'), count(10_000)),
      },
      targets: [{ peer: 'node:net', of: 'memory/op', atMost: 0.4 }],
    },
    {
      name: 'idle-selector',
      title: '10,000 idle connections of an echo server on selectAsync',
      rounds: 5,
      unit: 'connection',
      sides: {
        ours: idle(ours('selectors'), count(10_000)),
        'node:net': idle(node('net'), count(10_000)),
      },
      targets: [{ peer: 'node:net', of: 'memory/op', atMost: 0.4 }],
    },
  ];
}
