/** MessageBatch: memory for many messages, and UDP's segments in it. */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ancillary,
  CMSG_SPACE,
  gaierror,
  MessageBatch,
  MSG_CTRUNC,
  SOCK_DGRAM,
  SOL_UDP,
  Socket,
  UDP_GRO,
  UDP_SEGMENT,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { liar, resizable } from './fixtures/memory.ts';
import { both, bound, families, inet, modes, name, noSuchHost, open, pair, pattern } from './support.ts';

describe('its making', () => {
  test('what it says of itself', () => {
    const batch = new MessageBatch(4, 100, { family: AF_INET6, ancbufsize: 24 });
    expect(batch).toMatchObject({ capacity: 4, size: 100, family: AF_INET6, ancbufsize: 24, length: 0 });
    expect(batch.buffer).toHaveLength(400);
    expect(new MessageBatch(1, 0)).toMatchObject({ family: AF_INET, ancbufsize: 0 });
  });

  test.each([
    [[0, 1]],
    [[1025, 1]],
    [[-1, 1]],
    [[1.5, 1]],
    [[Number.NaN, 1]],
    [[1, -1]],
    [[1, 0.5]],
    [[1024, 2 ** 22]],
    [[1, 1, { ancbufsize: -1 }]],
    [[1024, 1, { ancbufsize: 2 ** 22 }]],
    [[1, 1, { family: -1 }]],
  ])('of %o is a RangeError', (args) => {
    expect(() => new MessageBatch(...(args as [number, number]))).toThrow(RangeError);
  });

  test.each([
    [[]],
    [['1', 1]],
    [[1, null]],
    [[1, 1, null]],
    [[1, 1, 5]],
    [[1, 1, { ancbufsize: '1' }]],
    [[1, 1, { family: null }]],
  ])('of %o is a TypeError', (args) => {
    expect(() => new MessageBatch(...(args as unknown as [number, number]))).toThrow(TypeError);
  });
});

