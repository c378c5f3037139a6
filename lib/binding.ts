/**
 * `bsd-socket/binding`: the raw system calls over plain descriptors, for experiments. See {@link Native} for what
 * they have in common; `bsd-socket` has the constants.
 *
 * The functions of the event loop's readiness set are left out: it has one owner, `bsd-socket` itself.
 */
import { native } from './native.ts';

export type { Address } from './family.ts';
export type { AddressRow, LookupFailure, Native } from './native.ts';

export const {
  STORAGE_SIZE,
  accept,
  address,
  bind,
  close,
  connect,
  dup,
  fionread,
  gai_strerror,
  getInheritable,
  getNonblocking,
  getaddrinfo,
  getaddrinfoAsync,
  gethostname,
  getnameinfo,
  getnameinfoAsync,
  getpeername,
  getsockname,
  getsockopt,
  inet_aton,
  inet_ntop,
  inet_pton,
  listen,
  lseek,
  poll,
  read,
  recv,
  recvfrom,
  send,
  sendfile,
  sendto,
  setInheritable,
  setNonblocking,
  setsockopt,
  shutdown,
  sockaddr,
  socket,
  socketpair,
  strerror,
} = native;
