/** asyncio's streams with others at the other end: Python's asyncio as server and as client, nc, curl. */
import { fileURLToPath } from 'node:url';
import { openConnection, openUnixConnection, type StreamReader, type StreamWriter } from 'bsd-socket/asyncio';
import { describe, expect, test } from 'vitest';
import { portOf, tcp, unixStreams, type Way } from '../streams.ts';
import { missing, noUnixNc, path, start } from './programs.ts';
import { noPython, python } from './python.ts';

const program = fileURLToPath(new URL('asyncio_peer.py', import.meta.url));
const bytes = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, at) => at % 251));

/** What asyncio_peer.py does as a server. */
async function answer(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    const text = String(line);
    writer.write(/^\d+\n$/.test(text) ? bytes(Number(text)) : text.toUpperCase());
    await writer.drain();
  }
  writer.close();
  await writer.waitClosed();
}

/** What it does as a client. */
async function ask([reader, writer]: [StreamReader, StreamWriter]): Promise<void> {
  writer.writelines(['hello\n', '1000000\n']);
  await writer.drain();
  expect(String(await reader.readline())).toBe('HELLO\n');
  expect((await reader.readexactly(1_000_000)).equals(bytes(1_000_000))).toBe(true);
  writer.write('last');
  writer.writeEof();
  expect(String(await reader.read())).toBe('LAST');
  writer.close();
  await writer.waitClosed();
}

describe.skipIf(noPython)(noPython || 'Python’s asyncio', () => {
  test('serves us over TCP', async () => {
    const server = start(python!, [program, 'server', 'inet']);
    const [, port] = await server.says(/^(\d+)\n/);
    await ask(await openConnection('127.0.0.1', Number(port)));
    expect(await server.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test('serves us over a Unix socket', async () => {
    const file = path();
    const server = start(python!, [program, 'server', 'unix', file]);
    await server.says(/^ready\n/);
    await ask(await openUnixConnection(file));
    expect(await server.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test.each<[string, Way]>([
    ['inet', tcp],
    ['unix', unixStreams],
  ])('is served by us over %s', async (family, way) => {
    const server = await way.serve(answer);
    const address = family === 'inet' ? portOf(server) : server.sockets[0]!.getsockname();
    const client = start(python!, [program, 'client', family, String(address)]);
    expect(await client.ended).toMatchObject({ status: 0, stdout: 'ok\n', stderr: '' });
  });
});

describe('nc', () => {
  const noNc = missing('nc');
  test.skipIf(noNc)(`over TCP ${noNc || ''}`, async () => {
    const server = await tcp.serve(answer);
    const nc = start('nc', ['-N', '127.0.0.1', String(portOf(server))]);
    nc.child.stdin!.end('from nc\n3\nend');
    expect((await nc.ended).stdout).toBe('FROM NC\n\0\u0001\u0002END');
  });

  const noUnix = noUnixNc();
  test.skipIf(noUnix)(`over a Unix socket ${noUnix || ''}`, async () => {
    const server = await unixStreams.serve(answer);
    const nc = start('nc', ['-N', '-U', server.sockets[0]!.getsockname() as string]);
    nc.child.stdin!.end('from nc\n');
    expect((await nc.ended).stdout).toBe('FROM NC\n');
  });
});

describe('curl', () => {
  /** HTTP spelled out: what was asked for comes back. */
  async function http(reader: StreamReader, writer: StreamWriter): Promise<void> {
    for (;;) {
      const head = String(await reader.readuntil(['\r\n\r\n', '\n\n']));
      const size = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (/^expect: 100-continue/im.test(head)) writer.write('HTTP/1.1 100 Continue\r\n\r\n');
      const body = Buffer.concat([Buffer.from(`${head.split('\r\n')[0]}\n`), await reader.readexactly(size)]);
      writer.writelines([`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, body]);
      await writer.drain();
      if (reader.atEof()) break;
    }
    writer.close();
  }
  /** The end between two requests is a good one. */
  const serve = (reader: StreamReader, writer: StreamWriter) =>
    http(reader, writer).catch((error: Error) => {
      if (error.name !== 'IncompleteReadError') throw error;
      writer.close();
    });

  const noCurl = missing('curl');
  test.skipIf(noCurl)(`several requests on one connection ${noCurl || ''}`, async () => {
    let connections = 0;
    const server = await tcp.serve((reader, writer) => {
      connections++;
      return serve(reader, writer);
    });
    const url = (name: string) => `http://127.0.0.1:${portOf(server)}/${name}`;
    const curl = start('curl', ['-sS', '--noproxy', '*', url('one'), url('two')]);
    expect(await curl.ended).toMatchObject({
      status: 0,
      stderr: '',
      stdout: 'GET /one HTTP/1.1\nGET /two HTTP/1.1\n',
    });
    expect(connections).toBe(1);
  });

  test.skipIf(noCurl)(`a large body ${noCurl || ''}`, async () => {
    const server = await unixStreams.serve(serve, { limit: 1000 });
    const file = server.sockets[0]!.getsockname() as string;
    const body = 'all work and no play '.repeat(100_000);
    const args = ['-sS', '--unix-socket', file, '--data-binary', '@-', 'http://localhost/post'];
    const curl = start('curl', args);
    curl.child.stdin!.end(body);
    expect((await curl.ended).stdout).toBe(`POST /post HTTP/1.1\n${body}`);
  });
});
