/**
 * `Socket` as users see it. As a type without an argument it is a socket of any family; `new Socket()` without one is of
 * AF_INET. A class cannot say both.
 */
import type { InetFamily } from '../family.ts';
import { Socket as SocketClass } from './socket.ts';

export type Socket<F extends number = number> = SocketClass<F>;

export interface SocketConstructor {
  readonly prototype: Socket;
  /**
   * socket(2), close-on-exec and with the default timeout.
   *
   * @param family AF_INET if left out (null, -1)
   * @param type SOCK_STREAM if left out
   * @param proto 0 if left out
   * @param fileno a descriptor to adopt instead: what is left out is found out from it
   * @throws {OSError} EAFNOSUPPORT, EMFILE and so on; EBADF or ENOTSOCK for a wrong descriptor
   */
  new <F extends number = InetFamily>(
    family?: F | null,
    type?: number | null,
    proto?: number | null,
    fileno?: number | null,
  ): Socket<F>;
}

export const Socket: SocketConstructor = SocketClass;
