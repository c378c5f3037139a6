// A look-up in the databases of libc: its arguments are read on JavaScript's
// thread, it runs there or on libuv's pool, and what it came to is converted on
// JavaScript's thread again.
#pragma once

#include <napi.h>

#include <memory>

#include "args.h"

namespace bsd_socket {

class Lookup {
 public:
  Lookup() = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  virtual ~Lookup() = default;
  virtual void Run() = 0;
  virtual Napi::Value Outcome(Napi::Env env) const = 0;
};

// Runs a look-up on the pool. Returns a promise of its outcome.
Napi::Value Enqueue(Napi::Env env, std::unique_ptr<Lookup> lookup, const char* function);

template <typename Kind>
Napi::Value Plain(const Napi::CallbackInfo& info, const char* function) {
  Args args(info, function);
  Kind lookup(args);
  if (args.failed()) return {};
  lookup.Run();
  return lookup.Outcome(info.Env());
}

template <typename Kind>
Napi::Value Pooled(const Napi::CallbackInfo& info, const char* function) {
  Args args(info, function);
  auto lookup = std::make_unique<Kind>(args);
  if (args.failed()) return {};
  return Enqueue(info.Env(), std::move(lookup), function);
}

}  // namespace bsd_socket
