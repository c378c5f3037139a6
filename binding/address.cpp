#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "addon.h"
#include "result.h"

namespace bsd_socket {

namespace {

// How an encoder ended, where it did not throw: with the length of what it
// wrote, with kNotNumeric (the host is a name, for the resolver) or -errno.
constexpr int kNotNumeric = 0;

template <typename T>
T* As(sockaddr_storage* storage) {
  return reinterpret_cast<T*>(storage);
}

// Kernel addresses may come unaligned and short; a copy is neither.
template <typename T>
T Copy(const struct sockaddr* address, socklen_t length) {
  T copy = {};
  memcpy(&copy, address, length < sizeof copy ? length : sizeof copy);
  return copy;
}

// AF_INET: host, port

int EncodeInet(Args& args, sockaddr_storage* storage) {
  const std::string host = args.String("host");
  const uint32_t port = args.Unsigned("port", UINT16_MAX);
  auto* in = As<sockaddr_in>(storage);
  in->sin_family = AF_INET;
  in->sin_port = htons(static_cast<uint16_t>(port));
  return inet_pton(AF_INET, host.c_str(), &in->sin_addr) == 1 ? static_cast<int>(sizeof *in) : kNotNumeric;
}

Napi::Value DecodeInet(Napi::Env env, const struct sockaddr* address, socklen_t length) {
  const auto in = Copy<sockaddr_in>(address, length);
  char host[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::String::New(env, host));
  result.Set(1u, Int(env, ntohs(in.sin_port)));
  return result;
}

// AF_INET6: host, port, flowinfo, scopeId. The host may carry its scope as
// %name or %number, which counts where scopeId is 0.

// if_nametoindex and numbers alike; 0 for an interface that is not there.
uint32_t ScopeOf(const std::string& zone) {
  if (const uint32_t index = if_nametoindex(zone.c_str())) return index;
  char* end = nullptr;
  const uint64_t number = strtoull(zone.c_str(), &end, 10);
  return *end == '\0' && number <= UINT32_MAX ? static_cast<uint32_t>(number) : 0;
}

int EncodeInet6(Args& args, sockaddr_storage* storage) {
  const std::string host = args.String("host");
  const uint32_t port = args.Unsigned("port", UINT16_MAX);
  const uint32_t flowinfo = args.Unsigned("flowinfo");
  const uint32_t scope = args.Unsigned("scopeId");
  auto* in = As<sockaddr_in6>(storage);
  in->sin6_family = AF_INET6;
  in->sin6_port = htons(static_cast<uint16_t>(port));
  in->sin6_flowinfo = htonl(flowinfo);
  in->sin6_scope_id = scope;
  const size_t percent = host.find('%');
  if (inet_pton(AF_INET6, host.substr(0, percent).c_str(), &in->sin6_addr) != 1) return kNotNumeric;
  if (percent != std::string::npos) {
    const uint32_t zone = ScopeOf(host.substr(percent + 1));
    if (zone == 0) return kNotNumeric;
    if (scope == 0) in->sin6_scope_id = zone;
  }
  return sizeof *in;
}

Napi::Value DecodeInet6(Napi::Env env, const struct sockaddr* address, socklen_t length) {
  const auto in = Copy<sockaddr_in6>(address, length);
  char host[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof host);
  Napi::Array result = Napi::Array::New(env, 4);
  result.Set(0u, Napi::String::New(env, host));
  result.Set(1u, Int(env, ntohs(in.sin6_port)));
  result.Set(2u, Napi::Number::New(env, ntohl(in.sin6_flowinfo)));
  result.Set(3u, Napi::Number::New(env, in.sin6_scope_id));
  return result;
}

// AF_UNIX: bytes. A leading NUL makes an abstract name, none at all asks the
// kernel for one, everything else is a path.

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
Napi::Value DecodeUnix(Napi::Env env, const struct sockaddr* address, socklen_t length) {
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

struct Family {
  int number;
  int (*encode)(Args& args, sockaddr_storage* storage);
  Napi::Value (*decode)(Napi::Env env, const struct sockaddr* address, socklen_t length);
};

constexpr Family kFamilies[] = {
    {AF_INET, EncodeInet, DecodeInet},
    {AF_INET6, EncodeInet6, DecodeInet6},
    {AF_UNIX, EncodeUnix, DecodeUnix},
};

const Family* FamilyOf(int number) {
  for (const Family& family : kFamilies) {
    if (family.number == number) return &family;
  }
  return nullptr;
}

// sockaddr(family, ...fields) -> Buffer, null where the host is not numeric, or -errno
Napi::Value Sockaddr(const Napi::CallbackInfo& info) {
  Args args(info, "sockaddr");
  const int number = args.Int("family");
  if (args.failed()) return {};
  const Family* family = FamilyOf(number);
  if (family == nullptr) return Int(info.Env(), -EAFNOSUPPORT);
  sockaddr_storage storage = {};
  const int length = family->encode(args, &storage);
  if (args.failed()) return {};
  if (length == kNotNumeric) return info.Env().Null();
  if (length < 0) return Int(info.Env(), length);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), reinterpret_cast<uint8_t*>(&storage),
                                     static_cast<size_t>(length));
}

// address(storage) -> what accept, recvfrom, getsockname or getpeername stored there
Napi::Value Address(const Napi::CallbackInfo& info) {
  Args args(info, "address");
  const Span span = args.Bytes("storage", kStorageSize);
  if (args.failed()) return {};
  uint32_t length = 0;
  memcpy(&length, span.data, sizeof length);
  if (length > sizeof(sockaddr_storage)) length = sizeof(sockaddr_storage);
  sockaddr_storage storage = {};
  memcpy(&storage, span.data + sizeof length, length);
  return ToJavaScript(info.Env(), reinterpret_cast<struct sockaddr*>(&storage), length);
}

}  // namespace

Napi::Value ToJavaScript(Napi::Env env, const struct sockaddr* address, socklen_t length) {
  if (length < sizeof(sa_family_t)) return env.Null();
  sa_family_t number = AF_UNSPEC;
  memcpy(&number, reinterpret_cast<const char*>(address) + offsetof(struct sockaddr, sa_family),
         sizeof number);
  if (const Family* family = FamilyOf(number)) return family->decode(env, address, length);
  const auto any = Copy<struct sockaddr>(address, length);
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, Int(env, number));
  result.Set(1u, Napi::Buffer<char>::Copy(env, any.sa_data, sizeof any.sa_data));
  return result;
}

void RegisterAddress(Napi::Env env, Napi::Object exports) {
  Export<Sockaddr>(exports, "sockaddr");
  Export<Address>(exports, "address");
  exports.Set("STORAGE_SIZE", Int(env, kStorageSize));
}

}  // namespace bsd_socket
