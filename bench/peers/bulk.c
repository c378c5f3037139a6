/* bulk send|recv PORT COUNT SIZE: COUNT blocks of SIZE bytes to `bulk-server sink`, or from `bulk-server
 * source`. */
#include "measure.h"

static size_t size;
static char* block;

static void sending(int fd, long count) {
  for (; count > 0; count--) {
    for (size_t sent = 0; sent < size;) {
      sent += (size_t)checked(send(fd, block + sent, size - sent, MSG_NOSIGNAL), "send");
    }
  }
}

static void receiving(int fd, long count) {
  for (long left = count * (long)size; left > 0;) left -= checked(recv(fd, block, size, 0), "recv");
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const int fd = connected(argv[2]), outward = strcmp(argv[1], "send") == 0;
  void (*const move)(int, long) = outward ? sending : receiving;
  const long count = atol(argv[3]);
  size = (size_t)atol(argv[4]);
  block = malloc(size);
  memset(block, 'x', size);
  move(fd, count / 10);
  const double started = now(), used = cpu();
  move(fd, count);
  if (outward) {
    /* The sink says how much it has got. */
    checked(shutdown(fd, SHUT_WR), "shutdown");
    char text[32] = "";
    checked(recv(fd, text, sizeof text - 1, MSG_WAITALL), "recv");
    whole(atol(text), (size_t)(count / 10 + count) * size, "send");
  }
  report(count, now() - started, cpu() - used);
  return 0;
}
