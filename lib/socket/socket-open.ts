/** How a socket comes by its descriptor: a new one, or one that exists already. */
import { storage } from '../address/address.ts';
import {
  AF_INET,
  EOPNOTSUPP,
  SO_DOMAIN,
  SO_PROTOCOL,
  SO_RCVLOWAT,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { Endpoint } from '../endpoint.ts';
import { checked } from '../errors.ts';
import { native } from '../native.ts';
import { descriptor, integer } from '../validate.ts';

const value = new Int32Array(1);

/** An integer option of SOL_SOCKET. */
export function intOption(fd: number, option: number): number {
  checked(native.getsockopt(fd, SOL_SOCKET, option, value), 'getsockopt');
  return value[0]!;
}

/** One of the constructor's numbers; -1, null and undefined say that it was left out. */
function optional(name: string, number: unknown): number {
  return number === null || number === undefined ? -1 : integer('socket', name, number, -1, 0x7fffffff);
}

/** Makes the descriptor of a new socket, or adopts one, and finds out what it is. */
export function open(family: unknown, type: unknown, proto: unknown, fileno: unknown): Endpoint {
  let domain = optional('family', family);
  let kind = optional('type', type);
  let protocol = optional('proto', proto);
  const adopted = fileno !== null && fileno !== undefined;
  let fd: number;
  if (adopted) {
    fd = descriptor('socket', 'fileno', fileno);
    // Says EBADF or ENOTSOCK, even when there is nothing left to find out. AF_ALG's sockets have no names.
    const result = native.getsockname(fd, storage);
    if (result !== -EOPNOTSUPP) checked(result, 'getsockname');
    if (domain === -1) domain = intOption(fd, SO_DOMAIN);
    if (kind === -1) kind = intOption(fd, SO_TYPE);
    if (protocol === -1) protocol = intOption(fd, SO_PROTOCOL);
  } else {
    if (domain === -1) domain = AF_INET;
    if (kind === -1) kind = SOCK_STREAM;
    if (protocol === -1) protocol = 0;
    fd = checked(native.owned.socket(domain, kind, protocol), 'socket');
  }
  const endpoint = adopt(fd, domain, kind, protocol);
  if (adopted) {
    endpoint.disclose();
    // Whoever had the descriptor before may have set it.
    endpoint.lowWater = intOption(fd, SO_RCVLOWAT);
    native.own(fd, true);
  }
  return endpoint;
}

/** The endpoint that was made last, for {@link orClose}. */
let latest: Endpoint | undefined;

/** The endpoint of an owned descriptor that is known already. SOCK_NONBLOCK in `kind`, or else the default timeout, counts. */
export function adopt(fd: number, family: number, kind: number, proto: number): Endpoint {
  const endpoint = new Endpoint(fd, family, kind & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), proto);
  latest = endpoint;
  const timeout = native.getdefaulttimeout();
  if (kind & SOCK_NONBLOCK) {
    endpoint.timeout = 0;
    endpoint.nonblocking = true;
  } else if (timeout >= 0) {
    endpoint.timeout = timeout;
    endpoint.setNonblocking(true);
  }
  return endpoint;
}

/** Makes what is to own a descriptor; where that fails, in the constructor of a subclass perhaps, it is closed. */
export function orClose<T>(fd: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    // An endpoint of it would close the number once more, when that is somebody else's.
    if (latest?.fd === fd) latest.close();
    else native.close(fd);
    throw error;
  }
}
