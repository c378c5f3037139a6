/**
 * Python's exception classes, with Node's habits. This is the only file that makes errors out of errno and EAI
 * numbers.
 */
import { nameOf } from './constant-names.ts';
import { EAGAIN, EAI_SYSTEM, NETDB_INTERNAL } from './constants.generated.ts';
import { native } from './native.ts';

/** What an {@link OSError} knows beside its text. */
export interface OSErrorDetails {
  errno?: number | undefined;
  code?: string | undefined;
  syscall?: string | undefined;
  /** The host, path or address that the call was about. */
  address?: string | undefined;
  port?: number | undefined;
  /** The socket option that the call was about: `'TCP_NODELAY'`. */
  option?: string | undefined;
  cause?: unknown;
}

/** Python's OSError, alias `error`. Subclasses are chosen by errno. */
export class OSError extends Error {
  /** Positive, as in Python and `os.constants.errno`; undefined where no system call failed. */
  readonly errno: number | undefined;
  /** The errno's name, `'ECONNREFUSED'`. */
  readonly code: string | undefined;
  /** The call that failed, as in C. */
  readonly syscall: string | undefined;
  /** The system's text for the errno. */
  readonly strerror: string;
  /** The host, path or address that the call was about. */
  declare readonly address?: string;
  declare readonly port?: number;
  /** The socket option that the call was about: `'TCP_NODELAY'`; undefined for raw numbers. */
  declare readonly option?: string;

  constructor(strerror: string, details: OSErrorDetails = {}) {
    const { errno, code, syscall, address, port, option, cause } = details;
    const about = option ?? (port === undefined ? address : `${address}:${port}`);
    const where = [syscall, about].filter(Boolean).join(' ');
    const message = errno === undefined ? strerror : `[Errno ${errno}] ${strerror}${where && ` (${where})`}`;
    super(message, cause === undefined ? undefined : { cause });
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
    this.strerror = strerror;
    if (address !== undefined) this.address = address;
    if (port !== undefined) this.port = port;
    if (option !== undefined) this.option = option;
  }
}

/** EAGAIN, EALREADY, EINPROGRESS: the call would have to wait and may not. */
export class BlockingIOError extends OSError {
  /** Of a buffered file object's write: how many bytes it has taken before it would have had to wait. */
  declare readonly charactersWritten?: number;
}
/** ECHILD. */
export class ChildProcessError extends OSError {}
/** The base of the four classes about connections. */
export class ConnectionError extends OSError {}
/** EPIPE, ESHUTDOWN. */
export class BrokenPipeError extends ConnectionError {}
/** ECONNABORTED. */
export class ConnectionAbortedError extends ConnectionError {}
/** ECONNREFUSED. */
export class ConnectionRefusedError extends ConnectionError {}
/** ECONNRESET. */
export class ConnectionResetError extends ConnectionError {}
/** EEXIST. */
export class FileExistsError extends OSError {}
/** ENOENT. */
export class FileNotFoundError extends OSError {}
/** EINTR: a signal that the program listens to ended the wait. */
export class InterruptedError extends OSError {}
/** EISDIR. */
export class IsADirectoryError extends OSError {}
/** ENOTDIR. */
export class NotADirectoryError extends OSError {}
/** EACCES, EPERM. */
export class PermissionError extends OSError {}
/** ESRCH. */
export class ProcessLookupError extends OSError {}
/**
 * The socket's timeout has passed: `errno` is undefined then, as in Python, and `code` is `'ETIMEDOUT'`. With
 * `errno` 110 it is the kernel's own ETIMEDOUT. Alias `timeout`.
 */
export class TimeoutError extends OSError {}
/** A file object cannot do that: write where it was opened for reading. Python: `io.UnsupportedOperation`. */
export class UnsupportedOperation extends OSError {}
/** A failed look-up of a host by its address: `errno` is the h_errno. */
export class herror extends OSError {}
/** A failed look-up by getaddrinfo(3) or getnameinfo(3): `errno` is the EAI code, `code` its name. */
export class gaierror extends OSError {}

