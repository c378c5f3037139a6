// The calls that move bytes, on the caller's memory. None of them blocks,
// whatever the descriptor's O_NONBLOCK says: EAGAIN says that it would have.
#include <sys/socket.h>

#include "addon.h"
#include "address.h"
#include "args.h"
#include "platform.h"
#include "result.h"

namespace bsd_socket {

namespace {

// recv(fd, view, flags, offset, length) -> bytes received
Napi::Value Recv(const Napi::CallbackInfo& info) {
  Args args(info, "recv");
  const int fd = args.Int("fd");
  const Span view = args.Bytes("view");
  const int flags = args.Flags();
  const Span into = args.Part(view);
  if (args.failed()) return {};
  return Result(info.Env(), recv(fd, into.data, into.size, flags | platform::kReceiveFlags));
}

// recvfrom(fd, view, flags, storage, offset, length) -> bytes received
Napi::Value Recvfrom(const Napi::CallbackInfo& info) {
  Args args(info, "recvfrom");
  const int fd = args.Int("fd");
  const Span view = args.Bytes("view");
  const int flags = args.Int("flags");
  const Span storage = args.Bytes("storage", kStorageSize);
  const Span into = args.Part(view);
  if (args.failed()) return {};
  ReceivedAddress address;
  const ssize_t received = recvfrom(fd, into.data, into.size, flags | platform::kReceiveFlags,
                                    address.sockaddr(), address.length());
  if (received < 0) return Result(info.Env(), -1);
  address.Store(storage);
  return Result(info.Env(), received);
}

// send(fd, view, flags, offset, length) -> bytes sent
Napi::Value Send(const Napi::CallbackInfo& info) {
  Args args(info, "send");
  const int fd = args.Int("fd");
  const Span view = args.Bytes("view");
  const int flags = args.Flags();
  const Span from = args.Part(view);
  if (args.failed()) return {};
  return Result(info.Env(), send(fd, from.data, from.size, flags | platform::kSendFlags));
}

// sendto(fd, view, flags, sockaddr, offset, length) -> bytes sent
Napi::Value Sendto(const Napi::CallbackInfo& info) {
  Args args(info, "sendto");
  const int fd = args.Int("fd");
  const Span view = args.Bytes("view");
  const int flags = args.Int("flags");
  const Span address = args.Bytes("sockaddr");
  const Span from = args.Part(view);
  if (args.failed()) return {};
  return Result(info.Env(), sendto(fd, from.data, from.size, flags | platform::kSendFlags,
                                   AsSockaddr(address), LengthOf(address)));
}

}  // namespace

void RegisterIoCalls(Napi::Env, Napi::Object exports) {
  Export<Recv>(exports, "recv");
  Export<Recvfrom>(exports, "recvfrom");
  Export<Send>(exports, "send");
  Export<Sendto>(exports, "sendto");
}

}  // namespace bsd_socket
