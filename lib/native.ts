/**
 * The native boundary: what the addon exports, typed. This file is the only importer of the addon.
 *
 * Every function is one call of the name that it has in C and returns what that returns; failure is a negative
 * errno. A wrong kind of argument is a TypeError, a number or byte range outside its limits a RangeError; nothing
 * else is thrown. No function blocks in the kernel but `poll` and the resolver's plain forms. A `view` is any
 * ArrayBufferView, counted in bytes.
 */
import type { Address } from './family.ts';
import { load } from './load.ts';

type View = NodeJS.ArrayBufferView;

/** What getaddrinfo(3) and getnameinfo(3) return when they fail; `errno` counts where `eai` is EAI_SYSTEM. */
export interface LookupFailure {
  readonly eai: number;
  readonly errno: number;
}

/** What gethostbyname(3) and gethostbyaddr(3) return when they fail; `errno` counts where `herrno` is NETDB_INTERNAL. */
export interface HostFailure {
  readonly herrno: number;
  readonly errno: number;
}

/** One entry in the database of hosts. */
export type HostEntry = [name: string, aliases: string[], addresses: string[]];

/** One result of getaddrinfo(3). */
export type AddressRow = [family: number, type: number, proto: number, canonname: string, address: Address];

export interface Native {
  /** The values of all constants, in the order of binding/constants.list; undefined where this system lacks one. */
  readonly constantValues: readonly (number | string | undefined)[];
  /** Which list of constants the addon was built from. */
  readonly constantsList: string;
  /** The constants of this system by their names: a new object each time. */
  constants(): Readonly<Record<string, number | string>>;
  /** Bytes that an address takes in `storage`: a 32-bit length, then a sockaddr_storage. */
  readonly STORAGE_SIZE: number;

  /** socket(2), close-on-exec. Returns a descriptor. */
  socket(domain: number, type: number, protocol: number): number;
  /** socketpair(2), close-on-exec. */
  socketpair(domain: number, type: number, protocol: number): [number, number] | number;
  /** bind(2) to the bytes of a sockaddr, as {@link Native.sockaddr} makes them. */
  bind(fd: number, sockaddr: View): number;
  /** connect(2), as on a non-blocking descriptor whatever this one is; `nonblocking` where that is known of it. */
  connect(fd: number, sockaddr: View, nonblocking?: boolean): number;
  /** listen(2). */
  listen(fd: number, backlog: number): number;
  /**
   * accept4(2), close-on-exec; writes the peer's address to `storage`, if any. Leaves the listening descriptor
   * O_NONBLOCK; `nonblocking` where it is known to be so.
   */
  accept(fd: number, storage: View | null, nonblocking?: boolean): number;
  /** shutdown(2). */
  shutdown(fd: number, how: number): number;
  /** close(2), of a descriptor of {@link Native.owned} or of any other. */
  close(fd: number): number;
  /** dup(2), close-on-exec: fcntl(F_DUPFD_CLOEXEC). */
  dup(fd: number): number;
  /** getsockname(2) into `storage`. */
  getsockname(fd: number, storage: View): number;
  /** getpeername(2) into `storage`. */
  getpeername(fd: number, storage: View): number;

  /** recv(2) into `view`, or `length` bytes of it from `offset` on, with MSG_DONTWAIT. */
  recv(fd: number, view: View, flags?: number): number;
  recv(fd: number, view: View, flags: number, offset: number, length: number): number;
  /** recvfrom(2), as `recv`; writes the sender's address to `storage`. */
  recvfrom(fd: number, view: View, flags: number, storage: View): number;
  recvfrom(fd: number, view: View, flags: number, storage: View, offset: number, length: number): number;
  /** send(2) of `view`, or `length` bytes of it from `offset` on, with MSG_DONTWAIT and MSG_NOSIGNAL. */
  send(fd: number, view: View, flags?: number): number;
  send(fd: number, view: View, flags: number, offset: number, length: number): number;
  /** sendto(2), as `send`. */
  sendto(fd: number, view: View, flags: number, sockaddr: View): number;
  sendto(fd: number, view: View, flags: number, sockaddr: View, offset: number, length: number): number;

