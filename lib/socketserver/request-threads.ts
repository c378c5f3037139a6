/** The threads that handle a server's requests. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import { MSG_DONTWAIT } from '../constants.generated.ts';
import { BlockingIOError } from '../errors.ts';
import type { UnixFamily } from '../family.ts';
import { socketpair } from '../functions.ts';
import { type SharedSocket, unshare } from '../node/sharing.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { Thread } from '../threading/thread.ts';
import { isPrompt, tendWorkers } from '../threading/workers.ts';
import type { Elsewhere } from './elsewhere.ts';

/** A pair of sockets of which threads ring one, whenever one of them begins or is over. */
class Bell {
  readonly #listening: Socket<UnixFamily>;
  readonly #ringing: Socket<UnixFamily>;
  readonly token: SharedSocket;

  constructor() {
    [this.#listening, this.#ringing] = socketpair();
    this.token = this.#ringing.share({ expires: null });
  }

  fileno(): number {
    return this.#listening.fileno();
  }

  /** Forgets that it has been rung. */
  clear(): void {
    try {
      while (this.#listening.recv(4096, MSG_DONTWAIT).length === 4096);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
    }
  }

  close(): void {
    unshare(this.token);
    this.#listening.close();
    this.#ringing.close();
  }
}

export class RequestThreads implements Elsewhere {
  readonly #most: () => number | null;
  #threads: Thread[] = [];
  #bell: Bell | undefined;

  /** @param most how many there may be at a time; null for no limit */
  constructor(most: () => number | null) {
    this.#most = most;
  }

  /** Starts one. */
  start(target: URL, args: unknown[], daemon: boolean): void {
    this.#bell ??= new Bell();
    const thread = new Thread({ target, args, daemon, bell: this.#bell.token });
    thread.start();
    this.#reap();
    this.#threads.push(thread);
  }

  #reap(): void {
    this.#threads = this.#threads.filter((thread) => thread.isAlive());
  }

  /** How many there are. */
  get size(): number {
    this.#reap();
    return this.#threads.length;
  }

  #isFull(): boolean {
    const most = this.#most();
    // Of workers that are being made none serves sooner for another one, and one that is free by then need not be made.
    return (most !== null && this.size >= most) || !isPrompt();
  }

  isFull(): boolean {
    // The server's loop may have kept the event loop from turning for long.
    tendWorkers();
    if (this.#bell === undefined || !this.#isFull()) return false;
    // What rings from here on is about something that is not known yet.
    this.#bell.clear();
    return this.#isFull();
  }

  fileno(): number {
    return this.#bell!.fileno();
  }

  /** Waits until all are over but daemons. */
  join(): void {
    for (const thread of this.#joinable()) thread.join();
  }

  /** {@link join} on the event loop. */
  async joinAsync(options?: AsyncOptions): Promise<void> {
    signalOf('serverClose', options);
    for (const thread of this.#joinable()) await thread.joinAsync(null, options);
  }

  #joinable(): Thread[] {
    this.#reap();
    return this.#threads.filter(({ daemon }) => !daemon);
  }

  /** Nobody waits any more for what they do. */
  close(): void {
    this.#bell?.close();
    this.#bell = undefined;
  }
}
