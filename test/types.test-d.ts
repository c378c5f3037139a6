/**
 * What TypeScript knows: checked by `npm run typecheck`, run by nobody. A line after "@ts-expect-error" must not
 * compile, every other line must.
 */
import {
  type Address,
  type AddressInput,
  AF_INET,
  AF_INET6,
  AF_PACKET,
  AF_UNIX,
  type AsyncOptions,
  type BufferedFile,
  createConnection,
  createServer,
  fromfd,
  getaddrinfo,
  type Inet6Address,
  type Inet6Family,
  type InetAddress,
  type InetFamily,
  OSError,
  SOCK_STREAM,
  Socket,
  type SocketIO,
  socket,
  socketpair,
  type TextFile,
  type TimeoutError,
  type timeout,
  type UnixAddress,
  type UnixFamily,
} from 'bsd-socket';

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
  same<ReturnType<typeof packet.getsockname>, Address>(true);
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

export function forms(): void {
  const inet = new Socket(AF_INET);
  const inet6 = new Socket(AF_INET6);
  const unix = new Socket(AF_UNIX);
  const any = new Socket(AF_PACKET);

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
  sock.getsockopt(1, 2, 8) satisfies Buffer | number;
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