  /** The numbers of cmsg(3): CMSG_LEN(0), what lengths are rounded up to, and the size of cmsg_len, in bytes. */
  readonly CMSG_HEADER_SIZE: number;
  readonly CMSG_ALIGNMENT: number;
  readonly CMSG_LENGTH_SIZE: number;
  /**
   * sendmsg(2), with MSG_DONTWAIT and MSG_NOSIGNAL.
   *
   * @param control the control messages as the kernel lays them out
   */
  sendmsg(fd: number, views: View[], control: View | null, flags: number, sockaddr: View | null): number;
  /**
   * recvmsg(2), with MSG_DONTWAIT and MSG_CMSG_CLOEXEC.
   *
   * @param control gets the control messages; descriptors among them belong to the caller
   * @param storage gets the sender's address
   * @param report gets the length of the control messages and msg_flags
   */
  recvmsg(
    fd: number,
    views: View[],
    control: View | null,
    flags: number,
    storage: View,
    report: Int32Array,
  ): number;
  /**
   * recvmmsg(2) with MSG_DONTWAIT, of `count` messages from `first` on, each of at most `size` bytes; descriptors
   * received are close-on-exec. The views have a place for each message: `table` six 32-bit integers (where its data
   * begins, bytes of data, MSG_ flags, bytes of control data received, bytes of control data to send, the kernel's count
   * of bytes), `names` STORAGE_SIZE bytes, `control` `controlSize` bytes. Returns how many messages were received.
   */
  recvmmsg(
    fd: number,
    table: View,
    first: number,
    count: number,
    data: View,
    names: View | null,
    controlSize: number,
    control: View | null,
    size: number,
    flags: number,
  ): number;
  /**
   * sendmmsg(2) with MSG_DONTWAIT and MSG_NOSIGNAL, of messages in the views of {@link Native.recvmmsg}. An address of
   * length 0 is none. Returns how many messages were sent; the table says how many bytes of each.
   *
   * @param skip so many bytes of the first message were sent before, and its control data with them
   */
  sendmmsg(
    fd: number,
    table: View,
    first: number,
    count: number,
    data: View,
    names: View | null,
    controlSize: number,
    control: View | null,
    skip: number,
    flags: number,
  ): number;
  /**
   * sendfile(2) of at most `count` bytes from `offset` of a file, or from its own position, which it moves, where that is
   * null. As on a non-blocking socket whatever this one is; `nonblocking` where that is known of it. Returns 0 at the end
   * of the file.
   */
  sendfile(socket: number, file: number, offset: number | null, count: number, nonblocking?: boolean): number;
  /** lseek(2). Returns the position. */
  lseek(fd: number, offset: number, whence: number): number;
  /** read(2), as `recv`; EAGAIN where poll(2) says that there is nothing. */
  read(fd: number, view: View): number;
  read(fd: number, view: View, offset: number, length: number): number;

  /** getsockopt(2) into `view`. Returns the length of the value. */
  getsockopt(fd: number, level: number, option: number, view: View): number;
  /** setsockopt(2) of an int, of bytes, or of a null pointer with a length. */
  setsockopt(fd: number, level: number, option: number, value: number | View): number;
  setsockopt(fd: number, level: number, option: number, value: null, length: number): number;
  /**
   * setsockopt(2) of a struct sock_fprog, a classic BPF program: SO_ATTACH_FILTER and its like. `view` holds the
   * instructions, each a struct sock_filter of 8 bytes.
   */
  attachFilter(fd: number, level: number, option: number, view: View): number;
  /** fcntl(F_GETFL): 1 when O_NONBLOCK is set. */
  getNonblocking(fd: number): number;
  /** ioctl(FIONBIO). */
  setNonblocking(fd: number, on: boolean): number;
  /** fcntl(F_GETFD): 1 when FD_CLOEXEC is not set. */
  getInheritable(fd: number): number;
  /** ioctl(FIOCLEX) or ioctl(FIONCLEX). */
  setInheritable(fd: number, on: boolean): number;
  /** ioctl(FIONREAD): how many bytes can be read. */
  fionread(fd: number): number;
  /** sockatmark(3): 1 when the next receive begins at the mark of urgent data. */
  sockatmark(fd: number): number;

  /**
   * poll(2) of a view of struct pollfd (int fd, short events, short revents). The timeout is in milliseconds,
   * fractions count, a negative one never ends. On the main thread a signal ends it with EINTR, in a thread of
   * `bsd-socket/threading` its interrupt(); a worker's call ends when the worker is terminated.
   */
  poll(fds: View, timeout: number): number;

