/** The functions of Python's `socket` module that make sockets. */

import { inspect } from 'node:util';
import { type AsyncOptions, abortable, signalOf } from './abort.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.generated.ts';
import { auditLookup } from './diagnostics.ts';
import { checked, OSError } from './errors.ts';
import type {
  AddressInputOf,
  Inet6AddressInput,
  InetAddressInput,
  InetFamily,
  UnixFamily,
} from './family.ts';
import { lookup, lookupArguments, lookupAsync } from './names/resolver.ts';
import { type AddressRow, native } from './native.ts';
import { claim, type SharedSocket } from './node/sharing.ts';
import { Socket } from './socket/socket.ts';
import { adopt, orClose } from './socket/socket-open.ts';
import { int, seconds, wrongKind } from './validate.ts';

/** `new Socket(...)` under Python's name: `socket.socket(socket.AF_INET, socket.SOCK_STREAM)`. */
export function socket<F extends number = InetFamily>(
  family?: F | null,
  type?: number | null,
  proto?: number | null,
  fileno?: number | null,
): Socket<F> {
  return new Socket<F>(family, type, proto, fileno);
}

/** Two connected sockets: socketpair(2), close-on-exec. The family is AF_UNIX if left out. */
export function socketpair<F extends number = UnixFamily>(
  family?: F | null,
  type: number = SOCK_STREAM,
  proto = 0,
): [Socket<F>, Socket<F>] {
  const domain = family ?? AF_UNIX;
  int('socketpair', 'family', domain);
  int('socketpair', 'type', type);
  int('socketpair', 'proto', proto);
  const pair = native.owned.socketpair(domain, type, proto);
  const fds = typeof pair === 'number' ? [checked(pair, 'socketpair')] : pair;
  const [first, second] = fds.map((fd) => new Socket<F>(adopt(fd, domain, type, proto)));
  return [first!, second!];
}

/** A socket over a duplicate of a descriptor, which the caller still has to close: dup(2). */
export function fromfd<F extends number>(fd: number, family: F, type: number, proto = 0): Socket<F> {
  const copy = checked(native.owned.dup(int('fromfd', 'fd', fd)), 'dup');
  return orClose(copy, () => new Socket<F>(family, type, proto, copy));
}

/**
 * The socket that another thread of this process has shared, as a duplicate of it with the same timeout. Each token
 * works once. Python: `fromshare`, for processes on Windows.
 *
 * @param token what `share` has returned there
 * @throws {OSError} ESTALE: the token has been claimed, given up or has expired, its thread has ended, or it is of
 * another process
 */
export function fromshare<F extends number>(token: SharedSocket<F>): Socket<F> {
  const { fd, family, type, proto, timeout } = claim(token);
  const shared = orClose(fd, () => new Socket<F>(family as F, type, proto, fd));
  shared.settimeout(timeout);
  return shared;
}

/** Keyword arguments of {@link createConnection}. */
export interface ConnectionOptions {
  /** When all addresses fail, throw an `AggregateError` with all errors and not the last one alone. */
  allErrors?: boolean;
}

/**
 * The sockets to try, one for each address that a host name has, in the resolver's order. Yields each with its
 * address and is told the error that connecting it brought, if any.
 */
