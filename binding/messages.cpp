// sendmsg(2) and recvmsg(2): many pieces of memory and control messages in one
// call, which never blocks. Control messages cross as the kernel's own bytes,
// which lib/messages/ancillary.ts packs and unpacks.
#include <sys/socket.h>

#include "addon.h"
#include "address.h"
#include "args.h"
#include "platform.h"
#include "result.h"

namespace bsd_socket {

namespace {

// sendmsg(fd, views, control, flags, sockaddr) -> bytes sent
Napi::Value Sendmsg(const Napi::CallbackInfo& info) {
  Args args(info, "sendmsg");
  const int fd = args.Int("fd");
  Vectors from;
  args.Views("views", &from);
  const Span control = args.Skip() ? Span() : args.Bytes("control");
  const int flags = args.Int("flags");
  const Span address = args.Skip() ? Span() : args.Bytes("sockaddr");
  if (args.failed()) return {};
  msghdr message = {};
  message.msg_name = address.data;
  message.msg_namelen = LengthOf(address);
  message.msg_iov = from.items;
  message.msg_iovlen = from.count;
  message.msg_control = control.data;
  message.msg_controllen = control.size;
  return Result(info.Env(), sendmsg(fd, &message, flags | platform::kSendFlags));
}

// recvmsg(fd, views, control, flags, storage, report) -> bytes received. The
// report gets the length of the control messages and the flags. Descriptors
// among them are open from here on: nothing after the call can fail.
Napi::Value Recvmsg(const Napi::CallbackInfo& info) {
  Args args(info, "recvmsg");
  const int fd = args.Int("fd");
  Vectors into;
  args.Views("views", &into);
  const Span control = args.Skip() ? Span() : args.Bytes("control");
  const int flags = args.Int("flags");
  const Span storage = args.Bytes("storage", kStorageSize);
  const Span report = args.Int32Array("report", 2);
  if (args.failed()) return {};
  ReceivedAddress address;
  msghdr message = {};
  message.msg_name = address.sockaddr();
  message.msg_namelen = *address.length();
  message.msg_iov = into.items;
  message.msg_iovlen = into.count;
  message.msg_control = control.data;
  message.msg_controllen = control.size;
  const ssize_t received = platform::Recvmsg(fd, &message, flags | platform::kReceiveFlags);
  if (received < 0) return Result(info.Env(), -1);
  *address.length() = message.msg_namelen;
  address.Store(storage);
  const int32_t reported[2] = {static_cast<int32_t>(message.msg_controllen), message.msg_flags};
  memcpy(report.data, reported, sizeof reported);
  return Result(info.Env(), received);
}

}  // namespace

void RegisterMessages(Napi::Env env, Napi::Object exports) {
  Export<Sendmsg>(exports, "sendmsg");
  Export<Recvmsg>(exports, "recvmsg");
  // How a control message is laid out: cmsg(3).
  exports.Set("CMSG_HEADER_SIZE", Int(env, CMSG_LEN(0)));
  exports.Set("CMSG_ALIGNMENT", Int(env, CMSG_SPACE(1) - CMSG_SPACE(0)));
  exports.Set("CMSG_LENGTH_SIZE", Int(env, sizeof cmsghdr().cmsg_len));
}

}  // namespace bsd_socket
