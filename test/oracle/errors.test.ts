/** The class and the text of each errno, and of each EAI code. */
import { spawnSync } from 'node:child_process';
import * as library from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { noPython, python } from './python.ts';

const PROGRAM = `
import errno, json, os, socket
print(json.dumps({
    'errnos': {n: [type(OSError(n, '')).__name__, os.strerror(n)] for n in errno.errorcode},
    'names': {name: getattr(errno, name) for name in dir(errno) if name.startswith('E')},
    'bases': {c.__name__: [b.__name__ for b in c.__mro__ if issubclass(b, OSError)]
              for c in [OSError, BlockingIOError, ChildProcessError, ConnectionError, BrokenPipeError,
                        ConnectionAbortedError, ConnectionRefusedError, ConnectionResetError, FileExistsError,
                        FileNotFoundError, InterruptedError, IsADirectoryError, NotADirectoryError, PermissionError,
                        ProcessLookupError, TimeoutError, socket.gaierror]},
    'same': [socket.error is OSError, socket.timeout is TimeoutError],
}))`;

interface Answer {
  errnos: Record<string, [name: string, text: string]>;
  names: Record<string, number>;
  bases: Record<string, string[]>;
  same: boolean[];
}

function ask(): Answer {
  const { stdout, stderr, status } = spawnSync(python!, ['-c', PROGRAM], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.skipIf(noPython)(noPython ? `errors: ${noPython}` : 'errors', async () => {
  const { errnos, names, bases, same } = noPython
    ? ({ errnos: {}, names: {}, bases: {}, same: [] } as Answer)
    : ask();
  // Not an entry point: nobody but the library makes errors out of numbers.
  const { osError } = (await import(new URL('../../dist/errors.js', import.meta.url).href)) as {
    osError(errno: number, syscall: string): library.OSError;
  };
  const exported = library as unknown as Record<string, unknown>;

  test.each(Object.entries(errnos))('errno %s is %s', (errno, [name, text]) => {
    const error = osError(Number(errno), 'recv');
    expect(error).toBeInstanceOf(exported[name]);
    expect(error).toMatchObject({ name, errno: Number(errno), strerror: text, syscall: 'recv' });
    expect(error.message).toBe(`[Errno ${errno}] ${text} (recv)`);
  });

  test('every name of an errno is a constant of the same number', () => {
    for (const [name, number] of Object.entries(names)) {
      // EWOULDBLOCK and the like are second names.
      if (name in exported) expect([name, exported[name]]).toEqual([name, number]);
      expect(osError(number, 'recv').code).toMatch(/^E/);
    }
  });

  test.each(Object.entries(bases))('%s is derived from %j', (name, ancestors) => {
    const chain = [];
    for (
      let type = exported[name] as { name: string };
      type.name !== 'Error';
      type = Object.getPrototypeOf(type)
    ) {
      chain.push(type.name);
    }
    expect(chain).toEqual(ancestors);
  });

  test('error and timeout are second names', () => {
    expect([library.error === library.OSError, library.timeout === library.TimeoutError]).toEqual(same);
  });
});
