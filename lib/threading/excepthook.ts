/** What becomes of an error that ends a thread. */
import { inspect } from 'node:util';
import { wrongKind } from '../validate.ts';
import type { Thread } from './thread.ts';

/** What a hook is told. */
export interface ExceptHookArgs {
  /** What was thrown. From another thread it is a copy: an `Error` with its name, its message and its properties. */
  readonly error: unknown;
  /** The thread that it has ended. */
  readonly thread: Thread;
}

export type ExceptHook = (args: ExceptHookArgs) => void;

let hook: ExceptHook | null = null;

/**
 * Sets what is called when an error ends a thread. Python: assigning to `threading.excepthook`.
 *
 * A hook is of the thread that sets it. It learns of the errors of its own thread, there and at once; and of those of the
 * threads that it has started since, where these have set none: in `join`, or in a turn of the event loop. What has no
 * hook is written to standard error, by {@link excepthook}, in the thread that failed.
 *
 * @param next null: as in the beginning
 * @returns the one before
 */
export function setExcepthook(next: ExceptHook | null): ExceptHook | null {
  if (next !== null && typeof next !== 'function')
    throw wrongKind('setExcepthook', 'hook', 'a function or null', next);
  const before = hook;
  hook = next;
  return before;
}

/** Writes the error to standard error, and the name of its thread. Python: `threading.__excepthook__`. */
export function excepthook({ error, thread }: ExceptHookArgs): void {
  process.stderr.write(`Exception in thread ${thread.name}:\n${inspect(error)}\n`);
}

/** Whether a hook has been set in this environment. */
export function hooked(): boolean {
  return hook !== null;
}

/** Calls the hook. What that throws is written to standard error, and what it was called for, too. */
export function report(args: ExceptHookArgs): void {
  try {
    (hook ?? excepthook)(args);
  } catch (error) {
    process.stderr.write(`Exception in the excepthook of thread ${args.thread.name}:\n${inspect(error)}\n`);
    excepthook(args);
  }
}

/** An error that structured clone copies, with what it would leave out. */
export interface CopiedError {
  readonly error: unknown;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Makes an error ready to be copied, of which as much as possible survives. */
export function copied(error: unknown): CopiedError {
  const own = error instanceof Error ? error : undefined;
  const clone = (value: unknown, otherwise: unknown): unknown => {
    try {
      return structuredClone(value);
    } catch {
      return otherwise;
    }
  };
  const entries = Object.entries(own ?? {}).filter(([, value]) => clone(value, undefined) !== undefined);
  const cloned = clone(error, undefined);
  return {
    error: cloned !== undefined || error === undefined ? cloned : new Error(inspect(error)),
    name: own?.name ?? '',
    properties: Object.fromEntries(entries),
  };
}

/** The error that was copied. */
export function restored({ error, name, properties }: CopiedError): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name !== name)
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return Object.assign(error, properties);
}
