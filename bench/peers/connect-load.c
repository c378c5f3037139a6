/*
 * connect-load PORT PID COUNT PARALLEL: COUNT connections, PARALLEL at a time, each closed when the server
 * has closed it. Measures the CPU time of the server, process PID, after half as many that warm it up. Never
 * sleeps: see echo-load.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include "measure.h"

enum { EVENTS = 256 };

static struct sockaddr_in to;
static int epoll;

static void begin(void) {
  const int fd = (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  if (connect(fd, (struct sockaddr*)&to, sizeof to) < 0 && errno != EINPROGRESS) checked(-1, "connect");
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  checked(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void connections(long count, long parallel) {
  long begun = 0;
  while (begun < count && begun < parallel) begin(), begun++;
  for (long ended = 0; ended < count;) {
    struct epoll_event events[EVENTS];
    const int ready = (int)checked(epoll_wait(epoll, events, EVENTS, 0), "epoll_wait");
    for (int each = 0; each < ready; each++, ended++) {
      char byte;
      checked(recv(events[each].data.fd, &byte, 1, 0), "recv");
      close(events[each].data.fd);
      if (begun < count) begin(), begun++;
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const long count = atol(argv[3]), parallel = atol(argv[4]);
  to = loopback(argv[1]);
  epoll = (int)checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  connections(count / 2, parallel);
  const double started = now(), used = cpu_of(argv[2]);
  connections(count, parallel);
  report(count, now() - started, cpu_of(argv[2]) - used);
  return 0;
}
