// Names and notations: the host's own name, addresses as text, the text of an
// error number.
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "result.h"

namespace bsd_socket {

namespace {

// gethostname() -> string
Napi::Value Gethostname(const Napi::CallbackInfo& info) {
  // POSIX does not say whether a name that was cut short ends with a NUL.
  char name[1025] = {};
  if (gethostname(name, sizeof name - 1) < 0) return Result(info.Env(), -1);
  return Napi::String::New(info.Env(), name);
}

// sethostname(view) -> 0
Napi::Value Sethostname(const Napi::CallbackInfo& info) {
  Args args(info, "sethostname");
  const Span name = args.Bytes("name");
  if (args.failed()) return {};
  // Memory without bytes has no place.
  const char* bytes = name.size > 0 ? reinterpret_cast<const char*>(name.data) : "";
  return Result(info.Env(), sethostname(bytes, name.size));
}

size_t AddressSize(int family) {
  return family == AF_INET ? sizeof(in_addr) : family == AF_INET6 ? sizeof(in6_addr) : 0;
}

// inet_pton(family, text) -> Buffer, null where the text is no address, or -errno
Napi::Value InetPton(const Napi::CallbackInfo& info) {
  Args args(info, "inet_pton");
  const int family = args.Int("family");
  const std::string text = args.String("text");
  if (args.failed()) return {};
  uint8_t packed[sizeof(in6_addr)];
  const int result = inet_pton(family, text.c_str(), packed);
  if (result < 0) return Result(info.Env(), -1);
  if (result == 0) return info.Env().Null();
  return Napi::Buffer<uint8_t>::Copy(info.Env(), packed, AddressSize(family));
}

// inet_ntop(family, view) -> string, null where the view has the wrong length, or -errno
Napi::Value InetNtop(const Napi::CallbackInfo& info) {
  Args args(info, "inet_ntop");
  const int family = args.Int("family");
  const Span packed = args.Bytes("view");
  if (args.failed()) return {};
  const size_t size = AddressSize(family);
  if (size != 0 && packed.size != size) return info.Env().Null();
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(family, packed.data, text, sizeof text) == nullptr) return Result(info.Env(), -1);
  return Napi::String::New(info.Env(), text);
}

// inet_aton(text) -> Buffer, or null where the text is no address
Napi::Value InetAton(const Napi::CallbackInfo& info) {
  Args args(info, "inet_aton");
  const std::string text = args.String("text");
  if (args.failed()) return {};
  in_addr packed;
  if (inet_aton(text.c_str(), &packed) == 0) return info.Env().Null();
  return Napi::Buffer<uint8_t>::Copy(info.Env(), reinterpret_cast<uint8_t*>(&packed), sizeof packed);
}

// strerror_r comes in two forms: GNU's returns the text, POSIX's a status.
[[maybe_unused]] const char* TextOf(const char* text, const char*) {
  return text;
}
[[maybe_unused]] const char* TextOf(int status, const char* buffer) {
  return status == 0 ? buffer : "Unknown error";
}

// strerror(errno) -> string
Napi::Value Strerror(const Napi::CallbackInfo& info) {
  Args args(info, "strerror");
  const int number = args.Int("errno");
  if (args.failed()) return {};
  char buffer[256] = "";
  return Napi::String::New(info.Env(), TextOf(strerror_r(number, buffer, sizeof buffer), buffer));
}

}  // namespace

void RegisterNames(Napi::Env, Napi::Object exports) {
  Export<Gethostname>(exports, "gethostname");
  Export<Sethostname>(exports, "sethostname");
  Export<InetPton>(exports, "inet_pton");
  Export<InetNtop>(exports, "inet_ntop");
  Export<InetAton>(exports, "inet_aton");
  Export<Strerror>(exports, "strerror");
}

}  // namespace bsd_socket
