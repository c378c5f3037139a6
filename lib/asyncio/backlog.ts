/** What a connection has not taken at once: it goes out in order, as soon as there is room. */
import { EAGAIN, MSG_DONTWAIT } from '../constants.generated.ts';
import type { OSError } from '../errors.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { type Buffering, WriteFlow } from './write-flow.ts';
import { WriteQueue } from './write-queue.ts';

/** Who is told. */
interface Outcome {
  /** Everything has been sent. */
  emptied(): void;
  failed(error: Error): void;
}

/** It is made when a connection needs one: most never do. */
export class Backlog {
  /** When the protocol is to pause. */
  readonly flow: WriteFlow;
  /** A call waits for room. */
  sending = false;
  readonly #socket: Socket;
  readonly #outcome: Outcome;
  readonly #queue = new WriteQueue();

  constructor(socket: Socket, transport: Buffering, outcome: Outcome) {
    this.#socket = socket;
    this.#outcome = outcome;
    this.flow = new WriteFlow(transport);
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#queue.size;
  }

  push(piece: Uint8Array): void {
    this.#queue.push(piece);
    this.#flush();
  }

  /** Sends what the connection takes of several pieces at once, if nothing else waits. */
  pushAll(pieces: readonly Uint8Array[]): void {
    const queue = this.#queue;
    const first = queue.size === 0;
    for (const piece of pieces) if (piece.length > 0) queue.push(piece);
    if (queue.size === 0) return;
    if (first) {
      try {
        queue.skip(this.#socket.sendmsg(queue.next(), [], MSG_DONTWAIT));
      } catch (error) {
        if ((error as OSError).errno !== EAGAIN) {
          this.#outcome.failed(error as Error);
          return;
        }
      }
      if (queue.size === 0) return;
    }
    this.#flush();
  }

  /** Forgets all of it. */
  clear(): void {
    this.#queue.clear();
  }

  #flush(): void {
    this.flow.grown();
    if (this.sending || this.size === 0) return;
    this.sending = true;
    const pieces = this.#queue.next();
    const sent = pieces.length === 1 ? this.#socket.sendAsync(pieces[0]!) : this.#socket.sendmsgAsync(pieces);
    sent.then(this.#sent, this.#unsent);
  }

  readonly #sent = (count: number): void => {
    this.sending = false;
    // It may have been cleared meanwhile.
    if (this.size === 0) return;
    this.#queue.skip(count);
    this.flow.shrunk();
    if (this.size > 0) this.#flush();
    else this.#outcome.emptied();
  };

  readonly #unsent = (error: Error): void => {
    this.sending = false;
    this.#outcome.failed(error);
  };
}
