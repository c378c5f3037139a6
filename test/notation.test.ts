/** Byte order and the notation of addresses, against tables and, where there is one, against Python. */
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  htonl,
  htons,
  inetAton,
  inetNtoa,
  inetNtop,
  inetPton,
  ntohl,
  ntohs,
  OSError,
} from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { askPython, noPython } from './peers.ts';
import { failure } from './support.ts';

describe('byte order', () => {
  test.each([
    [0, 0],
    [1, 0x0100],
    [0x1234, 0x3412],
    [0x00ff, 0xff00],
    [0xffff, 0xffff],
  ])('htons(%i) is %i on a little-endian machine', (host, swapped) => {
    // What the machine itself does with the two bytes.
    const expected = new Uint16Array(Uint8Array.of(host >> 8, host & 0xff).buffer)[0];
    if (expected !== host) expect(expected).toBe(swapped);
    expect([htons(host), ntohs(htons(host))]).toEqual([expected, host]);
  });

  test.each([0, 1, 0x12345678, 0x7fffffff, 0x80000000, 0xff000000, 0xffffffff])('htonl(%i)', (host) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(host);
    const expected = new Uint32Array(Uint8Array.from(bytes).buffer)[0];
    expect([htonl(host), ntohl(htonl(host))]).toEqual([expected, host]);
  });

  test.each([
    ['htons', htons, 0xffff],
    ['ntohs', ntohs, 0xffff],
    ['htonl', htonl, 0xffffffff],
    ['ntohl', ntohl, 0xffffffff],
  ])('%s takes nothing but whole numbers of its size', async (name, swap, most) => {
    for (const x of [-1, most + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await failure(() => swap(x));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(new RegExp(`^${name}\\(\\): x must be .*${most}, not ${x}$`));
    }
    for (const x of ['1', 1n, null, undefined, true]) {
      const error = await failure(() => swap(x as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`${name}(): x must be an integer, not `);
    }
  });
});

describe('inetAton', () => {
  test.each([
    ['1.2.3.4', [1, 2, 3, 4]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['127.1', [127, 0, 0, 1]],
    ['1.2.3', [1, 2, 0, 3]],
    ['1', [0, 0, 0, 1]],
    ['4294967295', [255, 255, 255, 255]],
    ['0x7f.1', [127, 0, 0, 1]],
    ['0177.1', [127, 0, 0, 1]],
    ['1.2.3.4 and more', [1, 2, 3, 4]],
  ])('%s', (text, bytes) => {
    expect(inetAton(text)).toEqual(Buffer.from(bytes));
  });

  test.each(['', 'a', '256.1.1.1', '1.2.3.4.5', '4294967296', ' 1.2.3.4', '1.2.3.4x', '::1', '١.1.1.1'])(
    '%j is none',
    async (text) => {
      const error = await failure(() => inetAton(text));
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({
        message: expect.stringContaining('illegal IP address string'),
        errno: undefined,
      });
    },
  );

  test.each([['1.2.3.4\0'], [Buffer.from('1.2.3.4')], [5], [null], [undefined]])(
    '%j is a TypeError',
    (text) => {
      expect(() => inetAton(text as string)).toThrow(TypeError);
    },
  );
});

describe('inetPton and inetNtop', () => {
  test.each([
    [AF_INET, '0.0.0.0', '00000000'],
    [AF_INET, '1.2.3.4', '01020304'],
    [AF_INET6, '::', '00'.repeat(16)],
    [AF_INET6, '::1', `${'00'.repeat(15)}01`],
    [AF_INET6, '1:2::3', '00010002000000000000000000000003'],
    [AF_INET6, 'ff02::1:ff00:42', 'ff0200000000000000000001ff000042'],
    [AF_INET6, '::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ])('of family %i: %s', (family, text, hex) => {
    expect(inetPton(family, text).toString('hex')).toBe(hex);
    expect(inetNtop(family, Buffer.from(hex, 'hex'))).toBe(text);
    expect(
      inetNtop(family, new DataView(inetPton(family, text).buffer, inetPton(family, text).byteOffset)),
    ).toBeTypeOf('string');
  });

  test.each([
    [AF_INET, ''],
    [AF_INET, '127.1'],
    [AF_INET, '1.2.3.4 '],
    [AF_INET, '256.1.1.1'],
    [AF_INET, '::1'],
    [AF_INET6, ''],
    [AF_INET6, '1.2.3.4'],
    [AF_INET6, 'fe80::1%lo'],
    [AF_INET6, '1::2::3'],
  ])('of family %i: %j is none', async (family, text) => {
    const error = await failure(() => inetPton(family, text));
    expect(error).toBeInstanceOf(OSError);
    expect(error.message).toContain('illegal IP address string');
  });

  test('families that have no such notation', async () => {
    expect(await failure(() => inetPton(AF_UNIX, 'x'))).toMatchObject({
      code: 'EAFNOSUPPORT',
      syscall: 'inet_pton',
    });
    const error = await failure(() => inetNtop(AF_UNIX, Buffer.alloc(4)));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('unknown address family');
  });

  test.each([
    [AF_INET, 3],
    [AF_INET, 5],
    [AF_INET, 16],
    [AF_INET6, 4],
    [AF_INET6, 0],
  ])('of family %i: %i bytes are no address', async (family, length) => {
    const error = await failure(() => inetNtop(family, Buffer.alloc(length)));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('invalid length of packed IP address string');
  });

  test('inetNtoa', async () => {
    expect(inetNtoa(Buffer.from([192, 0, 2, 255]))).toBe('192.0.2.255');
    expect(inetNtoa(Uint8Array.of(9, 1, 2, 3, 4, 9).subarray(1, 5))).toBe('1.2.3.4');
    for (const length of [0, 3, 5]) {
      const error = await failure(() => inetNtoa(Buffer.alloc(length)));
      expect(error).toBeInstanceOf(OSError);
      expect(error.message).toContain('packed IP wrong length');
    }
    expect(() => inetNtoa(null as never)).toThrow(TypeError);
  });
});

describe.skipIf(noPython)(`Python agrees${noPython}`, () => {
  const texts = [
    '1.2.3.4',
    '1.2.3',
    '1.2',
    '1',
    '0x7f.1',
    '0177.1',
    '08.1',
    '1.2.3.4 x',
    '1.2.3.4x',
    '1.2.3.4\n',
    '',
    '.',
    '1.',
    '256.1.1.1',
    '1.2.65535',
    '1.2.65536',
    '1.16777215',
    '1.16777216',
    '4294967295',
    '4294967296',
    '0xffffffff',
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::ffff:1.2.3.4',
    '::1.2.3.4',
    '1.2.3.4::',
    'fe80::1%1',
    'FE80::A',
    '01::1',
    '00001::1',
    '12345::1',
    ':::',
    '::1::',
  ];

  test('on which texts are addresses, of which bytes', () => {
    const program = `
import json, socket
def attempt(f, *args):
    try: return f(*args).hex()
    except (OSError, ValueError): return None
texts = json.loads(${JSON.stringify(JSON.stringify(texts))})
print(json.dumps([[attempt(socket.inet_aton, t), attempt(socket.inet_pton, socket.AF_INET, t),
                   attempt(socket.inet_pton, socket.AF_INET6, t)] for t in texts]))`;
    const attempt = (call: () => Buffer) => {
      try {
        return call().toString('hex');
      } catch {
        return null;
      }
    };
    const ours = texts.map((text) => [
      attempt(() => inetAton(text)),
      attempt(() => inetPton(AF_INET, text)),
      attempt(() => inetPton(AF_INET6, text)),
    ]);
    expect(ours).toEqual(askPython(program));
  });

  test('on how bytes are written', () => {
    const samples = Array.from({ length: 64 }, (_, index) =>
      Array.from({ length: 16 }, (_, at) => ((index >> (at >> 2)) & 1 ? (at * 37 + index) & 0xff : 0)),
    ).map((bytes) => Buffer.from(bytes).toString('hex'));
    const program = `
import json, socket
print(json.dumps([socket.inet_ntop(socket.AF_INET6, bytes.fromhex(h)) for h in json.loads('${JSON.stringify(samples)}')]))`;
    expect(samples.map((hex) => inetNtop(AF_INET6, Buffer.from(hex, 'hex')))).toEqual(askPython(program));
  });
});
