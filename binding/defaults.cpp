// Python's default timeout belongs to the process: one number that every
// worker sees. It is the only state here that environments share.
#include <atomic>

#include "addon.h"
#include "args.h"

namespace bsd_socket {

namespace {

std::atomic<double> default_timeout{-1};  // seconds; negative for none

// getdefaulttimeout() -> seconds, negative for none
Napi::Value Getdefaulttimeout(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), default_timeout.load());
}

// setdefaulttimeout(seconds) -> undefined; negative for none
Napi::Value Setdefaulttimeout(const Napi::CallbackInfo& info) {
  Args args(info, "setdefaulttimeout");
  const double seconds = args.Double("seconds");
  if (!args.failed()) default_timeout.store(seconds);
  return {};
}

}  // namespace

void RegisterDefaults(Napi::Env, Napi::Object exports) {
  Export<Getdefaulttimeout>(exports, "getdefaulttimeout");
  Export<Setdefaulttimeout>(exports, "setdefaulttimeout");
}

}  // namespace bsd_socket
