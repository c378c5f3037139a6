/** Servers that serve: the expectations of CPython's test_socketserver, in both forms and for each kind of server. */
import { once } from 'node:events';
import { SOCK_STREAM, Socket } from 'bsd-socket';
import {
  BaseRequestHandler,
  BaseServer,
  type ShutdownHandle,
  StreamRequestHandler,
  shutdown,
  TCPServer,
  UDPServer,
} from 'bsd-socket/socketserver';
import { describe, expect, test } from 'vitest';
import { child } from './peers.ts';
import { clientOf, kinds, serve, tcp, udp } from './servers.ts';
import { failure, keep, modes, turns, until, watch } from './support.ts';
import { thread } from './threads.ts';

const HELLO = 'hello world\n';

const matrix = kinds.flatMap((kind) => modes.map((mode) => ({ kind, mode, title: `${kind.name}, ${mode}` })));

describe.each(matrix)('$title', ({ kind, mode }) => {
  // SocketServerTest.test_TCPServer and so on.
  test('serves one client after the other, and ends', async () => {
    const server = await serve(
      mode,
      (module, _, { name, stream, address }) => {
        const Handler = stream ? module.StreamRequestHandler : module.DatagramRequestHandler;
        // biome-ignore lint/suspicious/noExplicitAny: either class.
        class Echo extends (Handler as any) {
          handle() {
            this.wfile.write(this.rfile.readline());
          }
        }
        class Server extends (module[name] as typeof module.TCPServer<number>) {
          log: unknown[] = [this.serverAddress, this.socket.getsockname()];
          override serverClose() {
            super.serverClose();
            this.log?.push(this.fileno(), this.socket.fileno());
          }
        }
        // biome-ignore lint/suspicious/noExplicitAny: either class.
        return new Server(address, Echo as any);
      },
      { name: kind.name, stream: kind.type === SOCK_STREAM, address: kind.free() },
    );
    for (let count = 0; count < 3; count++) {
      const client = clientOf(kind, server.address);
      await client.sendallAsync(HELLO);
      expect(String(await client.recvAsync(100))).toBe(HELLO);
      if (kind.type === SOCK_STREAM) expect((await client.recvAsync(100)).length).toBe(0);
    }
    const [given, bound, ...closed] = (await server.end()) as unknown[];
    expect(given).toEqual(bound);
    expect(new Set(closed)).toEqual(new Set([-1]));
  });

  test('goes on after a handler that throws', async () => {
    const server = await serve(
      mode,
      (module, _, { name, address }) => {
        class Failing extends module.BaseRequestHandler {
          override handle() {
            throw this.clientAddress;
          }
        }
        class Server extends (module[name] as typeof module.TCPServer<number>) {
          log: unknown[] = [];
          override handleError(_request: unknown, clientAddress: unknown, error: unknown) {
            this.log.push(error === clientAddress);
          }
        }
        // biome-ignore lint/suspicious/noExplicitAny: either class.
        return new Server(address, Failing as any);
      },
      { name: kind.name, address: kind.free() },
    );
    const clients = Array.from({ length: 3 }, () => clientOf(kind, server.address));
    for (const client of clients) await client.sendallAsync(HELLO);
    if (kind.type === SOCK_STREAM) {
      // Closed with data unread: the end, or a reset.
      for (const client of clients) await client.recvAsync(10).catch(() => {});
      expect(await server.end()).toEqual([true, true, true]);
    } else {
      const last = watch(server.end());
      await until(() => last.state !== 'pending');
      // Which of the datagrams came before the end is open.
      expect(last.value).toEqual((last.value as unknown[]).map(() => true));
    }
  });
});

describe.each(modes)('%s', (mode) => {
  // SocketServerTest.test_shutdown: bpo-2302.
  test('shutdown succeeds, however early it comes', async () => {
    const make = (module: typeof import('bsd-socket/socketserver'), _: unknown) =>
      new module.TCPServer(['127.0.0.1', 0], module.StreamRequestHandler);
    for (let count = 0; count < (mode === 'sync' ? 3 : 20); count++) {
      const server = await serve(mode, make, null);
      await server.end();
    }
  });

  test('a client that says nothing does not stop shutdown', async () => {
    const server = await serve(
      mode,
      (module) => {
        class Polite extends module.BaseRequestHandler {
          override handle() {
            this.request.sendall('hello');
          }
        }
        return new module.TCPServer(['127.0.0.1', 0], Polite);
      },
      null,
    );
    const silent = clientOf(tcp, server.address);
    expect(String(await silent.recvAsync(10))).toBe('hello');
    await server.end();
  });
});

