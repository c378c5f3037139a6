/** `bsd-socket/select`: Python's `select` module. */

export type { AsyncOptions } from './abort.ts';
export {
  EPOLL_CLOEXEC,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLMSG,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWAKEUP,
  EPOLLWRBAND,
  EPOLLWRNORM,
  PIPE_BUF,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLMSG,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from './constants.generated.ts';
export { OSError as error } from './errors.ts';
export type { Epoll } from './select/epoll.ts';
export { epoll } from './select/epoll.ts';
export type { Events, Poll } from './select/poll.ts';
export { poll } from './select/poll.ts';
export type { Selectable } from './select/selectable.ts';
export type { Selected } from './select/selecting.ts';
export { select, selectAsync } from './select/selecting.ts';
