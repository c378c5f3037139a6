// The databases of hosts, services and protocols: gethostbyname(3) and its
// relatives in their reentrant forms, plain and on libuv's pool.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include "addon.h"
#include "args.h"
#include "lookup.h"
#include "result.h"

namespace bsd_socket {

namespace {

// The reentrant forms write to memory of the caller's and say ERANGE where it
// is too small.
template <typename Entry>
class DatabaseLookup : public Lookup {
 public:
  void Run() override {
    constexpr size_t kMost = size_t{16} << 20;
    size_t size = 1024;
    do {
      memory_.resize(size);
      found_ = nullptr;
      error_ = Call(&entry_, &memory_[0], size, &found_);
      size *= 2;
    } while (error_ == ERANGE && size <= kMost);
  }

 protected:
  // Returns an errno.
  virtual int Call(Entry* entry, char* memory, size_t size, Entry** found) = 0;
  // The entry; null where there is none, and then error() may say why.
  const Entry* found() const { return found_; }
  int error() const { return error_; }

 private:
  Entry entry_ = {};
  Entry* found_ = nullptr;
  int error_ = 0;
  std::string memory_;
};

// {herrno, errno}: errno counts where herrno is NETDB_INTERNAL.
Napi::Value Failure(Napi::Env env, int herrno, int error) {
  Napi::Object failure = Napi::Object::New(env);
  failure.Set("herrno", Int(env, herrno));
  failure.Set("errno", Int(env, herrno == NETDB_INTERNAL ? error : 0));
  return failure;
}

// A list that ends with a null pointer, as an array.
template <typename Convert>
Napi::Array List(Napi::Env env, char** list, Convert convert) {
  Napi::Array array = Napi::Array::New(env);
  uint32_t count = 0;
  for (; list != nullptr && *list != nullptr; ++list) array.Set(count++, convert(*list));
  return array;
}

// -> [name, [alias, ...], [address, ...]] or {herrno, errno}
class HostLookup : public DatabaseLookup<hostent> {
 public:
  Napi::Value Outcome(Napi::Env env) const override {
    const hostent* host = found();
    if (host == nullptr) return Failure(env, herrno_, error());
    if (host->h_addrtype != Family()) return Failure(env, NETDB_INTERNAL, EAFNOSUPPORT);
    Napi::Array result = Napi::Array::New(env, 3);
    result.Set(0u, Napi::String::New(env, host->h_name));
    result.Set(1u,
               List(env, host->h_aliases, [&](const char* alias) { return Napi::String::New(env, alias); }));
    result.Set(2u, List(env, host->h_addr_list, [&](const char* address) {
                 char text[INET6_ADDRSTRLEN] = "";
                 inet_ntop(host->h_addrtype, address, text, sizeof text);
                 return Napi::String::New(env, text);
               }));
    return result;
  }

 protected:
  virtual int Family() const = 0;
  int herrno_ = NETDB_INTERNAL;
};

// (name), an IPv4 host
class HostByName : public HostLookup {
 public:
  explicit HostByName(Args& args) : name_(args.String("name")) {}

 protected:
  int Call(hostent* entry, char* memory, size_t size, hostent** found) override {
    return gethostbyname_r(name_.c_str(), entry, memory, size, found, &herrno_);
  }
  int Family() const override { return AF_INET; }

 private:
  std::string name_;
};

// (family, address)
class HostByAddress : public HostLookup {
 public:
  explicit HostByAddress(Args& args) : family_(args.Int("family")) {
    const Span address = args.Bytes("address");
    address_.assign(reinterpret_cast<const char*>(address.data), address.size);
  }

 protected:
  int Call(hostent* entry, char* memory, size_t size, hostent** found) override {
    const size_t expected = family_ == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
    if (family_ != AF_INET && family_ != AF_INET6) return EAFNOSUPPORT;
    if (address_.size() != expected) return EINVAL;
    return gethostbyaddr_r(address_.data(), static_cast<socklen_t>(address_.size()), family_, entry, memory,
                           size, found, &herrno_);
  }
  int Family() const override { return family_; }

