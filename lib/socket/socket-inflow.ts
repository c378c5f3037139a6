/**
 * `Inflow`: all that a stream brings, told as it arrives. It is one operation that stays pending for all receives, where
 * a loop of `recvAsync` makes an operation and a promise for each.
 */
import { land, landing, taken } from '../buffers.ts';
import { EAGAIN } from '../constants.generated.ts';
import { runAsync } from '../drive-async.ts';
import { kEndpoint } from '../endpoint.ts';
import { osError } from '../errors.ts';
import { native } from '../native.ts';
import { ADVANCED, type Operation, type Outcome, PENDING } from '../operation.ts';
import { READABLE } from '../readiness.ts';
import type { SocketHandle } from './socket-handle.ts';

/** Who is told. What it throws ends the flow, and is told to `unreceived`. */
export interface Sink {
  /** Bytes have arrived, which belong to the sink from now on; none at the end, which is told once. */
  received(data: Buffer): void;
  /** The receive has failed: with ECANCELED where the socket has been closed. */
  unreceived(error: Error): void;
}

// In bytes, of one receive.
const MOST = 65536;

export class Inflow implements Operation<void> {
  readonly #socket: SocketHandle;
  readonly #sink: Sink;
  #open = false;
  #pending = false;

  /** @param socket a connected stream, of whose timeout of 0 nothing is left to wait for */
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

  /** Leaves what arrives from now on to the system. The next readiness ends the operation, which costs nothing now. */
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
    this.#sink.received(taken(count));
    return this.#open ? ADVANCED : this.#over();
  }

  #over(): void {
    this.#pending = false;
  }
}
