// Waiting for a cell of shared memory to change, for locks, events, semaphores
// and the end of threads. Atomics.wait() would do neither of two things: let
// the main thread's signals and Thread.interrupt() end the wait, and let an
// asynchronous wait keep the process alive. Here a thread waits in poll(2) like
// everybody else (wait.cpp), and the event loop has a descriptor to watch.
//
// Who waits is found by the address of the cell, which is the same in all
// threads of the process. One lock guards it all; it is held for moments, and
// whoever finds the cell as he wants it never comes here.
//
// An event loop may be kept from turning for as long as its thread likes. So
// whoever waits on one uses up no wake-up: what he does not take at once a thread
// can have that is blocked, or another loop. Of many who wait on one loop no more
// are woken than there are wake-ups, as they cannot all have it.
#include "parking.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "addon.h"
#include "args.h"
#include "platform.h"
#include "result.h"
#include "waiting.h"

namespace bsd_socket {

class Lot {
 public:
  bool Park(Parked* parked, const int32_t* expected) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (expected != nullptr && __atomic_load_n(parked->cell_, __ATOMIC_SEQ_CST) != *expected) return false;
    auto& row = queues_[parked->cell_][parked->loop()];
    parked->place_ = row.insert(row.end(), parked);
    parked->arrival_ = ++arrivals_;
    parked->in_lot_ = true;
    return true;
  }

  bool Leave(Parked* parked) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Remove(parked);
  }

  uint32_t Unpark(const int32_t* cell, uint32_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = queues_.find(cell);
    if (found == queues_.end() || count == 0) return 0;
    // Whoever came after the last of the threads is not in turn.
    uint64_t last = UINT64_MAX;
    const auto threads = found->second.find(nullptr);
    if (threads != found->second.end() && threads->second.size() >= count)
      last = (*std::next(threads->second.begin(), count - 1))->arrival_;
    // A copy, since rows go when their last one leaves.
    std::vector<Parked*> first;
    for (const auto& [loop, row] : found->second) {
      uint32_t left = count;
      for (auto each = row.begin(); each != row.end() && left > 0 && (*each)->arrival_ <= last;
           ++each, --left)
        first.push_back(*each);
    }
    std::sort(first.begin(), first.end(),
              [](const Parked* one, const Parked* other) { return one->arrival_ < other->arrival_; });
    for (Parked* parked : first) {
      if (!parked->stays()) Remove(parked);
      parked->Wake();
    }
    return static_cast<uint32_t>(first.size());
  }

  void WakeStaying() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [cell, queue] : queues_) {
      for (const auto& [loop, row] : queue) {
        for (Parked* parked : row) {
          if (parked->stays()) parked->Wake();
        }
      }
    }
  }

  // For what Wake() has written.
  std::mutex& mutex() { return mutex_; }

 private:
  bool Remove(Parked* parked) {
    if (!parked->in_lot_) return false;
    const auto queue = queues_.find(parked->cell_);
    const auto row = queue->second.find(parked->loop());
    row->second.erase(parked->place_);
    if (row->second.empty()) queue->second.erase(row);
    if (queue->second.empty()) queues_.erase(queue);
    parked->in_lot_ = false;
    return true;
  }

  // Those who wait for one cell, by their event loops, in the order in which they
  // came.
  using Queue = std::map<const void*, std::list<Parked*>>;

  std::mutex mutex_;
  std::unordered_map<const int32_t*, Queue> queues_;
  uint64_t arrivals_ = 0;
};

namespace {

Lot& TheLot() {
  static Lot lot;
  return lot;
}

// A thread that is blocked in poll(2).
class Blocked : public Parked {
 public:
  Blocked(const int32_t* cell, int wakeup) : Parked(cell), wakeup_(wakeup) {}
  void Wake() override {
    woken = true;
    platform::Wake(wakeup_);
  }

  std::atomic<bool> woken{false};

