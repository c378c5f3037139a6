/** asyncio's streams under load: many clients, slow ones, clients that reset, callbacks that throw, an end in the middle. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SO_LINGER, SOL_SOCKET, type Socket } from 'bsd-socket';
import {
  openConnection,
  openUnixConnection,
  type Server,
  type StreamReader,
  type StreamWriter,
  startServer,
  startUnixServer,
} from 'bsd-socket/asyncio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fixture, type Program, start } from '../fixtures/start.ts';
import { missing, start as startTool } from '../oracle/programs.ts';
import { echo, portOf, reports } from '../streams.ts';
import { abstract, turns, until } from '../support.ts';

const LIMIT = 60_000;
const REQUEST = 'GET / HTTP/1.0\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello';

async function httpServer(nodeArgs: string[] = [], shell = ''): Promise<[Program, number]> {
  const args = [...nodeArgs, fixture('asyncio-http.mjs')];
  const program =
    shell === ''
      ? start(process.execPath, args)
      : start('sh', ['-c', `${shell} && exec "$0" "$@"`, process.execPath, ...args]);
  const [, port] = await program.says(/^port (\d+)$/m);
  return [program, Number(port)];
}

/** Ends a server, which must end by itself and in good order. Returns what it has done. */
async function stop(program: Program) {
  program.child.kill('SIGTERM');
  const { stdout, ...rest } = await program.ended;
  expect(rest).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

describe('load generators', () => {
  const noAb = missing('ab');
  test.skipIf(noAb).each([
    ['a connection for each request', []],
    ['keep-alive', ['-k']],
  ])(`ab, %s ${noAb || ''}`, { timeout: LIMIT }, async (_, more) => {
    const [server, port] = await httpServer();
    const ab = startTool('ab', [...more, '-c', '50', '-n', '1000', '-q', `http://127.0.0.1:${port}/`]);
    const { status, stdout } = await ab.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Complete requests: +1000$/m);
    expect(stdout).toMatch(/^Failed requests: +0$/m);
    expect(stdout).not.toMatch(/^Non-2xx/m);
    const { answers, failures } = await stop(server);
    expect(answers).toBeGreaterThanOrEqual(1000);
    expect(failures).toBe(0);
  });

  const noWrk = missing('wrk');
  test.skipIf(noWrk)(`wrk ${noWrk || ''}`, { timeout: LIMIT }, async () => {
    const [server, port] = await httpServer();
    const wrk = startTool('wrk', ['-t2', '-c50', '-d2s', `http://127.0.0.1:${port}/`]);
    const { status, stdout } = await wrk.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/ \d+ requests in /);
    expect(stdout).not.toMatch(/Socket errors|Non-2xx/);
    const { connections, failures } = await stop(server);
    // wrk asks once before it begins.
    expect(connections).toBeGreaterThanOrEqual(50);
    expect(failures).toBe(0);
  });
});

/** A server of this process, and what connects to it. */
async function serving(
  callback: (reader: StreamReader, writer: StreamWriter) => unknown,
  unix = false,
): Promise<[Server, () => Promise<[StreamReader, StreamWriter]>]> {
  const server = unix
    ? await startUnixServer(callback, abstract(), { backlog: 1000 })
    : await startServer(callback, '127.0.0.1', 0, { backlog: 1000 });
  onTestFinished(async () => {
    server.close();
    server.abortClients();
    await server.waitClosed();
  });
  const address = server.sockets[0]!.getsockname();
  const port = unix ? 0 : portOf(server);
  return [server, () => (unix ? openUnixConnection(address as never) : openConnection('127.0.0.1', port))];
}

test.each([false, true])('1,000 slow clients at once, Unix %s', { timeout: LIMIT }, async (unix) => {
  const lines = async (reader: StreamReader, writer: StreamWriter) => {
    for await (const line of reader) {
      writer.write(line);
      await writer.drain();
    }
    writer.close();
  };
  const [server, open] = await serving(lines, unix);
  const clients = await Promise.all(Array.from({ length: 1000 }, open));
  const asked = clients.map(async ([reader, writer], index) => {
    const message = `client ${index}\n`;
    for (const letter of message) {
      writer.write(letter);
      await nextTurn();
    }
    expect(String(await reader.readline())).toBe(message);
  });
  // Somebody quick is served beside them.
  const [reader, writer] = await open();
  writer.write('quick\n');
  expect(String(await reader.readline())).toBe('quick\n');
  await Promise.all(asked);
  for (const [, each] of [...clients, [reader, writer] as const]) each.close();
  server.close();
  await server.waitClosed();
});

