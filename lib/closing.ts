/**
 * Tells those who wait for a descriptor through a set of descriptors that this thread is about to close it: the kernel
 * takes it out of the set and says nothing. (The calls of a socket itself are told by their endpoint.)
 */
type Listener = (fd: number) => void;

const listeners: Listener[] = [];

/** From now on calls `listener` before each close. */
export function onClosing(listener: Listener): void {
  listeners.push(listener);
}

/** Says that a descriptor is about to be closed. */
export function announceClosing(fd: number): void {
  for (const listener of listeners) listener(fd);
}
