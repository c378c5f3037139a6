/** Checks of arguments: each message names the function, the argument, what was expected and what came. */
import { types } from 'node:util';

/** What came, briefly: `'text'`, `5`, `null`, `an array of length 1`, `an instance of Map`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `'${value.slice(0, 40)}'...` : `'${value}'`;
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    case 'object': {
      if (value === null) return 'null';
      // What is wrong with an array is mostly how many items it has: an address of one.
      if (Array.isArray(value)) return `an array of length ${value.length}`;
      const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
      return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object';
    }
    default:
      return String(value);
  }
}

/** The TypeError for an argument of the wrong kind. */
export function wrongKind(caller: string, name: string, expected: string, actual: unknown): TypeError {
  const error = new TypeError(`${caller}(): ${name} must be ${expected}, not ${describe(actual)}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

/** The RangeError for a number outside its limits. */
export function outOfRange(caller: string, name: string, expected: string, actual: unknown): RangeError {
  const error = new RangeError(`${caller}(): ${name} must be ${expected}, not ${describe(actual)}`);
  return Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

/** The Error for a call at the wrong time. Python: RuntimeError. */
export function invalidState(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_INVALID_STATE' });
}

/** The RangeError for a call on a closed file object. Python: ValueError. */
export function closedFile(): RangeError {
  return Object.assign(new RangeError('I/O operation on closed file.'), { code: 'ERR_USE_AFTER_CLOSE' });
}

/** `value`, where it is a whole number from `least` to `most`. */
export function integer(caller: string, name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw wrongKind(caller, name, 'an integer', value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(
      caller,
      name,
      least === 0 && most === 65535 ? '0-65535' : `an integer from ${least} to ${most}`,
      value,
    );
  }
  return value;
}

/** `value`, where it is true or false. */
export function boolean(caller: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongKind(caller, name, 'a boolean', value);
  return value;
}

const INT_MAX = 0x7fffffff;

/** `value`, where it fits a C int. */
export function int(caller: string, name: string, value: unknown): number {
  return integer(caller, name, value, -INT_MAX - 1, INT_MAX);
}

/** `value`, where it can be a descriptor. */
export function descriptor(caller: string, name: string, value: unknown): number {
  if (typeof value === 'number' && value < 0) {
    throw outOfRange(caller, name, '0 or more (negative file descriptor)', value);
  }
  return integer(caller, name, value, 0, INT_MAX);
}

/** An iterable of any kind but a string, whose items are its characters: a lone piece of text is no list of pieces. */
export type IterableObject<T> = Iterable<T> & object;

/** The items of an {@link IterableObject}. */
export function items(caller: string, name: string, value: unknown, expected: string): unknown[] {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value))
    throw wrongKind(caller, name, expected, value);
  return Array.from(value as Iterable<unknown>);
}

/** The text of a string or of bytes, without NUL, which C would take for its end. */
export function textOf(caller: string, name: string, value: unknown, expected = 'a string or bytes'): string {
  const text = types.isUint8Array(value) ? Buffer.from(value).toString() : value;
  if (typeof text !== 'string') throw wrongKind(caller, name, expected, value);
  if (text.includes('\0')) throw wrongKind(caller, name, 'without NUL', value);
  return text;
}

// Python counts nanoseconds in 63 bits.
const LONGEST = 2 ** 63 / 1e9;

/** Seconds as Python takes them: null for none, never negative, and less than `limit`. */
export function seconds(caller: string, name: string, value: unknown, limit = LONGEST): number | null {
  if (value === null) return null;
  if (typeof value !== 'number') throw wrongKind(caller, name, 'a number of seconds or null', value);
  if (!(value >= 0 && value < limit)) {
    const range = `from 0 to ${Math.floor(limit)} seconds (Timeout value out of range)`;
    throw outOfRange(caller, name, range, value);
  }
  return value;
}