 private:
  int family_;
  std::string address_;
};

// -> what an entry is converted to; null where there is none; -errno
template <typename Entry>
class NumberLookup : public DatabaseLookup<Entry> {
 public:
  Napi::Value Outcome(Napi::Env env) const override {
    if (this->found() != nullptr) return Converted(env, *this->found());
    // A database that is not there has no entries.
    const int error = this->error();
    return error == 0 || error == ENOENT ? env.Null() : Int(env, -error);
  }

 protected:
  virtual Napi::Value Converted(Napi::Env env, const Entry& entry) const = 0;
};

// (name, protocol | null) -> port
class ServiceByName : public NumberLookup<servent> {
 public:
  explicit ServiceByName(Args& args) : name_(args.String("name")) {
    has_protocol_ = args.NullableString("protocol", &protocol_);
  }

 protected:
  int Call(servent* entry, char* memory, size_t size, servent** found) override {
    return getservbyname_r(name_.c_str(), has_protocol_ ? protocol_.c_str() : nullptr, entry, memory, size,
                           found);
  }
  Napi::Value Converted(Napi::Env env, const servent& entry) const override {
    return Int(env, ntohs(static_cast<uint16_t>(entry.s_port)));
  }

 private:
  std::string name_;
  bool has_protocol_ = false;
  std::string protocol_;
};

// (port, protocol | null) -> name
class ServiceByPort : public NumberLookup<servent> {
 public:
  explicit ServiceByPort(Args& args) : port_(static_cast<uint16_t>(args.Unsigned("port", UINT16_MAX))) {
    has_protocol_ = args.NullableString("protocol", &protocol_);
  }

 protected:
  int Call(servent* entry, char* memory, size_t size, servent** found) override {
    return getservbyport_r(htons(port_), has_protocol_ ? protocol_.c_str() : nullptr, entry, memory, size,
                           found);
  }
  Napi::Value Converted(Napi::Env env, const servent& entry) const override {
    return Napi::String::New(env, entry.s_name);
  }

 private:
  uint16_t port_;
  bool has_protocol_ = false;
  std::string protocol_;
};

// (name) -> number
class ProtocolByName : public NumberLookup<protoent> {
 public:
  explicit ProtocolByName(Args& args) : name_(args.String("name")) {}

 protected:
  int Call(protoent* entry, char* memory, size_t size, protoent** found) override {
    return getprotobyname_r(name_.c_str(), entry, memory, size, found);
  }
  Napi::Value Converted(Napi::Env env, const protoent& entry) const override {
    return Int(env, entry.p_proto);
  }

 private:
  std::string name_;
};

// A function in both forms; the name is that of the call, for messages.
struct Names {
  static constexpr char gethostbyname[] = "gethostbyname";
  static constexpr char gethostbyaddr[] = "gethostbyaddr";
  static constexpr char getservbyname[] = "getservbyname";
  static constexpr char getservbyport[] = "getservbyport";
  static constexpr char getprotobyname[] = "getprotobyname";
};

template <typename Kind, const char* name>
Napi::Value Waiting(const Napi::CallbackInfo& info) {
  return Plain<Kind>(info, name);
}

template <typename Kind, const char* name>
Napi::Value Promised(const Napi::CallbackInfo& info) {
  return Pooled<Kind>(info, (std::string(name) + "Async").c_str());
}

template <typename Kind, const char* name>
void ExportBoth(Napi::Object exports) {
  Export<Waiting<Kind, name>>(exports, name);
  Export<Promised<Kind, name>>(exports, (std::string(name) + "Async").c_str());
}

// hstrerror(herrno) -> string
Napi::Value Hstrerror(const Napi::CallbackInfo& info) {
  Args args(info, "hstrerror");
  const int number = args.Int("herrno");
  if (args.failed()) return {};
  return Napi::String::New(info.Env(), hstrerror(number));
}

}  // namespace

void RegisterDatabases(Napi::Env, Napi::Object exports) {
  ExportBoth<HostByName, Names::gethostbyname>(exports);
  ExportBoth<HostByAddress, Names::gethostbyaddr>(exports);
  ExportBoth<ServiceByName, Names::getservbyname>(exports);
  ExportBoth<ServiceByPort, Names::getservbyport>(exports);
  ExportBoth<ProtocolByName, Names::getprotobyname>(exports);
  Export<Hstrerror>(exports, "hstrerror");
}

}  // namespace bsd_socket
