/**
 * The child processes of a server, as it sees them. A thread starts them and reaps them (spawner.ts), since a child's end
 * is known to an event loop only, and that of the server may never turn.
 */
import { type AsyncOptions, abortable, signalOf } from '../abort.ts';
import {
  AF_UNIX,
  EPIPE,
  MSG_DONTWAIT,
  SO_SNDBUF,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from '../constants.generated.ts';
import {
  BlockingIOError,
  BrokenPipeError,
  ConnectionResetError,
  InterruptedError,
  OSError,
  osError,
} from '../errors.ts';
import type { UnixFamily } from '../family.ts';
import { socketpair } from '../functions.ts';
import { sendFds, sendFdsAsync } from '../messages/passing.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { Thread } from '../threading/thread.ts';
import { ENDED, fieldsOf, LONGEST_PARCEL, RECORD, STARTED } from './child-records.ts';
import type { Elsewhere } from './elsewhere.ts';

const SPAWNER = new URL('./spawner.js#spawnChildren', import.meta.url);

/** A child that is being started. */
class Start {
  readonly settled: Promise<void>;
  over = false;
  error: unknown;
  #settle!: () => void;

  constructor() {
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  settle(error?: unknown): void {
    this.over = true;
    this.error = error;
    this.#settle();
  }
}

export class Children implements Elsewhere {
  /** The process ids of those that have not ended, as far as is known. */
  readonly active = new Set<number>();
  readonly #most: () => number;
  #channel: Socket<UnixFamily> | undefined;
  /** In the order in which the answers come. */
  readonly #starting: Start[] = [];
  /** Those who wait on the event loop until there is none. */
  readonly #waiting: (() => void)[] = [];
  #listening = false;

  /** @param most how many there may be at a time */
  constructor(most: () => number) {
    this.#most = most;
  }

  #open(): Socket<UnixFamily> {
    if (this.#channel !== undefined) return this.#channel;
    const [here, there] = socketpair(AF_UNIX, SOCK_SEQPACKET);
    try {
      here.settimeout(null);
      there.settimeout(null);
      // The kernel doubles it.
      here.setsockopt(SOL_SOCKET, SO_SNDBUF, LONGEST_PARCEL / 2);
      new Thread({ target: SPAWNER, args: [there], daemon: true }).start();
    } catch (error) {
      here.close();
      there.close();
      throw error;
    }
    this.#channel = here;
    return here;
  }

  /** The thread is gone, and what it knew with it. */
  #lost(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.active.clear();
    for (const start of this.#starting.splice(0)) start.settle(osError(EPIPE, 'spawn'));
    this.#tell();
  }

  /** Ends the waits of those who wait until there is none. */
  #tell(): void {
    if (this.#count === 0) for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Takes note of a record. */
  #take(bytes: Buffer): void {
    if (bytes.length < RECORD) this.#lost();
    else {
      const [kind, value] = fieldsOf(bytes);
      if (kind === ENDED) this.active.delete(value);
      else if (kind === STARTED) {
        this.active.add(value);
        this.#starting.shift()!.settle();
      } else this.#starting.shift()!.settle(osError(value, 'spawn'));
    }
    this.#tell();
  }

  get #count(): number {
    return this.active.size + this.#starting.length;
  }

  /** Waits for a record on this thread. */
  #receive(flags = 0): void {
    try {
      this.#take(this.#channel!.recv(RECORD, flags));
    } catch (error) {
      if (!(error instanceof ConnectionResetError)) throw error;
      this.#lost();
    }
  }

  /** Receives on the event loop for as long as somebody waits for a record. */
  async #listen(): Promise<void> {
    if (this.#listening) return;
    this.#listening = true;
    try {
      while (this.#starting.length + this.#waiting.length > 0 && this.#channel)
        this.#take(await this.#channel.recvAsync(RECORD));
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      this.#lost();
    } finally {
      this.#listening = false;
    }
  }

  /**
   * Starts a child and waits until it has been.
   *
   * @param fd of the request's socket: the child gets a duplicate
   * @throws {OSError} EAGAIN, ENOMEM and so on
   * @throws {InterruptedError} it has been started, or has failed, and the wait for that was interrupted
   */
  start(parcel: Buffer, fd: number): void {
    const channel = this.#open();
    const start = this.#begin();
    try {
      sendFds(channel, [parcel], [fd]);
    } catch (error) {
      throw this.#refused(start, error);
    }
    let interrupted: InterruptedError | undefined;
    while (!start.over) {
      try {
        this.#receive();
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
        interrupted = error;
      }
    }
    const error = start.error ?? interrupted;
    if (error !== undefined) throw error;
  }

  /** {@link start} on the event loop. */
  async startAsync(parcel: Buffer, fd: number): Promise<void> {
    const channel = this.#open();
    const start = this.#begin();
    try {
      await sendFdsAsync(channel, [parcel], [fd]);
    } catch (error) {
      throw this.#refused(start, error);
    }
    this.#listen();
    await start.settled;
    if (start.error !== undefined) throw start.error;
  }

  #begin(): Start {
    const start = new Start();
    this.#starting.push(start);
    return start;
  }

  /** Nothing will come of it: it could not be asked for. */
  #refused(start: Start, error: unknown): unknown {
    const index = this.#starting.indexOf(start);
    if (index >= 0) this.#starting.splice(index, 1);
    if (error instanceof BrokenPipeError) this.#lost();
    return error;
  }

  /** Takes note of those that have ended. */
  collect(): void {
    if (this.#listening) return;
    try {
      while (this.active.size > 0) this.#receive(MSG_DONTWAIT);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
    }
  }

  /** Waits until all have ended. */
  wait(): void {
    while (this.#count > 0) this.#receive();
  }

  /** {@link wait} on the event loop. */
  async waitAsync(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('collectChildren', options);
    if (this.#count === 0) return;
    const none = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#listen();
    await abortable(none, signal);
  }

  isFull(): boolean {
    this.collect();
    return this.#count >= this.#most();
  }

  fileno(): number {
    return this.#channel!.fileno();
  }

  /** Leaves those alone that there still are: nobody tells about them any more. */
  close(): void {
    this.#lost();
  }
}
