/** What runs in the thread of a request. */
import type { Socket } from '../socket/socket-constructor.ts';
import { unpacked } from './request-parcel.ts';
import { handleHere } from './request-server.ts';

/** The target of the threads of `ThreadingMixIn`. Python: `process_request_thread`. */
export async function processRequestThread(socket: Socket<number>, parcel: Uint8Array): Promise<void> {
  await handleHere(socket, unpacked(parcel));
}
