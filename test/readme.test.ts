/** The programs in README.md, typed in by a newcomer: they compile under the strict compiler and they run. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createServer, Socket } from 'bsd-socket';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the package, so that the programs find it by its name.
const folder = `${root}build/readme-${process.pid}`;
const blocks = [...readFileSync(`${root}README.md`, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, code]) => code!,
);
const named = (part: string) => {
  const found = blocks.filter((code) => code.includes(part));
  expect(found).toHaveLength(1);
  return blocks.indexOf(found[0]!);
};

/** The program on another port than the README's; one that listens prints where. */
function onPort(code: string, port: number): string {
  return code
    .replaceAll('8001', String(port))
    .replace(/^using server = .*$/m, '$&\nconsole.error(server.getsockname()[1]);');
}

function write(port: number): void {
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { rootDir: '.', outDir: 'out' },
    include: ['*.ts'],
  };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  for (const [index, code] of blocks.entries()) {
    writeFileSync(`${folder}/program${index}.ts`, onPort(code, port));
  }
}

function compile(): void {
  const { stdout, status } = spawnSync(
    process.execPath,
    [`${root}node_modules/typescript/bin/tsc`, '-p', folder],
    {
      encoding: 'utf8',
    },
  );
  expect(stdout).toBe('');
  expect(status).toBe(0);
}

const program = (index: number) => `${folder}/out/program${index}.js`;

beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a server among the programs, and talks to it. */
async function talkTo(index: number, clients: number): Promise<void> {
  const server = spawn(process.execPath, [program(index)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(server, 'close');
  try {
    const [line] = await once(createInterface({ input: server.stderr }), 'line');
    const sockets = Array.from({ length: clients }, () => new Socket());
    for (const sock of sockets) await sock.connectAsync(['127.0.0.1', Number(line)]);
    for (const sock of sockets) {
      await sock.sendallAsync('hello');
      expect(String(await sock.recvAsync(100))).toBe('hello');
    }
    for (const sock of sockets) sock.close();
  } finally {
    server.kill();
    await closed;
  }
}

describe('the programs of README.md', () => {
  test('compile', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    write(0);
    compile();
  });

  test('the first one serves a client', () => talkTo(named('server.accept()'), 1));

  test('the server on the event loop serves many', () => talkTo(named('server.connections()'), 10));

  test('the blocking client', async () => {
    using server = createServer(['127.0.0.1', 0]);
    write(server.getsockname()[1]);
    compile();
    const client = spawn(process.execPath, [program(named('s.settimeout(5)'))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(client, 'close');
    const [conn] = await server.acceptAsync();
    expect(String(await conn.recvAsync(100))).toBe('hello there');
    await conn.sendallAsync('well met');
    conn.close();
    const [line] = await once(createInterface({ input: client.stdout }), 'line');
    expect(line).toBe('well met');
    expect(await closed).toEqual([0, null]);
  });

  test('Unix datagrams', () => {
    const result = spawnSync(process.execPath, [program(named('SOCK_DGRAM'))], { encoding: 'utf8' });
    expect(result).toMatchObject({ status: 0, stdout: '[ <Buffer 70 69 6e 67>, null ]\n' });
  });
});
