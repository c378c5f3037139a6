/** A connection to a host by its name: its addresses one after the other, or as RFC 8305 races them. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import { nameOf } from '../constant-names.ts';
import { SOCK_STREAM } from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { AddressInput, Host, InetAddressInput } from '../family.ts';
import type { AddressRow } from '../native.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { int, integer, outOfRange, seconds, wrongKind } from '../validate.ts';
import { bindTo } from './binding-errors.ts';
import { type LookupOptions, resolvedAddresses } from './resolved-addresses.ts';
import { type Attempt, staggeredRace } from './staggered-race.ts';

/** How the addresses of a host are found and tried. */
export interface AddressOptions extends LookupOptions {
  /** `[host, port]` to bind to before connecting. */
  localAddr?: InetAddressInput | null | undefined;
  /**
   * In seconds: after this time the next address is tried beside the one before it, and the first connection wins.
   * Null if left out: one address after the other. RFC 8305 recommends 0.25.
   */
  happyEyeballsDelay?: number | null | undefined;
  /**
   * How many addresses of the first family are tried before the families take turns; 0 leaves the resolver's order.
   * 1 if left out where there is a `happyEyeballsDelay`, otherwise 0.
   */
  interleave?: number | null | undefined;
  /** When all addresses fail, throw an `AggregateError` with all errors. */
  allErrors?: boolean | null | undefined;
}

type Port = number | string | Uint8Array | null | undefined;

const MOST = 0x7fffffff;

/** Sorts addresses so that the families take turns, after some of the first one. RFC 8305, section 4. */
export function interleaved(rows: readonly AddressRow[], firstFamilyCount = 1): AddressRow[] {
  const families = new Map<number, AddressRow[]>();
  for (const row of rows) {
    const list = families.get(row[0]);
    if (list === undefined) families.set(row[0], [row]);
    else list.push(row);
  }
  const lists = [...families.values()];
  const sorted = lists[0]?.splice(0, firstFamilyCount - 1) ?? [];
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let turn = 0; turn < longest; turn++) {
    for (const list of lists) if (turn < list.length) sorted.push(list[turn]!);
  }
  return sorted;
}

/** Binds to the first local address of the socket's family that will do; the errors of others go into `errors`. */
function bindLocal(sock: Socket, rows: readonly AddressRow[], errors: OSError[]): void {
  const failed: OSError[] = [];
  for (const [family, , , , address] of rows) {
    if (family !== sock.family) continue;
    try {
      bindTo(sock, address);
      errors.push(...failed);
      return;
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      failed.push(error);
    }
  }
  // The last one is thrown, and noted by whoever catches it.
  const last = failed.pop();
  errors.push(...failed);
  const family = nameOf('AF', sock.family) ?? sock.family;
  throw last ?? new OSError(`no matching local address with family=${family} found`);
}

/** Makes, binds and connects a socket. An OSError is noted in `errors` and thrown. */
async function connectOne(
  row: AddressRow,
  local: readonly AddressRow[] | null,
  errors: OSError[],
  signal: AbortSignal,
): Promise<Socket> {
  const [family, type, proto, , address] = row;
  let sock: Socket | undefined;
  try {
    sock = new Socket<number>(family, type, proto);
    sock.settimeout(0);
    if (local !== null) bindLocal(sock, local, errors);
    await sock.connectAsync(address as AddressInput, { signal });
    return sock;
  } catch (error) {
    sock?.close();
    if (error instanceof OSError && !signal.aborted) errors.push(error);
    throw error;
  }
}

/** The error for addresses that have all failed, as Python joins them. */
function joined(caller: string, errors: OSError[], allErrors: boolean): Error {
  if (allErrors) return new AggregateError(errors, `${caller} failed`);
  const [first] = errors;
  if (first === undefined) return new OSError('getaddrinfo returns an empty list');
  if (errors.every(({ message }) => message === first.message)) return first;
  const texts = errors.map(({ message }) => message).join(', ');
  return new OSError(`Multiple exceptions: ${texts}`, { cause: new AggregateError(errors) });
}

/** The options, checked before anything is looked up. */
function checked(caller: string, options: AddressOptions) {
  const { localAddr, happyEyeballsDelay, interleave } = options;
  for (const name of ['family', 'proto', 'flags'] as const) int(caller, name, options[name] ?? 0);
  const delay = seconds(caller, 'happyEyeballsDelay', happyEyeballsDelay ?? null);
  const first = integer(caller, 'interleave', interleave ?? (delay === null ? 0 : 1), 0, MOST);
  if (localAddr !== null && localAddr !== undefined) {
    if (!Array.isArray(localAddr)) throw wrongKind(caller, 'localAddr', '[host, port]', localAddr);
    if (localAddr.length < 2) throw outOfRange(caller, 'localAddr', '[host, port]', localAddr);
  }
  return { delay, first, localAddr: localAddr ?? null };
}

/**
 * Connects a stream socket to a host. Python: the first half of `loop.create_connection`.
 *
 * @param caller the function that the errors are about
 * @param host a name or an address; null for this host
 * @param port a number or the name of a service
 * @returns the connected socket, non-blocking; sockets that have lost the race are closed
 * @throws {gaierror} for a name that has no address
 * @throws {OSError} that of the address, where all have the same text; `Multiple exceptions: ...` otherwise
 * @throws {AggregateError} with `allErrors`
 */
export async function connectAddresses(
  caller: string,
  host: Host | null | undefined,
  port: Port,
  options: AddressOptions & AsyncOptions = {},
): Promise<Socket> {
  const signal = signalOf(caller, options);
  const { delay, first, localAddr } = checked(caller, options);
  signal?.throwIfAborted();
  const [rows, local] = await Promise.all([
    resolvedAddresses(host ?? null, port ?? null, SOCK_STREAM, options, signal),
    localAddr && resolvedAddresses(localAddr[0], localAddr[1], SOCK_STREAM, options, signal),
  ]);
  const sorted = first === 0 ? rows : interleaved(rows, first);
  const failed: OSError[][] = sorted.map(() => []);
  const attempts = sorted.map(
    (row, index): Attempt<Socket> =>
      (stop) =>
        connectOne(row, local, failed[index]!, stop),
  );
  const { winner, errors } = await staggeredRace(attempts, delay, (late) => late.close(), signal);
  if (winner !== undefined) return winner.value;
  for (const error of errors) if (!(error instanceof OSError)) throw error;
  throw joined(caller, failed.flat(), Boolean(options.allErrors));
}
