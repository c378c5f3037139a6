/** The examples with threads: both languages at either end, several clients at once, and one that resets. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { repr } from '../../examples/helpers.ts';
import { folder, LANGUAGES, start, startServer, test } from './programs.ts';

const blank = (text: string) => text.replace(/\('127\.0\.0\.1', \d+\)/g, 'ADDR');
const file = Buffer.from(Array.from({ length: 1_000_001 }, (_, index) => (index * index) >> 4));

for (const server of LANGUAGES) {
  for (const client of LANGUAGES) {
    const title = `${server} serves ${client}`;

    test(`threaded-server and hello-client: ${title}`, [server, client], async () => {
      const [serving, port] = await startServer(server, 'threaded-server');
      const greeting = start(client, 'hello-client', ['127.0.0.1', port, 0]);
      expect(await greeting.end()).toBe('');
      await serving.until('stdout', /Disconnected from .*\n/);
      expect(blank(serving.stdout)).toBe(
        '[INFO] Listening on 127.0.0.1:0\n' +
          '[INFO] Starting thread for connection ADDR\n' +
          '[CONNECTION] Connected to ADDR\n' +
          '[CONNECTION] Disconnected from ADDR\n',
      );
      expect(serving.stderr).toBe(`listening on 127.0.0.1:${port}\n`);
    });

    test(`threaded-file-server and its client: ${title}`, [server, client], async () => {
      writeFileSync(join(folder, 'large'), file);
      writeFileSync(join(folder, 'empty'), '');
      const [serving, port] = await startServer(server, 'threaded-file-server');
      // One that is connected and asks for nothing holds nobody up.
      const silent = net.connect(port, '127.0.0.1');
      await once(silent, 'connect');
      const fetching = start(client, 'threaded-file-client', ['127.0.0.1', port, 'large', 'none', 'empty']);
      expect(await fetching.end()).toBe(
        `Received ${file.length} bytes of large\nThere is no none\nReceived 0 bytes of empty\n`,
      );
      expect(readFileSync(join(folder, 'large.recv')).equals(file)).toBe(true);
      expect(readFileSync(join(folder, 'empty.recv')).length).toBe(0);
      const again = start(client, 'threaded-file-client', ['127.0.0.1', port, 'empty']);
      await again.end();
      await serving.until('stdout', /number 3\n/);
      expect(serving.stdout).toBe(
        'Sent large, the file number 1\nSent empty, the file number 2\nSent empty, the file number 3\n',
      );
      silent.destroy();
    });
  }
}

describe.each(LANGUAGES)('in %s', (language) => {
  test('threaded-server serves its clients in turn, and outlives one that resets', [language], async () => {
    const [server, port] = await startServer(language, 'threaded-server');
    const clients = [1, 2, 3].map(() => net.connect(port, '127.0.0.1').setEncoding('utf8'));
    await Promise.all(clients.map((client) => once(client, 'connect')));
    for (const message of ['one', "it's", '\0\n\xff']) {
      for (const client of clients) {
        const from = `('127.0.0.1', ${client.localPort})`;
        client.write(message, 'latin1');
        const [answer] = await once(client, 'data');
        expect(answer).toBe(`[CONNECTION] Received ${repr(Buffer.from(message, 'latin1'))} from ${from}`);
      }
    }
    const [first, second, third] = clients;
    first!.resetAndDestroy();
    // In Python and here: the name of the thread, and then the error.
    await server.until(
      'stderr',
      /Exception in thread Thread-\d \(client_?[tT]hread\):\n[\s\S]*ConnectionResetError/,
    );
    for (const client of [second!, third!]) {
      const { localPort } = client;
      client.end();
      await server.until('stdout', new RegExp(`Disconnected from \\('127.0.0.1', ${localPort}\\)`));
    }
  });
});
