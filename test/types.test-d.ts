/**
 * What TypeScript knows: checked by `npm run typecheck`, run by nobody. A line after "@ts-expect-error" must not
 * compile, every other line must.
 */
import { Server } from 'node:net';
import {
  type Address,
  type AddressInput,
  AF_ALG,
  AF_BLUETOOTH,
  AF_CAN,
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_QIPCRTR,
  AF_RDS,
  type AF_ROUTE,
  AF_TIPC,
  AF_UNIX,
  AF_VSOCK,
  type AlgFamily,
  type Ancillary,
  type AsyncOptions,
  ancillary,
  BDADDR_ANY,
  BPF_JUMP,
  BPF_STMT,
  type BufferedFile,
  type CanAddress,
  type ControlMessage,
  createConnection,
  createServer,
  decodeAncillary,
  fromfd,
  getaddrinfo,
  type HopLimitMessage,
  type Inet6Address,
  type Inet6Family,
  type InetAddress,
  type InetFamily,
  type Instruction,
  MessageBatch,
  type Options,
  OSError,
  type PacketAddress,
  type PeerCredentials,
  recvFds,
  SOCK_STREAM,
  Socket,
  type SocketIO,
  sendFds,
  sendFdsAsync,
  socket,
  socketpair,
  type TcpInfo,
  type TextFile,
  TIPC_ADDR_NAME,
  type TimeoutError,
  type timeout,
  type UnixAddress,
  type UnixFamily,
  VMADDR_CID_HOST,
} from 'bsd-socket';
import { epoll, poll, type Selectable, select, selectAsync } from 'bsd-socket/select';
import { type BaseSelector, DefaultSelector, EVENT_READ, type SelectorKey } from 'bsd-socket/selectors';
import {
  BaseRequestHandler,
  DatagramRequestHandler,
  ForkingTCPServer,
  type ForkingUDPServer,
  ForkingUnixStreamServer,
  type RequestServer,
  StreamRequestHandler,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from 'bsd-socket/socketserver';

/** Compiles where the two types are the same, and not only where one fits the other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_is: Same<A, B>): void => {};

export async function addresses(someFamily: number): Promise<void> {
  const inet = new Socket(AF_INET);
  const inet6 = new Socket(AF_INET6);
  const unix = new Socket(AF_UNIX);
  const any = new Socket(someFamily);
  const none = new Socket();
  const packet = new Socket(AF_PACKET);

  // As a type without an argument it is a socket of any family.
  const members: Socket[] = [inet, inet6, unix, any, none];
  same<ReturnType<(typeof members)[0]['getsockname']>, Address>(true);
  same<Socket, Socket<number>>(true);

  // The family decides on the form of an address.
  same<typeof inet, Socket<InetFamily>>(true);
  same<typeof inet6, Socket<Inet6Family>>(true);
  same<typeof unix, Socket<UnixFamily>>(true);
  same<typeof none, Socket<InetFamily>>(true);
  same<ReturnType<typeof inet.getsockname>, [host: string, port: number]>(true);
  same<ReturnType<typeof none.getsockname>, InetAddress>(true);
  same<ReturnType<typeof inet6.getsockname>, [host: string, port: number, flowinfo: number, scopeId: number]>(
    true,
  );
  same<ReturnType<typeof unix.getsockname>, string | Buffer>(true);
  same<ReturnType<typeof any.getsockname>, Address>(true);
  same<ReturnType<typeof packet.getsockname>, PacketAddress>(true);
  same<PacketAddress, [ifname: string, proto: number, pkttype: number, hatype: number, addr: Buffer]>(true);
  same<ReturnType<typeof inet.getpeername>, InetAddress>(true);

  const [host, port] = inet.getsockname();
  host satisfies string;
  port satisfies number;
  // @ts-expect-error: an IPv4 address has two fields
  inet.getsockname()[2];
  inet6.getsockname()[3] satisfies number;
  // @ts-expect-error: a Unix address is no pair
  unix.getsockname().port;

  // What comes from other calls has the same form.
  const [connection, address] = inet6.accept();
  same<typeof connection, Socket<Inet6Family>>(true);
  same<typeof address, Inet6Address>(true);
  const [data, from] = inet.recvfrom(10);
  same<typeof data, Buffer>(true);
  same<typeof from, InetAddress | null>(true);
  const [count, sender] = unix.recvfromInto(Buffer.alloc(1));
  same<typeof count, number>(true);
  same<typeof sender, UnixAddress | null>(true);
  const [message, ancdata, msgFlags, from6] = inet6.recvmsg(10, 10);
  same<typeof message, Buffer>(true);
  same<typeof ancdata, Ancillary[]>(true);
  same<typeof msgFlags, number>(true);
  same<typeof from6, Inet6Address | null>(true);
  const [nbytes, , , fromUnix] = await unix.recvmsgIntoAsync([Buffer.alloc(1)]);
  same<typeof nbytes, number>(true);
  same<typeof fromUnix, UnixAddress | null>(true);
  const [, fds, , passer] = recvFds(unix, 1, 1);
  same<typeof fds, number[]>(true);
  same<typeof passer, UnixAddress | null>(true);
  inet.sendmsg(['x', Buffer.alloc(1), new SharedArrayBuffer(1)], [ancillary.hopLimit(AF_INET, 5)], 0, [
    '::',
    1,
  ]);
  inet.sendmsg(new Set(['x']));
  inet.sendmmsg(['x', new Uint8Array(1), ['x', ['::', 1]]]);
  // @ts-expect-error: bytes are no iterable of bytes
  inet.sendmsg(Buffer.alloc(1));
  // @ts-expect-error: nor is text, whose items are strings too
  inet.sendmsg('text');
  // @ts-expect-error
  await inet.sendmsgAsync('text');
  // @ts-expect-error
  sendFds(unix, 'text', [0]);
  // @ts-expect-error
  await sendFdsAsync(unix, 'text', [0]);
  // @ts-expect-error
  inet.sendmmsg('text');
  // @ts-expect-error
  await inet.sendmmsgAsync('text');
  // @ts-expect-error
  any.sendmsgAfalg('text', { op: 0 });
  // @ts-expect-error
  await any.sendmsgAfalgAsync('text', { op: 0 });
  // @ts-expect-error
  unix.recvmsgInto('text');
  // @ts-expect-error: an IPv4 socket sends to no path
  inet.sendmsg(['x'], [], 0, '/path');

  // A kind is known by its name.
  const decoded = decodeAncillary(ancdata);
  const info = decoded.find(({ kind }) => kind === 'packetInfo');
  info satisfies ControlMessage | undefined;
  const hop = decoded.find((each) => each.kind === 'hopLimit');
  same<typeof hop, HopLimitMessage | undefined>(true);
  for (const each of decoded) {
    if (each.kind === 'timestamp') same<typeof each.time, bigint>(true);
    if (each.kind === 'packetInfo') {
      ancillary.packetInfo(each) satisfies Ancillary;
      each.specDst satisfies string | undefined;
      if (each.specDst !== undefined) same<typeof each.family, InetFamily>(true);
    }
  }

  for await (const [accepted, peer] of inet.connections()) {
    same<typeof accepted, Socket<InetFamily>>(true);
    same<typeof peer, InetAddress>(true);
  }
  for await (const [datagram, peer] of unix.datagrams()) {
    same<typeof datagram, Buffer>(true);
    same<typeof peer, UnixAddress | null>(true);
  }
  for await (const chunk of unix.chunks()) same<typeof chunk, Buffer>(true);
  same<ReturnType<typeof inet.dup>, Socket<InetFamily>>(true);
}

export function everyFamily(): void {
  const netlink = new Socket(AF_NETLINK);
  same<ReturnType<typeof netlink.getsockname>, [pid: number, groups: number]>(true);
  same<typeof AF_ROUTE, typeof AF_NETLINK>(true);
  const vsock = new Socket(AF_VSOCK);
  same<ReturnType<typeof vsock.getsockname>, [cid: number, port: number]>(true);
  const can = new Socket(AF_CAN);
  same<ReturnType<typeof can.getsockname>, CanAddress>(true);
  const tipc = new Socket(AF_TIPC);
  same<
    ReturnType<typeof tipc.getsockname>,
    [addrType: number, v1: number, v2: number, v3: number, scope: number]
  >(true);
  const alg = new Socket(AF_ALG);
  same<ReturnType<typeof alg.getsockname>, [type: string, name: string, feat: number, mask: number]>(true);
  const [connection, address] = alg.accept();
  same<typeof connection, Socket<AlgFamily>>(true);
  same<typeof address, null>(true);
  const qipcrtr = new Socket(AF_QIPCRTR);
  same<ReturnType<typeof qipcrtr.getsockname>, [node: number, port: number]>(true);
  const rds = new Socket(AF_RDS);
  same<ReturnType<typeof rds.getsockname>, InetAddress>(true);
  const bluetooth = new Socket(AF_BLUETOOTH);
  const packet = new Socket(AF_PACKET);

  packet.bind(['lo', 3]);
  packet.bind(['lo', 3, 0, 1, new Uint8Array(6)]);
  packet.bind(packet.getsockname());
  netlink.bind([0, 0]);
  vsock.connect([VMADDR_CID_HOST, 1234]);
  can.bind(['vcan0']);
  can.bind(['vcan0', 1, 2]);
  can.bind(['vcan0', 1n, 2, 3]);
  tipc.bind([TIPC_ADDR_NAME, 1, 2, 3]);
  alg.bind(['hash', 'sha256']);
  bluetooth.bind(0);
  bluetooth.bind([0, 1]);
  bluetooth.bind(BDADDR_ANY);
  bluetooth.bind([BDADDR_ANY, 1, 2, 3]);
  // @ts-expect-error: an interface has a name and a protocol
  packet.bind(['lo']);
  // @ts-expect-error: numbers alone
  netlink.bind(['0', 0]);
  // @ts-expect-error: a pair
  vsock.bind([0]);
}

export function forms(someFamily: number): void {
  const inet = new Socket(AF_INET);
  const inet6 = new Socket(AF_INET6);
  const unix = new Socket(AF_UNIX);
  const any = new Socket(someFamily);

  inet.bind(['', 0]);
  inet.connect(['localhost', 80] as const);
  inet.sendto('x', [Buffer.from('localhost'), 80]);
  inet.sendto(new Uint16Array(1), 0, ['localhost', 80]);
  inet6.connect(['::1', 80]);
  inet6.connect(['::1', 80, 0]);
  inet6.connect(['::1', 80, 0, 1]);
  inet6.connect(inet6.getsockname());
  unix.bind('/tmp/x');
  unix.bind(Buffer.from('\0x'));
  any.bind(['x', 1] satisfies AddressInput);

  // @ts-expect-error: a path is no address of AF_INET
  inet.bind('/tmp/x');
  // @ts-expect-error: a port is a number
  inet.connect(['localhost', '80']);
  // @ts-expect-error: an IPv4 address has two fields
  inet.connect(['localhost', 80, 0]);
  // @ts-expect-error: a pair is no address of AF_UNIX
  unix.connect(['localhost', 80]);
  // @ts-expect-error: an IPv6 address has at most four fields
  inet6.bind(['::1', 80, 0, 0, 0]);
  // @ts-expect-error: the address is missing
  inet.sendto('x', 0);
}

export function asynchronous(options: AsyncOptions): void {
  const inet = new Socket(AF_INET);
  // Each twin promises what the other one returns.
  same<ReturnType<typeof inet.acceptAsync>, Promise<[connection: Socket<InetFamily>, address: InetAddress]>>(
    true,
  );
  same<ReturnType<typeof inet.connectAsync>, Promise<void>>(true);
  same<ReturnType<typeof inet.connectExAsync>, Promise<number>>(true);
  same<ReturnType<typeof inet.recvAsync>, Promise<Buffer>>(true);
  same<ReturnType<typeof inet.recvIntoAsync>, Promise<number>>(true);
  same<ReturnType<typeof inet.sendAsync>, Promise<number>>(true);
  same<ReturnType<typeof inet.sendallAsync>, Promise<void>>(true);
  void inet.acceptAsync(options);
  void inet.recvAsync(1, 0, { signal: new AbortController().signal });
  void inet.recvAsync(1, 0, { signal: undefined });
  void inet.sendtoAsync('x', ['localhost', 80], options);
  void inet.sendtoAsync('x', 0, ['localhost', 80], options);
  void inet.connectAsync(['localhost', 80], {});
  // @ts-expect-error: a signal is no option of its own
  void inet.acceptAsync(new AbortController().signal satisfies { aborted: boolean; signal: never });
  // @ts-expect-error: the flags come before the options
  void inet.recvAsync(1, options);
}

export function bytes(sock: Socket): void {
  sock.send('text');
  sock.send(Buffer.alloc(1));
  sock.send(new DataView(new ArrayBuffer(1)));
  sock.send(new ArrayBuffer(1));
  sock.send(new SharedArrayBuffer(1));
  sock.recvInto(new BigInt64Array(1));
  sock.recvInto(new SharedArrayBuffer(1), 1, 0);
  // @ts-expect-error: a number is no bytes
  sock.send(5);
  // @ts-expect-error: an array of numbers is none either
  sock.sendall([1, 2]);
  // @ts-expect-error: text cannot be received into
  sock.recvInto('text');
  // @ts-expect-error: how many is not optional
  sock.recv();
}

export function settings(sock: Socket): void {
  sock.settimeout(null);
  sock.settimeout(0.5);
  same<ReturnType<typeof sock.gettimeout>, number | null>(true);
  same<typeof sock.timeout, number | null>(true);
  sock.getsockopt(1, 2) satisfies number;
  sock.getsockopt(1, 2, 8) satisfies Buffer;
  sock.getsockopt(1, 2, 0) satisfies number;
  sock.getsockopt(1, 2, 'uint64') satisfies bigint;
  sock.getsockopt(1, 2, 'int8') satisfies number;
  sock.setsockopt(1, 2, 3n);
  // @ts-expect-error: no such type
  sock.getsockopt(1, 2, 'uint');
  sock.setsockopt(1, 2, 3);
  sock.setsockopt(1, 2, true);
  sock.setsockopt(1, 2, Int32Array.of(1));
  sock.setsockopt(1, 2, null, 0);
  using closed = sock;
  closed.ref().unref() satisfies Socket;
  // @ts-expect-error: undefined is no timeout
  sock.settimeout(undefined);
  // @ts-expect-error: read-only
  sock.timeout = 5;
  // @ts-expect-error: read-only
  sock.family = AF_INET;
  // @ts-expect-error: a null pointer has a length
  sock.setsockopt(1, 2, null);
}

export function options({ options }: Socket): void {
  same<typeof options, Options>(true);
  same<typeof options.tcpNoDelay, boolean>(true);
  same<typeof options.cookie, bigint>(true);
  same<typeof options.linger, number | null>(true);
  same<typeof options.peerCred, PeerCredentials | null>(true);
  same<typeof options.tcpInfo, TcpInfo>(true);
  same<typeof options.tcpInfo.rtt, number>(true);
  same<typeof options.tcpInfo.bytesSent, bigint | undefined>(true);
  same<typeof options.originalDst, InetAddress>(true);
  options.tcpNoDelay = true;
  options.ipLocalPortRange = [1, 2];
  options.txTime = { clockid: 1, flags: 0 };
  options.rcvBufForce = 5;
  options.joinGroup('239.1.2.3', { interface: 'lo', source: '127.0.0.1' });
  options.joinGroup(1);
  // @ts-expect-error: no such name
  options.tcpNodelay = true;
  // @ts-expect-error: a boolean
  options.tcpNoDelay = 1;
  // @ts-expect-error: read-only
  options.cookie = 1n;
  // @ts-expect-error: read-only
  options.tcpInfo = {} as TcpInfo;
  // @ts-expect-error: a bigint
  options.maxPacingRate = 1;
}

export function filters(sock: Socket): void {
  sock.attachFilter([BPF_STMT(6, 0), BPF_JUMP(5, 0, 1, 2), [6, 0, 0, 0]]);
  same<ReturnType<typeof sock.getFilter>, Instruction[] | null>(true);
  // @ts-expect-error: four numbers
  sock.attachFilter([[6, 0, 0]]);
}

export function functions(): void {
  same<ReturnType<typeof socket<UnixFamily>>, Socket<UnixFamily>>(true);
  const plain = socket();
  same<typeof plain, Socket<InetFamily>>(true);
  const [left] = socketpair();
  same<typeof left, Socket<UnixFamily>>(true);
  const [right] = socketpair(AF_INET);
  same<typeof right, Socket<InetFamily>>(true);
  const adopted = fromfd(0, AF_INET6, SOCK_STREAM);
  same<typeof adopted, Socket<Inet6Family>>(true);
  const server = createServer(['', 0], { backlog: 5, reusePort: true });
  same<typeof server, Socket<InetFamily>>(true);
  const unix = createServer('/tmp/x', { family: AF_UNIX });
  same<typeof unix, Socket<UnixFamily>>(true);
  // @ts-expect-error: a pair is no address of AF_UNIX
  createServer(['', 0], { family: AF_UNIX });
  createConnection(['localhost', 80], 5, ['', 0], { allErrors: true }).recv(1);
  createConnection(['::1', 80, 0, 0], null);
  const [[family, , , canonname, address] = []] = getaddrinfo('localhost', 'http');
  family satisfies number | undefined;
  canonname satisfies string | undefined;
  address satisfies Address | undefined;
}

export function errors(error: unknown): void {
  if (error instanceof OSError) {
    error.errno satisfies number | undefined;
    error.code satisfies string | undefined;
    error.strerror satisfies string;
    error.port satisfies number | undefined;
  }
  same<typeof timeout, typeof TimeoutError>(true);
}

export async function batches(): Promise<void> {
  const inet = new Socket(AF_INET);
  const inet6 = new Socket(AF_INET6);
  const batch = new MessageBatch(32, 1500);
  const batch6 = new MessageBatch(32, 1500, { family: AF_INET6 });
  same<typeof batch, MessageBatch<InetFamily>>(true);
  same<ReturnType<typeof batch.address>, InetAddress | null>(true);
  same<ReturnType<typeof batch6.address>, Inet6Address | null>(true);
  batch.push('x', ['127.0.0.1', 80]);
  batch6.push('x', ['::1', 80]);
  // @ts-expect-error: an IPv4 address is a pair
  batch.push('x', '/path');
  inet.recvmmsg(batch) satisfies number;
  (await inet6.recvmmsgAsync(batch6)) satisfies number;
  inet.sendmmsg(batch);
  inet6.sendmmsg(['x', Buffer.from('y'), ['z', ['::1', 80], []]]);
  // @ts-expect-error: an IPv4 address is a pair
  inet.sendmmsg([['z', '/path']]);
  for (const [data, address] of batch) [data.length, address?.[1]] satisfies unknown;
}

export async function files(sock: Socket, mode: string): Promise<void> {
  // The mode decides on what a file object reads and writes, and a buffer of 0 on its class.
  const text = sock.makefile();
  same<typeof text, TextFile>(true);
  const binary = sock.makefile('rb', { buffering: 100 });
  same<typeof binary, BufferedFile>(true);
  const raw = sock.makefile('rwb', 0);
  same<typeof raw, SocketIO>(true);
  const other = sock.makefile('wb', { buffering: 0 });
  same<typeof other, SocketIO>(true);
  const any = sock.makefile(mode);
  same<typeof any, SocketIO | BufferedFile | TextFile>(true);
  const line: string = text.readline();
  const bytes: Buffer = await binary.readlineAsync(-1, { signal: AbortSignal.timeout(9) });
  text.write(line);
  // @ts-expect-error: text is written as text
  text.write(bytes);
  binary.write(line);
  for (const each of text) same<typeof each, string>(true);
  for await (const each of binary) same<typeof each, Buffer>(true);
  // @ts-expect-error: the layers below are nobody's business
  text.wire;
  const sent: number = sock.sendfile('path', null, 3);
  await sock.sendfileAsync({ fd: sent }, 0, null, {});
  // @ts-expect-error: a file is a path, a descriptor or a FileHandle
  sock.sendfile(null);
}

// Waiting for many.
export function selecting() {
  const sock = new Socket();
  const [readable, writable] = select([sock, 5], [sock], []);
  readable satisfies (Socket<InetFamily> | number)[];
  same<typeof writable, Socket<InetFamily>[]>(true);
  selectAsync([sock], new Set([1]), [], null, {}) satisfies Promise<
    [Socket<InetFamily>[], number[], never[]]
  >;
  const files: Selectable[] = [
    0,
    process.stdin,
    new Server(),
    { fileno: () => 1 },
    { fd: null },
    sock,
    epoll(),
  ];
  // @ts-expect-error: text has no descriptor
  select(['0'], [], []);
  // @ts-expect-error: nor has an empty object
  poll().register({});
  epoll.fromfd(3).poll(null, 5) satisfies [fd: number, events: number][];
  const selector: BaseSelector = new DefaultSelector();
  const key = selector.register(sock, EVENT_READ, () => files);
  key satisfies SelectorKey<Socket<InetFamily>, () => Selectable[]>;
  key.fileobj.recv(1) satisfies Buffer;
  key.data() satisfies Selectable[];
  // @ts-expect-error: keys never change
  key.events = 3;
  for (const [{ fileobj, data }, events] of selector.select()) data(fileobj, events & EVENT_READ);
  selector.getMap()?.has(sock) satisfies boolean | undefined;
}

export async function servers(): Promise<void> {
  // A handler knows its server, and from that what a request is.
  class Plain extends BaseRequestHandler {
    override handle() {
      same<typeof this.request, Socket<typeof AF_INET>>(true);
      same<typeof this.clientAddress, InetAddress>(true);
    }
  }
  class Datagrams extends DatagramRequestHandler<UnixDatagramServer> {
    override async handle() {
      const [data, sock] = this.request;
      same<typeof data, Buffer>(true);
      same<typeof this.clientAddress, UnixAddress | null>(true);
      await sock.sendtoAsync(data, this.clientAddress!);
      same<ReturnType<typeof this.rfile.readline>, Buffer>(true);
    }
  }
  class Echo extends BaseRequestHandler<UDPServer> {
    override handle() {
      const [data, sock] = this.request;
      // A datagram from the Internet has a sender.
      same<typeof this.clientAddress, InetAddress>(true);
      sock.sendto(data, this.clientAddress);
    }
  }
  same<BaseRequestHandler<UDPServer<Inet6Family>>['clientAddress'], Inet6Address>(true);
  same<BaseRequestHandler<ForkingUDPServer>['clientAddress'], InetAddress>(true);
  same<BaseRequestHandler<UDPServer<number>>['clientAddress'], Address | null>(true);
  new UDPServer(['127.0.0.1', 0], Echo).serverClose();
  class Counting extends TCPServer<typeof AF_INET6> {
    static override addressFamily = AF_INET6;
    static override timeout = 5;
    count = 0;
    override verifyRequest(request: Socket<typeof AF_INET6>, [host]: Inet6Address): boolean {
      return request.closed || host === '::1';
    }
  }
  class Stream extends StreamRequestHandler<Counting> {
    override timeout = 5;
    override handle() {
      this.server.count++;
      same<typeof this.clientAddress, Inet6Address>(true);
      this.wfile.write(this.rfile.readline());
    }
  }
  class Late extends TCPServer {
    // @ts-expect-error: the constructor has bound the socket before this is set
    override allowReuseAddress = true;
  }
  using server = new Counting(['::1', 0], Stream);
  same<typeof server.serverAddress, Inet6Address>(true);
  same<ReturnType<typeof server.serveForever>, void>(true);
  await server.serveForeverAsync({ pollInterval: 1, signal: AbortSignal.timeout(9) });
  await server.serveForeverAsync(1, { signal: null });
  new UnixDatagramServer('/path', Datagrams).serverClose();
  new Late(['', 0], Plain).serverClose();
  // @ts-expect-error: a Unix server has no IPv4 connections
  new UnixStreamServer('/path', Plain);
  // @ts-expect-error: nor does a server of datagrams
  new UDPServer(['', 0], Plain);
}

export async function mixins() {
  const handler = new URL('./handlers.js#Echo', import.meta.url);
  using threading = new ThreadingTCPServer(['127.0.0.1', 0], handler);
  same<typeof threading.serverAddress, InetAddress>(true);
  same<typeof threading.maxThreads, number | null>(true);
  threading.daemonThreads = true;
  using six = new ThreadingTCPServer<typeof AF_INET6>(['::1', 0], '/path/handlers.js#Echo', false);
  same<typeof six.serverAddress, Inet6Address>(true);
  await using forking = new ForkingUnixStreamServer('/path', handler);
  same<typeof forking.activeChildren, ReadonlySet<number>>(true);
  forking.collectChildren({ blocking: true });
  await forking.collectChildrenAsync({ blocking: true, signal: null });
  class Own extends TCPServer {
    count = 0;
  }
  class Both extends ThreadingMixIn(Own) {
    static override daemonThreads = true;
    static override maxThreads = null;
    override verifyRequest() {
      return this.count++ < 5;
    }
  }
  using both = new Both(['', 0], handler);
  same<typeof both.count, number>(true);
  class Handler extends StreamRequestHandler<RequestServer<Both>> {
    override handle() {
      same<typeof this.server.serverAddress, InetAddress>(true);
      same<typeof this.request, Socket<InetFamily>>(true);
      this.server.shutdown();
    }
  }
  class Datagram extends DatagramRequestHandler<RequestServer<ForkingUDPServer>> {}
  // @ts-expect-error: a class cannot go to another thread
  new ThreadingTCPServer(['', 0], Handler);
  // @ts-expect-error: an IPv4 server has no path
  new ForkingTCPServer('/path', handler);
  return Datagram;
}
