/** The classes of errors: which errno makes which, what they know, and how their texts read. */
import { inspect } from 'node:util';
import * as library from 'bsd-socket';
import { AF_INET, OSError, Socket, TimeoutError } from 'bsd-socket';
import { describe, expect, test } from 'vitest';
import { lookupError, osError, timedOut } from '../dist/errors.js';
import { askPython, noPython } from './peers.ts';
import { failure } from './support.ts';

type ErrorClass = typeof OSError;
const { error, timeout, gaierror, ConnectionError } = library;

const parents: [ErrorClass, new (...args: never[]) => Error][] = [
  [OSError, Error],
  [library.BlockingIOError, OSError],
  [library.ChildProcessError, OSError],
  [ConnectionError, OSError],
  [library.BrokenPipeError, ConnectionError],
  [library.ConnectionAbortedError, ConnectionError],
  [library.ConnectionRefusedError, ConnectionError],
  [library.ConnectionResetError, ConnectionError],
  [library.FileExistsError, OSError],
  [library.FileNotFoundError, OSError],
  [library.InterruptedError, OSError],
  [library.IsADirectoryError, OSError],
  [library.NotADirectoryError, OSError],
  [library.PermissionError, OSError],
  [library.ProcessLookupError, OSError],
  [TimeoutError, OSError],
  [gaierror, OSError],
  [library.herror, OSError],
];

describe('the classes', () => {
  test.each(parents)('%o', (type, parent) => {
    expect(Object.getPrototypeOf(type)).toBe(parent);
    const instance = new type('text');
    expect(instance.name).toBe(type.name);
    expect(String(instance)).toBe(`${type.name}: text`);
    expect(instance.stack).toMatch(new RegExp(`^${type.name}: text\n`));
    // As errors of the language have it: not a property of each.
    expect(Object.keys(instance)).not.toContain('name');
    expect(inspect(instance)).toContain(`${type.name}: text`);
  });

  test('the names of old', () => {
    expect([error, timeout]).toEqual([OSError, TimeoutError]);
  });
});

const byErrno: Record<string, ErrorClass> = {
  EAGAIN: library.BlockingIOError,
  EALREADY: library.BlockingIOError,
  EINPROGRESS: library.BlockingIOError,
  ECHILD: library.ChildProcessError,
  EPIPE: library.BrokenPipeError,
  ESHUTDOWN: library.BrokenPipeError,
  ECONNABORTED: library.ConnectionAbortedError,
  ECONNREFUSED: library.ConnectionRefusedError,
  ECONNRESET: library.ConnectionResetError,
  EEXIST: library.FileExistsError,
  ENOENT: library.FileNotFoundError,
  EINTR: library.InterruptedError,
  EISDIR: library.IsADirectoryError,
  ENOTDIR: library.NotADirectoryError,
  EACCES: library.PermissionError,
  EPERM: library.PermissionError,
  ESRCH: library.ProcessLookupError,
  ETIMEDOUT: TimeoutError,
  EADDRINUSE: OSError,
  EBADF: OSError,
  ECANCELED: OSError,
  EDEADLK: OSError,
  EINVAL: OSError,
  EMSGSIZE: OSError,
  ENOTCONN: OSError,
  EOPNOTSUPP: OSError,
};

describe('from an errno', () => {
  test.each(Object.entries(byErrno))('%s', (code, type) => {
    const errno = (library as unknown as Record<string, number>)[code]!;
    const made = osError(errno, 'recv');
    expect(made.constructor).toBe(type);
    expect(made).toMatchObject({ errno, code, syscall: 'recv' });
    expect(made.message).toBe(`[Errno ${errno}] ${made.strerror} (recv)`);
  });

  test('aliases have the better known name', () => {
    expect(osError(library.EWOULDBLOCK, 'recv').code).toBe('EAGAIN');
    expect(osError(library.ENOTSUP, 'listen').code).toBe('EOPNOTSUPP');
    expect(osError(library.EDEADLOCK, 'x').code).toBe('EDEADLK');
  });

  test('a number that no system call returns', () => {
    expect(osError(9999, 'x')).toMatchObject({ constructor: OSError, errno: 9999, code: undefined });
  });

  test.skipIf(noPython)(`Python makes the same of every number${noPython}`, () => {
    const program = `
import errno, json, os
print(json.dumps({n: [type(OSError(n, '')).__name__, os.strerror(n)] for n in errno.errorcode}))`;
    const expected = askPython(program) as Record<string, [string, string]>;
    expect(Object.keys(expected).length).toBeGreaterThan(100);
    const ours = Object.keys(expected).map((errno) => {
      const { name, strerror } = osError(Number(errno), 'x');
      return [errno, [name, strerror]];
    });
    expect(Object.fromEntries(ours)).toEqual(expected);
  });
});

