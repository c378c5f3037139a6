// Signals that arrive while JavaScript runs. libuv's handler takes note of them
// for the event loop, but the next poll(2) knows nothing of that: a thread that
// polls again and again, without a turn of its event loop in between, would
// never learn that somebody wants it to end.
//
// So for a while each such signal is also sent, as a byte, to a socket that the
// thread polls. The handler that was there before is called as ever.
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>

#include "addon.h"
#include "args.h"
#include "result.h"

namespace bsd_socket {

namespace {

using Action = struct sigaction;

// Handlers belong to the process, and so does all of this.
std::atomic<int> target{-1};
std::atomic<int> running{0};
std::atomic<bool> watched[NSIG];
Action before[NSIG];

void Note(int signum, siginfo_t* info, void* context) {
  ++running;
  const int saved = errno;
  const int fd = target;
  // One byte more or less does not matter where there is no room.
  if (fd >= 0) send(fd, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  errno = saved;
  const Action& other = before[signum];
  if (other.sa_flags & SA_SIGINFO) {
    other.sa_sigaction(signum, info, context);
  } else {
    other.sa_handler(signum);
  }
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

// signalWatch(fd, signums) -> 0. Sends a byte to the socket `fd` whenever one of
// the signals arrives for which there is a handler. One socket at a time: EBUSY.
Napi::Value SignalWatch(const Napi::CallbackInfo& info) {
  Args args(info, "signalWatch");
  const int fd = args.Int("fd");
  const Span signums = args.Int32Array("signums", 0);
  if (args.failed()) return {};
  int none = -1;
  if (!target.compare_exchange_strong(none, fd)) return Int(info.Env(), -EBUSY);
  const auto* numbers = reinterpret_cast<const int32_t*>(signums.data);
  for (size_t index = 0; index < signums.size / sizeof(int32_t); index++) {
    if (numbers[index] > 0 && numbers[index] < NSIG) Watch(numbers[index]);
  }
  return Int(info.Env(), 0);
}

// signalUnwatch() -> undefined. Nothing is sent any more when it returns.
Napi::Value SignalUnwatch(const Napi::CallbackInfo&) {
  for (int signum = 1; signum < NSIG; signum++) Unwatch(signum);
  target = -1;
  // A handler may run on another thread.
  while (running != 0) {
  }
  return {};
}

}  // namespace

void RegisterSignals(Napi::Env, Napi::Object exports) {
  Export<SignalWatch>(exports, "signalWatch");
  Export<SignalUnwatch>(exports, "signalUnwatch");
}

}  // namespace bsd_socket
