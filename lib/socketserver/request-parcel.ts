/** What goes to another thread or process with a request's socket. */
import { deserialize, serialize } from 'node:v8';
import type { SharedSocket } from '../node/sharing.ts';
import { Socket } from '../socket/socket-constructor.ts';
import type { Target } from '../threading/thread.ts';
import { wrongKind } from '../validate.ts';

/** Of a child process: the descriptor of the request's socket. */
export const REQUEST = 3;
/** Of a child process: the descriptor of the pipe that brings the parcel. */
export const PARCEL = 4;

export interface RequestParcel {
  readonly handler: Target;
  readonly clientAddress: unknown;
  readonly serverAddress: unknown;
  /** The bytes of a datagram. */
  readonly data?: Buffer | undefined;
  /** Ends the server's loop, where that is a thread of the same process. */
  readonly bell?: SharedSocket;
  /** In another process nothing else tells what the socket is. */
  readonly socket?: Pick<Socket<number>, 'family' | 'type' | 'proto' | 'timeout'>;
}

/** The two parts of a request: its socket, and the datagram that came by it, if it is one. */
export function partsOf(caller: string, request: unknown): { socket: Socket<number>; data?: Buffer } {
  if (request instanceof Socket) return { socket: request };
  const [data, socket] = Array.isArray(request) ? request : [];
  if (data instanceof Buffer && socket instanceof Socket) return { socket, data };
  throw wrongKind(caller, 'request', 'a Socket, or [data, socket]', request);
}

/** The parcel as bytes: unlike structured clone, this leaves a Buffer what it is, and copies no more than its bytes. */
export function packed(parcel: RequestParcel): Buffer {
  return serialize(parcel);
}

export function unpacked(bytes: Uint8Array): RequestParcel {
  return deserialize(bytes) as RequestParcel;
}
