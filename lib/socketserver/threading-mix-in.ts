/** `ThreadingMixIn`: a thread for each request. */
import type { AsyncOptions } from '../abort.ts';
import type { Target } from '../threading/thread.ts';
import { integer } from '../validate.ts';
import { kBell } from './base-server.ts';
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
import { RequestThreads } from './request-threads.ts';
import { classAttribute, kCheck, kElsewhere } from './server-hooks.ts';
import type { TCPServer, UDPServer } from './socket-servers.ts';

/** What servers with a `ThreadingMixIn` have: as fields, and as static fields of their class. */
export interface ThreadingAttributes {
  /** Whether the process may end while requests are being handled. false if not set. */
  daemonThreads: boolean;
  /** Whether `serverClose` waits until all threads are over, but for daemons. true if not set. */
  blockOnClose: boolean;
  /**
   * How many threads there may be at a time, null for any number: while there are so many, the server takes no request.
   * 100 if not set. Each of them takes 10 to 15 MB of memory.
   */
  maxThreads: number | null;
}

const MOST = 0x7fffffff;
const TARGET = new URL('./request-thread.js#processRequestThread', import.meta.url);

export function ThreadingMixIn(
  Base: typeof TCPServer,
): MixedIntoTCP<ThreadingAttributes, ThreadingAttributes>;
export function ThreadingMixIn(
  Base: typeof UDPServer,
): MixedIntoUDP<ThreadingAttributes, ThreadingAttributes>;
export function ThreadingMixIn<B extends ServerClass>(
  Base: B,
): MixedIn<B, ThreadingAttributes, ThreadingAttributes>;
/**
 * The server class `Base`, of which each request is handled in a thread of its own, by handlers that are synchronous:
 * `class MyServer extends ThreadingMixIn(TCPServer) {}`. Python: `ThreadingMixIn`.
 *
 * In the server's own thread run `getRequest`, `verifyRequest` and `processRequest`, and `handleError` for what fails up
 * to there. In the request's thread run the handler, `finishRequest`, `handleError`, `shutdownRequest` and `closeRequest`;
 * these are as `Base` of this module has them, as the methods of a subclass cannot go there.
 */
export function ThreadingMixIn(Base: ServerClass): ServerClass {
  abstract class Threading extends Base {
    static requestQueueSize = longQueue(Base);
    static daemonThreads = false;
    static blockOnClose = true;
    static maxThreads: number | null = 100;

    readonly #handler: Target;
    readonly #threads = new RequestThreads(() => this.maxThreads);
    readonly #own: Partial<ThreadingAttributes> = {};
    #joins = true;

    // biome-ignore lint/suspicious/noExplicitAny: a mixin's constructor takes what the class's does.
    constructor(...args: any[]) {
      const [serverAddress, handler, bindAndActivate] = args;
      const target = checkedHandler(new.target, handler);
      super(serverAddress, ElsewhereHandler, bindAndActivate);
      this.#handler = target;
    }

    #attribute<K extends keyof ThreadingAttributes>(name: K): ThreadingAttributes[K] {
      const own = this.#own[name];
      return own === undefined ? classAttribute(this, name) : (own as ThreadingAttributes[K]);
    }

    get daemonThreads(): boolean {
      return this.#attribute('daemonThreads');
    }
    set daemonThreads(daemon: boolean) {
      this.#own.daemonThreads = daemon;
    }

    get blockOnClose(): boolean {
      return this.#attribute('blockOnClose');
    }
    set blockOnClose(block: boolean) {
      this.#own.blockOnClose = block;
    }

    get maxThreads(): number | null {
      return this.#attribute('maxThreads');
    }
    set maxThreads(most: number | null) {
      this.#own.maxThreads = most;
    }

    /** @internal */
    override get [kElsewhere](): Elsewhere | undefined {
      return this.#threads;
    }

    override [kCheck](): void {
      super[kCheck]();
      const { maxThreads } = this;
      if (maxThreads !== null) integer('serve', 'maxThreads', maxThreads, 1, MOST);
    }

    /** Starts a thread, to which the request's socket moves; of the server's own, by which a datagram came, a duplicate. */
    override processRequest(request: unknown, clientAddress: unknown): void {
      const { socket, data } = partsOf('processRequest', request);
      const { serverAddress } = this;
      const parcel = packed({
        handler: this.#handler,
        clientAddress,
        serverAddress,
        data,
        bell: this[kBell](),
      });
      const moving = data === undefined ? socket : socket.dup();
      try {
        this.#threads.start(TARGET, [moving, parcel], this.daemonThreads);
      } finally {
        if (moving !== socket) moving.close();
      }
    }

    override serverClose(): void {
      super.serverClose();
      // The constructor of the class calls it where it fails.
      if (!(#threads in this)) return;
      if (this.#joins && this.blockOnClose) this.#threads.join();
      this.#threads.close();
    }

    override async serverCloseAsync(options?: AsyncOptions): Promise<void> {
      this.#joins = false;
      let closed: Promise<void>;
      try {
        closed = super.serverCloseAsync(options);
      } finally {
        this.#joins = true;
      }
      await closed;
      if (this.blockOnClose) await this.#threads.joinAsync(options);
    }
  }
  return Threading as unknown as ServerClass;
}
