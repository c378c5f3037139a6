/** Servers with handlers elsewhere, in this process: what they are given, what they have, and how they are closed. */
import { readdirSync } from 'node:fs';
import {
  ForkingMixIn,
  ForkingTCPServer,
  ForkingUnixStreamServer,
  StreamRequestHandler,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixStreamServer,
  UDPServer,
} from 'bsd-socket/socketserver';
import { activeCount, Thread } from 'bsd-socket/threading';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { tendWorkers } from '../dist/threading/workers.js';
import { clientOf, order } from './mixins.ts';
import { both, failure, keep, modes, path, until, watch } from './support.ts';
import { noWorkers } from './threading.ts';

const handlers = (name: string) => new URL(`fixtures/handlers.mjs#${name}`, import.meta.url);
const OBEDIENT = handlers('Obedient');
const ANY = ['127.0.0.1', 0] as const;
/** What both have; for what one of them alone has it is asked by its own name. */
type Either = typeof ThreadingTCPServer;
const ready = { ThreadingTCPServer, ForkingTCPServer: ForkingTCPServer as unknown as Either };

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
  const { daemonThreads, blockOnClose, maxThreads, timeout } = ThreadingTCPServer;
  expect([daemonThreads, blockOnClose, maxThreads, timeout]).toEqual([false, true, 100, null]);
  expect([ForkingTCPServer.timeout, ForkingTCPServer.maxChildren, ForkingTCPServer.blockOnClose]).toEqual([
    300,
    40,
    true,
  ]);
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

describe.each(
  modes.flatMap((mode) => Object.entries(ready).map(([name, Server]) => ({ mode, name, Server }))),
)('a handler of $name, $mode', ({ mode, name, Server }) => {
  test('is elsewhere, with what it has to know', async () => {
    const server = kept(new Server(ANY, OBEDIENT));
    server.socket.settimeout(30);
    const client = clientOf('TCP', server.serverAddress);
    await both(mode, server).handleRequest();
    expect(await order(client, 'address')).toEqual([server.serverAddress, client.getsockname()]);
    const { pid, isMainThread, threadId } = (await order(client, 'where')) as Record<string, unknown>;
    if (name === 'ThreadingTCPServer') {
      expect([pid, isMainThread]).toEqual([process.pid, false]);
      expect(threadId).toBeGreaterThan(0);
      expect(await order(client, 'hooks')).toEqual(['UnsupportedOperation', 'UnsupportedOperation', 'done']);
    } else {
      expect([...(server as unknown as ForkingTCPServer).activeChildren]).toEqual([pid]);
      expect(isMainThread).toBe(true);
      // Nothing but the request.
      expect(await order(client, 'sockets')).toEqual([3]);
      expect(await order(client, 'hooks')).toEqual(Array(3).fill('UnsupportedOperation'));
    }
    expect(await order(client, 'timeout')).toEqual([null, client.family, client.type, false]);
    client.close();
    await both(mode, server).serverClose();
    await noWorkers();
  });
});

describe.each(modes)('%s', (mode) => {
  test('shutdown in a handler ends the loop, and serverClose waits for the handler', async () => {
    const server = kept(new ThreadingUnixStreamServer(path(), handlers('Stream')));
    const clients = ['quit', 'line'].map(() => clientOf('Unix', server.serverAddress));
    clients[0]!.sendall('quit\n');
    clients[1]!.sendall('line\n');
    if (mode === 'sync') server.serveForever();
    else await server.serveForeverAsync();
    expect(String(await clients[0]!.recvAsync(10))).toBe('quit\n');
    await both(mode, server).serverClose();
    // The other one may have been accepted or not: it has been served, or is refused.
    const answer = await clients[1]!.recvAsync(10).catch(({ code }) => code);
    expect(['line\n', 'ECONNRESET']).toContain(String(answer));
    expect(activeCount()).toBe(1);
    await noWorkers();
  });

  test('without blockOnClose, and for daemons, serverClose waits for nobody', async () => {
    for (const attribute of ['blockOnClose', 'daemonThreads'] as const) {
      const server = kept(new ThreadingTCPServer(ANY, OBEDIENT));
      server[attribute] = attribute === 'daemonThreads';
      const client = clientOf('TCP', server.serverAddress);
      await both(mode, server).handleRequest();
      expect(await order(client, 'echo 1')).toBe('1');
      await both(mode, server).serverClose();
      expect(await order(client, 'echo 2')).toBe('2');
      // What is gone does not hurt the handler.
      expect(await order(client, 'hooks')).toContain('done');
      client.close();
    }
    const server = kept(new ForkingTCPServer(ANY, OBEDIENT));
    server.blockOnClose = false;
    const client = clientOf('TCP', server.serverAddress);
    await both(mode, server).handleRequest();
    await both(mode, server).serverClose();
    expect(server.activeChildren.size).toBe(0);
    expect(await order(client, 'echo 3')).toBe('3');
    client.close();
    await until(() => activeCount() === 1);
    await noWorkers();
  });

  test('collectChildren takes note of those that have ended', async () => {
    const server = kept(new ForkingUnixStreamServer(path(), handlers('default')));
    const client = clientOf('Unix', server.serverAddress);
    await both(mode, server).handleRequest();
    expect(server.activeChildren.size).toBe(1);
    await both(mode, server).collectChildren();
    expect(server.activeChildren.size).toBe(1);
    await client.sendallAsync('asynchronous\n');
    expect(String(await client.recvAsync(100))).toBe('asynchronous\n');
    await both(mode, server).collectChildren({ blocking: true });
    expect(server.activeChildren.size).toBe(0);
    await both(mode, server).serverClose();
    await noWorkers();
  });
});

test('collectChildrenAsync ends with the server that does not wait for its children', async () => {
  const server = kept(new ForkingTCPServer(ANY, OBEDIENT));
  server.blockOnClose = false;
  const client = clientOf('TCP', server.serverAddress);
  await server.handleRequestAsync();
  const collected = server.collectChildrenAsync({ blocking: true });
  await server.serverCloseAsync();
  await collected;
  expect(await order(client, 'echo 1')).toBe('1');
  client.close();
  await until(() => activeCount() === 1);
  await noWorkers();
});

test('serverCloseAsync can be aborted, and be called again', async () => {
  for (const Server of Object.values(ready)) {
    const server = kept(new Server(ANY, OBEDIENT));
    const client = clientOf('TCP', server.serverAddress);
    await server.handleRequestAsync();
    expect(await order(client, 'echo 1')).toBe('1');
    const reason = new Error('enough');
    const controller = new AbortController();
    const closed = watch(server.serverCloseAsync({ signal: controller.signal }));
    controller.abort(reason);
    await until(() => closed.state !== 'pending');
    expect(closed.error).toBe(reason);
    client.close();
    await server.serverCloseAsync();
  }
  await noWorkers();
});

test('workers that are free end although the event loop does not turn', async () => {
  const thread = new Thread({ target: handlers('nothing') });
  thread.start();
  thread.join();
  const tasks = () => readdirSync('/proc/self/task').length;
  const before = tasks();
  const now = vi.spyOn(performance, 'now');
  onTestFinished(() => now.mockRestore());
  let time = performance.now();
  now.mockImplementation(() => time);
  for (const seconds of [2, 2, 4]) {
    time += seconds * 1000;
    tendWorkers();
  }
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (tasks() === before) Atomics.wait(never, 0, 0, 5);
  now.mockRestore();
  await noWorkers();
});
