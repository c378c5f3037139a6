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

/** It worked, or the system refused it. */
const accepted = (outcome: Outcome) => !('error' in outcome) || (outcome.errno !== null && outcome.errno > 0);

const succeeded = (outcome: Outcome): outcome is { value: unknown } => 'value' in outcome;

export const differences = {
  lists: {
    python: 'an address is a tuple; a list is a `TypeError`',
    ours: 'an array is both',
    why: 'JavaScript has no tuples',
    matches: (python, ours) => failed(python, 'TypeError') && accepted(ours),
  },
  'whole floats': {
    python: '`80.0` is no integer: `TypeError`',
    ours: '`80.0` is the number 80',
    why: 'JavaScript has one type of number',
    matches: (python, ours) => failed(python, 'TypeError') && accepted(ours),
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
    why: 'names are encoded by UTS 46, as Node does it everywhere, which knows no limit of length; a name that it refuses is one that does not exist',
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
  'numbers of addresses': {
    python:
      'a number that does not fit its field of an address wraps or is cut, but for ports and the protocol of AF_PACKET',
    ours: 'a `RangeError`',
    why: 'it would be another address than the one asked for',
    matches: (python, ours) => !failed(python, 'OverflowError') && failed(ours, 'RangeError'),
  },
  'bytes in addresses': {
    python: 'the interface of AF_PACKET and the two names of AF_ALG are text only',
    ours: 'text or bytes, as everywhere',
    why: 'one rule for names',
    matches: (python, ours) => failed(python, 'TypeError') && !failed(ours, 'TypeError'),
  },
  'unknown families': {
    python: "a socket of a family without a form of its own has no addresses: `OSError('bad family')`",
    ours: '`[family, bytes]` goes in, and comes out of every call',
    why: 'the system calls can do it',
    matches: (python, ours) =>
      failed(python, 'OSError') && python.errno === null && !(failed(ours, 'OSError') && ours.errno === null),
  },
  'options of AF_VSOCK': {
    python: 'an AF_VSOCK socket’s options are integers of 64 bits at every level, and bytes are refused',
    ours: 'integers have 64 bits at the level AF_VSOCK, and bytes are taken',
    why: 'SOL_SOCKET has its options on every socket',
    matches: (python, ours) => failed(python, 'OSError') && succeeded(ours),
  },
  'forms of Bluetooth': {
    python: "a Bluetooth address of the wrong form is `OSError('wrong format')`",
    ours: 'a `TypeError` that shows the form',
    why: 'no system call has failed',
    test: 'test/address-families.test.ts',
  },
  'unknown forms': {
    python:
      'an address that the kernel gives with an unknown TIPC type or Bluetooth protocol is a `ValueError`',
    ours: '`[family, bytes]`',
    why: 'the datagram that came from there would be lost',
    test: 'test/address-families.test.ts',
  },
  'scopes of TIPC': {
    python: 'a negative scope of an AF_TIPC address comes back without its sign',
    ours: 'it comes back as it is',
    why: 'the kernel has a sign there',
    test: 'test/address-families.test.ts',
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
  'shared sockets': {
    python: '`share` and `fromshare` exist on Windows only, for other processes',
    ours: 'they exist, for other threads of the process, with a token for one claim',
    why: 'an object belongs to one thread here; other processes get descriptors in messages',
    test: 'test/sharing.test.ts',
  },
  'audit hooks': {
    python: 'an audit hook that raises forbids the call',
    ours: 'the call goes on, and what a subscriber throws is an uncaught exception',
    why: 'channels tell, and do not ask',
    test: 'test/diagnostics.test.ts',
  },
  'audit of new sockets': {
    python: 'the audit event `socket.__new__` comes before there is a socket, with the type’s SOCK_NONBLOCK',
    ours: '`bsd-socket:new` comes when the socket is there, without',
    why: 'the socket of the message can be used',
    test: 'test/diagnostics.test.ts',
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
  'low water': {
    python: 'SO_RCVLOWAT counts for whoever has the socket, through whichever descriptor it was set',
    ours: 'it counts for the socket object that has set it, its later duplicates and its connections',
    why: 'to ask for it before each receive would cost a good part of one',
    matches: (python, ours) => failed(python, 'TimeoutError') && succeeded(ours),
  },
  'inherited descriptors': {
    python:
      'descriptors that `recvmsg` and `recv_fds` receive are inheritable, unless MSG_CMSG_CLOEXEC is given',
    ours: 'they are close-on-exec',
    why: 'a child process that another thread starts at that moment would get them',
    test: 'test/passing.test.ts',
  },
  unsupported: {
    python: 'the text of a file object’s `UnsupportedOperation` is another for each of its classes',
    ours: '`not readable`, `not writable` and `not seekable`',
    why: 'one text for one mistake',
    matches: (python, ours) => failed(python, 'UnsupportedOperation') && failed(ours, 'UnsupportedOperation'),
  },
  'both directions': {
    python: 'a binary file object for both directions has no `mode`, `name` and `fileno()`',
    ours: 'it has them',
    why: 'there is one socket behind both',
    matches: (python, ours) => failed(python, 'AttributeError', 'UnsupportedOperation') && succeeded(ours),
  },
  'no text': {
    python: '`read()` of a text file object on a non-blocking socket that has nothing is a `TypeError`',
    ours: '`BlockingIOError`',
    why: 'Python’s is a slip, which 3.14 mends in the same way',
    matches: (python, ours) =>
      failed(python, 'TypeError', 'BlockingIOError') && failed(ours, 'BlockingIOError'),
  },
  'no line': {
    python:
      '`readline` of an unbuffered file object on a non-blocking socket that has nothing: `OSError` about a wrong type',
    ours: '`BlockingIOError`',
    why: 'that is what has happened',
    matches: (python, ours) =>
      failed(python, 'OSError', 'BlockingIOError') && failed(ours, 'BlockingIOError'),
  },
  'line buffering': {
    python: '`makefile` with a `buffering` of 1 makes a buffer of one byte',
    ours: 'a buffer of the usual size, which is sent after each line',
    why: 'that is what Python’s documentation says of 1',
    matches: (python, ours) => succeeded(python) && (succeeded(ours) || failed(ours, 'BlockingIOError')),
  },
  'aborted reads': {
    python: 'a read of a file object that fails loses what it has received so far',
    ours: 'nothing is lost but after a timeout, which ends reading in both',
    why: 'a call can be aborted here',
    test: 'test/wire.test.ts',
  },
  'sendfile of anything': {
    python: '`sendfile` sends nothing of a pipe, a device or a file of /proc, whose size the system calls 0',
    ours: 'it sends what is there',
    why: 'that is what was asked for',
    test: 'test/sending-files.test.ts',
  },
  'sendfile positions': {
    python: '`sendfile` takes a file object, and an `offset` of None is a `TypeError`',
    ours: 'it takes a path, a descriptor or a `FileHandle`, and null begins at the position that the file has; either is moved as in Python',
    why: 'these are the files of Node',
    test: 'test/sending-files.test.ts',
  },
  'sendfile types': {
    python:
      '`sendfile` on SOCK_SEQPACKET and SOCK_RAW, which have a bit in common with SOCK_STREAM, is tried',
    ours: 'a `RangeError`, as for every type that is no stream',
    why: 'records would end where the kernel’s pages do',
    test: 'test/sending-files.test.ts',
  },
  FD_SETSIZE: {
    python: '`select` takes descriptors below 1024: others are a `ValueError`',
    ours: 'it takes every descriptor',
    why: 'it is made of poll(2)',
    matches: (python, ours) => failed(python, 'ValueError') && !failed(ours, 'RangeError'),
  },
  'numbers of no descriptor': {
    python: '`select` returns a number beyond the process’s table of descriptors as ready',
    ours: '`OSError` EBADF, as for every number that is not open',
    why: 'Linux leaves the bits of such a number in select(2) as they were',
    matches: (python, ours) => succeeded(python) && failed(ours, 'OSError'),
  },
  'selectable kinds': {
    python: 'to a selector an object without a descriptor is a `ValueError`',
    ours: 'a `TypeError`, as it is to `select`, poll and epoll objects in both',
    why: 'it is of the wrong kind',
    matches: (python, ours) => failed(python, 'ValueError') && failed(ours, 'TypeError'),
  },
  'lookups of files': {
    python: 'to look an object without a descriptor up in a selector’s map is a `ValueError`',
    ours: 'it is not there, as anything else that is not registered',
    why: 'a Map knows what it has, and throws for nothing',
    matches: (python, ours) =>
      failed(python, 'ValueError') && !('error' in ours && ours.error !== 'RangeError'),
  },
  'unknown events': {
    python:
      '`modify` of PollSelector and EpollSelector takes events that they do not know, that of SelectSelector unregisters',
    ours: 'a `RangeError`, and nothing changes',
    why: 'as `register` does, and a call that fails should change nothing',
    matches: (python, ours) =>
      (succeeded(python) && (failed(ours, 'RangeError') || succeeded(ours))) || failed(python, 'KeyError'),
  },
  'closed selectors': {
    python:
      'a closed PollSelector or SelectSelector can be used on, a closed EpollSelector is a `ValueError` about its epoll object',
    ours: '`Error` `Selector is closed`, as from `get_key`',
    why: 'closed is closed, whatever is behind it',
    matches: (python, ours) => (succeeded(python) || failed(python, 'ValueError')) && failed(ours, 'Error'),
  },
  'epoll of nothing': {
    python: '`epoll.fromfd(-1)` is a closed epoll object',
    ours: 'a `RangeError`',
    why: 'a negative number is no descriptor anywhere else',
    test: 'test/epoll.test.ts',
  },
  'event masks': {
    python: 'an event mask of an epoll object is cut to 32 bits',
    ours: 'a number of more is a `RangeError`; it may be negative, as `EPOLLIN | EPOLLET` is in JavaScript',
    why: 'it would be another mask than the one given',
    matches: (python, ours) => succeeded(python) && failed(ours, 'RangeError'),
  },
  'interrupted selectors': {
    python:
      '`select` of a selector has code that returns an empty list when a signal interrupts it; PEP 475 has made it unreachable',
    ours: '`InterruptedError`, as from every call that waits',
    why: 'a loop would go on waiting before the listener could run',
    test: 'test/robust/signals.test.ts',
  },
  'closing what is waited for': {
    python: 'nobody is told when a descriptor is closed for which another thread waits in `select` or `poll`',
    ours: 'a pending `selectAsync` rejects with EBADF, a pending `pollAsync` tells POLLNVAL, and those of a closed epoll object or selector reject with ECANCELED',
    why: 'nothing waits for ever on a descriptor that is gone; where somebody else closes it, it cannot be told',
    test: 'test/select.test.ts',
  },
  'closed servers': {
    python: '`serve_forever` raises `CancelledError` when the server is closed from elsewhere',
    ours: 'it resolves, once the connections are over',
    why: 'nobody has cancelled it',
    test: 'test/stream-server.test.ts',
  },
  'forgotten streams': {
    python: 'a connection is closed as a forgotten one when its `StreamWriter` is garbage',
    ours: 'when its reader is garbage, too, and no read is pending',
    why: 'JavaScript’s collector takes what is not used any more, also in a function that goes on',
    test: 'test/streams.test.ts',
  },
  'unfinished reads': {
    python: 'what a `read(-1)` has read is lost when it is cancelled, or when the connection is',
    ours: 'it stays for the next read',
    why: 'a call that is aborted should lose nothing',
    test: 'test/stream-reader.test.ts',
  },
  'stolen bytes': {
    python: 'a `readuntil` that waits may miss a separator when another read has taken bytes away meanwhile',
    ours: 'it finds it',
    why: 'it is there',
    test: 'test/stream-reader.test.ts',
  },
  'plain callbacks': {
    python: 'the callback of a server that is no coroutine and raises leaves its connection open',
    ours: 'the connection is closed, as where a coroutine raises',
    why: 'nobody else would close it',
    test: 'test/stream-server.test.ts',
  },
  'accept errors': {
    python:
      'an accept that fails for want of a descriptor is told up to 100 times at once; one that fails for another reason is tried again without a pause',
    ours: 'each is told once, and tried again after a second',
    why: 'a server without descriptors has better things to do',
    test: 'test/robust/streams.test.ts',
  },
  'lost ends': {
    python: '`write_eof` on a connection that is gone is `OSError` ENOTCONN',
    ours: 'nothing; reads, `drain` and `waitClosed` tell',
    why: 'there is nothing left to end',
    test: 'test/socket-transport.test.ts',
  },
  'lost writes': {
    python: 'the fifth write after the connection was lost, and all that follow, are logged',
    ours: 'they are dropped in silence; `drain` tells',
    why: 'a write never tells of the connection’s state otherwise',
    test: 'test/socket-transport.test.ts',
  },
  Nagle: {
    python: 'a TCP socket that was made without IPPROTO_TCP and handed to asyncio gets no TCP_NODELAY',
    ours: 'every TCP connection gets it',
    why: 'it is TCP all the same',
    test: 'test/streams.test.ts',
  },
  'sockets of streams': {
    python:
      '`sockets` of a server and the `socket` of `get_extra_info` are objects that can neither send nor receive',
    ours: 'they are the sockets',
    why: 'one class is enough; do not receive, send or close with them',
    test: 'test/streams.test.ts',
  },
  'bind errors': {
    python: `a server’s bind error shows the address as a tuple and repeats the errno: \`... ('127.0.0.1', 80): [errno 98] address already in use\``,
    ours: 'the address is an array, and the errno is `errno`',
    why: 'that is what it is here',
    test: 'test/stream-server.test.ts',
  },
  'TLS options': {
    python: '`ssl` is an `SSLContext`',
    ours: 'an object of options of `node:tls`, in which a `secureContext` can be; a client may say `true` to `startTls`, too',
    why: 'node’s TLS is what there is',
    test: 'test/tls-streams.test.ts',
  },
  'TLS errors': {
    python: 'failures of TLS are `ssl.SSLError` and its subclasses',
    ours: 'they are node’s errors with a `code`',
    why: 'that is what node’s TLS throws',
    test: 'test/tls-streams.test.ts',
  },
  'TLS facts': {
    python: '`cipher` of `get_extra_info` is a tuple, `peercert` the dictionary of `getpeercert`',
    ours: 'they are what `getCipher()` and `getPeerCertificate()` of node return; null without a certificate',
    why: 'that is what node’s TLS knows',
    test: 'test/tls-streams.test.ts',
  },
  'late data': {
    python: 'a peer that sends on after this side’s close_notify is an `SSLError` of `wait_closed`',
    ours: 'what it sends is dropped until it closes, too, or `sslShutdownTimeout` is over',
    why: 'to close first is no error',
    test: 'test/tls-streams.test.ts',
  },
  'closing TLS clients': {
    python: '`close_clients` of a server ends TLS connections without close_notify',
    ours: 'it closes them as their writers would',
    why: 'their peers could not tell that from an attack',
    test: 'test/tls-streams.test.ts',
  },
  'early data': {
    python:
      'up to gh-142352 `start_tls` leaves what has been received before to the reader, and the handshake waits for ever',
    ours: 'it is the beginning of the handshake',
    why: 'it is its first message, or else an attack',
    test: 'test/start-tls.test.ts',
  },
  'ended before TLS': {
    python: '`start_tls` after the peer’s end waits until the handshake takes too long',
    ours: '`ConnectionResetError` at once',
    why: 'there is nothing to wait for',
    test: 'test/start-tls.test.ts',
  },
  'wrong datagrams': {
    python: 'an address of the wrong kind in `sendto` of a datagram endpoint closes the endpoint',
    ours: 'a `TypeError`, and the endpoint stays',
    why: 'it is a mistake of the caller',
    test: 'test/datagram-endpoint.test.ts',
  },
  'endpoint addresses': {
    python: 'a datagram endpoint’s remote address of IPv6 must be given with all four fields in `sendto`',
    ours: 'with two or more',
    why: 'as everywhere',
    test: 'test/datagram-endpoint.test.ts',
  },
  'endpoint paths': {
    python: 'the Unix addresses of a datagram endpoint are text only',
    ours: 'text or bytes, as everywhere',
    why: 'abstract names are bytes',
    test: 'test/datagram-endpoint.test.ts',
  },
  'dead endpoints': {
    python: 'a datagram endpoint whose descriptor has been closed by others is not told',
    ours: '`connectionLost` with the error',
    why: 'nothing waits for ever on a descriptor that is gone',
    test: 'test/datagram-endpoint.test.ts',
  },
  'joined errors': {
    python: '`Multiple exceptions: ...` is all that is left of the errors',
    ours: 'its `cause` is an `AggregateError` of them',
    why: 'programs look at codes, not at texts',
    test: 'test/connect-addresses.test.ts',
  },
  'descriptors of sockets': {
    python:
      '`add_reader` of a transport’s descriptor is a `RuntimeError`, and one takes the place of a pending `sock_recv`',
    ours: 'they go together',
    why: 'each has an epoll set of its own',
    test: 'test/descriptor-callbacks.test.ts',
  },
  'class attributes': {
    python: 'the attributes of a server’s class are set in its body',
    ours: 'they are static; as fields serving throws a `TypeError`',
    why: 'the constructor binds the socket before the fields of a subclass are there',
    test: 'test/socketserver-hooks.test.ts',
  },
  'handlers that run': {
    python: 'the constructor of a handler calls `setup`, `handle` and `finish`',
    ours: 'its `run` does, which `finishRequest` calls',
    why: 'the fields of a subclass are not there before the constructor is over',
    test: 'test/socketserver-hooks.test.ts',
  },
  'shutdown of the own loop': {
    python: '`shutdown` of a server waits until the loop has ended, and on the loop’s own thread for ever',
    ours: 'it returns at once; `shutdownAsync` waits, and so does `shutdown(handle)` in another thread',
    why: 'a loop cannot end while its thread waits',
    test: 'test/socketserver.test.ts',
  },
  'shutdown of another loop': {
    python: '`shutdown` is noticed when the poll interval has passed',
    ours: 'at once',
    why: 'the loop waits for that too',
    test: 'test/socketserver.test.ts',
  },
  'asynchronous servers': {
    python: 'many clients at once take threads or processes',
    ours: '`serveForeverAsync` serves them on the event loop; `closeRequests` ends them',
    why: 'that is what the event loop is for',
    test: 'test/robust/socketserver.test.ts',
  },
  verify_request: {
    python: 'an error of `verify_request` ends `serve_forever`, and the request stays open',
    ours: 'it goes to `handleError`, and the request is closed',
    why: 'what one client has sent must not end the server',
    test: 'test/socketserver-hooks.test.ts',
  },
  handle_error: {
    python: '`handle_error` asks `sys.exc_info` for the error; when it fails, the request stays open',
    ours: 'the error is its third argument; the request is closed all the same',
    why: 'there is no current exception in JavaScript, and nothing should leak',
    test: 'test/socketserver-hooks.test.ts',
  },
  get_request: {
    python: '`get_request` waits where another process has taken the request',
    ours: 'it does not, and there is no request',
    why: 'the loop would not end any more',
    test: 'test/socketserver.test.ts',
  },
  'servers without descriptors': {
    python: 'a server without a descriptor left for the next connection tries again and again',
    ours: 'with pauses of up to 100 ms',
    why: 'it would take all of a processor',
    test: 'test/robust/socketserver.test.ts',
  },
  'exiting exceptions': {
    python:
      '`KeyboardInterrupt` and `SystemExit` in a handler end `serve_forever`, all other exceptions go to `handle_error`',
    ours: '`InterruptedError` ends `serveForever`; on the event loop it is an error as any other',
    why: 'it is how a signal ends a wait here',
    test: 'test/socketserver.test.ts',
  },
  allow_reuse_port: {
    python: '`allow_reuse_port` of a Unix server fails with EOPNOTSUPP',
    ours: 'it is nothing to a Unix server',
    why: 'Unix sockets do not know the option',
    test: 'test/socketserver-hooks.test.ts',
  },
  mixins: {
    python: '`class Server(ThreadingMixIn, TCPServer)`',
    ours: '`class Server extends ThreadingMixIn(TCPServer)`',
    why: 'JavaScript has one superclass',
    test: 'test/mixins-api.test.ts',
  },
  'handlers in other threads': {
    python: '`ThreadingTCPServer` and `ForkingTCPServer` take a handler class',
    ours: 'they take the URL of its module; as `this.server` it has a stand-in',
    why: 'a class cannot go to another thread or process',
    test: 'test/mixins-api.test.ts',
  },
  'hooks in other threads': {
    python:
      '`finish_request`, `handle_error`, `shutdown_request` and `close_request` of a subclass run in the thread or process of the request',
    ours: 'there run those of the ready-made servers; to override `finishRequest` is a `TypeError`',
    why: 'methods of a subclass cannot go there',
    test: 'test/mixins-api.test.ts',
  },
  max_threads: {
    python: '`ThreadingMixIn` starts any number of threads',
    ours: 'no more than `maxThreads`, 100 if not set; `requestQueueSize` is 1024, so that clients can wait',
    why: 'a worker takes 10 to 15 MB',
    test: 'test/socketserver-mixins.test.ts',
  },
  forking: {
    python: '`ForkingMixIn` forks: the child has all that the server has',
    ours: 'it starts a new `node`, which has the request',
    why: 'a process with threads cannot be forked',
    test: 'test/mixins-api.test.ts',
  },
  max_children: {
    python: '`serve_forever` waits for a child when there are `max_children`, and does not see `shutdown`',
    ours: 'it waits, and sees it',
    why: 'a child that hangs must not stop that',
    test: 'test/socketserver-mixins.test.ts',
  },
  active_children: {
    python: '`active_children` is None before the first child',
    ours: 'it is an empty set',
    why: 'one thing less to ask',
    test: 'test/mixins-api.test.ts',
  },
  'exiting in a thread': {
    python: '`SystemExit` in a thread of `ThreadingMixIn` is no error',
    ours: '`process.exit()` there ends the worker, and nothing else',
    why: 'there is no such exception',
    test: 'test/socketserver-mixins.test.ts',
  },
  'threads of functions': {
    python: 'the target of a thread is any function, and a subclass may override `run`',
    ours: 'it is an export of a module, by its URL; there is no `run`',
    why: 'a function cannot go to another thread with what it refers to',
    test: 'test/thread.test.ts',
  },
  'moving sockets': {
    python: 'a thread works on the objects of whoever started it',
    ours: 'sockets move, locks and their like are shared, everything else is copied',
    why: 'an object belongs to one thread here',
    test: 'test/thread.test.ts',
  },
  'sockets of threads': {
    python: 'a socket that a thread was called with is closed when nobody refers to it any more',
    ours: 'it is closed when the thread is over',
    why: 'nobody else can reach it',
    test: 'test/thread.test.ts',
  },
  beginning: {
    python: '`start()` returns when the thread has begun',
    ours: 'it returns before that, but waits while as many workers are being made as there are processors; `ident` is known all the same',
    why: 'the program need not wait for a worker',
    test: 'test/thread.test.ts',
  },
  interrupting: {
    python: 'a blocked thread cannot be interrupted',
    ours: '`interrupt()` ends its call with `InterruptedError`',
    why: 'the wait is ours',
    test: 'test/thread.test.ts',
  },
  'joining main': {
    python: 'any thread may join the main thread',
    ours: 'an `Error`',
    why: 'the main thread of Node has no end of its own',
    test: 'test/thread.test.ts',
  },
  'hooks of threads': {
    python: '`threading.excepthook` is one for all threads, and is assigned to',
    ours: 'each thread has its own, set by `setExcepthook`; that of whoever started a thread is told of what has none, later and with a copy of the error',
    why: 'an export cannot be assigned to, and threads share no variables',
    test: 'test/thread-ends.test.ts',
  },
  'exits of threads': {
    python:
      '`sys.exit()` in the main thread waits for the threads that are no daemons, and so does an uncaught exception',
    ours: '`process.exit()` and an uncaught exception end them; the end of the event loop waits',
    why: 'that is what they do in Node',
    test: 'test/robust/threads.test.ts',
  },
  'leftovers of threads': {
    python: 'a thread has no event loop',
    ours: 'it has one, and what is left on it when the function is over is ended',
    why: 'the next thread of its worker must not find it',
    test: 'test/thread-ends.test.ts',
  },
  'states of threads': {
    python: '`RuntimeError` of a thread or a lock in the wrong state',
    ours: 'an `Error` with the code ERR_INVALID_STATE',
    why: 'that is Node’s code for it',
    test: 'test/thread.test.ts',
  },
  'blocking of locks': {
    python: '`acquire` of a lock takes any integer for `blocking`, and that of a semaphore anything',
    ours: 'a boolean, and anything else is a `TypeError`',
    why: 'a timeout in its place would wait without limit',
    test: 'test/locks.test.ts',
  },
  'pieces of threading': {
    python: '`RLock`, `Condition`, `Barrier`, `Timer`, `local`, `enumerate`, `settrace` and so on',
    ours: 'are not there',
    why: 'the programs that this module is for do without them',
    test: 'test/thread.test.ts',
  },
} satisfies Record<string, Difference>;
