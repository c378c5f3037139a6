/** `createDatagramEndpoint`: what CPython's tests of datagram endpoints expect, with real sockets. */
import { statSync, writeFileSync } from 'node:fs';
import {
  type Address,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  BlockingIOError,
  SO_BROADCAST,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
} from 'bsd-socket';
import {
  createDatagramEndpoint,
  type DatagramOptions,
  DatagramProtocol,
  type DatagramTransport,
  setExceptionHandler,
} from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  abstract,
  bound,
  failure,
  fill,
  inet,
  name,
  noIPv6,
  open,
  path,
  pattern,
  turns,
  unixAbstract,
  until,
} from './support.ts';
import { empty } from './waiting.ts';

/** Writes down what it is told. */
class Noting extends DatagramProtocol<Address | null> {
  readonly events: unknown[][] = [];
  transport!: DatagramTransport;

  override connectionMade(transport: DatagramTransport): void {
    this.transport = transport;
    this.events.push(['made']);
  }
  override datagramReceived(data: Buffer, addr: Address | null): void {
    this.events.push(['received', String(data), addr]);
  }
  override errorReceived(error: Error): void {
    this.events.push(['error', (error as { code?: string }).code]);
  }
  override connectionLost(error: Error | null): void {
    this.events.push(['lost', error]);
  }
  override pauseWriting(): void {
    this.events.push(['pause']);
  }
  override resumeWriting(): void {
    this.events.push(['resume']);
  }

  of(event: string): unknown[][] {
    return this.events.filter(([each]) => each === event);
  }
}

/** Sends back what comes. */
class Echoing extends Noting {
  override datagramReceived(data: Buffer, addr: Address | null): void {
    this.transport.sendto(data, addr as never);
  }
}

async function make<P extends Noting>(
  protocol: P,
  options: DatagramOptions,
): Promise<[transport: DatagramTransport, protocol: P]> {
  const [transport, same] = await createDatagramEndpoint(() => protocol, options);
  onTestFinished(() => transport.abort());
  expect(same).toBe(protocol);
  return [transport, protocol];
}

const here: DatagramOptions = { localAddr: ['127.0.0.1', 0] };
// biome-ignore lint/suspicious/noExplicitAny: each family has a form of its own.
const nameOf = (transport: DatagramTransport): any => transport.getExtraInfo('sockname');

