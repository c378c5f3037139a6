// Readiness for the event loop: one set of descriptors (epoll on Linux) for the
// whole environment, and one uv_poll handle that says when a member is ready.
// (One for each copy of the library's JavaScript, should a program have two.)
//
// Why not a uv_poll handle for each descriptor: libuv makes its epoll_ctl calls
// later, inside the loop, and aborts the process when one fails, as it does for
// a descriptor that somebody has closed meanwhile. Here epoll_ctl runs at once
// and its errno goes to the caller. One epoll_wait also brings all that is ready
// in this turn of the loop, so that JavaScript is entered once for all of it.
//
// Rules: the loop is the environment's own, which in a worker is not the default
// loop; the handle keeps the loop alive only while the board counts pending
// calls; it is closed by an asynchronous clean-up hook, since a worker that
// exits with an open handle aborts the process, and with a plain hook the
// addon's code may be gone before libuv calls back.
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "addon.h"
#include "args.h"
#include "platform.h"
#include "result.h"
#include "uv_opaque.h"

namespace bsd_socket {

namespace {

// The board is an Int32Array that both sides read and write: two cells, then
// the events of one turn as pairs of token and events.
constexpr size_t kPending = 0;     // how many calls wait; JavaScript counts
constexpr size_t kDelivering = 1;  // 1 while native code delivers events
constexpr size_t kEvents = 2;

struct Poller {
  napi_env env = nullptr;
  uv_poll_s* handle = nullptr;
  int set = -1;
  napi_ref board = nullptr;
  napi_ref deliver = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
};

// Those of one environment; their index is their name in JavaScript.
using Pollers = std::vector<Poller*>;

uv_handle_s* Base(uv_poll_s* handle) {
  return reinterpret_cast<uv_handle_s*>(handle);
}

napi_value Referenced(const Poller& poller, napi_ref reference) {
  napi_value value = nullptr;
  napi_get_reference_value(poller.env, reference, &value);
  return value;
}

struct Board {
  int32_t* cells = nullptr;
  size_t count = 0;

