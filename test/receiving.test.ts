/** The receiving calls, both forms: sizes, flags, and whose memory they write to. */
import {
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SHUT_WR,
  SO_OOBINLINE,
  SOCK_DGRAM,
  SOL_SOCKET,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { peer } from './peers.ts';
import { both, describeMatrix, failure, families, inet, modes, open, pair, pattern } from './support.ts';

describe.each(modes)('sizes, %s', (mode) => {
  // Python's words.
  const tooLong = {
    recvInto: 'buffer too small for requested bytes',
    recvfromInto: 'nbytes is greater than the length of the buffer',
  };

  test.each([false, true])('recv of 0 bytes returns at once (closed: %s)', async (closed) => {
    const [client, server] = pair(inet);
    // Without data, and on a blocking socket: a system call would wait.
    if (closed) server.close();
    const calls = both(mode, server);
    expect(await calls.recv(0)).toEqual(Buffer.alloc(0));
    expect(await calls.recvInto(Buffer.alloc(0))).toBe(0);
    expect(await calls.recvInto(new ArrayBuffer(0), 0)).toBe(0);
    client.close();
  });

  test.each([
    ['recv', -1],
    ['recvfrom', -1],
    ['recv', -(2 ** 31)],
    ['recvfrom', -(2 ** 31)],
  ] as const)('%s(%i) is out of range', async (call, size) => {
    const error = await failure(() => both(mode, open(inet))[call](size));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: `${call}(): bufsize must be 0 or more (negative buffersize in ${call}), not ${size}`,
      code: 'ERR_OUT_OF_RANGE',
    });
  });

  test.each([
    [1.5, RangeError, '1.5'],
    [2 ** 31, RangeError, '2147483648'],
    [Number.NaN, RangeError, 'NaN'],
    ['10', TypeError, "'10'"],
    [null, TypeError, 'null'],
    [undefined, TypeError, 'undefined'],
    [10n, TypeError, '10n'],
  ])('a size of %s is wrong', async (size, type, text) => {
    for (const call of ['recv', 'recvfrom'] as const) {
      const error = await failure(() => both(mode, open(inet))[call](size as number));
      expect(error).toBeInstanceOf(type);
      expect(error.message).toContain(`${call}(): bufsize must be `);
      expect(error.message.endsWith(`, not ${text}`)).toBe(true);
    }
  });

  test.each(['recvInto', 'recvfromInto'] as const)(
    '%s: nbytes and the length of the memory',
    async (call) => {
      const [client, server] = pair(inet, SOCK_DGRAM);
      const calls = both(mode, server);
      const count = (result: number | [number, unknown]) => (typeof result === 'number' ? result : result[0]);
      const memory = Buffer.alloc(4);
      for (let i = 0; i < 4; i++) client.send('abcdef');
      expect(count(await calls[call](memory))).toBe(4);
      expect(count(await calls[call](memory, 0))).toBe(4);
      expect(count(await calls[call](memory, 3))).toBe(3);
      expect(count(await calls[call](memory, 4))).toBe(4);
      for (const [nbytes, what] of [
        [5, `at most 4 (${tooLong[call]}), not 5`],
        [-1, 'an integer from 0 to 2147483647, not -1'],
      ] as const) {
        const error = await failure(() => calls[call](memory, nbytes));
        expect(error).toBeInstanceOf(RangeError);
        expect(error.message).toBe(`${call}(): nbytes must be ${what}`);
      }
    },
  );

  test.each(['recvInto', 'recvfromInto'] as const)(
    '%s takes memory in every form, in bytes',
    async (call) => {
      const [client, server] = pair(inet);
      const calls = both(mode, server);
      const bytes = Uint8Array.of(0, 0, 0, 0);
      const forms = [
        bytes,
        Buffer.alloc(4),
        new Uint16Array(2),
        new Float32Array(1),
        new BigUint64Array(1),
        new DataView(new ArrayBuffer(8), 2, 4),
        new ArrayBuffer(4),
        new SharedArrayBuffer(4),
      ];
      for (const form of forms) {
        client.send('wxyz');
        await calls[call](form, 4);
        const view = ArrayBuffer.isView(form)
          ? Buffer.from(form.buffer, form.byteOffset, 4)
          : Buffer.from(form as ArrayBuffer, 0, 4);
        expect(String(view)).toBe('wxyz');
      }
      for (const form of ['text', null, undefined, 5, [1, 2], {}]) {
        const error = await failure(() => calls[call](form as never));
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain(`${call}(): buffer must be memory (an ArrayBufferView`);
      }
    },
  );

  test('flags must be an integer', async () => {
    const calls = both(mode, open(inet));
    for (const [call, ...args] of [
      ['recv', 1],
      ['recvfrom', 1],
      ['recvInto', Buffer.alloc(1), 1],
      ['recvfromInto', Buffer.alloc(1), 1],
    ] as const) {
      // biome-ignore lint/suspicious/noExplicitAny: wrong on purpose.
      const error = await failure(() => (calls[call] as any)(...args, 'MSG_PEEK'));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(`${call}(): flags must be an integer, not 'MSG_PEEK'`);
    }
  });
});

