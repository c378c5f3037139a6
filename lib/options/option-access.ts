/** The two system calls about options, and what the library has to remember of what they set. */
import {
  ENOPROTOOPT,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_RCVTIMEO_NEW,
  SO_SNDTIMEO,
  SO_SNDTIMEO_NEW,
  SOL_SOCKET,
} from '../constants.generated.ts';
import type { Endpoint } from '../endpoint.ts';
import { optionError } from '../errors.ts';
import { lazy } from '../lazy.ts';
import { native } from '../native.ts';

type View = NodeJS.ArrayBufferView;
const timeoutOptions = new Set([SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW]);
const lowWater = new Int32Array(1);

/**
 * getsockopt(2) into a view.
 *
 * @param name the option's, for the error; undefined where only its number is known
 * @returns the length of the value
 */
export function getOption(
  endpoint: Endpoint,
  level: number,
  option: number,
  view: View,
  name?: string,
): number {
  const length = native.getsockopt(endpoint.fd, level, option, view);
  if (length < 0) throw optionError(-length, 'getsockopt', name);
  return length;
}

/** setsockopt(2) of an int or of bytes. */
export function setOption(
  endpoint: Endpoint,
  level: number,
  option: number,
  value: number | View,
  name?: string,
): void {
  done(endpoint, level, option, native.setsockopt(endpoint.fd, level, option, value), name);
}

/** setsockopt(2) of a null pointer with a length. */
export function setNull(endpoint: Endpoint, level: number, option: number, length: number): void {
  done(endpoint, level, option, native.setsockopt(endpoint.fd, level, option, null, length));
}

/** setsockopt(2) of a packet filter, whose instructions are in the view. */
export function setFilter(endpoint: Endpoint, option: number, program: View, name: string): void {
  done(endpoint, SOL_SOCKET, option, native.attachFilter(endpoint.fd, SOL_SOCKET, option, program), name);
}

function done(endpoint: Endpoint, level: number, option: number, result: number, name?: string): void {
  if (result < 0) throw optionError(-result, 'setsockopt', name);
  if (level !== SOL_SOCKET) return;
  // The drivers have to honour these.
  if (timeoutOptions.has(option)) endpoint.kernelTimeouts = true;
  else if (option === SO_RCVLOWAT) {
    getOption(endpoint, SOL_SOCKET, SO_RCVLOWAT, lowWater);
    endpoint.lowWater = lowWater[0]!;
  }
}

const constants = lazy(() => native.constants());

/**
 * The number of a constant of an option.
 *
 * @throws {OSError} ENOPROTOOPT where this system has no such constant
 */
export function optionNumber(syscall: string, name: string): number {
  const number = constants()[name];
  if (typeof number !== 'number') throw optionError(ENOPROTOOPT, syscall, name);
  return number;
}
