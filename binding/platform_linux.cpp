#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <time.h>

#include <algorithm>

#include "platform.h"

namespace bsd_socket::platform {

int Socket(int domain, int type, int protocol) {
  return socket(domain, type | SOCK_CLOEXEC, protocol);
}

int Socketpair(int domain, int type, int protocol, int fds[2]) {
  return socketpair(domain, type | SOCK_CLOEXEC, protocol, fds);
}

int Accept(int fd, sockaddr* address, socklen_t* length) {
  return accept4(fd, address, length, SOCK_CLOEXEC);
}

ssize_t Recvmsg(int fd, msghdr* message, int flags) {
  const ssize_t received = recvmsg(fd, message, flags | MSG_CMSG_CLOEXEC);
  // The kernel reports the flag as if it were news.
  if ((flags & MSG_CMSG_CLOEXEC) == 0) message->msg_flags &= ~MSG_CMSG_CLOEXEC;
  return received;
}

const int kReceiveFlags = MSG_DONTWAIT;
const int kSendFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

ssize_t Sendfile(int socket, int file, int64_t* offset, size_t count) {
  off64_t at = offset == nullptr ? 0 : *offset;
  return sendfile64(socket, file, offset == nullptr ? nullptr : &at, count);
}

int Poll(pollfd* fds, size_t count, int64_t timeout) {
  constexpr int64_t kSecond = 1'000'000'000;
  timespec limit = {};
  if (timeout >= 0) {
    limit.tv_sec = static_cast<time_t>(timeout / kSecond);
    limit.tv_nsec = static_cast<long>(timeout % kSecond);
  }
  return ppoll(fds, count, timeout < 0 ? nullptr : &limit, nullptr);
}

int CreateSet() {
  return epoll_create1(EPOLL_CLOEXEC);
}

int ChangeSet(int set, int fd, int32_t token, int before, int events) {
  epoll_event event = {};
  event.data.u32 = static_cast<uint32_t>(token);
  if (events & kReadable) event.events |= EPOLLIN | EPOLLRDHUP;
  if (events & kWritable) event.events |= EPOLLOUT;
  if (events & kPriority) event.events |= EPOLLPRI;
  // A member that nobody waits for must leave the set: EPOLLERR and EPOLLHUP
  // are reported for an empty mask too, again and again.
  const int operation = events == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  return epoll_ctl(set, operation, fd, &event);
}

int ReadSet(int set, Readiness* out, int capacity) {
  constexpr int kMost = 1024;
  epoll_event events[kMost];
  const int count = epoll_wait(set, events, std::min(capacity, kMost), 0);
  for (int i = 0; i < count; ++i) {
    const uint32_t ready = events[i].events;
    int32_t result = 0;
    if (ready & (EPOLLIN | EPOLLRDHUP)) result |= kReadable;
    if (ready & EPOLLOUT) result |= kWritable;
    if (ready & EPOLLPRI) result |= kPriority;
    if (ready & (EPOLLERR | EPOLLHUP)) result |= kFailed;
    out[i] = {static_cast<int32_t>(events[i].data.u32), result};
  }
  return count;
}

int CreateWakeup() {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

// It fails only where the counter is full, and the descriptor is readable then.
void Wake(int wakeup) {
  eventfd_write(wakeup, 1);
}

void ClearWakeup(int wakeup) {
  eventfd_t count = 0;
  eventfd_read(wakeup, &count);
}

}  // namespace bsd_socket::platform
