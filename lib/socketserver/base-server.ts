/** The loop of every server, which calls the hooks in Python's order. */
import { type AsyncOptions, abortable, signalOf, unwatch, watch } from '../abort.ts';
import { ECANCELED } from '../constants.generated.ts';
import { deadline, pause } from '../deadline.ts';
import { BlockingIOError, InterruptedError, OSError, osError } from '../errors.ts';
import type { SharedSocket } from '../node/sharing.ts';
import { withoutWaiting } from '../socket/socket-attempt.ts';
import { descriptor, seconds } from '../validate.ts';
import { heldBack, shortened } from './elsewhere.ts';
import { isCancelled, type RunningRequest, RunningRequests } from './running-requests.ts';
import { kAsynchronous, kCheck, kElsewhere, ServerHooks } from './server-hooks.ts';
import { ServerRun } from './server-run.ts';
import { ServerWaits } from './server-waits.ts';
import { type Awaitable, run, runSync, type Steps } from './steps.ts';
import { type ShutdownHandle, WakeUp } from './wake-up.ts';

/** Options of `serveForeverAsync`. */
export interface ServeOptions extends AsyncOptions {
  /** As the argument of `serveForever`. */
  pollInterval?: number | null;
}

const POLL_INTERVAL = 0.5;

/** @internal */
export const kBell = Symbol('bell');

/**
 * Base of all servers: Python's `BaseServer`. A subclass says what its descriptor is (`fileno`) and how to get a request
 * from it (`getRequest`). The hooks may be asynchronous where the server is.
 */
export abstract class BaseServer<
  Request = unknown,
  ClientAddress = unknown,
  ServerAddress = unknown,
