/** Descriptors passed from process to process over a Unix socket: Python's `send_fds` and `recv_fds`. */
import type { AsyncOptions } from '../abort.ts';
import { type Bytes, readable } from '../buffers.ts';
import { MSG_CTRUNC, SCM_PIDFD, SCM_RIGHTS } from '../constants.generated.ts';
import type { AddressInputOf, AddressOf } from '../family.ts';
import { native } from '../native.ts';
import { type ReceivedMessage, type SocketMessages, sizeOf, viewsOf } from '../socket/socket-messages.ts';
import { type IterableObject, int, integer } from '../validate.ts';
import { type Ancillary, CMSG_LEN, CMSG_SPACE, hasDescriptors, intsOf } from './ancillary.ts';
import { ancillary } from './control-encoders.ts';

/** What {@link recvFds} returns. */
export type ReceivedFds<F extends number> = [
  data: Buffer,
  fds: number[],
  msgFlags: number,
  address: AddressOf<F> | null,
];

/**
 * Sends bytes with descriptors: SCM_RIGHTS over a Unix socket. The receiver gets duplicates.
 *
 * @param buffers any iterable of pieces; over a stream descriptors need at least one byte to go with
 * @param fds at most 253 (SCM_MAX_FD)
 * @param address where to; null for the connected peer
 * @returns how many bytes were sent
 */
export function sendFds<F extends number>(
  sock: SocketMessages<F>,
  buffers: IterableObject<Bytes>,
  fds: Iterable<number>,
  flags = 0,
  address: AddressInputOf<F> | null = null,
): number {
  // Checked here, so that messages name the call that the program has made.
  const views = viewsOf('sendFds', buffers, readable);
  return sock.sendmsg(views, [ancillary.rights(fds)], int('sendFds', 'flags', flags), address);
}

/** {@link sendFds} on the event loop. The descriptors must stay open until it is done. */
export async function sendFdsAsync<F extends number>(
  sock: SocketMessages<F>,
  buffers: IterableObject<Bytes>,
  fds: Iterable<number>,
  flags = 0,
  address: AddressInputOf<F> | null = null,
  options?: AsyncOptions,
): Promise<number> {
  const views = viewsOf('sendFds', buffers, readable);
  return sock.sendmsgAsync(views, [ancillary.rights(fds)], int('sendFds', 'flags', flags), address, options);
}

const INT = 4;
const UCRED = 12;
// The kernel passes 253 in one message (SCM_MAX_FD). More room than this has no use.
const MOST_FDS = 1024;
const INT_MAX = 0x7fffffff;

/**
 * Room for so many descriptors, and for what SO_PASSCRED and SO_PASSPIDFD make the kernel put before them. The padding
 * of CMSG_SPACE would be room for one more.
 */
function roomFor(caller: string, maxfds: unknown): number {
  const count = integer(caller, 'maxfds', maxfds, 0, INT_MAX);
  return CMSG_SPACE(UCRED) + CMSG_SPACE(INT) + CMSG_LEN(INT * Math.min(count, MOST_FDS));
}

const fdsOf = (pieces: Ancillary[]) => pieces.flatMap(([, , data]) => intsOf(data));

function closeAll(fds: number[]): void {
  for (const fd of fds) native.close(fd);
}

/** The first `maxfds` descriptors of a message. All others are closed. */
function pick<F extends number>(
  [data, ancdata, msgFlags, address]: ReceivedMessage<F>,
  maxfds: number,
): ReceivedFds<F> {
  const passed = ancdata.filter(([level, type]) => hasDescriptors(level, type));
  const fds = fdsOf(passed.filter(([, type]) => type === SCM_RIGHTS));
  const surplus = fds.splice(maxfds);
  closeAll([...surplus, ...fdsOf(passed.filter(([, type]) => type === SCM_PIDFD))]);
  return [data, fds, surplus.length > 0 ? msgFlags | MSG_CTRUNC : msgFlags, address];
}

/**
 * Receives bytes with descriptors, which are close-on-exec and belong to the caller: close them, or adopt them,
 * `new Socket(null, null, null, fd)`.
 *
 * @param bufsize in bytes
 * @param maxfds how many descriptors to take; the kernel closes the others, and MSG_CTRUNC among `msgFlags` says so
 * @returns the bytes, the descriptors, MSG_CTRUNC and so on, and the sender's address
 */
export function recvFds<F extends number>(
  sock: SocketMessages<F>,
  bufsize: number,
  maxfds: number,
  flags = 0,
): ReceivedFds<F> {
  const size = sizeOf('recvFds', 'bufsize', bufsize);
  return pick(sock.recvmsg(size, roomFor('recvFds', maxfds), int('recvFds', 'flags', flags)), maxfds);
}

/** {@link recvFds} on the event loop. */
export async function recvFdsAsync<F extends number>(
  sock: SocketMessages<F>,
  bufsize: number,
  maxfds: number,
  flags = 0,
  options?: AsyncOptions,
): Promise<ReceivedFds<F>> {
  const size = sizeOf('recvFds', 'bufsize', bufsize);
  const room = roomFor('recvFds', maxfds);
  return pick(await sock.recvmsgAsync(size, room, int('recvFds', 'flags', flags), options), maxfds);
}
