/**
 * What is compared. A case has sides, of which `ours` comes first; each is measured by `measure` and gives numbers by
 * name; a target compares one of those numbers with a peer's.
 */
import { run, Server } from './programs.mjs';

/** A program that measures itself: CPU and wall time an operation. */
const itself = (program) => async () => {
  const { operations, seconds, cpu } = await run(program);
  return { 'time/op': seconds / operations, 'cpu/op': cpu / operations, rate: operations / seconds };
};

/** A program that measures itself beside a server that it talks to, both on one core. */
const beside = (server, program) => async () => {
  const peer = await Server.start(server, 0);
  try {
    return await itself([...program, peer.port])();
  } finally {
    await peer.stop();
  }
};

/** A server under load: its CPU time a message, and how many it answered in a second. */
const served = (server, load) => async () => {
  const subject = await Server.start(server, 0);
  try {
    const [language, name, ...args] = load;
    const before = subject.cpu();
    const { operations, seconds } = await run([language, name, subject.port, ...args], 1);
    return { 'cpu/op': (subject.cpu() - before) / operations, rate: operations / seconds };
  } finally {
    await subject.stop();
  }
};

const calls = (name, ...args) => itself(['node', 'calls', name, ...args]);
const pythonCalls = (name, ...args) => itself(['python', 'calls', name, ...args]);
const echo = (connections) => ['c', 'echo-load', connections, 64, 2];

export const cases = [
  {
    name: 'socketpair-into',
    title: 'socketpair, send + recvInto of 64 B, data ready',
    sides: { ours: calls('socketpair-into', 1e6, 64), C: itself(['c', 'socketpair', 1e6, 64]) },
    targets: [{ peer: 'C', of: 'time/op', atMost: 1.2 }],
  },
  ...[
    [64, 5e5, 0.95],
    [4096, 3e5, 1],
    [65536, 5e4, 1],
  ].map(([size, count, atMost]) => ({
    name: `socketpair-recv-${size}`,
    title: `socketpair, send + recv of ${size} B, a new Buffer each`,
    sides: {
      ours: calls('socketpair-recv', count, size),
      CPython: pythonCalls('socketpair-recv', count, size),
    },
    targets: [{ peer: 'CPython', of: 'time/op', atMost }],
  })),
  {
    name: 'ping-pong',
    title: 'blocking TCP ping-pong of 64 B with a C echo server on one core',
    sides: {
      ours: beside(['c', 'echo-server'], ['node', 'calls', 'ping-pong', 1e5, 64]),
      CPython: beside(['c', 'echo-server'], ['python', 'calls', 'ping-pong', 1e5, 64]),
    },
    targets: [{ peer: 'CPython', of: 'time/op', atMost: 1.05 }],
  },
  {
    name: 'udp',
    title: 'UDP sendto + recvfrom of 64 B',
    sides: { ours: calls('datagrams', 3e5, 64), CPython: pythonCalls('datagrams', 3e5, 64) },
    targets: [{ peer: 'CPython', of: 'time/op', atMost: 0.85 }],
  },
  {
    name: 'udp-into',
    title: 'UDP sendto + recvfromInto of 64 B',
    sides: { ours: calls('datagrams-into', 3e5, 64), C: itself(['c', 'datagrams', 3e5, 64]) },
    targets: [{ peer: 'C', of: 'time/op', atMost: 1.25 }],
  },
  {
    name: 'udp-batch',
    title: 'UDP sendmmsg + recvmmsg of 64 B, 32 in a call',
    sides: { ours: calls('batches', 64e4, 64), C: itself(['c', 'batches', 64e4, 64]) },
    targets: [{ peer: 'C', of: 'time/op', atMost: 1.15 }],
  },
  {
    name: 'echo-50',
    title: 'async TCP echo of 64 B, 50 connections',
    sides: {
      ours: served(['node', 'echo', 'socket'], echo(50)),
      'node:net': served(['node', 'echo', 'net'], echo(50)),
      C: served(['c', 'echo-server'], echo(50)),
      asyncio: served(['python', 'echo', 'streams'], echo(50)),
    },
    targets: [
      { peer: 'node:net', of: 'cpu/op', atMost: 0.7 },
      { peer: 'C', of: 'cpu/op', atMost: 1.2 },
      { peer: 'node:net', of: 'rate', atLeast: 1.3 },
      { peer: 'asyncio', of: 'rate', atLeast: 1.5 },
    ],
  },
];
