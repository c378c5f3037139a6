/** How long things live: sockets that nobody refers to, and processes that have nothing to do but wait. */
import { describe, expect, test } from 'vitest';
import { child, type Ended } from './peers.ts';
import { collected, inet, type Library, listening, name, open } from './support.ts';

describe('a socket that nobody refers to any more', () => {
  test('is closed, with one ResourceWarning; a closed, a detached and a waiting one are not', async () => {
    const { ended } = child(
      async ({ Socket, close, dup, socketpair }) => {
        const warnings: string[] = [];
        process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`));
        const turn = () => new Promise((resolve) => setImmediate(resolve));
        const fds: number[] = [];
        const [first, second] = socketpair();
        let received = '';
        (() => {
          const forgotten = new Socket();
          forgotten.bind(['127.0.0.1', 0]);
          fds.push(forgotten.fileno());
          new Socket().close();
          fds.push(new Socket().detach());
          void first
            .dup()
            .recvAsync(100)
            .then((data) => {
              received = String(data);
            });
        })();
        for (let count = 0; count < 2000 && warnings.length === 0; count++) {
          globalThis.gc!();
          await turn();
        }
        for (let count = 0; count < 20; count++) {
          globalThis.gc!();
          await turn();
        }
        let closed = false;
        try {
          close(dup(fds[0]!));
        } catch {
          closed = true;
        }
        close(fds[1]!);
        second.send('still there');
        while (received === '') await turn();
        first.close();
        second.close();
        console.log(JSON.stringify({ warnings, closed, received, fd: fds[0] }));
      },
      null,
      ['--expose-gc', '--no-warnings'],
    );
    const { stdout, stderr, status } = await ended;
    expect([status, stderr]).toEqual([0, '']);
    const { warnings, fd, ...rest } = JSON.parse(stdout);
    expect(warnings).toEqual([
      `ResourceWarning: unclosed <Socket fd=${fd}, family=AF_INET, type=SOCK_STREAM, proto=0>`,
    ]);
    expect(rest).toEqual({ closed: true, received: 'still there' });
  });

  test('is closed when it was accepted, or duplicated, or used asynchronously', async () => {
    const texts: string[] = [];
    const listen = (warning: Error) => texts.push(warning.message);
    process.on('warning', listen);
    const server = listening(inet);
    const client = open(inet);
    client.connect(name(server));
    const fds = await (async () => {
      const [accepted] = await server.acceptAsync();
      const copy = accepted.dup();
      client.send('x');
      await copy.recvAsync(1);
      return [accepted.fileno(), copy.fileno()];
    })();
    await collected(() => fds.every((fd) => texts.some((text) => text.includes(`fd=${fd},`))));
    process.off('warning', listen);
    // Nobody holds the other end any more.
    expect(client.recv(1)).toHaveLength(0);
  });
});

test('a program that never returns to its event loop keeps nothing of the sockets that it has closed', async () => {
  const { ended } = child(
    ({ Socket }) => {
      const used = () => {
        globalThis.gc!();
        return process.memoryUsage().heapUsed;
      };
      const many = () => {
        for (let left = 20_000; left > 0; left--) new Socket().close();
      };
      many();
      const before = used();
      many();
      console.log((used() - before) / 20_000 < 50);
    },
    null,
    ['--expose-gc'],
  );
  expect(await ended).toMatchObject({ status: 0, stdout: 'true\n', stderr: '' });
});

/** A process that says 'started' and then has nothing left but what `main` has begun. */
function waiting(main: (library: Library) => unknown): Promise<Ended> {
  return child(main).ended;
}

describe('the process', () => {
  test('ends although sockets are open', async () => {
    const { status, signal, stdout } = await waiting(async ({ Socket, createServer, socketpair }) => {
      const server = createServer(['127.0.0.1', 0]);
      const [a, b] = socketpair();
      // They have waited, and wait no more.
      const receiving = a.recvAsync(1);
      b.send('x');
      await receiving;
      const accepting = server.acceptAsync();
      new Socket().connect(server.getsockname());
      await accepting;
      Object.assign(globalThis, { kept: [server, a, b] });
      console.log('done');
    });
    expect([status, signal, stdout]).toEqual([0, null, 'done\n']);
  });

  const begun = {
    recvAsync: (library: Library) => {
      const [a, b] = library.socketpair();
      void a.recvAsync(1).then(() => console.log('woken'));
      process.stdin.once('data', () => b.send('x'));
      process.stdin.unref();
      console.log('started');
    },
    acceptAsync: (library: Library) => {
      const server = library.createServer(['127.0.0.1', 0]);
      void server.acceptAsync().then(() => console.log('woken'));
      process.stdin.once('data', () => new library.Socket().connect(server.getsockname()));
      process.stdin.unref();
      console.log('started');
    },
    'recvAsync with a timeout': (library: Library) => {
      const [a, b] = library.socketpair();
      Object.assign(globalThis, { b });
      a.settimeout(0.3);
      a.recvAsync(1).catch((error) => console.log(error.name === 'TimeoutError' ? 'woken' : error));
      console.log('started');
    },
    'getaddrinfoAsync in a connect': (library: Library) => {
      const server = library.createServer(['127.0.0.1', 0]);
      Object.assign(globalThis, { server });
      const [, port] = server.getsockname();
      void new library.Socket().connectAsync(['localhost', port]).then(() => console.log('woken'));
      console.log('started');
    },
  };

  test.each(Object.entries(begun))('stays while %s is pending', async (_name, main) => {
    const { program, ended, says } = child(main);
    await says('started');
    program.stdin.write('go\n');
    const { status, signal, stdout } = await ended;
    expect([status, signal, stdout]).toEqual([0, null, 'started\nwoken\n']);
  });

  test('does not stay after unref', async () => {
    const { status, signal, stdout } = await waiting(({ createServer, socketpair }) => {
      const [a, b] = socketpair();
      const server = createServer(['127.0.0.1', 0]);
      Object.assign(globalThis, { kept: [a, b] });
      // Before the call, and after it.
      server.unref();
      void server.acceptAsync();
      void a.recvAsync(1);
      a.unref();
      // The end comes before the timeout.
      b.settimeout(3600);
      b.unref();
      void b.recvAsync(1);
      console.log('left');
    });
    expect([status, signal, stdout]).toEqual([0, null, 'left\n']);
  });

  test('stays again after ref', async () => {
    const { program, ended, says } = child(({ socketpair }) => {
      const [a, b] = socketpair();
      a.unref();
      void a.recvAsync(10).then((data) => console.log(String(data)));
      a.ref();
      process.stdin.once('data', () => b.send('woken'));
      process.stdin.unref();
      console.log('started');
    });
    await says('started');
    program.stdin.write('go\n');
    expect(await ended).toMatchObject({ status: 0, stdout: 'started\nwoken\n' });
  });

  test('does not stay after the call was aborted, timed out, or its socket closed', async () => {
    const { status, signal, stdout } = await waiting(async ({ socketpair }) => {
      const [a, b] = socketpair();
      Object.assign(globalThis, { kept: [a, b] });
      const controller = new AbortController();
      const aborted = a.recvAsync(1, 0, { signal: controller.signal });
      controller.abort();
      await aborted.catch(() => {});
      a.settimeout(0.001);
      await a.recvAsync(1).catch(() => {});
      const closed = a.recvAsync(1);
      a.close();
      await closed.catch(() => {});
      console.log('left');
    });
    expect([status, signal, stdout]).toEqual([0, null, 'left\n']);
  });
});
