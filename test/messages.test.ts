/** lib/messages/messages.ts: what the operations on messages do beside one system call. */
import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import {
  AF_ALG,
  AF_INET,
  AF_UNIX,
  ALG_OP_ENCRYPT,
  ALG_SET_AEAD_ASSOCLEN,
  ALG_SET_IV,
  ALG_SET_KEY,
  ALG_SET_OP,
  ancillary,
  CMSG_LEN,
  CMSG_SPACE,
  close,
  decodeAncillary,
  ECONNRESET,
  MSG_CTRUNC,
  MSG_FASTOPEN,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  type OSError,
  SO_PASSCRED,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_ALG,
  SOL_SOCKET,
  Socket,
  socketpair,
} from 'bsd-socket';
import { accept, bind, STORAGE_SIZE } from 'bsd-socket/binding';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Endpoint, kEndpoint } from '../dist/endpoint.js';
import { parseAncillary } from '../dist/messages/ancillary.js';
import { native } from '../dist/native.js';
import { resizable } from './fixtures/memory.ts';
import { find, missing, path } from './oracle/programs.ts';
import { libraryUrl, noPython, peer, python } from './peers.ts';
import {
  type AnySocket,
  both,
  failure,
  fill,
  inet,
  keep,
  listening,
  modes,
  name,
  open,
  pattern,
  turns,
} from './support.ts';
import { empty, receive, receivers } from './waiting.ts';

const ROOM = 256;
const BIG = 3_000_000;

function pair(type: number = SOCK_STREAM): [AnySocket, AnySocket] {
  const [a, b] = socketpair(AF_UNIX, type);
  return [keep(a) as AnySocket, keep(b) as AnySocket];
}

const descriptors = () => readdirSync('/proc/self/fd').length;

