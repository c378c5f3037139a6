/** The hooks of a server: what its loop calls, and subclasses override. */
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import type { SocketHandle } from '../socket/socket-handle.ts';
import { writeAll } from '../threading/thread-output.ts';
import { wrongKind } from '../validate.ts';
import type { Elsewhere } from './elsewhere.ts';
import { type Awaitable, run, type Steps } from './steps.ts';

/** What a server makes for each request. */
export interface RequestHandler {
  /** Handles the request, at once or on the event loop. */
  run(): Awaitable<void>;
}

/** The class of a server's handlers. */
export type RequestHandlerClass<Request, ClientAddress> = new (
  request: Request,
  clientAddress: ClientAddress,
  // biome-ignore lint/suspicious/noExplicitAny: a handler may want a server of a subclass.
  server: any,
) => RequestHandler;

/** @internal Whether the request that is being handled may go on on the event loop. */
export const kAsynchronous = Symbol('asynchronous');

/** @internal Called before a server serves. */
export const kCheck = Symbol('check');

/** @internal Who handles the requests, where the server's own thread does not. */
export const kElsewhere = Symbol('elsewhere');

/** The class attribute of that name: a static field of the server's class, or of one above it. */
export function classAttribute<T>(instance: object, name: string): T {
  return (instance.constructor as unknown as Record<string, T>)[name]!;
}

const LINE = '-'.repeat(40);

/** Writes to stderr, at once: a thread's own stream waits for its event loop, to which a server may never return. */
function report(text: string): void {
  if (isMainThread) process.stderr.write(text);
  else writeAll(2, Buffer.from(text));
}

/** A `BaseServer` without its loop. */
export abstract class ServerHooks<Request, ClientAddress, ServerAddress> {
  /** Seconds after which `handleRequest` gives up, null for none. `serveForever` does not look at it. */
  static timeout: number | null = null;

  /** The address that was given; once the socket is bound, its own. */
  serverAddress: ServerAddress;
  /** The class of which there is an instance for each request. */
  RequestHandlerClass: RequestHandlerClass<Request, ClientAddress>;
  /** The socket, where the server has one. */
  declare socket?: SocketHandle;
  /** @internal */
  [kAsynchronous] = false;
  #timeout: number | null | undefined;

  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass<Request, ClientAddress>,
  ) {
    if (typeof RequestHandlerClass !== 'function')
      throw wrongKind(new.target.name, 'RequestHandlerClass', 'a class', RequestHandlerClass);
    this.serverAddress = serverAddress;
    this.RequestHandlerClass = RequestHandlerClass;
  }

  /** @internal */
  [kCheck](): void {}

  /** @internal */
  get [kElsewhere](): Elsewhere | undefined {
    return undefined;
  }

  /** That of the class, unless this server has been given one of its own. */
  get timeout(): number | null {
    return this.#timeout === undefined ? classAttribute(this, 'timeout') : this.#timeout;
  }
  set timeout(timeout: number | null) {
    this.#timeout = timeout;
  }

  /** The descriptor to wait for. */
  abstract fileno(): number;

  /**
   * Gets a request, which is there. An `OSError` means that there is none after all.
   *
   * @returns the request, and the address of the client
   */
  abstract getRequest(): Awaitable<[request: Request, clientAddress: ClientAddress]>;

  /** Called by the constructor once the socket is bound. */
  serverActivate(): void {}

  /** Called in each turn of the loop, after a request or when `pollInterval` has passed. */
  serviceActions(): Awaitable<void> {}

  /** Called by `handleRequest` when no request has come within `timeout`. */
  handleTimeout(): Awaitable<void> {}

  /** Whether to go on with the request. */
  verifyRequest(_request: Request, _clientAddress: ClientAddress): Awaitable<boolean> {
    return true;
  }

  /** Calls `finishRequest`, and then `shutdownRequest`. */
  processRequest(request: Request, clientAddress: ClientAddress): Awaitable<void> {
    return run(this.#process(request, clientAddress));
  }

  *#process(request: Request, clientAddress: ClientAddress): Steps<void> {
    yield this.finishRequest(request, clientAddress);
    yield this.shutdownRequest(request);
  }

  /** Makes a handler, and lets it handle the request. */
  finishRequest(request: Request, clientAddress: ClientAddress): Awaitable<void> {
    return new this.RequestHandlerClass(request, clientAddress, this).run();
  }

  /** Ends a request: calls `closeRequest`. */
  shutdownRequest(request: Request): Awaitable<void> {
    return this.closeRequest(request);
  }

  /** Lets go of what a request has. */
  closeRequest(_request: Request): Awaitable<void> {}

  /**
   * Called when a handler, or a hook on the way to it, has failed. Prints the error to stderr. What this throws ends the
   * loop.
   *
   * @param error what was thrown, be it an `Error` or not
   */
  handleError(_request: Request, clientAddress: ClientAddress, error: unknown): Awaitable<void> {
    const from = `Exception occurred during processing of request from ${inspect(clientAddress)}`;
    report(`${LINE}\n${from}\n${inspect(error)}\n${LINE}\n`);
  }

  /** Lets go of what the server has. */
  abstract serverClose(): void;
}
