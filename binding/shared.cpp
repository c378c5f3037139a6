// Descriptors on their way from one environment to another, for Socket.share()
// and fromshare(): duplicates that wait, under an id, for whoever claims them.
// The table belongs to the process, so that an id that somebody made up, or
// that is of another process, leads nowhere and touches no descriptor. An entry
// is taken out exactly once: claimed, given up, or with the environment that
// put it in, which closes what nobody has claimed.
//
// A socket can also stay in the table, as a bell: whoever knows the id sends a
// byte on it, and nobody closes it in that moment.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <string>
#include <unordered_map>

#include "addon.h"
#include "args.h"
#include "owned.h"
#include "result.h"

namespace bsd_socket {

namespace {

struct Entry {
  int fd;
  const void* owner;
};

class Table {
 public:
  bool Put(const std::string& id, const Entry& entry) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return entries_.emplace(id, entry).second;
  }

  // The descriptor, which is the caller's from now on; -1 where there is none.
  int Take(const std::string& id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return -1;
    const int fd = found->second.fd;
    entries_.erase(found);
    return fd;
  }

  // Sends a byte on the socket, which stays. Returns 0 or -errno.
  int Ring(const std::string& id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return -ENOENT;
    return send(found->second.fd, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
  }

  void CloseAllOf(const void* owner) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (entry->second.owner != owner) {
        ++entry;
        continue;
      }
      close(entry->second.fd);
      entry = entries_.erase(entry);
    }
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

Table& SharedTable() {
  static Table table;
  return table;
}

// share(fd, id) -> 0. Puts a duplicate of the descriptor, close-on-exec, under
// the id. EEXIST where the id is taken.
Napi::Value Share(const Napi::CallbackInfo& info) {
  Args args(info, "share");
  const int fd = args.Int("fd");
  const std::string id = args.String("id");
  if (args.failed()) return {};
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return Result(info.Env(), -1);
  if (SharedTable().Put(id, {copy, info.Data()})) return Int(info.Env(), 0);
  close(copy);
  return Int(info.Env(), -EEXIST);
}

// claim(id) -> fd, which is closed with the environment from now on. ENOENT
// where nothing waits under the id.
Napi::Value Claim(const Napi::CallbackInfo& info) {
  Args args(info, "claim");
  const std::string id = args.String("id");
  if (args.failed()) return {};
  const int fd = SharedTable().Take(id);
  return fd < 0 ? Int(info.Env(), -ENOENT) : MadeDescriptor(info, fd);
}

// unshare(id) -> 0. Closes what waits under the id; ENOENT where nothing does.
Napi::Value Unshare(const Napi::CallbackInfo& info) {
  Args args(info, "unshare");
  const std::string id = args.String("id");
  if (args.failed()) return {};
  const int fd = SharedTable().Take(id);
  if (fd < 0) return Int(info.Env(), -ENOENT);
  close(fd);
  return Int(info.Env(), 0);
}

// ring(id) -> 0. Sends a byte on the socket under the id, which stays there;
// ENOENT where there is none, EAGAIN where there is no room for it.
Napi::Value Ring(const Napi::CallbackInfo& info) {
  Args args(info, "ring");
  const std::string id = args.String("id");
  if (args.failed()) return {};
  return Int(info.Env(), SharedTable().Ring(id));
}

}  // namespace

void RegisterShared(Napi::Env env, Napi::Object exports, Owned* owned) {
  // Its address is what tells one environment from another.
  auto* owner = new char;
  env.AddCleanupHook(
      [](char* garbage) {
        SharedTable().CloseAllOf(garbage);
        delete garbage;
      },
      owner);
  Export<Share>(exports, "share", owner);
  Export<Claim>(exports, "claim", owned);
  Export<Unshare>(exports, "unshare");
  Export<Ring>(exports, "ring");
}

}  // namespace bsd_socket