function* candidates(
  rows: AddressRow[],
  timeout: number | null | undefined,
  sourceAddress: unknown,
  allErrors: boolean | undefined,
): Generator<[Socket<number>, InetAddressInput], Socket<number>, unknown> {
  const errors: unknown[] = [];
  if (timeout !== undefined) seconds('createConnection', 'timeout', timeout);
  for (const [family, type, proto, , address] of rows) {
    let candidate: Socket<number> | undefined;
    try {
      candidate = new Socket<number>(family, type, proto);
      if (timeout !== undefined) candidate.settimeout(timeout);
      if (sourceAddress) candidate.bind(sourceAddress as InetAddressInput);
      const error = yield [candidate, address as InetAddressInput];
      if (error === undefined) return candidate;
      throw error;
    } catch (error) {
      candidate?.close();
      if (!(error instanceof OSError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 0) throw new OSError('getaddrinfo returns an empty list');
  if (allErrors) throw new AggregateError(errors, 'createConnection failed');
  throw errors.at(-1);
}

function hostLookup(caller: string, address: unknown) {
  if (!Array.isArray(address) || address.length < 2)
    throw wrongKind(caller, 'address', '[host, port]', address);
  const args = lookupArguments(caller, address[0], address[1], 0, SOCK_STREAM, 0, 0);
  auditLookup(address[0], address[1], 0, SOCK_STREAM, 0);
  return args;
}

/**
 * Connects a stream to a host by name: its addresses are tried one after the other. Python: `create_connection`.
 *
 * @param timeout in seconds, for each address, and that of the socket returned; the default timeout if left out
 * @param sourceAddress to bind to before connecting
 * @throws {OSError} that of the last address; see {@link ConnectionOptions}
 */
export function createConnection(
  address: InetAddressInput | Inet6AddressInput,
  timeout?: number | null,
  sourceAddress?: InetAddressInput | Inet6AddressInput | null,
  { allErrors }: ConnectionOptions = {},
): Socket<number> {
  const attempts = candidates(
    lookup(hostLookup('createConnection', address)),
    timeout,
    sourceAddress,
    allErrors,
  );
  let step = attempts.next();
  while (!step.done) {
    let error: unknown;
    try {
      const [candidate, target] = step.value;
      candidate.connect(target);
    } catch (failure) {
      error = failure;
    }
    step = attempts.next(error);
  }
  return step.value;
}

/** {@link createConnection} on the event loop. */
export async function createConnectionAsync(
  address: InetAddressInput | Inet6AddressInput,
  timeout?: number | null,
  sourceAddress?: InetAddressInput | Inet6AddressInput | null,
  options: ConnectionOptions & AsyncOptions = {},
): Promise<Socket<number>> {
  const { allErrors } = options;
  const signal = signalOf('createConnection', options);
  const rows = await abortable(lookupAsync(hostLookup('createConnection', address)), signal);
  const attempts = candidates(rows, timeout, sourceAddress, allErrors);
  let step = attempts.next();
  while (!step.done) {
    let error: unknown;
    try {
      const [candidate, target] = step.value;
      await candidate.connectAsync(target, { signal });
    } catch (failure) {
      error = failure;
    }
    step = attempts.next(error);
  }
  return step.value;
}

/** Keyword arguments of {@link createServer}. */
export interface ServerOptions<F extends number> {
  /** AF_INET if left out. */
  family?: F;
  /** See `listen`. */
  backlog?: number | null;
  /** Set SO_REUSEPORT. */
  reusePort?: boolean;
  /** With AF_INET6: take IPv4 connections too. */
  dualstackIPv6?: boolean;
}

/**
 * A stream socket that is bound to an address and listens. Python: `create_server`. SO_REUSEADDR is set; with AF_INET6
 * so is IPV6_V6ONLY, unless `dualstackIPv6` asks for both.
 *
 * @throws {OSError} that of bind(2), with the address in its text
 */
export function createServer<F extends number = InetFamily>(
  address: AddressInputOf<F>,
  {
    family = AF_INET as number as F,
    backlog,
    reusePort = false,
    dualstackIPv6 = false,
  }: ServerOptions<F> = {},
): Socket<F> {
  if (dualstackIPv6 && ((family as number) !== AF_INET6 || !hasDualstackIPv6())) {
    throw new RangeError('createServer(): dualstackIPv6 needs AF_INET6 on a platform that supports both');
  }
  const server = new Socket<F>(family, SOCK_STREAM);
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if ((family as number) === AF_INET6) server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstackIPv6 ? 0 : 1);
    bind(server, address);
    server.listen(backlog ?? undefined);
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
}

function bind<F extends number>(server: Socket<F>, address: AddressInputOf<F>): void {
  try {
    server.bind(address);
  } catch (error) {
    if (!(error instanceof OSError) || error.syscall !== 'bind') throw error;
    const { errno, code, syscall, strerror, address: where, port } = error;
    const text = `${strerror} (while attempting to bind on address ${inspect(address)})`;
    const Class = error.constructor as typeof OSError;
    throw new Class(text, { errno, code, syscall, address: where, port, cause: error });
  }
}

/** Whether one IPv6 socket can take IPv4 connections too. Python: `has_dualstack_ipv6`. */
export function hasDualstackIPv6(): boolean {
  try {
    using probe = new Socket(AF_INET6, SOCK_STREAM);
    probe.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return true;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}

/** That this library knows IPv6, as Python's `has_ipv6` does; whether the network does is another matter. */
export const hasIPv6 = true;
