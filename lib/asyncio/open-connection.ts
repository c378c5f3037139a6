/** Connections to a server: `openConnection` and `openUnixConnection`. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import { AF_UNIX, SOCK_STREAM } from '../constants.generated.ts';
import type { UnixAddressInput } from '../family.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { wrongKind } from '../validate.ts';
import { type AddressOptions, connectAddresses } from './connect-addresses.ts';
import { openStreams, type Streams } from './connections.ts';
import { limitOf } from './stream-reader.ts';
import { type ClientTlsOptions, clientTls } from './tls-settings.ts';

/** Keyword arguments of {@link openUnixConnection}. */
export interface UnixConnectionOptions extends AsyncOptions, ClientTlsOptions {
  /** See `StreamReader`. */
  limit?: number;
  /** A connected socket instead of a path; it belongs to the streams from then on. */
  sock?: Socket | null;
}

/** Keyword arguments of {@link openConnection}. */
export interface OpenConnectionOptions extends UnixConnectionOptions, AddressOptions {}

/** A socket that a program has brought along. Throws where it cannot be what is wanted. */
export function streamSocket(caller: string, sock: unknown, unix: boolean): Socket {
  if (!(sock instanceof Socket)) throw wrongKind(caller, 'sock', 'a Socket', sock);
  if (sock.type !== SOCK_STREAM || (unix && sock.family !== AF_UNIX)) {
    const what = unix ? 'A UNIX Domain Stream Socket' : 'A Stream Socket';
    throw new RangeError(`${caller}(): ${what} was expected, got ${sock}`);
  }
  return sock;
}

/** The options, where they are an object. */
export function optionsOf<T extends object>(caller: string, options: unknown): T {
  if (typeof options !== 'object' || options === null)
    throw wrongKind(caller, 'options', 'an object', options);
  return options as T;
}

/**
 * Connects to a host and port. Python: `asyncio.open_connection`.
 *
 * @param host a name or an address; null for this machine
 * @param port a number or a service's name
 * @returns what is read from the connection and what is written to it. The caller closes the writer
 * @throws {OSError} where one address has been tried, its error; otherwise one that tells them all
 * @throws {gaierror} for an unknown host
 * @throws what node's TLS fails with, with `ssl`
 * @throws the reason of the signal, where it aborts before the connection is made
 */
export async function openConnection(
  host?: string | null,
  port?: number | string | null,
  options: OpenConnectionOptions = {},
): Promise<Streams> {
  const caller = 'openConnection';
  const { limit, sock } = optionsOf<OpenConnectionOptions>(caller, options);
  const checkedLimit = limitOf(caller, limit);
  const signal = signalOf(caller, options);
  const tls = clientTls(caller, options, host);
  signal?.throwIfAborted();
  const given = (host ?? port ?? null) !== null;
  if (sock !== undefined && sock !== null) {
    if (given) throw new RangeError(`${caller}(): host/port and sock can not be specified at the same time`);
    return openStreams(streamSocket(caller, sock, false), checkedLimit, tls, signal);
  }
  if (!given) throw new RangeError(`${caller}(): host and port was not specified and no sock specified`);
  const socket = await connectAddresses(caller, host, port, options);
  return openStreams(socket, checkedLimit, tls, signal);
}

/**
 * Connects to a Unix socket. Python: `asyncio.open_unix_connection`.
 *
 * @param path a path, or an abstract name, which begins with NUL
 * @returns what is read from the connection and what is written to it. The caller closes the writer
 * @throws {OSError} that of connect(2)
 * @throws the reason of the signal, where it aborts before the connection is made
 */
export async function openUnixConnection(
  path?: UnixAddressInput | null,
  options: UnixConnectionOptions = {},
): Promise<Streams> {
  const caller = 'openUnixConnection';
  const { limit, sock } = optionsOf<UnixConnectionOptions>(caller, options);
  const checkedLimit = limitOf(caller, limit);
  const signal = signalOf(caller, options);
  const tls = clientTls(caller, options, null);
  signal?.throwIfAborted();
  if (sock !== undefined && sock !== null) {
    if (path !== undefined && path !== null)
      throw new RangeError(`${caller}(): path and sock can not be specified at the same time`);
    return openStreams(streamSocket(caller, sock, true), checkedLimit, tls, signal);
  }
  if (path === undefined || path === null)
    throw new RangeError(`${caller}(): no path and sock were specified`);
  const socket = new Socket<number>(AF_UNIX, SOCK_STREAM);
  try {
    socket.settimeout(0);
    await socket.connectAsync(path, { signal });
    return await openStreams(socket, checkedLimit, tls, signal);
  } catch (error) {
    socket.close();
    throw error;
  }
}
