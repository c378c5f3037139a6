// Internet addresses: AF_INET and AF_INET6. RDS sockets have them, too.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstdlib>

#include "address_families.h"
#include "result.h"

namespace bsd_socket {

// host, port

int EncodeInet(Args& args, sockaddr_storage* storage) {
  const std::string host = args.String("host");
  const uint32_t port = args.Unsigned("port", UINT16_MAX);
  auto* in = As<sockaddr_in>(storage);
  in->sin_family = AF_INET;
  in->sin_port = htons(static_cast<uint16_t>(port));
  return inet_pton(AF_INET, host.c_str(), &in->sin_addr) == 1 ? static_cast<int>(sizeof *in) : kNotNumeric;
}

Napi::Value DecodeInet(Napi::Env env, const struct sockaddr* address, socklen_t length, const AddressOwner&) {
  const auto in = Copy<sockaddr_in>(address, length);
  char host[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
  return Tuple(env, {Text(env, host), Int(env, ntohs(in.sin_port))});
}

// host, port, flowinfo, scopeId. The host may carry its scope as %name or
// %number, which counts where scopeId is 0.

// if_nametoindex and numbers alike; 0 for an interface that is not there.
static uint32_t ScopeOf(const std::string& zone) {
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

Napi::Value DecodeInet6(Napi::Env env, const struct sockaddr* address, socklen_t length,
                        const AddressOwner&) {
  const auto in = Copy<sockaddr_in6>(address, length);
  char host[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof host);
  return Tuple(env, {Text(env, host), Int(env, ntohs(in.sin6_port)), Number(env, ntohl(in.sin6_flowinfo)),
                     Number(env, in.sin6_scope_id)});
}

}  // namespace bsd_socket
