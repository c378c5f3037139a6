// AF_ALG addresses: the type and the name of an algorithm, features, mask.
#include <cerrno>

#include "address_families.h"
#include "address_layouts.h"

namespace bsd_socket {

int EncodeAlg(Args& args, sockaddr_storage* storage) {
  const std::string type = args.String("type");
  const std::string name = args.String("name");
  auto* alg = As<SockaddrAlg>(storage);
  alg->family = AF_ALG;
  alg->features = args.Unsigned("feat");
  alg->mask = args.Unsigned("mask");
  // Both end with a NUL.
  if (type.size() >= sizeof alg->type || name.size() >= sizeof alg->name) return -ENAMETOOLONG;
  memcpy(alg->type, type.data(), type.size());
  memcpy(alg->name, name.data(), name.size());
  return sizeof *alg;
}

Napi::Value DecodeAlg(Napi::Env env, const struct sockaddr* address, socklen_t length, const AddressOwner&) {
  const auto alg = Copy<SockaddrAlg>(address, length);
  return Tuple(env, {Text(env, std::string(alg.type, strnlen(alg.type, sizeof alg.type))),
                     Text(env, std::string(alg.name, strnlen(alg.name, sizeof alg.name))),
                     Number(env, alg.features), Number(env, alg.mask)});
}

}  // namespace bsd_socket
