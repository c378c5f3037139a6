/** The functions of Python's `socket` module about names: of hosts and services, and of the host itself. */
import { type AsyncOptions, abortable, signalOf } from '../abort.ts';
import { internet } from '../address/address.ts';
import { AF_INET } from '../constants.generated.ts';
import { audit, auditLookup } from '../diagnostics.ts';
import { checked } from '../errors.ts';
import type { Inet6AddressInput, InetAddressInput } from '../family.ts';
import { type AddressRow, native } from '../native.ts';
import { int, textOf } from '../validate.ts';
import {
  lookup,
  lookupArguments,
  lookupAsync,
  numericSockaddr,
  resolve,
  resolveAsync,
  reverse,
  reverseAsync,
} from './resolver.ts';

type HostArgument = string | Uint8Array | null;
type ServiceArgument = number | string | Uint8Array | null;

/**
 * The addresses of a host and service: getaddrinfo(3), on this thread, which waits.
 *
 * @param host a name or a numeric address; null for the wildcard or loopback address, by AI_PASSIVE
 * @param port a number from 0 to 65535, a service's name, or null
 * @param family AF_INET and so on; 0 for any
 * @param type SOCK_STREAM and so on; 0 for any, which gives a row for each
 * @param flags AI_PASSIVE and so on
 * @throws {gaierror} with the EAI code as its errno
 */
export function getaddrinfo(
  host: HostArgument,
  port: ServiceArgument,
  family = 0,
  type = 0,
  proto = 0,
  flags = 0,
): AddressRow[] {
  const args = lookupArguments('getaddrinfo', host, port, family, type, proto, flags);
  auditLookup(host, port, family, type, proto);
  return lookup(args);
}

/** {@link getaddrinfo} on libuv's pool. */
export async function getaddrinfoAsync(
  host: HostArgument,
  port: ServiceArgument,
  family = 0,
  type = 0,
  proto = 0,
  flags = 0,
  options?: AsyncOptions,
): Promise<AddressRow[]> {
  const args = lookupArguments('getaddrinfo', host, port, family, type, proto, flags);
  const signal = signalOf('getaddrinfo', options);
  auditLookup(host, port, family, type, proto);
  return abortable(lookupAsync(args), signal);
}

function reverseArguments(sockaddr: unknown, flags: unknown): [sockaddr: Buffer, flags: number] {
  const args: [Buffer, number] = [
    numericSockaddr('getnameinfo', sockaddr),
    int('getnameinfo', 'flags', flags),
  ];
  if (audit.getnameinfo.hasSubscribers) audit.getnameinfo.publish({ sockaddr });
  return args;
}

/**
 * The names of a numeric address: getnameinfo(3), on this thread, which waits.
 *
 * @param flags NI_NUMERICHOST and so on
 * @throws {gaierror} EAI_NONAME for a host that is not numeric
 */
export function getnameinfo(
  sockaddr: InetAddressInput | Inet6AddressInput,
  flags: number,
): [host: string, service: string] {
  return reverse(...reverseArguments(sockaddr, flags));
}

/** {@link getnameinfo} on libuv's pool. */
export async function getnameinfoAsync(
  sockaddr: InetAddressInput | Inet6AddressInput,
  flags: number,
  options?: AsyncOptions,
): Promise<[host: string, service: string]> {
  const signal = signalOf('getnameinfo', options);
  return abortable(reverseAsync(...reverseArguments(sockaddr, flags)), signal);
}

function inetHost(name: unknown): [host: unknown, port: number] {
  const hostname = textOf('gethostbyname', 'name', name);
  if (audit.gethostbyname.hasSubscribers) audit.gethostbyname.publish({ hostname });
  return [hostname, 0];
}

// sockaddr_in: family and port come before the four bytes of the address.
const addressOf = (sockaddr: Buffer) => sockaddr.subarray(4, 8).join('.');

/** The IPv4 address of a host, `'127.0.0.1'`, looked up on this thread, which waits. */
export function gethostbyname(name: string | Uint8Array): string {
  return addressOf(resolve('gethostbyname', internet(AF_INET), inetHost(name)));
}

/** {@link gethostbyname} on libuv's pool. */
export async function gethostbynameAsync(name: string | Uint8Array, options?: AsyncOptions): Promise<string> {
  const signal = signalOf('gethostbyname', options);
  const packed = Promise.resolve(resolveAsync('gethostbyname', internet(AF_INET), inetHost(name)));
  return addressOf(await abortable(packed, signal));
}

/** The host's own name: gethostname(2). */
export function gethostname(): string {
  if (audit.gethostname.hasSubscribers) audit.gethostname.publish({});
  const name = native.gethostname();
  return typeof name === 'string' ? name : String(checked(name, 'gethostname'));
}
