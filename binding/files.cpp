// The calls on files whose contents a socket sends.
#include <poll.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "nonblocking.h"
#include "platform.h"
#include "result.h"

namespace bsd_socket {

namespace {

// sendfile(socket, file, offset, count, nonblocking?) -> bytes sent. From the
// file's own position where offset is null. It never blocks. `nonblocking` is
// true where the caller knows that the socket is O_NONBLOCK; otherwise it is
// switched for the length of the call.
Napi::Value Sendfile(const Napi::CallbackInfo& info) {
  Args args(info, "sendfile");
  const int socket = args.Int("socket");
  const int file = args.Int("file");
  const bool own_position = args.Skip();
  int64_t offset = own_position ? 0 : args.Offset("offset");
  const uint32_t count = args.Unsigned("count", INT32_MAX);
  const bool known = !args.Skip() && args.Bool("nonblocking");
  if (args.failed()) return {};
  const Nonblocking nonblocking(socket, known);
  if (nonblocking.failed()) return Result(info.Env(), -1);
  return Result(info.Env(), platform::Sendfile(socket, file, own_position ? nullptr : &offset, count));
}

// lseek(fd, offset, whence) -> the position
Napi::Value Lseek(const Napi::CallbackInfo& info) {
  Args args(info, "lseek");
  const int fd = args.Int("fd");
  const int64_t offset = args.Offset("offset");
  const int whence = args.Int("whence");
  if (args.failed()) return {};
  const off_t position = lseek(fd, offset, whence);
  if (position < 0) return Result(info.Env(), -1);
  return Napi::Number::New(info.Env(), static_cast<double>(position));
}

// read(fd, view, offset, length) -> bytes read. EAGAIN where poll(2) says that
// there is nothing, since a pipe or a terminal would block.
Napi::Value Read(const Napi::CallbackInfo& info) {
  Args args(info, "read");
  const int fd = args.Int("fd");
  const Span into = args.Part(args.Bytes("view"));
  if (args.failed()) return {};
  pollfd ready = {fd, POLLIN, 0};
  const int count = poll(&ready, 1, 0);
  if (count < 0) return Result(info.Env(), -1);
  if (count == 0) return Int(info.Env(), -EAGAIN);
  return Result(info.Env(), read(fd, into.data, into.size));
}

}  // namespace

void RegisterFiles(Napi::Env, Napi::Object exports) {
  Export<Sendfile>(exports, "sendfile");
  Export<Lseek>(exports, "lseek");
  Export<Read>(exports, "read");
}

}  // namespace bsd_socket
