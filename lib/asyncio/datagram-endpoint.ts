/** Makes datagram endpoints. Python: `loop.create_datagram_endpoint`. */
import { statSync, unlinkSync } from 'node:fs';
import { type AsyncOptions, signalOf } from '../abort.ts';
import {
  AF_UNIX,
  SO_BROADCAST,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { AddressInput, InetAddressInput, UnixAddressInput } from '../family.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { describe, outOfRange, wrongKind } from '../validate.ts';
import type { AnyDatagramProtocol, DatagramTransport } from './datagram-protocol.ts';
import { callExceptionHandler } from './exception-handler.ts';
import { type LookupOptions, resolvedAddresses } from './resolved-addresses.ts';
import { SocketDatagramTransport } from './socket-datagram-transport.ts';

type EndpointAddress = InetAddressInput | UnixAddressInput;

/** Keyword arguments of {@link createDatagramEndpoint}. */
export interface DatagramOptions extends LookupOptions, AsyncOptions {
  /** To bind to: `[host, port]`, or the path of a Unix socket. */
  localAddr?: EndpointAddress | null | undefined;
  /** To connect to, so that datagrams of others are not received. */
  remoteAddr?: EndpointAddress | null | undefined;
  /** Set SO_REUSEPORT. */
  reusePort?: boolean | null | undefined;
  /** Set SO_BROADCAST. The socket is not connected to `remoteAddr` then. */
  allowBroadcast?: boolean | null | undefined;
  /** A datagram socket to use instead of all of that. The endpoint closes it. */
  sock?: Socket | null | undefined;
}

const caller = 'createDatagramEndpoint';
const MODIFIERS = [
  'localAddr',
  'remoteAddr',
  'family',
  'proto',
  'flags',
  'reusePort',
  'allowBroadcast',
] as const;

/** What to make a socket of. */
interface Candidate {
  family: number;
  proto: number;
  local: AddressInput | null;
  remote: AddressInput | null;
}

/** Takes a path away that a socket has left behind. */
function removeStale(path: unknown): void {
  if (typeof path !== 'string' || path === '' || path.startsWith('\0')) return;
  try {
    if (statSync(path).isSocket()) unlinkSync(path);
  } catch (exception) {
    if ((exception as NodeJS.ErrnoException).code === 'ENOENT') return;
    // The folder may give rights to make a socket and no others.
    callExceptionHandler({ message: `Unable to check or remove stale UNIX socket ${path}`, exception });
  }
}

function unixCandidate(options: DatagramOptions): Candidate[] {
  for (const name of ['localAddr', 'remoteAddr'] as const) {
    const address = options[name] ?? '';
    if (typeof address !== 'string' && !ArrayBuffer.isView(address))
      throw wrongKind(caller, name, 'a string or bytes (string is expected)', address);
  }
  const { localAddr, remoteAddr, proto } = options;
  removeStale(localAddr);
  return [{ family: AF_UNIX, proto: proto ?? 0, local: localAddr ?? null, remote: remoteAddr ?? null }];
}

/** Each family and protocol that has all addresses that are wanted. */
async function internetCandidates(options: DatagramOptions): Promise<Candidate[]> {
  const candidates = new Map<string, Candidate>();
  for (const [name, role] of [
    ['localAddr', 'local'],
    ['remoteAddr', 'remote'],
  ] as const) {
    const wanted = options[name];
    if (!wanted) continue;
    if (!Array.isArray(wanted) || wanted.length < 2)
      throw wrongKind(caller, name, '[host, port] (2-tuple is expected)', wanted);
    const [host, port] = wanted as InetAddressInput;
    const rows = await resolvedAddresses(host, port, SOCK_DGRAM, options, options.signal ?? undefined);
    for (const [family, , proto, , address] of rows) {
      const key = `${family} ${proto}`;
      const candidate = candidates.get(key) ?? { family, proto, local: null, remote: null };
      candidate[role] = address as AddressInput;
      candidates.set(key, candidate);
    }
  }
  const complete = [...candidates.values()].filter(
    ({ local, remote }) => (!options.localAddr || local) && (!options.remoteAddr || remote),
  );
  if (complete.length === 0) throw new RangeError(`${caller}(): can not get address information`);
  return complete;
}

async function candidatesOf(options: DatagramOptions): Promise<Candidate[]> {
  const { localAddr, remoteAddr, family, proto } = options;
  if (localAddr || remoteAddr)
    return family === AF_UNIX ? unixCandidate(options) : internetCandidates(options);
  if (!family) throw new RangeError(`${caller}(): unexpected address family`);
  return [{ family, proto: proto ?? 0, local: null, remote: null }];
}

async function open(candidate: Candidate, options: DatagramOptions): Promise<Socket> {
  const { family, proto, local, remote } = candidate;
  const sock = new Socket<number>(family, SOCK_DGRAM, proto);
  try {
    sock.settimeout(0);
    if (options.reusePort) sock.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if (options.allowBroadcast) sock.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
    if (local !== null) sock.bind(local);
    if (remote !== null && !options.allowBroadcast)
      await sock.connectAsync(remote, { signal: options.signal });
    return sock;
  } catch (error) {
    sock.close();
    throw error;
  }
}

/** The first candidate that works. */
async function opened(options: DatagramOptions): Promise<[sock: Socket, remote: AddressInput | null]> {
  const errors: OSError[] = [];
  for (const candidate of await candidatesOf(options)) {
    try {
      return [await open(candidate, options), candidate.remote];
    } catch (error) {
      if (!(error instanceof OSError) || options.signal?.aborted) throw error;
      errors.push(error);
    }
  }
  throw errors[0];
}

/** The socket that was given, where nothing else was. */
function given(sock: Socket, options: DatagramOptions): Socket {
  if (!(sock instanceof Socket)) throw wrongKind(caller, 'sock', 'a Socket', sock);
  if (sock.type === SOCK_STREAM) throw outOfRange(caller, 'sock', 'a datagram socket', sock);
  const problems = MODIFIERS.filter((name) => options[name]).map(
    (name) => `${name}=${describe(options[name])}`,
  );
  if (problems.length > 0) {
    const text = 'socket modifier keyword arguments can not be used when sock is specified';
    throw new RangeError(`${caller}(): ${text} (${problems.join(', ')})`);
  }
  sock.settimeout(0);
  return sock;
}

/**
 * Makes a datagram endpoint: a transport, which sends, and your protocol, which is told what arrives.
 *
 * @param protocolFactory makes the protocol
 * @returns the two; `connectionMade` has been called
 * @throws {OSError} of the first address, where none works; `gaierror` for a name that has no address
 */
export async function createDatagramEndpoint<P extends AnyDatagramProtocol>(
  protocolFactory: () => P,
  options: DatagramOptions = {},
): Promise<[transport: DatagramTransport, protocol: P]> {
  if (typeof protocolFactory !== 'function')
    throw wrongKind(caller, 'protocolFactory', 'a function', protocolFactory);
  signalOf(caller, options)?.throwIfAborted();
  const { sock } = options;
  const [socket, remote] = sock ? [given(sock, options), null] : await opened(options);
  try {
    const protocol = protocolFactory();
    return [new SocketDatagramTransport(socket, protocol, remote), protocol];
  } catch (error) {
    socket.close();
    throw error;
  }
}
