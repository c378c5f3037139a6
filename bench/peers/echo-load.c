/* echo-load PORT CONNECTIONS SIZE SECONDS: each connection sends SIZE bytes, waits for them to come back, and sends again. */
#include "measure.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EVENTS = 1024, SIZE = 65536 };

static char data[SIZE];

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const int connections = atoi(argv[2]);
  const size_t size = (size_t)atol(argv[3]);
  const double seconds = atof(argv[4]);
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  size_t *left = calloc(65536, sizeof *left);
  const int epoll = (int)checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  for (int each = 0; each < connections; each++) {
    const int fd = (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    checked(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
    const int on = 1;
    checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    checked(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    left[fd] = size;
    checked(send(fd, data, size, MSG_NOSIGNAL), "send");
  }
  const double started = now();
  double at = started;
  long messages = 0;
  /* When the time is over every connection waits for its last message, so that none is reset. */
  for (int waiting = connections; waiting > 0;) {
    struct epoll_event events[EVENTS];
    const int ready = epoll_wait(epoll, events, EVENTS, 1000);
    const int over = at - started >= seconds;
    for (int each = 0; each < ready; each++) {
      const int fd = events[each].data.fd;
      const long got = checked(recv(fd, data, left[fd], 0), "recv");
      if (got == 0) {
        fprintf(stderr, "the server has closed a connection\n");
        return 1;
      }
      left[fd] -= (size_t)got;
      if (left[fd] > 0) continue;
      messages++;
      if (over) {
        waiting--;
        continue;
      }
      left[fd] = size;
      checked(send(fd, data, size, MSG_NOSIGNAL), "send");
    }
    at = now();
  }
  printf("{\"operations\":%ld,\"seconds\":%.9f,\"cpu\":%.9f}\n", messages, at - started, cpu());
  return 0;
}
