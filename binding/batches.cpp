// sendmmsg(2) and recvmmsg(2): many messages with one system call.
//
// n messages are four views: `table` with a row of 32-bit integers for each,
// `data` with their bytes, `names` with an address for each as address.h lays it
// out, and `control` with `controlSize` bytes for each. The headers that the
// kernel wants are made for each call on the stack.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "addon.h"
#include "address.h"
#include "args.h"
#include "owned.h"
#include "platform.h"
#include "result.h"

namespace bsd_socket {

namespace {

// UIO_MAXIOV: of more messages the kernel takes so many too.
constexpr uint32_t kMost = 1024;

// The columns of a row, as in lib/messages/message-slots.ts.
enum Column {
  kOffset,       // where its data begins
  kLength,       // bytes of data
  kFlags,        // MSG_TRUNC and so on, received
  kControl,      // bytes of control data, received
  kSendControl,  // bytes of control data to send
  kResult,       // the kernel's count: bytes sent, or bytes that there were to receive (MSG_TRUNC)
  kColumns,
};
constexpr size_t kRow = kColumns * sizeof(int32_t);

// The messages that a call is about: `count` from `first` on.
struct Batch {
  Span table;
  uint32_t first = 0;
  uint32_t count = 0;
  Span data;
  Span names;  // none where nobody asks for addresses
  uint32_t control_size = 0;
  Span control;

  explicit Batch(Args& args) {
    table = args.Bytes("table");
    const auto rows = static_cast<uint32_t>(std::min<size_t>(table.size / kRow, UINT32_MAX));
    first = args.Unsigned("first", rows);
    count = args.Unsigned("count", rows - first);
    const size_t end = size_t{first} + count;
    data = args.Bytes("data");
    if (!args.Skip()) names = args.Bytes("names", end * kStorageSize);
    control_size = args.Unsigned("controlSize", INT32_MAX);
    if (!args.Skip()) control = args.Bytes("control", end * control_size);
    count = std::min(count, kMost);
  }

  int32_t Get(uint32_t index, Column column) const {
    int32_t value = 0;
    memcpy(&value, Cell(index, column), sizeof value);
    return value;
  }
  void Set(uint32_t index, Column column, size_t value) const {
    const auto cell = static_cast<int32_t>(value);
    memcpy(Cell(index, column), &cell, sizeof cell);
  }
  // `length` bytes of data behind the first `skip`; false where the row says what is not there, as a row may.
  bool Data(uint32_t index, int32_t length, uint32_t skip, iovec* part) const {
    const int32_t offset = Get(index, kOffset);
    if (offset < 0 || length < 0 || static_cast<uint32_t>(length) < skip) return false;
    if (static_cast<size_t>(offset) + static_cast<size_t>(length) > data.size) return false;
    *part = {data.data + offset + skip, static_cast<size_t>(length) - skip};
    return true;
  }
  // An address is its length, and then itself.
  uint8_t* Name(uint32_t index) const { return names.data + (size_t{first} + index) * kStorageSize; }
  socklen_t NameLength(uint32_t index) const {
    if (names.data == nullptr) return 0;
    uint32_t length = 0;
    memcpy(&length, Name(index), sizeof length);
    return std::min<uint32_t>(length, sizeof(sockaddr_storage));
  }
  uint8_t* Control(uint32_t index) const { return control.data + (size_t{first} + index) * control_size; }
  // Bytes of control data to send; -1 where the row says what is not there.
  int32_t SendControl(uint32_t index) const {
    const int32_t length = Get(index, kSendControl);
    const size_t room = control.data == nullptr ? 0 : control_size;
    return length >= 0 && static_cast<size_t>(length) <= room ? length : -1;
  }

