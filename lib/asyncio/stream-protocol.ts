/** What a stream is told by its transport: `StreamProtocol` feeds the reader and lets the writer wait. */
import { abortable } from '../abort.ts';
import { ConnectionResetError } from '../errors.ts';
import { Finalizer, type Held } from '../finalizer.ts';
import type { Incoming } from './incoming.ts';
import type { Protocol, Transport } from './protocols.ts';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Settles all that wait. */
function wake(waiters: Iterable<Waiter>, error: Error | null): void {
  for (const waiter of waiters) {
    if (error === null) waiter.resolve();
    else waiter.reject(error);
  }
}

const done = Promise.resolve();

const forgotten = new Finalizer<StreamProtocol>(({ transport }) => {
  if (transport === null || transport.isClosing()) return;
  process.emitWarning(`unclosed <StreamWriter transport=${transport}>`, 'ResourceWarning');
  transport.close();
});

export class StreamProtocol implements Protocol {
  /** Whether this side has accepted the connection. */
  readonly serverSide: boolean;
  readonly #incoming: Incoming;
  #secure = false;
  #paused = false;
  #lost = false;
  #error: Error | null = null;
  #held: Held<StreamProtocol> | undefined;
  // Of most connections nobody waits for either.
  #draining: Set<Waiter> | undefined;
  #closing: Set<Waiter> | undefined;

  constructor(incoming: Incoming, serverSide: boolean) {
    this.#incoming = incoming;
    this.serverSide = serverSide;
  }

  /** Closes the connection, with a warning, should its writer become unreachable before it is lost. */
  ownedBy(writer: object): void {
    this.#held = forgotten.register(writer, this);
  }

  /** What the connection goes through. */
  get transport(): Transport | null {
    return this.#incoming.transport;
  }

  /** The connection goes through this transport from now on. */
  connectionMade(transport: Transport): void {
    this.#incoming.transport = transport;
    this.#secure = transport.getExtraInfo('sslcontext') !== null;
  }

  dataReceived(data: Buffer): void {
    this.#incoming.received(data);
  }

  eofReceived(): boolean {
    this.#incoming.feedEof();
    // TLS has no half of a connection.
    return !this.#secure;
  }

  connectionLost(error: Error | null): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#error = error;
    if (this.#held !== undefined) forgotten.unregister(this.#held);
    if (error === null) this.#incoming.feedEof();
    else this.#incoming.setException(error);
    wake(this.#closing ?? [], error);
    wake(this.#draining ?? [], error);
  }

  pauseWriting(): void {
    this.#paused = true;
  }

  resumeWriting(): void {
    this.#paused = false;
    wake(this.#draining ?? [], null);
    this.#draining = undefined;
  }

  /** Waits until there is room to write. */
  drained(signal?: AbortSignal): Promise<void> {
    if (this.#lost) {
      const error = new ConnectionResetError('Connection lost', { code: 'ECONNRESET', syscall: 'drain' });
      return Promise.reject(error);
    }
    if (!this.#paused) return done;
    this.#draining ??= new Set();
    return wait(this.#draining, signal);
  }

  /** Waits until the connection is over; rejects with what ended it. */
  closed(signal?: AbortSignal): Promise<void> {
    if (this.#lost) return this.#error === null ? done : Promise.reject(this.#error);
    this.#closing ??= new Set();
    return wait(this.#closing, signal);
  }

  /** Waits until the connection is over; rejects with what ended it, unless somebody has been told of that already. */
  async over(): Promise<void> {
    const { told } = this.#incoming;
    try {
      await this.closed();
    } catch (error) {
      if (!told) throw error;
    }
  }
}

function wait(waiters: Set<Waiter>, signal: AbortSignal | undefined): Promise<void> {
  let waiter: Waiter;
  const waiting = new Promise<void>((resolve, reject) => {
    waiter = { resolve, reject };
    waiters.add(waiter);
  });
  if (signal === undefined) return waiting;
  return abortable(waiting, signal).finally(() => waiters.delete(waiter));
}
