// What the files of the addon share: each of them exports its functions
// through one Register function, and this is the way a function is exported.
#pragma once

#include <napi.h>

namespace bsd_socket {

using Callback = Napi::Value (*)(const Napi::CallbackInfo&);

// Exports one function under its C name. `data` reaches it as info.Data().
template <Callback callback>
void Export(Napi::Object exports, const char* name, void* data = nullptr) {
  exports.Set(name, Napi::Function::New<callback>(exports.Env(), name, data));
}

class Waiting;
class Owned;

// The functions that make descriptors are exported twice: for the program, whose
// own the descriptors are, and under `owned`, for the sockets of an environment
// (owned.h).
Owned* MakeOwned(Napi::Env env);

void RegisterConstants(Napi::Env env, Napi::Object exports);
void RegisterSocketCalls(Napi::Env env, Napi::Object exports, Napi::Object owning, Owned* owned);
void RegisterIoCalls(Napi::Env env, Napi::Object exports);
void RegisterMessages(Napi::Env env, Napi::Object exports);
void RegisterBatches(Napi::Env env, Napi::Object exports, Napi::Object owning, Owned* owned);
void RegisterFiles(Napi::Env env, Napi::Object exports);
void RegisterOptions(Napi::Env env, Napi::Object exports);
void RegisterAddress(Napi::Env env, Napi::Object exports);
void RegisterInterfaces(Napi::Env env, Napi::Object exports);
void RegisterDatabases(Napi::Env env, Napi::Object exports);
void RegisterNames(Napi::Env env, Napi::Object exports);
void RegisterResolver(Napi::Env env, Napi::Object exports);
Waiting* RegisterWait(Napi::Env env, Napi::Object exports);
void RegisterParking(Napi::Env env, Napi::Object exports, Waiting* waiting);
void RegisterThreads(Napi::Env env, Napi::Object exports, Waiting* waiting);
void RegisterEpoll(Napi::Env env, Napi::Object exports, Napi::Object owning, Owned* owned);
void RegisterPoller(Napi::Env env, Napi::Object exports);
void RegisterOwned(Napi::Env env, Napi::Object exports, Owned* owned);
void RegisterShared(Napi::Env env, Napi::Object exports, Owned* owned);
void RegisterDefaults(Napi::Env env, Napi::Object exports);
void RegisterSignals(Napi::Env env, Napi::Object exports, Waiting* waiting);

}  // namespace bsd_socket