describe('shutdown', () => {
  class Ending extends BaseRequestHandler {
    override handle() {
      this.server.shutdown();
    }
  }

  test('from a handler of the same thread returns at once, and the loop ends after the request', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    for (const form of modes) {
      const clients = [clientOf(tcp, server.serverAddress), clientOf(tcp, server.serverAddress)];
      if (form === 'sync') server.serveForever();
      else await server.serveForeverAsync();
      expect((await clients[0]!.recvAsync(1)).length).toBe(0);
      // The second one has not been taken.
      server.socket.settimeout(0);
      server.socket.accept()[0].close();
      server.socket.settimeout(null);
    }
  });

  test('without a loop, the next one ends at once', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    server.shutdown();
    clientOf(tcp, server.serverAddress);
    server.serveForever();
    await server.shutdownAsync();
    await server.serveForeverAsync();
    server.socket.settimeout(0);
    server.socket.accept()[0].close();
  });

  test('what is wrong with the options is told before anything is done', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    const serving = server.serveForeverAsync();
    await expect(server.shutdownAsync(5 as never)).rejects.toThrow(TypeError);
    await expect(server.serverCloseAsync(5 as never)).rejects.toThrow(TypeError);
    expect(server.socket.closed).toBe(false);
    await server.serverCloseAsync();
    await serving;
  });

  test('a handle that comes too late, or is used twice, returns at once', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    const [unused, used] = [server.shutdownHandle(), server.shutdownHandle()];
    const { done } = thread(async (_, handle: ShutdownHandle, _port, load) => {
      const { shutdown } = await load('socketserver');
      shutdown(handle);
    }, used);
    await server.serveForeverAsync();
    await done;
    shutdown(used);
    shutdown(unused);
    expect(() => shutdown({} as never)).toThrow(TypeError);
  });

  test('a handle ends an asynchronous loop from another thread', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    const serving = server.serveForeverAsync();
    const { done } = thread(async (_, handle: ShutdownHandle, _port, load) => {
      const { shutdown } = await load('socketserver');
      shutdown(handle);
    }, server.shutdownHandle());
    await Promise.all([serving, done]);
  });

  test('whoever waits for a thread that is terminated is told', async () => {
    const { worker } = thread(async (_, __, port, load) => {
      const module = await load('socketserver');
      const server = new module.TCPServer(['127.0.0.1', 0], module.BaseRequestHandler);
      port.postMessage(server.shutdownHandle());
      server.serveForever(null);
    }, null);
    const [handle] = await once(worker, 'message');
    await worker.terminate();
    shutdown(handle);
  });

  test('signal: serving ends with its reason', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    const reason = new Error('enough');
    const abort = new AbortController();
    const seen = watch(server.serveForeverAsync({ signal: abort.signal }));
    await turns();
    abort.abort(reason);
    await until(() => seen.state !== 'pending');
    expect(seen.error).toBe(reason);
    expect(await failure(() => server.serveForeverAsync(0.5, { signal: abort.signal }))).toBe(reason);
    expect(await failure(() => server.handleRequestAsync({ signal: abort.signal }))).toBe(reason);
  });

  test('only one loop at a time', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Ending);
    const serving = server.serveForeverAsync();
    expect(await failure(() => server.serveForever())).toMatchObject({ code: 'EALREADY' });
    expect(await failure(() => server.serveForeverAsync())).toMatchObject({ code: 'EALREADY' });
    await server.shutdownAsync();
    await serving;
  });
});

