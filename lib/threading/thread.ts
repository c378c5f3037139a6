/** Python's `threading.Thread`: a function of a module that runs in a worker. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { AsyncOptions } from '../abort.ts';
import { native } from '../native.ts';
import type { SharedSocket } from '../node/sharing.ts';
import { invalidState, items, wrongKind } from '../validate.ts';
import { alive, root } from './census.ts';
import { type CopiedError, hooked, report, restored } from './excepthook.ts';
import { patience, type Wanted, wait, waitAsync } from './parking.ts';
import { FINISHED, INTERRUPTED } from './record.ts';
import { giveUp, pack } from './thread-arguments.ts';
import { isOver, launch, type Run } from './workers.ts';

/** What a thread is made of. */
export interface ThreadOptions {
  /**
   * The module, and behind a `#` the name of its export, a function: `new URL('./client.js#serve', import.meta.url)`.
   * Without a name it is the default export. A string is a `file:` URL or an absolute path. The function may be async,
   * and the thread lives until its promise settles.
   */
  readonly target: URL | string;
  /** What the function is called with. Sockets among it move to the thread, and are closed when it is over. */
  readonly args?: Iterable<unknown>;
  /** `Thread-1 (serve)` and so on if left out. */
  readonly name?: string | null;
  /** A daemon does not keep the process alive. As the thread that makes it if left out: the main thread is none. */
  readonly daemon?: boolean | null;
  /** @internal Rung when the thread begins and when its worker is free again. */
  readonly bell?: SharedSocket;
}

/** Which export of which module. */
export interface Target {
  readonly module: string;
  readonly exported: string;
}

