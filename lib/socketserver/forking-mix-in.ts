/** `ForkingMixIn`: a child process for each request. */
import { type AsyncOptions, signalOf } from '../abort.ts';
import type { Target } from '../threading/thread.ts';
import { integer } from '../validate.ts';
import { Children } from './children.ts';
import type { Elsewhere } from './elsewhere.ts';
import { ElsewhereHandler } from './handler-module.ts';
import {
  checkedHandler,
  longQueue,
  type MixedIn,
  type MixedIntoTCP,
  type MixedIntoUDP,
  type ServerClass,
} from './mixed-in.ts';
import { packed, partsOf } from './request-parcel.ts';
import { classAttribute, kAsynchronous, kCheck, kElsewhere } from './server-hooks.ts';
import type { TCPServer, UDPServer } from './socket-servers.ts';
import type { Awaitable } from './steps.ts';

/** What servers with a `ForkingMixIn` have as fields, and as static fields of their class. */
export interface ForkingAttributes {
  /** How many children there may be at a time: while there are so many, the server takes no request. 40 if not set. */
  maxChildren: number;
  /** Whether `serverClose` waits until all children have ended. true if not set. */
  blockOnClose: boolean;
}

/** Options of `collectChildren`. */
export interface CollectOptions {
  /** Whether to wait until all have ended. */
  blocking?: boolean;
}

/** What servers with a `ForkingMixIn` have. */
export interface ForkingServer extends ForkingAttributes {
  /** The process ids of the children that have not ended, as far as `collectChildren` has seen. */
  readonly activeChildren: ReadonlySet<number>;
  /** Takes note of the children that have ended. The loop of the server calls it in each turn. */
  collectChildren(options?: CollectOptions): void;
  /** {@link collectChildren} on the event loop. */
  collectChildrenAsync(options?: CollectOptions & AsyncOptions): Promise<void>;
}

const MOST = 0x7fffffff;

export function ForkingMixIn(Base: typeof TCPServer): MixedIntoTCP<ForkingServer, ForkingAttributes>;
export function ForkingMixIn(Base: typeof UDPServer): MixedIntoUDP<ForkingServer, ForkingAttributes>;
export function ForkingMixIn<B extends ServerClass>(Base: B): MixedIn<B, ForkingServer, ForkingAttributes>;
/**
 * The server class `Base`, of which each request is handled in a child process of its own, a new node:
 * `class MyServer extends ForkingMixIn(TCPServer) {}`. Python: `ForkingMixIn`.
 *
 * In the server run `getRequest`, `verifyRequest`, `processRequest`, and then `closeRequest` for its own descriptor, and
 * `handleError` for what fails up to there. In the child run the handler, `finishRequest`, `handleError`,
 * `shutdownRequest` and `closeRequest`; these are as in `Base` of this module, as the methods of a subclass cannot go
 * there.
 */
export function ForkingMixIn(Base: ServerClass): ServerClass {
  abstract class Forking extends Base {
    static requestQueueSize = longQueue(Base);
    static timeout: number | null = 300;
    static maxChildren = 40;
    static blockOnClose = true;

    readonly #handler: Target;
    readonly #children = new Children(() => this.maxChildren);
    readonly #own: Partial<ForkingAttributes> = {};
    #waits = true;

    // biome-ignore lint/suspicious/noExplicitAny: a mixin's constructor takes what the class's does.
    constructor(...args: any[]) {
      const [serverAddress, handler, bindAndActivate] = args;
      const target = checkedHandler(new.target, handler);
      super(serverAddress, ElsewhereHandler, bindAndActivate);
      this.#handler = target;
    }

    get maxChildren(): number {
      return this.#own.maxChildren ?? classAttribute(this, 'maxChildren');
    }
    set maxChildren(most: number) {
      this.#own.maxChildren = most;
    }

    get blockOnClose(): boolean {
      return this.#own.blockOnClose ?? classAttribute(this, 'blockOnClose');
    }
    set blockOnClose(block: boolean) {
      this.#own.blockOnClose = block;
    }

    get activeChildren(): ReadonlySet<number> {
      return this.#children.active;
    }

    /** @internal */
    override get [kElsewhere](): Elsewhere | undefined {
      return this.#children;
    }

    override [kCheck](): void {
      super[kCheck]();
      integer('serveForever', 'maxChildren', this.maxChildren, 1, MOST);
    }

    collectChildren({ blocking = false }: CollectOptions = {}): void {
      if (blocking) this.#children.wait();
      else this.#children.collect();
    }

    async collectChildrenAsync(options: CollectOptions & AsyncOptions = {}): Promise<void> {
      signalOf('collectChildren', options)?.throwIfAborted();
      if (options.blocking) await this.#children.waitAsync(options);
      else this.#children.collect();
    }

    /** Takes note of the children that have ended. */
    override handleTimeout(): Awaitable<void> {
      this.collectChildren();
    }

    /** Takes note of the children that have ended. */
    override serviceActions(): Awaitable<void> {
      this.collectChildren();
    }

    /** Starts a child, which inherits the descriptor of the request, and calls `closeRequest` for the server's own. */
    override processRequest(request: unknown, clientAddress: unknown): Awaitable<void> {
      const { socket, data } = partsOf('processRequest', request);
      const { serverAddress } = this;
      const { family, type, proto, timeout } = socket;
      const kind = { family, type, proto, timeout };
      const parcel = packed({ handler: this.#handler, clientAddress, serverAddress, data, socket: kind });
      if (this[kAsynchronous])
        return this.#children.startAsync(parcel, socket.fileno()).finally(() => this.closeRequest(request));
      let closed: Awaitable<void>;
      try {
        this.#children.start(parcel, socket.fileno());
      } finally {
        // Also where the wait was interrupted: the child may have it, so that nobody must end it here.
        closed = this.closeRequest(request);
      }
      return closed;
    }

    override serverClose(): void {
      super.serverClose();
      // The constructor of the class calls it where it fails.
      if (!(#children in this) || !this.#waits) return;
      if (this.blockOnClose) this.#children.wait();
      this.#children.close();
    }

    override async serverCloseAsync(options?: AsyncOptions): Promise<void> {
      this.#waits = false;
      let closed: Promise<void>;
      try {
        closed = super.serverCloseAsync(options);
      } finally {
        this.#waits = true;
      }
      await closed;
      if (this.blockOnClose) await this.#children.waitAsync(options);
      this.#children.close();
    }
  }
  return Forking as unknown as ServerClass;
}
