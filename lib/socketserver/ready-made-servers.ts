/** The eight servers that are ready for use: each kind of server with each of the mixins. */
import type { InetFamily } from '../family.ts';
import { ForkingMixIn } from './forking-mix-in.ts';
import { TCPServer, UDPServer, UnixDatagramServer, UnixStreamServer } from './socket-servers.ts';
import { ThreadingMixIn } from './threading-mix-in.ts';

/** A `TCPServer` with a thread for each connection. */
export class ThreadingTCPServer<F extends number = InetFamily> extends ThreadingMixIn(TCPServer)<F> {}
/** A `UDPServer` with a thread for each datagram. */
export class ThreadingUDPServer<F extends number = InetFamily> extends ThreadingMixIn(UDPServer)<F> {}
/** A `UnixStreamServer` with a thread for each connection. */
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {}
/** A `UnixDatagramServer` with a thread for each datagram. */
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {}

/** A `TCPServer` with a child process for each connection. */
export class ForkingTCPServer<F extends number = InetFamily> extends ForkingMixIn(TCPServer)<F> {}
/** A `UDPServer` with a child process for each datagram. */
export class ForkingUDPServer<F extends number = InetFamily> extends ForkingMixIn(UDPServer)<F> {}
/** A `UnixStreamServer` with a child process for each connection. */
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {}
/** A `UnixDatagramServer` with a child process for each datagram. */
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {}
