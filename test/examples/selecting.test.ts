/** The examples that wait for many at once: the chat room with select, the echo server with a selector. */
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect } from 'vitest';
import {
  command,
  LANGUAGES,
  type Language,
  Program,
  pythonEnv,
  start,
  startServer,
  test,
} from './programs.ts';

/** Somebody in the chat room, whose input stays open. */
async function guest(
  language: Language,
  server: Program,
  port: number,
): Promise<{ program: Program; name: string }> {
  const before = server.stdout.length;
  const [file, ...args] = command(language, 'select-chat-client', ['127.0.0.1', port]);
  const program = new Program(file!, args, {
    stdin: null,
    env: language === 'Python' ? pythonEnv() : process.env,
  });
  const [, name] = await server.until('stdout', new RegExp(`^[\\s\\S]{${before}}(.*) comes\n`));
  return { program, name: name! };
}

const escaped = (text: string) => text.replace(/[()]/g, '\\$&');

for (const server of LANGUAGES) {
  const other = LANGUAGES.find((language) => language !== server)!;

  test(`a chat room in ${server}, with guests in both languages`, [server, 'Python'], async () => {
    const [room, port] = await startServer(server, 'select-chat-server');
    const ann = await guest(server, room, port);
    const ben = await guest(other, room, port);
    const cem = await guest(other, room, port);
    await ann.program.until('stdout', new RegExp(`${escaped(cem.name)} comes\n`));
    const guests = [ann, ben, cem];
    for (const [index, { program, name }] of guests.entries()) {
      program.child.stdin!.write(`grüße ${index}\n`);
      const others = guests.filter((each) => each.program !== program);
      for (const { program: listener } of others)
        await listener.until('stdout', new RegExp(`${escaped(name)}: grüße ${index}\n`));
    }
    // One hangs up, and one is cut off.
    ben.program.child.stdin!.end();
    await ben.program.end();
    await ann.program.until('stdout', new RegExp(`${escaped(ben.name)} goes\n`));
    const stranger = net.connect(port, '127.0.0.1');
    await once(stranger, 'connect');
    const cut = `('127.0.0.1', ${stranger.localPort})`;
    await cem.program.until('stdout', new RegExp(`${escaped(cut)} comes\n`));
    stranger.resetAndDestroy();
    await ann.program.until('stdout', new RegExp(`${escaped(cut)} goes\n`));
    ann.program.child.stdin!.end();
    await ann.program.end();
    await cem.program.until('stdout', new RegExp(`${escaped(ann.name)} goes\n`));
    const said = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
    expect(ann.program.stdout).toBe(
      said(
        `${ben.name} comes`,
        `${cem.name} comes`,
        `${ben.name}: grüße 1`,
        `${cem.name}: grüße 2`,
        `${ben.name} goes`,
        `${cut} comes`,
        `${cut} goes`,
      ),
    );
    expect(room.stdout).toBe(
      said(
        ...[ann, ben, cem].map(({ name }) => `${name} comes`),
        `${ben.name} goes`,
        `${cut} comes`,
        `${cut} goes`,
        `${ann.name} goes`,
      ),
    );
    expect(room.stderr).toBe(`listening on 127.0.0.1:${port}\n`);
  });

  for (const client of LANGUAGES) {
    test(`selectors-echo-server in ${server} and echo-client in ${client}`, [server, client], async () => {
      const [echo, port] = await startServer(server, 'selectors-echo-server');
      const clients = Array.from({ length: 3 }, () => start(client, 'echo-client', ['127.0.0.1', port]));
      for (const program of clients) expect(await program.end()).toBe('hello there\n');
      await echo.until('stdout', /(closing a connection\n[\s\S]*){3}/);
      expect(echo.stdout.match(/^accepted \('127\.0\.0\.1', \d+\)$/gm)).toHaveLength(3);
    });
  }
}

describe.each(LANGUAGES)('selectors-echo-server in %s', (language) => {
  test('one who is silent and one who resets do not stop the others', [language], async () => {
    const [echo, port] = await startServer(language, 'selectors-echo-server');
    const [silent, resets, talks] = [1, 2, 3].map(() => net.connect(port, '127.0.0.1').setEncoding('utf8'));
    await Promise.all([silent!, resets!, talks!].map((client) => once(client, 'connect')));
    resets!.resetAndDestroy();
    await echo.until('stdout', /lost a client: ConnectionResetError\nclosing a connection\n/);
    for (const message of ['one', 'two']) {
      talks!.write(message);
      expect(await once(talks!, 'data')).toEqual([message]);
    }
    for (const client of [silent!, talks!]) client.end().resume();
    await echo.until('stdout', /(closing a connection\n[\s\S]*){3}/);
  });
});
