/**
 * Pending asynchronous calls. Those that wait for the same direction of a socket wait in a lane, in order of arrival,
 * so that two `sendallAsync` never interleave and many `acceptAsync` may be pending.
 */
import { type Abortable, unwatch, watch } from './abort.ts';
import { ECANCELED } from './constants.generated.ts';
import { pause } from './deadline.ts';
import { osError } from './errors.ts';
import { ADVANCED, type Operation, type Outcome, PENDING } from './operation.ts';
import { FAILED, Member, PRIORITY, READABLE, release, retain, WRITABLE } from './readiness.ts';

// The two functions of the promise that is being made: an executor for each call would be one closure more.
let resolving: (value: unknown) => void;
let rejecting: (error: unknown) => void;

function executor(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  resolving = resolve;
  rejecting = reject;
}

/** What a call waits for. */
type Waiting = Pick<Operation<unknown>, 'syscall' | 'attempt' | 'abandoned'>;

/** How long a call may take. */
export interface Limit {
  /** A part has been done. */
  advanced(): void;
  /** The call is over. */
  cancel(): void;
}

/** One pending call. */
export class Call implements Abortable {
  readonly promise: Promise<unknown> = new Promise(executor);
  next: Call | undefined;
  previous: Call | undefined;
  limit: Limit | undefined;
  // Holds on to the Socket, so that nobody closes it as unreachable while the call is pending.
  readonly owner: object;
  readonly #lane: Lane;
  readonly #operation: Waiting;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  #pending = true;
  #retained = false;

  constructor(lane: Lane, owner: object, operation: Waiting, signal: AbortSignal | undefined) {
    this.owner = owner;
    this.#lane = lane;
    this.#operation = operation;
    this.#resolve = resolving;
    this.#reject = rejecting;
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
    lane.push(this);
  }

  /** The signal has aborted. */
  aborted(reason: unknown): void {
    this.fail(reason);
  }

