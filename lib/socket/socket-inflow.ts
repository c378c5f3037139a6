/** `Inflow`: all that a stream brings, told as it arrives. A loop of `recvAsync` makes a promise for each receive. */
import { AsyncResource } from 'node:async_hooks';
import { land, landing, taken } from '../buffers.ts';
import { EAGAIN } from '../constants.generated.ts';
import { runAsync } from '../drive-async.ts';
import { kEndpoint } from '../endpoint.ts';
import { osError } from '../errors.ts';
import { native } from '../native.ts';
import { ADVANCED, type Operation, type Outcome, PENDING } from '../operation.ts';
import { READABLE } from '../readiness.ts';
import type { SocketHandle } from './socket-handle.ts';

/** Who is told; it throws nothing. */
export interface Sink {
  /** Bytes have arrived, which belong to the sink from now on; none at the end, which is told once. */
  received(data: Buffer): void;
  /** The receive has failed: with ECANCELED where the socket has been closed. */
  unreceived(error: Error): void;
}

// In bytes, of one receive.
const MOST = 65536;

/**
 * One operation for all receives, which stays pending from one to the next. The sink is told in the asynchronous context in
 * which the inflow was made, and not in that of whoever has made the event loop's poller.
 */
export class Inflow implements Operation<void> {
  readonly #socket: SocketHandle;
  readonly #sink: Sink;
  readonly #context = new AsyncResource('Inflow', { requireManualDestroy: true });
  #open = false;
  #pending = false;

  /** @param socket a connected stream with a timeout of 0: the inflow waits without limit */
  constructor(socket: SocketHandle, sink: Sink) {
    this.#socket = socket;
    this.#sink = sink;
  }

  /** Receives from now on: one call in a turn of the event loop, so that nobody is starved. */
  open(): void {
    this.#open = true;
    if (this.#pending) return;
    this.#pending = true;
    runAsync(this.#socket[kEndpoint], this.#socket, () => this).catch((error: Error) => {
      this.#pending = false;
      this.#sink.unreceived(error);
    });
  }

  /** Leaves what arrives from now on to the system. The operation ends with the next readiness, unless it is opened again. */
  shut(): void {
    this.#open = false;
  }

  get syscall(): string {
    return 'recv';
  }

  get direction(): number {
    return READABLE;
  }

  /** Whoever opens an inflow does not expect to be told of bytes meanwhile. */
  get waitFirst(): boolean {
    return true;
  }

  get neverWaits(): boolean {
    return false;
  }

  get abandoned(): boolean {
    return !this.#open;
  }

  get wouldBlock(): number {
    return EAGAIN;
  }

  attempt(): Outcome<void> {
    if (!this.#open) return this.#over();
    const endpoint = this.#socket[kEndpoint];
    land(MOST, false);
    const count = native.recv(endpoint.fd, landing.view, 0, landing.offset, MOST);
    if (count <= 0) endpoint.throwDeferred('recv');
    if (count === -EAGAIN) return PENDING;
    if (count < 0) throw osError(-count, 'recv');
    if (count === 0) this.#open = false;
    this.#context.runInAsyncScope(this.#sink.received, this.#sink, taken(count));
    return this.#open ? ADVANCED : this.#over();
  }

  #over(): void {
    this.#pending = false;
  }
}
