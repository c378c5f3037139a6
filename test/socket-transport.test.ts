/** SocketTransport: its write buffer and the two marks, reading with pauses, and how it ends; counted, not timed. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AF_UNIX,
  MSG_PEEK,
  SO_LINGER,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  type Socket,
  socketpair,
} from 'bsd-socket';
import type { Protocol } from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SocketTransport } from '../dist/asyncio/socket-transport.js';
import { reports } from './streams.ts';
import { type AnySocket, failure, fill, inet, keep, pair, pattern, turns, until } from './support.ts';

/** A protocol that takes note of what it is told. */
class Recorder implements Protocol {
  readonly told: string[] = [];
  readonly chunks: Buffer[] = [];
  error: Error | null | undefined;
  keepsOpen = true;

  dataReceived(data: Buffer): void {
    this.told.push('data');
    this.chunks.push(data);
  }
  eofReceived(): boolean {
    this.told.push('eof');
    return this.keepsOpen;
  }
  connectionLost(error: Error | null): void {
    this.told.push('lost');
    this.error = error;
  }
  pauseWriting(): void {
    this.told.push('pause');
  }
  resumeWriting(): void {
    this.told.push('resume');
  }

  count(what: string): number {
    return this.told.filter((each) => each === what).length;
  }
  get text(): string {
    return String(Buffer.concat(this.chunks));
  }
}

/** A transport over one end of a connection, with little room, and the other end. */
function open([near, far]: [AnySocket, AnySocket] = socketpair(AF_UNIX)) {
  keep(far);
  near.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096);
  far.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
  const protocol = new Recorder();
  const transport = new SocketTransport(near as Socket, protocol);
  onTestFinished(() => transport.abort());
  return { near, far, protocol, transport };
}

/** Receives so many bytes. */
async function receive(far: AnySocket, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let got = 0; got < count; ) {
    const data = await far.recvAsync(count - got);
    if (data.length === 0) throw new Error(`the end after ${got} bytes`);
    chunks.push(data);
    got += data.length;
  }
  return Buffer.concat(chunks);
}

test('the names of both ends stay, also where the program closes the socket itself', () => {
  const [near, far] = pair(inet);
  const names = [near.getsockname(), near.getpeername()];
  const { transport } = open([near, far]);
  near.close();
  expect([transport.getExtraInfo('sockname'), transport.getExtraInfo('peername')]).toEqual(names);
});

