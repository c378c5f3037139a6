/** Servers with handlers elsewhere, in this process: what they are given, what they have, and how they are closed. */
import { inspect } from 'node:util';
import { AF_INET, createConnectionAsync, Socket } from 'bsd-socket';
import {
  BaseRequestHandler,
  ForkingMixIn,
  ForkingTCPServer,
  ForkingUnixStreamServer,
  StreamRequestHandler,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
  UDPServer,
  UnixStreamServer,
} from 'bsd-socket/socketserver';
import { activeCount } from 'bsd-socket/threading';
import { describe, expect, test } from 'vitest';
import { clientOf, order } from './mixins.ts';
import { both, failure, keep, modes, path, watch } from './support.ts';
import { noWorkers } from './threading.ts';

const handlers = (name: string) => new URL(`fixtures/handlers.mjs#${name}`, import.meta.url);
const OBEDIENT = handlers('Obedient');
const ANY = ['127.0.0.1', 0] as const;
const ready = { ThreadingTCPServer, ForkingTCPServer };

/** A server that is closed when the test is over. */
function kept<T extends { serverClose(): void }>(server: T): T {
  keep({ close: () => server.serverClose() });
  return server;
}

describe.each(Object.entries(ready))('%s', (_, Server) => {
  test('has the attributes of Python, of the class and of the instance', () => {
    class Own extends Server {
      static override requestQueueSize = 7;
      static override blockOnClose = false;
    }
    const server = kept(new Own(ANY, OBEDIENT));
    expect([server.blockOnClose, server.requestQueueSize]).toEqual([false, 7]);
    server.blockOnClose = true;
    expect([server.blockOnClose, Own.blockOnClose, Server.blockOnClose]).toEqual([true, false, true]);
    expect(server).toBeInstanceOf(TCPServer);
    expect(Server.requestQueueSize).toBeGreaterThan(TCPServer.requestQueueSize);
  });

  test('a class of its own queue keeps it', () => {
    class Short extends TCPServer {
      static override requestQueueSize = 3;
    }
    expect([ThreadingMixIn(Short).requestQueueSize, ForkingMixIn(Short).requestQueueSize]).toEqual([3, 3]);
  });

  test.each<[string, unknown, RegExp]>([
    ['a class', StreamRequestHandler, /^\w+TCPServer\(\): RequestHandlerClass must be a URL that names/],
    ['nothing', undefined, /RequestHandlerClass must be a URL, .* not undefined$/],
    ['a relative path', './handlers.mjs', /RequestHandlerClass must be a URL, /],
  ])('%s as its handler is a TypeError, and nothing is bound', async (_, handler, message) => {
    const error = await failure(() => new Server(ANY, handler as URL));
    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARG_TYPE']);
    expect(error.message).toMatch(message);
  });

  test('finishRequest cannot be overridden', () => {
    class Finishing extends Server {
      override finishRequest() {}
    }
    expect(() => new Finishing(ANY, OBEDIENT)).toThrow(
      new TypeError(
        'Finishing: finishRequest cannot be overridden, as it runs in the thread or process of the request',
      ),
    );
  });

  // SocketServerTest.test_close_immediately, test_context_manager and test_tcpserver_bind_leak.
  test('can be closed at once, and leaves nothing where it cannot be bound', async () => {
    const server = new Server(ANY, OBEDIENT);
    server.serverClose();
    expect(server.fileno()).toBe(-1);
    const other = new Server(ANY, OBEDIENT);
    await other[Symbol.asyncDispose]();
    expect(other.fileno()).toBe(-1);
    const taken = kept(new Server(ANY, OBEDIENT));
    for (let count = 0; count < 100; count++) {
      expect(() => new Server(taken.serverAddress, OBEDIENT)).toThrow(/address already in use/i);
    }
  });

  test.each([['a module that is not there', 'no-such-file.mjs', /no-such-file\.mjs/]])('%s', () => {});
});

test('limits are checked before a server serves', async () => {
  const threading = kept(new ThreadingTCPServer(ANY, OBEDIENT));
  const forking = kept(new ForkingTCPServer(ANY, OBEDIENT));
  threading.maxThreads = 0;
  forking.maxChildren = 1.5;
  for (const server of [threading, forking]) {
    expect(() => server.serveForever()).toThrow(RangeError);
    expect((await failure(() => server.handleRequestAsync())).name).toBe('RangeError');
  }
  threading.maxThreads = null;
  forking.maxChildren = 1;
  for (const server of [threading, forking]) {
    server.timeout = 0;
    server.handleRequest();
  }
});

test('defaults are those of Python, but for the limit of threads', () => {
  expect(ThreadingTCPServer).toMatchObject({
    daemonThreads: false,
    blockOnClose: true,
    maxThreads: 100,
    timeout: null,
  });
  expect(ForkingTCPServer).toMatchObject({ timeout: 300, maxChildren: 40, blockOnClose: true });
  expect(ThreadingUDPServer.maxPacketSize).toBe(UDPServer.maxPacketSize);
});

describe.each(modes)('ThreadingMixIn, %s', (mode) => {
  // MiscTestCase.test_threads_reaped.
  test('handleRequest starts a thread and does not wait for it; threads do not add up', async () => {
    const server = kept(new ThreadingTCPServer(ANY, handlers('Stream')));
    for (let count = 0; count < 10; count++) {
      const client = clientOf('TCP', server.serverAddress);
      await both(mode, server).handleRequest();
      await client.sendallAsync('line\n');
      expect(String(await client.recvAsync(10))).toBe('line\n');
      expect((await client.recvAsync(10)).length).toBe(0);
    }
    expect(activeCount()).toBeLessThan(10);
    await both(mode, server).serverClose();
    expect(activeCount()).toBe(1);
    await noWorkers();
  });

  test('what fails before there is a thread is the hook of the server', async () => {
    class Server extends ThreadingTCPServer {
      errors: unknown[] = [];
      refuses = false;
      override verifyRequest() {
        if (!this.refuses) throw new Error('not verified');
        return false;
      }
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        this.errors.push((error as Error).message);
      }
    }
    const server = kept(new Server(ANY, OBEDIENT));
    for (const refuses of [false, true]) {
      server.refuses = refuses;
      const client = clientOf('TCP', server.serverAddress);
      await both(mode, server).handleRequest();
      expect((await client.recvAsync(1)).length).toBe(0);
    }
    expect(server.errors).toEqual(['not verified']);
    expect(activeCount()).toBe(1);
  });
});
