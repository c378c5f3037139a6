/** binding/io_calls.cpp: the calls that move bytes. */
import {
  AF_INET,
  AF_UNIX,
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  EPIPE,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from 'bsd-socket';
import * as binding from 'bsd-socket/binding';
import { describe, expect, test } from 'vitest';
import { detach, growable, resizable, wasmMemory } from '../fixtures/memory.ts';
import {
  bound,
  called,
  fill,
  isNonblocking,
  keep,
  nameOf,
  open,
  pair,
  sockaddrOf,
  storage,
} from './descriptors.ts';

const text = (view: Uint8Array) =>
  Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('latin1');
const sendText = (fd: number, data: string) => binding.send(fd, Buffer.from(data), 0, 0, data.length);

function tcp(): [number, number] {
  const [server, client] = called(AF_INET);
  return [client, keep(binding.accept(server, storage()))];
}

/** A TCP connection with one byte of urgent data on its way to the first end. */
function withUrgentData(): number {
  const [client, connection] = tcp();
  binding.send(connection, Buffer.from('!'), MSG_OOB, 0, 1);
  return client;
}

/** So many bytes, which take no memory until they are written to. */
function largest(size: number): Uint8Array | undefined {
  try {
    return new Uint8Array(size);
  } catch {
    return undefined;
  }
}

describe('nothing waits on a blocking descriptor', () => {
  test.each([0, MSG_WAITALL, MSG_PEEK, MSG_DONTWAIT, MSG_TRUNC, MSG_ERRQUEUE])(
    'to receive, flags %i',
    (flags) => {
      for (const fd of [tcp()[0], bound(AF_INET, SOCK_DGRAM)]) {
        const buffer = new Uint8Array(8);
        expect(binding.recv(fd, buffer, flags, 0, 8)).toBe(-EAGAIN);
        expect(binding.recvfrom(fd, buffer, flags, storage(), 0, 8)).toBe(-EAGAIN);
        expect(isNonblocking(fd)).toBe(false);
      }
    },
  );

  test('to send', () => {
    for (const type of [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]) {
      const [a] = pair(type);
      expect(fill(a)).toBeGreaterThan(0);
      expect(binding.send(a, new Uint8Array(1000), 0, 0, 1000)).toBe(-EAGAIN);
      expect(isNonblocking(a)).toBe(false);
    }
  });

  test('to send to a full receiver', () => {
    const receiver = bound(AF_UNIX, SOCK_DGRAM);
    const sender = open(AF_UNIX, SOCK_DGRAM);
    const to = sockaddrOf(receiver);
    let result = 0;
    while (result >= 0) result = binding.sendto(sender, new Uint8Array(1), 0, to, 0, 1);
    expect(result).toBe(-EAGAIN);
  });

  test('a stream takes what there is room for', () => {
    const [a] = pair();
    const data = new Uint8Array(10_000_000);
    const count = binding.send(a, data, 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(data.length);
  });
});

describe('a call stays within the bytes it was given', () => {
  test('recv writes to offset and length alone', () => {
    const [a, b] = pair(SOCK_DGRAM);
    sendText(b, 'abcdefghij');
    const memory = Buffer.alloc(32, '.');
    const view = new Uint8Array(memory.buffer, memory.byteOffset + 8, 16);
    expect(binding.recv(a, view, 0, 4, 6)).toBe(6);
    expect(text(memory)).toBe('............abcdef..............');
  });

  test('recvfrom does so too, and writes the address to its storage alone', () => {
    const a = bound(AF_INET, SOCK_DGRAM);
    const b = bound(AF_INET, SOCK_DGRAM);
    binding.sendto(b, Buffer.from('0123456789'), 0, sockaddrOf(a), 2, 5);
    const memory = Buffer.alloc(16, '.');
    const around = new Uint8Array(binding.STORAGE_SIZE + 16).fill(46);
    const where = new Uint8Array(around.buffer, 8, binding.STORAGE_SIZE);
    expect(binding.recvfrom(a, memory, 0, where, 1, 4)).toBe(4);
    expect(text(memory)).toBe('.2345...........');
    expect(binding.address(where)).toEqual(nameOf(b));
    expect(text(around.subarray(0, 8)) + text(around.subarray(-8))).toBe('................');
  });

  test('send reads from offset and length alone', () => {
    const [a, b] = pair(SOCK_DGRAM);
    const data = Buffer.from('0123456789');
    expect(binding.send(a, new Uint8Array(data.buffer, data.byteOffset + 1, 8), 0, 2, 3)).toBe(3);
    const buffer = Buffer.alloc(8, '.');
    expect(binding.recv(b, buffer, 0, 0, 8)).toBe(3);
    expect(text(buffer)).toBe('345.....');
  });

  test('MSG_TRUNC tells the length of the datagram and writes no more than fits', () => {
    const [a, b] = pair(SOCK_DGRAM);
    sendText(b, 'abcdefghij');
    const buffer = Buffer.alloc(8, '.');
    expect(binding.recv(a, buffer, MSG_TRUNC, 2, 3)).toBe(10);
    expect(text(buffer)).toBe('..abc...');
  });

  test.each([
    ['offset -1', -1, 1],
    ['offset beyond the end', 9, 0],
    ['length -1', 0, -1],
    ['length beyond the end', 0, 9],
    ['both together beyond the end', 5, 4],
    ['sums that overflow 32 bits', 2 ** 32 - 1, 2],
    ['sums that overflow 53 bits', 2 ** 53 - 1, 2 ** 53 - 1],
    ['fractions', 0.5, 1],
  ])('%s is a RangeError', (_, offset, length) => {
    const [a, b] = pair(SOCK_DGRAM);
    sendText(b, 'abc');
    const buffer = new Uint8Array(8);
    expect(() => binding.recv(a, buffer, 0, offset, length)).toThrow(RangeError);
    expect(() => binding.recvfrom(a, buffer, 0, storage(), offset, length)).toThrow(RangeError);
    expect(() => binding.send(a, buffer, 0, offset, length)).toThrow(RangeError);
    expect(() => binding.sendto(a, buffer, 0, new Uint8Array(16), offset, length)).toThrow(RangeError);
    // Nothing has been received and nothing sent.
    expect(binding.fionread(a)).toBe(3);
    expect(binding.fionread(b)).toBe(0);
  });

  test('an empty range is a range: at the end, and of an empty view', () => {
    const [a, b] = pair();
    sendText(b, 'abc');
    expect(binding.recv(a, new Uint8Array(8), 0, 8, 0)).toBe(0);
    expect(binding.recv(a, new Uint8Array(0), 0, 0, 0)).toBe(0);
    expect(binding.send(a, new Uint8Array(0), 0, 0, 0)).toBe(0);
    expect(binding.fionread(a)).toBe(3);
  });
});

describe('any view is memory, counted in bytes', () => {
  const grown = growable(8, 64);
  const tracking = new Uint8Array(grown);
  grown.grow(16);

  test.each<[string, NodeJS.ArrayBufferView]>([
    ['a Float64Array', new Float64Array(2)],
    ['a BigInt64Array', new BigInt64Array(2)],
    ['an Int16Array', new Int16Array(8)],
    ['a DataView', new DataView(new ArrayBuffer(24), 8)],
    ['a Buffer', Buffer.alloc(16)],
    ['shared memory', new Uint8Array(new SharedArrayBuffer(16))],
    ['growable shared memory that has grown', tracking],
    ['a resizable buffer', new Uint8Array(resizable(16, 32))],
    ['WebAssembly memory', new Uint8Array(wasmMemory(), 40, 16)],
    ['an odd place', new Uint8Array(new ArrayBuffer(32), 3, 16)],
  ])('%s', (_, view) => {
    const [a, b] = pair();
    sendText(b, 'sixteen bytes ok');
    expect(binding.recv(a, view, 0, 0, 16)).toBe(16);
    expect(binding.send(a, view, 0, 0, 16)).toBe(16);
    const back = Buffer.alloc(16);
    binding.recv(b, back, 0, 0, 16);
    expect(text(back)).toBe('sixteen bytes ok');
    expect(() => binding.recv(a, view, 0, 0, view.byteLength + 1)).toThrow(RangeError);
  });

  test('memory that is gone has no bytes', () => {
    const [a, b] = pair();
    sendText(b, 'abc');
    const detached = new Uint8Array(16);
    detach(detached.buffer);
    const shrinking = resizable(16);
    const fixed = new Uint8Array(shrinking, 4, 12);
    const following = new Uint8Array(shrinking);
    shrinking.resize(8);
    for (const view of [detached, fixed]) {
      expect(() => binding.recv(a, view, 0, 0, 1)).toThrow(RangeError);
      expect(() => binding.send(a, view, 0, 0, 1)).toThrow(RangeError);
      expect(() => binding.getsockname(a, view)).toThrow(RangeError);
      expect(binding.recv(a, view, 0, 0, 0)).toBe(0);
    }
    expect(() => binding.recv(a, following, 0, 0, 9)).toThrow(RangeError);
    expect(binding.recv(a, following, 0, 0, 8)).toBe(3);
  });

  test('so are 3 GiB, of which the kernel takes what it wants', (context) => {
    const [a, b] = pair();
    const view = largest(3 * 2 ** 30);
    if (view === undefined) return context.skip('this machine has no 3 GiB to give');
    const sent = binding.send(a, view, 0);
    expect(sent).toBeGreaterThan(0);
    expect(binding.recv(b, view, 0, view.length - 1, 1)).toBe(1);
    expect(binding.recv(b, view, 0)).toBe(sent - 1);
    expect(binding.bind(a, view)).toBe(-EINVAL);
    expect(binding.sendto(a, view, 0, view, 0, 1)).toBe(-EINVAL);
  });
});

describe('what is sent and received', () => {
  test('a stream has no sender’s address, an unnamed socket neither', () => {
    const [client, connection] = tcp();
    sendText(connection, 'x');
    const where = storage().fill(255);
    expect(binding.recvfrom(client, new Uint8Array(1), 0, where, 0, 1)).toBe(1);
    expect(binding.address(where)).toBeNull();
    const receiver = bound(AF_UNIX, SOCK_DGRAM);
    binding.sendto(open(AF_UNIX, SOCK_DGRAM), new Uint8Array(1), 0, sockaddrOf(receiver), 0, 1);
    expect(binding.recvfrom(receiver, new Uint8Array(1), 0, where, 0, 1)).toBe(1);
    expect(binding.address(where)).toBeNull();
  });

  test('empty datagrams are datagrams', () => {
    const [a, b] = pair(SOCK_DGRAM);
    expect(binding.send(a, new Uint8Array(0), 0, 0, 0)).toBe(0);
    sendText(a, 'x');
    expect(binding.recv(b, new Uint8Array(9), 0, 0, 9)).toBe(0);
    expect(binding.recv(b, new Uint8Array(9), 0, 0, 9)).toBe(1);
  });

  test('an empty sockaddr sends to the connected peer', () => {
    const [a, b] = pair(SOCK_DGRAM);
    expect(binding.sendto(a, Buffer.from('xyz'), 0, new Uint8Array(0), 0, 3)).toBe(3);
    expect(binding.fionread(b)).toBe(3);
  });

  test('MSG_PEEK leaves the bytes, MSG_OOB takes the urgent one', () => {
    const client = withUrgentData();
    const buffer = Buffer.alloc(1);
    binding.poll(new Int32Array([client, 2]), -1);
    expect(binding.recv(client, buffer, MSG_OOB | MSG_PEEK, 0, 1)).toBe(1);
    expect(binding.recv(client, buffer, MSG_OOB, 0, 1)).toBe(1);
    expect(String(buffer)).toBe('!');
  });

  test('a peer that is gone is EPIPE, without SIGPIPE, then the end of the stream', () => {
    const [a, b] = pair();
    binding.shutdown(a, SHUT_WR);
    expect(sendText(a, 'x')).toBe(-EPIPE);
    expect(binding.recv(b, new Uint8Array(1), 0, 0, 1)).toBe(0);
  });

  test('failures are their errno', () => {
    const buffer = new Uint8Array(70_000);
    const unconnected = open(AF_INET);
    expect(binding.recv(unconnected, buffer, 0, 0, 1)).toBe(-ENOTCONN);
    expect(binding.send(unconnected, buffer, 0, 0, 1)).toBe(-EPIPE);
    const datagram = open(AF_INET, SOCK_DGRAM);
    expect(binding.send(datagram, buffer, 0, 0, 1)).toBe(-EDESTADDRREQ);
    const to = sockaddrOf(bound(AF_INET, SOCK_DGRAM));
    expect(binding.sendto(datagram, buffer, 0, to)).toBe(-EMSGSIZE);
    expect(
      binding.sendto(open(AF_UNIX, SOCK_DGRAM), buffer, 0, sockaddrOf(bound(AF_UNIX)), 0, 1),
    ).toBeLessThan(0);
    expect(binding.recv(-1, buffer, 0, 0, 1)).toBe(-EBADF);
    expect(binding.send(2 ** 31 - 1, buffer, 0, 0, 1)).toBe(-EBADF);
  });

  test('a datagram to nobody brings ECONNREFUSED to the next call', () => {
    const a = bound(AF_INET, SOCK_DGRAM);
    const nobody = binding.socket(AF_INET, SOCK_DGRAM, 0);
    binding.bind(nobody, binding.sockaddr(AF_INET, '127.0.0.1', 0) as Buffer);
    const to = sockaddrOf(nobody);
    binding.close(nobody);
    binding.connect(a, to);
    sendText(a, 'x');
    expect(binding.recv(a, new Uint8Array(1), 0, 0, 1)).toBe(-ECONNREFUSED);
  });
});
