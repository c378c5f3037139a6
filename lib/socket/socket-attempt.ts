/** Synchronous calls that do not wait, whatever the socket's timeout says. */
import { EAGAIN } from '../constants.generated.ts';
import { kEndpoint } from '../endpoint.ts';
import { osError } from '../errors.ts';
import { checkAddress } from '../names/resolver.ts';
import { native } from '../native.ts';
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

/** Throws what `sendto` would say of an address before it sends; a host name is not looked up. */
export function checkDestination(socket: SocketHandle, address: unknown): void {
  checkAddress('sendto', socket[kEndpoint], address);
}

/** send(2) on a stream, as much as it takes at once. Returns how many bytes; 0 where it takes none. */
export function sendSome(socket: SocketHandle, data: Uint8Array): number {
  const endpoint = socket[kEndpoint];
  endpoint.throwDeferred('send');
  const count = native.send(endpoint.fd, data);
  if (count >= 0) return count;
  // No error is made of this one: it is what a busy connection says.
  if (count === -EAGAIN) return 0;
  throw osError(-count, 'send');
}
