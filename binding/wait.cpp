// poll(2): the only call of the addon that blocks in the kernel.
//
// A blocked call must not hold the process hostage. worker.terminate() and
// process.exit() wait for the worker's thread to come back to JavaScript, so
// that a plain blocking call there hangs both for ever (seen on Node 20). A
// worker therefore polls in slices and calls into JavaScript after each: when
// that call fails, the environment is being torn down and the wait is over.
//
// On the main thread a signal ends the wait, so that its listener can run.
// There the signals that node and libuv handle for themselves are held back
// meanwhile: the end of a child process must not interrupt a receive.
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>

#include "addon.h"
#include "args.h"
#include "platform.h"
#include "result.h"
#include "uv_opaque.h"

namespace bsd_socket {

namespace {

constexpr int64_t kSlice = 100'000'000;  // nanoseconds
constexpr double kNanosecondsPerMillisecond = 1e6;
// A hundred years: beyond it a time-out is as good as none, and its
// nanoseconds still fit.
constexpr double kLongest = 100.0 * 365 * 86400 * 1e9;

struct Waiting {
  bool slices = false;
  sigset_t mask;
  Napi::FunctionReference nothing;
};

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Napi::Value Nothing(const Napi::CallbackInfo&) {
  return {};
}

// Whether JavaScript can still run in this environment.
bool Alive(Napi::Env env, const Waiting& waiting) {
  napi_value result = nullptr;
  return napi_call_function(env, env.Global(), waiting.nothing.Value(), 0, nullptr, &result) == napi_ok;
}

int PollInSlices(Napi::Env env, const Waiting& waiting, pollfd* fds, size_t count, int64_t timeout) {
  const int64_t end = timeout < 0 ? INT64_MAX : Now() + timeout;
  for (;;) {
    const int64_t left = std::max<int64_t>(0, end - Now());
    const int ready = platform::Poll(fds, count, std::min(left, kSlice), nullptr);
    if (ready != 0 || left <= kSlice) return ready < 0 ? -errno : ready;
    if (!Alive(env, waiting)) return -EINTR;
  }
}

// poll(fds, timeout) -> how many are ready. `fds` is a view of struct pollfd,
// 8 bytes each; `timeout` is in milliseconds, fractions count, negative for none.
Napi::Value Poll(const Napi::CallbackInfo& info) {
  Args args(info, "poll");
  const Span view = args.Bytes("fds");
  const double milliseconds = args.Double("timeout");
  if (args.failed()) return {};
  auto* fds = reinterpret_cast<pollfd*>(view.data);
  const size_t count = view.size / sizeof(pollfd);
  const double nanoseconds = std::ceil(milliseconds * kNanosecondsPerMillisecond);
  const int64_t timeout = nanoseconds < 0 || nanoseconds > kLongest ? -1 : static_cast<int64_t>(nanoseconds);
  const auto& waiting = *static_cast<const Waiting*>(info.Data());
  if (waiting.slices) return Int(info.Env(), PollInSlices(info.Env(), waiting, fds, count, timeout));
  return Result(info.Env(), platform::Poll(fds, count, timeout, &waiting.mask));
}

}  // namespace

void RegisterWait(Napi::Env env, Napi::Object exports) {
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  auto* waiting = new Waiting;
  waiting->slices = loop != uv_default_loop();
  waiting->nothing = Napi::Persistent(Napi::Function::New<Nothing>(env, "nothing"));
  pthread_sigmask(SIG_SETMASK, nullptr, &waiting->mask);
  for (const int quiet : {SIGCHLD, SIGWINCH, SIGPROF}) sigaddset(&waiting->mask, quiet);
  env.AddCleanupHook([](Waiting* garbage) { delete garbage; }, waiting);
  Export<Poll>(exports, "poll", waiting);
}

}  // namespace bsd_socket
