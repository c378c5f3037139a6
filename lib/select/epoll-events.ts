/** Structs epoll_event, as the kernel writes them. */
import { checked } from '../errors.ts';
import { native } from '../native.ts';

const { EPOLL_EVENT_SIZE } = native;
const STRIDE = EPOLL_EVENT_SIZE / 4;
const DATA = native.EPOLL_DATA_OFFSET / 4;
// Memory for more than so many events is not kept.
const MOST_KEPT = 65536;

let kept = new Int32Array(1024 * STRIDE);

function memory(count: number): Int32Array {
  if (count * STRIDE <= kept.length) return kept;
  if (count > MOST_KEPT) return new Int32Array(count * STRIDE);
  // A set that grows one by one asks for one more each time.
  kept = new Int32Array(Math.max(count * STRIDE, 2 * kept.length));
  return kept;
}

/**
 * Asks an epoll set what is ready, without waiting: epoll_wait(2).
 *
 * @param each called with the data of an event, which here is always a descriptor, and the events as an int
 * @returns how many events there were
 */
export function readEvents(
  epfd: number,
  maxevents: number,
  each: (fd: number, events: number) => void,
): number {
  const cells = memory(maxevents);
  const count = checked(native.epoll_wait(epfd, cells, maxevents), 'epoll_wait');
  for (let at = 0; at < count * STRIDE; at += STRIDE) each(cells[at + DATA]!, cells[at]!);
  return count;
}