 private:
  uint8_t* Cell(uint32_t index, Column column) const {
    return table.data + (size_t{first} + index) * kRow + column * sizeof(int32_t);
  }
};

// recvmmsg(fd, table, first, count, data, names, controlSize, control, size, flags) -> messages received,
// each of at most `size` bytes
Napi::Value Recvmmsg(const Napi::CallbackInfo& info) {
  Args args(info, "recvmmsg");
  const int fd = args.Int("fd");
  const Batch batch(args);
  const uint32_t size = args.Unsigned("size", INT32_MAX);
  const int flags = args.Int("flags");
  if (args.failed()) return {};
  mmsghdr messages[kMost];
  iovec parts[kMost];
  for (uint32_t i = 0; i < batch.count; ++i) {
    if (!batch.Data(i, static_cast<int32_t>(size), 0, &parts[i])) return Int(info.Env(), -EFAULT);
    messages[i] = {};
    msghdr& header = messages[i].msg_hdr;
    header.msg_iov = &parts[i];
    header.msg_iovlen = 1;
    if (batch.names.data != nullptr) {
      header.msg_name = batch.Name(i) + sizeof(uint32_t);
      header.msg_namelen = sizeof(sockaddr_storage);
    }
    if (batch.control.data != nullptr) {
      header.msg_control = batch.Control(i);
      header.msg_controllen = batch.control_size;
    }
  }
  const int received =
      recvmmsg(fd, messages, batch.count, flags | platform::kReceiveFlags | MSG_CMSG_CLOEXEC, nullptr);
  if (received < 0) return Result(info.Env(), -1);
  Owned* owned = OwnedOf(info);
  for (uint32_t i = 0; i < static_cast<uint32_t>(received); ++i) {
    const msghdr& header = messages[i].msg_hdr;
    batch.Set(i, kLength, std::min(messages[i].msg_len, size));
    batch.Set(i, kResult, messages[i].msg_len);
    // The kernel repeats this one, which is none of the caller's.
    batch.Set(i, kFlags, static_cast<uint32_t>(header.msg_flags & ~MSG_CMSG_CLOEXEC));
    batch.Set(i, kControl, header.msg_controllen);
    batch.Set(i, kSendControl, 0);
    if (owned != nullptr && header.msg_controllen > 0) owned->InsertPassed(header);
    if (header.msg_name == nullptr) continue;
    const uint32_t length = std::min<uint32_t>(header.msg_namelen, sizeof(sockaddr_storage));
    memcpy(batch.Name(i), &length, sizeof length);
  }
  return Int(info.Env(), received);
}

// sendmmsg(fd, table, first, count, data, names, controlSize, control, skip, flags) -> messages sent, and in
// the row of each the bytes. `skip` is how many bytes of the first message a stream has taken before.
Napi::Value Sendmmsg(const Napi::CallbackInfo& info) {
  Args args(info, "sendmmsg");
  const int fd = args.Int("fd");
  const Batch batch(args);
  const uint32_t skip = args.Unsigned("skip");
  const int flags = args.Int("flags");
  if (args.failed()) return {};
  mmsghdr messages[kMost];
  iovec parts[kMost];
  uint32_t count = 0;
  for (; count < batch.count; ++count) {
    const uint32_t done = count == 0 ? skip : 0;
    const int32_t control = batch.SendControl(count);
    // It ends the call as any message does that cannot be sent: those before it are.
    if (control < 0 || !batch.Data(count, batch.Get(count, kLength), done, &parts[count])) break;
    messages[count] = {};
    msghdr& header = messages[count].msg_hdr;
    header.msg_iov = &parts[count];
    header.msg_iovlen = 1;
    if (const socklen_t name = batch.NameLength(count)) {
      header.msg_name = batch.Name(count) + sizeof(uint32_t);
      header.msg_namelen = name;
    }
    // Control data goes with the first byte.
    if (control > 0 && done == 0) {
      header.msg_control = batch.Control(count);
      header.msg_controllen = static_cast<uint32_t>(control);
    }
  }
  if (count == 0 && batch.count > 0) return Int(info.Env(), -EMSGSIZE);
  const int sent = sendmmsg(fd, messages, count, flags | platform::kSendFlags);
  if (sent < 0) return Result(info.Env(), -1);
  for (uint32_t i = 0; i < static_cast<uint32_t>(sent); ++i) batch.Set(i, kResult, messages[i].msg_len);
  return Int(info.Env(), sent);
}

}  // namespace

void RegisterBatches(Napi::Env, Napi::Object exports, Napi::Object owning, Owned* owned) {
  Export<Recvmmsg>(exports, "recvmmsg");
  Export<Sendmmsg>(exports, "sendmmsg");
  Export<Recvmmsg>(owning, "recvmmsg", owned);
}

}  // namespace bsd_socket