describe('writing', () => {
  test('of what is no Uint8Array is the error of the caller, and of nobody else', () => {
    const { far, transport } = open();
    const wrong = ['text', 5, null, undefined, new ArrayBuffer(1), new DataView(new ArrayBuffer(1))];
    for (const data of wrong as unknown as Uint8Array[]) {
      expect(() => transport.write(data)).toThrow(/^write\(\): data must be a Uint8Array, not /);
      expect(() => transport.writelines([Buffer.from('a'), data])).toThrow(/^writelines\(\): data must be/);
    }
    expect([transport.isClosing(), transport.getWriteBufferSize()]).toEqual([false, 0]);
    transport.write(Buffer.from('ok'));
    expect(String(far.recv(10))).toBe('ok');
  });

  test('goes out at once where there is room', () => {
    const { far, transport, protocol } = open();
    transport.write(Buffer.from('now'));
    transport.writelines(['and ', '', 'here'].map((text) => Buffer.from(text)));
    expect(String(far.recv(100))).toBe('nowand here');
    expect([transport.getWriteBufferSize(), protocol.told]).toEqual([0, []]);
  });

  test('the protocol pauses above the high-water mark, once, and resumes at the low-water mark, once', async () => {
    const { near, far, transport, protocol } = open();
    const sent = fill(near);
    const piece = Buffer.alloc(1024);
    while (transport.getWriteBufferSize() + piece.length <= 64 * 1024) transport.write(piece);
    expect(protocol.told).toEqual([]);
    const below = transport.getWriteBufferSize();
    for (let count = 0; count < 10; count++) transport.write(piece);
    expect(protocol.told).toEqual(['pause']);
    const total = transport.getWriteBufferSize();
    expect(total).toBe(below + 10 * 1024);
    let got = 0;
    while (protocol.told.length === 1) {
      expect(transport.getWriteBufferSize()).toBeGreaterThan(16 * 1024);
      got += (await far.recvAsync(1024)).length;
      await turns(2);
    }
    expect(protocol.told).toEqual(['pause', 'resume']);
    expect(transport.getWriteBufferSize()).toBeLessThanOrEqual(16 * 1024);
    await receive(far, sent + total - got);
    await turns(2);
    expect([transport.getWriteBufferSize(), protocol.told]).toEqual([0, ['pause', 'resume']]);
  });

  test.each([
    [undefined, [16 * 1024, 64 * 1024]],
    [{}, [16 * 1024, 64 * 1024]],
    [{ high: 1000 }, [250, 1000]],
    [{ low: 1000 }, [1000, 4000]],
    [{ low: 7, high: 9 }, [7, 9]],
    [{ high: 0 }, [0, 0]],
    [{ low: 0, high: 5 }, [0, 5]],
  ])('limits of %j', (limits, expected) => {
    const { transport } = open();
    transport.setWriteBufferLimits(limits);
    expect(transport.getWriteBufferLimits()).toEqual(expected);
  });

  test.each([{ low: 2, high: 1 }, { low: -1 }, { high: -1 }, { high: Number.NaN }])(
    'no limits: %j',
    (limits) => {
      const { transport } = open();
      expect(() => transport.setWriteBufferLimits(limits)).toThrow(RangeError);
      expect(() => transport.setWriteBufferLimits(limits)).toThrow(/high .* must be >= low .* must be >= 0/);
      expect(transport.getWriteBufferLimits()).toEqual([16 * 1024, 64 * 1024]);
    },
  );

  test.each([null, 5, 'high'])('limits are no object: %j', (limits) => {
    const { transport } = open();
    expect(() => transport.setWriteBufferLimits(limits as never)).toThrow(
      'setWriteBufferLimits(): limits must be an object',
    );
  });

  test('new limits count at once', () => {
    const { near, transport, protocol } = open();
    fill(near);
    transport.write(Buffer.alloc(100));
    expect(protocol.told).toEqual([]);
    transport.setWriteBufferLimits({ high: 99 });
    expect(protocol.told).toEqual(['pause']);
  });

  test('with a mark of 0 every byte that waits counts', async () => {
    const { near, far, transport, protocol } = open();
    transport.setWriteBufferLimits({ high: 0 });
    const sent = fill(near);
    transport.writelines([Buffer.from('x')]);
    expect(protocol.told).toEqual(['pause']);
    await receive(far, sent + 1);
    await until(() => protocol.told.length === 2);
    expect(protocol.told).toEqual(['pause', 'resume']);
  });

  test('thousands of small pieces, in order', async () => {
    const { near, far, transport } = open();
    const sent = fill(near);
    const data = pattern(200_000);
    const pieces = Array.from({ length: data.length / 20 }, (_, at) => data.subarray(at * 20, at * 20 + 20));
    transport.writelines(pieces.slice(0, 4000));
    for (const piece of pieces.slice(4000, 8000)) transport.write(piece);
    transport.writelines(pieces.slice(8000));
    expect(transport.getWriteBufferSize()).toBe(data.length);
    await receive(far, sent);
    expect((await receive(far, data.length)).equals(data)).toBe(true);
    await turns(2);
    expect(transport.getWriteBufferSize()).toBe(0);
  });

  test('more than fits in one call, of which a part goes out at once', async () => {
    const { far, transport } = open();
    const data = pattern(500_000);
    transport.write(data.subarray(0, 100_000));
    transport.writelines([data.subarray(100_000, 300_000), data.subarray(300_000)]);
    expect((await receive(far, data.length)).equals(data)).toBe(true);
  });

  test('fails: the protocol gets the error, and later writes are dropped', async () => {
    for (const write of ['write', 'writelines'] as const) {
      const { far, transport, protocol } = open();
      far.close();
      const data = Buffer.from('x');
      if (write === 'write') transport.write(data);
      else transport.writelines([data]);
      expect(transport.isClosing()).toBe(true);
      expect(protocol.told).toEqual([]);
      await turns(2);
      expect(protocol.told).toEqual(['lost']);
      expect(protocol.error).toMatchObject({
        code: 'EPIPE',
        syscall: write === 'write' ? 'send' : 'sendmsg',
      });
      transport.write(data);
      transport.writelines([data]);
      transport.writeEof();
      transport.close();
      transport.abort();
      await turns(2);
      expect(protocol.told).toEqual(['lost']);
    }
  });

  test('fails later, with much in the buffer', async () => {
    const { near, far, transport, protocol } = open();
    fill(near);
    transport.writelines([Buffer.alloc(100_000), Buffer.alloc(100_000)]);
    far.close();
    await until(() => protocol.count('lost') === 1);
    expect(protocol.error).toMatchObject({ code: 'EPIPE' });
    expect(transport.getWriteBufferSize()).toBe(0);
  });

  test('what the protocol throws about its marks goes to the handler', async () => {
    const told = reports();
    const { near, far, transport, protocol } = open();
    const wrong = () => {
      throw new Error('no mark of mine');
    };
    Object.assign(protocol, { pauseWriting: wrong, resumeWriting: wrong });
    const sent = fill(near);
    transport.write(Buffer.alloc(100_000));
    await receive(far, sent + 100_000);
    await until(() => told.length === 2);
    expect(told.map(({ message }) => message)).toEqual([
      'protocol.pauseWriting() failed',
      'protocol.resumeWriting() failed',
    ]);
    expect(transport.isClosing()).toBe(false);
  });
});

