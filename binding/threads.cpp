// The threads of bsd-socket/threading, of which a worker runs one after the
// other. What native code has to do with them is what JavaScript cannot: to say
// that a thread is over when its worker is ended from outside, by exit() or for
// want of memory, and to end its waits when it is interrupted.
//
// A worker's state is an Int32Array of shared memory (lib/threading/record.ts),
// on which those wait who join its threads, and its owner who is about to end;
// the census counts those of all workers that belong together.
#include <cerrno>
#include <climits>
#include <memory>

#include "addon.h"
#include "args.h"
#include "parking.h"
#include "platform.h"
#include "result.h"
#include "waiting.h"

namespace bsd_socket {

namespace {

// The cells of a record.
constexpr size_t kState = 0;
constexpr size_t kStarted = 1;      // the number of the last thread that was started
constexpr size_t kFinished = 2;     // the number of the last one that is over
constexpr size_t kInterrupted = 3;  // the number of the one to be interrupted
constexpr size_t kKeeps = 4;        // whether the running one keeps the process alive
constexpr size_t kRecord = 5;
// Of the values of kState.
constexpr int32_t kRunning = 1;
constexpr int32_t kDead = 3;

// The cells of the census: how many threads run, and how many of them keep the
// process alive.
constexpr size_t kAlive = 0;
constexpr size_t kKeeping = 1;
constexpr size_t kCensus = 2;

int32_t Load(const int32_t* cell) {
  return __atomic_load_n(cell, __ATOMIC_SEQ_CST);
}

void Store(int32_t* cell, int32_t value) {
  __atomic_store_n(cell, value, __ATOMIC_SEQ_CST);
}

void Discount(int32_t* census, bool keeps) {
  __atomic_fetch_sub(census + kAlive, 1, __ATOMIC_SEQ_CST);
  if (!keeps) return;
  const int32_t before = __atomic_fetch_sub(census + kKeeping, 1, __ATOMIC_SEQ_CST);
  if (before == 1) Unpark(census + kKeeping, kEverybody);
}

// The running thread is over, and the worker is in another state. Its number is
// published last: whoever learns of the end finds the worker free.
void End(int32_t* record, int32_t* census, int32_t state) {
  const int32_t number = Load(record + kStarted);
  const bool keeps = Load(record + kKeeps) != 0;
  // Before the state, by which the next thread may begin and count itself.
  if (state != kDead) Discount(census, keeps);
  const int32_t before = __atomic_exchange_n(record + kState, state, __ATOMIC_SEQ_CST);
  if (state == kDead && before == kRunning) Discount(census, keeps);
  Store(record + kFinished, state == kDead ? INT_MAX : number);
  Unpark(record + kFinished, kEverybody);
  Unpark(record + kState, 1);
}

// What an environment knows of its own threads.
class Worker : public Parked {
 public:
  Worker(Napi::TypedArray record, int32_t* cells, Napi::TypedArray census, int32_t* counts, Waiting* waiting,
         int wakeup)
      : Parked(cells + kInterrupted),
        record_(Napi::Persistent(static_cast<Napi::Object>(record))),
        census_(Napi::Persistent(static_cast<Napi::Object>(census))),
        cells_(cells),
        counts_(counts),
        waiting_(waiting),
        wakeup_(wakeup) {
    waiting_->Interruptible(cells_ + kInterrupted, cells_ + kStarted);
    Park(this);
  }

  ~Worker() override {
    Leave(this);
    waiting_->Interruptible(nullptr, nullptr);
    End(cells_, counts_, kDead);
  }

  void Wake() override { platform::Wake(wakeup_); }
  bool stays() const override { return true; }

 private:
  const Napi::ObjectReference record_;
  const Napi::ObjectReference census_;
  int32_t* const cells_;
  int32_t* const counts_;
  Waiting* const waiting_;
  const int wakeup_;
};

struct Slot {
  Waiting* waiting;
  std::unique_ptr<Worker> worker;
};

// threadWorker(record, census) -> 0. This environment is the worker of the
// record from now on: interrupts reach its waits, and with it its thread ends.
// EALREADY where it is one already.
Napi::Value ThreadWorker(const Napi::CallbackInfo& info) {
  Args args(info, "threadWorker");
  int32_t* record = args.SharedCells("record", kRecord);
  int32_t* census = args.SharedCells("census", kCensus);
  if (args.failed()) return {};
  auto& slot = *static_cast<Slot*>(info.Data());
  if (slot.worker != nullptr) return Int(info.Env(), -EALREADY);
  const int wakeup = slot.waiting->Wakeup();
  if (wakeup < 0) return Int(info.Env(), wakeup);
  slot.worker = std::make_unique<Worker>(info[0].As<Napi::TypedArray>(), record,
                                         info[1].As<Napi::TypedArray>(), census, slot.waiting, wakeup);
  return Int(info.Env(), 0);
}

// threadEnd(record, census, state) -> undefined. The thread that runs by the
// record is over, and its worker is in the state from now on.
Napi::Value ThreadEnd(const Napi::CallbackInfo& info) {
  Args args(info, "threadEnd");
  int32_t* record = args.SharedCells("record", kRecord);
  int32_t* census = args.SharedCells("census", kCensus);
  const int32_t state = args.Int("state");
  if (!args.failed()) End(record, census, state);
  return {};
}

// threadsHurry() -> undefined. The process is about to end: node ends one worker
// after the other, and waits for each to come back from where it is blocked.
Napi::Value ThreadsHurry(const Napi::CallbackInfo&) {
  Waiting::Hurry();
  WakeStaying();
  return {};
}

}  // namespace

void RegisterThreads(Napi::Env env, Napi::Object exports, Waiting* waiting) {
  auto* slot = new Slot{waiting, nullptr};
  env.AddCleanupHook([](Slot* garbage) { delete garbage; }, slot);
  Export<ThreadWorker>(exports, "threadWorker", slot);
  Export<ThreadEnd>(exports, "threadEnd");
  Export<ThreadsHurry>(exports, "threadsHurry");
}

}  // namespace bsd_socket
