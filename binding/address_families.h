// The two functions of each address family, for the table in address.cpp, and
// what they share. An encoder reads its family's fields; a decoder gets bytes
// that may be unaligned and cut short.
#pragma once

#include <napi.h>
#include <sys/socket.h>

#include <initializer_list>
#include <string>

#include "address.h"
#include "args.h"

namespace bsd_socket {

// How an encoder ended, where it did not throw: with the length of what it
// wrote, with kNotNumeric (the host is a name, for the resolver) or -errno.
constexpr int kNotNumeric = 0;

using Encoder = int(Args& args, sockaddr_storage* storage);
using Decoder = Napi::Value(Napi::Env env, const struct sockaddr* address, socklen_t length,
                            const AddressOwner& owner);

Encoder EncodeInet, EncodeInet6, EncodeUnix;
Decoder DecodeInet, DecodeInet6, DecodeUnix;
Encoder EncodeNetlink, EncodeVsock, EncodeQipcrtr, EncodeTipc, EncodeAlg;
Decoder DecodeNetlink, DecodeVsock, DecodeQipcrtr, DecodeTipc, DecodeAlg;
Encoder EncodePacket, EncodeCan, EncodeBluetooth;
Decoder DecodePacket, DecodeCan, DecodeBluetooth;
// [family, bytes], the form of every family without one of its own.
Decoder DecodeUnknown;

template <typename T>
T* As(sockaddr_storage* storage) {
  return reinterpret_cast<T*>(storage);
}

// Kernel addresses may come unaligned and short; a copy is neither.
template <typename T>
T Copy(const struct sockaddr* address, socklen_t length) {
  T copy = {};
  memcpy(&copy, address, length < sizeof copy ? length : sizeof copy);
  return copy;
}

// A JavaScript array of the fields of an address.
inline Napi::Value Tuple(Napi::Env env, std::initializer_list<Napi::Value> fields) {
  Napi::Array result = Napi::Array::New(env, fields.size());
  uint32_t index = 0;
  for (const Napi::Value& field : fields) result.Set(index++, field);
  return result;
}

inline Napi::Value Number(Napi::Env env, double value) {
  return Napi::Number::New(env, value);
}

inline Napi::Value Text(Napi::Env env, const std::string& value) {
  return Napi::String::New(env, value);
}

}  // namespace bsd_socket