describe('what an error knows', () => {
  test.each([
    [['127.0.0.1', 80], { address: '127.0.0.1', port: 80 }, 'connect 127.0.0.1:80'],
    [['::1', 80, 0, 0], { address: '::1', port: 80 }, 'connect ::1:80'],
    ['/tmp/x', { address: '/tmp/x' }, 'connect /tmp/x'],
    [Buffer.from('\0abstract\0x'), { address: '@abstract@x' }, 'connect @abstract@x'],
    [undefined, {}, 'connect'],
    [null, {}, 'connect'],
  ])('of the address %j', (address, details, where) => {
    const made = osError(library.ECONNREFUSED, 'connect', address);
    expect(made).toMatchObject(details);
    for (const key of ['address', 'port']) expect(key in made).toBe(key in details);
    expect(made.message).toBe(`[Errno 111] Connection refused (${where})`);
  });

  test('a timeout of the socket has no errno, as in Python; one of the kernel has', () => {
    expect(timedOut('recv')).toMatchObject({
      constructor: TimeoutError,
      errno: undefined,
      code: 'ETIMEDOUT',
      message: 'timed out',
      strerror: 'timed out',
      syscall: 'recv',
    });
    expect(osError(library.ETIMEDOUT, 'connect')).toMatchObject({ constructor: TimeoutError, errno: 110 });
  });

  test('a failed look-up has the EAI code as its errno', () => {
    expect(lookupError(library.EAI_NONAME, 0, 'getaddrinfo', 'name')).toMatchObject({
      constructor: gaierror,
      errno: library.EAI_NONAME,
      code: 'EAI_NONAME',
      address: 'name',
      message: '[Errno -2] Name or service not known (getaddrinfo name)',
    });
    expect('address' in lookupError(library.EAI_NONAME, 0, 'getaddrinfo', null)).toBe(false);
    // Its own reason for failing is an errno.
    expect(lookupError(library.EAI_SYSTEM, library.EMFILE, 'getaddrinfo', 'name')).toMatchObject({
      constructor: OSError,
      code: 'EMFILE',
    });
  });

  test('programs can make them', () => {
    const cause = new Error('why');
    const made = new library.ConnectionResetError('gone', {
      errno: 104,
      code: 'ECONNRESET',
      syscall: 'recv',
      cause,
    });
    expect(made).toMatchObject({ errno: 104, code: 'ECONNRESET', syscall: 'recv', strerror: 'gone', cause });
    expect(made.message).toBe('[Errno 104] gone (recv)');
    expect('cause' in new OSError('text')).toBe(false);
    expect(new OSError('text')).toMatchObject({
      message: 'text',
      strerror: 'text',
      errno: undefined,
      code: undefined,
    });
  });

  test('the stack leads to the call', async () => {
    const sock = new Socket();
    sock.close();
    const sync = await failure(() => sock.recv(1));
    expect(sync.stack).toContain('errors.test.ts');
  });
});

describe('wrong arguments', () => {
  class Thing {}
  test.each([
    ['text', "'text'"],
    ['x'.repeat(50), `'${'x'.repeat(40)}'...`],
    [null, 'null'],
    [true, 'true'],
    [5n, '5n'],
    [Symbol('s'), 'a symbol'],
    [() => {}, 'a function'],
    [{}, 'an instance of Object'],
    [[], 'an array of length 0'],
    [['127.0.0.1'], 'an array of length 1'],
    [new Thing(), 'an instance of Thing'],
    [Buffer.alloc(1), 'an instance of Buffer'],
    [Object.create(null), 'an object'],
  ])('the text says what came: case %#', async (value, shown) => {
    using sock = new Socket(AF_INET);
    const wrong = await failure(() => sock.listen(value as number));
    expect(wrong).toMatchObject({
      constructor: TypeError,
      code: 'ERR_INVALID_ARG_TYPE',
      message: `listen(): backlog must be an integer, not ${shown}`,
    });
  });

  test('a number outside its limits is a RangeError', async () => {
    using sock = new Socket(AF_INET);
    expect(await failure(() => sock.shutdown(2 ** 31))).toMatchObject({
      constructor: RangeError,
      code: 'ERR_OUT_OF_RANGE',
      message: 'shutdown(): how must be an integer from -2147483648 to 2147483647, not 2147483648',
    });
  });
});
