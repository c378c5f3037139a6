/**
 * Pending asynchronous calls. Those that wait for the same direction of a socket wait in a lane, in order of arrival,
 * so that two `sendallAsync` never interleave and many `acceptAsync` may be pending.
 */
import { type Abortable, unwatch, watch } from './abort.ts';
import { ECANCELED } from './constants.generated.ts';
import { Alarm, pause } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';
import { osError } from './errors.ts';
import { ADVANCED, type Operation, type Outcome, PENDING } from './operation.ts';
import { FAILED, Member, PRIORITY, READABLE, release, retain, WRITABLE } from './readiness.ts';

/** One pending call. */
export class Call implements Abortable {
  readonly syscall: string;
  next: Call | undefined;
  previous: Call | undefined;
  falseWakeups = 0;
  /** Called when a part has been done. */
  advanced: (() => void) | undefined;
  // Holds on to the Socket, so that nobody closes it as unreachable while the call is pending.
  readonly owner: object;
  readonly #lane: Lane;
  readonly #operation: Pick<Operation<unknown>, 'attempt'>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  #alarm: Alarm | undefined;
  #pending = true;
  #retained = false;

  constructor(
    lane: Lane,
    owner: object,
    operation: Pick<Operation<unknown>, 'syscall' | 'attempt'>,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.syscall = operation.syscall;
    this.owner = owner;
    this.#lane = lane;
    this.#operation = operation;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    if (signal !== undefined) watch(signal, this);
    lane.push(this);
  }

  /** The signal has aborted. */
  aborted(reason: unknown): void {
    this.fail(reason);
  }

  /** Calls `expired` at a moment of the monotonic clock. */
  expireAt(end: number, expired: () => void): void {
    if (end === Number.POSITIVE_INFINITY) return;
    this.#alarm ??= new Alarm();
    this.#alarm.set(end, expired);
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
      this.falseWakeups = outcome === ADVANCED ? 0 : this.falseWakeups + 1;
      if (outcome === ADVANCED) this.advanced?.();
      return false;
    }
    this.succeed(outcome);
    return true;
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
    this.#alarm?.cancel();
    if (this.#signal !== undefined) unwatch(this.#signal, this);
    return true;
  }
}

/** The calls that wait for one thing, in order of arrival. */
export class Lane {
  head: Call | undefined;
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
    if (call.previous === undefined) this.head = call.next;
    else call.previous.next = call.next;
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

  /** Fails all calls. */
  drop(error: (call: Call) => Error): void {
    clearTimeout(this.#pausing);
    this.#pausing = undefined;
    while (this.head !== undefined) this.head.fail(error(this.head));
  }
}

// In the order of waking: a connect that has failed must get the socket's error before a receive takes it.
const directions = [WRITABLE, READABLE, PRIORITY] as const;

/** The pending calls of one endpoint. */
export class Calls {
  /** Calls that wait for something else than the descriptor: for a name to be resolved. */
  readonly elsewhere = new Lane();
  readonly #endpoint: Endpoint;
  readonly #lanes: Readonly<Record<number, Lane>> = {
    [READABLE]: new Lane(),
    [WRITABLE]: new Lane(),
    [PRIORITY]: new Lane(),
  };
  #member: Member | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** The lane of READABLE, WRITABLE or PRIORITY. */
  lane(direction: number): Lane {
    return this.#lanes[direction]!;
  }

  /** Asks for the readiness that a lane waits for. Throws where the descriptor cannot be waited for. */
  arm(direction: number): void {
    if (!this.lane(direction).waits) return;
    this.#member ??= new Member(this.#endpoint.fd, this);
    this.#member.arm(direction);
  }

  /** Wakes the lanes that are ready; an error or a hang-up concerns all, and their attempts report it. */
  ready(events: number): number {
    let waited = 0;
    const queueHead = this.#lanes[PRIORITY]!.head;
    for (const direction of directions) {
      if (!this.lane(direction).waits) continue;
      waited |= direction;
      if ((events & (direction | FAILED)) !== 0) this.#wake(direction);
    }
    // What came out of the error queue was the reason to wake the others, who need not slow down for that.
    if (queueHead !== this.#lanes[PRIORITY]!.head) this.#forgiveFalseWakeups();
    return waited;
  }

  #wake(direction: number): void {
    const lane = this.lane(direction);
    lane.pump();
    const milliseconds = lane.head === undefined ? 0 : pause(lane.head.falseWakeups);
    if (milliseconds === 0) return;
    this.#member?.disarm(direction);
    lane.pauseFor(milliseconds, () => {
      this.#wake(direction);
      this.arm(direction);
    });
  }

  #forgiveFalseWakeups(): void {
    for (const lane of Object.values(this.#lanes)) if (lane.head !== undefined) lane.head.falseWakeups = 0;
  }

  /** Whether the pending calls keep the process alive. */
  keepAlive(on: boolean): void {
    for (const lane of this.#everyLane()) {
      for (let call = lane.head; call !== undefined; call = call.next) call.keepAlive(on);
    }
  }

  /** The socket closes: whoever waits on it gets ECANCELED. */
  close(): void {
    this.#member?.close();
    this.#member = undefined;
    for (const lane of this.#everyLane()) lane.drop((call) => osError(ECANCELED, call.syscall));
  }

  #everyLane(): Lane[] {
    return [...Object.values(this.#lanes), this.elsewhere];
  }
}
