/** What streams over a socket, Node's and the Web's, ask of it. */
import {
  EBADF,
  ENOTCONN,
  type SHUT_RD,
  type SHUT_WR,
  SO_ACCEPTCONN,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { OSError, osError } from '../errors.ts';
import type { Socket } from '../socket/socket.ts';

/** How many bytes a stream receives at a time, and how many it keeps, unless it is told otherwise. */
export const CHUNK = 65536;

/**
 * Hands a socket over to a stream.
 *
 * @throws {OSError} EOPNOTSUPP where it carries no stream of bytes, EINVAL where it listens, EBADF where it is closed
 */
export function handOver(caller: string, socket: Socket): void {
  if (socket.closed) throw osError(EBADF, caller);
  if (socket.type !== SOCK_STREAM) {
    const text = 'only a SOCK_STREAM socket is a stream of bytes; datagrams() iterates over messages';
    throw new OSError(`${caller}(): ${text}`, { code: 'EOPNOTSUPP', syscall: caller });
  }
  if (socket.getsockopt(SOL_SOCKET, SO_ACCEPTCONN) !== 0) {
    const text = 'the socket listens; connections() iterates over its connections';
    throw new OSError(`${caller}(): ${text}`, { code: 'EINVAL', syscall: caller });
  }
  // As asyncio does: streams have time-outs of their own, and what a socket's would end could not be taken up again.
  socket.settimeout(0);
}

/** Ends one direction. Where the connection is gone already there is nothing to end. */
export function endHalf(socket: Socket, how: typeof SHUT_RD | typeof SHUT_WR): void {
  try {
    socket.shutdown(how);
  } catch (error) {
    if (!(error instanceof OSError) || error.errno !== ENOTCONN) throw error;
  }
}
