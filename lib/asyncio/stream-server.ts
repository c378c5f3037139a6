/** `Server`: listening sockets and the connections that they have brought. Python: `asyncio.Server`. */
import { inspect } from 'node:util';
import { type AsyncOptions, abortable, signalOf } from '../abort.ts';
import { ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM } from '../constants.generated.ts';
import { OSError } from '../errors.ts';
import type { Socket } from '../socket/socket-constructor.ts';
import { invalidState } from '../validate.ts';
import { callExceptionHandler } from './exception-handler.ts';
import { Roster } from './roster.ts';
import type { Attached, Attachments } from './socket-transport.ts';
import { outermost } from './transport-duplex.ts';

const OUT_OF_RESOURCES: readonly (number | undefined)[] = [EMFILE, ENFILE, ENOBUFS, ENOMEM];
// After an accept that failed, in milliseconds: trying again at once would fail again.
const ACCEPT_RETRY_DELAY = 1000;

/** What a server does with its sockets. */
export interface Service {
  backlog: number;
  /** Takes a connection over. What it throws loses the connection. */
  connected(connection: Socket, address: unknown, server: Attachments): void;
  /** The server no longer listens on a socket. */
  closed?(socket: Socket): void;
}

/**
 * A server that `startServer` or `startUnixServer` has made. Python: `asyncio.Server`, whose coroutines keep their names
 * here and return promises.
 *
 * Its connections are its own: `close` stops accepting, and leaves them alone.
 */
export class Server {
  #sockets: readonly Socket[] | null;
  readonly #service: Service;
  readonly #clients = new Roster<Attached>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #serving = false;
  #servesForever = false;
  readonly #closed: Promise<void>;
  #over!: () => void;

  /** @internal */
  constructor(sockets: readonly Socket[], service: Service) {
    this.#sockets = sockets;
    this.#service = service;
    this.#closed = new Promise((resolve) => {
      this.#over = resolve;
    });
  }

  /** The listening sockets; none once the server is closed. */
  get sockets(): readonly Socket[] {
    return this.#sockets ?? [];
  }

  /** Whether it accepts connections. */
  isServing(): boolean {
    return this.#serving;
  }

  /** @internal */
  attach(transport: Attached): void {
    this.#clients.add(transport);
  }

  /** @internal */
  detach(transport: Attached): void {
    this.#clients.remove(transport);
    this.#checkOver();
  }

  #checkOver(): void {
    if (this.#sockets === null && this.#clients.size === 0) this.#over();
  }

  /** @internal */
  listen(): void {
    if (this.#sockets === null) throw invalidState(`server ${this} is closed`);
    if (this.#serving) return;
    this.#serving = true;
    for (const socket of this.#sockets) {
      socket.listen(this.#service.backlog);
      this.#accept(socket);
    }
  }

  /**
   * Begins to accept connections, where `startServing: false` has kept the server from that. A second call does nothing.
   *
   * @throws {OSError} that of listen(2)
   * @throws {Error} ERR_INVALID_STATE: the server is closed
   */
  async startServing(): Promise<void> {
    this.listen();
  }

  /** Accepts until the socket is closed; the socket itself lets the others have their turn. */
  async #accept(socket: Socket): Promise<void> {
    while (!socket.closed) {
      try {
        const [connection, address] = await socket.acceptAsync();
        this.#connected(connection, address);
      } catch (error) {
        if (socket.closed) return;
        if (error instanceof OSError && error.errno === ECONNABORTED) continue;
        const wanting = error instanceof OSError && OUT_OF_RESOURCES.includes(error.errno);
        const message = wanting ? 'socket.accept() out of system resource' : 'socket.accept() failed';
        callExceptionHandler({ message, exception: error, server: this, socket });
        await this.#pause();
      }
    }
  }

  #connected(connection: Socket, address: unknown): void {
    if (this.#sockets === null) {
      // Closed in the same turn: whoever waits for the connections must not miss one.
      connection.close();
      return;
    }
    try {
      this.#service.connected(connection, address, this);
    } catch (exception) {
      const message = 'Error on transport creation for incoming connection';
      callExceptionHandler({ message, exception, server: this, socket: connection });
      connection.close();
    }
  }

  /** Waits a while; `close` ends that. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pauses.delete(timer);
        resolve();
      }, ACCEPT_RETRY_DELAY);
      this.#pauses.add(timer);
    });
  }

  /** Stops accepting, at once: the listening sockets are closed. Connections live on. A second call does nothing. */
  close(): void {
    const sockets = this.#sockets;
    if (sockets === null) return;
    this.#sockets = null;
    this.#serving = false;
    for (const timer of this.#pauses) clearTimeout(timer);
    this.#pauses.clear();
    for (const socket of sockets) {
      socket.close();
      this.#service.closed?.(socket);
    }
    this.#checkOver();
  }

  /** Closes all connections, each when what it has buffered is sent. */
  closeClients(): void {
    for (const transport of this.#clients) outermost(transport).close();
  }

  /** Closes all connections at once; what they have buffered is lost. */
  abortClients(): void {
    for (const transport of this.#clients) outermost(transport).abort();
  }

  /** Waits until the server has been closed and all of its connections are over. */
  async waitClosed(options?: AsyncOptions): Promise<void> {
    return abortable(this.#closed, signalOf('waitClosed', options));
  }

  /**
   * Accepts connections until the server is closed and all of its connections are over. Aborting closes the server, and
   * rejects when they are.
   *
   * @throws {Error} ERR_INVALID_STATE: the server is closed, or another call is at it
   */
  async serveForever(options?: AsyncOptions): Promise<void> {
    const signal = signalOf('serveForever', options);
    if (this.#servesForever) throw invalidState(`server ${this} is already being awaited on serveForever()`);
    if (this.#sockets === null) throw invalidState(`server ${this} is closed`);
    signal?.throwIfAborted();
    this.listen();
    this.#servesForever = true;
    try {
      await this.waitClosed(options);
    } catch (reason) {
      this.close();
      await this.waitClosed();
      throw reason;
    } finally {
      this.#servesForever = false;
    }
  }

  /** Closes the server and waits until all of its connections are over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.waitClosed();
  }

  /** `<Server sockets=[...]>` */
  toString(): string {
    return `<Server sockets=[${this.sockets.join(', ')}]>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
