/** Servers under load, with clients that are slow, reset, or more than there are descriptors; and their end meanwhile. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { close, createConnectionAsync, dup, SO_LINGER, SOL_SOCKET, SOMAXCONN } from 'bsd-socket';
import { BaseRequestHandler, StreamRequestHandler, TCPServer } from 'bsd-socket/socketserver';
import { describe, expect, onTestFinished, test } from 'vitest';
import { child } from '../peers.ts';
import { clientOf, type Module, serve, tcp } from '../servers.ts';
import { type AnySocket, both, elapsed, keep, modes, turns, until } from '../support.ts';

const run = promisify(execFile);
const noAb = spawnSync('ab', ['-V']).error === undefined ? '' : ' (skipped: no ab on this machine)';

/** A server that speaks HTTP, as much of it as is needed. */
function web(module: Module, _: unknown, asynchronous: boolean) {
  const answer = 'HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n';
  class Sync extends module.StreamRequestHandler {
    override handle(): void | Promise<void> {
      while (this.rfile.readline().length > 2);
      this.wfile.write(answer);
    }
  }
  class Async extends Sync {
    override async handle() {
      while ((await this.rfile.readlineAsync()).length > 2);
      await this.wfile.writeAsync(answer);
    }
  }
  class Server extends module.TCPServer {
    static override requestQueueSize = 128;
  }
  return new Server(['127.0.0.1', 0], asynchronous ? Async : Sync);
}

describe.each([
  ['sync', 'sync'],
  ['async', 'sync'],
  ['async', 'async'],
] as const)('%s server, %s handler', (mode, handler) => {
  test.skipIf(noAb !== '')(`ab -c 50 -n 1000${noAb}`, async () => {
    const server = await serve(mode, web, handler === 'async');
    const url = `http://127.0.0.1:${server.address[1]}/`;
    const { stdout } = await run('ab', ['-q', '-c', '50', '-n', '1000', url]);
    expect(stdout).toMatch(/^Complete requests: +1000$/m);
    expect(stdout).toMatch(/^Failed requests: +0$/m);
    expect(stdout).not.toMatch(/Non-2xx/);
    await server.end();
  });
});

test('1,000 slow clients at once', async () => {
  const COUNT = 1000;
  class Slow extends StreamRequestHandler<Server> {
    override async handle() {
      this.server.most = Math.max(this.server.most, ++this.server.running);
      const line = await this.rfile.readlineAsync();
      await this.wfile.writeAsync(line);
      this.server.running--;
    }
  }
  class Server extends TCPServer {
    static override requestQueueSize = SOMAXCONN;
    running = 0;
    most = 0;
  }
  await using server = new Server(['127.0.0.1', 0], Slow);
  const serving = server.serveForeverAsync();
  const clients: AnySocket[] = [];
  for (let count = 0; count < COUNT; count++) {
    clients.push(keep(await createConnectionAsync(server.serverAddress)));
    clients[count]!.send(`client ${count}`);
  }
  await until(() => server.running === COUNT);
  // One that is in no hurry, behind all of them.
  const quick = clientOf(tcp, server.serverAddress);
  quick.send('quick\n');
  expect(String(await quick.recvAsync(100))).toBe('quick\n');
  for (const client of clients.reverse()) client.send('!\n');
  const answers = await Promise.all(clients.map((client) => client.recvAsync(100)));
  expect(answers.map(String)).toEqual(clients.map((_, index) => `client ${COUNT - 1 - index}!\n`));
  expect(server.most).toBeGreaterThanOrEqual(COUNT);
  await until(() => server.running === 0);
  await server.shutdownAsync();
  await serving;
});

