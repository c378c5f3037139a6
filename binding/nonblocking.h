// O_NONBLOCK for the length of a system call that has no flag against blocking.
#pragma once

#include <fcntl.h>

namespace bsd_socket {

class Nonblocking {
 public:
  // Sets it, unless `known` says that it is set.
  Nonblocking(int fd, bool known) : fd_(fd) {
    if (known) return;
    flags_ = fcntl(fd, F_GETFL);
    failed_ = flags_ < 0;
    if (failed_ || (flags_ & O_NONBLOCK) != 0) return;
    failed_ = fcntl(fd, F_SETFL, flags_ | O_NONBLOCK) < 0;
    switched_ = !failed_;
  }
  ~Nonblocking() {
    if (switched_) fcntl(fd_, F_SETFL, flags_);
  }
  Nonblocking(const Nonblocking&) = delete;
  Nonblocking& operator=(const Nonblocking&) = delete;

  bool failed() const { return failed_; }
  // Leaves it set.
  void Keep() { switched_ = false; }

 private:
  const int fd_;
  int flags_ = 0;
  bool failed_ = false;
  bool switched_ = false;
};

}  // namespace bsd_socket