describe('reading', () => {
  test('is told in the asynchronous context in which the transport was made', async () => {
    const context = new AsyncLocalStorage<string>();
    const connections = ['first', 'second'].map((label) => context.run(label, () => open()));
    const seen: (string | undefined)[] = [];
    for (const { protocol, transport } of connections) {
      protocol.dataReceived = () => seen.push(context.getStore());
      protocol.connectionLost = () => seen.push(context.getStore());
      protocol.keepsOpen = false;
      transport.resumeReading();
    }
    for (const { far } of connections.reverse()) far.send('data');
    await until(() => seen.length === 2);
    for (const { far } of connections) far.close();
    await until(() => seen.length === 4);
    expect(seen.sort()).toEqual(['first', 'first', 'second', 'second']);
  });

  test('begins when it is resumed', async () => {
    const { far, transport, protocol } = open();
    far.send('early');
    await turns();
    expect([transport.isReading(), protocol.told]).toEqual([false, []]);
    transport.resumeReading();
    transport.resumeReading();
    expect(transport.isReading()).toBe(true);
    await until(() => protocol.text === 'early');
  });

  test('pauses, also where a receive is under way', async () => {
    const { far, transport, protocol } = open();
    transport.resumeReading();
    await turns();
    transport.pauseReading();
    transport.pauseReading();
    far.send('held');
    await turns();
    far.send(' back');
    await turns();
    expect(protocol.told).toEqual([]);
    transport.resumeReading();
    // Paused again before that is told.
    transport.pauseReading();
    await turns();
    expect(protocol.told).toEqual([]);
    transport.resumeReading();
    await until(() => protocol.text === 'held back');
    far.close();
    await until(() => protocol.told.at(-1) === 'eof');
  });

  test('a pause leaves what arrives to the system', async () => {
    const { near, far, transport, protocol } = open();
    transport.resumeReading();
    await turns();
    transport.pauseReading();
    far.send('still');
    await turns();
    far.send(' there');
    await turns();
    expect(String(near.recv(100, MSG_PEEK))).toBe('still there');
    transport.resumeReading();
    await until(() => protocol.chunks.length > 0);
    expect(protocol.text).toBe('still there');
  });

  test('a connection that is reset while reading is paused', async () => {
    const { far, transport, protocol } = open(pair(inet));
    transport.resumeReading();
    transport.pauseReading();
    far.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    far.close();
    await turns();
    expect(protocol.told).toEqual([]);
    transport.resumeReading();
    await until(() => protocol.told.length > 0);
    expect([protocol.told, protocol.error]).toMatchObject([['lost'], { code: 'ECONNRESET' }]);
  });

  test('the end is told once, and after a pause', async () => {
    const { far, transport, protocol } = open();
    transport.resumeReading();
    transport.pauseReading();
    far.close();
    await turns();
    expect(protocol.told).toEqual([]);
    transport.resumeReading();
    await until(() => protocol.told.length > 0);
    transport.pauseReading();
    transport.resumeReading();
    await turns();
    expect(protocol.told).toEqual(['eof']);
    expect(transport.isClosing()).toBe(false);
  });

  test('a protocol that does not keep the connection open', async () => {
    const { far, transport, protocol } = open();
    protocol.keepsOpen = false;
    transport.resumeReading();
    far.close();
    await until(() => protocol.count('lost') === 1);
    expect([protocol.told, protocol.error]).toEqual([['eof', 'lost'], null]);
  });

  test('a socket that the program closes during a pause is told of when reading is resumed', async () => {
    const { near, protocol, transport } = open();
    transport.resumeReading();
    await turns();
    transport.pauseReading();
    near.close();
    transport.resumeReading();
    await until(() => protocol.error !== undefined);
    expect([protocol.error, transport.isClosing()]).toMatchObject([{ code: 'EBADF' }, true]);
  });

  test('goes on with another protocol', async () => {
    const { far, transport, protocol } = open();
    transport.resumeReading();
    far.send('one');
    await until(() => protocol.text === 'one');
    const other = new Recorder();
    transport.setProtocol(other);
    expect(transport.getProtocol()).toBe(other);
    far.send('two');
    await until(() => other.text === 'two');
    expect(protocol.told).toEqual(['data']);
  });

  test.each(['dataReceived', 'eofReceived'])('what %s throws ends the connection', async (method) => {
    const told = reports();
    const { far, transport, protocol } = open();
    const error = new Error('cannot');
    Object.assign(protocol, {
      [method]: () => {
        throw error;
      },
    });
    transport.resumeReading();
    if (method === 'dataReceived') far.send('x');
    else far.close();
    await until(() => protocol.count('lost') === 1);
    expect(protocol.error).toBe(error);
    expect(told.map(({ exception }) => exception)).toEqual([error]);
  });

  test('takes much at a time from a peer that sends much', async () => {
    const [near, far] = pair(inet);
    const { transport, protocol } = open([near, far]);
    const data = pattern(1_000_000);
    const sending = far.sendallAsync(data);
    transport.resumeReading();
    await sending;
    await until(() => protocol.chunks.reduce((sum, { length }) => sum + length, 0) === data.length);
    expect(Buffer.concat(protocol.chunks).equals(data)).toBe(true);
    expect(Math.max(...protocol.chunks.map(({ length }) => length))).toBeGreaterThan(4096);
  });
});