 private:
  const int wakeup_;
};

// Those who wait on the event loop of one environment, which watches a
// descriptor of its own: a blocked thread must not clear it.
class Sleepers {
 public:
  Sleepers() = default;
  Sleepers(const Sleepers&) = delete;
  Sleepers& operator=(const Sleepers&) = delete;

  ~Sleepers() {
    for (auto& [token, sleeper] : sleeping_) {
      // Woken for nothing: the next one is to have it.
      if (!bsd_socket::Leave(sleeper.get())) bsd_socket::Unpark(sleeper->cell(), 1);
    }
    if (wakeup_ >= 0) close(wakeup_);
  }

  int Wakeup() {
    if (wakeup_ < 0) wakeup_ = platform::CreateWakeup();
    return wakeup_ < 0 ? -errno : wakeup_;
  }

  int Add(int32_t* cell, int32_t expected, int32_t token) {
    if (wakeup_ < 0) return -EBADF;
    auto sleeper = std::make_unique<Sleeper>(cell, this, token);
    if (sleeping_.count(token) != 0) return -EEXIST;
    if (!bsd_socket::Park(sleeper.get(), expected)) return -EAGAIN;
    sleeping_.emplace(token, std::move(sleeper));
    return 0;
  }

  int Remove(int32_t token) {
    const auto found = sleeping_.find(token);
    if (found == sleeping_.end()) return -ENOENT;
    const bool waited = bsd_socket::Leave(found->second.get());
    sleeping_.erase(found);
    return waited ? 0 : 1;
  }

  // The tokens of those who have been woken, who are forgotten with that.
  int Read(int32_t* tokens, size_t capacity) {
    platform::ClearWakeup(wakeup_);
    std::vector<int32_t> woken;
    {
      const std::lock_guard<std::mutex> lock(TheLot().mutex());
      woken.swap(woken_);
    }
    size_t count = 0;
    size_t index = 0;
    for (; index < woken.size() && count < capacity; ++index) {
      // One that was given up after it had been woken is not there any more.
      if (sleeping_.erase(woken[index]) != 0) tokens[count++] = woken[index];
    }
    if (index < woken.size()) PutBack({woken.begin() + static_cast<std::ptrdiff_t>(index), woken.end()});
    return static_cast<int>(count);
  }

 private:
  class Sleeper : public Parked {
   public:
    Sleeper(const int32_t* cell, Sleepers* owner, int32_t token)
        : Parked(cell), owner_(owner), token_(token) {}
    void Wake() override {
      owner_->woken_.push_back(token_);
      platform::Wake(owner_->wakeup_);
    }
    const void* loop() const override { return owner_; }

   private:
    Sleepers* const owner_;
    const int32_t token_;
  };

  void PutBack(const std::vector<int32_t>& rest) {
    const std::lock_guard<std::mutex> lock(TheLot().mutex());
    woken_.insert(woken_.begin(), rest.begin(), rest.end());
    platform::Wake(wakeup_);
  }

  int wakeup_ = -1;
  std::unordered_map<int32_t, std::unique_ptr<Sleeper>> sleeping_;
  std::vector<int32_t> woken_;  // guarded by the lot's lock
};

}  // namespace

bool Park(Parked* parked, int32_t expected) {
  return TheLot().Park(parked, &expected);
}

void Park(Parked* parked) {
  TheLot().Park(parked, nullptr);
}

bool Leave(Parked* parked) {
  return TheLot().Leave(parked);
}

uint32_t Unpark(const int32_t* cell, uint32_t count) {
  return TheLot().Unpark(cell, count);
}

void WakeStaying() {
  TheLot().WakeStaying();
}