describe.each(modes)('a blocking stream, %s', (mode) => {
  test('takes a message to the last byte: descriptors with the first part, credentials with each', async () => {
    const [a, b] = pair();
    const data = pattern(BIG);
    const pieces = [
      data.subarray(0, 1),
      data.subarray(1, 1),
      data.subarray(1, 2_000_000),
      data.subarray(2_000_000),
    ];
    b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
    const uid = process.getuid!() === 0 ? 12345 : process.getuid!();
    const { done } = await peer(
      b,
      (sock, { library }) => {
        const kinds: Record<string, number> = {};
        const uids = new Set<number>();
        const received: Uint8Array[] = [];
        for (;;) {
          const [bytes, ancdata] = sock.recvmsg(100_000, 256);
          if (bytes.length === 0)
            return { kinds, uids: [...uids], data: Buffer.concat(received), parts: received.length };
          received.push(bytes);
          for (const message of library.decodeAncillary(ancdata)) {
            kinds[message.kind] = (kinds[message.kind] ?? 0) + 1;
            if (message.kind === 'rights') message.fds.forEach(library.close);
            if (message.kind === 'credentials') uids.add(message.uid);
          }
        }
      },
      undefined,
    );
    expect(await both(mode, a).sendmsg(pieces, [ancillary.rights([0]), ancillary.credentials({ uid })])).toBe(
      BIG,
    );
    a.close();
    const result = await done;
    expect(Buffer.from(result.data).equals(data)).toBe(true);
    expect(result.kinds).toEqual({ rights: 1, credentials: result.parts });
    expect(result.uids).toEqual([uid]);
  });

  test('MSG_WAITALL collects, into many pieces too', async () => {
    const [a, b] = pair();
    const data = pattern(BIG);
    await peer(
      a,
      (sock, { args, blocked }) => {
        const bytes = Buffer.from(args);
        for (let at = 0; at < bytes.length; at += 999_999) {
          blocked();
          sock.sendall(bytes.subarray(at, at + 999_999));
        }
      },
      data,
    );
    const half = BIG / 2;
    const [first, , flags] = await both(mode, b).recvmsg(half, ROOM, MSG_WAITALL);
    expect([first.equals(data.subarray(0, half)), flags]).toEqual([true, 0]);
    const memory = Buffer.alloc(half);
    const pieces = [
      memory.subarray(0, 5),
      memory.subarray(5, 5),
      memory.subarray(5, 700_000),
      memory.subarray(700_000),
    ];
    expect((await both(mode, b).recvmsgInto(pieces, 0, MSG_WAITALL))[0]).toBe(half);
    expect(memory.equals(data.subarray(half))).toBe(true);
  });

  test('MSG_WAITALL returns what there is at the end of the stream', async () => {
    const [a, b] = pair();
    a.send('all');
    a.close();
    expect(await both(mode, b).recvmsg(9, ROOM, MSG_WAITALL)).toEqual([Buffer.from('all'), [], 0, null]);
  });

  test('MSG_WAITALL ends where descriptors come', async () => {
    const [a, b] = pair();
    const before = descriptors();
    a.send('one');
    a.sendmsg(['two'], [ancillary.rights([0])]);
    a.send('three');
    const [data, ancdata] = await both(mode, b).recvmsg(100, ROOM, MSG_WAITALL);
    expect(String(data)).toBe('onetwo');
    const [message] = decodeAncillary(ancdata);
    expect(message?.kind).toBe('rights');
    expect(descriptors()).toBe(before + 1);
    if (message?.kind === 'rights') keep(new Socket(AF_UNIX, SOCK_STREAM, 0, message.fds[0]));
    expect(String((await both(mode, b).recvmsg(5, ROOM, MSG_WAITALL))[0])).toBe('three');
  });

  test('MSG_WAITALL with SO_PASSCRED opens no descriptors', async () => {
    const [a, b] = pair();
    b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
    const before = descriptors();
    a.sendmsg(['one'], [ancillary.rights([0, 1, 2])]);
    a.sendmsg(['two'], [ancillary.rights([0])]);
    expect(String(await both(mode, b).recv(6, MSG_WAITALL))).toBe('onetwo');
    expect(descriptors()).toBe(before);
  });

  describe.each(receivers)('%s with MSG_WAITALL, from a socket with SO_PASSCRED', (call) => {
    function credited(): [AnySocket, AnySocket] {
      const [a, b] = pair();
      b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
      return [a, b];
    }

    test('ends where another process has written', async () => {
      const [a, b] = credited();
      a.send('one');
      a.send('two');
      execFileSync('sh', ['-c', 'printf other'], { stdio: ['ignore', a.fileno(), 'inherit'] });
      a.send('three');
      for (const text of ['onetwo', 'other'])
        expect(await receive[call](mode, b, 100, MSG_WAITALL)).toBe(text);
      expect(await receive[call](mode, b, 5, MSG_WAITALL)).toBe('three');
    });

    test('waits for what the same one writes, to the end', async () => {
      const [a, b] = credited();
      await peer(a, (sock, { blocked }) => {
        sock.send('one');
        blocked();
        sock.send('two');
        blocked();
      });
      expect(await receive[call](mode, b, 9, MSG_WAITALL)).toBe('onetwo');
    });

    test('fails with what its peer has left, once', async () => {
      const [a, b] = credited();
      b.send('unread');
      a.close();
      await expect(receive[call](mode, b, 9, MSG_WAITALL)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await receive[call](mode, b, 9, MSG_WAITALL)).toBe('');
    });
  });
});

test('with a timeout a stream takes a part', () => {
  const [a] = pair();
  a.settimeout(1);
  const sent = a.sendmsg([Buffer.alloc(BIG), Buffer.alloc(BIG)]);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(2 * BIG);
});

test('messages that wait go out whole, in order', async () => {
  const [a, b] = pair();
  const sent = [a.sendmsgAsync([Buffer.alloc(BIG, 'a')]), a.sendmsgAsync([Buffer.alloc(9, 'b')])];
  const [data] = await b.recvmsgAsync(BIG + 9, 0, MSG_WAITALL);
  expect(await Promise.all(sent)).toEqual([BIG, 9]);
  expect([data.indexOf('b'), data.lastIndexOf('a')]).toEqual([BIG, BIG - 1]);
});

