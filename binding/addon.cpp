// The module's entry: it asks every other file for its functions.
#include "addon.h"

namespace bsd_socket {

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  Owned* owned = MakeOwned(env);
  const Napi::Object owning = Napi::Object::New(env);
  exports.Set("owned", owning);
  RegisterConstants(env, exports);
  RegisterSocketCalls(env, exports, owning, owned);
  RegisterIoCalls(env, exports);
  RegisterMessages(env, exports);
  RegisterBatches(env, exports, owning, owned);
  RegisterFiles(env, exports);
  RegisterOptions(env, exports);
  RegisterAddress(env, exports);
  RegisterInterfaces(env, exports);
  RegisterDatabases(env, exports);
  RegisterNames(env, exports);
  RegisterResolver(env, exports);
  Waiting* waiting = RegisterWait(env, exports);
  RegisterParking(env, exports, waiting);
  RegisterThreads(env, exports, waiting);
  RegisterEpoll(env, exports, owning, owned);
  RegisterPoller(env, exports);
  RegisterOwned(env, exports, owned);
  RegisterShared(env, exports, owned);
  RegisterDefaults(env, exports);
  RegisterSignals(env, exports, waiting);
  return exports;
}

NODE_API_MODULE(bsd_socket, Init)

}  // namespace bsd_socket
