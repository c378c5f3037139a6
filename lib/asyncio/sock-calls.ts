/**
 * The calls of Python's event loop on sockets, `loop.sock_recv` and so on, for programs that were written with them. Each
 * is a call of the socket by another name.
 */
import { fstatSync, statSync } from 'node:fs';
import { type AsyncOptions, signalOf } from '../abort.ts';
import type { Bytes, WritableBytes } from '../buffers.ts';
import type { AddressInputOf, AddressOf, PeerOf } from '../family.ts';
import type { FileSource } from '../files/file-source.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { wrongKind } from '../validate.ts';

/** `sendfile` of the system cannot send this file. Python: `asyncio.SendfileNotAvailableError`. */
export class SendfileNotAvailableError extends Error {}
Object.defineProperty(SendfileNotAvailableError.prototype, 'name', {
  value: SendfileNotAvailableError.name,
  writable: true,
  configurable: true,
});

const isSocket = (sock: unknown) => sock instanceof Socket;

/** The result of a call on something else. */
function refused(caller: string, sock: unknown): Promise<never> {
  return Promise.reject(wrongKind(caller, 'sock', 'a Socket', sock));
}

/**
 * Receives at most `nbytes` bytes: `recvAsync`. Python: `loop.sock_recv`.
 *
 * @returns the bytes received; none at the end of a stream
 */
export function sockRecv(sock: Socket, nbytes: number, options?: AsyncOptions): Promise<Buffer> {
  return isSocket(sock) ? sock.recvAsync(nbytes, 0, options) : refused('sockRecv', sock);
}

/** Receives into the caller's memory: `recvIntoAsync`. Returns how many bytes. Python: `loop.sock_recv_into`. */
export function sockRecvInto(sock: Socket, buf: WritableBytes, options?: AsyncOptions): Promise<number> {
  return isSocket(sock) ? sock.recvIntoAsync(buf, 0, 0, options) : refused('sockRecvInto', sock);
}

/** Receives a datagram of at most `bufsize` bytes: `recvfromAsync`. Python: `loop.sock_recvfrom`. */
export function sockRecvfrom<F extends number>(
  sock: Socket<F>,
  bufsize: number,
  options?: AsyncOptions,
): Promise<[data: Buffer, address: AddressOf<F> | null]> {
  return isSocket(sock) ? sock.recvfromAsync(bufsize, 0, options) : refused('sockRecvfrom', sock);
}

/**
 * Receives a datagram into the caller's memory: `recvfromIntoAsync`. Python: `loop.sock_recvfrom_into`.
 *
 * @param nbytes at most so many; 0 for the length of the buffer
 */
export function sockRecvfromInto<F extends number>(
  sock: Socket<F>,
  buf: WritableBytes,
  nbytes = 0,
  options?: AsyncOptions,
): Promise<[count: number, address: AddressOf<F> | null]> {
  return isSocket(sock) ? sock.recvfromIntoAsync(buf, nbytes, 0, options) : refused('sockRecvfromInto', sock);
}

/** Sends all bytes: `sendallAsync`. Python: `loop.sock_sendall`. */
export function sockSendall(sock: Socket, data: Bytes, options?: AsyncOptions): Promise<void> {
  return isSocket(sock) ? sock.sendallAsync(data, 0, options) : refused('sockSendall', sock);
}

/** Sends a datagram to an address: `sendtoAsync`. Returns how many bytes. Python: `loop.sock_sendto`. */
export function sockSendto<F extends number>(
  sock: Socket<F>,
  data: Bytes,
  address: AddressInputOf<F>,
  options?: AsyncOptions,
): Promise<number> {
  return isSocket(sock) ? sock.sendtoAsync(data, address, options) : refused('sockSendto', sock);
}

/** Connects to an address; names are resolved on the pool: `connectAsync`. Python: `loop.sock_connect`. */
export function sockConnect<F extends number>(
  sock: Socket<F>,
  address: AddressInputOf<F>,
  options?: AsyncOptions,
): Promise<void> {
  return isSocket(sock) ? sock.connectAsync(address, options) : refused('sockConnect', sock);
}

/**
 * Waits for a connection: `acceptAsync`. Python: `loop.sock_accept`.
 *
 * @returns the connection, which is non-blocking, and the address of its peer
 */
export async function sockAccept<F extends number>(
  sock: Socket<F>,
  options?: AsyncOptions,
): Promise<[connection: Socket<F>, address: PeerOf<F>]> {
  if (!isSocket(sock)) return refused('sockAccept', sock);
  const [connection, address] = await sock.acceptAsync(options);
  connection.settimeout(0);
  return [connection, address];
}

/** Keyword arguments of {@link sockSendfile}. */
export interface SendfileOptions extends AsyncOptions {
  /** Read and send what sendfile(2) does not take. True if left out. */
  fallback?: boolean;
}

/** Throws where sendfile(2) would refuse a file: a pipe, for example. */
function checkRegular(file: FileSource): void {
  const fd = typeof file === 'number' ? file : (file as { fd?: unknown } | null)?.fd;
  let cause: unknown;
  try {
    const found = typeof fd === 'number' ? fstatSync(fd) : statSync(file as string | Buffer | URL);
    if (found.isFile()) return;
  } catch (error) {
    cause = error;
  }
  throw new SendfileNotAvailableError('not a regular file', { cause });
}

/**
 * Sends a file, to its end or `count` bytes of it: `sendfileAsync`. Python: `loop.sock_sendfile`.
 *
 * @param file a path, a descriptor, or a `FileHandle`
 * @param offset where to begin, in bytes
 * @param count how many bytes; null for all until the end of the file
 * @returns how many bytes were sent
 * @throws {SendfileNotAvailableError} sendfile(2) cannot send the file, and `fallback` is false
 */
export async function sockSendfile(
  sock: Socket,
  file: FileSource,
  offset = 0,
  count: number | null = null,
  options: SendfileOptions = {},
): Promise<number> {
  if (!isSocket(sock)) return refused('sockSendfile', sock);
  signalOf('sockSendfile', options)?.throwIfAborted();
  if (options.fallback === false) checkRegular(file);
  return sock.sendfileAsync(file, offset, count, options);
}
