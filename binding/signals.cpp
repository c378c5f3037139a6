// Signals to which the program listens, for a main thread that is blocked in
// poll(2): each ends one wait there, so that its listener can run.
//
// EINTR alone does not tell of them. It tells nothing of a signal that arrived
// before the wait. It comes after every signal, also after those that node
// handles for its own ends, as when a child process is over. And it does not
// come where the kernel has let another thread of node's run the handler.
//
// So libuv's handler is wrapped: it is called as ever, and after it a flag is
// set and the main thread woken, whichever thread that was on.
#include <signal.h>

#include <atomic>
#include <cerrno>

#include "addon.h"
#include "args.h"
#include "platform.h"
#include "result.h"
#include "waiting.h"

namespace bsd_socket {

namespace {

using Action = struct sigaction;

// Handlers belong to the process, and so does all of this.
std::atomic<bool> arrived{false};
std::atomic<int> target{-1};
std::atomic<int> running{0};
std::atomic<bool> watched[NSIG];
Action before[NSIG];

void Note(int signum, siginfo_t* info, void* context) {
  ++running;
  const Action& other = before[signum];
  if (other.sa_flags & SA_SIGINFO) {
    other.sa_sigaction(signum, info, context);
  } else {
    other.sa_handler(signum);
  }
  // After that: who is woken finds the event loop knowing of it.
  const int saved = errno;
  arrived = true;
  const int wakeup = target;
  if (wakeup >= 0) platform::Wake(wakeup);
  errno = saved;
  --running;
}

bool IsOurs(const Action& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == Note;
}

void Watch(int signum) {
  Action current;
  if (sigaction(signum, nullptr, &current) != 0 || IsOurs(current)) return;
  // Nobody listens after all.
  if (!(current.sa_flags & SA_SIGINFO) && (current.sa_handler == SIG_DFL || current.sa_handler == SIG_IGN))
    return;
  before[signum] = current;
  watched[signum] = true;
  current.sa_flags |= SA_SIGINFO;
  current.sa_sigaction = Note;
  sigaction(signum, &current, nullptr);
}

void Unwatch(int signum) {
  if (!watched[signum].exchange(false)) return;
  Action current;
  // libuv may have set another meanwhile.
  if (sigaction(signum, nullptr, &current) == 0 && IsOurs(current))
    sigaction(signum, &before[signum], nullptr);
}

void UnwatchAll() {
  for (int signum = 1; signum < NSIG; signum++) Unwatch(signum);
  target = -1;
  // A handler may run on another thread.
  while (running != 0) {
  }
}

// signalWatch(signums) -> the descriptor that is readable when one of these has
// arrived, those of which there is a handler. ENOTSUP in a worker.
Napi::Value SignalWatch(const Napi::CallbackInfo& info) {
  Args args(info, "signalWatch");
  const Span signums = args.Int32Array("signums", 0);
  if (args.failed()) return {};
  auto& waiting = *static_cast<Waiting*>(info.Data());
  const int wakeup = waiting.EndBySignals(&arrived);
  if (wakeup < 0) return Int(info.Env(), wakeup);
  target = wakeup;
  const auto* numbers = reinterpret_cast<const int32_t*>(signums.data);
  for (size_t index = 0; index < signums.size / sizeof(int32_t); index++) {
    if (numbers[index] > 0 && numbers[index] < NSIG) Watch(numbers[index]);
  }
  return Int(info.Env(), wakeup);
}

// signalTake() -> whether one has arrived that has ended no wait yet; it will
// end none then.
Napi::Value SignalTake(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), static_cast<Waiting*>(info.Data())->TakeSignal());
}

}  // namespace

void RegisterSignals(Napi::Env env, Napi::Object exports, Waiting* waiting) {
  // Before the descriptor is closed, as cleanup hooks run in reverse order.
  env.AddCleanupHook(
      [](Waiting* leaving) {
        if (leaving->TakesSignals()) UnwatchAll();
      },
      waiting);
  Export<SignalWatch>(exports, "signalWatch", waiting);
  Export<SignalTake>(exports, "signalTake", waiting);
}

}  // namespace bsd_socket