describe('closing', () => {
  // SocketServerTest.test_context_manager, test_close_immediately.
  test('using closes', async () => {
    const servers: TCPServer[] = [];
    {
      using server = new TCPServer(['127.0.0.1', 0], StreamRequestHandler);
      servers.push(server);
    }
    {
      await using server = new TCPServer(['127.0.0.1', 0], StreamRequestHandler);
      servers.push(server);
    }
    expect(servers.map((server) => [server.fileno(), server.socket.fileno()])).toEqual([
      [-1, -1],
      [-1, -1],
    ]);
    expect(() => servers[0]!.serveForever()).toThrow(RangeError);
    expect(() => servers[0]!.handleRequest()).toThrow(RangeError);
  });

  test('ends a loop on the event loop, and what waits for one request', async () => {
    const server = new TCPServer(['127.0.0.1', 0], StreamRequestHandler);
    const serving = server.serveForeverAsync();
    await turns();
    server.serverClose();
    await serving;

    const other = new TCPServer(['127.0.0.1', 0], StreamRequestHandler);
    const waiting = other.handleRequestAsync();
    await turns();
    other.serverClose();
    expect(await failure(() => waiting)).toMatchObject({ code: 'ECANCELED' });
  });

  test('waits for the requests that are being handled; closeRequests ends them', async () => {
    const events: unknown[] = [];
    class Waiting extends BaseRequestHandler {
      override async handle() {
        events.push('handling');
        await this.request.recvAsync(10);
        events.push('handled');
      }
    }
    class Server extends TCPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        events.push(error);
      }
    }
    for (const patient of [true, false]) {
      events.length = 0;
      const server = new Server(['127.0.0.1', 0], Waiting);
      const serving = server.serveForeverAsync();
      const client = clientOf(tcp, server.serverAddress);
      await until(() => events.length > 0);
      const closed = watch(server.serverCloseAsync());
      await serving;
      await turns();
      expect(closed.state).toBe('pending');
      if (patient) client.sendall('x');
      else server.closeRequests();
      await until(() => closed.state !== 'pending');
      expect(closed.state).toBe('fulfilled');
      expect(events).toEqual(patient ? ['handling', 'handled'] : ['handling']);
    }
  });

  // SocketServerTest.test_tcpserver_bind_leak: bpo-22435. test/setup.ts would see what is left.
  test('a failure of the constructor closes the socket', () => {
    const sockets: Socket[] = [];
    class Failing extends TCPServer {
      override serverActivate() {
        sockets.push(this.socket as Socket);
        throw new Error('not today');
      }
    }
    for (let count = 0; count < 1024; count++) {
      expect(() => new TCPServer(['127.0.0.1', -1], StreamRequestHandler)).toThrow(RangeError);
    }
    expect(() => new Failing(['127.0.0.1', 0], StreamRequestHandler)).toThrow('not today');
    expect(sockets[0]!.fileno()).toBe(-1);
    expect(() => new TCPServer(['127.0.0.1', 0], null as never)).toThrow(TypeError);
  });

  test('a serverClose that fails in the constructor does not keep the socket', () => {
    const sockets: Socket[] = [];
    class Failing extends TCPServer {
      readonly #late = [];
      override serverActivate() {
        sockets.push(this.socket as Socket);
        throw new Error('not today');
      }
      override serverClose() {
        this.#late.length = 0;
        super.serverClose();
      }
    }
    expect(() => new Failing(['127.0.0.1', 0], StreamRequestHandler)).toThrow(TypeError);
    expect(sockets[0]!.fileno()).toBe(-1);
  });
});

describe('a server of something else', () => {
  test('BaseServer asks for a descriptor and a request, and no more', async () => {
    const [pipe, other] = [keep(new Socket()), keep(new Socket())];
    const listener = keep(new Socket());
    listener.bind(['127.0.0.1', 0]);
    listener.listen();
    pipe.connect(listener.getsockname());
    const [end] = listener.accept();
    keep(end);
    other.close();
    const lines: string[] = [];
    class Line {
      readonly server: Lines;
      constructor(line: string, _address: null, server: Lines) {
        this.server = server;
        lines.push(line);
      }
      run() {
        if (lines.length === 2) this.server.shutdown();
      }
    }
    class Lines extends BaseServer<string, null, string> {
      override fileno() {
        return end.fileno();
      }
      override getRequest(): [string, null] {
        return [String(end.recv(2)), null];
      }
    }
    const server = new Lines('a pipe', Line);
    pipe.send('a\nb\n');
    server.serveForever();
    expect(lines).toEqual(['a\n', 'b\n']);
    server.timeout = 0;
    server.handleRequest();
    pipe.send('c\n');
    await server.handleRequestAsync();
    expect(lines).toEqual(['a\n', 'b\n', 'c\n']);
    server.serverClose();
  });
});