describe.each(modes)('descriptors that cannot be handed out are closed, %s', (mode) => {
  /** Memory for the data of a control message cannot be had. */
  function breakMemory(): void {
    const from = Buffer.from.bind(Buffer) as (...args: unknown[]) => Buffer;
    const spy = vi.spyOn(Buffer, 'from').mockImplementation(((...args: unknown[]) => {
      if (ArrayBuffer.isView(args[0]) && args[0].byteLength === 8)
        throw new RangeError('Array buffer allocation failed');
      return from(...args);
    }) as never);
    onTestFinished(() => {
      spy.mockRestore();
    });
  }

  test.each<[string, number, (sock: AnySocket) => Promise<unknown>]>([
    ['recvmsg', 0, (sock) => both(mode, sock).recvmsg(100, ROOM)],
    ['recvmsgInto', 0, (sock) => both(mode, sock).recvmsgInto([Buffer.alloc(100)], ROOM)],
    ['recvmsg with much room', 0, (sock) => both(mode, sock).recvmsg(100, 100_000)],
    ['recvmsg with MSG_WAITALL', MSG_WAITALL, (sock) => both(mode, sock).recvmsg(100, ROOM, MSG_WAITALL)],
    ['recvmsg with MSG_PEEK', MSG_PEEK, (sock) => both(mode, sock).recvmsg(100, ROOM, MSG_PEEK)],
  ])('%s', async (_name, _flags, call) => {
    const [a, b] = pair();
    a.sendmsg(['x'], [ancillary.rights([0, 1])]);
    const before = descriptors();
    breakMemory();
    expect(await failure(() => call(b))).toMatchObject({ message: 'Array buffer allocation failed' });
    expect(descriptors()).toBe(before);
  });

  test('a receive of no bytes brings them too, even where an earlier error ends it', async () => {
    const [a, b] = pair();
    a.sendmsg(['x'], [ancillary.rights([0, 1])]);
    const before = descriptors();
    const [, ancdata] = await both(mode, b).recvmsg(0, ROOM, MSG_PEEK);
    const [message] = decodeAncillary(ancdata);
    if (message?.kind !== 'rights') throw new Error('no rights');
    message.fds.forEach(close);
    (b as unknown as { [kEndpoint]: Endpoint })[kEndpoint].deferredError = ECONNRESET;
    await expect(both(mode, b).recvmsg(0, ROOM)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(descriptors()).toBe(before);
  });

  test('those for which there is no room, too', async () => {
    const [a, b] = pair();
    const before = descriptors();
    a.sendmsg(['x'], [ancillary.rights([0, 1])]);
    const [, ancdata, flags] = await both(mode, b).recvmsg(100, 1);
    expect([ancdata, flags]).toEqual([[], MSG_CTRUNC]);
    expect(descriptors()).toBe(before);
  });
});

describe('memory that changes while a call waits makes it fail: it would be another message', () => {
  test('received', async () => {
    const memory = resizable(8, 16);
    const [a, b] = pair(SOCK_DGRAM);
    const receiving = b.recvmsgIntoAsync([new Uint8Array(memory)]);
    await turns();
    memory.resize(4);
    a.send('eight...');
    await expect(receiving).rejects.toThrow(
      'recvmsgInto(): buffers must be as long as at the beginning, 8 bytes, not 4',
    );
    expect(String(b.recv(100))).toBe('eight...');
  });

  test.each([SOCK_DGRAM, SOCK_STREAM])('sent, type %i', async (type) => {
    const memory = resizable(8, 16);
    const [a, b] = pair(type);
    fill(a);
    const sending = a.sendmsgAsync([new Uint8Array(memory), 'x']);
    await turns();
    memory.resize(16);
    empty(b);
    await expect(sending).rejects.toThrow(
      /^sendmsg\(\): buffers must be as long as at the beginning, 9 bytes/,
    );
  });
});

function whyNoFastOpen(): string | undefined {
  try {
    using probe = new Socket(AF_INET, SOCK_STREAM);
    probe.sendto('', MSG_FASTOPEN, ['127.0.0.1', 9]);
  } catch (error) {
    const { code, message } = error as OSError;
    return code === 'EOPNOTSUPP' ? message : undefined;
  }
  return undefined;
}

const noFastOpen = whyNoFastOpen();

describe.skipIf(noFastOpen)(`MSG_FASTOPEN connects and sends${noFastOpen ? ` (${noFastOpen})` : ''}`, () => {
  test.each(modes.flatMap((mode) => (['sendto', 'sendmsg'] as const).map((call) => [call, mode] as const)))(
    '%s, %s',
    async (call, mode) => {
      const server = listening(inet);
      // The first connection gets the cookie with which the second one sends its bytes at once.
      for (let count = 0; count < 2; count++) {
        const client = open(inet);
        const sent =
          call === 'sendto'
            ? both(mode, client).sendto('early', MSG_FASTOPEN, name(server))
            : both(mode, client).sendmsg(['ear', 'ly'], [], MSG_FASTOPEN, name(server));
        expect(await sent).toBe(5);
        const connection = keep(server.accept()[0]);
        expect(String(connection.recv(5, MSG_WAITALL))).toBe('early');
      }
    },
  );
});

describe.skipIf(noFastOpen)(`TCP_FASTOPEN_CONNECT${noFastOpen ? ` (${noFastOpen})` : ''}`, () => {
  /** Connected as it seems: the first send begins the connection. */
  const deferred = (server: AnySocket) => {
    const client = open(inet);
    client.options.tcpFastOpenNoCookie = true;
    client.options.tcpFastOpenConnect = true;
    client.connect(name(server));
    return client;
  };
  const calls = ['send', 'sendall', 'sendmsg'] as const;

  test.each(modes.flatMap((mode) => calls.map((call) => [call, mode] as const)))(
    'a first %s of nothing waits for the connection, %s',
    async (call, mode) => {
      const server = listening(inet);
      const client = deferred(server);
      const sent = call === 'sendmsg' ? both(mode, client).sendmsg(['']) : both(mode, client)[call]('');
      expect(await sent).toBe(call === 'sendall' ? undefined : 0);
      const connection = keep(server.accept()[0]);
      await both(mode, client).sendall('later');
      expect(String(connection.recv(5, MSG_WAITALL))).toBe('later');
    },
  );

  test('a first send of nothing on a non-blocking socket is EINPROGRESS, and sendallAsync waits', async () => {
    const server = listening(inet);
    for (const call of calls) {
      const client = deferred(server);
      client.setblocking(false);
      const error = expect.objectContaining({ name: 'BlockingIOError', code: 'EINPROGRESS' });
      expect(() => (call === 'sendmsg' ? client.sendmsg(['']) : client[call](''))).toThrow(error);
      await client.sendallAsync('');
      keep(server.accept()[0]);
    }
  });
});

describe('datagrams', () => {
  test.each(modes)('are cut with MSG_TRUNC among the flags, %s', async (mode) => {
    const [a, b] = pair(SOCK_DGRAM);
    for (let count = 0; count < 3; count++) a.send('longer');
    expect(await both(mode, b).recvmsg(3)).toEqual([Buffer.from('lon'), [], MSG_TRUNC, null]);
    // MSG_TRUNC as a flag asks for the length of the whole, of which no byte is seen that was not received.
    expect((await both(mode, b).recvmsg(3, 0, MSG_TRUNC))[0]).toEqual(Buffer.from('lon'));
    expect((await both(mode, b).recvmsgInto([Buffer.alloc(3)], 0, MSG_TRUNC))[0]).toBe(6);
  });

  test('received bytes have no memory of others behind them', () => {
    const [a, b] = pair(SOCK_DGRAM);
    a.send('x');
    const [data] = b.recvmsg(100_000, ROOM);
    expect(data.length).toBe(1);
  });
});

// What the kernel sees

/** The calls on sockets that a program makes: sendmsg and recvmsg, and what else is called meanwhile. */
function traced(program: string, args: string[], only: string): string[] {
  const log = path();
  execFileSync(
    find('strace')!,
    ['-f', '-e', `trace=${only}`, '-X', 'raw', '-x', '-s', '100', '-o', log, program, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15_000,
    },
  );
  return readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => line.replace(/^\d+ +/, ''));
}

