/** Server classes that a mixin has been applied to. */
import type { AddressInputOf, InetFamily } from '../family.ts';
import type { Target } from '../threading/thread.ts';
import { type HandlerModule, handlerTarget } from './handler-module.ts';
import { SocketServer, type TCPServer, type UDPServer } from './socket-servers.ts';

/** What a mixin can be applied to. */
// biome-ignore lint/suspicious/noExplicitAny: each server has parameters of its own.
export type ServerClass = new (...args: any[]) => SocketServer<any, any, any>;

/** What a class has beside its constructor. */
type Statics<B> = { [K in keyof B as K extends 'prototype' ? never : K]: B[K] };

/** The class `B` with its handlers elsewhere, and what the mixin adds to instances and to the class. */
export type MixedIn<B extends ServerClass, Instance, Static> = Omit<Statics<B>, keyof Static> &
  Static &
  (new (
    serverAddress: ConstructorParameters<B>[0],
    RequestHandlerClass: HandlerModule,
    bindAndActivate?: boolean,
  ) => InstanceType<B> & Instance);

/** {@link MixedIn} for `TCPServer`, for any family. */
export type MixedIntoTCP<Instance, Static> = Omit<Statics<typeof TCPServer>, keyof Static> &
  Static &
  (new <F extends number = InetFamily>(
    serverAddress: AddressInputOf<F>,
    RequestHandlerClass: HandlerModule,
    bindAndActivate?: boolean,
  ) => TCPServer<F> & Instance);

/** {@link MixedIn} for `UDPServer`, for any family. */
export type MixedIntoUDP<Instance, Static> = Omit<Statics<typeof UDPServer>, keyof Static> &
  Static &
  (new <F extends number = InetFamily>(
    serverAddress: AddressInputOf<F>,
    RequestHandlerClass: HandlerModule,
    bindAndActivate?: boolean,
  ) => UDPServer<F> & Instance);

// What a limit holds back waits in the queue, so that a server with one needs a long one.
const QUEUE = 1024;

/** The `requestQueueSize` of a class with a mixin: a long one, unless the class has one of its own. */
export function longQueue(Base: ServerClass): number {
  const own = (Base as unknown as { requestQueueSize: number }).requestQueueSize;
  return own === SocketServer.requestQueueSize ? QUEUE : own;
}

/**
 * What the constructor of a server has been given as its handler class.
 *
 * @param made the class of the server
 * @throws {TypeError} the class has a method that would have to be called elsewhere
 */
export function checkedHandler(
  made: { name: string; prototype: { finishRequest: unknown } },
  handler: unknown,
): Target {
  const { name, prototype } = made;
  if (prototype.finishRequest !== SocketServer.prototype.finishRequest)
    throw new TypeError(
      `${name}: finishRequest cannot be overridden, as it runs in the thread or process of the request`,
    );
  return handlerTarget(name, handler);
}
