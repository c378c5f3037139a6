// AF_PACKET addresses: the interface by its name, the protocol in the host's
// byte order, the packet's type, the hardware's type, the hardware's address.
// The fields begin with the socket, in whose network namespace the name counts.
#include <arpa/inet.h>
#include <linux/if_packet.h>

#include <algorithm>
#include <cstddef>

#include "address_families.h"
#include "interfaces.h"
#include "result.h"

namespace bsd_socket {

int EncodePacket(Args& args, sockaddr_storage* storage) {
  const int fd = args.Int("fd");
  const std::string interface = args.String("ifname");
  const uint32_t protocol = args.Unsigned("proto", UINT16_MAX);
  auto* packet = As<sockaddr_ll>(storage);
  packet->sll_family = AF_PACKET;
  packet->sll_protocol = htons(static_cast<uint16_t>(protocol));
  packet->sll_pkttype = static_cast<uint8_t>(args.Unsigned("pkttype", UINT8_MAX));
  packet->sll_hatype = static_cast<uint16_t>(args.Unsigned("hatype", UINT16_MAX));
  const Span hardware = args.Bytes("addr", 0, sizeof packet->sll_addr);
  if (args.failed()) return 0;
  packet->sll_halen = static_cast<uint8_t>(hardware.size);
  if (hardware.size > 0) memcpy(packet->sll_addr, hardware.data, hardware.size);
  packet->sll_ifindex = InterfaceIndex(fd, interface);
  return packet->sll_ifindex < 0 ? packet->sll_ifindex : static_cast<int>(sizeof *packet);
}

Napi::Value DecodePacket(Napi::Env env, const struct sockaddr* address, socklen_t length,
                         const AddressOwner& owner) {
  const auto packet = Copy<sockaddr_ll>(address, length);
  // Some hardware has addresses that are longer than the structure's room; the
  // kernel writes them all the same, and the length counts them.
  constexpr size_t kOffset = offsetof(sockaddr_ll, sll_addr);
  const size_t most = length > kOffset ? length - kOffset : 0;
  const char* hardware = reinterpret_cast<const char*>(address) + kOffset;
  return Tuple(env,
               {Text(env, InterfaceName(owner.fd, packet.sll_ifindex)), Int(env, ntohs(packet.sll_protocol)),
                Int(env, packet.sll_pkttype), Int(env, packet.sll_hatype),
                Napi::Buffer<char>::Copy(env, hardware, std::min<size_t>(packet.sll_halen, most))});
}

}  // namespace bsd_socket
