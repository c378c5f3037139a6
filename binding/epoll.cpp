// epoll(7) as it is, for programs that ask for it; the event loop's own set is
// in poller.cpp. Nothing waits here: a set is itself a descriptor that poll(2)
// waits for, in wait.cpp, where slices, signals and interruption are.
#ifdef __linux__

#include <sys/epoll.h>

#include <cstddef>

#include "addon.h"
#include "args.h"
#include "owned.h"
#include "result.h"

namespace bsd_socket {

namespace {

// epoll_create1(flags) -> a descriptor, close-on-exec
Napi::Value EpollCreate1(const Napi::CallbackInfo& info) {
  Args args(info, "epoll_create1");
  const int flags = args.Int("flags");
  if (args.failed()) return {};
  return MadeDescriptor(info, epoll_create1(flags | EPOLL_CLOEXEC));
}

// epoll_ctl(epfd, op, fd, events, data) -> 0. `data` comes back with the events.
Napi::Value EpollCtl(const Napi::CallbackInfo& info) {
  Args args(info, "epoll_ctl");
  const int set = args.Int("epfd");
  const int operation = args.Int("op");
  const int fd = args.Int("fd");
  epoll_event event = {};
  event.events = args.Bits("events");
  event.data.fd = args.Int("data");
  if (args.failed()) return {};
  return Result(info.Env(), epoll_ctl(set, operation, fd, &event));
}

// epoll_wait(epfd, events, maxevents) -> how many events were written to the
// view, each a struct epoll_event. Never waits.
Napi::Value EpollWait(const Napi::CallbackInfo& info) {
  Args args(info, "epoll_wait");
  const int set = args.Int("epfd");
  const Span view = args.Bytes("events");
  const size_t room = view.size / sizeof(epoll_event);
  const uint32_t most =
      args.Unsigned("maxevents", static_cast<uint32_t>(room < INT32_MAX ? room : INT32_MAX));
  if (args.failed()) return {};
  auto* events = reinterpret_cast<epoll_event*>(view.data);
  return Result(info.Env(), epoll_wait(set, events, static_cast<int>(most), 0));
}

}  // namespace

void RegisterEpoll(Napi::Env env, Napi::Object exports, Napi::Object owning, Owned* owned) {
  // The structure is packed on some architectures and padded on others.
  exports.Set("EPOLL_EVENT_SIZE", Napi::Number::New(env, sizeof(epoll_event)));
  exports.Set("EPOLL_DATA_OFFSET", Napi::Number::New(env, offsetof(epoll_event, data)));
  Export<EpollCreate1>(exports, "epoll_create1");
  Export<EpollCtl>(exports, "epoll_ctl");
  Export<EpollWait>(exports, "epoll_wait");
  Export<EpollCreate1>(owning, "epoll_create1", owned);
}

}  // namespace bsd_socket

#else

#include "addon.h"

namespace bsd_socket {

void RegisterEpoll(Napi::Env, Napi::Object, Napi::Object, Owned*) {}

}  // namespace bsd_socket

#endif
