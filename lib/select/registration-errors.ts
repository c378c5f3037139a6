/** Python's KeyError, for which JavaScript has no class. */
import { describe } from '../validate.ts';

/** Python's KeyError: a file object that is not registered. */
export function notRegistered(caller: string, object: unknown): RangeError {
  const error = new RangeError(`${caller}(): ${describe(object)} is not registered`);
  return Object.assign(error, { code: 'ERR_NOT_REGISTERED' });
}

/** Python's KeyError: a file object that is registered already, itself or another with its descriptor. */
export function alreadyRegistered(caller: string, object: unknown, fd: number): RangeError {
  const error = new RangeError(`${caller}(): ${describe(object)} (FD ${fd}) is already registered`);
  return Object.assign(error, { code: 'ERR_ALREADY_REGISTERED' });
}