const noStrace = missing('strace');

test.skipIf(noStrace)(`one call is one system call${noStrace ? ` (${noStrace})` : ''}`, () => {
  const program = `
    const s = await import(${JSON.stringify(libraryUrl)});
    const [a, b] = s.socketpair(s.AF_UNIX, s.SOCK_DGRAM);
    const mark = (name) => { try { b.recv(1, s.MSG_DONTWAIT) } catch {} };
    mark('warm-up');
    a.sendmsg(['one', Buffer.from('two')], [s.ancillary.rights([0])]);
    const [, ancdata] = b.recvmsg(100, 64);
    await a.sendmsgAsync(['one', Buffer.from('two')], [s.ancillary.rights([0])]);
    await b.recvmsgIntoAsync([Buffer.alloc(2), Buffer.alloc(9)], 64);
    s.sendFds(a, ['x'], [0]);
    s.recvFds(b, 9, 1);
    mark('end');
  `;
  const calls = traced(
    process.execPath,
    ['--input-type=module', '-e', program],
    'network,poll,ppoll',
    // Other threads cut lines in two, whose second half begins with dots.
  ).filter((line) => !/^(<\.\.\.|---|\+\+\+)/.test(line));
  const [first, last] = [
    calls.findIndex((line) => line.startsWith('recvfrom')),
    calls.findLastIndex((line) => line.startsWith('recvfrom')),
  ];
  const between = calls.slice(first + 1, last).map((line) => line.slice(0, line.indexOf('(')));
  expect(between).toEqual(['sendmsg', 'recvmsg', 'sendmsg', 'recvmsg', 'sendmsg', 'recvmsg']);
});

