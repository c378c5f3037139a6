/** Names to addresses and back: getaddrinfo(3) and getnameinfo(3), on this thread or on libuv's pool. */
import { domainToASCII } from 'node:url';
import { type Domain, hostToResolve, internet, pack, packResolved } from '../address/address.ts';
import {
  AF_INET,
  AF_INET6,
  AF_RDS,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  EAI_NONAME,
} from '../constants.generated.ts';
import { lookupError, OSError } from '../errors.ts';
import { type AddressRow, type LookupFailure, native } from '../native.ts';
import { int, integer, textOf, wrongKind } from '../validate.ts';

function unwrap<T extends unknown[]>(result: T | LookupFailure, syscall: string, host: string | null): T {
  if (Array.isArray(result)) return result;
  throw lookupError(result.eai, result.errno, syscall, host);
}

function optionalHost(caller: string, host: unknown): string | null {
  return host === null || host === undefined ? null : hostName(caller, host, 'a string, bytes or null');
}

/**
 * A host name in the form that the resolver takes: without NUL, and in ASCII by IDNA.
 *
 * @throws {gaierror} EAI_NONAME for a name that IDNA cannot encode, which is one that cannot exist
 */
export function hostName(caller: string, host: unknown, expected?: string): string {
  const text = textOf(caller, 'host', host, expected);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what must pass unchanged.
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const ascii = domainToASCII(text);
  if (ascii === '') throw lookupError(EAI_NONAME, 0, 'getaddrinfo', text);
  return ascii;
}

function serviceName(caller: string, port: unknown): string | null {
  if (port === null || port === undefined) return null;
  if (typeof port === 'number') return String(integer(caller, 'port', port, 0, 65535));
  const text = textOf(caller, 'port', port, 'a number, string, bytes or null');
  // libc takes 65536, ' 65536' and '+65536' for port 0.
  if (/^\s*[+-]?\d+\s*$/.test(text)) integer(caller, 'port', Number(text), 0, 65535);
  return text;
}

const NUMERIC = AI_NUMERICHOST | AI_NUMERICSERV;

type LookupArguments = Parameters<typeof native.getaddrinfo>;

/** Checks the arguments of getaddrinfo. */
export function lookupArguments(
  caller: string,
  host: unknown,
  port: unknown,
  family: unknown,
  type: unknown,
  proto: unknown,
  flags: unknown,
): LookupArguments {
  return [
    optionalHost(caller, host),
    serviceName(caller, port),
    int(caller, 'family', family),
    int(caller, 'type', type),
    int(caller, 'proto', proto),
    int(caller, 'flags', flags),
  ];
}

/** getaddrinfo(3) on this thread. */
export function lookup(args: LookupArguments): AddressRow[] {
  return unwrap(native.getaddrinfo(...args), 'getaddrinfo', args[0]);
}

/**
 * getaddrinfo(3) on the pool; on this thread where host and port are numbers, so that nothing has to be looked up: a turn
 * on the pool costs more than a connection.
 */
export async function lookupAsync(args: LookupArguments): Promise<AddressRow[]> {
  const [host, port, family, type, proto, flags] = args;
  if (host !== null) {
    const numeric = native.getaddrinfo(host, port, family, type, proto, flags | NUMERIC);
    if (Array.isArray(numeric)) return numeric;
  }
  return unwrap(await native.getaddrinfoAsync(...args), 'getaddrinfo', args[0]);
}

function lookupOf(caller: string, domain: Domain, address: unknown): LookupArguments {
  // RDS has Internet addresses, of which alone the resolver knows.
  const family = domain.family === AF_RDS ? AF_INET : domain.family;
  return lookupArguments(caller, hostToResolve(caller, domain, address), null, family, 0, 0, 0);
}

function packFirst(caller: string, domain: Domain, address: unknown, rows: AddressRow[]): Buffer {
  const [first] = rows;
  if (first === undefined) throw new OSError('getaddrinfo returns an empty list');
  return packResolved(caller, domain, address, first[4]);
}

/** The sockaddr of an address, its host resolved on this thread where it is a name: the first result counts. */
export function resolve(caller: string, domain: Domain, address: unknown): Buffer {
  const packed = pack(caller, domain, address);
  if (packed !== null) return packed;
  return packFirst(caller, domain, address, lookup(lookupOf(caller, domain, address)));
}

/** The same, with names resolved on the pool; a promise only where there is one to resolve. */
export function resolveAsync(caller: string, domain: Domain, address: unknown): Buffer | Promise<Buffer> {
  const packed = pack(caller, domain, address);
  if (packed !== null) return packed;
  // A copy, since the caller may change the array while its name is being resolved.
  const kept = Array.isArray(address) ? [...address] : address;
  return lookupAsync(lookupOf(caller, domain, kept)).then((rows) => packFirst(caller, domain, kept, rows));
}

/** Throws what is wrong with an address, as far as that can be told without the resolver. */
export function checkAddress(caller: string, domain: Domain, address: unknown): void {
  if (pack(caller, domain, address) === null) lookupOf(caller, domain, address);
}

/** Checks the address of getnameinfo, whose host must be numeric, and packs it. */
export function numericSockaddr(caller: string, address: unknown): Buffer {
  if (!Array.isArray(address))
    throw wrongKind(caller, 'sockaddr', 'an array [host, port, flowinfo?, scopeId?]', address);
  const family = String(address[0]).includes(':') ? AF_INET6 : AF_INET;
  const packed = pack(caller, internet(family), address);
  if (packed === null) throw lookupError(EAI_NONAME, 0, 'getnameinfo', String(address[0]));
  return packed;
}

/** getnameinfo(3) on this thread. */
export function reverse(sockaddr: Buffer, flags: number): [host: string, service: string] {
  return unwrap(native.getnameinfo(sockaddr, flags), 'getnameinfo', null);
}

/** getnameinfo(3) on the pool. */
export async function reverseAsync(
  sockaddr: Buffer,
  flags: number,
): Promise<[host: string, service: string]> {
  return unwrap(await native.getnameinfoAsync(sockaddr, flags), 'getnameinfo', null);
}
