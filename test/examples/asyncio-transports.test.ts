/** The examples of asyncio's TLS and of its datagram endpoints, in each language at either end. */
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { LANGUAGES, type Program, start, startServer, test } from './programs.ts';

const tls = (file: string) => fileURLToPath(new URL(`../fixtures/tls/${file}.pem`, import.meta.url));
const ADDR = /\('127\.0\.0\.1', \d+\)/g;

/** What a server has printed, once it is so much, its clients' addresses apart. */
async function printed(server: Program, lines: number): Promise<string> {
  await server.until('stdout', new RegExp(`^(.*\\n){${lines}}$`));
  return server.stdout.replaceAll(ADDR, 'ADDR');
}

const pairs = LANGUAGES.flatMap((server) => LANGUAGES.map((client) => ({ server, client })));

describe.each(pairs)('$server serves $client', ({ server, client }) => {
  test('asyncio-tls', [server, client], async () => {
    const files = [tls('certificate'), tls('key')];
    const [program, port] = await startServer(server, 'asyncio-tls-server', '', ['127.0.0.1', 0, ...files]);
    const talk = start(client, 'asyncio-tls-client', ['127.0.0.1', port, files[0], 'localhost']);
    expect(await talk.end()).toBe("Received b'HELLO, WORLD\\n'\nReceived b'OVER TLS\\n'\n");
    expect(await printed(program, 3)).toBe(
      "Received b'Hello, world\\n' from ADDR\nReceived b'Over TLS\\n' from ADDR\nClosing ADDR\n",
    );
    expect(program.stderr).toMatch(/^listening on .*\n$/);
  });

  test('asyncio-udp', [server, client], async () => {
    const [program, port] = await startServer(server, 'asyncio-udp-server');
    const talk = start(client, 'asyncio-udp-client', ['127.0.0.1', port]);
    const output = (await talk.end()).replaceAll(ADDR, 'ADDR');
    expect(output).toBe("Received b'Hello, server' from ADDR\nConnection closed\n");
    expect(await printed(program, 1)).toBe("Received b'Hello, server' from ADDR\n");
  });
});

describe.each(LANGUAGES)('in %s', (client) => {
  test('asyncio-tls: another name', [client], async () => {
    const files = [tls('certificate'), tls('key')];
    const [program, port] = await startServer('TypeScript', 'asyncio-tls-server', '', [
      '127.0.0.1',
      0,
      ...files,
    ]);
    const talk = start(client, 'asyncio-tls-client', ['127.0.0.1', port, files[0], 'example.org']);
    await talk.until('stderr', /CERTIFICATE_VERIFY_FAILED|ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(program.stdout).toBe('');
  });
});
