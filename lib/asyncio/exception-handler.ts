/**
 * Who is told of failures that nobody waits for: what a server's callback throws, what an accept fails with. Python:
 * the exception handler of the event loop, of which there is one here.
 */
import { inspect } from 'node:util';
import { wrongKind } from '../validate.ts';

/** What is known of a failure. */
export interface ExceptionContext {
  /** What has failed. */
  message: string;
  /** What was thrown. */
  exception?: unknown;
  /** What it is about: `transport`, `server`, `socket` ... */
  [about: string]: unknown;
}

export type ExceptionHandler = (context: ExceptionContext) => void;

let handler: ExceptionHandler | null = null;

/** Prints a failure to the standard error. Python: `loop.default_exception_handler`. */
export function defaultExceptionHandler(context: ExceptionContext): void {
  if (typeof context !== 'object' || context === null)
    throw wrongKind('defaultExceptionHandler', 'context', 'an object', context);
  const { message, exception, ...about } = context;
  const lines = Object.entries(about)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${inspect(value)}`);
  if ('exception' in context) lines.push(inspect(exception));
  console.error([message, ...lines].join('\n'));
}

/**
 * Replaces the handler of this thread. Python: `loop.set_exception_handler`.
 *
 * @param replacement is called with what is known; what it throws itself is printed. Null for the default one
 */
export function setExceptionHandler(replacement: ExceptionHandler | null): void {
  if (replacement !== null && typeof replacement !== 'function')
    throw wrongKind('setExceptionHandler', 'handler', 'a function or null', replacement);
  handler = replacement;
}

/** The handler that has been set; null for the default one. Python: `loop.get_exception_handler`. */
export function getExceptionHandler(): ExceptionHandler | null {
  return handler;
}

/** Tells the handler. Never throws. Python: `loop.call_exception_handler`. */
export function callExceptionHandler(context: ExceptionContext): void {
  try {
    (handler ?? defaultExceptionHandler)(context);
  } catch (exception) {
    defaultExceptionHandler({ message: 'Unhandled error in exception handler', exception, context });
  }
}