// On the prototypes and not on every instance, as the errors of the language have it.
for (const type of [
  OSError,
  BlockingIOError,
  ChildProcessError,
  ConnectionError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  UnsupportedOperation,
  herror,
  gaierror,
]) {
  Object.defineProperty(type.prototype, 'name', { value: type.name, writable: true, configurable: true });
}

const classes: Readonly<Record<string, typeof OSError>> = {
  EAGAIN: BlockingIOError,
  EALREADY: BlockingIOError,
  EINPROGRESS: BlockingIOError,
  ECHILD: ChildProcessError,
  EPIPE: BrokenPipeError,
  ESHUTDOWN: BrokenPipeError,
  ECONNABORTED: ConnectionAbortedError,
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  EEXIST: FileExistsError,
  ENOENT: FileNotFoundError,
  EINTR: InterruptedError,
  EISDIR: IsADirectoryError,
  ENOTDIR: NotADirectoryError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  ESRCH: ProcessLookupError,
  ETIMEDOUT: TimeoutError,
};

const strerrors = new Map<number, string>();

function strerror(errno: number): string {
  let text = strerrors.get(errno);
  if (text === undefined) {
    text = native.strerror(errno);
    strerrors.set(errno, text);
  }
  return text;
}

/** An address in a message: the text of one given as `[host, port]`, a path or bytes. */
function addressDetails(address: unknown): Pick<OSErrorDetails, 'address' | 'port'> {
  if (Array.isArray(address)) {
    const [host, port] = address as unknown[];
    return { address: String(host), ...(typeof port === 'number' ? { port } : {}) };
  }
  if (typeof address === 'string') return { address };
  if (ArrayBuffer.isView(address)) {
    const bytes = Buffer.from(address.buffer, address.byteOffset, address.byteLength);
    return { address: bytes.toString('latin1').replaceAll('\0', '@') };
  }
  return {};
}

/**
 * The error for an errno.
 *
 * @param errno positive
 * @param syscall the call that failed, as in C
 * @param address the address that the call was about, in any form that the library takes
 */
export function osError(errno: number, syscall: string, address?: unknown): OSError {
  return errnoError(errno, { syscall, ...addressDetails(address) });
}

/** The error for an errno that a call about a socket option brought. */
export function optionError(errno: number, syscall: string, option: string | undefined): OSError {
  return errnoError(errno, { syscall, option });
}

function errnoError(errno: number, details: OSErrorDetails): OSError {
  const code = nameOf('errno', errno);
  const type = (code !== undefined && classes[code]) || OSError;
  return new type(strerror(errno), { errno, code, ...details });
}

/** The error for a timeout of the socket's own. */
export function timedOut(syscall: string): TimeoutError {
  return new TimeoutError('timed out', { code: 'ETIMEDOUT', syscall });
}

/** The error for a buffered write that would have to wait, and has taken so many bytes until then. */
export function wouldBlock(charactersWritten: number): BlockingIOError {
  const text = 'write could not complete without blocking';
  const error = new BlockingIOError(text, { errno: EAGAIN, code: 'EAGAIN', syscall: 'send' });
  return Object.assign(error, { charactersWritten });
}

/** The error for an EAI code, or for the errno behind EAI_SYSTEM. */
export function lookupError(eai: number, errno: number, syscall: string, host?: string | null): OSError {
  if (eai === EAI_SYSTEM) return osError(errno, syscall, host);
  const address = host === null ? undefined : host;
  return new gaierror(native.gai_strerror(eai), { errno: eai, code: nameOf('EAI', eai), syscall, address });
}

/** The error for an h_errno, or for the errno behind NETDB_INTERNAL. */
export function hostError(number: number, errno: number, syscall: string, address: string): OSError {
  if (number === NETDB_INTERNAL) return osError(errno, syscall, address);
  return new herror(native.hstrerror(number), {
    errno: number,
    code: nameOf('herrno', number),
    syscall,
    address,
  });
}

/** `result`, where it is not a negative errno. */
export function checked(result: number, syscall: string, address?: unknown): number {
  if (result < 0) throw osError(-result, syscall, address);
  return result;
}
