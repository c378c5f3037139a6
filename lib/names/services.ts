/** The databases of services and protocols: their names and numbers. */
import { type AsyncOptions, abortable, signalOf } from '../abort.ts';
import { audit } from '../diagnostics.ts';
import { OSError, osError } from '../errors.ts';
import { native } from '../native.ts';
import { integer, textOf } from '../validate.ts';

type Text = string | Uint8Array;

const protocolOf = (caller: string, protocol: unknown) =>
  protocol === undefined || protocol === null ? null : textOf(caller, 'protocol', protocol);

function byName(name: unknown, protocol: unknown): [servicename: string, protocolname: string | null] {
  const servicename = textOf('getservbyname', 'service', name);
  const protocolname = protocolOf('getservbyname', protocol);
  if (audit.getservbyname.hasSubscribers) audit.getservbyname.publish({ servicename, protocolname });
  return [servicename, protocolname];
}

function byPort(number: unknown, protocol: unknown): [port: number, protocolname: string | null] {
  const port = integer('getservbyport', 'port', number, 0, 65535);
  const protocolname = protocolOf('getservbyport', protocol);
  if (audit.getservbyport.hasSubscribers) audit.getservbyport.publish({ port, protocolname });
  return [port, protocolname];
}

/** What a look-up has found. */
function found<T>(result: T | number | null, syscall: string, missing: string): T {
  if (result === null) throw new OSError(missing, { syscall });
  if (typeof result === 'number' && result < 0) throw osError(-result, syscall);
  return result as T;
}

const serviceFound = (result: number | null) =>
  found<number>(result, 'getservbyname', 'service/proto not found');
const portFound = (result: string | number | null) =>
  found<string>(result, 'getservbyport', 'port/proto not found');
const protocolFound = (result: number | null) =>
  found<number>(result, 'getprotobyname', 'protocol not found');

/**
 * The port of a service: getservbyname(3), on this thread, which waits.
 *
 * @param service its name, `'http'`
 * @param protocol `'tcp'` or `'udp'`; any if left out
 * @throws {OSError} 'service/proto not found', without an errno
 */
export function getservbyname(service: Text, protocol?: Text | null): number {
  return serviceFound(native.getservbyname(...byName(service, protocol)));
}

/** {@link getservbyname} on libuv's pool. */
export async function getservbynameAsync(
  service: Text,
  protocol?: Text | null,
  options?: AsyncOptions,
): Promise<number> {
  const signal = signalOf('getservbyname', options);
  const pending = native.getservbynameAsync(...byName(service, protocol));
  return serviceFound(await abortable(pending, signal));
}

/**
 * The service of a port: getservbyport(3), on this thread, which waits.
 *
 * @param port from 0 to 65535
 * @param protocol `'tcp'` or `'udp'`; any if left out
 * @throws {OSError} 'port/proto not found', without an errno
 */
export function getservbyport(port: number, protocol?: Text | null): string {
  return portFound(native.getservbyport(...byPort(port, protocol)));
}

/** {@link getservbyport} on libuv's pool. */
export async function getservbyportAsync(
  port: number,
  protocol?: Text | null,
  options?: AsyncOptions,
): Promise<string> {
  const signal = signalOf('getservbyport', options);
  const pending = native.getservbyportAsync(...byPort(port, protocol));
  return portFound(await abortable(pending, signal));
}

/**
 * The number of a protocol, for `new Socket(AF_INET, SOCK_RAW, number)`: getprotobyname(3), on this thread, which waits.
 *
 * @param protocol its name, `'icmp'`
 * @throws {OSError} 'protocol not found', without an errno
 */
export function getprotobyname(protocol: Text): number {
  return protocolFound(native.getprotobyname(textOf('getprotobyname', 'protocol', protocol)));
}

/** {@link getprotobyname} on libuv's pool. */
export async function getprotobynameAsync(protocol: Text, options?: AsyncOptions): Promise<number> {
  const signal = signalOf('getprotobyname', options);
  const pending = native.getprotobynameAsync(textOf('getprotobyname', 'protocol', protocol));
  return protocolFound(await abortable(pending, signal));
}