  /** Whether the call keeps the process alive. */
  keepAlive(on: boolean): void {
    if (on === this.#retained) return;
    this.#retained = on;
    if (on) retain();
    else release();
  }

  /** Tries; true when that has settled the call. */
  attempt(): boolean {
    let outcome: Outcome<unknown>;
    try {
      outcome = this.#operation.attempt();
    } catch (error) {
      this.fail(error);
      return true;
    }
    if (outcome === PENDING || outcome === ADVANCED) {
      if (outcome === ADVANCED) this.limit?.advanced();
      this.#lane.falseWakeups = outcome === ADVANCED ? 0 : this.#lane.falseWakeups + 1;
      return false;
    }
    this.succeed(outcome);
    return true;
  }

  /** The socket has been closed. */
  closed(): void {
    // An error is made of every frame of the stack: not where it would be thrown away.
    if (this.#operation.abandoned) this.attempt();
    else this.fail(osError(ECANCELED, this.#operation.syscall));
  }

  succeed(value: unknown): void {
    if (this.#settle()) this.#resolve(value);
  }

  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (!this.#pending) return false;
    this.#pending = false;
    this.#lane.remove(this);
    this.keepAlive(false);
    this.limit?.cancel();
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    return true;
  }
}

/** The calls that wait for one thing, in order of arrival. */
export class Lane {
  head: Call | undefined;
  /** How many times in a row its first call has been woken for nothing. */
  falseWakeups = 0;
  #tail: Call | undefined;
  #pausing: NodeJS.Timeout | undefined;

  /** Whether calls wait for readiness, and not for a pause to end. */
  get waits(): boolean {
    return this.head !== undefined && this.#pausing === undefined;
  }

  push(call: Call): void {
    call.previous = this.#tail;
    if (this.#tail === undefined) this.head = call;
    else this.#tail.next = call;
    this.#tail = call;
  }

  remove(call: Call): void {
    if (call.previous === undefined) {
      this.head = call.next;
      this.falseWakeups = 0;
    } else call.previous.next = call.next;
    if (call.next === undefined) this.#tail = call.previous;
    else call.next.previous = call.previous;
    call.next = undefined;
    call.previous = undefined;
  }

  /** Lets the first call try, then the next, as long as they get somewhere. */
  pump(): void {
    while (this.head?.attempt()) {
      // An attempt that settles its call has taken it out of the lane.
    }
  }

  /** Calls `then` after so many milliseconds, and does not wait for readiness until then. */
  pauseFor(milliseconds: number, then: () => void): void {
    this.#pausing = setTimeout(() => {
      this.#pausing = undefined;
      then();
    }, milliseconds).unref();
  }

  /** Ends all calls: the socket has been closed. */
  close(): void {
    clearTimeout(this.#pausing);
    this.#pausing = undefined;
    while (this.head !== undefined) this.head.closed();
  }
}

/** The pending calls of one endpoint. */
export class Calls extends Member {
  // Most sockets need one or two of them.
  #readable: Lane | undefined;
  #writable: Lane | undefined;
  #priority: Lane | undefined;
  #elsewhere: Lane | undefined;

  /** The lane of READABLE, WRITABLE or PRIORITY. */
  lane(direction: number): Lane {
    if (direction === READABLE) {
      this.#readable ??= new Lane();
      return this.#readable;
    }
    if (direction === WRITABLE) {
      this.#writable ??= new Lane();
      return this.#writable;
    }
    this.#priority ??= new Lane();
    return this.#priority;
  }

  /** The lane of calls that wait for something else than the descriptor: for a name to be resolved. */
  get elsewhere(): Lane {
    this.#elsewhere ??= new Lane();
    return this.#elsewhere;
  }

  /** Whether a call of READABLE, WRITABLE or PRIORITY is pending. */
  pending(direction: number): boolean {
    const lane =
      direction === READABLE ? this.#readable : direction === WRITABLE ? this.#writable : this.#priority;
    return lane?.head !== undefined;
  }

  /** Asks for the readiness that a lane waits for. Throws where the descriptor cannot be waited for. */
  override arm(direction: number): void {
    if (this.lane(direction).waits) super.arm(direction);
  }

  /** Wakes the lanes that are ready; an error or a hang-up concerns all, and their attempts report it. */
  protected override ready(events: number): number {
    const queueHead = this.#priority?.head;
    // In this order: a connect that has failed must get the socket's error before a receive takes it.
    const waited =
      this.#awake(this.#writable, WRITABLE, events) |
      this.#awake(this.#readable, READABLE, events) |
      this.#awake(this.#priority, PRIORITY, events);
    // What came out of the error queue was the reason to wake the others, who need not slow down for that.
    if (queueHead !== this.#priority?.head) this.#forgiveFalseWakeups();
    return waited;
  }

  #awake(lane: Lane | undefined, direction: number, events: number): number {
    if (lane === undefined || !lane.waits) return 0;
    if ((events & (direction | FAILED)) !== 0) this.#wake(lane, direction);
    return direction;
  }

  #wake(lane: Lane, direction: number): void {
    lane.pump();
    if (lane.head === undefined) return;
    const milliseconds = pause(lane.falseWakeups);
    if (milliseconds === 0) return;
    this.disarm(direction);
    lane.pauseFor(milliseconds, () => {
      this.#wake(lane, direction);
      this.arm(direction);
    });
  }

  #forgiveFalseWakeups(): void {
    for (const lane of this.#lanes()) lane.falseWakeups = 0;
  }

  /** Whether the pending calls keep the process alive. */
  keepAlive(on: boolean): void {
    for (const lane of this.#lanes()) {
      for (let call = lane.head; call !== undefined; call = call.next) call.keepAlive(on);
    }
  }

  /** The socket closes: whoever waits on it gets ECANCELED. */
  close(): void {
    this.leave();
    for (const lane of this.#lanes()) lane.close();
  }

  #lanes(): Lane[] {
    const lanes = [this.#readable, this.#writable, this.#priority, this.#elsewhere];
    return lanes.filter((lane) => lane !== undefined);
  }
}
