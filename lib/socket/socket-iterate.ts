/**
 * `for await` over a socket. An iteration ends by itself when the socket is closed on this side, and at the end of
 * the stream; leaving it early leaves the socket open.
 */
import type { AsyncOptions } from '../abort.ts';
import type { AddressOf, PeerOf } from '../family.ts';
import type { Socket } from './socket.ts';

/** Repeats a call until it returns null or the socket is closed. */
async function* repeat<T>(
  socket: { readonly closed: boolean },
  call: () => Promise<T | null>,
): AsyncGenerator<T, void> {
  while (!socket.closed) {
    let result: T | null;
    try {
      result = await call();
    } catch (error) {
      if (socket.closed) return;
      throw error;
    }
    if (result === null) return;
    yield result;
  }
}

export function connections<F extends number>(
  socket: Socket<F>,
  options?: AsyncOptions,
): AsyncGenerator<[connection: Socket<F>, address: PeerOf<F>], void> {
  return repeat(socket, () => socket.acceptAsync(options));
}

export function chunks<F extends number>(
  socket: Socket<F>,
  bufsize: number,
  options?: AsyncOptions,
): AsyncGenerator<Buffer, void> {
  return repeat(socket, async () => {
    const data = await socket.recvAsync(bufsize, 0, options);
    return data.length === 0 ? null : data;
  });
}

export function datagrams<F extends number>(
  socket: Socket<F>,
  bufsize: number,
  options?: AsyncOptions,
): AsyncGenerator<[data: Buffer, address: AddressOf<F> | null], void> {
  return repeat(socket, () => socket.recvfromAsync(bufsize, 0, options));
}