  bool usable() const { return count > kEvents; }
};

// Asked for anew after each call into JavaScript, which may have detached it.
Board BoardOf(const Poller& poller) {
  Board board;
  void* data = nullptr;
  const napi_status status = napi_get_typedarray_info(poller.env, Referenced(poller, poller.board), nullptr,
                                                      &board.count, &data, nullptr, nullptr);
  if (status != napi_ok) return {};
  board.cells = static_cast<int32_t*>(data);
  return board;
}

void KeepAlive(const Poller& poller, bool alive) {
  if (alive) {
    uv_ref(Base(poller.handle));
  } else {
    uv_unref(Base(poller.handle));
  }
}

// Through a callback scope, so that promises settle before the loop goes on.
void Deliver(const Poller& poller, int count) {
  napi_value argument = nullptr;
  napi_create_int32(poller.env, count, &argument);
  napi_value global = nullptr;
  napi_get_global(poller.env, &global);
  const napi_status status = napi_make_callback(poller.env, poller.context, global,
                                                Referenced(poller, poller.deliver), 1, &argument, nullptr);
  if (status != napi_pending_exception) return;
  napi_value error = nullptr;
  napi_get_and_clear_last_exception(poller.env, &error);
  napi_fatal_exception(poller.env, error);
}

void Ready(uv_poll_s* handle, int, int) {
  const auto& poller = *static_cast<const Poller*>(uv_handle_get_data(Base(handle)));
  const Napi::HandleScope scope(poller.env);
  Board board = BoardOf(poller);
  if (board.usable()) {
    auto* events = reinterpret_cast<platform::Readiness*>(board.cells + kEvents);
    const int count = platform::ReadSet(poller.set, events, static_cast<int>((board.count - kEvents) / 2));
    if (count <= 0) return;
    board.cells[kDelivering] = 1;
    Deliver(poller, count);
    board = BoardOf(poller);
  }
  if (!board.usable()) {
    // Its memory has been taken away: nobody can be told of anything any more.
    uv_poll_stop(handle);
    return;
  }
  // Most calls that settled here have been followed by the next one already;
  // only what is left at the end decides, which saves two calls a message.
  board.cells[kDelivering] = 0;
  KeepAlive(poller, board.cells[kPending] > 0);
}

void Finish(Poller* poller) {
  napi_remove_async_cleanup_hook(poller->hook);
  delete poller;
}

void CleanUp(napi_async_cleanup_hook_handle, void* data) {
  auto* poller = static_cast<Poller*>(data);
  napi_delete_reference(poller->env, poller->board);
  napi_delete_reference(poller->env, poller->deliver);
  napi_async_destroy(poller->env, poller->context);
  uv_close(Base(poller->handle), [](uv_handle_s* handle) {
    auto* closed = static_cast<Poller*>(uv_handle_get_data(handle));
    close(closed->set);
    free(handle);
    Finish(closed);
  });
}

// pollerOpen(board, deliver) -> the poller's number. deliver(count) is called
// with as many events on the board.
Napi::Value PollerOpen(const Napi::CallbackInfo& info) {
  Args args(info, "pollerOpen");
  const Napi::Value board = info[0];
  args.Int32Array("board", kEvents + 2);
  const Napi::Function deliver = args.Function("deliver");
  if (args.failed()) return {};

  const int set = platform::CreateSet();
  if (set < 0) return Result(info.Env(), -1);
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  auto* handle = static_cast<uv_poll_s*>(calloc(1, uv_handle_size(UV_POLL)));
  const int error = uv_poll_init(loop, handle, set);
  if (error < 0) {
    free(handle);
    close(set);
    return Int(info.Env(), error);
  }
  auto* poller = new Poller;
  poller->env = info.Env();
  poller->handle = handle;
  poller->set = set;
  napi_create_reference(poller->env, board, 1, &poller->board);
  napi_create_reference(poller->env, deliver, 1, &poller->deliver);
  napi_async_init(poller->env, nullptr, Napi::String::New(info.Env(), "bsd-socket"), &poller->context);
  napi_add_async_cleanup_hook(poller->env, CleanUp, poller, &poller->hook);
  uv_handle_set_data(Base(handle), poller);
  uv_poll_start(handle, UV_READABLE, Ready);
  KeepAlive(*poller, BoardOf(*poller).cells[kPending] > 0);
  auto& pollers = *static_cast<Pollers*>(info.Data());
  pollers.push_back(poller);
  return Int(info.Env(), static_cast<int32_t>(pollers.size() - 1));
}

const Poller* PollerOf(const Napi::CallbackInfo& info, uint32_t number) {
  const auto& pollers = *static_cast<const Pollers*>(info.Data());
  return number < pollers.size() ? pollers[number] : nullptr;
}

// pollerChange(poller, fd, token, before, events) -> 0. Both masks are of
// READABLE, WRITABLE and PRIORITY; `before` is what the last call for `fd` asked
// for, and no events take it out of the set.
Napi::Value PollerChange(const Napi::CallbackInfo& info) {
  Args args(info, "pollerChange");
  const Poller* poller = PollerOf(info, args.Unsigned("poller"));
  const int fd = args.Int("fd");
  const int token = args.Int("token");
  const int before = args.Int("before");
  const int events = args.Int("events");
  if (args.failed()) return {};
  if (poller == nullptr) return Int(info.Env(), -EBADF);
  return Result(info.Env(), platform::ChangeSet(poller->set, fd, token, before, events));
}

// pollerRef(poller, on) -> undefined. Whether the set keeps the event loop
// alive; for changes outside a delivery, after which the board decides.
Napi::Value PollerRef(const Napi::CallbackInfo& info) {
  Args args(info, "pollerRef");
  const Poller* poller = PollerOf(info, args.Unsigned("poller"));
  const bool on = args.Bool("on");
  if (!args.failed() && poller != nullptr) KeepAlive(*poller, on);
  return {};
}

}  // namespace

void RegisterPoller(Napi::Env env, Napi::Object exports) {
  auto* pollers = new Pollers;
  env.AddCleanupHook([](Pollers* garbage) { delete garbage; }, pollers);
  Export<PollerOpen>(exports, "pollerOpen", pollers);
  Export<PollerChange>(exports, "pollerChange", pollers);
  Export<PollerRef>(exports, "pollerRef", pollers);
}

}  // namespace bsd_socket
