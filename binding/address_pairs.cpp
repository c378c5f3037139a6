// The families whose addresses are a pair of unsigned numbers: AF_NETLINK (port
// id, groups), AF_VSOCK (cid, port) and AF_QIPCRTR (node, port).
#include <linux/netlink.h>

#include "address_families.h"
#include "address_layouts.h"

namespace bsd_socket {

int EncodeNetlink(Args& args, sockaddr_storage* storage) {
  auto* netlink = As<sockaddr_nl>(storage);
  netlink->nl_family = AF_NETLINK;
  netlink->nl_pid = args.Unsigned("pid");
  netlink->nl_groups = args.Unsigned("groups");
  return sizeof *netlink;
}

Napi::Value DecodeNetlink(Napi::Env env, const struct sockaddr* address, socklen_t length,
                          const AddressOwner&) {
  const auto netlink = Copy<sockaddr_nl>(address, length);
  return Tuple(env, {Number(env, netlink.nl_pid), Number(env, netlink.nl_groups)});
}

int EncodeVsock(Args& args, sockaddr_storage* storage) {
  auto* vsock = As<SockaddrVsock>(storage);
  vsock->family = AF_VSOCK;
  vsock->cid = args.Unsigned("cid");
  vsock->port = args.Unsigned("port");
  return sizeof *vsock;
}

Napi::Value DecodeVsock(Napi::Env env, const struct sockaddr* address, socklen_t length,
                        const AddressOwner&) {
  const auto vsock = Copy<SockaddrVsock>(address, length);
  return Tuple(env, {Number(env, vsock.cid), Number(env, vsock.port)});
}

int EncodeQipcrtr(Args& args, sockaddr_storage* storage) {
  auto* qipcrtr = As<SockaddrQipcrtr>(storage);
  qipcrtr->family = AF_QIPCRTR;
  qipcrtr->node = args.Unsigned("node");
  qipcrtr->port = args.Unsigned("port");
  return sizeof *qipcrtr;
}

Napi::Value DecodeQipcrtr(Napi::Env env, const struct sockaddr* address, socklen_t length,
                          const AddressOwner&) {
  const auto qipcrtr = Copy<SockaddrQipcrtr>(address, length);
  return Tuple(env, {Number(env, qipcrtr.node), Number(env, qipcrtr.port)});
}

}  // namespace bsd_socket
