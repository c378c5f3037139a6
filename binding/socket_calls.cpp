// The calls that make, name, connect and end a socket.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "addon.h"
#include "address.h"
#include "args.h"
#include "nonblocking.h"
#include "owned.h"
#include "platform.h"
#include "result.h"

namespace bsd_socket {

namespace {

// socket(domain, type, protocol) -> fd. Close-on-exec, as all descriptors made here.
Napi::Value Socket(const Napi::CallbackInfo& info) {
  Args args(info, "socket");
  const int domain = args.Int("domain");
  const int type = args.Int("type");
  const int protocol = args.Int("protocol");
  if (args.failed()) return {};
  return MadeDescriptor(info, platform::Socket(domain, type, protocol));
}

// socketpair(domain, type, protocol) -> [fd, fd]
Napi::Value Socketpair(const Napi::CallbackInfo& info) {
  Args args(info, "socketpair");
  const int domain = args.Int("domain");
  const int type = args.Int("type");
  const int protocol = args.Int("protocol");
  if (args.failed()) return {};
  int fds[2];
  if (platform::Socketpair(domain, type, protocol, fds) < 0) return Result(info.Env(), -1);
  const Napi::Value ends[] = {MadeDescriptor(info, fds[0]), MadeDescriptor(info, fds[1])};
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0u, ends[0]);
  pair.Set(1u, ends[1]);
  return pair;
}

// bind(fd, sockaddr) -> 0
Napi::Value Bind(const Napi::CallbackInfo& info) {
  Args args(info, "bind");
  const int fd = args.Int("fd");
  const Span address = args.Bytes("sockaddr");
  if (args.failed()) return {};
  return Result(info.Env(), bind(fd, AsSockaddr(address), LengthOf(address)));
}

// connect(fd, sockaddr, nonblocking?) -> 0. It never blocks: EINPROGRESS says
// that the connection is being made. `nonblocking` is true where the caller
// knows that O_NONBLOCK is set; otherwise it is set for the length of the call.
Napi::Value Connect(const Napi::CallbackInfo& info) {
  Args args(info, "connect");
  const int fd = args.Int("fd");
  const Span address = args.Bytes("sockaddr");
  const bool known = !args.Skip() && args.Bool("nonblocking");
  if (args.failed()) return {};
  const Nonblocking nonblocking(fd, known);
  if (nonblocking.failed()) return Result(info.Env(), -1);
  return Result(info.Env(), connect(fd, AsSockaddr(address), LengthOf(address)));
}

// listen(fd, backlog) -> 0
Napi::Value Listen(const Napi::CallbackInfo& info) {
  Args args(info, "listen");
  const int fd = args.Int("fd");
  const int backlog = args.Int("backlog");
  if (args.failed()) return {};
  return Result(info.Env(), listen(fd, backlog));
}

// Whether accept(2) failed because the descriptor does not listen.
bool NoListener(int error) {
  return error == EINVAL || error == ENOTSOCK || error == EOPNOTSUPP;
}

// accept(fd, storage, nonblocking?) -> fd. A blocking descriptor is switched to
// O_NONBLOCK and stays so if it listens, since accept(2) has no flag against
// blocking and switching it back would open a race with the other processes
// that accept. `nonblocking` is true where the caller knows that it is set.
Napi::Value Accept(const Napi::CallbackInfo& info) {
  Args args(info, "accept");
  const int fd = args.Int("fd");
  // Where the peers of a family have no addresses, the kernel fails to give one.
  const bool unnamed = args.Skip();
  const Span storage = unnamed ? Span{} : args.Bytes("storage", kStorageSize);
  const bool known = !args.Skip() && args.Bool("nonblocking");
  if (args.failed()) return {};
  Nonblocking nonblocking(fd, known);
  if (nonblocking.failed()) return Result(info.Env(), -1);
  ReceivedAddress address;
  const int accepted = unnamed ? platform::Accept(fd, nullptr, nullptr)
                               : platform::Accept(fd, address.sockaddr(), address.length());
  if (accepted < 0) {
    const int error = errno;
    if (!NoListener(error)) nonblocking.Keep();
    return Int(info.Env(), -error);
  }
  nonblocking.Keep();
  if (!unnamed) address.Store(storage);
  return MadeDescriptor(info, accepted);
}

// shutdown(fd, how) -> 0
Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  Args args(info, "shutdown");
  const int fd = args.Int("fd");
  const int how = args.Int("how");
  if (args.failed()) return {};
  return Result(info.Env(), shutdown(fd, how));
}

// close(fd) -> 0. Never repeated on EINTR: Linux has freed the descriptor by
// then, and another thread may own its number already.
Napi::Value Close(const Napi::CallbackInfo& info) {
  Args args(info, "close");
  const int fd = args.Int("fd");
  if (args.failed()) return {};
  if (Owned* owned = OwnedOf(info)) owned->Erase(fd);
  return Result(info.Env(), close(fd));
}

// dup(fd) -> fd, close-on-exec
Napi::Value Dup(const Napi::CallbackInfo& info) {
  Args args(info, "dup");
  const int fd = args.Int("fd");
  if (args.failed()) return {};
  return MadeDescriptor(info, fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

template <int (*call)(int, sockaddr*, socklen_t*)>
Napi::Value Name(const Napi::CallbackInfo& info, const char* function) {
  Args args(info, function);
  const int fd = args.Int("fd");
  const Span storage = args.Bytes("storage", kStorageSize);
  if (args.failed()) return {};
  ReceivedAddress address;
  if (call(fd, address.sockaddr(), address.length()) < 0) return Result(info.Env(), -1);
  address.Store(storage);
  return Int(info.Env(), 0);
}

// getsockname(fd, storage) -> 0
Napi::Value Getsockname(const Napi::CallbackInfo& info) {
  return Name<getsockname>(info, "getsockname");
}

// getpeername(fd, storage) -> 0
Napi::Value Getpeername(const Napi::CallbackInfo& info) {
  return Name<getpeername>(info, "getpeername");
}

}  // namespace

void RegisterSocketCalls(Napi::Env, Napi::Object exports, Napi::Object owning, Owned* owned) {
  Export<Socket>(exports, "socket");
  Export<Socketpair>(exports, "socketpair");
  Export<Bind>(exports, "bind");
  Export<Connect>(exports, "connect");
  Export<Listen>(exports, "listen");
  Export<Accept>(exports, "accept");
  Export<Shutdown>(exports, "shutdown");
  Export<Close>(exports, "close", owned);
  Export<Dup>(exports, "dup");
  Export<Getsockname>(exports, "getsockname");
  Export<Getpeername>(exports, "getpeername");
  Export<Socket>(owning, "socket", owned);
  Export<Socketpair>(owning, "socketpair", owned);
  Export<Accept>(owning, "accept", owned);
  Export<Dup>(owning, "dup", owned);
}

}  // namespace bsd_socket
