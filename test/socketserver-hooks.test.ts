/** The hooks of servers and handlers: their order, which Python's is compared with, and what their failures come to. */

import {
  AF_INET6,
  BrokenPipeError,
  InterruptedError,
  OSError,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  type Socket,
} from 'bsd-socket';
import {
  BaseRequestHandler,
  DatagramRequestHandler,
  StreamRequestHandler,
  TCPServer,
  UDPServer,
  UnixStreamServer,
} from 'bsd-socket/socketserver';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { askPython, noPython, python } from './peers.ts';
import { clientOf, tcp, udp } from './servers.ts';
import {
  type AnySocket,
  both,
  failure,
  type Mode,
  modes,
  noIPv6,
  path,
  turns,
  until,
  watch,
} from './support.ts';
import { thread } from './threads.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type Serving = Pick<TCPServer, 'handleRequest' | 'handleRequestAsync'>;

/** What is written to stderr. */
function stderr(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  return lines;
}

// The hooks, by Python's names.
const HOOKS = [
  'serverBind',
  'serverActivate',
  'getRequest',
  'verifyRequest',
  'processRequest',
  'finishRequest',
  'shutdownRequest',
  'closeRequest',
  'handleError',
  'handleTimeout',
  'serviceActions',
  'serverClose',
];
const pythonName = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Scenario {
  name: string;
  server?: 'TCPServer' | 'UDPServer';
  /** Where something is thrown, or said no to. */
  at?: string;
  /** How many clients there are. */
  clients?: number;
  forever?: boolean;
}

const scenarios: readonly Scenario[] = [
  { name: 'a request' },
  { name: 'a datagram', server: 'UDPServer' },
  { name: 'verifyRequest says no', at: 'verifyRequest' },
  { name: 'a datagram is not verified', server: 'UDPServer', at: 'verifyRequest' },
  { name: 'setup fails', at: 'setup' },
  { name: 'handle fails', at: 'handle' },
  { name: 'finish fails', at: 'finish' },
  { name: 'a datagram is not handled', server: 'UDPServer', at: 'handle' },
  { name: 'finishRequest fails', at: 'finishRequest' },
  { name: 'getRequest fails', at: 'getRequest' },
  { name: 'nobody comes', clients: 0 },
  { name: 'two requests of a loop', clients: 2, forever: true },
  { name: 'two requests of a loop fail', clients: 2, forever: true, at: 'handle' },
  { name: 'two requests of a loop are not verified', clients: 2, forever: true, at: 'verifyRequest' },
  { name: 'two datagrams of a loop', server: 'UDPServer', clients: 2, forever: true },
];

/** The calls of a scenario, in Python. A loop is ended by another thread, as it cannot end itself there. */
function askOrder(): Record<string, string[]> {
  const program = `
import json, socket, socketserver, threading

HOOKS = json.loads('${JSON.stringify(HOOKS.map(pythonName))}')

def run(server='TCPServer', at=None, clients=1, forever=False, **_):
    calls = []
    base = getattr(socketserver, server)
    served = []
    def hook(name):
        def call(self, *args):
            calls.append(name)
            if name == 'verify_request' and at == name:
                return False
            if name == at:
                raise OSError(name)
            if name == 'handle_error':
                return None
            return getattr(base, name)(self, *args)
        return call
    class Handler(socketserver.BaseRequestHandler):
        def setup(self): step('setup')
        def handle(self): step('handle')
        def finish(self): step('finish')
    def step(name):
        calls.append(name)
        if name == at:
            raise OSError(name)
    class Server(base):
        timeout = 0
    for name in HOOKS:
        setattr(Server, name, hook(name))
    close = Server.close_request
    def closing(self, request):
        close(self, request)
        served.append(request)
        if forever and len(served) == clients:
            t = threading.Thread(target=self.shutdown)
            t.start()
            # The loop must not go round once more.
            while not self._BaseServer__shutdown_request: pass
    Server.close_request = closing
    sockets = []
    with Server(('127.0.0.1', 0), Handler) as s:
        for _ in range(clients):
            c = socket.socket(type=s.socket_type)
            c.connect(s.server_address)
            c.send(b'x')
            sockets.append(c)
        s.serve_forever() if forever else s.handle_request()
    for c in sockets: c.close()
    return calls

result = {}
for scenario in json.loads('''${JSON.stringify(
    scenarios.map((scenario) => ({ ...scenario, at: scenario.at && pythonName(scenario.at) })),
  ).replaceAll('"forever":true', '"forever":1')}'''):
    name = scenario.pop('name')
    result[name] = run(**scenario)
print(json.dumps(result))
`;
  return askPython(program) as Record<string, string[]>;
}

