// AF_UNIX addresses: bytes. A leading NUL makes an abstract name, none at all
// asks the kernel for one, everything else is a path.
#include <sys/un.h>

#include <cerrno>
#include <cstddef>

#include "address_families.h"

namespace bsd_socket {

int EncodeUnix(Args& args, sockaddr_storage* storage) {
  const Span name = args.Bytes("path");
  auto* un = As<sockaddr_un>(storage);
  un->sun_family = AF_UNIX;
  const bool path = name.size > 0 && name.data[0] != 0;
  // A path keeps room for its NUL; abstract names use every byte.
  if (name.size > sizeof un->sun_path - (path ? 1 : 0)) return -ENAMETOOLONG;
  if (path && memchr(name.data, 0, name.size) != nullptr) return -EINVAL;
  if (name.size > 0) memcpy(un->sun_path, name.data, name.size);
  return static_cast<int>(offsetof(sockaddr_un, sun_path) + name.size + (path ? 1 : 0));
}

// Paths are text where they are UTF-8 and bytes where they are not; abstract
// names are always bytes, so that no name is taken for a path.
Napi::Value DecodeUnix(Napi::Env env, const struct sockaddr* address, socklen_t length, const AddressOwner&) {
  const auto un = Copy<sockaddr_un>(address, length);
  const size_t most = sizeof un.sun_path;
  size_t size = length > offsetof(sockaddr_un, sun_path) ? length - offsetof(sockaddr_un, sun_path) : 0;
  if (size > most) size = most;
  if (size == 0) return Napi::String::New(env, "");
  if (un.sun_path[0] == '\0') return Napi::Buffer<char>::Copy(env, un.sun_path, size);
  size = strnlen(un.sun_path, size);
  const Napi::String text = Napi::String::New(env, un.sun_path, size);
  if (text.Utf8Value() == std::string(un.sun_path, size)) return text;
  return Napi::Buffer<char>::Copy(env, un.sun_path, size);
}

}  // namespace bsd_socket
