// What waiting in poll(2) is in one environment: see wait.cpp.
#pragma once

#include <napi.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

struct pollfd;

namespace bsd_socket {

// Why a wait ended, where it is no errno of poll(2): JavaScript cannot run in
// the environment any more.
constexpr int kTornDown = -ECANCELED;

class Waiting {
 public:
  explicit Waiting(Napi::Env env);
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting();

  // poll(2) with a time-out in nanoseconds, negative for none. Returns how many
  // are ready or -errno. It also ends, with 0, when `woken` has become true.
  int Wait(pollfd* fds, size_t count, int64_t timeout, const std::atomic<bool>* woken = nullptr);

  // A descriptor that wakes this environment's waits when somebody writes to
  // it, for what is behind `woken`, the cells of Interruptible() and the flag of
  // EndBySignals(). -errno where there is none to be had.
  int Wakeup();

  // From now on a wait ends with EINTR when the first cell holds what the second
  // holds; the first one is set to 0 then. Null for never.
  void Interruptible(int32_t* interrupted, const int32_t* running);

  // From now on a wait also ends with EINTR when the flag is true, and sets it to
  // false. Returns what Wakeup() does. ENOTSUP but on the main thread.
  int EndBySignals(std::atomic<bool>* arrived);
  bool TakesSignals() const { return arrived_ != nullptr; }

  // Whether the flag was true, which ends no wait any more.
  bool TakeSignal();

  // The process is about to end, and every worker has to come back to JavaScript
  // for that, one after the other: from now on all waits look often.
  static void Hurry();

  // How long a time-out of JavaScript's, in milliseconds, is in nanoseconds.
  static int64_t Nanoseconds(double milliseconds);

 private:
  bool Alive() const;
  bool Interrupted(int32_t* number) const;
  int WaitWatching(pollfd* fds, size_t count, int64_t timeout, const std::atomic<bool>* woken);
  int WaitFor(pollfd* fds, size_t count, int64_t timeout, const pollfd* wakeup,
              const std::atomic<bool>* woken);

  const Napi::Env env_;
  const Napi::FunctionReference nothing_;
  bool slices_ = false;
  int wakeup_ = -1;
  int32_t* interrupted_ = nullptr;
  const int32_t* running_ = nullptr;
  std::atomic<bool>* arrived_ = nullptr;
};

}  // namespace bsd_socket