describe.each(modes)('%s', (mode) => {
  test('clients that reset, whenever they do, stop nobody', async () => {
    const server = await serve(
      mode,
      (module, _, asynchronous) => {
        class Echo extends module.StreamRequestHandler {
          override wbufsize = 10;
          override handle(): void | Promise<void> {
            if (asynchronous) return this.handleAsync();
            this.wfile.write('hello\n');
            this.wfile.flush();
            for (const line of this.rfile) this.wfile.write(line);
          }
          async handleAsync() {
            await this.wfile.writeAsync('hello\n');
            await this.wfile.flushAsync();
            for await (const line of this.rfile) await this.wfile.writeAsync(line);
          }
        }
        class Server extends module.TCPServer {
          static override requestQueueSize = 128;
          log: unknown[] = [];
          override handleError(_request: unknown, _address: unknown, error: unknown) {
            this.log.push((error as { code?: string }).code);
          }
        }
        return new Server(['127.0.0.1', 0], Echo);
      },
      mode === 'async',
    );
    const reset = (client: AnySocket) => {
      client.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
      client.close();
    };
    for (let count = 0; count < 30; count++) {
      const client = clientOf(tcp, server.address);
      if (count % 3 > 0) client.send('line\nhalf a line');
      if (count % 3 > 1) await client.recvAsync(6);
      reset(client);
    }
    const client = clientOf(tcp, server.address);
    client.send('line\n');
    client.shutdown(1);
    const received = [];
    for await (const chunk of client.chunks()) received.push(chunk);
    expect(String(Buffer.concat(received))).toBe('hello\nline\n');
    const errors = new Set((await server.end()) as string[]);
    for (const code of ['ECONNRESET', 'EPIPE', 'ENOTCONN']) errors.delete(code);
    expect([...errors]).toEqual([]);
  });

  test('out of descriptors: it pauses instead of spinning, and goes on when there are some', async () => {
    const FAILURES = 12;
    const hoard: number[] = [];
    const release = () => hoard.splice(0).forEach(close);
    onTestFinished(release);
    class Server extends TCPServer {
      attempts = 0;
      override getRequest() {
        // What the loop itself needs it has by now.
        if (this.attempts === 0) hog();
        if (++this.attempts === FAILURES) release();
        return super.getRequest();
      }
    }
    class Ending extends BaseRequestHandler {
      override handle() {
        this.request.send('hello');
        this.server.shutdown();
      }
    }
    await using server = new Server(['127.0.0.1', 0], Ending);
    const client = clientOf(tcp, server.serverAddress);
    const hog = () => {
      try {
        for (;;) hoard.push(dup(client.fileno()));
      } catch (error) {
        expect(error).toMatchObject({ code: 'EMFILE' });
      }
    };
    // The first failures cost nothing, the others 1, 2, 4, 8, 16 and then 20 milliseconds.
    const took = await elapsed(() => both(mode, server).serveForever(null));
    expect(took).toBeGreaterThan(60);
    expect(server.attempts).toBe(FAILURES);
    expect(String(await client.recvAsync(10))).toBe('hello');
  });

  test('SIGTERM under load: who is served gets all of it, and the process ends', async () => {
    const { program, ended, says } = child(async (library, mode, load) => {
      const { TCPServer, StreamRequestHandler } = await load('socketserver');
      class Handler extends StreamRequestHandler {
        override handle(): void | Promise<void> {
          if (mode === 'async') return this.handleAsync();
          this.wfile.write(this.rfile.readline().toString().repeat(1000));
        }
        async handleAsync() {
          const line = await this.rfile.readlineAsync();
          await this.wfile.writeAsync(line.toString().repeat(1000));
        }
      }
      const server = new TCPServer(['127.0.0.1', 0], Handler);
      process.on('SIGTERM', () => server.shutdown());
      console.log(`port ${server.serverAddress[1]}.`);
      try {
        if (mode === 'async') await server.serveForeverAsync();
        else server.serveForever();
      } catch (error) {
        if (!(error instanceof library.InterruptedError)) throw error;
      }
      await server.serverCloseAsync();
      console.log('ended');
    }, mode);
    let stdout = '';
    program.stdout.on('data', (text) => {
      stdout += text;
    });
    await says('.');
    const address: [string, number] = ['127.0.0.1', Number(/port (\d+)/.exec(stdout)![1])];
    const REFUSED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
    let served = 0;
    const ends = Array.from({ length: 10 }, async (_, index) => {
      for (;;) {
        let received = 0;
        try {
          using client = await createConnectionAsync(address, 10);
          await client.sendallAsync(`${index}\n`);
          for await (const chunk of client.chunks()) received += chunk.length;
        } catch (error) {
          const { code } = error as { code: string };
          return { received, refused: REFUSED.has(code) ? true : code };
        }
        // A synchronous handler that still waits for its client is interrupted. Nobody gets a part of an answer.
        if (received === 0 && mode === 'sync') return { received, refused: true };
        if (received !== 2000) return { received, refused: 'cut off' };
        if (++served === 100) program.kill('SIGTERM');
      }
    });
    for (const end of await Promise.all(ends)) expect(end).toEqual({ received: 0, refused: true });
    expect(served).toBeGreaterThanOrEqual(100);
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    expect(stdout).toContain('ended');
  });
});

test('handlers that throw, many at a time, leave nothing behind', async () => {
  let failed = 0;
  class Failing extends BaseRequestHandler {
    override async handle() {
      await this.request.recvAsync(1);
      await turns(1);
      throw new Error('no');
    }
  }
  class Server extends TCPServer {
    static override requestQueueSize = 128;
    override handleError() {
      failed++;
    }
  }
  await using server = new Server(['127.0.0.1', 0], Failing);
  const serving = server.serveForeverAsync();
  const clients = Array.from({ length: 100 }, () => clientOf(tcp, server.serverAddress));
  for (const client of clients) client.send('x');
  const ends = await Promise.all(clients.map((client) => client.recvAsync(1)));
  expect(ends.map(({ length }) => length)).toEqual(clients.map(() => 0));
  expect(failed).toBe(clients.length);
  await server.shutdownAsync();
  await serving;
});
