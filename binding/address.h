// The one place where addresses cross: JavaScript's form of an address to a
// sockaddr and back. A family is one entry in the table of address.cpp; its two
// functions stand in a file of its own and are declared in address_families.h.
#pragma once

#include <napi.h>
#include <sys/socket.h>

#include <cstring>

#include "args.h"

namespace bsd_socket {

// An address as calls hand it out to JavaScript: its length in a 32-bit
// integer, followed by a sockaddr_storage. It is converted when somebody asks
// for it, so that a caller who has seen the same bytes before pays nothing.
constexpr size_t kStorageSize = sizeof(uint32_t) + sizeof(sockaddr_storage);

inline const struct sockaddr* AsSockaddr(const Span& bytes) {
  return reinterpret_cast<const struct sockaddr*>(bytes.data);
}

// The kernel refuses what is longer than any address; a longer view must not
// become a shorter length.
inline socklen_t LengthOf(const Span& bytes) {
  constexpr size_t kTooLong = sizeof(sockaddr_storage) + 1;
  return static_cast<socklen_t>(bytes.size < kTooLong ? bytes.size : kTooLong);
}

// Memory for the kernel to write an address to. Stream sockets leave it alone
// in recvfrom(2); a length of 0 says so then.
class ReceivedAddress {
 public:
  struct sockaddr* sockaddr() {
    return reinterpret_cast<struct sockaddr*>(&storage_);
  }
  socklen_t* length() { return &length_; }

  // The kernel reports the length that it would have liked; no more than fits was written.
  void Store(const Span& storage) const {
    const uint32_t length = length_ < sizeof storage_ ? length_ : sizeof storage_;
    memcpy(storage.data, &length, sizeof length);
    memcpy(storage.data + sizeof length, &storage_, length);
  }

 private:
  sockaddr_storage storage_ = {};
  socklen_t length_ = sizeof storage_;
};

// What the form of an address depends on beside its family: the socket's
// protocol, and the socket itself, whose network namespace names interfaces.
struct AddressOwner {
  int fd = -1;
  int protocol = 0;
};

// JavaScript's form of a kernel address: [host, port] and so on by the
// family's entry, [family, bytes] for a family without one, null for none.
Napi::Value ToJavaScript(Napi::Env env, const struct sockaddr* address, socklen_t length,
                         const AddressOwner& owner = {});

}  // namespace bsd_socket