> extends ServerHooks<Request, ClientAddress, ServerAddress> {
  readonly #requests = new RunningRequests<Request>();
  /** Those that wait on the event loop for one request. */
  readonly #waiting = new Set<AbortController>();
  #run: ServerRun | undefined;
  /** That of the next run, where somebody has asked for it already. */
  #wakeUp: WakeUp | undefined;
  #shutdownRequested = false;
  /** How many requests in a row could not be had. */
  #refused = 0;

  /**
   * Handles requests, one at a time, until `shutdown`. Nothing else happens on this thread meanwhile: neither timers nor
   * listeners of signals.
   *
   * @param pollInterval in seconds: so often at least `serviceActions` is called; null for at requests only
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread); serving can go on
   */
  serveForever(pollInterval: number | null = POLL_INTERVAL): void {
    const interval = seconds('serveForever', 'pollInterval', pollInterval);
    const current = this.#begin(false);
    const before = this[kAsynchronous];
    this[kAsynchronous] = false;
    try {
      this.#runSync(this.#loop(current, interval, false));
    } finally {
      this[kAsynchronous] = before;
      this.#end(current);
    }
  }

  /**
   * {@link serveForever} on the event loop, where many requests are handled at the same time: as many as have handlers
   * or hooks that are asynchronous. A `handle` that is not is run to its end, as ever.
   *
   * @param pollInterval in seconds, or among the options
   * @returns a promise that resolves after `shutdown`, and rejects with the signal's reason when it aborts; requests that
   * are being handled then go on: see `serverCloseAsync`
   */
  async serveForeverAsync(
    pollInterval: number | null | ServeOptions = POLL_INTERVAL,
    options?: AsyncOptions,
  ): Promise<void> {
    const given: ServeOptions =
      typeof pollInterval === 'object' && pollInterval !== null ? pollInterval : { ...options, pollInterval };
    const signal = signalOf('serveForever', given);
    const { pollInterval: wanted = POLL_INTERVAL } = given;
    const interval = seconds('serveForever', 'pollInterval', wanted);
    signal?.throwIfAborted();
    const current = this.#begin(true);
    const abort = { aborted: (reason: unknown) => current.fail(reason) };
    if (signal) watch(signal, abort);
    this[kAsynchronous] = true;
    try {
      await run(this.#loop(current, interval, true));
      current.throwFailure();
    } finally {
      if (signal) unwatch(signal, abort);
      this.#end(current);
    }
  }

  #begin(asynchronous: boolean): ServerRun {
    if (this.#run) throw new OSError('serveForever(): the server is serving already', { code: 'EALREADY' });
    this[kCheck]();
    descriptor('serveForever', 'fileno()', this.fileno());
    // It stays for the next run where this one cannot begin.
    this.#wakeUp ??= new WakeUp();
    this.#run = new ServerRun(this, this.#wakeUp, asynchronous);
    this.#wakeUp = undefined;
    return this.#run;
  }

  #end(current: ServerRun): void {
    this.#run = undefined;
    this.#shutdownRequested = false;
    current.close();
  }

  *#loop(current: ServerRun, interval: number | null, asynchronous: boolean): Steps<void> {
    if (this.#shutdownRequested) current.end();
    while (!current.ending) {
      const seconds = pause(this.#refused) / 1000;
      if (seconds > 0) yield asynchronous ? current.pauseAsync(seconds) : current.pause(seconds);
      const ready = yield asynchronous ? current.waitAsync(interval) : current.wait(interval);
      // As in Python since 3.8: who asks for the end while the server waits is served before the client is.
      if (current.ending) return;
      if (ready) yield* this.#handleRequestNoblock(asynchronous, false);
      yield this.serviceActions();
    }
  }

  /**
   * Makes `serveForever` return, after the request that it handles. It does not wait for that, as the loop cannot end
   * while its own thread waits: see {@link shutdownAsync}, and {@link shutdownHandle} for other threads. Without a loop
   * the next one ends at once.
   */
  shutdown(): void {
    this.#shutdownRequested = true;
    this.#run?.end();
  }

  /** {@link shutdown}, and waits until the loop has ended; not for the requests that are still being handled. */
  async shutdownAsync(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('shutdown', options);
    const over = this.#run?.over ?? Promise.resolve();
    this.shutdown();
    return abortable(over, signal);
  }

  /**
   * What another thread of this process ends the loop with, by `shutdown(handle)`: the loop that runs now or, where none
   * does, the next one. It can be used once; call this again for another.
   */
  shutdownHandle(): ShutdownHandle {
    if (this.#run) return this.#run.handle();
    this.#wakeUp ??= new WakeUp();
    return this.#wakeUp.handle();
  }

  /** @internal What a request that is handled in another thread ends the loop with: that of now, or the next one. */
  [kBell](): SharedSocket {
    if (this.#run) return this.#run.bell();
    this.#wakeUp ??= new WakeUp();
    return this.#wakeUp.bell();
  }

  /**
   * Handles one request. Waits for it as long as `timeout` and the socket's own timeout allow, and calls `handleTimeout`
   * when none has come.
   *
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
   */
  handleRequest(): void {
    const before = this[kAsynchronous];
    this[kAsynchronous] = false;
    try {
      this.#runSync(this.#one((waits, left) => waits.wait(left), false));
    } finally {
      this[kAsynchronous] = before;
    }
  }

  /** {@link handleRequest} on the event loop; resolves when the request has been handled. */
  async handleRequestAsync(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('handleRequest', options);
    signal?.throwIfAborted();
    const ended = new AbortController();
    const abort = { aborted: (reason: unknown) => ended.abort(reason) };
    if (signal) watch(signal, abort);
    this.#waiting.add(ended);
    this[kAsynchronous] = true;
    try {
      await run(this.#one((waits, left) => waits.waitAsync(left, ended), true));
    } finally {
      this.#waiting.delete(ended);
      if (signal) unwatch(signal, abort);
    }
  }

  *#one(
    wait: (waits: ServerWaits, timeout: number | null) => Awaitable<Set<unknown>>,
    asynchronous: boolean,
  ): Steps<void> {
    this[kCheck]();
    descriptor('handleRequest', 'fileno()', this.fileno());
    const limits = [this.socket?.gettimeout() ?? null, this.timeout].filter((limit) => limit !== null);
    const timeout = seconds('handleRequest', 'timeout', limits.length === 0 ? null : Math.min(...limits));
    const end = deadline(timeout === null ? null : timeout * 1000);
    const requests = new ServerWaits(false, this);
    let held: ServerWaits | undefined;
    try {
      for (;;) {
        const left = timeout === null ? null : Math.max(0, end - performance.now()) / 1000;
        held = heldBack(this[kElsewhere]);
        const ready = (yield held ? wait(held, shortened(left)) : wait(requests, left)) as Set<unknown>;
        held?.close();
        if (ready.has(this)) break;
        if (performance.now() < end) continue;
        yield this.handleTimeout();
        return;
      }
    } finally {
      held?.close();
      requests.close();
    }
    yield* this.#handleRequestNoblock(asynchronous, true);
  }

  *#handleRequestNoblock(asynchronous: boolean, awaited: boolean): Steps<void> {
    const { socket } = this;
    let running: RunningRequest<Request>;
    let clientAddress: ClientAddress;
    try {
      // Another process that has the socket may have been quicker.
      const got = socket ? withoutWaiting(socket, () => this.getRequest()) : this.getRequest();
      const [request, address] = (yield got) as [Request, ClientAddress];
      running = { request, closed: false };
      clientAddress = address;
    } catch (error) {
      if (!(error instanceof OSError) || (error instanceof InterruptedError && !asynchronous)) throw error;
      // Who is out of descriptors stays so for a while, and the request stays where it is: nobody must spin.
      if (!(error instanceof BlockingIOError)) this.#refused++;
      return;
    }
    this.#refused = 0;
    const steps = this.#handling(running, clientAddress, asynchronous);
    if (!asynchronous) return yield* steps;
    const done = run(steps);
    if (done === undefined) return;
    const current = this.#run;
    const followed = this.#requests.add(running, done, (error) => {
      if (awaited || current === undefined || this.#run !== current) return false;
      current.fail(error);
      return true;
    });
    if (awaited) yield followed;
  }

  *#handling(
    running: RunningRequest<Request>,
    clientAddress: ClientAddress,
    asynchronous: boolean,
  ): Steps<void> {
    const { request } = running;
    try {
      if (yield this.verifyRequest(request, clientAddress)) {
        yield this.processRequest(request, clientAddress);
        return;
      }
    } catch (error) {
      try {
        // On the event loop the listener runs anyway.
        if (error instanceof InterruptedError && !asynchronous) throw error;
        if (!isCancelled(running, error)) yield this.handleError(request, clientAddress, error);
      } finally {
        yield this.shutdownRequest(request);
      }
      return;
    }
    yield this.shutdownRequest(request);
  }

  /** Runs steps in which no hook may be asynchronous. */
  #runSync(steps: Steps<void>): void {
    runSync(steps, (error) => {
      // The request that it belonged to has failed already, and is over.
      process.emitWarning(error instanceof Error ? error : String(error));
    });
  }

  /**
   * Closes the server: its loop ends, as by `shutdown`, and what waits for a request asynchronously rejects with
   * ECANCELED. Requests that are being handled on the event loop go on.
   */
  serverClose(): void {
    this.#run?.end();
    for (const waiting of this.#waiting) waiting.abort(osError(ECANCELED, 'poll'));
    this.#wakeUp?.close();
    this.#wakeUp = undefined;
  }

  /**
   * {@link serverClose}, and waits until the loop has ended and the requests are done that are being handled on the event
   * loop; `closeRequests` ends them sooner. A handler must not wait for this, as it would wait for itself.
   */
  async serverCloseAsync(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('serverClose', options);
    const over = this.#run?.over;
    this.serverClose();
    const done = Promise.resolve(over).then(() => this.#requests.done());
    return abortable(done, signal);
  }

  /**
   * Closes all requests that are being handled on the event loop, by `closeRequest`: the pending calls of their handlers
   * fail with ECANCELED, which is not reported.
   */
  closeRequests(): void {
    this.#requests.close((request) => this.closeRequest(request));
  }

  /** As {@link serverClose}. */
  [Symbol.dispose](): void {
    this.serverClose();
  }

  /** As {@link serverCloseAsync}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.serverCloseAsync();
  }
}
