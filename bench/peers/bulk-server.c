/*
 * bulk-server sink|source: takes one connection after the other. A sink reads each to its end, without
 * copying what comes, so that the sender is what is measured; a source sends until the other end closes.
 * Prints its port; ends with its input.
 */
#include <poll.h>
#include <unistd.h>

#include "measure.h"

static char data[1 << 18];

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int sink = strcmp(argv[1], "sink") == 0, listener = listening();
  for (;;) {
    struct pollfd ready[] = {{.fd = listener, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    checked(poll(ready, 2, -1), "poll");
    if (ready[1].revents) return 0;
    const int connection = (int)checked(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept4");
    while ((sink ? recv(connection, data, sizeof data, MSG_TRUNC)
                 : send(connection, data, sizeof data, MSG_NOSIGNAL)) > 0) {
    }
    close(connection);
  }
}
