/** Python's ssl and asyncio, curl and openssl at the other end of asyncio's TLS. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { pattern } from '../support.ts';
import { cert, dial, echo, fixture, key, serve } from '../tls.ts';
import { missing, path, start } from './programs.ts';
import { noPython, python, pythonMinor } from './python.ts';

const program = fileURLToPath(new URL('peer_tls.py', import.meta.url));
const files = ['certificate', 'key'].map((file) => fileURLToPath(fixture(file)));
// StreamWriter.start_tls is new in Python 3.11.
const KINDS = pythonMinor < 11 ? (['ssl', 'asyncio'] as const) : (['ssl', 'asyncio', 'starttls'] as const);

describe.skipIf(noPython)(noPython ? `Python: ${noPython}` : 'Python', () => {
  test.each(KINDS)('serves us with %s', async (kind) => {
    const server = start(python!, [program, 'server', kind, ...files]);
    const [line] = await server.says(/.+\n/);
    const [reader, writer] = await dial(Number(line), kind === 'starttls' ? { ssl: null } : {});
    if (kind === 'starttls') {
      writer.write('STARTTLS\n');
      expect(String(await reader.readline())).toBe('OK\n');
      await writer.startTls({ ca: cert }, { serverHostname: 'localhost' });
    }
    const data = pattern(1_000_000);
    writer.write(data);
    expect((await reader.readexactly(data.length)).equals(data)).toBe(true);
    writer.close();
    await writer.waitClosed();
    expect(await server.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test.each(KINDS)('is served by us with %s', async (kind) => {
    const [, port] = await serve(
      async (reader, writer) => {
        if (kind === 'starttls') {
          expect(String(await reader.readline())).toBe('STARTTLS\n');
          writer.write('OK\n');
          await writer.startTls({ cert, key });
        }
        await echo(reader, writer);
      },
      kind === 'starttls' ? { ssl: null } : {},
    );
    const client = start(python!, [program, 'client', kind, ...files, String(port)]);
    expect(await client.ended).toMatchObject({ status: 0, stdout: 'ok\n', stderr: '' });
  });
});

const noCurl = missing('curl');
test.skipIf(noCurl)(`curl gets a page ${noCurl || ''}`, async () => {
  const page = pattern(300_000);
  const [, port] = await serve(async (reader, writer) => {
    await reader.readuntil('\r\n\r\n');
    writer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n`);
    writer.write(page);
    writer.close();
    await writer.waitClosed();
  });
  const file = path();
  const curl = start('curl', ['-sS', '--cacert', files[0]!, '-o', file, `https://127.0.0.1:${port}/`]);
  expect(await curl.ended).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(file).equals(page)).toBe(true);
});

const noOpenssl = missing('openssl');
test.skipIf(noOpenssl).each(['-tls1_2', '-tls1_3'])(
  `openssl s_client ${noOpenssl || ''}: %s`,
  async (version) => {
    const [, port] = await serve(echo);
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', files[0]!];
    const client = start('openssl', [...args, '-verify_return_error', '-quiet', '-no_ign_eof', version]);
    client.child.stdin!.write('hello\n');
    await client.says(/hello\n/);
    client.child.stdin!.end();
    expect(await client.ended).toMatchObject({ status: 0 });
  },
);
