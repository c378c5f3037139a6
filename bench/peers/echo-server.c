/* echo-server: an epoll loop that sends back what comes, on every connection. Prints its port; ends with its
 * input. */
#include <sys/epoll.h>
#include <unistd.h>

#include "measure.h"

enum { EVENTS = 1024, SIZE = 65536 };

static int epoll;

static void add(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  checked(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

/* What one send does not take is sent by blocking: the load of the benchmarks never fills a buffer. */
static void echo(int fd) {
  static char buffer[SIZE];
  const ssize_t size = recv(fd, buffer, SIZE, MSG_DONTWAIT);
  if (size <= 0) {
    if (size == 0 || errno != EAGAIN) close(fd);
    return;
  }
  for (ssize_t sent = 0; sent < size;) {
    const ssize_t part = send(fd, buffer + sent, (size_t)(size - sent), MSG_NOSIGNAL);
    if (part < 0) {
      close(fd);
      return;
    }
    sent += part;
  }
}

int main(void) {
  many_descriptors();
  const int listener = listening();
  epoll = (int)checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  add(listener);
  add(STDIN_FILENO);
  for (;;) {
    struct epoll_event events[EVENTS];
    const int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int each = 0; each < ready; each++) {
      const int fd = events[each].data.fd;
      if (fd == STDIN_FILENO) return 0;
      if (fd != listener) {
        echo(fd);
        continue;
      }
      for (;;) {
        const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0) break;
        const int on = 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        add(connection);
      }
    }
  }
}