describeMatrix(families, (family, mode) => {
  test('MSG_PEEK leaves the bytes where they are', async () => {
    const [client, server] = pair(family);
    const calls = both(mode, server);
    const other = await peer(client, (sock) => sock.send('abc'));
    expect(String(await calls.recv(2, MSG_PEEK))).toBe('ab');
    await other.done;
    expect(String((await calls.recvfrom(100, MSG_PEEK))[0])).toBe('abc');
    const memory = Buffer.alloc(3);
    expect(await calls.recvInto(memory, 0, MSG_PEEK)).toBe(3);
    expect((await calls.recvfromInto(memory, 0, MSG_PEEK))[0]).toBe(3);
    expect(String(await calls.recv(100))).toBe('abc');
  });

  test.each([null, 5, 0])('MSG_DONTWAIT never waits (timeout: %s)', async (timeout) => {
    const [client, server] = pair(family);
    server.settimeout(timeout);
    const calls = both(mode, server);
    const error = expect.objectContaining({ name: 'BlockingIOError', code: 'EAGAIN' });
    await expect(calls.recv(1, MSG_DONTWAIT)).rejects.toThrow(error);
    await expect(calls.recvfrom(1, MSG_DONTWAIT)).rejects.toThrow(error);
    await expect(calls.recvInto(Buffer.alloc(1), 0, MSG_DONTWAIT)).rejects.toThrow(error);
    await expect(calls.recvfromInto(Buffer.alloc(1), 0, MSG_DONTWAIT)).rejects.toThrow(error);
    client.send('x');
    expect(String(await calls.recv(1, MSG_DONTWAIT))).toBe('x');
  });

  test('MSG_TRUNC of a datagram hands out no byte beyond it and none beyond the size', async () => {
    const [client, server] = pair(family, SOCK_DGRAM);
    const calls = both(mode, server);
    for (let i = 0; i < 4; i++) client.send('abcdef');
    expect(String(await calls.recv(3, MSG_TRUNC))).toBe('abc');
    expect(String((await calls.recvfrom(3, MSG_TRUNC))[0])).toBe('abc');
    // Into the caller's memory the count is the length that the datagram had, which is what the flag is for.
    const memory = Buffer.from('......');
    expect(await calls.recvInto(memory, 3, MSG_TRUNC)).toBe(6);
    expect((await calls.recvfromInto(memory, 2, MSG_TRUNC))[0]).toBe(6);
    expect(String(memory)).toBe('abc...');
  });

  test.each(['recv', 'recvfrom'] as const)(
    '%s of more than comes, again and again, hands out what came',
    async (call) => {
      const [client, server] = pair(family);
      const received: Buffer[] = [];
      const sizes = [1, 7, 8, 4095, 4096, 4097, 20_000, 3];
      for (const size of sizes) {
        client.send(pattern(size));
        for (let got = 0; got < size; ) {
          const result = await both(mode, server)[call](1 << 20);
          const data = Buffer.isBuffer(result) ? result : result[0];
          got += data.length;
          received.push(data);
        }
      }
      expect(Buffer.concat(received).equals(Buffer.concat(sizes.map(pattern)))).toBe(true);
    },
  );
});

describe.each(modes)('urgent data, %s', (mode) => {
  test('MSG_OOB does not wait, whatever the timeout', async () => {
    const [client, server] = pair(inet);
    expect(await failure(() => both(mode, server).recv(1, MSG_OOB))).toMatchObject({ code: 'EINVAL' });
    expect(await both(mode, client).send('ab!', MSG_OOB)).toBe(3);
    expect(String(await both(mode, server).recv(10))).toBe('ab');
    expect(String(await both(mode, server).recv(10, MSG_OOB))).toBe('!');
    client.send('cd!', MSG_OOB);
    expect(String(await both(mode, server).recv(10))).toBe('cd');
    expect(String(await both(mode, server).recv(10, MSG_OOB | MSG_WAITALL))).toBe('!');
  });

  test('SO_OOBINLINE: it comes with the rest', async () => {
    const [client, server] = pair(inet);
    server.setsockopt(SOL_SOCKET, SO_OOBINLINE, 1);
    await both(mode, client).send('ab');
    await both(mode, client).send('!', MSG_OOB);
    await both(mode, client).send('cd');
    client.shutdown(SHUT_WR);
    const parts: Buffer[] = [];
    for (;;) {
      const part = await both(mode, server).recv(10);
      if (part.length === 0) break;
      parts.push(part);
    }
    expect(String(Buffer.concat(parts))).toBe('ab!cd');
  });
});
