/** The fields of addresses: what the forms of all families are made of. */
import { integer } from '../validate.ts';

/** What the form of an address depends on: a socket, or as much of one as there is. */
export interface Domain {
  /** The socket, whose network namespace has the interfaces that are meant; -1 for none. */
  readonly fd: number;
  readonly family: number;
  readonly proto: number;
}

/** Checks an address and lists its fields as `native.sockaddr` takes them. */
export type Fields = (caller: string, address: unknown, domain: Domain) => unknown[];

/** An array of so many elements. */
export function isTuple(address: unknown, least: number, most: number): address is unknown[] {
  return Array.isArray(address) && address.length >= least && address.length <= most;
}

/** 32 bits without a sign. */
export function unsigned(caller: string, name: string, value: unknown): number {
  return integer(caller, name, value, 0, 0xffffffff);
}
