/**
 * Sending without a copy, MSG_ZEROCOPY: the kernel reads the program's own memory, and says over the error queue when it
 * has done so.
 */
import type { AsyncOptions } from '../abort.ts';
import { type Bytes, readable } from '../buffers.ts';
import {
  EAGAIN,
  ENOBUFS,
  MSG_ERRQUEUE,
  MSG_ZEROCOPY,
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_ZEROCOPY,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { runAsync, waitElsewhere } from '../drive-async.ts';
import { type Endpoint, kEndpoint } from '../endpoint.ts';
import { BlockingIOError, checked, TimeoutError } from '../errors.ts';
import type { AddressInputOf } from '../family.ts';
import { resolve } from '../names/resolver.ts';
import { native } from '../native.ts';
import { type Operation, PENDING } from '../operation.ts';
import { PRIORITY } from '../readiness.ts';
import { sendOnce } from '../sending.ts';
import type { Socket } from '../socket/socket.ts';
import { SocketBatches } from '../socket/socket-batches.ts';
import { int, integer, wrongKind } from '../validate.ts';
import { type Ancillary, CMSG_SPACE } from './ancillary.ts';
import { kSlots, MessageBatch } from './batch.ts';
import * as batches from './batches.ts';
import { decodeAncillary } from './control-decoders.ts';
import { ZerocopySend, ZerocopySends } from './zerocopy-sends.ts';

/** What the kernel says about sends with MSG_ZEROCOPY: it needs the memory of all from `first` to `last` no longer. */
export interface ZerocopyCompletion {
  /** The number of a send: the kernel counts those of a socket from 0, in 32 bits; on a stream those with bytes. */
  readonly first: number;
  /** The number of the last one; less than `first` where the count has wrapped. */
  readonly last: number;
  /** Whether the kernel has copied the bytes after all. */
  readonly copied: boolean;
}

/**
 * What a message from the error queue, received with MSG_ERRQUEUE, says about sends with MSG_ZEROCOPY; null where it is
 * about something else.
 */
export function zerocopyCompletion(ancdata: Iterable<Ancillary>): ZerocopyCompletion | null {
  for (const message of decodeAncillary(ancdata)) {
    if (message.kind !== 'extendedError' || message.origin !== SO_EE_ORIGIN_ZEROCOPY || message.errno !== 0)
      continue;
    const copied = (message.code & SO_EE_CODE_ZEROCOPY_COPIED) !== 0;
    return { first: message.info, last: message.data, copied };
  }
  return null;
}

/** What has been sent, when its memory is free again. */
export interface ZerocopyResult {
  /** Bytes, or messages of a batch. */
  readonly sent: number;
  /** Whether the kernel has copied at least a part, as it always does on loopback: that was no gain. */
  readonly copied: boolean;
}

/** A message from the error queue that is about something else than sends with MSG_ZEROCOPY. */
export type StrayMessage = [data: Buffer, ancdata: Ancillary[], msgFlags: number, address: unknown];

export interface ZerocopyOptions {
  /** Is called with what else comes out of the error queue, as `recvmsg` would return it. Left out, it is dropped. */
  onStray?: (message: StrayMessage) => void;
}

/** Options of a send with an address. */
export interface ZerocopySendOptions<F extends number> extends AsyncOptions {
  /** Where to send it; none on a connected socket. A host name is resolved on this thread. */
  address?: AddressInputOf<F> | null;
}

// Room for a packet that an ICMP message is about, and for a struct sock_extended_err with an address.
const STRAY_SIZE = 576;
const COMPLETIONS = 16;
const EXTENDED_ERROR = 64;

// Where a socket is closed before the kernel has answered, nobody will tell when it is done with the memory. A
// connection that nobody has open any more is given up after this time (milliseconds) at the latest.
const ORPHANED = 180_000;

const taken = new WeakSet<Endpoint>();

/**
 * Sends without a copy over one socket. As long as the kernel reads the memory it is kept from being collected, and must
 * not be changed; a send's promise resolves when that is over. From its first send on the error queue of the socket
 * belongs to this object while sends are pending, and all sends with MSG_ZEROCOPY must be made by it.
 */
export class ZerocopySender<F extends number = number> {
  readonly #socket: Socket<F>;
  readonly #endpoint: Endpoint;
  readonly #onStray: ((message: StrayMessage) => void) | undefined;
  readonly #sends = new ZerocopySends();
  readonly #batch = new MessageBatch<number>(COMPLETIONS, STRAY_SIZE, {
    ancbufsize: CMSG_SPACE(EXTENDED_ERROR),
  });
  #listening = false;

  /**
   * Sets SO_ZEROCOPY.
   *
   * @param socket of TCP or UDP, with which nothing has been sent with MSG_ZEROCOPY yet
   * @throws {OSError} EOPNOTSUPP for a socket of another kind
   */
  constructor(socket: Socket<F>, options: ZerocopyOptions = {}) {
    if (!(socket instanceof SocketBatches)) throw wrongKind('ZerocopySender', 'socket', 'a Socket', socket);
    const { onStray } = options;
    if (onStray !== undefined && typeof onStray !== 'function')
      throw wrongKind('ZerocopySender', 'onStray', 'a function', onStray);
    this.#socket = socket;
    this.#endpoint = socket[kEndpoint];
    // The kernel's numbers go on from one sender to the next, and ours would not.
    if (taken.has(this.#endpoint))
      throw wrongKind('ZerocopySender', 'socket', 'one without a ZerocopySender', socket);
    socket.setsockopt(SOL_SOCKET, SO_ZEROCOPY, 1);
    this.#onStray = onStray;
    taken.add(this.#endpoint);
  }

  /** How many sends the kernel has not answered; while there are some, their memory must not change. */
  get pending(): number {
    return this.#sends.size;
  }

  /**
   * Sends bytes: send(2) or sendto(2) with MSG_ZEROCOPY. What the kernel has no room to pin (ENOBUFS, by
   * RLIMIT_MEMLOCK and net.core.optmem_max) is sent with a copy.
   *
   * @returns when the kernel needs the bytes no longer. The socket's timeout limits the sending and not this
   */
  sendAsync(data: Bytes, flags = 0, options?: ZerocopySendOptions<F>): Promise<ZerocopyResult> {
    const endpoint = this.#endpoint;
    return this.#track(data, options, (transmit) => {
      const view = readable('sendAsync', 'data', data);
      int('sendAsync', 'flags', flags);
      const address = options?.address ?? null;
      const sockaddr = address === null ? null : resolve('sendAsync', endpoint, address);
      const call = (offset: number, length: number) =>
        transmit(flags, (all) =>
          sockaddr === null
            ? native.send(endpoint.fd, view, all, offset, length)
            : native.sendto(endpoint.fd, view, all, sockaddr, offset, length),
        );
      const syscall = sockaddr === null ? 'send' : 'sendto';
      return sendOnce(endpoint, { syscall, address }, view.byteLength, flags, call);
    });
  }

  /**
   * Sends the messages of a batch: sendmmsg(2) with MSG_ZEROCOPY. The batch must not be used until it is done.
   *
   * @param start the message to begin with
   */
  sendmmsgAsync(
    batch: MessageBatch<F>,
    flags = 0,
    start = 0,
    options?: AsyncOptions,
  ): Promise<ZerocopyResult> {
    return this.#track(batch, options, (transmit) => {
      if (!(batch instanceof MessageBatch))
        throw wrongKind('sendmmsgAsync', 'batch', 'a MessageBatch', batch);
      const slots = batch[kSlots];
      const first = integer('sendmmsgAsync', 'start', start, 0, batch.length);
      int('sendmmsgAsync', 'flags', flags);
      return batches.sendmmsg(this.#endpoint, slots, first, batch.length, flags, (at, count, skip) =>
        transmit(
          flags,
          (all) => batches.transmit(this.#endpoint, slots, at, count, skip, all),
          (sent) => {
            let numbered = 0;
            for (let index = at; index < at + sent; index++) numbered += this.#numbers(slots.result(index));
            return numbered;
          },
        ),
      );
    });
  }

  /** Runs an operation whose native calls are made by the function that it is given. */
  async #track(
    memory: unknown,
    options: AsyncOptions | undefined,
    begin: (transmit: Transmit) => Operation<number>,
  ): Promise<ZerocopyResult> {
    const endpoint = this.#endpoint;
    let copied = false;
    const send = new ZerocopySend(memory);
    const transmit: Transmit = (flags, call, numbered = (bytes) => this.#numbers(bytes)) => {
      const count = call(flags | MSG_ZEROCOPY);
      if (count === -ENOBUFS) {
        const plain = call(flags);
        if (plain > 0) copied = true;
        return plain;
      }
      for (let left = count < 0 ? 0 : numbered(count); left > 0; left--) this.#sends.add(send);
      this.#listen();
      return count;
    };
    const sent = await runAsync(endpoint, this.#socket, () => begin(transmit), options);
    options?.signal?.throwIfAborted();
    await waitElsewhere(endpoint, this.#socket, 'send', send.seal(), options);
    return { sent, copied: copied || send.copied };
  }

  /** How many numbers a send has that took so many bytes: UDP numbers empty datagrams, too. */
  #numbers(bytes: number): number {
    return bytes > 0 || this.#endpoint.type === SOCK_DGRAM ? 1 : 0;
  }

  #listen(): void {
    if (this.#listening || this.#sends.size === 0) return;
    this.#listening = true;
    this.#read().catch((error: unknown) => {
      const sends = this.#sends.drop();
      for (const send of sends) send.fail(error);
      // The socket is closed. Until then the timer holds on to the memory.
      setTimeout(() => sends.clear(), ORPHANED).unref();
    });
  }

  /** Reads the error queue until no send is pending. */
  async #read(): Promise<void> {
    const endpoint = this.#endpoint;
    const operation: Operation<number> = {
      syscall: 'recvmmsg',
      direction: PRIORITY,
      waitFirst: false,
      neverWaits: false,
      wouldBlock: EAGAIN,
      attempt: () => {
        const count = batches.take(endpoint, this.#batch, 0, COMPLETIONS, MSG_ERRQUEUE);
        return count === -EAGAIN ? PENDING : checked(count, 'recvmmsg');
      },
    };
    try {
      while (this.#sends.size > 0) {
        if (await this.#ready(operation)) this.#answer();
      }
    } finally {
      this.#listening = false;
    }
  }

  /** Whether something has come out of the error queue: the timeouts of the socket are not meant for this. */
  async #ready(operation: Operation<number>): Promise<boolean> {
    try {
      await runAsync(this.#endpoint, this.#socket, () => operation);
      return true;
    } catch (error) {
      if (error instanceof TimeoutError || error instanceof BlockingIOError) return false;
      throw error;
    }
  }

  #answer(): void {
    const batch = this.#batch;
    for (let index = 0; index < batch.length; index++) {
      const ancdata = batch.ancdata(index);
      const completion = zerocopyCompletion(ancdata);
      if (completion !== null) this.#sends.complete(completion.first, completion.last, completion.copied);
      else this.#stray(Buffer.from(batch.data(index)), ancdata, batch.flags(index), batch.address(index));
    }
  }

  #stray(...message: StrayMessage): void {
    // What it throws is the program's own affair, and not the end of this queue.
    if (this.#onStray !== undefined) queueMicrotask(() => this.#onStray?.(message));
  }
}

/** Makes a call with MSG_ZEROCOPY, or without where the kernel has no room, and counts what it will answer. */
type Transmit = (
  flags: number,
  call: (flags: number) => number,
  numbered?: (count: number) => number,
) => number;
