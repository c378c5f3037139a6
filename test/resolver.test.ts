/** Host names in addresses: resolved where the call is made or on libuv's pool, and numeric ones by nobody. */
import { EAI_NONAME, gaierror, SOCK_DGRAM } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { child } from './peers.ts';
import { both, bound, failure, inet, listening, modes, name, noSuchHost, open } from './support.ts';

describe.each(modes)('%s', (mode) => {
  test('connect to a name', async () => {
    const server = listening(inet);
    const sock = open(inet);
    await both(mode, sock).connect(['localhost', name(server)[1]]);
    expect(sock.getpeername()).toEqual(server.getsockname());
  });

  test('sendto a name, again and again', async () => {
    const receiver = bound(inet, SOCK_DGRAM);
    const sender = open(inet, SOCK_DGRAM);
    const [, port] = name(receiver);
    for (const host of ['localhost', Buffer.from('localhost'), '127.1', 'localhost']) {
      expect(await both(mode, sender).sendto('x', 0, [host, port])).toBe(1);
      expect(String(receiver.recv(10))).toBe('x');
    }
  });

  test('a name that is none: the error of the resolver, with the name', async () => {
    for (const call of ['connect', 'connectEx'] as const) {
      const error = await failure(() => both(mode, open(inet))[call]([noSuchHost, 80]));
      expect(error).toBeInstanceOf(gaierror);
      expect(error).toMatchObject({
        errno: EAI_NONAME,
        code: 'EAI_NONAME',
        syscall: 'getaddrinfo',
        address: noSuchHost,
      });
    }
    const sending = both(mode, open(inet, SOCK_DGRAM)).sendto('x', 0, [noSuchHost, 80]);
    await expect(sending).rejects.toThrow(gaierror);
  });
});

test('bind to a name', async () => {
  const sock = open(inet);
  sock.bind(['localhost', 0]);
  expect(name(sock)[0]).toBe('127.0.0.1');
  await expect(async () => open(inet).bind([noSuchHost, 0])).rejects.toThrow(gaierror);
});

test('with the pool busy, numeric addresses go through and names wait without blocking the event loop', async () => {
  const { ended } = child(async ({ createServer, Socket, SOCK_DGRAM: datagram }) => {
    const { pbkdf2 } = process.getBuiltinModule('node:crypto');
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const server = createServer(['127.0.0.1', 0]);
    const address = server.getsockname();
    // Nobody waits for these: the process is gone long before.
    for (let job = 0; job < 256; job++) pbkdf2('secret', 'salt', 0x7fffffff, 64, 'sha512', () => {});
    const byName = new Socket();
    let named = 'pending';
    const settled = () => {
      named = 'settled';
    };
    byName.connectAsync(['localhost', address[1]]).then(settled, settled);
    const byNumber = new Socket();
    await byNumber.connectAsync(address);
    await new Socket(server.family, datagram).sendtoAsync('x', ['', 9]);
    await new Socket(server.family, datagram).sendtoAsync('x', ['127.0.0.1', 9]);
    for (let count = 0; count < 10; count++) await turn();
    console.log(byNumber.getpeername()[1] === address[1], named);
    // A closed socket does not wait for its name either.
    byName.close();
    await turn();
    console.log(named);
    process.kill(process.pid, 'SIGKILL');
  });
  expect(await ended).toMatchObject({ signal: 'SIGKILL', stdout: 'true pending\nsettled\n' });
});
