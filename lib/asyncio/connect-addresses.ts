/** The addresses of a host, tried one after the other until one connects. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import { SOCK_STREAM } from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { Host, InetAddressInput } from '../family.ts';
import { getaddrinfoAsync } from '../names/lookups.ts';
import type { AddressRow } from '../native.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { bindTo } from './binding-errors.ts';

/** How addresses are looked up and tried. */
export interface AddressOptions extends AsyncOptions {
  family?: number | undefined;
  proto?: number | undefined;
  flags?: number | undefined;
  localAddr?: InetAddressInput | null | undefined;
  allErrors?: boolean | undefined;
}

/** Binds a socket to the first local address of its family that will do. */
function bindLocal(socket: Socket, rows: AddressRow[], errors: unknown[]): void {
  const own = rows.filter(([family]) => family === socket.family);
  for (const [, , , , address] of own) {
    try {
      bindTo(socket, address);
      return;
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      errors.push(error);
    }
  }
  throw errors.pop() ?? new OSError(`no matching local address with family=${socket.family} found`);
}

/** The error for several. */
function combined(errors: unknown[], allErrors: boolean): unknown {
  if (allErrors) return new AggregateError(errors, 'openConnection failed');
  const texts = errors.map((error) => (error as Error).message);
  if (texts.every((text) => text === texts[0])) return errors[0];
  return new OSError(`Multiple exceptions: ${texts.join(', ')}`, { cause: new AggregateError(errors) });
}

/** Connects a socket to a host. */
export async function connectAddresses(
  caller: string,
  host: string | null,
  port: number | string | null,
  options: AddressOptions,
): Promise<Socket> {
  const { family = 0, proto = 0, flags = 0, localAddr, allErrors = false } = options;
  const signal = signalOf(caller, options);
  const lookUp = (name: Host | null, service: number | string | null) =>
    getaddrinfoAsync(name, service, family, SOCK_STREAM, proto, flags, { signal });
  const rows = await lookUp(host, port);
  const local = localAddr ? await lookUp(localAddr[0], localAddr[1]) : null;
  const errors: unknown[] = [];
  for (const [rowFamily, type, rowProto, , address] of rows) {
    let socket: Socket | undefined;
    try {
      socket = new Socket<number>(rowFamily, type, rowProto);
      socket.settimeout(0);
      if (local !== null) bindLocal(socket, local, errors);
      await socket.connectAsync(address as InetAddressInput, { signal });
      return socket;
    } catch (error) {
      socket?.close();
      if (signal?.aborted || !(error instanceof OSError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 0) throw new OSError('getaddrinfo() returned empty list');
  throw combined(errors, allErrors);
}
