// What a platform must provide. Everything else in this folder is POSIX, or
// guarded by __linux__ in the constants and the address table. A port adds a
// platform_*.cpp of this shape and CMake picks it.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

struct pollfd;

namespace bsd_socket::platform {

// Descriptors are close-on-exec from the first moment.
int Socket(int domain, int type, int protocol);
int Socketpair(int domain, int type, int protocol, int fds[2]);
int Accept(int fd, sockaddr* address, socklen_t* length);
// recvmsg(2). The flags that it reports are those that the caller asked for.
ssize_t Recvmsg(int fd, msghdr* message, int flags);

// Flags of ours for every receive and every send: none of them may block, and
// none may raise SIGPIPE.
extern const int kReceiveFlags;
extern const int kSendFlags;

// Sends a part of a file: from `offset`, or from the file's own position where
// that is null. Returns how many bytes, 0 at the end of the file.
ssize_t Sendfile(int socket, int file, int64_t* offset, size_t count);

// poll(2) with a time-out in nanoseconds (negative: none).
int Poll(pollfd* fds, size_t count, int64_t timeout);

// getsockopt(2) and setsockopt(2) with a size in bytes whatever the option. The
// kernel writes to `value` and nowhere else, whatever counts and addresses are in
// it: counts are cut to what it has room for, and addresses that the kernel would
// write to are cleared. Getsockopt returns the bytes of the value.
ssize_t Getsockopt(int fd, int level, int option, void* value, size_t size);
int Setsockopt(int fd, int level, int option, const void* value, size_t size);

// setsockopt(2) of a packet filter: the bytes of its instructions, of which
// those behind the last whole one do not count.
extern const size_t kFilterMost;
int AttachFilter(int fd, int level, int option, void* program, size_t size);

// A set of descriptors that is itself a descriptor, readable when one of its
// members is ready: epoll on Linux. Each member has a token of the caller's.
struct Readiness {
  int32_t token;
  int32_t events;  // kReadable and so on
};
constexpr int kReadable = 1;
constexpr int kWritable = 2;
constexpr int kPriority = 4;
constexpr int kFailed = 8;  // an error or a hang-up; always reported, never asked for

int CreateSet();
// Sets what is wanted of a member; `events` 0 takes it out.
int ChangeSet(int set, int fd, int32_t token, int before, int events);
// Never waits. Returns how many were ready, or -1.
int ReadSet(int set, Readiness* out, int capacity);

// A descriptor that polls as readable once somebody has written to it, until it
// is cleared: an eventfd on Linux. Neither call waits.
int CreateWakeup();
void Wake(int wakeup);
void ClearWakeup(int wakeup);

}  // namespace bsd_socket::platform
