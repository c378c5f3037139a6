#include "lookup.h"

namespace bsd_socket {

namespace {

struct Job {
  std::unique_ptr<Lookup> lookup;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

void Execute(napi_env, void* data) {
  static_cast<Job*>(data)->lookup->Run();
}

void Complete(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  napi_delete_async_work(env, job->work);
  // Cancelled work belongs to an environment that ends: nobody waits any more.
  if (status != napi_ok) return;
  const Napi::HandleScope scope(env);
  napi_resolve_deferred(env, job->deferred, job->lookup->Outcome(env));
}

}  // namespace

Napi::Value Enqueue(Napi::Env env, std::unique_ptr<Lookup> lookup, const char* function) {
  auto job = std::make_unique<Job>();
  job->lookup = std::move(lookup);
  napi_value promise = nullptr;
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_async_work(env, nullptr, Napi::String::New(env, function), Execute, Complete, job.get(),
                         &job->work);
  napi_queue_async_work(env, job.release()->work);
  return {env, promise};
}

}  // namespace bsd_socket
