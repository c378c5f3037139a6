/** The server as a handler in another thread or process sees it. */
import { UnsupportedOperation } from '../errors.ts';
import { ring, type SharedSocket } from '../node/sharing.ts';
import { Socket } from '../socket/socket-constructor.ts';
import { ElsewhereHandler, loadHandler } from './handler-module.ts';
import type { ClientAddressOf, RequestOf } from './request-handlers.ts';
import { partsOf, type RequestParcel } from './request-parcel.ts';
import { ServerHooks } from './server-hooks.ts';
import { sayEnd, type TCPServer } from './socket-servers.ts';
import type { Awaitable } from './steps.ts';

function notHere(name: string): UnsupportedOperation {
  return new UnsupportedOperation(`${name}(): the server is in another thread or process than its handler`);
}

/**
 * `this.server` of a handler that a Threading or Forking server has: a stand-in, made for the one request, which has
 * `serverAddress`, and `shutdown()` in a thread. `S` is the class of the server: `StreamRequestHandler<RequestServer<
 * TCPServer>>` is a handler that knows of this.
 */
export class RequestServer<
  // biome-ignore lint/suspicious/noExplicitAny: any server will do.
  S extends ServerHooks<any, any, any> = TCPServer,
> extends ServerHooks<RequestOf<S>, ClientAddressOf<S>, S['serverAddress']> {
  readonly #bell: SharedSocket | undefined;

  /** @internal */
  constructor({ serverAddress, bell }: RequestParcel) {
    super(serverAddress as S['serverAddress'], ElsewhereHandler);
    this.#bell = bell;
  }

  /**
   * Ends the server's loop. It does not wait for that. It does nothing where the loop that has taken the request has
   * ended already.
   *
   * @throws {UnsupportedOperation} this is another process than the server's
   */
  shutdown(): void {
    if (this.#bell === undefined) throw notHere('shutdown');
    ring(this.#bell);
  }

  /** -1: the server's socket is not here. */
  fileno(): number {
    return -1;
  }

  /** Fails: only the server itself gets requests. */
  override getRequest(): Awaitable<[request: RequestOf<S>, clientAddress: ClientAddressOf<S>]> {
    throw notHere('getRequest');
  }

  override shutdownRequest(request: RequestOf<S>): Awaitable<void> {
    const connection: unknown = request;
    if (connection instanceof Socket) sayEnd(connection);
    return this.closeRequest(request);
  }

  /** Closes the socket; of a datagram the duplicate of the server's that this thread or process has. */
  override closeRequest(request: RequestOf<S>): Awaitable<void> {
    partsOf('closeRequest', request).socket.close();
  }

  /** Fails: only the server itself can be closed. */
  serverClose(): void {
    throw notHere('serverClose');
  }
}

/**
 * Handles a request here.
 *
 * @param socket of the request, which is closed in the end
 * @returns false where it has failed, which has been reported then
 */
export async function handleHere(socket: Socket<number>, parcel: RequestParcel): Promise<boolean> {
  const { data, clientAddress } = parcel;
  // biome-ignore lint/suspicious/noExplicitAny: what the server has got, whichever it was.
  const request: any = data === undefined ? socket : [data, socket];
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const server = new RequestServer<any>(parcel);
  try {
    server.RequestHandlerClass = await loadHandler(parcel.handler);
    await server.finishRequest(request, clientAddress);
    return true;
  } catch (error) {
    await server.handleError(request, clientAddress, error);
    return false;
  } finally {
    await server.shutdownRequest(request);
  }
}