describe('its messages', () => {
  test('are set, in any order, and looked at', () => {
    const batch = new MessageBatch(4, 10);
    batch.set(2, 'third', ['127.0.0.1', 3]);
    expect(batch.length).toBe(3);
    expect([...batch]).toEqual([
      [Buffer.alloc(0), null],
      [Buffer.alloc(0), null],
      [Buffer.from('third'), ['127.0.0.1', 3]],
    ]);
    batch.set(0, new Uint16Array([0x6161, 0x6161]));
    expect([batch.length, String(batch.data(0)), batch.byteLength(0), batch.address(0)]).toEqual([
      3,
      'aaaa',
      4,
      null,
    ]);
    batch.set(2, 'again');
    expect(batch.address(2)).toBe(null);
    expect(batch.push('last')).toBe(3);
    const full = 'push(): length must be at most the capacity of 4 (the batch is full), not 5';
    expect(() => batch.push('too many')).toThrow(RangeError);
    expect(() => batch.push('too many')).toThrow(full);
    batch.length = 1;
    expect([...batch]).toHaveLength(1);
    batch.clear();
    expect([...batch]).toEqual([]);
  });

  test('are copies of what was set, and views of the batch', () => {
    const batch = new MessageBatch(2, 10);
    const data = Buffer.from('before');
    batch.push(data);
    data.write('after!');
    const view = batch.data(0);
    expect(String(view)).toBe('before');
    expect(view.buffer).toBe(batch.buffer.buffer);
    // The same view again, as long as the length is the same.
    batch.set(0, 'xxxxxx');
    expect(batch.data(0)).toBe(view);
    batch.set(0, 'x');
    expect(String(batch.data(0))).toBe('x');
  });

  test('are written in place', () => {
    const batch = new MessageBatch(2, 10);
    expect(batch.slot(1).write('in place')).toBe(8);
    batch.setLength(1, 8, ['127.0.0.1', 9]);
    expect([String(batch.data(1)), batch.address(1), batch.length]).toEqual([
      'in place',
      ['127.0.0.1', 9],
      2,
    ]);
    expect(() => batch.setLength(1, 11)).toThrow(RangeError);
    expect(() => batch.setLength(1, -1)).toThrow(RangeError);
  });

  test('addresses of each family', () => {
    const inet6 = new MessageBatch(1, 1, { family: AF_INET6 });
    inet6.push('x', ['::1', 5, 1, 2]);
    expect(inet6.address(0)).toEqual(['::1', 5, 1, 2]);
    const unix = new MessageBatch(2, 1, { family: AF_UNIX });
    unix.push('x', '/some/path');
    unix.push('x', Buffer.from('\0name'));
    expect([unix.address(0), unix.address(1)]).toEqual(['/some/path', Buffer.from('\0name')]);
    const inet4 = new MessageBatch(2, 1);
    inet4.push('x', ['localhost', 7]);
    expect(inet4.address(0)).toEqual(['127.0.0.1', 7]);
    // Addresses come as new arrays: nobody sees what others do with theirs.
    const first = inet4.address(0)!;
    first[1] = 8;
    expect(inet4.address(0)).toEqual(['127.0.0.1', 7]);
    expect(() => inet4.push('x', [noSuchHost, 7])).toThrow(gaierror);
    expect(() => inet4.push('x', ['127.0.0.1', 65536])).toThrow(RangeError);
    expect(inet4.length).toBe(1);
  });

  test.each([-1, 4, 0.5, Number.NaN, 2 ** 40])('index %d is a RangeError', (index) => {
    const batch = new MessageBatch(4, 10);
    for (const call of [
      'data',
      'slot',
      'byteLength',
      'address',
      'flags',
      'transferred',
      'ancdata',
      'segmentSize',
    ] as const) {
      expect(() => batch[call](index)).toThrow(RangeError);
      // The call that the program has made, and not one beneath it.
      expect(() => batch[call](index)).toThrow(`${call}(): index must be`);
    }
    expect(() => [...batch.segments(index)]).toThrow('segments(): index must be');
    expect(() => batch.set(index, 'x')).toThrow(RangeError);
    expect(() => batch.setLength(index, 1)).toThrow(RangeError);
    expect(() => {
      batch.length = index < 0 ? index : index + 1;
    }).toThrow(RangeError);
  });

  test.each(['0', null, undefined, {}, 1n])('index %o is a TypeError', (index) => {
    const batch = new MessageBatch(4, 10);
    expect(() => batch.data(index as never)).toThrow(TypeError);
    expect(() => batch.set(index as never, 'x')).toThrow(TypeError);
    expect(() => {
      batch.length = index as never;
    }).toThrow(TypeError);
  });

  test('what does not fit is a RangeError, and changes nothing', () => {
    const batch = new MessageBatch(1, 4, { ancbufsize: CMSG_SPACE(2) });
    batch.push('abcd', ['127.0.0.1', 1]);
    expect(() => batch.set(0, 'abcde')).toThrow(RangeError);
    const twice = [ancillary.udpSegment(1), ancillary.udpSegment(1)];
    expect(() => batch.set(0, 'x', null, twice)).toThrow(RangeError);
    for (const data of [5, null, {}, [1]]) expect(() => batch.set(0, data as never)).toThrow(TypeError);
    for (const ancdata of [5, 'x', [[1, 2]]])
      expect(() => batch.set(0, 'x', null, ancdata as never)).toThrow(TypeError);
    expect([...batch]).toEqual([[Buffer.from('abcd'), ['127.0.0.1', 1]]]);
  });

  test('what a view says of its length does not count, and no message reaches into the next one', () => {
    const batch = new MessageBatch(2, 4);
    batch.set(1, 'next');
    batch.set(0, liar('abcd', 2));
    expect(Array.from(batch, ([data]) => String(data))).toEqual(['abcd', 'next']);
    for (const length of [0, 2, 4]) expect(() => batch.set(0, liar('abcdefgh', length))).toThrow(RangeError);
    // Memory that grows behind the look at it.
    const growing = resizable(1, 8);
    const address = Object.defineProperty(['127.0.0.1', 9], 0, {
      get: () => {
        growing.resize(8);
        return '127.0.0.1';
      },
    });
    expect(() => batch.set(0, growing, address as [string, number])).toThrow(RangeError);
    expect(Array.from(batch, ([data]) => String(data))).toEqual(['abcd', 'next']);
  });

  test('ancillary data that is cut is reported by a flag', () => {
    const [a, b] = pair(families[2]!, SOCK_DGRAM);
    a.sendmmsg([['x', null, [ancillary.rights([0, 1, 2])]]]);
    const batch = new MessageBatch<number>(1, 1, { ancbufsize: 8 });
    b.recvmmsg(batch);
    expect([batch.flags(0) & MSG_CTRUNC, batch.ancdata(0)]).toEqual([MSG_CTRUNC, []]);
  });
});

