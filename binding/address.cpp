#include "address.h"

#include <cerrno>
#include <cstddef>

#include "addon.h"
#include "address_families.h"
#include "result.h"

namespace bsd_socket {

namespace {

struct Family {
  int number;
  Encoder* encode;
  Decoder* decode;
};

constexpr Family kFamilies[] = {
    {AF_INET, EncodeInet, DecodeInet},
    {AF_INET6, EncodeInet6, DecodeInet6},
    {AF_UNIX, EncodeUnix, DecodeUnix},
    {AF_PACKET, EncodePacket, DecodePacket},
    {AF_NETLINK, EncodeNetlink, DecodeNetlink},
    {AF_VSOCK, EncodeVsock, DecodeVsock},
    {AF_CAN, EncodeCan, DecodeCan},
    {AF_TIPC, EncodeTipc, DecodeTipc},
    {AF_ALG, EncodeAlg, DecodeAlg},
    {AF_QIPCRTR, EncodeQipcrtr, DecodeQipcrtr},
    {AF_BLUETOOTH, EncodeBluetooth, DecodeBluetooth},
    // RDS sockets have Internet addresses, which say so themselves: no address comes with this number.
    {AF_RDS, EncodeInet, DecodeUnknown},
};

const Family* FamilyOf(int number) {
  for (const Family& family : kFamilies) {
    if (family.number == number) return &family;
  }
  return nullptr;
}

// The bytes of an address whose form nobody knows, behind its family.
int EncodeUnknown(int family, Args& args, sockaddr_storage* storage) {
  constexpr size_t kMost = sizeof(sockaddr_storage) - offsetof(struct sockaddr, sa_data);
  const Span data = args.Bytes("data", 0, kMost);
  if (args.failed()) return 0;
  auto* any = As<struct sockaddr>(storage);
  any->sa_family = static_cast<sa_family_t>(family);
  if (data.size > 0)
    memcpy(reinterpret_cast<char*>(storage) + offsetof(struct sockaddr, sa_data), data.data, data.size);
  return static_cast<int>(offsetof(struct sockaddr, sa_data) + data.size);
}

// sockaddr(family, ...fields) -> Buffer, null where the host is not numeric, or -errno
Napi::Value Sockaddr(const Napi::CallbackInfo& info) {
  Args args(info, "sockaddr");
  const auto number = static_cast<int>(args.Unsigned("family", UINT16_MAX));
  if (args.failed()) return {};
  const Family* family = FamilyOf(number);
  sockaddr_storage storage = {};
  const int length =
      family != nullptr ? family->encode(args, &storage) : EncodeUnknown(number, args, &storage);
  if (args.failed()) return {};
  if (length == kNotNumeric) return info.Env().Null();
  if (length < 0) return Int(info.Env(), length);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), reinterpret_cast<uint8_t*>(&storage),
                                     static_cast<size_t>(length));
}

// address(storage, fd?, protocol?) -> what accept, recvfrom, getsockname or getpeername stored there
Napi::Value Address(const Napi::CallbackInfo& info) {
  Args args(info, "address");
  const Span span = args.Bytes("storage", kStorageSize);
  AddressOwner owner;
  if (!args.Skip()) owner.fd = args.Int("fd");
  if (!args.Skip()) owner.protocol = args.Int("protocol");
  if (args.failed()) return {};
  uint32_t length = 0;
  memcpy(&length, span.data, sizeof length);
  if (length > sizeof(sockaddr_storage)) length = sizeof(sockaddr_storage);
  sockaddr_storage storage = {};
  memcpy(&storage, span.data + sizeof length, length);
  return ToJavaScript(info.Env(), reinterpret_cast<struct sockaddr*>(&storage), length, owner);
}

}  // namespace

Napi::Value DecodeUnknown(Napi::Env env, const struct sockaddr* address, socklen_t length,
                          const AddressOwner&) {
  const auto any = Copy<struct sockaddr>(address, length);
  return Tuple(env,
               {Int(env, any.sa_family), Napi::Buffer<char>::Copy(env, any.sa_data, sizeof any.sa_data)});
}

Napi::Value ToJavaScript(Napi::Env env, const struct sockaddr* address, socklen_t length,
                         const AddressOwner& owner) {
  if (length < sizeof(sa_family_t)) return env.Null();
  sa_family_t number = AF_UNSPEC;
  memcpy(&number, reinterpret_cast<const char*>(address) + offsetof(struct sockaddr, sa_family),
         sizeof number);
  const Family* family = FamilyOf(number);
  return family != nullptr ? family->decode(env, address, length, owner)
                           : DecodeUnknown(env, address, length, owner);
}

void RegisterAddress(Napi::Env env, Napi::Object exports) {
  Export<Sockaddr>(exports, "sockaddr");
  Export<Address>(exports, "address");
  exports.Set("STORAGE_SIZE", Int(env, kStorageSize));
}

}  // namespace bsd_socket