test('clients that never send, and never read, are in nobody’s way', { timeout: LIMIT }, async () => {
  // Those that are given up reset.
  reports();
  const [server, open] = await serving(echo);
  const silent = await Promise.all(Array.from({ length: 100 }, open));
  const deaf = await Promise.all(Array.from({ length: 20 }, open));
  for (const [reader, writer] of deaf) {
    writer.transport.pauseReading();
    writer.write(Buffer.alloc(1_000_000));
    expect(reader.atEof()).toBe(false);
  }
  for (let count = 0; count < 50; count++) {
    const [reader, writer] = await open();
    writer.write('served');
    writer.writeEof();
    expect(String(await reader.read())).toBe('served');
    writer.close();
  }
  for (const [, writer] of [...silent, ...deaf]) writer.transport.abort();
  server.close();
  await server.waitClosed();
});

test('clients that reset at any moment', { timeout: LIMIT }, async () => {
  const told = reports();
  const ends: string[] = [];
  const [server, open] = await serving(async (reader, writer) => {
    try {
      await echo(reader, writer);
      ends.push('in good order');
    } catch (error) {
      ends.push((error as { code: string }).code);
      writer.close();
    }
  });
  const linger = Buffer.from(Int32Array.of(1, 0).buffer);
  const good = async () => {
    const [reader, writer] = await open();
    for (let count = 0; count < 20; count++) {
      writer.write(`${count}`);
      expect(String(await reader.readexactly(`${count}`.length))).toBe(`${count}`);
    }
    writer.close();
    await writer.waitClosed();
  };
  const bad = async (_: unknown, index: number) => {
    const [, writer] = await open();
    const socket: Socket = writer.getExtraInfo('socket');
    socket.setsockopt(SOL_SOCKET, SO_LINGER, linger);
    if (index % 2 === 0) writer.write(Buffer.alloc(index * 1000));
    await turns(index % 5);
    writer.transport.abort();
  };
  const work = [...Array.from({ length: 20 }, good), ...Array.from({ length: 200 }, bad)];
  await Promise.all(work);
  server.close();
  await server.waitClosed();
  // The server is told before the callback is.
  await turns();
  // One that was reset before it was accepted may be gone without a trace.
  expect(ends.filter((end) => end === 'in good order').length).toBeGreaterThanOrEqual(20);
  expect(ends).toContain('ECONNRESET');
  expect(told).toEqual([]);
});

test('callbacks that throw, at once and later', { timeout: LIMIT }, async () => {
  const told = reports();
  let count = 0;
  const [server, open] = await serving((reader, writer) => {
    const turn = count++ % 3;
    if (turn === 0) throw new Error('at once');
    return turn === 1
      ? reader.readline().then(() => Promise.reject(new Error('later')))
      : echo(reader, writer);
  });
  const results = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const [reader, writer] = await open();
      writer.write('x\n');
      writer.writeEof();
      const all = await reader.read().catch((error: { code: string }) => error.code);
      writer.close();
      return String(all);
    }),
  );
  // What is closed with unread data resets.
  expect(results.filter((each) => each === 'x\n').length).toBe(100);
  expect(results.filter((each) => each === '' || each === 'ECONNRESET').length).toBe(200);
  expect(told.length).toBe(200);
  server.close();
  await server.waitClosed();
});

test('SIGTERM under load: every connection is served, or refused cleanly', { timeout: LIMIT }, async () => {
  const [server, port] = await httpServer();
  const ends = { served: 0, refused: 0 };
  const client = async () => {
    while (ends.refused === 0) {
      const socket = connect(port, '127.0.0.1');
      socket.end(REQUEST);
      const answer = await text(socket).catch((error: NodeJS.ErrnoException) => error.code);
      if (answer === ANSWER) ends.served++;
      // Never accepted: nobody listens any more, or the queue is gone.
      else if (answer === 'ECONNREFUSED' || answer === 'ECONNRESET' || answer === '') ends.refused++;
      else throw new Error(`neither served nor refused: ${answer}`);
    }
  };
  const idle = connect(port, '127.0.0.1');
  idle.write('GET / HTTP/1.1\r\n\r\n');
  await once(idle, 'data');
  const closed = once(idle.resume(), 'end');
  const load = Promise.all(Array.from({ length: 50 }, client));
  await until(() => ends.served > 300);
  const done = await stop(server);
  await load;
  // The one that was idle is closed in good order.
  await closed;
  expect(ends.refused).toBeGreaterThan(0);
  expect(done).toMatchObject({ answers: ends.served + 1, failures: 0 });
});

test('no descriptor left: the server waits, without spinning, and goes on', { timeout: LIMIT }, async () => {
  const [server, port] = await httpServer([], 'ulimit -n 60');
  const sockets = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await server.says(/out of system resource/);
  for (const socket of sockets.slice(0, 50)) socket.destroy();
  const last = sockets.slice(50);
  for (const socket of last) socket.end(REQUEST);
  expect(new Set(await Promise.all(last.map((socket) => text(socket))))).toEqual(new Set([ANSWER]));
  const { exhausted, failures, cpu } = await stop(server);
  expect(failures).toBe(0);
  expect(exhausted).toBeLessThan(30);
  expect((cpu.user + cpu.system) / 1e6).toBeLessThan(5);
});
