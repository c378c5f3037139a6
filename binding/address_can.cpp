// AF_CAN addresses: the interface by its name, and what the protocol adds. The
// fields begin with the socket, in whose network namespace the name counts, and
// its protocol.
#include <cerrno>

#include "address_families.h"
#include "address_layouts.h"
#include "interfaces.h"

namespace bsd_socket {

namespace {

enum Protocol : int { kRaw = 1, kBroadcastManager = 2, kIsoTp = 6, kJ1939 = 7 };

}  // namespace

int EncodeCan(Args& args, sockaddr_storage* storage) {
  const int fd = args.Int("fd");
  const int protocol = args.Int("protocol");
  const std::string interface = args.String("ifname");
  auto* can = As<SockaddrCan>(storage);
  can->family = AF_CAN;
  switch (protocol) {
    case kRaw:
    case kBroadcastManager:
      break;
    case kIsoTp:
      can->isotp.rx_id = args.Unsigned("rxId");
      can->isotp.tx_id = args.Unsigned("txId");
      break;
    case kJ1939:
      can->j1939.name = args.Unsigned64("name");
      can->j1939.pgn = args.Unsigned("pgn");
      can->j1939.address = static_cast<uint8_t>(args.Unsigned("addr", UINT8_MAX));
      break;
    default:
      return -EPROTONOSUPPORT;
  }
  if (args.failed()) return 0;
  // No name stands for every interface.
  can->interface = interface.empty() ? 0 : InterfaceIndex(fd, interface);
  return can->interface < 0 ? can->interface : static_cast<int>(sizeof *can);
}

Napi::Value DecodeCan(Napi::Env env, const struct sockaddr* address, socklen_t length,
                      const AddressOwner& owner) {
  const auto can = Copy<SockaddrCan>(address, length);
  const Napi::Value interface = Text(env, InterfaceName(owner.fd, can.interface));
  switch (owner.protocol) {
    case kIsoTp:
      return Tuple(env, {interface, Number(env, can.isotp.rx_id), Number(env, can.isotp.tx_id)});
    case kJ1939:
      return Tuple(env, {interface, Napi::BigInt::New(env, can.j1939.name), Number(env, can.j1939.pgn),
                         Number(env, can.j1939.address)});
    default:
      return Tuple(env, {interface});
  }
}

}  // namespace bsd_socket