describe('the end', () => {
  test.each(['close', 'abort'] as const)('%s tells the protocol, once, in a turn of its own', async (end) => {
    const { near, far, transport, protocol } = open();
    transport.resumeReading();
    await turns();
    transport[end]();
    transport[end]();
    transport.resumeReading();
    transport.pauseReading();
    expect([transport.isClosing(), transport.isReading(), protocol.told]).toEqual([true, false, []]);
    await turns(2);
    expect([protocol.told, protocol.error]).toEqual([['lost'], null]);
    expect(near.closed).toBe(true);
    expect(far.recv(1).length).toBe(0);
  });

  test('close sends what is buffered, and receives nothing any more', async () => {
    const { near, far, transport, protocol } = open();
    const sent = fill(near);
    transport.write(Buffer.from('last'));
    transport.resumeReading();
    transport.close();
    far.send('for nobody');
    transport.write(Buffer.from(' of all'));
    await turns();
    expect(protocol.told).toEqual([]);
    await receive(far, sent);
    expect(String(await receive(far, 11))).toBe('last of all');
    await until(() => protocol.count('lost') === 1);
    expect(protocol.told).toEqual(['lost']);
  });

  test('the names can be asked for later', async () => {
    const [near, far] = pair(inet);
    const { transport, protocol } = open([near, far]);
    const names = [near.getsockname(), near.getpeername()];
    transport.close();
    await until(() => protocol.count('lost') === 1);
    await turns();
    expect(near.closed).toBe(true);
    expect([transport.getExtraInfo('sockname'), transport.getExtraInfo('peername')]).toEqual(names);
    expect([transport.getExtraInfo('socket'), transport.getExtraInfo('cipher', 'none')]).toEqual([
      near,
      'none',
    ]);
  });

  test('abort loses what is buffered', async () => {
    const { near, far, transport, protocol } = open();
    const sent = fill(near);
    transport.write(Buffer.alloc(100));
    transport.close();
    transport.abort();
    expect(transport.getWriteBufferSize()).toBe(0);
    await turns(2);
    expect(protocol.error).toBe(null);
    await receive(far, sent);
    expect((await far.recvAsync(1)).length).toBe(0);
  });

  test('the sending side alone, after what is buffered', async () => {
    const { near, far, transport, protocol } = open();
    const sent = fill(near);
    transport.write(Buffer.from('last'));
    transport.writeEof();
    await receive(far, sent + 4);
    expect((await far.recvAsync(1)).length).toBe(0);
    transport.resumeReading();
    far.send('answer');
    await until(() => protocol.text === 'answer');
    const error = await failure(() => transport.write(Buffer.from('x')));
    expect(error).toMatchObject({ code: 'ERR_INVALID_STATE' });
  });

  test('the sending side of a connection that was reset', async () => {
    const { far, transport, protocol } = open(pair(inet));
    far.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
    far.close();
    transport.writeEof();
    await turns(2);
    expect([transport.isClosing(), protocol.told]).toEqual([false, []]);
    transport.resumeReading();
    await until(() => protocol.count('lost') === 1);
    expect(protocol.error).toMatchObject({ code: 'ECONNRESET' });
  });

  test('the sending side of a connection that is gone', async () => {
    const { near, transport, protocol } = open();
    near.close();
    transport.writeEof();
    await turns(2);
    expect(protocol.error).toMatchObject({ code: 'EBADF' });
  });
});