namespace {

// park(cells, index, expected, timeout) -> 0 once somebody has unparked it.
// EAGAIN where the cell does not hold `expected`, ETIMEDOUT after so many
// milliseconds (negative: never), EINTR as poll.
Napi::Value ParkHere(const Napi::CallbackInfo& info) {
  Args args(info, "park");
  const int32_t* cell = args.SharedCell("cells");
  const int32_t expected = args.Int("expected");
  const double milliseconds = args.Double("timeout");
  if (args.failed()) return {};
  auto& waiting = *static_cast<Waiting*>(info.Data());
  const int wakeup = waiting.Wakeup();
  if (wakeup < 0) return Int(info.Env(), wakeup);
  Blocked here(cell, wakeup);
  if (!Park(&here, expected)) return Int(info.Env(), -EAGAIN);
  const int result = waiting.Wait(nullptr, 0, Waiting::Nanoseconds(milliseconds), &here.woken);
  if (Leave(&here)) return Int(info.Env(), result == 0 ? -ETIMEDOUT : result);
  if (result != kTornDown && result != -EINTR) return Int(info.Env(), 0);
  // What it was woken for in the same moment is not used here: the next one is to
  // have it. The interruption would be lost otherwise.
  Unpark(cell, 1);
  return Int(info.Env(), result);
}

// unpark(cells, index, count) -> how many were waiting for the cell and wake up.
Napi::Value UnparkThere(const Napi::CallbackInfo& info) {
  Args args(info, "unpark");
  const int32_t* cell = args.SharedCell("cells");
  const uint32_t count = args.Unsigned("count");
  if (args.failed()) return {};
  return Int(info.Env(), static_cast<int32_t>(Unpark(cell, count)));
}

// parkFd() -> the descriptor that is readable when parkRead() has something.
Napi::Value ParkFd(const Napi::CallbackInfo& info) {
  return Int(info.Env(), static_cast<Sleepers*>(info.Data())->Wakeup());
}

// parkAsync(cells, index, expected, token) -> 0, and parkRead() tells when it
// has been unparked. EAGAIN where the cell does not hold `expected`.
Napi::Value ParkAsync(const Napi::CallbackInfo& info) {
  Args args(info, "parkAsync");
  int32_t* cell = args.SharedCell("cells");
  const int32_t expected = args.Int("expected");
  const int32_t token = args.Int("token");
  if (args.failed()) return {};
  return Int(info.Env(), static_cast<Sleepers*>(info.Data())->Add(cell, expected, token));
}

// parkLeave(token) -> 0. Gives up what parkAsync() has begun. 1 where it has been
// woken already: what that was for is the caller's to take or to pass on.
Napi::Value ParkLeave(const Napi::CallbackInfo& info) {
  Args args(info, "parkLeave");
  const int32_t token = args.Int("token");
  if (args.failed()) return {};
  return Int(info.Env(), static_cast<Sleepers*>(info.Data())->Remove(token));
}

// parkRead(tokens) -> how many have been unparked; their tokens are in the view.
Napi::Value ParkRead(const Napi::CallbackInfo& info) {
  Args args(info, "parkRead");
  const Span tokens = args.Int32Array("tokens", 1);
  if (args.failed()) return {};
  auto& sleepers = *static_cast<Sleepers*>(info.Data());
  const size_t capacity = tokens.size / sizeof(int32_t);
  return Int(info.Env(), sleepers.Read(reinterpret_cast<int32_t*>(tokens.data), capacity));
}

}  // namespace

void RegisterParking(Napi::Env env, Napi::Object exports, Waiting* waiting) {
  auto* sleepers = new Sleepers;
  env.AddCleanupHook([](Sleepers* garbage) { delete garbage; }, sleepers);
  Export<ParkHere>(exports, "park", waiting);
  Export<UnparkThere>(exports, "unpark");
  Export<ParkFd>(exports, "parkFd", sleepers);
  Export<ParkAsync>(exports, "parkAsync", sleepers);
  Export<ParkLeave>(exports, "parkLeave", sleepers);
  Export<ParkRead>(exports, "parkRead", sleepers);
}

}  // namespace bsd_socket
