/** `bsd-socket/selectors`: Python's `selectors` module. */

export type { AsyncOptions } from './abort.ts';
export type { Selectable } from './select/selectable.ts';
export type { Ready } from './selectors/base-selector.ts';
export { BaseSelector, EVENT_READ, EVENT_WRITE } from './selectors/base-selector.ts';
export { EpollSelector, EpollSelector as DefaultSelector } from './selectors/epoll-selector.ts';
export { PollSelector } from './selectors/poll-selector.ts';
export { SelectSelector } from './selectors/select-selector.ts';
export { SelectorKey } from './selectors/selector-key.ts';
export type { SelectorMap } from './selectors/selector-map.ts';
