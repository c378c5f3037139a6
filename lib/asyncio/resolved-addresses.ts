/** The addresses of a host, without a turn on the pool where nothing has to be looked up. */
import { isIP } from 'node:net';
import { AI_NUMERICHOST } from '../constants.generated.ts';
import type { Host } from '../family.ts';
import { getaddrinfo, getaddrinfoAsync } from '../names/lookups.ts';
import type { AddressRow } from '../native.ts';

/** The arguments of getaddrinfo(3) beside host and port. */
export interface LookupOptions {
  /** AF_INET or AF_INET6; any if left out. */
  family?: number | null | undefined;
  proto?: number | null | undefined;
  /** AI_ADDRCONFIG and so on. */
  flags?: number | null | undefined;
}

/**
 * {@link getaddrinfoAsync}; a numeric address is converted on this thread, so that it does not wait for names that
 * others look up. Python: `loop._ensure_resolved`.
 */
export async function resolvedAddresses(
  host: Host | null,
  port: number | string | Uint8Array | null,
  type: number,
  options: LookupOptions,
  signal?: AbortSignal,
): Promise<AddressRow[]> {
  const [family, proto, flags] = [options.family ?? 0, options.proto ?? 0, options.flags ?? 0];
  if (typeof host === 'string' && isIP(host) !== 0 && typeof port === 'number')
    return getaddrinfo(host, port, family, type, proto, flags | AI_NUMERICHOST);
  return getaddrinfoAsync(host, port, family, type, proto, flags, { signal });
}
