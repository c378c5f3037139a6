// AF_TIPC addresses: type, three values that depend on it, scope.
#include <cerrno>

#include "address_families.h"
#include "address_layouts.h"

namespace bsd_socket {

namespace {

enum Type : uint32_t { kRange = 1, kName = 2, kSocket = 3 };

}  // namespace

int EncodeTipc(Args& args, sockaddr_storage* storage) {
  const uint32_t type = args.Unsigned("addrType", UINT8_MAX);
  const uint32_t v1 = args.Unsigned("v1");
  const uint32_t v2 = args.Unsigned("v2");
  const uint32_t v3 = args.Unsigned("v3");
  const int scope = args.Int("scope");
  if (scope < INT8_MIN || scope > INT8_MAX) return -EINVAL;
  auto* tipc = As<SockaddrTipc>(storage);
  tipc->family = AF_TIPC;
  tipc->type = static_cast<uint8_t>(type);
  tipc->scope = static_cast<int8_t>(scope);
  if (type == kRange) {
    tipc->values[0] = v1;
    tipc->values[1] = v2;
    tipc->values[2] = v3;
  } else if (type == kName) {
    // The third one is the domain of a look-up, for which Python has no field.
    tipc->values[0] = v1;
    tipc->values[1] = v2;
  } else if (type == kSocket) {
    // Node and reference stand the other way round in the kernel's structure.
    tipc->values[0] = v2;
    tipc->values[1] = v1;
  } else {
    return -EINVAL;
  }
  return sizeof *tipc;
}

Napi::Value DecodeTipc(Napi::Env env, const struct sockaddr* address, socklen_t length,
                       const AddressOwner& owner) {
  const auto tipc = Copy<SockaddrTipc>(address, length);
  const auto result = [&](uint32_t v1, uint32_t v2, uint32_t v3) {
    return Tuple(env, {Number(env, tipc.type), Number(env, v1), Number(env, v2), Number(env, v3),
                       Number(env, tipc.scope)});
  };
  switch (tipc.type) {
    case kRange:
      return result(tipc.values[0], tipc.values[1], tipc.values[2]);
    case kName:
      return result(tipc.values[0], tipc.values[1], tipc.values[1]);
    case kSocket:
      return result(tipc.values[1], tipc.values[0], 0);
    default:
      return DecodeUnknown(env, address, length, owner);
  }
}

}  // namespace bsd_socket
