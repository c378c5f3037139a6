/**
 * `bsd-socket/binding`: the raw system calls over plain descriptors, for experiments. See {@link Native} for what
 * they have in common; `bsd-socket` has the constants.
 *
 * The functions of the event loop's readiness set are left out: it has one owner, `bsd-socket` itself.
 */
import { native } from './native.ts';

export type { Address } from './family.ts';
export type { AddressRow, HostEntry, HostFailure, LookupFailure, Native } from './native.ts';

export const {
  STORAGE_SIZE,
  accept,
  address,
  attachFilter,
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
  gethostbyaddr,
  gethostbyaddrAsync,
  gethostbyname,
  gethostbynameAsync,
  gethostname,
  getnameinfo,
  getnameinfoAsync,
  getpeername,
  getprotobyname,
  getprotobynameAsync,
  getservbyname,
  getservbynameAsync,
  getservbyport,
  getservbyportAsync,
  getsockname,
  getsockopt,
  hstrerror,
  if_indextoname,
  if_nameindex,
  if_nametoindex,
  inet_aton,
  inet_ntop,
  inet_pton,
  listen,
  poll,
  recv,
  recvfrom,
  send,
  sendto,
  sethostname,
  setInheritable,
  setNonblocking,
  setsockopt,
  shutdown,
  sockaddr,
  socket,
  socketpair,
  strerror,
} = native;
