// The descriptors that belong to an environment's sockets. When a worker ends,
// terminated or not, nobody is left to close them: a leak for the life of the
// process, and peers that wait for an end that never comes. So they are closed
// with the environment. When the main thread's ends, so does the process.
#include <unistd.h>

#include <unordered_set>

#include "addon.h"
#include "args.h"
#include "uv_opaque.h"

namespace bsd_socket {

namespace {

using Descriptors = std::unordered_set<int>;

// own(fd, on) -> undefined. Whether the descriptor is closed with the environment.
Napi::Value Own(const Napi::CallbackInfo& info) {
  Args args(info, "own");
  const int fd = args.Int("fd");
  const bool on = args.Bool("on");
  auto* owned = static_cast<Descriptors*>(info.Data());
  if (args.failed() || owned == nullptr) return {};
  if (on) {
    owned->insert(fd);
  } else {
    owned->erase(fd);
  }
  return {};
}

}  // namespace

void RegisterOwned(Napi::Env env, Napi::Object exports) {
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  Descriptors* owned = nullptr;
  if (loop != uv_default_loop()) {
    owned = new Descriptors;
    env.AddCleanupHook(
        [](Descriptors* garbage) {
          for (const int fd : *garbage) close(fd);
          delete garbage;
        },
        owned);
  }
  Export<Own>(exports, "own", owned);
}

}  // namespace bsd_socket
