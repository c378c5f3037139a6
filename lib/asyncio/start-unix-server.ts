/** `startUnixServer`: a server on a Unix socket, whose file it cleans up. */
import { type PathLike, statSync, unlinkSync } from 'node:fs';
import { signalOf } from '../abort.ts';
import { bytesOf, readable } from '../buffers.ts';
import { AF_UNIX, EADDRINUSE, SOCK_STREAM } from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { UnixAddressInput } from '../family.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { retold } from './binding-errors.ts';
import type { ClientConnected } from './connections.ts';
import { callExceptionHandler } from './exception-handler.ts';
import { optionsOf, streamSocket } from './open-connection.ts';
import { type ServingOptions, serve, serviceOf } from './start-server.ts';
import type { Server } from './stream-server.ts';

/** Keyword arguments of {@link startUnixServer}. */
export interface StartUnixServerOptions extends ServingOptions {
  /** Remove the socket's file when the server is closed, if it is still the server's own. True if left out. */
  cleanupSocket?: boolean;
}

/** The file of an address; undefined where there is none: an abstract name, or no name at all. */
function fileOf(address: unknown): Buffer | undefined {
  const view = bytesOf(readable('startUnixServer', 'path', address));
  const path = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return path.length === 0 || path[0] === 0 ? undefined : path;
}

/** The file's status; undefined where there is none. */
const status = (path: PathLike) => statSync(path, { bigint: true, throwIfNoEntry: false });

/** Does something with a socket's file, and tells the handler where that fails: the server has to do without. */
function attempt(message: string, path: Buffer, action: () => void): void {
  try {
    action();
  } catch (exception) {
    callExceptionHandler({ message: `${message} '${path}'`, exception });
  }
}

/** Removes what a server has left behind that is gone. */
function removeStale(path: Buffer): void {
  attempt('Unable to check or remove stale UNIX socket', path, () => {
    if (status(path)?.isSocket()) unlinkSync(path);
  });
}

/** What removes the file when the server is closed, unless another has taken its place. */
function cleaner(path: Buffer): (() => void) | undefined {
  const own = status(path);
  if (own === undefined) return undefined;
  return () =>
    attempt('Unable to clean up listening UNIX socket', path, () => {
      const now = status(path);
      if (now?.ino === own.ino && now.dev === own.dev) unlinkSync(path);
    });
}

function bound(path: UnixAddressInput): Socket {
  const file = fileOf(path);
  const socket = new Socket<number>(AF_UNIX, SOCK_STREAM);
  try {
    if (file !== undefined) removeStale(file);
    socket.bind(path);
    return socket;
  } catch (error) {
    socket.close();
    if (error instanceof OSError && error.errno === EADDRINUSE)
      throw retold(error, `Address '${file ?? path}' is already in use`);
    throw error;
  }
}

/**
 * Starts a server on a Unix socket. Python: `asyncio.start_unix_server`. A socket that is left of an earlier server at that
 * path is removed.
 *
 * @param callback is called with the reader and the writer of each connection, which it closes; see {@link ClientConnected}
 * @param path a path, or an abstract name, which begins with NUL
 * @throws {OSError} that of bind(2)
 */
export async function startUnixServer(
  callback: ClientConnected,
  path?: UnixAddressInput | null,
  options: StartUnixServerOptions = {},
): Promise<Server> {
  const caller = 'startUnixServer';
  const { sock, cleanupSocket = true } = optionsOf<StartUnixServerOptions>(caller, options);
  const service = serviceOf(caller, callback, options);
  signalOf(caller, options)?.throwIfAborted();
  const named = path !== undefined && path !== null;
  const given = sock !== undefined && sock !== null;
  if (named && given)
    throw new RangeError(`${caller}(): path and sock can not be specified at the same time`);
  if (!named && !given) throw new RangeError(`${caller}(): path was not specified, and no sock specified`);
  const socket = named ? bound(path) : streamSocket(caller, sock, true);
  const file = cleanupSocket ? fileOf(socket.getsockname()) : undefined;
  const clean = file && cleaner(file);
  return serve([socket], { ...service, ...(clean && { closed: clean }) }, options);
}
