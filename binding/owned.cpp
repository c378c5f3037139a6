// The descriptors that belong to an environment's sockets. When a worker ends,
// terminated or not, nobody is left to close them: a leak for the life of the
// process, and peers that wait for an end that never comes. So they are closed
// with the environment. When the main thread's ends, so does the process.
#include "owned.h"

#include <cstring>

#include "args.h"
#include "uv_opaque.h"

namespace bsd_socket {

namespace {

// Newer than some systems' headers.
#ifndef SCM_PIDFD
constexpr int SCM_PIDFD = 4;
#endif

// own(fd, on) -> undefined. Whether a descriptor that exists already is closed
// with the environment.
Napi::Value Own(const Napi::CallbackInfo& info) {
  Args args(info, "own");
  const int fd = args.Int("fd");
  const bool on = args.Bool("on");
  Owned* owned = OwnedOf(info);
  if (args.failed() || owned == nullptr) return {};
  if (on) {
    owned->Insert(fd);
  } else {
    owned->Erase(fd);
  }
  return {};
}

}  // namespace

void Owned::InsertPassed(const msghdr& message) {
  // CMSG_NXTHDR takes one that may be changed.
  msghdr header = message;
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET) continue;
    if (each->cmsg_type != SCM_RIGHTS && each->cmsg_type != SCM_PIDFD) continue;
    const size_t size = each->cmsg_len - CMSG_LEN(0);
    for (size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
      int fd = -1;
      memcpy(&fd, CMSG_DATA(each) + at, sizeof fd);
      Insert(fd);
    }
  }
}

Owned* MakeOwned(Napi::Env env) {
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop == uv_default_loop() ? nullptr : new Owned;
}

void RegisterOwned(Napi::Env env, Napi::Object exports, Owned* owned) {
  if (owned != nullptr) {
    env.AddCleanupHook(
        [](Owned* garbage) {
          garbage->CloseAll();
          delete garbage;
        },
        owned);
  }
  Export<Own>(exports, "own", owned);
}

}  // namespace bsd_socket
