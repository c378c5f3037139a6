/* What the C programs of the benchmarks share: the clocks, the line that says what was measured, and a
 * server's socket. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

static inline long checked(long result, const char* what) {
  if (result >= 0) return result;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* For a call that moves data: all of it. */
static inline void whole(long result, size_t size, const char* what) {
  if ((size_t)checked(result, what) == size) return;
  fprintf(stderr, "%s: %ld bytes of %zu\n", what, result, size);
  exit(1);
}

/* What has come is what was sent. */
static inline void same(const void* came, const void* sent, size_t size) {
  if (memcmp(came, sent, size) == 0) return;
  fprintf(stderr, "what has come is not what was sent\n");
  exit(1);
}

static inline double clock_of(clockid_t clock) {
  struct timespec at;
  checked(clock_gettime(clock, &at), "clock_gettime");
  return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static inline double now(void) {
  return clock_of(CLOCK_MONOTONIC);
}

static inline double cpu(void) {
  return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* The CPU time of another process so far: of all its threads, those that have ended among them. */
static inline double cpu_of(const char* pid) {
  clockid_t clock;
  errno = clock_getcpuclockid((pid_t)atol(pid), &clock);
  checked(-errno, "clock_getcpuclockid");
  return clock_of(clock);
}

static inline void report(long operations, double seconds, double used) {
  printf("{\"operations\":%ld,\"seconds\":%.9f,\"cpu\":%.9f}\n", operations, seconds, used);
}

/* Does `count` operations, a tenth of them before the clocks are started. */
#define MEASURE(count, operation)                               \
  do {                                                          \
    for (long warm = (count) / 10; warm > 0; warm--) operation; \
    const double started = now(), used = cpu();                 \
    for (long left = (count); left > 0; left--) operation;      \
    report(count, now() - started, cpu() - used);               \
  } while (0)

static inline struct sockaddr_in loopback(const char* port) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((unsigned short)atoi(port)),
                              .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static inline int connected(const char* port) {
  struct sockaddr_in to = loopback(port);
  const int fd = (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"), on = 1;
  checked(connect(fd, (struct sockaddr*)&to, sizeof to), "connect");
  checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
  return fd;
}

/* A listening socket that does not block. Prints its port. */
static inline int listening(void) {
  struct sockaddr_in at = loopback("0");
  socklen_t length = sizeof at;
  const int fd = (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  checked(bind(fd, (struct sockaddr*)&at, length), "bind");
  checked(listen(fd, 4096), "listen");
  checked(getsockname(fd, (struct sockaddr*)&at, &length), "getsockname");
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

/* As many descriptors as the machine allows. */
static inline void many_descriptors(void) {
  struct rlimit limit;
  checked(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  checked(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}
