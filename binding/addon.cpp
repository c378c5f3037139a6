// The module's entry: it asks every other file for its functions.
#include "addon.h"

namespace bsd_socket {

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  RegisterConstants(env, exports);
  RegisterSocketCalls(env, exports);
  RegisterIoCalls(env, exports);
  RegisterMessages(env, exports);
  RegisterBatches(env, exports);
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
  RegisterEpoll(env, exports);
  RegisterPoller(env, exports);
  RegisterOwned(env, exports);
  RegisterShared(env, exports);
  RegisterDefaults(env, exports);
  RegisterSignals(env, exports, waiting);
  return exports;
}

NODE_API_MODULE(bsd_socket, Init)

}  // namespace bsd_socket
