// poll(2): the only call of the addon that blocks in the kernel.
//
// A blocked call must not hold the process hostage. worker.terminate() and
// process.exit() wait for the worker's thread to come back to JavaScript, so
// that a plain blocking call there hangs both for ever (seen on Node 20). A
// worker therefore polls in slices and calls into JavaScript after each: when
// that call fails, the environment is being torn down and the wait is over.
//
// EINTR of poll(2) ends nothing, on no thread: it says neither which signal it
// was nor whether anybody listens to it (signals.cpp).
//
// Another thread, or the handler of a signal, can end a wait at once: it changes
// a cell of memory and writes to this environment's wake-up descriptor, which is
// polled beside the others. Only environments that somebody may wake so have one.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <vector>

#include "addon.h"
#include "args.h"
#include "platform.h"
#include "result.h"
#include "uv_opaque.h"
#include "waiting.h"

namespace bsd_socket {

namespace {

constexpr int64_t kSlice = 100'000'000;       // nanoseconds
constexpr int64_t kHurriedSlice = 5'000'000;  // at the end of the process
std::atomic<int64_t> slice{kSlice};
constexpr double kNanosecondsPerMillisecond = 1e6;
// A hundred years: beyond it a time-out is as good as none, and its
// nanoseconds still fit.
constexpr double kLongest = 100.0 * 365 * 86400 * 1e9;

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Napi::Value Nothing(const Napi::CallbackInfo&) {
  return {};
}

}  // namespace

Waiting::Waiting(Napi::Env env)
    : env_(env), nothing_(Napi::Persistent(Napi::Function::New<Nothing>(env, "nothing"))) {
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  slices_ = loop != uv_default_loop();
}

Waiting::~Waiting() {
  if (wakeup_ >= 0) close(wakeup_);
}

int64_t Waiting::Nanoseconds(double milliseconds) {
  const double nanoseconds = std::ceil(milliseconds * kNanosecondsPerMillisecond);
  return nanoseconds < 0 || nanoseconds > kLongest ? -1 : static_cast<int64_t>(nanoseconds);
}

void Waiting::Hurry() {
  slice = kHurriedSlice;
}

int Waiting::Wakeup() {
  if (wakeup_ < 0) wakeup_ = platform::CreateWakeup();
  return wakeup_ < 0 ? -errno : wakeup_;
}

void Waiting::Interruptible(int32_t* interrupted, const int32_t* running) {
  interrupted_ = interrupted;
  running_ = running;
}

int Waiting::EndBySignals(std::atomic<bool>* arrived) {
  if (slices_) return -ENOTSUP;
  const int wakeup = Wakeup();
  if (wakeup >= 0) arrived_ = arrived;
  return wakeup;
}

bool Waiting::TakeSignal() {
  if (arrived_ == nullptr) return false;
  platform::ClearWakeup(wakeup_);
  return arrived_->exchange(false);
}

// Whether JavaScript can still run in this environment.
bool Waiting::Alive() const {
  napi_value result = nullptr;
  return napi_call_function(env_, env_.Global(), nothing_.Value(), 0, nullptr, &result) == napi_ok;
}

bool Waiting::Interrupted(int32_t* number) const {
  if (interrupted_ == nullptr) return false;
  *number = __atomic_load_n(running_, __ATOMIC_SEQ_CST);
  return __atomic_load_n(interrupted_, __ATOMIC_SEQ_CST) == *number;
}

int Waiting::WaitFor(pollfd* fds, size_t count, int64_t timeout, const pollfd* wakeup,
                     const std::atomic<bool>* woken) {
  const int64_t end = timeout < 0 ? INT64_MAX : Now() + timeout;
  for (bool first = true;; first = false) {
    const int64_t left = timeout < 0 ? INT64_MAX : std::max<int64_t>(0, end - Now());
    if (left == 0 && !first) return 0;
    int32_t number = 0;
    const bool interrupted = Interrupted(&number);
    const bool signalled = arrived_ != nullptr && arrived_->load();
    // What is ready already counts for more than an interruption.
    const bool at_once = interrupted || signalled || (woken != nullptr && woken->load());
    const int64_t most = at_once ? 0 : slices_ ? std::min(left, slice.load()) : left == INT64_MAX ? -1 : left;
    int ready = platform::Poll(fds, count, most);
    if (ready < 0 && errno != EINTR) return -errno;
    if (ready > 0 && wakeup != nullptr && wakeup->revents != 0) {
      platform::ClearWakeup(wakeup_);
      --ready;
    }
    if (ready > 0) return ready;
    if (woken != nullptr && woken->load()) return 0;
    if (interrupted &&
        __atomic_compare_exchange_n(interrupted_, &number, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
      return -EINTR;
    }
    if (signalled && arrived_->exchange(false)) return -EINTR;
    if (slices_ && left > most && !Alive()) return kTornDown;
  }
}

int Waiting::WaitWatching(pollfd* fds, size_t count, int64_t timeout, const std::atomic<bool>* woken) {
  std::vector<pollfd> all(fds, fds + count);
  all.push_back({wakeup_, POLLIN, 0});
  const int ready = WaitFor(all.data(), all.size(), timeout, &all.back(), woken);
  if (ready >= 0) {
    for (size_t i = 0; i < count; ++i) fds[i].revents = all[i].revents;
  }
  // It has ended no wait: the event loop is to know of it.
  if (arrived_ != nullptr && arrived_->load()) platform::Wake(wakeup_);
  return ready;
}

int Waiting::Wait(pollfd* fds, size_t count, int64_t timeout, const std::atomic<bool>* woken) {
  if (timeout == 0) {
    // Nothing can wake what does not wait.
    const int ready = platform::Poll(fds, count, 0);
    return ready < 0 ? -errno : ready;
  }
  const bool watches = woken != nullptr || interrupted_ != nullptr || arrived_ != nullptr;
  return watches ? WaitWatching(fds, count, timeout, woken) : WaitFor(fds, count, timeout, nullptr, nullptr);
}

namespace {

// poll(fds, timeout) -> how many are ready. `fds` is a view of struct pollfd,
// 8 bytes each; `timeout` is in milliseconds, fractions count, negative for none.
Napi::Value Poll(const Napi::CallbackInfo& info) {
  Args args(info, "poll");
  const Span view = args.Bytes("fds");
  const double milliseconds = args.Double("timeout");
  if (args.failed()) return {};
  auto* fds = reinterpret_cast<pollfd*>(view.data);
  const size_t count = view.size / sizeof(pollfd);
  auto& waiting = *static_cast<Waiting*>(info.Data());
  return Int(info.Env(), waiting.Wait(fds, count, Waiting::Nanoseconds(milliseconds)));
}

}  // namespace

Waiting* RegisterWait(Napi::Env env, Napi::Object exports) {
  auto* waiting = new Waiting(env);
  env.AddCleanupHook([](Waiting* garbage) { delete garbage; }, waiting);
  Export<Poll>(exports, "poll", waiting);
  return waiting;
}

}  // namespace bsd_socket
