/** Plain arrays of messages to send, copied into the form in which native code takes them. */

import { type Bytes, bytesOf, lengthOf, readable } from '../buffers.ts';
import type { AddressInputOf } from '../family.ts';
import { wrongKind } from '../validate.ts';
import { type AncillaryInput, encodeAncillary, piecesOf } from './ancillary.ts';
import { MessageSlots } from './message-slots.ts';

/** A message to send: its bytes, or those with its address and its ancillary data. */
export type OutgoingMessage<F extends number> =
  | Bytes
  | readonly [data: Bytes, address?: AddressInputOf<F> | null, ancdata?: Iterable<AncillaryInput> | null];

/** Messages whose addresses have yet to be packed; null where there is none. */
export interface Gathered {
  readonly slots: MessageSlots;
  readonly addresses: readonly unknown[];
}

/** Checks messages and copies all of them, so that nothing of the caller's is needed any more. */
export function gather(caller: string, messages: unknown): Gathered {
  const expected = 'a MessageBatch or an iterable of messages: bytes, or [data, address?, ancdata?]';
  const iterable = typeof messages === 'object' && messages !== null && Symbol.iterator in messages;
  // The bytes of one message are iterable too, and not what is meant.
  if (!iterable || ArrayBuffer.isView(messages)) throw wrongKind(caller, 'messages', expected, messages);
  const items = [...(messages as Iterable<unknown>)].map((item) => {
    const [data, address = null, ancdata = null] = Array.isArray(item) ? (item as unknown[]) : [item];
    const view = bytesOf(readable(caller, 'data', data));
    const control = ancdata === null ? null : encodeAncillary(piecesOf(caller, ancdata));
    return { view, address, control };
  });
  // Only now, as the caller's code, which may resize memory, has run for the last time.
  const lengths = items.map(({ view }) => lengthOf(view));
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const controlSize = items.reduce((most, { control }) => Math.max(most, control?.length ?? 0), 0);
  const data = Buffer.allocUnsafe(size);
  const slots = new MessageSlots(items.length, data, controlSize);
  let offset = 0;
  items.forEach(({ view, control }, index) => {
    slots.place(index, offset);
    data.set(view, offset);
    slots.put(index, lengths[index]!, control);
    offset += lengths[index]!;
  });
  return { slots, addresses: items.map(({ address }) => address) };
}
