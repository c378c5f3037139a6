/** createConnection, both forms: one address after the other, its timeout, its errors. */
import * as library from 'bsd-socket';
import { AF_INET, ConnectionRefusedError, gaierror, IPPROTO_TCP, OSError, SOCK_STREAM } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import {
  both,
  bound,
  failure,
  fullBacklog,
  inet,
  keep,
  listening,
  modes,
  name,
  noSuchHost,
} from './support.ts';

function deserted(): [string, number] {
  const sock = bound(inet);
  const address = name(sock);
  sock.close();
  return address;
}

describe.each(modes)('createConnection, %s', (mode) => {
  const { createConnection } = both(mode, library);
  /** Every address of this machine that a name may stand for, in the resolver's order. */
  const everywhere = (port: number) => [null, port] as unknown as [string, number];

  test('connects', async () => {
    const server = listening(inet);
    const sock = keep(await createConnection(name(server)));
    expect(sock.getpeername()).toEqual(server.getsockname());
    expect([sock.family, sock.type, sock.proto, sock.gettimeout()]).toEqual([
      AF_INET,
      SOCK_STREAM,
      IPPROTO_TCP,
      null,
    ]);
  });

  test('tries the addresses of a name one after the other', async () => {
    const server = listening(inet);
    const sock = keep(await createConnection(everywhere(name(server)[1])));
    expect(sock.getpeername()).toEqual(server.getsockname());
    const byName = keep(await createConnection(['localhost', name(server)[1]]));
    expect(byName.getpeername()).toEqual(server.getsockname());
  });

  test.each([5, 0.5, null])('a timeout of %s stays on the socket', async (timeout) => {
    const server = listening(inet);
    const sock = keep(await createConnection(name(server), timeout));
    expect(sock.gettimeout()).toBe(timeout);
  });

  test('a timeout ends the attempt', async () => {
    const { server } = fullBacklog(inet);
    await expect(createConnection(name(server), 0.03)).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'timed out',
      syscall: 'connect',
    });
  });

  test('a source address', async () => {
    const server = listening(inet);
    const sock = keep(await createConnection(name(server), undefined, ['127.0.0.2', 0]));
    expect(name(sock as never)[0]).toBe('127.0.0.2');
    const error = createConnection(name(server), undefined, ['192.0.2.1', 0]);
    await expect(error).rejects.toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
  });

  test('when all fail: the last error, or all of them', async () => {
    const [, port] = deserted();
    const count = library.getaddrinfo(null, port, 0, SOCK_STREAM).length;
    await expect(createConnection(everywhere(port))).rejects.toThrow(ConnectionRefusedError);
    const all = await failure(() => createConnection(everywhere(port), undefined, null, { allErrors: true }));
    expect(all).toBeInstanceOf(AggregateError);
    expect(all.message).toContain('createConnection failed');
    expect((all.errors as Error[]).length).toBe(count);
    for (const error of all.errors as Error[]) expect(error).toBeInstanceOf(OSError);
  });

  test('a name that is none', async () => {
    await expect(createConnection([noSuchHost, 80])).rejects.toThrow(gaierror);
  });

  test.each([['127.0.0.1'], [['127.0.0.1']], [5], [null], [undefined]])(
    '%j is no address',
    async (address) => {
      await expect(createConnection(address as never)).rejects.toThrow(TypeError);
    },
  );

  test('wrong arguments leave no socket behind', async () => {
    const server = listening(inet);
    await expect(createConnection(name(server), -1)).rejects.toThrow(RangeError);
    const text = /^createConnection\(\): timeout must be a number of seconds or null, not 'x'$/;
    await expect(createConnection(name(server), 'x' as never)).rejects.toThrow(text);
    await expect(createConnection(name(server), 1, ['127.0.0.1', 'x'] as never)).rejects.toThrow(TypeError);
    await expect(createConnection(['127.0.0.1', 65536])).rejects.toThrow(RangeError);
    // See setup.ts, which counts the descriptors.
  });
});

describe('createConnectionAsync and a signal', () => {
  test('ends it, and leaves no socket behind', async () => {
    const { server } = fullBacklog(inet);
    const controller = new AbortController();
    const { signal } = controller;
    const connecting = library.createConnectionAsync(name(server), null, null, { signal });
    setImmediate(() => controller.abort('enough'));
    await expect(connecting).rejects.toBe('enough');
    const aborted = library.createConnectionAsync(name(server), null, null, {
      signal: AbortSignal.abort('no'),
    });
    await expect(aborted).rejects.toBe('no');
  });

  test('does not go on to the next address', async () => {
    const server = listening(inet);
    const controller = new AbortController();
    const address = [null, name(server)[1]] as unknown as [string, number];
    const connecting = library.createConnectionAsync(address, null, null, { signal: controller.signal });
    controller.abort('enough');
    await expect(connecting).rejects.toBe('enough');
    server.setblocking(false);
    expect(() => server.accept()).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });
});
