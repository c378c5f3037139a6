/*
 * echo-load PORT PID WARM SECONDS CONNECTIONS SIZE: on each connection SIZE bytes go out, and again when they
 * have come back. Measures the CPU time of the server, process PID, for SECONDS after WARM seconds of the
 * same load.
 */
#include <sys/epoll.h>

#include "measure.h"

enum { EVENTS = 1024, SIZE = 65536 };

static char data[SIZE], answer[SIZE];
static size_t size, *left;
static int epoll;

/*
 * Takes the answers that are there. Returns how many are whole; `further` says whether their connections send
 * again. It never sleeps: a load that has to be woken lets the server sleep meanwhile, and what is measured
 * then is how fast they wake each other.
 */
static long answers(int further) {
  struct epoll_event events[EVENTS];
  const int ready = epoll_wait(epoll, events, EVENTS, 0);
  long came = 0;
  for (int each = 0; each < ready; each++) {
    const int fd = events[each].data.fd;
    const long got = checked(recv(fd, answer, left[fd], 0), "recv");
    if (got == 0) {
      fprintf(stderr, "the server has closed a connection\n");
      exit(1);
    }
    same(answer, data, (size_t)got);
    left[fd] -= (size_t)got;
    if (left[fd] > 0) continue;
    came++;
    if (!further) continue;
    left[fd] = size;
    whole(send(fd, data, size, MSG_NOSIGNAL), size, "send");
  }
  return came;
}

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const double warm = atof(argv[3]), seconds = atof(argv[4]);
  const int connections = atoi(argv[5]);
  size = (size_t)atol(argv[6]);
  memset(data, 'x', size);
  left = calloc(65536, sizeof *left);
  epoll = (int)checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  many_descriptors();
  for (int each = 0; each < connections; each++) {
    const int fd = connected(argv[1]);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    checked(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    left[fd] = size;
    whole(send(fd, data, size, MSG_NOSIGNAL), size, "send");
  }
  for (const double started = now(); now() - started < warm;) answers(1);
  const double started = now(), used = cpu_of(argv[2]);
  long messages = 0;
  while (now() - started < seconds) messages += answers(1);
  report(messages, now() - started, cpu_of(argv[2]) - used);
  /* Every connection waits for its last answer, so that none is reset. */
  for (long waiting = connections; waiting > 0;) waiting -= answers(0);
  return 0;
}