function whyNoSegments(): string | undefined {
  try {
    using probe = new Socket(AF_INET, SOCK_DGRAM);
    probe.setsockopt(SOL_UDP, UDP_SEGMENT, 1000);
    probe.setsockopt(SOL_UDP, UDP_GRO, 1);
    return undefined;
  } catch (error) {
    return `no UDP_SEGMENT and UDP_GRO on this kernel (5.0 and later have them): ${(error as Error).message}`;
  }
}
const missing = whyNoSegments();

describe.skipIf(missing !== undefined)(
  missing === undefined ? 'segments of UDP' : `segments of UDP (skipped: ${missing})`,
  () => {
    const inets = families.filter(({ unix, missing: none }) => !unix && none === undefined);

    describe.each(inets.flatMap((family) => modes.map((mode) => [family.name, mode, family] as const)))(
      '%s, %s',
      (_, mode, family) => {
        const data = pattern(5000);
        const ancbufsize = CMSG_SPACE(4);

        test('one message becomes many datagrams, by ancillary data', async () => {
          const [a, b] = [open(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
          const batch = new MessageBatch<number>(2, 5000, { family: family.family, ancbufsize });
          batch.push(data, name(b), [ancillary.udpSegment(1200)]);
          batch.push('alone', name(b));
          expect(await both(mode, a).sendmmsg(batch)).toBe(2);
          expect([batch.transferred(0), batch.transferred(1)]).toEqual([5000, 5]);
          const received = new MessageBatch<number>(8, 2000, { ancbufsize });
          expect(await both(mode, b).recvmmsg(received)).toBe(6);
          const parts = Array.from(received, ([part]) => part);
          expect(parts.map((part) => part.length)).toEqual([1200, 1200, 1200, 1200, 200, 5]);
          expect(Buffer.compare(Buffer.concat(parts.slice(0, 5)), data)).toBe(0);
          expect([received.segmentSize(0), [...received.segments(0)].length]).toEqual([0, 1]);
        });

        test('by the option, and put together again by UDP_GRO', async () => {
          const [a, b] = [open(family, SOCK_DGRAM), bound(family, SOCK_DGRAM)];
          a.setsockopt(SOL_UDP, UDP_SEGMENT, 1400);
          b.setsockopt(SOL_UDP, UDP_GRO, 1);
          expect(
            await both(mode, a).sendmmsg([
              [data, name(b)],
              ['alone', name(b)],
              ['', name(b)],
            ] as never),
          ).toBe(3);
          const batch = new MessageBatch<number>(8, 65_535, { ancbufsize });
          expect(await both(mode, b).recvmmsg(batch)).toBe(3);
          expect([0, 1, 2].map((index) => batch.segmentSize(index))).toEqual([1400, 0, 0]);
          const segments = [...batch.segments(0)];
          expect(segments.map((segment) => segment.length)).toEqual([1400, 1400, 1400, 800]);
          expect(Buffer.compare(Buffer.concat(segments), data)).toBe(0);
          expect(Array.from(batch.segments(1), String)).toEqual(['alone']);
          expect(Array.from(batch.segments(2), String)).toEqual(['']);
          expect(batch.ancdata(0)).toHaveLength(1);
        });
      },
    );

    test('a segment size of which there would be too many is an error of the kernel', () => {
      const [a, b] = [open(inet, SOCK_DGRAM), bound(inet, SOCK_DGRAM)];
      const messages = [[pattern(60_000), name(b), [ancillary.udpSegment(10)]]];
      expect(() => a.sendmmsg(messages as never)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    });
  },
);
