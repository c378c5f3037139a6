/** `startServer`: a server on TCP addresses. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type AsyncOptions, signalOf } from '../abort.ts';
import {
  AF_INET6,
  AI_PASSIVE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_KEEPALIVE,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import { getaddrinfoAsync } from '../names/lookups.ts';
import type { AddressRow } from '../native.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { integer, items, wrongKind } from '../validate.ts';
import { bindTo } from './binding-errors.ts';
import { type ClientConnected, serveStreams } from './connections.ts';
import { optionsOf, streamSocket } from './open-connection.ts';
import { limitOf } from './stream-reader.ts';
import { Server, type Service } from './stream-server.ts';
import { type ServerTlsOptions, serverTls } from './tls-settings.ts';

const BACKLOG = 100;

/** What servers have in common. */
export interface ServingOptions extends AsyncOptions, ServerTlsOptions {
  /** See `StreamReader`. */
  limit?: number;
  /** A bound socket instead of an address; it belongs to the server from then on. */
  sock?: Socket | null;
  /** How many connections wait to be accepted, at most. 100 if left out. */
  backlog?: number;
  /** Accept connections at once. True if left out; see `startServing` of `Server`. */
  startServing?: boolean;
}

/** Keyword arguments of {@link startServer}. */
export interface StartServerOptions extends ServingOptions {
  /** AF_INET or AF_INET6; 0 for both. */
  family?: number;
  /** AI_PASSIVE if left out. */
  flags?: number;
  /** Set SO_REUSEADDR. True if left out. */
  reuseAddress?: boolean;
  /** Set SO_REUSEPORT: other servers may listen on the same port. */
  reusePort?: boolean;
  /** Set SO_KEEPALIVE on the connections. */
  keepAlive?: boolean;
}

/** What a server is to do with its connections. The arguments are checked. */
export function serviceOf(caller: string, callback: unknown, options: ServingOptions): Service {
  if (typeof callback !== 'function') throw wrongKind(caller, 'callback', 'a function', callback);
  const { backlog = BACKLOG } = options;
  const limit = limitOf(caller, options.limit);
  const serving = { callback: callback as ClientConnected, limit, tls: serverTls(caller, options) };
  return {
    backlog: integer(caller, 'backlog', backlog, -0x80000000, 0x7fffffff),
    connected: (connection, address, server) => serveStreams(serving, connection, address, server),
  };
}

/** A server over bound sockets, which are closed where it cannot begin. */
export async function serve(
  sockets: Socket[],
  service: Service,
  { startServing = true }: ServingOptions,
): Promise<Server> {
  const server = new Server(sockets, service);
  try {
    for (const socket of sockets) socket.settimeout(0);
    if (startServing) server.listen();
  } catch (error) {
    server.close();
    throw error;
  }
  await nextTurn();
  return server;
}

/** The hosts of an argument; null is all of this machine. */
function hostsOf(host: unknown): (string | null)[] {
  if (host === undefined || host === null || host === '') return [null];
  if (typeof host === 'string') return [host];
  return items('startServer', 'host', host, 'a host, an iterable of hosts or null') as string[];
}

/** A socket bound to an address; undefined where the machine has no such family or address. */
function bound(row: AddressRow, options: StartServerOptions): Socket | undefined {
  const [family, type, proto, , address] = row;
  let socket: Socket;
  try {
    socket = new Socket<number>(family, type, proto);
  } catch (error) {
    if (error instanceof OSError && error.errno === EAFNOSUPPORT) return undefined;
    throw error;
  }
  try {
    const { reuseAddress = true, reusePort = false, keepAlive = false } = options;
    if (reuseAddress) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if (keepAlive) socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    // One socket for each family: one for both would be in the way of the other.
    if (family === AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    bindTo(socket, address);
    return socket;
  } catch (error) {
    socket.close();
    if (error instanceof OSError && error.errno === EADDRNOTAVAIL) return undefined;
    throw error;
  }
}

/** Sockets bound to all addresses of the hosts, each address once. */
async function bindAll(
  hosts: (string | null)[],
  port: number | string | null,
  options: StartServerOptions,
): Promise<Socket[]> {
  const { family = 0, flags = AI_PASSIVE, signal } = options;
  const found = await Promise.all(
    hosts.map((host) => getaddrinfoAsync(host, port, family, SOCK_STREAM, 0, flags, { signal })),
  );
  const rows = new Map(found.flat().map((row) => [inspect(row), row]));
  const sockets: Socket[] = [];
  try {
    for (const row of rows.values()) {
      const socket = bound(row, options);
      if (socket !== undefined) sockets.push(socket);
    }
    if (sockets.length > 0) return sockets;
    const addresses = [...rows.values()].map(([, , , , address]) => address);
    throw new OSError(`could not bind on any address out of ${inspect(addresses)}`);
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
}

/**
 * Starts a server. Python: `asyncio.start_server`.
 *
 * @param callback is called with the reader and the writer of each connection, which it closes; see {@link ClientConnected}
 * @param host a name, an address or several of them; null or `''` for all addresses of this machine
 * @param port a number or a service's name; with 0 each address gets a free one of its own, see `sockets` of `Server`
 * @throws {OSError} that of bind(2), with the address in its text
 * @throws {gaierror} for an unknown host
 */
export async function startServer(
  callback: ClientConnected,
  host?: string | Iterable<string> | null,
  port?: number | string | null,
  options: StartServerOptions = {},
): Promise<Server> {
  const caller = 'startServer';
  const { sock } = optionsOf<StartServerOptions>(caller, options);
  const service = serviceOf(caller, callback, options);
  signalOf(caller, options)?.throwIfAborted();
  const given = (host ?? port ?? null) !== null;
  if (sock !== undefined && sock !== null) {
    if (given) throw new RangeError(`${caller}(): host/port and sock can not be specified at the same time`);
    return serve([streamSocket(caller, sock, false)], service, options);
  }
  if (!given) throw new RangeError(`${caller}(): Neither host/port nor sock were specified`);
  return serve(await bindAll(hostsOf(host), port ?? null, options), service, options);
}
