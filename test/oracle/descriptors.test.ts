/** Descriptors that one program makes and another one adopts: Python's ours, and ours Python's. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  socketpair,
} from 'bsd-socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { noPython, python } from './python.ts';

const program = fileURLToPath(new URL('descriptors.py', import.meta.url));
const fixture = fileURLToPath(new URL('../fixtures/adopt.mjs', import.meta.url));

function runPython(
  args: string[],
  stdio: (number | 'pipe' | 'ignore')[] = ['ignore', 'pipe', 'pipe'],
): unknown[] {
  const { status, stdout, stderr } = spawnSync(python!, [program, ...args], {
    encoding: 'utf8',
    stdio,
    timeout: 15_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const keep = <F extends number>(socket: Socket<F>): Socket<F> => {
  onTestFinished(() => socket.close());
  return socket;
};

/** A connected pair of sockets. */
function pair() {
  const [here, there] = socketpair();
  return [keep(here), keep(there)] as const;
}

describe.skipIf(noPython)(noPython ? `descriptors: ${noPython}` : 'descriptors', () => {
  test('of Python are to us what they are to Python', () => {
    const [theirs, ours, greeting] = runPython(['make', process.execPath, fixture]);
    expect(ours).toEqual(theirs);
    expect(greeting).toBe('from Python, and from Node');
  });

  test('of ours are to Python what they are to us', () => {
    const kinds: [number, number][] = [
      [AF_INET, SOCK_STREAM],
      [AF_INET, SOCK_DGRAM],
      [AF_INET, SOCK_STREAM | SOCK_NONBLOCK],
      [AF_INET6, SOCK_DGRAM],
      [AF_UNIX, SOCK_STREAM],
      [AF_UNIX, SOCK_SEQPACKET],
    ];
    const sockets = kinds.map(([family, type]) => keep(new Socket<number>(family, type)));
    sockets[1]!.bind(['127.0.0.1', 0] as never);
    sockets[4]!.bind('' as never);
    sockets[5]!.settimeout(3);
    const fds = sockets.map((socket) => socket.fileno());
    // A child process gets them as its descriptors 3, 4 and so on, be they inheritable or not.
    const numbers = JSON.stringify(fds.map((_, index) => index + 3));
    const seen = runPython(['adopt', numbers], ['ignore', 'pipe', 'pipe', ...fds]);
    const described = fds.map((fd, index) => {
      const { family, type, proto } = new Socket(null, null, null, fd);
      const name = sockets[index]!.getsockname();
      return {
        family,
        type,
        proto,
        timeout: null,
        name: Buffer.isBuffer(name) ? { bytes: name.toString('hex') } : name,
      };
    });
    expect(seen).toEqual(described);
  });

  test('that are inheritable reach a child under their own number, the others do not', () => {
    const [here, there] = pair();
    there.setInheritable(true);
    here.sendall('ping');
    runPython(['adopt', JSON.stringify([there.fileno()])]);
    expect(String(here.recv(100))).toBe('ping');
    there.setInheritable(false);
    const { status, stderr } = spawnSync(python!, [program, 'adopt', JSON.stringify([there.fileno()])], {
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/OSError: \[Errno (9|88)\]/);
  });

  test('of blocking sockets are standard input and output of a child', () => {
    const [here, there] = pair();
    const cat = 'import sys; sys.stdout.write(sys.stdin.readline().upper())';
    here.sendall('hello\n');
    const { status } = spawnSync(python!, ['-c', cat], {
      stdio: [there.fileno(), there.fileno(), 'inherit'],
    });
    expect(status).toBe(0);
    expect(String(here.recv(100))).toBe('HELLO\n');
  });
});