/** The same here. */
async function order(mode: Mode, form: 'plain' | 'async', scenario: Scenario): Promise<string[]> {
  const { server: base = 'TCPServer', at, clients = 1, forever = false } = scenario;
  const calls: string[] = [];
  let closed = 0;
  const soon = <T>(value: T) => (form === 'async' ? turns(1).then(() => value) : value);
  const step = (name: string) => {
    calls.push(pythonName(name));
    const fail = () => {
      if (name === at) throw new OSError(name);
    };
    return form === 'async' ? turns(1).then(fail) : fail();
  };
  class Handler extends BaseRequestHandler {
    override setup() {
      return step('setup');
    }
    override handle() {
      return step('handle');
    }
    override finish() {
      return step('finish');
    }
  }
  // biome-ignore lint/suspicious/noExplicitAny: one of two classes, whose hooks are known by name only.
  const Base: any = base === 'TCPServer' ? TCPServer : UDPServer;
  class Server extends Base {
    static timeout = 0;
  }
  for (const name of HOOKS) {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    Server.prototype[name] = function (this: any, ...args: unknown[]) {
      calls.push(pythonName(name));
      if (name === 'verifyRequest' && at === name) return soon(false);
      if (name === at) throw new OSError(name);
      if (name === 'handleError') return soon(undefined);
      const result = Base.prototype[name].apply(this, args);
      if (name === 'closeRequest' && ++closed === clients && forever) this.shutdown();
      return result instanceof Promise || name.startsWith('server') ? result : soon(result);
    };
  }
  {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    await using server: any = new (Server as any)(['127.0.0.1', 0], Handler);
    for (let count = 0; count < clients; count++)
      clientOf(base === 'TCPServer' ? tcp : udp, server.serverAddress).send('x');
    if (mode === 'sync') forever ? server.serveForever() : server.handleRequest();
    else await (forever ? server.serveForeverAsync() : server.handleRequestAsync());
  }
  return calls;
}

describe.skipIf(python === undefined)(`the order of the hooks is Python's${noPython}`, () => {
  const expected = python === undefined ? {} : askOrder();

  test.each(scenarios)('$name', async (scenario) => {
    expect(await order('sync', 'plain', scenario)).toEqual(expected[scenario.name]);
    expect(await order('async', 'plain', scenario)).toEqual(expected[scenario.name]);
    // Many at a time: their hooks mix, but not those of one.
    if (!scenario.forever) expect(await order('async', 'async', scenario)).toEqual(expected[scenario.name]);
  });
});