describe('an endpoint', () => {
  test.each([
    ['IPv4', () => here],
    ['IPv6', () => ({ localAddr: ['::1', 0] as const })],
    ['Unix, a path', () => ({ family: AF_UNIX, localAddr: path() })],
    ['Unix, an abstract name', () => ({ family: AF_UNIX, localAddr: abstract() })],
  ])('is connected to another, and each hears the other: %s', async (title, local) => {
    if (title === 'IPv6' && noIPv6 !== undefined) return;
    const [server] = await make(new Echoing(), local());
    const options = {
      ...local(),
      remoteAddr: title.startsWith('Unix') ? nameOf(server) : nameOf(server).slice(0, 2),
    };
    const [transport, client] = await make(new Noting(), options);
    expect(client.events).toEqual([['made']]);
    expect(transport.getExtraInfo('peername')).toEqual(nameOf(server));
    transport.sendto('a');
    transport.sendto(new Uint8Array([98]), options.remoteAddr);
    transport.sendto('');
    await until(() => client.events.length === 4);
    expect(client.of('received').map(([, data]) => data)).toEqual(['a', 'b', '']);
    expect(client.of('received').map(([, , from]) => from)).toEqual(Array(3).fill(nameOf(server)));
    transport.close();
    expect(transport.isClosing()).toBe(true);
    await until(() => client.events.length === 5);
    expect(client.of('lost')).toEqual([['lost', null]]);
    expect((transport.getExtraInfo('socket') as Socket).closed).toBe(true);
    transport.close();
    transport.abort();
    transport.sendto('x');
    await turns();
    expect(client.events.length).toBe(5);
  });

  test('sends to whom it is told to, by name, too', async () => {
    const [server, protocol] = await make(new Noting(), here);
    const [transport] = await make(new Noting(), here);
    const [, port] = nameOf(server);
    transport.sendto('one', ['127.0.0.1', port]);
    transport.sendto('two', ['localhost', port]);
    await until(() => protocol.events.length === 3);
    expect(protocol.of('received')).toEqual([
      ['received', 'one', nameOf(transport)],
      ['received', 'two', nameOf(transport)],
    ]);
    expect(() => transport.sendto('x')).toThrow(TypeError);
    expect(() => transport.sendto(5 as never, nameOf(server))).toThrow(TypeError);
    expect(transport.getExtraInfo('peername')).toBe(null);
    expect(transport.getExtraInfo('nothing', 1)).toBe(1);
  });

  test('takes large datagrams whole', async () => {
    const data = pattern(60_000);
    const lengths: number[] = [];
    for (const options of [here, { family: AF_UNIX, localAddr: abstract() }]) {
      const unix = options !== here;
      const large = unix ? pattern(150_000) : data;
      class Comparing extends Noting {
        override datagramReceived(got: Buffer): void {
          expect(got.equals(large)).toBe(true);
          lengths.push(got.length);
        }
      }
      const [server] = await make(new Comparing(), options);
      const [transport] = await make(new Noting(), unix ? { family: AF_UNIX } : here);
      transport.sendto(large, nameOf(server));
    }
    await until(() => lengths.length === 2);
    expect(lengths.sort()).toEqual([150_000, 60_000]);
  });

  test('connected to one, does not send to others', async () => {
    const [server] = await make(new Noting(), here);
    const [transport] = await make(new Noting(), { remoteAddr: nameOf(server) });
    expect(() => transport.sendto('x', ['127.0.0.1', 1])).toThrow(/Invalid address: must be|Invalid address/);
    expect(() => transport.sendto('x', ['127.0.0.1', 1])).toThrow(RangeError);
  });

  test('has a socket that was made before', async () => {
    const sock = new Socket<number>(AF_INET, SOCK_DGRAM);
    sock.bind(['127.0.0.1', 0]);
    const [server, protocol] = await make(new Noting(), { sock });
    expect(sock.gettimeout()).toBe(0);
    const unix = new Socket<number>(AF_UNIX, SOCK_DGRAM);
    const [transport] = await make(new Noting(), { sock: unix });
    expect(transport.getExtraInfo('sockname')).toBe('');
    open(inet, SOCK_DGRAM).sendto('x', nameOf(server));
    await until(() => protocol.events.length === 2);
  });

  test('has the options that were asked for', async () => {
    const [transport] = await make(new Noting(), { ...here, reusePort: true, allowBroadcast: true });
    const sock = transport.getExtraInfo('socket') as Socket;
    expect(sock.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(1);
    expect(sock.getsockopt(SOL_SOCKET, SO_BROADCAST)).toBe(1);
    const [plain] = await make(new Noting(), { family: AF_INET });
    const other = plain.getExtraInfo('socket') as Socket;
    expect(other.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(0);
    expect(other.getsockopt(SOL_SOCKET, SO_BROADCAST)).toBe(0);
  });

  test('that may broadcast is not connected, and sends to its remote address', async () => {
    const [server, protocol] = await make(new Noting(), here);
    const [transport] = await make(new Noting(), { remoteAddr: nameOf(server), allowBroadcast: true });
    expect(transport.getExtraInfo('peername')).toBe(null);
    transport.sendto('x');
    await until(() => protocol.events.length === 2);
  });

  test('takes the place of a Unix socket that is gone, and of no other file', async () => {
    const place = path();
    for (let time = 0; time < 2; time++) {
      const [transport] = await make(new Noting(), { family: AF_UNIX, localAddr: place });
      transport.abort();
      await turns();
      expect(statSync(place).isSocket()).toBe(true);
    }
    const file = path();
    writeFileSync(file, 'precious');
    const error = await failure(() => make(new Noting(), { family: AF_UNIX, localAddr: file }));
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
    expect(statSync(file).size).toBe(8);
  });
});

describe('errors', () => {
  test('a port where nobody listens is told, and the endpoint goes on', async () => {
    const gone = bound(inet, SOCK_DGRAM);
    const remoteAddr = name(gone);
    gone.close();
    const [transport, protocol] = await make(new Noting(), { remoteAddr });
    for (let count = 1; count <= 3; count++) {
      transport.sendto('x');
      await until(() => protocol.of('error').length >= count);
    }
    expect(protocol.of('error')[0]).toEqual(['error', 'ECONNREFUSED']);
    expect(transport.isClosing()).toBe(false);
    const back = bound(inet, SOCK_DGRAM);
    expect(back).toBeDefined();
  });

  test('a datagram that is too long is told', async () => {
    const [transport, protocol] = await make(new Noting(), here);
    transport.sendto(Buffer.alloc(70_000), nameOf(transport));
    expect(protocol.of('error')).toEqual([['error', 'EMSGSIZE']]);
    transport.sendto('x', ['no.such.host.invalid', 1]);
    expect(protocol.of('error').length).toBe(2);
  });

  test('a descriptor that somebody has closed ends the endpoint', async () => {
    const [transport, protocol] = await make(new Noting(), here);
    (transport.getExtraInfo('socket') as Socket).close();
    await until(() => protocol.of('lost').length > 0);
    expect(protocol.of('lost')[0]![1]).toMatchObject({ code: 'ECANCELED' });
    expect(transport.isClosing()).toBe(true);
  });

  test('what the protocol throws is told to the handler, and what comes next arrives', async () => {
    const seen: unknown[] = [];
    setExceptionHandler(({ message, exception }) => seen.push([message, exception]));
    onTestFinished(() => setExceptionHandler(null));
    const error = new Error('mine');
    class Throwing extends Noting {
      override connectionMade(transport: DatagramTransport): void {
        super.connectionMade(transport);
        throw error;
      }
      override datagramReceived(data: Buffer, addr: Address | null): void {
        super.datagramReceived(data, addr);
        throw error;
      }
      override connectionLost(): void {
        throw error;
      }
    }
    const [transport, protocol] = await make(new Throwing(), here);
    for (const data of ['a', 'b']) open(inet, SOCK_DGRAM).sendto(data, nameOf(transport));
    await until(() => protocol.of('received').length === 2);
    transport.close();
    await until(() => seen.length === 4);
    expect(seen).toEqual(
      ['connectionMade', 'datagramReceived', 'datagramReceived', 'connectionLost'].map((method) => [
        `protocol.${method}() failed`,
        error,
      ]),
    );
    expect((transport.getExtraInfo('socket') as Socket).closed).toBe(true);
  });

  test('a factory that throws leaves nothing behind', async () => {
    const error = new Error('mine');
    const factory = () => {
      throw error;
    };
    expect(await failure(() => createDatagramEndpoint(factory, here))).toBe(error);
  });

  test.each([
    ['no address, no family', {}, RangeError, /unexpected address family/],
    ['no pair', { localAddr: '127.0.0.1' }, TypeError, /2-tuple is expected/],
    ['no pair', { localAddr: ['127.0.0.1'] }, TypeError, /2-tuple is expected/],
    ['no path', { family: AF_UNIX, localAddr: ['x', 1] }, TypeError, /string is expected/],
    [
      'another family',
      { family: AF_INET6, localAddr: ['127.0.0.1', 0] },
      Error,
      /address family|not supported/i,
    ],
    [
      'two families',
      { localAddr: ['127.0.0.1', 0], remoteAddr: ['::1', 1] },
      RangeError,
      /can not get address information/,
    ],
    ['a socket that is none', { sock: {} }, TypeError, /sock must be a Socket/],
    ['an address of others', { localAddr: ['192.0.2.1', 0] }, Error, /Cannot assign requested address/],
    ['no options', null, TypeError, /options must be/],
    ['a signal that is none', { signal: 5 }, TypeError, /signal must be/],
  ] as const)('arguments: %s', async (_, options, kind, text) => {
    const error = await failure(() => createDatagramEndpoint(() => new Noting(), options as never));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });

  test.each([
    ['localAddr', ['127.0.0.1', 0]],
    ['remoteAddr', ['127.0.0.1', 1]],
    ['family', 1],
    ['proto', 1],
    ['flags', 1],
    ['reusePort', true],
    ['allowBroadcast', true],
  ])('a socket and %s do not go together', async (option, value) => {
    const sock = open(inet, SOCK_DGRAM);
    const error = await failure(() =>
      createDatagramEndpoint(() => new Noting(), { sock, [option]: value } as never),
    );
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toMatch(
      `socket modifier keyword arguments can not be used when sock is specified. (${option}=`.replace(
        '.',
        '',
      ),
    );
  });

  test('a stream is no datagram socket', async () => {
    for (const type of [SOCK_STREAM]) {
      const sock = open(inet, type);
      const error = await failure(() => createDatagramEndpoint(() => new Noting(), { sock }));
      expect(error.message).toMatch(/a datagram socket/);
    }
    const sock = open(unixAbstract, SOCK_SEQPACKET);
    const [transport] = await make(new Noting(), { sock });
    transport.close();
  });

  test('a signal that has aborted', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await failure(() => createDatagramEndpoint(() => new Noting(), { ...here, signal }))).toBe(reason);
  });
});

