/*
 * bulk-server sink|source: takes one connection after the other. A sink reads each to its end, answers how
 * many bytes there were, and never sleeps: see echo-load. A source sends until the other end closes. Neither
 * copies a byte: what is measured is the program at the other end. Prints its port; ends with its input.
 */
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "measure.h"

enum { SIZE = 1 << 18 };

static ssize_t sink(int connection) {
  return recv(connection, NULL, SIZE, MSG_TRUNC | MSG_DONTWAIT);
}

static ssize_t source(int connection) {
  static int file = -1;
  if (file < 0) {
    file = (int)checked(memfd_create("source", MFD_CLOEXEC), "memfd_create");
    checked(ftruncate(file, SIZE), "ftruncate");
  }
  off_t start = 0;
  return sendfile(connection, file, &start, SIZE);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  signal(SIGPIPE, SIG_IGN);
  const int sinks = strcmp(argv[1], "sink") == 0;
  ssize_t (*const move)(int) = sinks ? sink : source;
  const int listener = listening();
  for (;;) {
    struct pollfd ready[] = {{.fd = listener, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    checked(poll(ready, 2, -1), "poll");
    if (ready[1].revents) return 0;
    const int connection = (int)checked(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept4");
    ssize_t moved;
    long sum = 0;
    do {
      moved = move(connection);
      if (moved > 0) sum += moved;
    } while (moved > 0 || (moved < 0 && errno == EAGAIN));
    if (sinks) dprintf(connection, "%ld", sum);
    close(connection);
  }
}