describe.each(modes)('what fails, %s', (mode) => {
  class Failing extends BaseRequestHandler {
    override handle() {
      throw 'not an Error';
    }
  }
  const handle = (server: Serving) => both(mode, server).handleRequest();

  test('handleError prints it between two lines', async () => {
    using server = new TCPServer(['127.0.0.1', 0], Failing);
    const client = clientOf(tcp, server.serverAddress);
    const written = stderr();
    await handle(server);
    const [host, port] = client.getsockname() as [string, number];
    expect(written.join('')).toBe(
      `${'-'.repeat(40)}\nException occurred during processing of request from [ '${host}', ${port} ]\n` +
        `'not an Error'\n${'-'.repeat(40)}\n`,
    );
    written.length = 0;
    server.RequestHandlerClass = class extends BaseRequestHandler {
      override setup() {
        throw new TypeError('with a stack', { cause: 'a cause' });
      }
    };
    clientOf(tcp, server.serverAddress);
    await handle(server);
    expect(written.join('')).toMatch(/TypeError: with a stack\n {4}at .*setup.*\[cause\]: 'a cause'/s);
  });

  // In Python KeyboardInterrupt: ErrorHandlerTest.test_sync_not_handled.
  test('InterruptedError ends a synchronous loop, and on the event loop that request only', async () => {
    const errors: unknown[] = [];
    const error = new InterruptedError('interrupted');
    class Server extends TCPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error);
        this.shutdown();
      }
    }
    class Interrupted extends BaseRequestHandler {
      override handle() {
        throw error;
      }
    }
    using server = new Server(['127.0.0.1', 0], Interrupted);
    const client = clientOf(tcp, server.serverAddress);
    if (mode === 'sync') expect(() => server.serveForever()).toThrow(error);
    else await server.serveForeverAsync();
    expect(errors).toEqual(mode === 'sync' ? [] : [error]);
    expect((await client.recvAsync(1)).length).toBe(0);
  });

  test('handle and finish: both errors are reported', async () => {
    const errors: unknown[] = [];
    class Server extends TCPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error);
      }
    }
    class Twice extends Failing {
      override finish() {
        throw this.server.timeout === null ? new Error('finish') : 'finish';
      }
    }
    using server = new Server(['127.0.0.1', 0], Twice);
    clientOf(tcp, server.serverAddress);
    await handle(server);
    expect(errors[0]).toMatchObject({ message: 'finish', cause: 'not an Error' });
    server.timeout = 1;
    clientOf(tcp, server.serverAddress);
    await handle(server);
    expect((errors[1] as AggregateError).errors).toEqual(['not an Error', 'finish']);
  });

  test('verifyRequest: the request is closed and the error reported', async () => {
    const errors: unknown[] = [];
    class Careful extends TCPServer {
      override verifyRequest(): boolean {
        throw new Error('who is it?');
      }
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push((error as Error).message);
      }
    }
    using server = new Careful(['127.0.0.1', 0], Failing);
    const client = clientOf(tcp, server.serverAddress);
    await handle(server);
    expect(errors).toEqual(['who is it?']);
    expect((await client.recvAsync(1)).length).toBe(0);
  });

  test.each(['handleError', 'serviceActions', 'getRequest', 'closeRequest'] as const)(
    '%s: the loop ends with the error, and the request is closed',
    async (hook) => {
      const error = new Error(hook);
      const requests: AnySocket[] = [];
      class Server extends TCPServer {
        override verifyRequest(request: Socket) {
          requests.push(request as AnySocket);
          return true;
        }
      }
      Object.assign(Server.prototype, {
        [hook]() {
          if (hook === 'closeRequest') requests.at(-1)!.close();
          throw error;
        },
      });
      using server = new Server(['127.0.0.1', 0], Failing);
      clientOf(tcp, server.serverAddress);
      if (hook === 'closeRequest') stderr();
      if (hook === 'serviceActions') stderr();
      expect(await failure(both(mode, server).serveForever)).toBe(error);
      expect(requests.map((request) => request.closed)).toEqual(hook === 'getRequest' ? [] : [true]);
      if (hook === 'getRequest') server.socket.accept()[0].close();
    },
  );
});

test('what handleError throws later ends an asynchronous loop too, or is the business of serverCloseAsync', async () => {
  const error = new Error('from handleError');
  class Server extends TCPServer {
    override handleError() {
      throw error;
    }
  }
  class Slow extends BaseRequestHandler {
    override async handle() {
      await this.request.recvAsync(1);
      throw new Error('from handle');
    }
  }
  const server = new Server(['127.0.0.1', 0], Slow);
  const serving = server.serveForeverAsync();
  const client = clientOf(tcp, server.serverAddress);
  await turns(20);
  client.send('x');
  expect(await failure(() => serving)).toBe(error);

  let handling = false;
  server.RequestHandlerClass = class extends Slow {
    override setup() {
      handling = true;
    }
  };
  const again = server.serveForeverAsync();
  const late = clientOf(tcp, server.serverAddress);
  await until(() => handling);
  await server.shutdownAsync();
  await again;
  const closed = watch(server.serverCloseAsync());
  late.send('x');
  await until(() => closed.state !== 'pending');
  expect(closed.error).toBe(error);
});

test('a promise in a synchronous server is an error of that request, and its own error is not lost', async () => {
  const warnings: unknown[] = [];
  const warned = (warning: unknown) => warnings.push(warning);
  process.on('warning', warned);
  const late = new Error('late');
  class Async extends BaseRequestHandler {
    override async handle() {
      throw late;
    }
  }
  using server = new TCPServer(['127.0.0.1', 0], Async);
  const client = clientOf(tcp, server.serverAddress);
  const written = stderr();
  server.handleRequest();
  expect(written.join('')).toContain('needs serveForeverAsync');
  expect((await client.recvAsync(1)).length).toBe(0);
  await until(() => warnings.length > 0);
  expect(warnings).toEqual([late]);
  process.off('warning', warned);
});

