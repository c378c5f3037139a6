/** Server, startServer and startUnixServer: what CPython's test_server expects of them. */
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  createConnection,
  createServer,
  EADDRINUSE,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SHUT_RDWR,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
  Socket,
} from 'bsd-socket';
import {
  defaultExceptionHandler,
  openConnection,
  openUnixConnection,
  Server,
  setExceptionHandler,
  startServer,
  startUnixServer,
} from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connected, echo, portOf, reports, tcp, unixStreams, ways, withResolvers } from './streams.ts';
import { abstract, failure, keep, noIPv6, noSuchHost, path, turns, until, watch } from './support.ts';

/** A server of no use. */
async function idle(...args: [host?: unknown, port?: unknown, options?: object]): Promise<Server> {
  const server = await startServer(() => {}, ...(args as []));
  onTestFinished(() => server.close());
  return server;
}

for (const way of ways) {
  const title = way.missing === undefined ? way.name : `${way.name} (skipped: ${way.missing})`;
  describe.skipIf(way.missing !== undefined)(title, () => {
    test('serves once it is told to, until it is aborted', async () => {
      const controller = new AbortController();
      const stop = new Error('stop');
      const server = await way.serve(
        async (reader, writer) => {
          await reader.readline();
          controller.abort(stop);
          writer.write('1');
          writer.close();
          await writer.waitClosed();
        },
        { startServing: false },
      );
      expect(server.isServing()).toBe(false);
      const { sockets } = server;
      expect(sockets.length).toBe(1);
      await server.startServing();
      await server.startServing();
      expect(server.isServing()).toBe(true);
      const serving = watch(server.serveForever({ signal: controller.signal }));
      const again = await failure(() => server.serveForever());
      expect(again.message).toMatch(
        /^server <Server sockets=\[.*\]> is already being awaited on serveForever\(\)$/,
      );
      const [reader, writer] = await way.connect(server);
      writer.write(`${'1'.repeat(5 * 1024)}\n`);
      expect(String(await reader.read())).toBe('1');
      await until(() => serving.state !== 'pending');
      expect(serving.error).toBe(stop);
      expect(server.sockets).toEqual([]);
      expect(sockets[0]!.closed).toBe(true);
      expect(server.isServing()).toBe(false);
      for (const call of [() => server.serveForever(), () => server.startServing()]) {
        const error = await failure(call);
        expect(error.message).toBe('server <Server sockets=[]> is closed');
        expect(error.code).toBe('ERR_INVALID_STATE');
      }
    });

    test('a callback that returns no promise', async () => {
      const server = await way.serve((reader, writer) => {
        echo(reader, writer);
      });
      const [reader, writer] = await way.connect(server);
      writer.write('hello world!\n');
      expect(String(await reader.readline())).toBe('hello world!\n');
    });

    test('waitClosed waits for close, and for the connections', async () => {
      const server = await way.serve(async (reader, writer) => {
        await reader.read();
        writer.close();
      });
      const first = watch(server.waitClosed());
      await turns();
      const [, writer] = await way.connect(server);
      const second = watch(server.waitClosed());
      await turns();
      expect([first.state, second.state]).toEqual(['pending', 'pending']);
      server.close();
      const third = watch(server.waitClosed());
      await turns();
      expect([first.state, second.state, third.state]).toEqual(['pending', 'pending', 'pending']);
      writer.close();
      await writer.waitClosed();
      await until(() => [first, second, third].every(({ state }) => state === 'fulfilled'));
      await server.waitClosed();
    });

    test('closeClients and abortClients', async () => {
      const { near, far, server } = await connected(way);
      const closed = watch(server.waitClosed());
      server.close();
      await turns();
      expect(closed.state).toBe('pending');
      far[1].write('last words');
      server.closeClients();
      await turns(2);
      expect(closed.state).toBe('fulfilled');
      expect(String(await near[0].read())).toBe('last words');
    });

    test('abortClients ends connections that are stuck', async () => {
      const { near, far, server } = await connected(way, { limit: 4096 });
      const sockets = [near[1], far[1]].map((writer) => writer.getExtraInfo('socket') as Socket);
      for (const socket of sockets) {
        socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 65536);
        socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 65536);
      }
      while (far[1].transport.getWriteBufferSize() === 0) {
        far[1].write(Buffer.alloc(65536, 'a'));
        await turns(1);
      }
      expect(near[1].transport.isReading()).toBe(false);
      const closed = watch(server.waitClosed());
      server.close();
      server.closeClients();
      await turns();
      expect(closed.state).toBe('pending');
      server.abortClients();
      await turns(2);
      expect(closed.state).toBe('fulfilled');
    });

    test('many clients come at once', async () => {
      const server = await way.serve(echo, { backlog: 200 });
      const texts = await Promise.all(
        Array.from({ length: 150 }, async (_, index) => {
          const [reader, writer] = await way.connect(server);
          writer.write(`${index}\n`);
          return String(await reader.readline());
        }),
      );
      expect(texts).toEqual(Array.from({ length: 150 }, (_, index) => `${index}\n`));
    });
  });
}

