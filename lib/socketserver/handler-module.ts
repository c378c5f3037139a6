/** A handler class in a module: for other threads and processes, to which a class cannot go. */
import { type Target, targetOf } from '../threading/thread.ts';
import type { RequestHandlerClass } from './server-hooks.ts';

/**
 * The module, and behind a `#` the name of its export: `new URL('./handlers.js#EchoHandler', import.meta.url)`. Without a
 * name it is the default export. A string is a `file:` URL or an absolute path.
 */
export type HandlerModule = URL | string;

// biome-ignore lint/suspicious/noExplicitAny: what it takes is known where its server is.
type HandlerClass = RequestHandlerClass<any, any>;

/** Checks what a server has been given as its handler class. */
export function handlerTarget(caller: string, handler: unknown): Target {
  if (typeof handler !== 'function') return targetOf(handler, caller, 'RequestHandlerClass');
  const example = "new URL('./handlers.js#EchoHandler', import.meta.url)";
  const text = `${caller}(): RequestHandlerClass must be a URL that names the class's module, as the class itself`;
  throw Object.assign(new TypeError(`${text} cannot go to another thread or process: ${example}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/** What such a server has as its handler class: its handlers are made elsewhere. */
export class ElsewhereHandler {
  constructor() {
    throw new TypeError('the handlers of this server are made in other threads or processes');
  }

  /** Never called, as there is none. */
  declare run: () => void;
}

/** Loads the class. */
export async function loadHandler({ module, exported }: Target): Promise<HandlerClass> {
  const handler: unknown = (await import(module))[exported];
  if (typeof handler !== 'function') throw new TypeError(`${module} has no class named ${exported}`);
  return handler as HandlerClass;
}