describe('class attributes', () => {
  const option = (socket: AnySocket, name: number) => socket.getsockopt(SOL_SOCKET, name);

  test('are static, and counted when the constructor binds', () => {
    class Server extends TCPServer {
      static override allowReuseAddress = true;
      static override allowReusePort = true;
      static override requestQueueSize = 0;
      static override timeout = 0.25;
    }
    using plain = new TCPServer(['127.0.0.1', 0], BaseRequestHandler);
    using server = new Server(['127.0.0.1', 0], BaseRequestHandler);
    using second = new Server(server.serverAddress, BaseRequestHandler);
    expect(
      [plain, server].map(({ socket }) => [option(socket, SO_REUSEADDR), option(socket, SO_REUSEPORT)]),
    ).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect([plain.timeout, server.timeout, plain.requestQueueSize, server.requestQueueSize]).toEqual([
      null,
      0.25,
      5,
      0,
    ]);
    expect(second.serverAddress).toEqual(server.serverAddress);
    expect(server.socket.options.acceptConn).toBe(true);
  });

  test('can be set on a server that binds later', () => {
    using server = new TCPServer(['127.0.0.1', 0], BaseRequestHandler, false);
    expect(server.serverAddress).toEqual(['127.0.0.1', 0]);
    expect(server.socket.getsockname()[1]).toBe(0);
    server.allowReuseAddress = true;
    server.requestQueueSize = 1;
    server.serverBind();
    server.serverActivate();
    expect(option(server.socket, SO_REUSEADDR)).toBe(1);
    expect(server.serverAddress[1]).toBeGreaterThan(0);
    using other = new TCPServer(['127.0.0.1', 0], BaseRequestHandler, false);
    expect(other.allowReuseAddress).toBe(false);
  });

  test.skipIf(noIPv6 !== undefined)('addressFamily', () => {
    class Server extends TCPServer<typeof AF_INET6> {
      static override addressFamily = AF_INET6;
    }
    using server = new Server(['::1', 0], BaseRequestHandler<Server>);
    expect(server.serverAddress).toEqual(['::1', server.serverAddress[1], 0, 0]);
  });

  test('maxPacketSize cuts datagrams off', async () => {
    const packets: string[] = [];
    class Handler extends DatagramRequestHandler {
      override handle() {
        packets.push(String(this.packet));
      }
    }
    class Server extends UDPServer {
      static override maxPacketSize = 3;
    }
    using server = new Server(['127.0.0.1', 0], Handler);
    const client = clientOf(udp, server.serverAddress);
    client.send('12345');
    server.handleRequest();
    server.maxPacketSize = 4;
    client.send('12345');
    await server.handleRequestAsync();
    expect(packets).toEqual(['123', '1234']);
    // Nothing was written, which is sent all the same.
    expect([client.recv(10).length, client.recv(10).length]).toEqual([0, 0]);
  });

  test('as fields they come too late, which is said', async () => {
    const Late = class Late extends TCPServer {};
    Object.defineProperty(Late.prototype, 'nothing', { value: 1 });
    using server = new Late(['127.0.0.1', 0], BaseRequestHandler);
    // What a field of a class in JavaScript does.
    Object.defineProperty(server, 'allowReuseAddress', { value: true, configurable: true });
    expect(() => server.serveForever()).toThrow('Late: allowReuseAddress must be static');
    expect(await failure(() => server.handleRequestAsync())).toBeInstanceOf(TypeError);
  });

  test('allowReusePort is nothing to a Unix socket, and nobody removes its path', () => {
    class Server extends UnixStreamServer {
      static override allowReusePort = true;
    }
    const where = path();
    new Server(where, BaseRequestHandler<Server>).serverClose();
    expect(() => new Server(where, BaseRequestHandler<Server>)).toThrow('Address already in use');
  });
});

