// getaddrinfo(3) and getnameinfo(3), plain and on libuv's pool. libc is called
// directly: libuv translates the EAI codes to its own, loses some and aborts on
// those that it does not know.
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "addon.h"
#include "address.h"
#include "args.h"
#include "lookup.h"
#include "result.h"

namespace bsd_socket {

namespace {

// {eai, errno}: EAI codes may have either sign and so cannot be told from an
// errno; EAI_SYSTEM needs both.
Napi::Value Failure(Napi::Env env, int eai, int error) {
  Napi::Object failure = Napi::Object::New(env);
  failure.Set("eai", Int(env, eai));
  failure.Set("errno", Int(env, eai == EAI_SYSTEM ? error : 0));
  return failure;
}

// What getaddrinfo(3) and getnameinfo(3) have in common.
class ResolverLookup : public Lookup {
 public:
  void Run() override {
    eai_ = Call();
    error_ = errno;
  }
  Napi::Value Outcome(Napi::Env env) const override {
    return eai_ == 0 ? Converted(env) : Failure(env, eai_, error_);
  }

 protected:
  virtual int Call() = 0;
  virtual Napi::Value Converted(Napi::Env env) const = 0;

 private:
  int eai_ = 0;
  int error_ = 0;
};

// (host | null, service | null, family, type, protocol, flags)
//   -> [[family, type, protocol, canonname, address], ...]
class AddressLookup : public ResolverLookup {
 public:
  explicit AddressLookup(Args& args) {
    has_host_ = args.NullableString("host", &host_);
    has_service_ = args.NullableString("service", &service_);
    hints_.ai_family = args.Int("family");
    hints_.ai_socktype = args.Int("type");
    hints_.ai_protocol = args.Int("protocol");
    hints_.ai_flags = args.Int("flags");
  }
  ~AddressLookup() override {
    if (list_ != nullptr) freeaddrinfo(list_);
  }

 protected:
  int Call() override {
    return getaddrinfo(has_host_ ? host_.c_str() : nullptr, has_service_ ? service_.c_str() : nullptr,
                       &hints_, &list_);
  }
  Napi::Value Converted(Napi::Env env) const override {
    Napi::Array rows = Napi::Array::New(env);
    uint32_t count = 0;
    for (const addrinfo* entry = list_; entry != nullptr; entry = entry->ai_next) {
      Napi::Array row = Napi::Array::New(env, 5);
      row.Set(0u, Int(env, entry->ai_family));
      row.Set(1u, Int(env, entry->ai_socktype));
      row.Set(2u, Int(env, entry->ai_protocol));
      row.Set(3u, Napi::String::New(env, entry->ai_canonname != nullptr ? entry->ai_canonname : ""));
      row.Set(4u, ToJavaScript(env, entry->ai_addr, entry->ai_addrlen));
      rows.Set(count++, row);
    }
    return rows;
  }

 private:
  bool has_host_ = false;
  bool has_service_ = false;
  std::string host_;
  std::string service_;
  addrinfo hints_ = {};
  addrinfo* list_ = nullptr;
};

// (sockaddr, flags) -> [host, service]
class NameLookup : public ResolverLookup {
 public:
  explicit NameLookup(Args& args) {
    const Span address = args.Bytes("sockaddr", 0, sizeof(sockaddr_storage));
    address_.assign(reinterpret_cast<const char*>(address.data), address.size);
    flags_ = args.Int("flags");
  }

 protected:
  int Call() override {
    return getnameinfo(reinterpret_cast<const sockaddr*>(address_.data()),
                       static_cast<socklen_t>(address_.size()), host_, sizeof host_, service_,
                       sizeof service_, flags_);
  }
  Napi::Value Converted(Napi::Env env) const override {
    Napi::Array names = Napi::Array::New(env, 2);
    names.Set(0u, Napi::String::New(env, host_));
    names.Set(1u, Napi::String::New(env, service_));
    return names;
  }

 private:
  std::string address_;
  int flags_ = 0;
  char host_[NI_MAXHOST] = "";
  char service_[NI_MAXSERV] = "";
};

Napi::Value Getaddrinfo(const Napi::CallbackInfo& info) {
  return Plain<AddressLookup>(info, "getaddrinfo");
}
Napi::Value GetaddrinfoAsync(const Napi::CallbackInfo& info) {
  return Pooled<AddressLookup>(info, "getaddrinfoAsync");
}
Napi::Value Getnameinfo(const Napi::CallbackInfo& info) {
  return Plain<NameLookup>(info, "getnameinfo");
}
Napi::Value GetnameinfoAsync(const Napi::CallbackInfo& info) {
  return Pooled<NameLookup>(info, "getnameinfoAsync");
}

// gai_strerror(code) -> string
Napi::Value GaiStrerror(const Napi::CallbackInfo& info) {
  Args args(info, "gai_strerror");
  const int code = args.Int("code");
  if (args.failed()) return {};
  return Napi::String::New(info.Env(), gai_strerror(code));
}

}  // namespace

void RegisterResolver(Napi::Env, Napi::Object exports) {
  Export<Getaddrinfo>(exports, "getaddrinfo");
  Export<GetaddrinfoAsync>(exports, "getaddrinfoAsync");
  Export<Getnameinfo>(exports, "getnameinfo");
  Export<GetnameinfoAsync>(exports, "getnameinfoAsync");
  Export<GaiStrerror>(exports, "gai_strerror");
}

}  // namespace bsd_socket
