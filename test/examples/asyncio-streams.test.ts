/** The examples of asyncio's streams, in each language at either end. */
import { describe, expect } from 'vitest';
import { LANGUAGES, start, startServer, test } from './programs.ts';

const pairs = LANGUAGES.flatMap((server) => LANGUAGES.map((client) => ({ server, client })));

describe.each(pairs)('$server serves $client', ({ server, client }) => {
  test('asyncio-echo', [server, client], async () => {
    const [program, port] = await startServer(server, 'asyncio-echo-server');
    for (const message of ['Hello World!', 'once more']) {
      const talk = start(client, 'asyncio-echo-client', ['127.0.0.1', port, message]);
      expect(await talk.end()).toBe(`Send: '${message}'\nReceived: '${message}'\nClose the connection\n`);
    }
    await program.until('stdout', /(Close the connection[\s\S]*){2}/);
    expect(program.stdout.replaceAll(/\('127\.0\.0\.1', \d+\)/g, 'ADDR')).toBe(
      "Serving on ADDR\nReceived 'Hello World!' from ADDR\nSend: 'Hello World!'\nClose the connection\n" +
        "Received 'once more' from ADDR\nSend: 'once more'\nClose the connection\n",
    );
    expect(program.stderr).toMatch(/^listening on .*\n$/);
  });

  test('async-server and echo-client', [server, client], async () => {
    const [program, port] = await startServer(server, 'async-server');
    const clients = Array.from({ length: 3 }, () => start(client, 'echo-client', ['127.0.0.1', port]));
    for (const each of clients) expect(await each.end()).toBe('hello there\n');
    expect(program.stdout).toBe('');
    expect(program.stderr).toMatch(/^listening on .*\n$/);
  });
});