describe('flow control', () => {
  /** An endpoint whose peer takes no more. */
  async function stuck(): Promise<[Noting, DatagramTransport, ReturnType<typeof bound>]> {
    const receiver = bound(unixAbstract, SOCK_DGRAM);
    const [transport, protocol] = await make(new Noting(), { family: AF_UNIX, remoteAddr: name(receiver) });
    const filler = open(unixAbstract, SOCK_DGRAM);
    filler.connect(name(receiver));
    fill(filler, 1);
    return [protocol, transport, receiver];
  }

  test('what does not go out at once waits, and the protocol is paused', async () => {
    const [protocol, transport, receiver] = await stuck();
    expect(transport.getWriteBufferLimits()).toEqual([16384, 65536]);
    const data = Buffer.alloc(1000, 'x');
    transport.sendto(data);
    expect(transport.getWriteBufferSize()).toBe(1008);
    // The memory can be used again.
    data.fill('-');
    expect(protocol.of('pause')).toEqual([]);
    for (let count = 0; count < 65; count++) transport.sendto(`${count}`.padEnd(1000));
    expect(protocol.of('pause')).toEqual([['pause']]);
    expect(transport.getWriteBufferSize()).toBe(66 * 1008);
    transport.close();
    expect(transport.isClosing()).toBe(true);
    // Not sent any more.
    transport.sendto('late');
    const got: string[] = [];
    const receiving = (async () => {
      while (got.length < 66) {
        const [bytes] = await receiver.recvfromAsync(2000);
        if (bytes.length > 1) got.push(String(bytes).trim());
      }
    })();
    await receiving;
    await until(() => protocol.of('lost').length > 0);
    expect(protocol.events).toEqual([['made'], ['pause'], ['resume'], ['lost', null]]);
    expect(got[0]).toBe('x'.repeat(1000));
    expect(got.slice(1)).toEqual(Array.from({ length: 65 }, (_, count) => `${count}`));
    expect(transport.getWriteBufferSize()).toBe(0);
  });

  test('abort drops what waits', async () => {
    const [protocol, transport, receiver] = await stuck();
    transport.setWriteBufferLimits({ high: 0 });
    transport.sendto('x');
    expect(protocol.of('pause')).toEqual([['pause']]);
    transport.abort();
    expect(transport.getWriteBufferSize()).toBe(0);
    await until(() => protocol.of('lost').length > 0);
    empty(receiver);
    await turns();
    expect(protocol.events).toEqual([['made'], ['pause'], ['lost', null]]);
  });

  const places = {
    IPv4: () => here,
    IPv6: () => ({ localAddr: ['::1', 0] as const }),
    Unix: () => ({ family: AF_UNIX, localAddr: abstract() }),
  };
  test.each<[family: keyof typeof places, wrong: unknown]>([
    ['IPv4', null],
    ['IPv4', 42],
    ['IPv4', ['127.0.0.1']],
    ['IPv4', ['127.0.0.1', '1']],
    ['IPv4', ['127.0.0.1', 65536]],
    ['IPv4', [5, 1]],
    ['IPv4', ['x\0', 1]],
    // IDNA knows no such name.
    ['IPv4', ['xn--\u00e9', 1]],
    ['IPv6', ['::1', 1, -1]],
    ['Unix', ['x', 1]],
    ['Unix', null],
    ['Unix', 'x'.repeat(200)],
  ])('a wrong address is the mistake of the call, also behind others: %s, %j', async (family, wrong) => {
    if (family === 'IPv6' && noIPv6 !== undefined) return;
    const [transport, protocol] = await make(new Noting(), places[family]());
    const mistake = () => {
      const told = protocol.of('error').length;
      try {
        transport.sendto('x', wrong as never);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
        return String(error);
      }
      return protocol.of('error').slice(told);
    };
    const alone = mistake();
    expect(alone).not.toEqual([]);
    // As if the socket took nothing.
    const sock = transport.getExtraInfo('socket') as Socket;
    sock.sendto = () => {
      throw new BlockingIOError('Resource temporarily unavailable');
    };
    transport.sendto('before', nameOf(transport));
    const size = transport.getWriteBufferSize();
    expect(mistake()).toEqual(alone);
    expect(transport.getWriteBufferSize()).toBe(size);
    transport.sendto('after', nameOf(transport));
    await until(() => protocol.of('received').length === 2);
    expect(protocol.of('received').map(([, data]) => data)).toEqual(['before', 'after']);
    expect(transport.isClosing()).toBe(false);
  });

  test('a receiver that goes while datagrams wait is told', async () => {
    const [protocol, transport, receiver] = await stuck();
    transport.sendto('x');
    receiver.close();
    await until(() => protocol.of('error').length > 0);
    expect(transport.isClosing()).toBe(false);
    expect(transport.getWriteBufferSize()).toBe(0);
  });
});

test('thousands of datagrams arrive in order, each once', async () => {
  const [server, protocol] = await make(new Noting(), { family: AF_UNIX, localAddr: abstract() });
  const [transport] = await make(new Noting(), { family: AF_UNIX, remoteAddr: nameOf(server) });
  for (let count = 0; count < 5000; count++) transport.sendto(`${count}`);
  await until(() => protocol.events.length === 5001);
  expect(protocol.of('received').map(([, data]) => Number(data))).toEqual([...Array(5000).keys()]);
});
