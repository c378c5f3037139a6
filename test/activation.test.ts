/** listenFds(): a child process that is started as systemd starts a service. */
import { spawnSync } from 'node:child_process';
import { AF_INET, AF_UNIX, listenFds, SOCK_DGRAM, Socket, socketpair } from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { libraryUrl } from './peers.ts';
import { bound, failure, inet, keep, listening, name, unixPath } from './support.ts';

/** Runs a program with descriptors from 3 on, and in LISTEN_PID its own number. Returns what it prints as JSON. */
function activated(
  program: (library: typeof import('bsd-socket')) => unknown,
  fds: number[],
  variables: Record<string, string>,
  pid = '$$',
): unknown {
  const source = `console.log(JSON.stringify((${program})(await import('${libraryUrl}'))))`;
  const shell = `LISTEN_PID=${pid} exec "$0" --input-type=module -e "$1"`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, source], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', ...fds],
    env: { ...process.env, ...variables },
    timeout: 15_000,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const list = ({ listenFds }: typeof import('bsd-socket')) => listenFds();

describe('a service', () => {
  test('adopts what it was started with', async () => {
    const tcp = listening(inet);
    const udp = bound(inet, SOCK_DGRAM);
    const unix = listening(unixPath);
    const client = keep(new Socket());
    client.connect(name(tcp));
    const seen = activated(
      ({ listenFds, Socket }) => {
        const sockets = listenFds().map(([fd, label]) => [label, new Socket(null, null, null, fd)] as const);
        const [, server] = sockets[0]!;
        const [connection] = server.accept();
        connection.sendall('from the service');
        connection.close();
        return sockets.map(([label, socket]) => [
          label,
          socket.fileno(),
          socket.family,
          socket.type,
          socket.getsockname(),
          socket.getInheritable(),
        ]);
      },
      [tcp, udp, unix].map((socket) => socket.fileno()),
      { LISTEN_FDS: '3', LISTEN_FDNAMES: 'web:dns:' },
    );
    expect(seen).toEqual([
      ['web', 3, AF_INET, 1, name(tcp), false],
      ['dns', 4, AF_INET, 2, name(udp), false],
      ['unknown', 5, AF_UNIX, 1, name(unix), false],
    ]);
    expect(String(client.recv(99))).toBe('from the service');
  });

  test('finds nothing that is for another process, or not there', () => {
    const fd = keep(new Socket()).fileno();
    expect(activated(list, [fd], { LISTEN_FDS: '1' }, '1')).toEqual([]);
    expect(activated(list, [fd], { LISTEN_FDS: '0' })).toEqual([]);
    expect(activated(list, [fd], {})).toEqual([]);
  });

  test('is told of fewer descriptors than it was promised', () => {
    const attempt = ({ listenFds }: typeof import('bsd-socket')) => {
      try {
        return listenFds();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    // The descriptors of Node itself come after a gap that nothing fills.
    expect(activated(attempt, [], { LISTEN_FDS: '2000' })).toBe('EBADF');
    expect(activated(attempt, [], { LISTEN_FDS: '2147483644' })).toBe('EBADF');
  });

  test('can clear its environment', () => {
    const [one, other] = socketpair();
    const twice = activated(
      ({ listenFds }) => [
        listenFds(),
        listenFds({ unsetEnvironment: true }),
        listenFds(),
        Object.keys(process.env).filter((name) => name.startsWith('LISTEN_')),
      ],
      [keep(one).fileno(), keep(other).fileno()],
      { LISTEN_FDS: '2', LISTEN_FDNAMES: 'one:two' },
    );
    const both = [
      [3, 'one'],
      [4, 'two'],
    ];
    expect(twice).toEqual([both, both, [], []]);
  });
});

describe('a process that is no service', () => {
  function environment(variables: Record<string, string>): void {
    Object.assign(process.env, variables);
    onTestFinished(() => {
      for (const variable of Object.keys(variables)) delete process.env[variable];
    });
  }

  test('has none', () => expect(listenFds()).toEqual([]));

  test.each([
    { LISTEN_PID: 'x' },
    { LISTEN_PID: '' },
    { LISTEN_PID: String(process.pid), LISTEN_FDS: '-1' },
    { LISTEN_PID: String(process.pid), LISTEN_FDS: '1.5' },
    { LISTEN_PID: String(process.pid), LISTEN_FDS: '99999999999' },
  ])('%j is EINVAL', async (variables) => {
    environment(variables as Record<string, string>);
    const error = await failure(() => listenFds({ unsetEnvironment: true }));
    expect(error).toMatchObject({
      name: 'OSError',
      code: 'EINVAL',
      message: /^listenFds\(\): LISTEN_/ as never,
    });
    expect(process.env.LISTEN_PID).toBeUndefined();
  });
});
