/** ThreadingMixIn and ForkingMixIn: the expectations of CPython's test_socketserver, and what is only here. */

import { SOCK_STREAM } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { clientOf, mixins, order, servers } from './mixins.ts';
import { modes, watch } from './support.ts';

const HELLO = 'hello world\n';
const NOTHING = { fds: [], tasks: 0, children: [] };
const KINDS = ['TCPServer', 'UDPServer', 'UnixStreamServer', 'UnixDatagramServer'];

const matrix = mixins.flatMap((mixin) => modes.map((mode) => ({ mixin, mode, title: `${mixin}, ${mode}` })));

describe.each(matrix)('$title', ({ mixin, mode }) => {
  // SocketServerTest.test_ThreadingTCPServer and so on.
  test('each kind serves clients at the same time, ends, and leaves nothing', async () => {
    const classes = KINDS.map((kind) => `${mixin}${kind}`);
    const program = servers({ classes, mode });
    for (const name of classes) {
      const address = await program.serving();
      // A child process takes long.
      const count = mixin === 'Threading' ? 3 : 1;
      const clients = Array.from({ length: count }, () => clientOf(name, address));
      for (const client of clients) await client.sendallAsync(HELLO);
      for (const client of clients) {
        expect(String(await client.recvAsync(100))).toBe(HELLO);
        if (client.type === SOCK_STREAM) expect((await client.recvAsync(100)).length).toBe(0);
      }
      program.end();
      await program.next('over');
      await program.next('closed');
    }
    expect(await program.next('left')).toEqual(NOTHING);
    expect(await program.ended).toMatchObject({ status: 0, stderr: '' });
  });

  test('a handler that hangs, throws or ends its thread or process stops nobody', async () => {
    const name = `${mixin}TCPServer`;
    const program = servers({ classes: [name], mode, handler: 'Obedient' });
    const address = await program.serving();
    const silent = clientOf(name, address);
    const begun = clientOf(name, address);
    expect(await order(begun, 'echo 1')).toBe('1');
    for (const end of ['throw', mixin === 'Forking' ? 'abort' : 'exit']) {
      expect(await order(clientOf(name, address), end)).toBe(undefined);
    }
    const last = clientOf(name, address);
    expect(await order(last, 'echo 2')).toBe('2');
    last.close();
    program.end();
    await program.next('over');
    // Those that have begun are waited for.
    const closed = watch(program.next('closed'));
    expect(await order(begun, 'echo 3')).toBe('3');
    expect(await order(silent, 'echo 4')).toBe('4');
    expect(closed.state).toBe('pending');
    begun.close();
    silent.close();
    expect(await program.next('left')).toEqual(NOTHING);
    const { status, stderr } = await program.ended;
    expect(status).toBe(0);
    const dashes = '-'.repeat(40);
    expect(stderr.split('\n').filter((line) => line === dashes).length).toBe(2);
    expect(stderr).toMatch(/Exception occurred during processing of request from \[ '127.0.0.1', \d+ \]/);
    expect(stderr).toMatch(/^RangeError: as ordered\n +at /m);
  });

  test('above the limit clients wait until one is done', async () => {
    const name = `${mixin}TCPServer`;
    const attributes = mixin === 'Threading' ? { maxThreads: 1 } : { maxChildren: 1 };
    const program = servers({ classes: [name], mode, handler: 'Obedient', attributes });
    const address = await program.serving();
    const first = clientOf(name, address);
    expect(await order(first, 'echo 1')).toBe('1');
    const answers: string[] = [];
    const second = clientOf(name, address);
    const answer = order(second, 'echo 2').then(() => answers.push('second'));
    expect(await order(first, 'echo 3')).toBe('3');
    answers.push('first');
    first.close();
    await answer;
    expect(answers).toEqual(['first', 'second']);
    // One that waits does not hold up the end, and is refused.
    const third = clientOf(name, address);
    program.end();
    await program.next('over');
    second.close();
    await program.next('closed');
    expect(await third.recvAsync(1).catch((error: { code: string }) => error.code)).toBe('ECONNRESET');
    expect(await program.next('left')).toEqual(NOTHING);
  });
});