describe('handleRequest', () => {
  class Server extends TCPServer {
    timeouts = 0;
    override handleTimeout() {
      this.timeouts++;
    }
  }

  test.each(modes)('gives up after the shorter of both timeouts, %s', async (mode) => {
    using server = new Server(['127.0.0.1', 0], BaseRequestHandler);
    const handle = async () => (mode === 'sync' ? server.handleRequest() : server.handleRequestAsync());
    for (const [own, ofSocket] of [
      [0.01, null],
      [null, 0.01],
      [0.01, 1000],
      [1000, 0.01],
      [0, null],
    ] as const) {
      server.timeout = own;
      server.socket.settimeout(ofSocket);
      await handle();
    }
    expect(server.timeouts).toBe(5);
    clientOf(tcp, server.serverAddress);
    await handle();
    expect(server.timeouts).toBe(5);
    server.timeout = -1;
    expect(await failure(handle)).toBeInstanceOf(RangeError);
  });

  test('asynchronous, resolves when the request has been handled', async () => {
    class Reading extends BaseRequestHandler {
      override async handle() {
        await this.request.recvAsync(10);
      }
    }
    using server = new Server(['127.0.0.1', 0], Reading);
    const client = clientOf(tcp, server.serverAddress);
    const seen = watch(server.handleRequestAsync());
    await turns();
    expect(seen.state).toBe('pending');
    client.send('x');
    await until(() => seen.state === 'fulfilled');
  });
});

test('a request that vanishes before it is got is none', async () => {
  using server = new UDPServer(['127.0.0.1', 0], BaseRequestHandler<UDPServer>);
  const others: string[] = [];
  class Quicker extends UDPServer {
    override serviceActions() {
      this.shutdown();
    }
    override getRequest() {
      others.push(String(this.socket.recv(10)));
      return super.getRequest();
    }
  }
  using quicker = new Quicker(['127.0.0.1', 0], BaseRequestHandler<UDPServer>);
  for (const mode of modes) {
    clientOf(udp, quicker.serverAddress).send(mode);
    if (mode === 'sync') quicker.serveForever();
    else await quicker.serveForeverAsync();
  }
  expect(others).toEqual(['sync', 'async']);
  expect(server.socket.gettimeout()).toBe(null);
  expect(quicker.socket.gettimeout()).toBe(null);
});

describe('a signal with a listener', () => {
  test.each([
    ['while the server waits', false],
    ['while a handler runs', true],
  ])('ends a synchronous loop that it finds %s', async (_, handling) => {
    const { program, ended, says } = child(async (library, handling, load) => {
      const { TCPServer, BaseRequestHandler } = await load('socketserver');
      const { kill } = process;
      class Handler extends BaseRequestHandler {
        override handle() {
          // It is there before the handler has returned.
          if (handling) kill(process.pid, 'SIGTERM');
          console.log('serving');
        }
      }
      let heard = false;
      process.once('SIGTERM', () => {
        heard = true;
      });
      const server = new TCPServer(['127.0.0.1', 0], Handler);
      const client = new library.Socket();
      client.connect(server.serverAddress);
      try {
        server.serveForever(null);
      } catch (error) {
        console.log((error as Error).name, (await client.recvAsync(1)).length);
      }
      server.serverClose();
      client.close();
      while (!heard) await new Promise((resolve) => setImmediate(resolve));
      console.log(heard);
    }, handling);
    if (!handling) {
      await says('serving');
      program.kill('SIGTERM');
    }
    expect(await ended).toMatchObject({
      status: 0,
      stdout: 'serving\nInterruptedError 0\ntrue\n',
      stderr: '',
    });
  });
});
