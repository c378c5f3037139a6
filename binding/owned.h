// The descriptors that are closed with an environment.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <unordered_set>

#include "addon.h"
#include "result.h"

namespace bsd_socket {

// A worker can be terminated between any two steps of JavaScript. So a
// descriptor gets in here in the very call that makes it, and leaves in the one
// that closes it: in between it would belong to nobody.
class Owned {
 public:
  void Insert(int fd) { fds_.insert(fd); }
  void InsertPassed(const msghdr& message);  // the descriptors in the control messages received
  void Erase(int fd) { fds_.erase(fd); }
  void CloseAll() const {
    for (const int fd : fds_) close(fd);
  }

 private:
  std::unordered_set<int> fds_;
};

// Those of the function's environment, where it was exported with them: null of
// a function that makes descriptors for the program itself, and on the main
// thread, with whose environment the process ends.
inline Owned* OwnedOf(const Napi::CallbackInfo& info) {
  return static_cast<Owned*>(info.Data());
}

// The result of a system call that makes a descriptor.
inline Napi::Value MadeDescriptor(const Napi::CallbackInfo& info, int fd) {
  if (fd < 0) return Result(info.Env(), -1);
  if (Owned* owned = OwnedOf(info)) owned->Insert(fd);
  return Int(info.Env(), fd);
}

}  // namespace bsd_socket
