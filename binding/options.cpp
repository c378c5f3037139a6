// Socket options, descriptor flags and what sockets are asked by ioctl.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "addon.h"
#include "args.h"
#include "platform.h"
#include "result.h"

namespace bsd_socket {

namespace {

// getsockopt(fd, level, option, view) -> bytes of the value, written to the view
Napi::Value Getsockopt(const Napi::CallbackInfo& info) {
  Args args(info, "getsockopt");
  const int fd = args.Int("fd");
  const int level = args.Int("level");
  const int option = args.Int("option");
  const Span value = args.Bytes("view");
  if (args.failed()) return {};
  return Result(info.Env(), platform::Getsockopt(fd, level, option, value.data, value.size));
}

// setsockopt(fd, level, option, int | view) -> 0
// setsockopt(fd, level, option, null, length) -> 0
Napi::Value Setsockopt(const Napi::CallbackInfo& info) {
  Args args(info, "setsockopt");
  const int fd = args.Int("fd");
  const int level = args.Int("level");
  const int option = args.Int("option");
  if (args.Skip()) {
    const uint32_t length = args.Unsigned("length");
    if (args.failed()) return {};
    return Result(info.Env(), setsockopt(fd, level, option, nullptr, length));
  }
  if (args.IsNumber()) {
    const int value = args.Int("value");
    if (args.failed()) return {};
    return Result(info.Env(), setsockopt(fd, level, option, &value, sizeof value));
  }
  const Span value = args.Bytes("value");
  if (args.failed()) return {};
  return Result(info.Env(), platform::Setsockopt(fd, level, option, value.data, value.size));
}

// attachFilter(fd, level, option, view) -> 0, by setsockopt with a pointer to
// the instructions in the view: a struct sock_fprog
Napi::Value AttachFilter(const Napi::CallbackInfo& info) {
  Args args(info, "attachFilter");
  const int fd = args.Int("fd");
  const int level = args.Int("level");
  const int option = args.Int("option");
  const Span program = args.Bytes("view", 0, platform::kFilterMost);
  if (args.failed()) return {};
  return Result(info.Env(), platform::AttachFilter(fd, level, option, program.data, program.size));
}

// getNonblocking(fd) -> 0 or 1, by fcntl(F_GETFL)
Napi::Value GetNonblocking(const Napi::CallbackInfo& info) {
  Args args(info, "getNonblocking");
  const int fd = args.Int("fd");
  if (args.failed()) return {};
  const int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? Result(info.Env(), -1) : Int(info.Env(), (flags & O_NONBLOCK) != 0);
}

// setNonblocking(fd, on) -> 0, by ioctl(FIONBIO): one call where fcntl needs two
Napi::Value SetNonblocking(const Napi::CallbackInfo& info) {
  Args args(info, "setNonblocking");
  const int fd = args.Int("fd");
  int on = args.Bool("on");
  if (args.failed()) return {};
  return Result(info.Env(), ioctl(fd, FIONBIO, &on));
}

// getInheritable(fd) -> 0 or 1, by fcntl(F_GETFD)
Napi::Value GetInheritable(const Napi::CallbackInfo& info) {
  Args args(info, "getInheritable");
  const int fd = args.Int("fd");
  if (args.failed()) return {};
  const int flags = fcntl(fd, F_GETFD);
  return flags < 0 ? Result(info.Env(), -1) : Int(info.Env(), (flags & FD_CLOEXEC) == 0);
}

// setInheritable(fd, on) -> 0, by ioctl(FIOCLEX) or ioctl(FIONCLEX)
Napi::Value SetInheritable(const Napi::CallbackInfo& info) {
  Args args(info, "setInheritable");
  const int fd = args.Int("fd");
  const bool on = args.Bool("on");
  if (args.failed()) return {};
  return Result(info.Env(), ioctl(fd, on ? FIONCLEX : FIOCLEX));
}

// fionread(fd) -> bytes that can be read, by ioctl(FIONREAD)
Napi::Value Fionread(const Napi::CallbackInfo& info) {
  Args args(info, "fionread");
  const int fd = args.Int("fd");
  if (args.failed()) return {};
  int count = 0;
  return Result(info.Env(), ioctl(fd, FIONREAD, &count) < 0 ? -1 : count);
}

// sockatmark(fd) -> 1 where the next receive begins at the mark of urgent data, else 0
Napi::Value Sockatmark(const Napi::CallbackInfo& info) {
  Args args(info, "sockatmark");
  const int fd = args.Int("fd");
  if (args.failed()) return {};
  return Result(info.Env(), sockatmark(fd));
}

}  // namespace

void RegisterOptions(Napi::Env, Napi::Object exports) {
  Export<Getsockopt>(exports, "getsockopt");
  Export<Setsockopt>(exports, "setsockopt");
  Export<AttachFilter>(exports, "attachFilter");
  Export<GetNonblocking>(exports, "getNonblocking");
  Export<SetNonblocking>(exports, "setNonblocking");
  Export<GetInheritable>(exports, "getInheritable");
  Export<SetInheritable>(exports, "setInheritable");
  Export<Fionread>(exports, "fionread");
  Export<Sockatmark>(exports, "sockatmark");
}

}  // namespace bsd_socket