  /** The size of a struct epoll_event, and where its data begins, in bytes: the layout differs by architecture. */
  readonly EPOLL_EVENT_SIZE: number;
  readonly EPOLL_DATA_OFFSET: number;
  /** epoll_create1(2), close-on-exec. */
  epoll_create1(flags: number): number;
  /** epoll_ctl(2). `data` is an int of the caller's, which comes back with the events. */
  epoll_ctl(epfd: number, op: number, fd: number, events: number, data: number): number;
  /**
   * epoll_wait(2) with a timeout of 0. To wait, {@link Native.poll} for the set itself, which is a descriptor.
   *
   * @param events gets structs epoll_event, at most `maxevents`
   */
  epoll_wait(epfd: number, events: View, maxevents: number): number;

  /**
   * The bytes of a sockaddr: `(AF_INET, host, port)`, `(AF_INET6, host, port, flowinfo, scopeId)`,
   * `(AF_UNIX, bytes)`, `(AF_PACKET, fd, ifname, proto, pkttype, hatype, bytes)`, `(AF_NETLINK, pid, groups)`,
   * `(AF_VSOCK, cid, port)`, `(AF_CAN, fd, protocol, ifname, ...)`, `(AF_TIPC, addrType, v1, v2, v3, scope)`,
   * `(AF_ALG, type, name, feat, mask)`, `(AF_QIPCRTR, node, port)`, `(AF_BLUETOOTH, protocol, ...)`,
   * `(AF_RDS, host, port)`; of any other family the bytes behind it. Interfaces are looked up in the network
   * namespace of the socket `fd`. Null where the host is a name and not a numeric address.
   */
  sockaddr(family: number, ...fields: unknown[]): Buffer | null | number;
  /**
   * The address in `storage` in JavaScript's form; null where there is none.
   *
   * @param fd the socket, whose network namespace has the interfaces; without one it is the thread's
   * @param protocol the socket's, on which the form of AF_CAN and AF_BLUETOOTH depends
   */
  address(storage: View, fd?: number | null, protocol?: number | null): Address | null;

  /** gethostname(2). */
  gethostname(): string | number;
  /** sethostname(2). */
  sethostname(name: View): number;
  /** if_nameindex(3). */
  if_nameindex(): [index: number, name: string][] | number;
  /** if_nametoindex(3). */
  if_nametoindex(name: string): number;
  /** if_indextoname(3). */
  if_indextoname(index: number): string | number;
  /** inet_pton(3); null where the text is no address of the family. */
  inet_pton(family: number, text: string): Buffer | null | number;
  /** inet_ntop(3); null where the view has the wrong length. */
  inet_ntop(family: number, view: View): string | null | number;
  /** inet_aton(3); null where the text is no address. */
  inet_aton(text: string): Buffer | null;
  /** strerror(3). */
  strerror(errno: number): string;

  /** getaddrinfo(3) on this thread, which waits for it. */
  getaddrinfo(
    host: string | null,
    service: string | null,
    family: number,
    type: number,
    protocol: number,
    flags: number,
  ): AddressRow[] | LookupFailure;
  /** getaddrinfo(3) on libuv's pool. */
  getaddrinfoAsync(
    host: string | null,
    service: string | null,
    family: number,
    type: number,
    protocol: number,
    flags: number,
  ): Promise<AddressRow[] | LookupFailure>;
  /** getnameinfo(3) on this thread, which waits for it. */
  getnameinfo(sockaddr: View, flags: number): [host: string, service: string] | LookupFailure;
  /** getnameinfo(3) on libuv's pool. */
  getnameinfoAsync(sockaddr: View, flags: number): Promise<[host: string, service: string] | LookupFailure>;
  /** gethostbyname(3) on this thread, which waits for it. IPv4 alone. */
  gethostbyname(name: string): HostEntry | HostFailure;
  /** gethostbyname(3) on libuv's pool. */
  gethostbynameAsync(name: string): Promise<HostEntry | HostFailure>;
  /** gethostbyaddr(3) of the bytes of an address, on this thread, which waits for it. */
  gethostbyaddr(family: number, address: View): HostEntry | HostFailure;
  /** gethostbyaddr(3) on libuv's pool. */
  gethostbyaddrAsync(family: number, address: View): Promise<HostEntry | HostFailure>;
  /** hstrerror(3). */
  hstrerror(herrno: number): string;
  /** getservbyname(3): a port, in the host's byte order; null where there is no such service. */
  getservbyname(name: string, protocol: string | null): number | null;
  /** getservbyname(3) on libuv's pool. */
  getservbynameAsync(name: string, protocol: string | null): Promise<number | null>;
  /** getservbyport(3): a name; null where there is no such service. The port is in the host's byte order. */
  getservbyport(port: number, protocol: string | null): string | number | null;
  /** getservbyport(3) on libuv's pool. */
  getservbyportAsync(port: number, protocol: string | null): Promise<string | number | null>;
  /** getprotobyname(3): a number; null where there is no such protocol. */
  getprotobyname(name: string): number | null;
  /** getprotobyname(3) on libuv's pool. */
  getprotobynameAsync(name: string): Promise<number | null>;

