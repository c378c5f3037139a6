/** The operations on many messages: sendmmsg(2) and recvmmsg(2). */

import { receiveAll } from '../collecting.ts';
import { EAGAIN, EPIPE, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_WAITALL } from '../constants.generated.ts';
import type { Endpoint } from '../endpoint.ts';
import { osError } from '../errors.ts';
import { native } from '../native.ts';
import { ADVANCED, forbidsWaiting, isStream, type Operation, PENDING } from '../operation.ts';
import { WRITABLE } from '../readiness.ts';
import { receive } from '../receiving.ts';
import { kSlots, type MessageBatch } from './batch.ts';
import type { MessageSlots } from './message-slots.ts';

/** One recvmmsg(2) into the messages of a batch from `first` on. */
export function take<F extends number>(
  endpoint: Endpoint,
  batch: MessageBatch<F>,
  first: number,
  count: number,
  flags: number,
): number {
  const { table, data, names, controlSize, control } = batch[kSlots];
  const n = native.owned.recvmmsg(
    endpoint.fd,
    table,
    first,
    count,
    data,
    names,
    controlSize,
    control,
    batch.size,
    flags,
  );
  if (n > 0) batch.arrived(first, n, endpoint);
  return n;
}

/**
 * One sendmmsg(2).
 *
 * @param skip how many bytes of the first message have been sent
 */
export function transmit(
  endpoint: Endpoint,
  slots: MessageSlots,
  first: number,
  count: number,
  skip: number,
  flags: number,
): number {
  const { table, data, names, controlSize, control } = slots;
  return native.sendmmsg(endpoint.fd, table, first, count, data, names, controlSize, control, skip, flags);
}

/**
 * recvmmsg(2): what has arrived, one message at least. With MSG_WAITALL it waits until the batch is full, or for as long
 * as the socket's timeout allows.
 */
export function recvmmsg<F extends number>(
  endpoint: Endpoint,
  batch: MessageBatch<F>,
  flags: number,
): Operation<number> {
  const { capacity } = batch;
  const slots = batch[kSlots];
  batch.clear();
  const call = (first: number, count: number) => take(endpoint, batch, first, count, flags);
  const finish = (count: number) => {
    if (count > 0) return count;
    // A socket that has been shut down has a message without bytes, as the kernel's blocking call says.
    slots.put(0, 0, null);
    slots.direct(0, null);
    batch.arrived(0, 1, endpoint);
    return 1;
  };
  const all = (flags & MSG_WAITALL) !== 0 && (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) === 0;
  return all
    ? receiveAll(endpoint, 'recvmmsg', capacity, capacity, flags, call, finish)
    : receive(endpoint, { syscall: 'recvmmsg', call: () => call(0, capacity), finish }, capacity, flags);
}

/** Sends messages from `start` on; counts them and, on a stream, the bytes of the one that it is at. */
class Progress {
  readonly #slots: MessageSlots;
  readonly #stream: boolean;
  readonly #start: number;
  /** The message that is next. */
  next: number;
  /** How many bytes of it a stream has taken. */
  skip = 0;

  constructor(endpoint: Endpoint, slots: MessageSlots, start: number) {
    this.#slots = slots;
    this.#stream = isStream(endpoint);
    this.#start = start;
    this.next = start;
  }

  /** How many messages were sent, the last one perhaps in part. */
  get count(): number {
    return this.next - this.#start + (this.skip > 0 ? 1 : 0);
  }

  advance(count: number): void {
    if (!this.#stream || count === 0) {
      this.next += count;
      return;
    }
    const slots = this.#slots;
    if (this.skip > 0) slots.setResult(this.next, this.skip + slots.result(this.next));
    const last = this.next + count - 1;
    const sent = slots.result(last);
    const whole = sent >= slots.byteLength(last);
    this.next = whole ? last + 1 : last;
    this.skip = whole ? 0 : sent;
  }
}

/**
 * sendmmsg(2). With a timeout of null it goes on until all messages are sent, as the kernel's blocking call does;
 * otherwise it is one call, and what that has sent is the result.
 *
 * @param call makes the native call
 */
export function sendmmsg(
  endpoint: Endpoint,
  slots: MessageSlots,
  start: number,
  end: number,
  flags: number,
  call = (first: number, count: number, skip: number) => transmit(endpoint, slots, first, count, skip, flags),
): Operation<number> {
  const goesOn = endpoint.timeout === null && !forbidsWaiting(flags);
  const progress = new Progress(endpoint, slots, start);
  return {
    syscall: 'sendmmsg',
    direction: WRITABLE,
    waitFirst: false,
    neverWaits: forbidsWaiting(flags),
    wouldBlock: EAGAIN,
    partial: () => (progress.count > 0 ? progress.count : PENDING),
    attempt() {
      const n = call(progress.next, end - progress.next, progress.skip);
      if (n < 0) {
        if (n === -EAGAIN) return PENDING;
        if (progress.count === 0) throw osError(-n, 'sendmmsg', slots.address(progress.next) ?? undefined);
        // The part is the result, and the kernel has handed the error out already, but for EPIPE, which stays.
        if (n !== -EPIPE) endpoint.deferredError = -n;
        return progress.count;
      }
      progress.advance(n);
      return progress.next >= end || !goesOn ? progress.count : ADVANCED;
    },
  };
}
