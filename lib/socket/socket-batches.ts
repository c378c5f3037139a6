/** The calls of a socket that move many messages at once, each in its synchronous and its asynchronous form. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import { runAsync, waitElsewhere } from '../drive-async.ts';
import { runSync } from '../drive-sync.ts';
import { kEndpoint } from '../endpoint.ts';
import { kSlots, MessageBatch } from '../messages/batch.ts';
import * as batches from '../messages/batches.ts';
import { gather, type OutgoingMessage } from '../messages/gathering.ts';
import type { MessageSlots } from '../messages/message-slots.ts';
import { resolve, resolveAsync } from '../names/resolver.ts';
import { type IterableObject, int, integer, wrongKind } from '../validate.ts';
import { SocketMessages } from './socket-messages.ts';

/** A `SocketMessages` that sends and receives many messages at once. */
export class SocketBatches<F extends number = number> extends SocketMessages<F> {
  /**
   * Receives many messages with one call: recvmmsg(2). It waits for the first one and takes what is there then.
   *
   * @param batch gets the messages, from its beginning
   * @param flags with MSG_WAITALL it waits until the batch is full, or until the timeout passes with one message at least
   * @returns how many messages were received
   */
  recvmmsg(batch: MessageBatch<number>, flags = 0): number {
    return runSync(this[kEndpoint], this.#recvmmsg(batch, flags));
  }

  /** {@link recvmmsg} on the event loop. The batch must not be used until it is done. */
  recvmmsgAsync(batch: MessageBatch<number>, flags = 0, options?: AsyncOptions): Promise<number> {
    return runAsync(this[kEndpoint], this, () => this.#recvmmsg(batch, flags), options);
  }

  #recvmmsg(batch: unknown, flags: unknown) {
    if (!(batch instanceof MessageBatch)) throw wrongKind('recvmmsg', 'batch', 'a MessageBatch', batch);
    return batches.recvmmsg(this[kEndpoint], batch, int('recvmmsg', 'flags', flags));
  }

  /**
   * Sends many messages with one call: sendmmsg(2). With a timeout of null it goes on until all are sent, as the kernel's
   * blocking call does; otherwise what one call has sent is the result. An error after the first message ends it early,
   * and the next send fails with that error.
   *
   * @param messages a batch, or any iterable of messages: bytes, or `[data, address, ancdata]`. Host names in it are
   * resolved on this thread
   * @param start the message to begin with
   * @returns how many messages were sent
   */
  sendmmsg(messages: MessageBatch<F> | IterableObject<OutgoingMessage<F>>, flags = 0, start = 0): number {
    const endpoint = this[kEndpoint];
    if (messages instanceof MessageBatch) {
      return runSync(endpoint, this.#sendmmsg(messages[kSlots], messages.length, flags, start));
    }
    const { slots, addresses } = gather('sendmmsg', messages);
    addresses.forEach((address, index) => {
      if (address !== null) slots.direct(index, resolve('sendmmsg', endpoint, address));
    });
    return runSync(endpoint, this.#sendmmsg(slots, slots.capacity, flags, start));
  }

  /** {@link sendmmsg} on the event loop; names are resolved on the pool. A batch must not be used until it is done. */
  sendmmsgAsync(
    messages: MessageBatch<F> | IterableObject<OutgoingMessage<F>>,
    flags = 0,
    start = 0,
    options?: AsyncOptions,
  ): Promise<number> {
    const endpoint = this[kEndpoint];
    try {
      if (messages instanceof MessageBatch) {
        const begin = () => this.#sendmmsg(messages[kSlots], messages.length, flags, start);
        return runAsync(endpoint, this, begin, options);
      }
      signalOf('sendmmsg', options)?.throwIfAborted();
      const { slots, addresses } = gather('sendmmsg', messages);
      const begin = () => this.#sendmmsg(slots, slots.capacity, flags, start);
      const names = this.#resolveAll(slots, addresses);
      if (names.length === 0) return runAsync(endpoint, this, begin, options);
      const resolved = Promise.all(names);
      return waitElsewhere(endpoint, this, 'sendmmsg', resolved, options).then(() =>
        runAsync(endpoint, this, begin, options),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Packs the addresses of messages; returns a promise for each that has a name to resolve. */
  #resolveAll(slots: MessageSlots, addresses: readonly unknown[]): Promise<void>[] {
    const pending: Promise<void>[] = [];
    const endpoint = this[kEndpoint];
    addresses.forEach((address, index) => {
      if (address === null) return;
      // A copy, since the caller may change the array while its name is being resolved.
      const name = resolveAsync('sendmmsg', endpoint, Array.isArray(address) ? [...address] : address);
      if (name instanceof Uint8Array) {
        slots.direct(index, name);
        return;
      }
      const directed = name.then((sockaddr) => slots.direct(index, sockaddr));
      // A later address that is wrong is thrown at once, and nobody waits for this one then.
      directed.catch(() => {});
      pending.push(directed);
    });
    return pending;
  }

  #sendmmsg(slots: MessageSlots, length: number, flags: unknown, start: unknown) {
    const first = integer('sendmmsg', 'start', start, 0, length);
    return batches.sendmmsg(this[kEndpoint], slots, first, length, int('sendmmsg', 'flags', flags));
  }
}