// AF_ALG

function whyNoAlg(): string | undefined {
  try {
    new Socket(AF_ALG, SOCK_SEQPACKET).close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('sendmsgAfalg', () => {
  test('is for AF_ALG alone, and wants an operation', async () => {
    const [a] = pair();
    expect(() => a.sendmsgAfalg([], { op: 0 })).toThrow('algset is only supported for AF_ALG');
    await expect(a.sendmsgAfalgAsync([], { op: 0 })).rejects.toThrow('algset is only supported for AF_ALG');
    const alg = keep(new Socket<number>(AF_ALG, SOCK_SEQPACKET, 0, a.detach()));
    const call = alg.sendmsgAfalg.bind(alg) as (...args: unknown[]) => number;
    expect(() => call([])).toThrow(TypeError);
    expect(() => call([], {})).toThrow(TypeError);
    expect(() => call([], { op: -1 })).toThrow(RangeError);
    expect(() => call([], { op: 0, assoclen: -1 })).toThrow(RangeError);
    expect(() => call([], { op: 0, iv: 5 })).toThrow(TypeError);
    expect(() => call('text', { op: 0 })).toThrow(TypeError);
    await expect(alg.sendmsgAfalgAsync([], { op: 0, signal: AbortSignal.abort('reason') })).rejects.toBe(
      'reason',
    );
  });

  // A kernel without AF_ALG sends the same control messages over a Unix socket, which ignores their level.
  const reason = noStrace || noPython;
  test.skipIf(reason)(`sends what Python sends${reason ? ` (${reason})` : ''}`, () => {
    const cases = [
      { op: 1 },
      { op: 0, iv: '0123456789abcdef' },
      { op: 1, assoclen: 16 },
      { op: 1, iv: 'short', assoclen: 2 ** 31 - 1, flags: 0x8000 },
      { op: 3, iv: '' },
    ];
    const ours = `
      const s = await import(${JSON.stringify(libraryUrl)});
      const [a] = s.socketpair(s.AF_UNIX, s.SOCK_DGRAM);
      const alg = new s.Socket(s.AF_ALG, s.SOCK_SEQPACKET, 0, a.detach());
      for (const options of ${JSON.stringify(cases)}) alg.sendmsgAfalg(['one', 'two'], options);
    `;
    const theirs = `
import json, socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
alg = socket.socket(38, socket.SOCK_SEQPACKET, 0, fileno=a.detach())
for options in json.loads('''${JSON.stringify(cases)}'''):
    if 'iv' in options:
        options['iv'] = options['iv'].encode()
    alg.sendmsg_afalg([b'one', b'two'], **options)
`;
    const sent = (program: string, args: string[]) =>
      traced(program, args, 'sendmsg')
        .filter((line) => line.startsWith('sendmsg'))
        .map((line) =>
          /msg_iov=.*msg_controllen=\d+/
            .exec(line)![0]
            // Python counts the padding behind an IV, the kernel takes it with and without.
            .replaceAll(
              /cmsg_len=(\d+)/g,
              (_, length) => `cmsg_space=${CMSG_SPACE(Number(length) - CMSG_LEN(0))}`,
            ),
        );
    const [mine, python3] = [
      sent(process.execPath, ['--input-type=module', '-e', ours]),
      sent(python!, ['-c', theirs]),
    ];
    expect(mine).toHaveLength(cases.length);
    expect(mine[0]).toContain('msg_control=');
    expect(mine).toEqual(python3);
  });

  test('packs the numbers in the order of the bytes of the machine', () => {
    const [a] = pair();
    const alg = keep(new Socket<number>(AF_ALG, SOCK_SEQPACKET, 0, a.detach()));
    const sendmsg = vi.spyOn(native, 'sendmsg').mockReturnValue(0);
    onTestFinished(() => sendmsg.mockRestore());
    alg.sendmsgAfalg([], { op: ALG_OP_ENCRYPT, iv: 'five!', assoclen: 2 ** 32 - 2 });
    const control = sendmsg.mock.calls[0]![2] as Buffer;
    const word = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
    expect(parseAncillary(control, control.length)).toEqual([
      [SOL_ALG, ALG_SET_OP, word(ALG_OP_ENCRYPT)],
      [SOL_ALG, ALG_SET_IV, Buffer.concat([word(5), Buffer.from('five!')])],
      [SOL_ALG, ALG_SET_AEAD_ASSOCLEN, word(2 ** 32 - 2)],
    ]);
  });

  const noAlg = whyNoAlg();
  test.skipIf(noAlg)(`encrypts${noAlg === undefined ? '' : ` (this kernel has no AF_ALG: ${noAlg})`}`, () => {
    const [key, iv, text] = ['0123456789abcdef', 'fedcba9876543210', 'sixteen bytes...'];
    // struct sockaddr_alg: family, type, two masks, name.
    const sockaddr = Buffer.alloc(88);
    new Uint16Array(sockaddr.buffer, sockaddr.byteOffset, 1)[0] = AF_ALG;
    sockaddr.write('skcipher', 2);
    sockaddr.write('cbc(aes)', 24);
    const cipher = keep(new Socket<number>(AF_ALG, SOCK_SEQPACKET));
    expect(bind(cipher.fileno(), sockaddr)).toBe(0);
    cipher.setsockopt(SOL_ALG, ALG_SET_KEY, key);
    const fd = accept(cipher.fileno(), new Uint8Array(STORAGE_SIZE));
    const operation = keep(new Socket<number>(AF_ALG, SOCK_SEQPACKET, 0, fd));
    expect(operation.sendmsgAfalg([text.slice(0, 5), text.slice(5)], { op: ALG_OP_ENCRYPT, iv })).toBe(16);
    const expected = createCipheriv('aes-128-cbc', key, iv).update(text);
    expect(operation.recv(16)).toEqual(expected);
  });
});

test('the room for ancillary data is what was asked for', () => {
  const [a, b] = pair();
  a.sendmsg(['x'], [ancillary.rights([0, 1, 2])]);
  const [, ancdata, flags] = b.recvmsg(9, CMSG_SPACE(8));
  const [message] = decodeAncillary(ancdata);
  expect(flags).toBe(MSG_CTRUNC);
  if (message?.kind !== 'rights') throw new Error('no rights');
  expect(message.fds).toHaveLength(2);
  for (const fd of message.fds) new Socket(AF_UNIX, SOCK_STREAM, 0, fd).close();
});
