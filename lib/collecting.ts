/** Receives that wait for more than one byte: MSG_WAITALL, and SO_RCVLOWAT where poll(2) does not know of it. */
import { storage } from './address/address.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  EAGAIN,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  SO_PASSCRED,
  SOL_SOCKET,
} from './constants.generated.ts';
import type { Endpoint } from './endpoint.ts';
import { osError } from './errors.ts';
import { native } from './native.ts';
import { ADVANCED, PENDING, staysToTheEnd, type Transfer } from './operation.ts';
import { READABLE } from './readiness.ts';

/**
 * For how many bytes a blocking stream's receive stays; 0 for one attempt. A Unix socket's readiness knows nothing of
 * SO_RCVLOWAT, so that the bytes have to be collected.
 */
export function staysFor(endpoint: Endpoint, size: number, flags: number): number {
  if (!staysToTheEnd(endpoint, flags) || (flags & (MSG_OOB | MSG_ERRQUEUE)) !== 0) return 0;
  const { family, lowWater } = endpoint;
  // A peek waits for more than the first bytes on the Internet's streams alone.
  if (flags & MSG_PEEK && family !== AF_INET && family !== AF_INET6) return 0;
  if (flags & MSG_WAITALL) return size;
  return family === AF_UNIX && lowWater > 1 ? Math.min(size, lowWater) : 0;
}

const never = () => false;

/**
 * A receive on a blocking stream that waits for more than one byte: until `enough` are there, or the end, or an error.
 *
 * @param call makes the native call for a part of the memory
 * @param ends whether `got` bytes must be returned although there is room for more; asked before each part and after it
 */
export function receiveAll<T>(
  endpoint: Endpoint,
  syscall: string,
  size: number,
  enough: number,
  flags: number,
  call: (offset: number, length: number) => number,
  finish: (count: number) => T,
  ends: (got: number) => boolean = never,
): Transfer<T> {
  let got = 0;
  // What has been peeked at stays in the queue: the next look starts from its beginning again.
  const peeks = (flags & MSG_PEEK) !== 0;
  return {
    syscall,
    direction: READABLE,
    waitFirst: false,
    neverWaits: false,
    wouldBlock: EAGAIN,
    partial: () => (got > 0 ? finish(got) : PENDING),
    attempt() {
      if (ends(got)) return finish(got);
      const start = peeks ? 0 : got;
      return this.conclude(call(start, size - start));
    },
    conclude(count) {
      const before = got;
      if (count <= 0 && got === 0) endpoint.throwDeferred(syscall);
      if (count < 0) {
        if (count === -EAGAIN) return PENDING;
        if (got === 0) throw osError(-count, syscall);
        // What has arrived is returned, and the kernel has handed the error out already.
        endpoint.deferredError = -count;
        return finish(got);
      }
      got = (peeks ? 0 : got) + count;
      // A peek cannot tell the end by reading 0 bytes while some are left.
      if (got >= enough || count === 0 || ends(got) || (peeks && endpoint.hasEnded()))
        return finish(Math.min(got, size));
      return got > before ? ADVANCED : PENDING;
    },
  };
}

/**
 * Where the kernel's own call ends a receive that collects, for {@link receiveAll}: at the mark of urgent data, and
 * where a Unix stream whose bytes come with credentials has those of another writer.
 */
export function boundary(endpoint: Endpoint, flags: number): (got: number) => boolean {
  // The mark is where the next receive begins, and a peek moves nothing on.
  if (flags & MSG_PEEK) return never;
  const atMark = (got: number) => got > 0 && native.sockatmark(endpoint.fd) > 0;
  if (endpoint.family !== AF_UNIX || !passesCredentials(endpoint)) return atMark;
  let writer: string | undefined;
  return (got) => {
    const next = nextWriter(endpoint) ?? writer;
    writer ??= next;
    return got > 0 && (next !== writer || atMark(got));
  };
}

const flag = new Int32Array(1);

const passesCredentials = ({ fd }: Endpoint) =>
  native.getsockopt(fd, SOL_SOCKET, SO_PASSCRED, flag) > 0 && flag[0] !== 0;

// Room for one control message with a struct ucred, which comes first. A peek hands out a descriptor anew each time, for
// which there is no room left.
const control = Buffer.alloc(native.CMSG_HEADER_SIZE + 3 * Int32Array.BYTES_PER_ELEMENT);
const report = new Int32Array(2);

/** The credentials of the bytes that are next; undefined where there are none. */
function nextWriter(endpoint: Endpoint): string | undefined {
  const count = native.recvmsg(endpoint.fd, [], control, MSG_PEEK, storage, report);
  if (count >= 0) return control.toString('latin1');
  // The kernel tells an error once.
  if (count !== -EAGAIN) endpoint.deferredError = -count;
  return undefined;
}