describe('serveForever', () => {
  test('ends when the server is closed, and its connections are over', async () => {
    const { near, server } = await connected();
    const serving = watch(server.serveForever());
    server.close();
    server.close();
    await turns();
    expect(serving.state).toBe('pending');
    server.closeClients();
    await until(() => serving.state === 'fulfilled');
    expect((await near[0].read()).length).toBe(0);
  });

  test('does not begin with a signal that has aborted', async () => {
    const server = await idle('127.0.0.1', 0, { startServing: false });
    const reason = new Error('no');
    expect(await failure(() => server.serveForever({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.isServing()).toBe(false);
    expect(await failure(() => server.serveForever({ signal: 5 as never }))).toBeInstanceOf(TypeError);
  });
});

test('waitClosed is given up when its signal aborts', async () => {
  const server = await idle('127.0.0.1', 0);
  const reason = new Error('enough');
  const controller = new AbortController();
  const waiting = watch(server.waitClosed({ signal: controller.signal }));
  controller.abort(reason);
  await turns();
  expect(waiting.error).toBe(reason);
  expect(server.isServing()).toBe(true);
  await expect(server.waitClosed(controller.signal as never)).rejects.toThrow(TypeError);
});

test('`await using` closes it, and waits for its connections', async () => {
  let seen: Server;
  {
    await using server = await startServer(echo, '127.0.0.1', 0);
    seen = server;
    const [reader, writer] = await openConnection('127.0.0.1', portOf(server));
    writer.write('x');
    writer.writeEof();
    expect(String(await reader.read())).toBe('x');
    writer.close();
  }
  expect(seen).toBeInstanceOf(Server);
  expect([inspect(seen), seen.sockets, seen.isServing()]).toEqual(['<Server sockets=[]>', [], false]);
});

describe('startServer', () => {
  test.each([null, '', undefined])('host %j is all of this machine', async (host) => {
    const server = await idle(host, 0);
    const names = server.sockets.map((socket) => socket.getsockname() as [string, number]);
    const expected = noIPv6 === undefined ? ['0.0.0.0', '::'] : ['0.0.0.0'];
    expect(names.map(([address]) => address).sort()).toEqual(expected);
    for (const socket of server.sockets) {
      expect(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
      if (socket.family === AF_INET6) expect(socket.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(1);
    }
  });

  test('several hosts, each once', async () => {
    const server = await idle(['127.0.0.1', '127.0.0.2', '127.0.0.1'], 0);
    const hosts = server.sockets.map((socket) => (socket.getsockname() as [string, number])[0]);
    expect(hosts).toEqual(['127.0.0.1', '127.0.0.2']);
    const set = await idle(new Set(['127.0.0.3']), 0, { family: AF_INET });
    expect(set.sockets.length).toBe(1);
  });

  test('the options of its sockets', async () => {
    const server = await idle('127.0.0.1', 0, { reuseAddress: false, reusePort: true, keepAlive: true });
    const [socket] = server.sockets;
    const values = [SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE].map((option) =>
      socket!.getsockopt(SOL_SOCKET, option),
    );
    expect(values).toEqual([0, 1, 1]);
    const second = await idle('127.0.0.1', portOf(server), { reuseAddress: false, reusePort: true });
    expect(portOf(second)).toBe(portOf(server));
  });

  test('an address in use, whose other sockets are closed again', async () => {
    const port = portOf(await idle('127.0.0.1', 0));
    const error = await failure(() => startServer(() => {}, ['127.0.0.2', '127.0.0.1'], port));
    expect(error).toMatchObject({ errno: EADDRINUSE, code: 'EADDRINUSE', syscall: 'bind', port });
    expect(error.strerror).toBe(
      `error while attempting to bind on address [ '127.0.0.1', ${port} ]: address already in use`,
    );
    await idle('127.0.0.2', port);
  });

  test('an address that the machine does not have', async () => {
    const error = await failure(() => startServer(() => {}, '192.0.2.1', 0));
    expect(error.name).toBe('OSError');
    expect(error.message).toBe("could not bind on any address out of [ [ '192.0.2.1', 0 ] ]");
    const server = await idle(['192.0.2.1', '127.0.0.1'], 0);
    expect(server.sockets.length).toBe(1);
  });

  test('a host that does not exist', async () => {
    expect(await failure(() => startServer(() => {}, noSuchHost, 0))).toMatchObject({ name: 'gaierror' });
  });

  test('a bound socket', async () => {
    const sock = createServer(['127.0.0.1', 0]);
    const server = await idle(null, null, { sock });
    expect(server.sockets).toEqual([sock]);
    const [, writer] = await openConnection('127.0.0.1', portOf(server));
    writer.close();
    server.close();
    expect(sock.closed).toBe(true);
  });

  test.each([
    [[undefined], TypeError, 'callback must be a function'],
    [[() => {}], RangeError, 'Neither host/port nor sock were specified'],
    [[() => {}, 'localhost', 0, { sock: 5 }], RangeError, 'host/port and sock can not be specified'],
    [[() => {}, null, null, { sock: 5 }], TypeError, 'sock must be a Socket'],
    [[() => {}, 5, 0], TypeError, 'host must be'],
    [[() => {}, [5], 0], TypeError, 'host'],
    [[() => {}, null, 65536], RangeError, '0-65535'],
    [[() => {}, null, 0, { limit: 0 }], RangeError, 'limit must be more than 0'],
    [[() => {}, null, 0, { backlog: '5' }], TypeError, 'backlog must be an integer'],
    [[() => {}, null, 0, 5], TypeError, 'options must be an object'],
    [[() => {}, null, 0, { signal: 5 }], TypeError, 'signal must be an AbortSignal'],
  ])('%o is wrong', async (args, kind, text) => {
    const error = await failure(() => startServer(...(args as [never])));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });

  test('takes no socket of another kind, and leaves that open', async () => {
    const sock = keep(new Socket(AF_INET, SOCK_DGRAM));
    expect((await failure(() => startServer(echo, null, null, { sock }))).message).toMatch('Stream Socket');
    expect((await failure(() => startUnixServer(echo, null, { sock: sock as never }))).message).toMatch(
      'UNIX',
    );
    expect(sock.closed).toBe(false);
  });

  test('is given up when its signal aborts', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await failure(() => startServer(echo, 'localhost', 0, { signal }))).toBe(reason);
    expect(await failure(() => startUnixServer(echo, path(), { signal }))).toBe(reason);
  });
});

describe('startUnixServer', () => {
  const serve = async (...args: [address?: unknown, options?: object]) => {
    const server = await startUnixServer(() => {}, ...(args as []));
    onTestFinished(() => server.close());
    return server;
  };

  test('removes its file when it is closed', async () => {
    const file = path();
    const server = await serve(file);
    expect(statSync(file).isSocket()).toBe(true);
    server.close();
    expect(existsSync(file)).toBe(false);
  });

  test('removes that of a socket that was bound before', async () => {
    const file = path();
    const sock = new Socket(AF_UNIX);
    sock.bind(file);
    (await serve(null, { sock })).close();
    expect(existsSync(file)).toBe(false);
  });

  test('does not mind that it is gone', async () => {
    const told = reports();
    const file = path();
    const server = await serve(Buffer.from(file));
    unlinkSync(file);
    server.close();
    expect(told).toEqual([]);
  });

  test('leaves it alone where it is another', async () => {
    const file = path();
    const server = await serve(file);
    unlinkSync(file);
    const other = keep(new Socket(AF_UNIX));
    other.bind(file);
    server.close();
    expect(existsSync(file)).toBe(true);
  });

  test('leaves it alone where it is told to', async () => {
    const file = path();
    (await serve(file, { cleanupSocket: false })).close();
    expect(existsSync(file)).toBe(true);
  });

  test('replaces a socket that nobody listens on any more', async () => {
    const file = path();
    const stale = new Socket(AF_UNIX);
    stale.bind(file);
    stale.close();
    const server = await startUnixServer(echo, file);
    const [reader, writer] = await openUnixConnection(file);
    writer.write('x');
    writer.writeEof();
    expect(String(await reader.read())).toBe('x');
    await writer[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('replaces no file that is no socket', async () => {
    const file = path();
    writeFileSync(file, 'precious');
    const error = await failure(() => serve(file));
    expect(error).toMatchObject({ errno: EADDRINUSE, strerror: `Address '${file}' is already in use` });
    expect(statSync(file).size).toBe(8);
  });

  test('an abstract name in use', async () => {
    const name = abstract();
    await serve(name);
    expect(await failure(() => serve(name))).toMatchObject({ errno: EADDRINUSE });
  });

  test('tells that it cannot look for a stale one, and what bind says', async () => {
    const told = reports();
    const folder = path();
    // A link to itself.
    symlinkSync(folder, folder);
    expect(await failure(() => serve(`${folder}/socket`))).toMatchObject({ code: 'ELOOP' });
    expect(told.map(({ message }) => message)).toEqual([
      `Unable to check or remove stale UNIX socket '${folder}/socket'`,
    ]);
    expect(told[0]!.exception).toMatchObject({ code: 'ELOOP' });
  });

  test('tells that it cannot clean up', async () => {
    const told = reports();
    const folder = path();
    mkdirSync(folder);
    const server = await serve(`${folder}/socket`);
    rmSync(folder, { recursive: true });
    symlinkSync(folder, folder);
    server.close();
    expect(told.map(({ message }) => message)).toEqual([
      `Unable to clean up listening UNIX socket '${folder}/socket'`,
    ]);
  });

  test.each([
    [[], RangeError, 'path was not specified, and no sock specified'],
    [['/tmp/x', { sock: 5 }], RangeError, 'path and sock can not be specified'],
    [[5], TypeError, 'path must be'],
    [['/tmp/x', null], TypeError, 'options must be an object'],
    [['/tmp/x', { limit: -1 }], RangeError, 'limit'],
  ])('%o is wrong', async (args, kind, text) => {
    const error = await failure(() => startUnixServer(() => {}, ...(args as [])));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(text);
  });
});

describe('a callback that fails', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('test');
      },
    ],
    ['rejects', () => Promise.reject(new Error('test'))],
    [
      'returns a thenable that rejects',
      // biome-ignore lint/suspicious/noThenProperty: that is the test.
      () => ({ then: (_: unknown, no: (error: Error) => void) => no(new Error('test')) }),
    ],
  ])('%s: the handler is told, the connection closed, and the next one served', async (_, fail) => {
    const told = reports();
    let failing = true;
    const server = await tcp.serve((reader, writer) => (failing ? fail() : echo(reader, writer)));
    const [reader] = await tcp.connect(server);
    expect((await reader.read()).length).toBe(0);
    expect(told).toEqual([
      {
        message: 'Unhandled exception in client_connected_cb',
        exception: expect.objectContaining({ message: 'test' }),
        transport: expect.anything(),
      },
    ]);
    failing = false;
    const [next, writer] = await tcp.connect(server);
    writer.write('x\n');
    expect(String(await next.readline())).toBe('x\n');
  });

  test('after it has written: that is sent', async () => {
    reports();
    const server = await tcp.serve(async (_, writer) => {
      writer.write('last words');
      throw new Error('test');
    });
    const [reader] = await tcp.connect(server);
    expect(String(await reader.read())).toBe('last words');
  });

  test('is told to nobody but the handler, which may fail, too', async () => {
    const printed: string[] = [];
    const { error: print } = console;
    console.error = (text: string) => printed.push(text);
    onTestFinished(() => {
      console.error = print;
      setExceptionHandler(null);
    });
    const fail = async () => {
      const server = await tcp.serve(() => {
        throw new Error('test');
      });
      const [reader] = await tcp.connect(server);
      await reader.read();
    };
    await fail();
    expect(printed.shift()).toMatch(
      /^Unhandled exception in client_connected_cb\ntransport: <SocketTransport fd=\d+ .*>\nError: test\n {4}at /,
    );
    setExceptionHandler(() => {
      throw new Error('the handler itself');
    });
    await fail();
    expect(printed.shift()).toMatch(
      /^Unhandled error in exception handler\ncontext: \{[\s\S]*Error: test[\s\S]*Error: the handler itself\n/,
    );
    expect(printed).toEqual([]);
    expect(() => defaultExceptionHandler(null as never)).toThrow(
      'defaultExceptionHandler(): context must be an object',
    );
  });
});

test('a connection lives on when its server is closed', async () => {
  const { near, far, server } = await connected(unixStreams);
  server.close();
  near[1].write('still\n');
  expect(String(await far[0].readline())).toBe('still\n');
  const refused = await failure(() => unixStreams.connect(server));
  expect(refused).toBeInstanceOf(Error);
});

test('a server that is closed in the turn in which two connections come', async () => {
  let calls = 0;
  const server = await startServer(
    (_, writer) => {
      calls++;
      writer.write('served');
      writer.close();
      server.close();
    },
    ['127.0.0.1', '127.0.0.2'],
    0,
  );
  // Both are there before the event loop turns.
  const clients = server.sockets.map((socket) => keep(createConnection(socket.getsockname() as never)));
  await server.waitClosed();
  const answers = await Promise.all(clients.map((client) => client.recvAsync(10).catch(String)));
  const [served, other] = answers.map(String).sort((a) => (a === 'served' ? -1 : 1));
  expect([calls, served]).toEqual([1, 'served']);
  // Accepted or not, it is over.
  expect(other).toMatch(/^$|Connection reset/);
});

test('the listening socket is closed by somebody else', async () => {
  const told = reports();
  const server = await idle('127.0.0.1', 0);
  server.sockets[0]!.close();
  await turns();
  server.close();
  await server.waitClosed();
  expect(told).toEqual([]);
});

test('an accept that fails for good is told once in a second, and ends with the server', async () => {
  const told = reports();
  const server = await idle('127.0.0.1', 0);
  const seen = withResolvers<void>();
  setExceptionHandler((context) => {
    told.push(context);
    seen.resolve();
  });
  server.sockets[0]!.shutdown(SHUT_RDWR);
  await seen.promise;
  await turns(50);
  expect(told.map(({ message }) => message)).toEqual(['socket.accept() failed']);
  expect(told[0]!.exception).toMatchObject({ code: 'EINVAL' });
});
