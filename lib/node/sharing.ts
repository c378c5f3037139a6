/** Sockets on their way to another thread: a descriptor waits in the process (binding/shared.cpp) under a random id. */
import type { Endpoint } from '../endpoint.ts';
import { checked, OSError } from '../errors.ts';
import { native } from '../native.ts';
import { integer, seconds, wrongKind } from '../validate.ts';

/**
 * What `share` returns and `fromshare` takes: a plain object for `postMessage`, `workerData` and whatever else copies
 * by structured clone. It means something in this process only.
 */
export interface SharedSocket<F extends number = number> {
  /** The random id under which the duplicate descriptor waits. */
  readonly id: string;
  readonly family: F;
  readonly type: number;
  readonly proto: number;
  /** In seconds; null for none. */
  readonly timeout: number | null;
}

/** Options of `share`. */
export interface ShareOptions {
  /** In so many seconds from now, at most 2147483, an unclaimed token is given up; null for never. 60 if left out. */
  expires?: number | null;
}

const EXPIRES = 60;
// setTimeout takes no more milliseconds than fit 31 bits.
const LONGEST = 0x7fffffff / 1000;

/** Puts a duplicate of the descriptor up to be claimed. */
export function share<F extends number>(endpoint: Endpoint, options: ShareOptions = {}): SharedSocket<F> {
  if (typeof options !== 'object' || options === null)
    throw wrongKind('share', 'options', '{ expires? }', options);
  const { expires = EXPIRES } = options;
  const life = seconds('share', 'expires', expires, LONGEST);
  const { family, type, proto, timeout } = endpoint;
  const id = crypto.randomUUID();
  checked(native.share(endpoint.disclose(), id), 'dup');
  // Claimed ones are gone by then, which is no error.
  if (life !== null) setTimeout(() => native.unshare(id), life * 1000).unref();
  return { id, family: family as F, type, proto, timeout };
}

/** The id of a token, whose form is checked. */
function idOf(caller: string, token: unknown): string {
  if (typeof token !== 'object' || token === null)
    throw wrongKind(caller, 'token', 'what share() has returned', token);
  const { id } = token as { id?: unknown };
  if (typeof id !== 'string' || id.includes('\0')) throw wrongKind(caller, 'token.id', 'a string', id);
  return id;
}

/** What is known of a claimed socket; its descriptor belongs to the caller. */
export interface Claimed {
  fd: number;
  family: number;
  type: number;
  proto: number;
  timeout: number | null;
}

/** Takes the socket that a token stands for. A token whose form is wrong is not used up. */
export function claim(token: unknown): Claimed {
  const id = idOf('fromshare', token);
  const { family, type, proto, timeout } = token as Record<string, unknown>;
  const known = {
    family: integer('fromshare', 'token.family', family, 0, 0x7fffffff),
    type: integer('fromshare', 'token.type', type, 0, 0x7fffffff),
    proto: integer('fromshare', 'token.proto', proto, 0, 0x7fffffff),
    timeout: seconds('fromshare', 'token.timeout', timeout),
  };
  const fd = native.claim(id);
  if (fd >= 0) return { fd, ...known };
  throw new OSError(
    'fromshare(): nothing is shared under this token: it has been claimed, given up or has expired, the thread that ' +
      'shared it has ended, or it is of another process',
    { code: 'ESTALE', syscall: 'fromshare' },
  );
}

/**
 * Sends a byte on a shared socket, which goes on waiting, as often as somebody asks. It does not wait: who reads on the
 * other side may find one byte for many. Does nothing where the socket is no longer shared.
 */
export function ring(token: SharedSocket): void {
  native.ring(token.id);
}

/**
 * Gives a token up: the descriptor that waits to be claimed is closed.
 *
 * @returns false where nothing waits: the token has been claimed, or is stale for another reason
 */
export function unshare(token: SharedSocket): boolean {
  return native.unshare(idOf('unshare', token)) === 0;
}
