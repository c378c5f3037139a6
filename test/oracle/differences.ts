/**
 * Where we differ from CPython on purpose. Each entry is a row of docs/python-differences.md, word by word, and says
 * how the two outcomes of a case look that names it. An entry without `matches` is no matter of one call's outcome:
 * its own test is named instead.
 */
import type { Failure, Outcome } from './oracle.ts';

export interface Difference {
  readonly python: string;
  readonly ours: string;
  readonly why: string;
  readonly matches?: (python: Outcome, ours: Outcome) => boolean;
  /** The test that shows it, where no case of an oracle's table does. */
  readonly test?: string;
}

const failed = (outcome: Outcome, ...errors: string[]): outcome is Failure =>
  'error' in outcome && errors.includes(outcome.error);

const succeeded = (outcome: Outcome): outcome is { value: unknown } => 'value' in outcome;

export const differences = {
  lists: {
    python: 'an address is a tuple; a list is a `TypeError`',
    ours: 'an array is both',
    why: 'JavaScript has no tuples',
    matches: (python, ours) => failed(python, 'TypeError') && succeeded(ours),
  },
  'whole floats': {
    python: '`80.0` is no integer: `TypeError`',
    ours: '`80.0` is the number 80',
    why: 'JavaScript has one type of number',
    matches: (python, ours) => failed(python, 'TypeError') && succeeded(ours),
  },
  fractions: {
    python: 'a fraction or NaN where an integer is wanted is a `TypeError`',
    ours: 'a `RangeError`',
    why: 'it is a number, and numbers that do not fit are a RangeError everywhere in Node',
    matches: (python, ours) => failed(python, 'TypeError') && failed(ours, 'RangeError'),
  },
  booleans: {
    python: '`True` and `False` are the integers 1 and 0',
    ours: 'a boolean where a number is wanted is a `TypeError`; as the value of an option it counts as 1 or 0',
    why: 'a boolean is no number in JavaScript',
    matches: (python, ours) => succeeded(python) && failed(ours, 'TypeError'),
  },
  IDNA: {
    python:
      'a host name that cannot be encoded by IDNA is a `TypeError` or a `UnicodeError`, by the function',
    ours: '`gaierror` EAI_NONAME, as for every other name that cannot exist',
    why: 'names are encoded by UTS 46, as Node does it everywhere, which knows no limit of length',
    matches: (python, ours) =>
      failed(python, 'TypeError', 'UnicodeError', 'UnicodeEncodeError') && failed(ours, 'gaierror'),
  },
  wrapping: {
    python: 'IPv6: a scope id outside 32 bits wraps, a flow info of 2 ** 32 too',
    ours: 'a `RangeError`',
    why: 'it would be another address than the one asked for',
    matches: (python, ours) => !failed(python, 'OverflowError') && failed(ours, 'RangeError'),
  },
  MSG_TRUNC: {
    python:
      '`recv(3, MSG_TRUNC)` of a longer datagram returns its length in bytes, of which the last were never written',
    ours: 'the three bytes; `recvInto` tells the length in both',
    why: 'memory that was not received must not be seen',
    test: 'test/oracle/receive.test.ts',
  },
  scopes: {
    python: 'a scope by name, `::1%lo`, is a `gaierror` where the address is not link-local',
    ours: 'every scope that exists is taken',
    why: 'numeric addresses never reach the resolver, whose rule this is',
    matches: (python, ours) => failed(python, 'gaierror') && !failed(ours, 'gaierror'),
  },
  NUL: {
    python:
      'a NUL inside a host, a path or an address ends it silently or is a `ValueError`, by the function',
    ours: 'a `TypeError`',
    why: 'it would be another name than the one asked for; leading NULs make an abstract name in both',
    matches: (python, ours) => !failed(python, 'TypeError') && failed(ours, 'TypeError'),
  },
  ports: {
    python: '`getaddrinfo` and `getnameinfo` let a port of 65536 or more wrap, and -1 is EAI_SERVICE',
    ours: 'a `RangeError`, as for addresses',
    why: 'it would be another port than the one asked for',
    matches: (python, ours) => !failed(python, 'OverflowError') && failed(ours, 'RangeError'),
  },
  'kinds of ports': {
    python:
      "`getaddrinfo` with a port that is neither a number nor text: `OSError('Int or String expected')`",
    ours: 'a `TypeError`; a fraction is a `RangeError`, and 80.0 is 80',
    why: 'no system call has failed',
    matches: (python, ours) => failed(python, 'OSError') && python.errno === null && !failed(ours, 'OSError'),
  },
  'IPv4 of four': {
    python: "`getnameinfo` with an IPv4 address of four fields: `OSError('IPv4 sockaddr must be 2 tuple')`",
    ours: 'a `TypeError`, as for addresses',
    why: 'no system call has failed',
    matches: (python, ours) =>
      failed(python, 'OSError') && python.errno === null && failed(ours, 'TypeError'),
  },
  'hosts as bytes': {
    python: '`getnameinfo` takes the host as text only',
    ours: 'as text or bytes, as everywhere',
    why: 'one rule for hosts',
    matches: (python, ours) => failed(python, 'TypeError') && succeeded(ours),
  },
  'missing arguments': {
    python: 'a missing argument is a `TypeError`, also where None would do',
    ours: 'it is null where null would do',
    why: 'a missing argument is undefined in JavaScript, which counts as null everywhere here',
    matches: (python, ours) => failed(python, 'TypeError') && succeeded(ours),
  },
  'tiny timeouts': {
    python: 'a timeout is a number of nanoseconds, rounded up',
    ours: 'a timeout is the number that was given',
    why: 'nothing is gained by changing it; waits are rounded up in both',
    matches: (python, ours) => succeeded(python) && succeeded(ours),
  },
  'negative numbers': {
    python: 'a negative protocol, family or length reaches the system: `OSError` EINVAL and so on',
    ours: 'a `RangeError`; -1 says "not given" where it does so in Python',
    why: 'no negative number can mean anything there',
    matches: (python, ours) => failed(python, 'OSError') && failed(ours, 'RangeError'),
  },
  'failed settimeout': {
    python: '`settimeout` on a closed socket fails, and sets the timeout all the same',
    ours: 'it fails and leaves the timeout alone',
    why: 'a call that fails should change nothing',
    matches: (python, ours) => succeeded(python) && succeeded(ours) && ours.value === null,
  },
  buflen: {
    python: 'the `buflen` of `getsockopt` is at most 1024: `OSError` without an errno; so is a negative one',
    ours: 'it is as long as it has to be; a negative one is a `RangeError`',
    why: 'options grow: there are some above 1024 bytes',
    matches: (python, ours) => failed(python, 'OSError') && python.errno === null && !failed(ours, 'OSError'),
  },
  'unsigned options': {
    python: 'an option of 2 ** 31 to 2 ** 32 - 1 is a `TypeError` about bytes',
    ours: 'it is set: the kernel sees the same 32 bits',
    why: 'there are unsigned options, SO_MARK and others',
    matches: (python, ours) => failed(python, 'TypeError') && succeeded(ours),
  },
  'huge options': {
    python: 'an option outside 32 bits is a `TypeError` about bytes',
    ours: 'a `RangeError`',
    why: 'it is the number that is wrong',
    matches: (python, ours) => failed(python, 'TypeError', 'OverflowError') && failed(ours, 'RangeError'),
  },
  'text as bytes': {
    python: 'bytes must be bytes; `str` is a `TypeError`',
    ours: 'a string is its bytes in UTF-8',
    why: 'as everywhere in Node',
    matches: (python, ours) => failed(python, 'TypeError') && succeeded(ours),
  },
  'backlog timeouts': {
    python: 'with a timeout, `connect` of a Unix socket to a full backlog fails at once with EAGAIN',
    ours: 'it waits for room until the timeout passes: `TimeoutError`; `connectEx` returns EAGAIN in both',
    why: 'a timeout says how long to wait, and the kernel’s blocking call waits for room',
    matches: (python, ours) => failed(python, 'BlockingIOError') && failed(ours, 'TimeoutError'),
  },
  'server texts': {
    python: '`(while attempting to bind on address (...))` of `create_server` shows the address as a tuple',
    ours: 'as an array',
    why: 'that is what it is here',
    matches: (python, ours) =>
      failed(python, 'OSError') &&
      failed(ours, 'OSError') &&
      python.errno === ours.errno &&
      python.text.split('(while')[0] === ours.text.split('(while')[0],
  },
  'server look-ups': {
    python:
      '`create_server` turns the `gaierror` of an unknown host into an `OSError` with the EAI code as its errno',
    ours: 'it stays a `gaierror`',
    why: 'an EAI code is no errno',
    matches: (python, ours) =>
      failed(python, 'OSError') && failed(ours, 'gaierror') && python.errno === ours.errno,
  },
  unpacking: {
    python: '`create_connection` takes a tuple of exactly two, everything else is a `ValueError`',
    ours: 'an array of two or more, so that the four of IPv6 do; everything else is a `TypeError`',
    why: 'what `getsockname` returns can be connected to',
    matches: (python, ours) => failed(python, 'ValueError') && !failed(ours, 'RangeError'),
  },
  'flags of recv_fds': {
    python: '`recv_fds` ignores its `flags`',
    ours: 'they count',
    why: 'they were given',
    matches: (python, ours) => succeeded(python) || succeeded(ours),
  },
  'flags of send_fds': {
    python: '`send_fds` ignores its `flags` and its `address`',
    ours: 'they count',
    why: 'they were given',
    matches: (python, ours) => failed(python, 'OSError') && succeeded(ours),
  },
  'credentials of recv_fds': {
    python: '`recv_fds` on a socket with SO_PASSCRED loses descriptors for want of room',
    ours: 'there is room for both',
    why: 'credentials come before the descriptors, unasked',
    matches: (python, ours) => succeeded(python) && succeeded(ours),
  },
  'inherited descriptors': {
    python:
      'descriptors that `recvmsg` and `recv_fds` receive are inheritable, unless MSG_CMSG_CLOEXEC is given',
    ours: 'they are close-on-exec',
    why: 'a child process that another thread starts at that moment would get them',
    test: 'test/passing.test.ts',
  },
} satisfies Record<string, Difference>;
