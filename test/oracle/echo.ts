/** Echo over every transport, for tests with a program of somebody else at the other end. */

import * as library from 'bsd-socket';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM, type Socket } from 'bsd-socket';
import { expect, onTestFinished } from 'vitest';
import { both, type Mode, noIPv6 } from '../support.ts';
import { path } from './programs.ts';

export type AnySocket = Socket<number>;
export type Address = [host: string, port: number] | string | Buffer;

export interface Transport {
  readonly name: string;
  readonly kind: 'stream' | 'dgram' | 'seqpacket';
  readonly family: number;
  readonly type: number;
  free(): Address;
}

let count = 0;
const abstract = () => Buffer.from(`\0bsd-socket oracle\0${process.pid}\0${++count}`);

const all: Transport[] = [
  { name: 'TCP', kind: 'stream', family: AF_INET, type: SOCK_STREAM, free: () => ['127.0.0.1', 0] },
  { name: 'TCP over IPv6', kind: 'stream', family: AF_INET6, type: SOCK_STREAM, free: () => ['::1', 0] },
  { name: 'UDP', kind: 'dgram', family: AF_INET, type: SOCK_DGRAM, free: () => ['127.0.0.1', 0] },
  { name: 'UDP over IPv6', kind: 'dgram', family: AF_INET6, type: SOCK_DGRAM, free: () => ['::1', 0] },
  { name: 'a Unix stream', kind: 'stream', family: AF_UNIX, type: SOCK_STREAM, free: path },
  { name: 'an abstract Unix stream', kind: 'stream', family: AF_UNIX, type: SOCK_STREAM, free: abstract },
  { name: 'Unix datagrams', kind: 'dgram', family: AF_UNIX, type: SOCK_DGRAM, free: path },
  { name: 'abstract Unix datagrams', kind: 'dgram', family: AF_UNIX, type: SOCK_DGRAM, free: abstract },
  { name: 'Unix seqpackets', kind: 'seqpacket', family: AF_UNIX, type: SOCK_SEQPACKET, free: path },
  {
    name: 'abstract Unix seqpackets',
    kind: 'seqpacket',
    family: AF_UNIX,
    type: SOCK_SEQPACKET,
    free: abstract,
  },
];
export const transports = all.filter(({ family }) => family !== AF_INET6 || !noIPv6);

export function open(family: number, type: number): AnySocket {
  const socket = new library.Socket<number>(family, type);
  onTestFinished(() => socket.close());
  return socket;
}

/** A socket that is bound, and listens where its kind does so. */
export function serverOf({ kind, family, type, free }: Transport): AnySocket {
  const server = open(family, type);
  server.bind(free() as never);
  if (kind !== 'dgram') server.listen();
  return server;
}

/** Echoes one connection to its end, or datagrams until one of them says "end". */
export async function echo(mode: Mode, server: AnySocket, { kind }: Transport): Promise<void> {
  if (kind === 'dgram') {
    for (;;) {
      const [data, sender] = await both(mode, server).recvfrom(65536);
      await both(mode, server).sendto(data, 0, sender as never);
      if (String(data) === 'end') return;
    }
  }
  const [connection] = await both(mode, server).accept();
  try {
    for (;;) {
      const data = await both(mode, connection).recv(65536);
      if (data.length === 0) return;
      await both(mode, connection).sendall(data);
    }
  } finally {
    connection.close();
  }
}

const LARGE = Buffer.alloc(1_000_000, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));

/** Sends what it wants to have back from an echo server, small and large. */
export async function talk(mode: Mode, { kind, family, type }: Transport, address: Address): Promise<void> {
  const client = open(family, type);
  if (kind === 'dgram')
    client.bind((family === AF_UNIX ? '' : [family === AF_INET ? '' : '::1', 0]) as never);
  await both(mode, client).connect(address as never);
  for (const data of [
    Buffer.from('hello'),
    kind === 'stream' ? LARGE : LARGE.subarray(0, 30_000),
    Buffer.from('end'),
  ]) {
    expect((await exchange(mode, client, data, kind === 'stream')).equals(data)).toBe(true);
  }
  if (kind === 'stream') {
    client.shutdown(library.SHUT_WR);
    expect(await both(mode, client).recv(1)).toHaveLength(0);
  }
  client.close();
}

/** A blocking stream must not send more at once than the way there and back can hold. */
const PIECE = 32 * 1024;

async function exchange(mode: Mode, client: AnySocket, data: Buffer, stream: boolean): Promise<Buffer> {
  const back: Buffer[] = [];
  for (let start = 0; start < data.length; start += PIECE) {
    const piece = data.subarray(start, start + PIECE);
    await both(mode, client).sendall(piece);
    for (let missing = piece.length; missing > 0; ) {
      const received = await both(mode, client).recv(stream ? missing : 65536);
      if (received.length === 0) throw new Error('the stream has ended');
      back.push(received);
      missing -= received.length;
    }
  }
  return Buffer.concat(back);
}