describe.each(modes)('stream handlers, %s', (mode) => {
  const handle = (server: Serving) => both(mode, server).handleRequest();

  // SocketWriterTest.test_basics, test_write.
  test('wfile without a buffer sends at once, and all', async () => {
    const BIG = 4 * 1024 * 1024;
    const seen: unknown[] = [];
    class Sync extends StreamRequestHandler<UnixStreamServer> {
      override handle(): void | Promise<void> {
        seen.push(this.wfile.write('write data\n'), this.wfile.fileno() === this.request.fileno());
        seen.push(String(this.rfile.readline()), this.wfile.write(Buffer.alloc(BIG)));
        this.wfile.writelines(['a', 'b']);
        this.end();
      }
      end() {
        this.wfile.flush();
        seen.push(this.wfile.writable(), this.wfile.closed);
        this.wfile.close();
        expect(() => this.wfile.write('x')).toThrow(RangeError);
      }
    }
    class Async extends Sync {
      override async handle() {
        seen.push(await this.wfile.writeAsync('write data\n'), this.wfile.fileno() === this.request.fileno());
        seen.push(String(await this.rfile.readlineAsync()), await this.wfile.writeAsync(Buffer.alloc(BIG)));
        await this.wfile.writelinesAsync(['a', 'b']);
        this.end();
      }
    }
    using server = new UnixStreamServer(path(), mode === 'sync' ? Sync : Async);
    const { done } = thread((library, address) => {
      const client = new library.Socket(library.AF_UNIX);
      client.connect(address as string);
      const first = String(client.recv(100));
      client.sendall('client response\n');
      let size = 0;
      for (let chunk = client.recv(65536); chunk.length > 0; chunk = client.recv(65536)) size += chunk.length;
      client.close();
      return [first, size];
    }, server.serverAddress as string);
    await handle(server);
    expect(await done).toEqual(['write data\n', BIG + 2]);
    expect(seen).toEqual([11, true, 'client response\n', BIG, true, false]);
  });

  test('attributes are fields', async () => {
    const seen: unknown[] = [];
    class Handler extends StreamRequestHandler {
      override rbufsize = 0;
      override wbufsize = 100;
      override timeout = 5;
      override disableNagleAlgorithm = true;
      count = 0;
      override handle() {
        seen.push(
          this.connection === this.request,
          this.connection.gettimeout(),
          this.connection.options.tcpNoDelay,
        );
        seen.push(this.rfile.constructor.name, this.wfile.constructor.name, ++this.count);
        seen.push(String(this.rfile.readline()));
        this.wfile.write('held back');
      }
    }
    using server = new TCPServer(['127.0.0.1', 0], Handler);
    const client = clientOf(tcp, server.serverAddress);
    client.send('line\nmore');
    await handle(server);
    expect(seen).toEqual([true, 5, true, 'SocketIO', 'BufferedFile', 1, 'line\n']);
    expect(String(await client.recvAsync(100))).toBe('held back');
  });

  test('no file keeps the connection, whatever fails', async () => {
    const requests: AnySocket[] = [];
    const errors: unknown[] = [];
    class Server extends TCPServer {
      override handleError(_request: unknown, _address: unknown, error: unknown) {
        errors.push(error);
      }
    }
    class Handler extends StreamRequestHandler {
      override wbufsize = 1 << 20;
      override handle() {
        requests.push(this.request as AnySocket);
        this.wfile.write(Buffer.alloc(1000));
        this.request.shutdown(1);
      }
    }
    class Forgetful extends Handler {
      override finish() {}
    }
    class Broken extends StreamRequestHandler {
      override wbufsize = 1.5;
      override setup() {
        requests.push(this.request as AnySocket);
        return super.setup();
      }
    }
    using server = new Server(['127.0.0.1', 0], Handler);
    for (const Class of [Handler, Forgetful, Broken]) {
      server.RequestHandlerClass = Class;
      clientOf(tcp, server.serverAddress);
      await handle(server);
    }
    expect(requests.map((request) => request.fileno())).toEqual([-1, -1, -1]);
    // As in Python, where closing wfile fails.
    expect(errors).toEqual([
      expect.any(BrokenPipeError),
      expect.any(BrokenPipeError),
      expect.any(RangeError),
    ]);
  });
});

test('one handler for streams and datagrams', async () => {
  const upper = {
    async handle(this: StreamRequestHandler | DatagramRequestHandler) {
      const line = await this.rfile.readlineAsync();
      await this.wfile.writeAsync(String(line).toUpperCase());
    },
  };
  class Stream extends StreamRequestHandler {}
  class Datagram extends DatagramRequestHandler {}
  Object.assign(Stream.prototype, upper);
  Object.assign(Datagram.prototype, upper);
  using stream = new TCPServer(['127.0.0.1', 0], Stream);
  using datagrams = new UDPServer(['127.0.0.1', 0], Datagram);
  for (const [server, kind] of [
    [stream, tcp],
    [datagrams, udp],
  ] as const) {
    const client = clientOf(kind, server.serverAddress);
    client.send('hello\nyou\n');
    await server.handleRequestAsync();
    expect(String(client.recv(100))).toBe('HELLO\n');
  }
});