/** What a URL, or a string that is one or an absolute path, says with the name behind its `#`. */
export function targetOf(target: unknown, caller = 'Thread', argument = 'target'): Target {
  const expected = 'a URL, or a string that is one or an absolute path';
  let url: URL;
  if (target instanceof URL) url = new URL(target);
  else if (typeof target !== 'string') throw wrongKind(caller, argument, expected, target);
  else if (isAbsolute(target)) {
    const [, path, name] = /^(.*?)(?:#([^#/]*))?$/s.exec(target)!;
    url = pathToFileURL(path!);
    if (name !== undefined) url.hash = name;
  } else if (URL.canParse(target)) url = new URL(target);
  else throw wrongKind(caller, argument, expected, target);
  const exported = decodeURIComponent(url.hash.slice(1)) || 'default';
  // With the name it would be another module, loaded once more.
  url.hash = '';
  return { module: url.href, exported };
}

/** A thread that nobody starts: the one that looks at itself, or the first one. */
export class Running {
  readonly name: string;
  readonly daemon: boolean;
  readonly ident: number;
  readonly run: Run | undefined;

  constructor(name: string, daemon: boolean, ident: number, run?: Run) {
    this.name = name;
    this.daemon = daemon;
    this.ident = ident;
    this.run = run;
  }
}

let count = 0;

/**
 * A function that runs in a thread of its own, a worker. Python: `threading.Thread`.
 *
 *     const thread = new Thread({ target: new URL('./client.js#serve', import.meta.url), args: [connection, address] });
 *     thread.start();
 *     thread.join();
 */
export class Thread {
  /** Any text; two threads may have the same. */
  name: string;
  readonly #target: Target | undefined;
  readonly #args: unknown[];
  readonly #bell: SharedSocket | undefined;
  #daemon: boolean;
  #run: Run | undefined;
  #ident: number | null;

  constructor(options: ThreadOptions);
  /** @internal */
  constructor(options: Running);
  constructor(options: ThreadOptions | Running) {
    if (options instanceof Running) {
      this.#args = [];
      this.name = options.name;
      this.#daemon = options.daemon;
      this.#run = options.run;
      this.#ident = options.ident;
      return;
    }
    if (typeof options !== 'object' || options === null)
      throw wrongKind('Thread', 'options', '{ target, args?, name?, daemon? }', options);
    const { target, args = [], name = null, daemon = null } = options;
    if (name !== null && typeof name !== 'string') throw wrongKind('Thread', 'name', 'a string', name);
    if (daemon !== null && typeof daemon !== 'boolean')
      throw wrongKind('Thread', 'daemon', 'a boolean', daemon);
    this.#target = targetOf(target);
    this.#bell = options.bell;
    this.#args = items('Thread', 'args', args, 'an array');
    this.name = name ?? `Thread-${++count} (${this.#target.exported})`;
    this.#daemon = daemon ?? currentThread().daemon;
    this.#ident = null;
  }

  /** The `threadId` of its worker; null before it has been started. A worker runs several threads, one at a time. */
  get ident(): number | null {
    return this.#ident;
  }

  /** Whether the process may end while it runs. To be set before it is started. */
  get daemon(): boolean {
    return this.#daemon;
  }
  set daemon(daemon: boolean) {
    if (typeof daemon !== 'boolean') throw wrongKind('Thread', 'daemon', 'a boolean', daemon);
    if (this.#ident !== null) throw invalidState('cannot set daemon status of active thread');
    this.#daemon = daemon;
  }

  /**
   * Starts it, and does not wait for it to begin; but for a worker, up to a second, where none is free and as many are
   * being made as there are processors. From now on the sockets among its arguments are closed here.
   *
   * @throws {Error} ERR_INVALID_STATE: it has been started before
   * @throws {DOMException} DataCloneError: an argument cannot be copied, and the sockets are still the caller's
   */
  start(): void {
    if (this.#target === undefined || this.#run !== undefined)
      throw invalidState('threads can only be started once');
    const { args, moved } = pack(this.#args);
    try {
      const { name, daemon } = this;
      this.#run = launch({ ...this.#target, args, name, daemon, hooked: hooked(), bell: this.#bell }, this);
    } catch (error) {
      giveUp(args.packed);
      throw error;
    }
    moved();
    this.#args.length = 0;
    this.#ident = this.#run.worker!.ident;
  }

  /**
   * Waits until the thread is over.
   *
   * @param timeout in seconds; null for none. {@link isAlive} tells whether it was over before.
   * @throws {Error} ERR_INVALID_STATE: it has not been started, or is the one that calls
   * @throws {InterruptedError} see {@link interrupt}; on the main thread a signal that the program listens to
   */
  join(timeout: number | null = null): void {
    if (wait('join', this.#end(), patience('join', timeout))) this.#run!.worker!.listen();
  }

  /** {@link join} on the event loop. */
  async joinAsync(timeout: number | null = null, options?: AsyncOptions): Promise<void> {
    if (await waitAsync('join', this.#end(), patience('join', timeout), options)) this.#run!.worker!.listen();
  }

  /** Whether it has been started and is not over. */
  isAlive(): boolean {
    return this.#run === undefined ? this.#target === undefined : !isOver(this.#run);
  }

  /**
   * Ends the blocking call in which the thread is, at once, with `InterruptedError`; where it is in none, the next one
   * that would have to wait. Asynchronous calls go on. It does nothing to a thread that is not alive.
   *
   * @throws {Error} ERR_INVALID_STATE: it is the main thread, which signals interrupt
   */
  interrupt(): void {
    if (this.#run === undefined) {
      if (this.#target === undefined) throw invalidState('cannot interrupt the main thread');
      return;
    }
    const { record, number } = this.#run;
    // Never a later one than this.
    for (let seen = Atomics.load(record, INTERRUPTED); seen < number; ) {
      const before = Atomics.compareExchange(record, INTERRUPTED, seen, number);
      if (before === seen) break;
      seen = before;
    }
    native.unpark(record, INTERRUPTED, 1);
  }

  /** @internal */
  failed(failure: CopiedError): void {
    report({ error: restored(failure), thread: this });
  }

  /** `<Thread(Thread-1 (serve), started daemon 3)>` */
  toString(): string {
    const state = this.isAlive() ? 'started' : this.#run === undefined ? 'initial' : 'stopped';
    const more = [this.#daemon ? ' daemon' : '', this.#ident === null ? '' : ` ${this.#ident}`].join('');
    return `<Thread(${this.name}, ${state}${more})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #end(): Wanted {
    if (this === current) throw invalidState('cannot join current thread');
    if (this === first) throw invalidState('cannot join the main thread');
    if (this.#run === undefined) throw invalidState('cannot join thread before it is started');
    const { record, number } = this.#run;
    const take = () => {
      const finished = Atomics.load(record, FINISHED);
      return finished >= number ? undefined : finished;
    };
    return { cells: record, index: FINISHED, take };
  }
}

const first = new Thread(new Running(root.name, false, root.ident));
let current = first;

/** Makes a thread what {@link currentThread} returns. */
export function become(thread: Thread): void {
  current = thread;
}

/** The thread that calls it. Python: `threading.current_thread()`. */
export function currentThread(): Thread {
  return current;
}

/** The thread that has started all the others, directly or not. Python: `threading.main_thread()`. */
export function mainThread(): Thread {
  return first;
}

/** How many threads there are, the main thread among them. Python: `threading.active_count()`. */
export function activeCount(): number {
  return alive() + 1;
}