  /** gai_strerror(3). */
  gai_strerror(code: number): string;

  /**
   * From now on each of the signals that has a handler ends one wait of this thread, the main one. Returns the descriptor that is
   * readable when one has arrived: see binding/signals.cpp.
   */
  signalWatch(signums: Int32Array): number;
  /** Whether one has arrived that has ended no wait; it will end none then. */
  signalTake(): boolean;

  /** Opens a set of descriptors and returns its number: see binding/poller.cpp. */
  pollerOpen(board: Int32Array, deliver: (count: number) => void): number;
  /** Changes what is wanted of a descriptor in the set. */
  pollerChange(poller: number, fd: number, token: number, before: number, events: number): number;
  /** Whether the set keeps the event loop alive. */
  pollerRef(poller: number, on: boolean): void;

  /**
   * The functions that make descriptors, for the sockets of this environment: what these make is closed with it, until
   * {@link Native.close} or {@link Native.own} says otherwise. See binding/owned.h.
   */
  readonly owned: Pick<Native, 'socket' | 'socketpair' | 'accept' | 'dup' | 'epoll_create1' | 'recvmmsg'>;
  /** Whether a descriptor that exists already is closed with this environment. */
  own(fd: number, on: boolean): void;

  /** Puts a duplicate of a descriptor, close-on-exec, under an id of the process: see binding/shared.cpp. */
  share(fd: number, id: string): number;
  /** Takes the descriptor that waits under an id, as one of {@link Native.owned}. ENOENT where there is none. */
  claim(id: string): number;
  /** Closes the descriptor that waits under an id. ENOENT where there is none. */
  unshare(id: string): number;
  /** Sends a byte on the socket under an id, which stays there. ENOENT where there is none, EAGAIN where it is full. */
  ring(id: string): number;

  /**
   * Waits until somebody unparks the cell: see binding/parking.cpp. EAGAIN where the cell does not hold `expected`,
   * ETIMEDOUT after so many milliseconds (negative: never), EINTR as {@link Native.poll}.
   */
  park(cells: Int32Array, index: number, expected: number, timeout: number): number;
  /** Wakes so many of those who wait for the cell. Returns how many there were. */
  unpark(cells: Int32Array, index: number, count: number): number;
  /** The descriptor that is readable when {@link Native.parkRead} has something. */
  parkFd(): number;
  /** Waits without blocking: {@link Native.parkRead} tells. EAGAIN where the cell does not hold `expected`. */
  parkAsync(cells: Int32Array, index: number, expected: number, token: number): number;
  /** Gives up a wait that parkAsync() has begun. 1 where it has been unparked already, ENOENT where there is none. */
  parkLeave(token: number): number;
  /** Writes the tokens of those that have been unparked; returns how many. */
  parkRead(tokens: Int32Array): number;
  /** Makes this environment the worker of a record: see binding/threads.cpp. EALREADY where it is one. */
  threadWorker(record: Int32Array, census: Int32Array): number;
  /** The thread that runs by a record is over, and the record is in a new state. */
  threadEnd(record: Int32Array, census: Int32Array, state: number): void;
  /** The process is about to end: blocked workers look often whether they are to end. */
  threadsHurry(): void;

  /** The default timeout of the process in seconds, negative for none. */
  getdefaulttimeout(): number;
  setdefaulttimeout(seconds: number): void;
}

// A copy, since V8 takes the addon's object for a dictionary, in which every call would have to look its function up.
export const native: Native = { ...(load() as Native) };
