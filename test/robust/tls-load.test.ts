/** Many encrypted connections at once, silent ones among them, and the end of a server under load. */
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { openConnection } from 'bsd-socket/asyncio';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '../fixtures/start.ts';
import { cert, dial, echo, fixture, serve } from '../tls.ts';

const LIMIT = 60_000;

test('200 clients at once are served, whatever others do not say', { timeout: LIMIT }, async () => {
  const [server, port] = await serve(echo);
  const silent = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => {});
      onTestFinished(() => {
        socket.destroy();
      });
      await once(socket, 'connect');
      return socket;
    }),
  );
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const [reader, writer] = await dial(port);
      for (let count = 0; count < 3; count++) {
        const line = `${index}, ${count}, ${'-'.repeat(index * 10)}\n`;
        writer.write(line);
        expect(String(await reader.readline())).toBe(line);
      }
      writer.close();
      await writer.waitClosed();
    }),
  );
  server.close();
  server.abortClients();
  await server.waitClosed();
  await Promise.all(silent.map(async (socket) => socket.closed || once(socket.resume(), 'close')));
});

test('SIGTERM under load: each request is answered as a whole or not at all', {
  timeout: LIMIT,
}, async () => {
  const program = fileURLToPath(new URL('../fixtures/tls-server.mjs', import.meta.url));
  const files = ['certificate', 'key'].map((file) => fileURLToPath(fixture(file)));
  const server = start(process.execPath, [program, ...files]);
  const port = Number(await server.says(/\d+\n/));
  let answers = 0;
  let refused = 0;

  /** Asks until the server goes. */
  const client = async (index: number) => {
    for (;;) {
      let streams: Awaited<ReturnType<typeof openConnection>>;
      try {
        streams = await openConnection('127.0.0.1', port, { ssl: { ca: cert } });
      } catch (error) {
        // Nobody listens any more, or the connection was in the queue when that ended.
        expect((error as { code: string }).code).toMatch(/^ECONN(REFUSED|RESET)$/);
        refused++;
        return;
      }
      const [reader, writer] = streams;
      for (let count = 0; count < 5; count++) {
        const line = `${index}, ${count}\n`;
        writer.write(line);
        const answer = await reader.read(1).catch(() => Buffer.alloc(0));
        if (answer.length === 0) break;
        const rest = await reader.readexactly(1000 * line.length - 1);
        expect(answer + String(rest)).toBe(line.repeat(1000));
        if (++answers === 100) server.child.kill('SIGTERM');
      }
      writer.close();
      await writer.waitClosed().catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => client(index)));
  expect(answers).toBeGreaterThanOrEqual(100);
  expect(refused).toBe(20);
  expect(await server.ended).toMatchObject({ status: 0, stdout: `${port}\nover\n`, stderr: '' });
});
