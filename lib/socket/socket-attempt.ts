/** Synchronous calls that must not wait, on a socket whose timeout says otherwise. */
import { kEndpoint } from '../endpoint.ts';
import type { SocketHandle } from './socket-handle.ts';

/**
 * Runs `act`, in which a synchronous call of the socket that would have to wait fails with EAGAIN. As `settimeout(0)`,
 * but O_NONBLOCK stays as it is, so that other processes which have the socket do not see it change.
 */
export function withoutWaiting<T>(socket: SocketHandle, act: () => T): T {
  const endpoint = socket[kEndpoint];
  const { timeout } = endpoint;
  endpoint.timeout = 0;
  try {
    return act();
  } finally {
    // `act` may have set a timeout of its own.
    if (endpoint.timeout === 0) endpoint.timeout = timeout;
  }
}
