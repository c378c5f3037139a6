/** The database of hosts: a host's names and addresses, and its own name. */
import { type AsyncOptions, abortable, signalOf } from '../abort.ts';
import { internet } from '../address/address.ts';
import { type Bytes, readable } from '../buffers.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../constants.generated.ts';
import { audit } from '../diagnostics.ts';
import { checked, hostError, OSError } from '../errors.ts';
import { type AddressRow, type HostEntry, type HostFailure, native } from '../native.ts';
import { textOf } from '../validate.ts';
import { gethostname } from './lookups.ts';
import { hostName, lookup, lookupArguments, lookupAsync, resolve, resolveAsync } from './resolver.ts';

function unwrap(result: HostEntry | HostFailure, syscall: string, host: string): HostEntry {
  if (Array.isArray(result)) return result;
  throw hostError(result.herrno, result.errno, syscall, host);
}

/** The argument of gethostbynameEx. */
function hostToName(hostname: unknown): string {
  const host = hostName('gethostbynameEx', hostname);
  if (audit.gethostbyname.hasSubscribers) audit.gethostbyname.publish({ hostname });
  return host;
}

/** The argument of gethostbyaddr. */
function addressToName(address: unknown): string {
  const host = hostName('gethostbyaddr', address);
  if (audit.gethostbyaddr.hasSubscribers) audit.gethostbyaddr.publish({ ip_address: address });
  return host;
}

/**
 * The names and the IPv4 addresses of a host: gethostbyname(3), on this thread, which waits.
 *
 * @returns the official name, other names, and addresses
 * @throws {gaierror} for a name that cannot be resolved; `herror` where the database of hosts fails
 */
export function gethostbynameEx(name: string | Uint8Array): HostEntry {
  const host = hostToName(name);
  resolve('gethostbynameEx', internet(AF_INET), [host, 0]);
  return unwrap(native.gethostbyname(host), 'gethostbyname', host);
}

/** {@link gethostbynameEx} on libuv's pool. */
export async function gethostbynameExAsync(
  name: string | Uint8Array,
  options?: AsyncOptions,
): Promise<HostEntry> {
  const host = hostToName(name);
  const signal = signalOf('gethostbynameEx', options);
  const look = async () => {
    await resolveAsync('gethostbynameEx', internet(AF_INET), [host, 0]);
    return unwrap(await native.gethostbynameAsync(host), 'gethostbyname', host);
  };
  return abortable(look(), signal);
}

type Packed = [family: number, address: Buffer];

/** The arguments of the look-up that makes an address out of a name, or of an address in some notation. */
function addressLookup(host: string) {
  if (host === '') throw new OSError('wildcard resolved to multiple address', { syscall: 'gethostbyaddr' });
  const numeric = host === '<broadcast>' ? '255.255.255.255' : host;
  return lookupArguments('gethostbyaddr', numeric, null, AF_UNSPEC, 0, 0, 0);
}

function packedAddress(rows: AddressRow[]): Packed {
  const [family, , , , address] = rows[0] ?? [];
  if (family !== AF_INET && family !== AF_INET6)
    throw new OSError('unknown address family', { syscall: 'gethostbyaddr' });
  const [host] = address as [string];
  return [family, native.inet_pton(family, host) as Buffer];
}

/**
 * The names and addresses of the host with an address: gethostbyaddr(3), on this thread, which waits.
 *
 * @param address numeric, of IPv4 or IPv6; a name stands for the first address that it has
 * @returns the official name, other names, and addresses
 * @throws {herror} HOST_NOT_FOUND for an address without a name; `gaierror` for a name that cannot be resolved
 */
export function gethostbyaddr(address: string | Uint8Array): HostEntry {
  const host = addressToName(address);
  const packed = packedAddress(lookup(addressLookup(host)));
  return unwrap(native.gethostbyaddr(...packed), 'gethostbyaddr', host);
}

/** {@link gethostbyaddr} on libuv's pool. */
export async function gethostbyaddrAsync(
  address: string | Uint8Array,
  options?: AsyncOptions,
): Promise<HostEntry> {
  const host = addressToName(address);
  const signal = signalOf('gethostbyaddr', options);
  const look = async () => {
    const packed = packedAddress(await lookupAsync(addressLookup(host)));
    return unwrap(await native.gethostbyaddrAsync(...packed), 'gethostbyaddr', host);
  };
  return abortable(look(), signal);
}

const wildcards = ['', '0.0.0.0', '::'];

/** The host that getfqdn is about: this one by default. */
function subject(name: unknown): string {
  const host = textOf('getfqdn', 'name', name).trim();
  return wildcards.includes(host) ? gethostname() : host;
}

/** The first name that has a dot, or else the official one. */
function fullName([official, aliases]: HostEntry): string {
  return [official, ...aliases].find((name) => name.includes('.')) ?? official;
}

/**
 * The full name of a host, with its domain, as far as {@link gethostbyaddr} knows it; the name itself where it does not.
 * No look-up makes it fail.
 *
 * @param name a name or a numeric address; this host's if it is empty or left out
 */
export function getfqdn(name: string | Uint8Array = ''): string {
  const host = subject(name);
  try {
    return fullName(gethostbyaddr(host));
  } catch (error) {
    if (error instanceof OSError) return host;
    throw error;
  }
}

/** {@link getfqdn} on libuv's pool. */
export async function getfqdnAsync(name: string | Uint8Array = '', options?: AsyncOptions): Promise<string> {
  const host = subject(name);
  try {
    return fullName(await gethostbyaddrAsync(host, options));
  } catch (error) {
    if (error instanceof OSError && !options?.signal?.aborted) return host;
    throw error;
  }
}

/**
 * Sets the host's own name: sethostname(2).
 *
 * @throws {OSError} PermissionError without CAP_SYS_ADMIN; EINVAL for more than 64 bytes
 */
export function sethostname(name: Bytes): void {
  const view = readable('sethostname', 'name', name);
  if (audit.sethostname.hasSubscribers) audit.sethostname.publish({ name });
  checked(native.sethostname(view), 'sethostname');
}
