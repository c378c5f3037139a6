// How a system call's result crosses into JavaScript: the number itself when it
// succeeded, -errno when it failed. Returning costs a hundredth of throwing,
// and EAGAIN is on the hot path; lib/errors.ts makes the error.
#pragma once

#include <napi.h>

#include <cerrno>
#include <cstdint>

namespace bsd_socket {

inline Napi::Value Int(napi_env env, int32_t value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return {env, result};
}

// Call it before anything else can change errno.
inline Napi::Value Result(napi_env env, int64_t returned) {
  return Int(env, returned < 0 ? -errno : static_cast<int32_t>(returned));
}

}  // namespace bsd_socket
