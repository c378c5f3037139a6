// AF_BLUETOOTH addresses, whose form depends on the protocol, the first of the
// fields: L2CAP device, psm, cid, type of the device's address; RFCOMM device,
// channel; HCI number of the device, channel; SCO device. Numbers are in the
// host's byte order here and in Bluetooth's, the little-endian one, there.
#include <endian.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "address_families.h"
#include "address_layouts.h"
#include "result.h"

namespace bsd_socket {

namespace {

enum Protocol : int { kL2cap = 0, kHci = 1, kSco = 2, kRfcomm = 3 };

// Six numbers of one or two hexadecimal digits with colons between them.
bool Parse(const std::string& text, BluetoothDevice* device) {
  const char* at = text.c_str();
  for (int index = 5; index >= 0; --index) {
    // strtoul alone would take blanks and signs.
    if (strspn(at, "0123456789abcdefABCDEF") == 0) return false;
    char* end = nullptr;
    const uint64_t byte = strtoul(at, &end, 16);
    if (byte > UINT8_MAX || *end != (index == 0 ? '\0' : ':')) return false;
    device->bytes[index] = static_cast<uint8_t>(byte);
    at = end + 1;
  }
  return true;
}

Napi::Value Print(Napi::Env env, const BluetoothDevice& device) {
  const uint8_t* byte = device.bytes;
  char text[18];
  snprintf(text, sizeof text, "%02X:%02X:%02X:%02X:%02X:%02X", byte[5], byte[4], byte[3], byte[2], byte[1],
           byte[0]);
  return Napi::String::New(env, text);
}

uint16_t Unsigned16(Args& args, const char* name) {
  return static_cast<uint16_t>(args.Unsigned(name, UINT16_MAX));
}

uint8_t Unsigned8(Args& args, const char* name) {
  return static_cast<uint8_t>(args.Unsigned(name, UINT8_MAX));
}

}  // namespace

int EncodeBluetooth(Args& args, sockaddr_storage* storage) {
  storage->ss_family = AF_BLUETOOTH;
  switch (args.Int("protocol")) {
    case kL2cap: {
      auto* l2cap = As<SockaddrL2cap>(storage);
      const bool parsed = Parse(args.String("bdaddr"), &l2cap->device);
      l2cap->psm = htole16(Unsigned16(args, "psm"));
      l2cap->cid = htole16(Unsigned16(args, "cid"));
      l2cap->device_type = Unsigned8(args, "bdaddrType");
      return parsed ? static_cast<int>(sizeof *l2cap) : -EINVAL;
    }
    case kRfcomm: {
      auto* rfcomm = As<SockaddrRfcomm>(storage);
      const bool parsed = Parse(args.String("bdaddr"), &rfcomm->device);
      rfcomm->channel = Unsigned8(args, "channel");
      return parsed ? static_cast<int>(sizeof *rfcomm) : -EINVAL;
    }
    case kHci: {
      auto* hci = As<SockaddrHci>(storage);
      hci->device = Unsigned16(args, "deviceId");
      hci->channel = Unsigned16(args, "channel");
      return sizeof *hci;
    }
    case kSco: {
      auto* sco = As<SockaddrSco>(storage);
      return Parse(args.String("bdaddr"), &sco->device) ? static_cast<int>(sizeof *sco) : -EINVAL;
    }
    default:
      return -EPROTONOSUPPORT;
  }
}

Napi::Value DecodeBluetooth(Napi::Env env, const struct sockaddr* address, socklen_t length,
                            const AddressOwner& owner) {
  switch (owner.protocol) {
    case kL2cap: {
      const auto l2cap = Copy<SockaddrL2cap>(address, length);
      const Napi::Value device = Print(env, l2cap.device);
      const Napi::Value psm = Int(env, le16toh(l2cap.psm));
      const Napi::Value cid = Int(env, le16toh(l2cap.cid));
      // The short forms are those of the time when there was nothing else.
      if (l2cap.device_type != 0) return Tuple(env, {device, psm, cid, Int(env, l2cap.device_type)});
      return l2cap.cid != 0 ? Tuple(env, {device, psm, cid}) : Tuple(env, {device, psm});
    }
    case kRfcomm: {
      const auto rfcomm = Copy<SockaddrRfcomm>(address, length);
      return Tuple(env, {Print(env, rfcomm.device), Int(env, rfcomm.channel)});
    }
    case kHci: {
      const auto hci = Copy<SockaddrHci>(address, length);
      // Channel 0, HCI_CHANNEL_RAW, is the one that goes without saying.
      if (hci.channel == 0) return Int(env, hci.device);
      return Tuple(env, {Int(env, hci.device), Int(env, hci.channel)});
    }
    case kSco:
      return Print(env, Copy<SockaddrSco>(address, length).device);
    default:
      return DecodeUnknown(env, address, length, owner);
  }
}

}  // namespace bsd_socket
