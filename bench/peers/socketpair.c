/* socketpair COUNT SIZE: send and recv of SIZE bytes over a Unix stream pair; the data is always ready. */
#include "measure.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long count = atol(argv[1]);
  const size_t size = (size_t)atol(argv[2]);
  int pair[2];
  checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
  char *out = malloc(size), *in = calloc(1, size);
  memset(out, 'x', size);
  MEASURE(count, {
    whole(send(pair[0], out, size, MSG_NOSIGNAL), size, "send");
    whole(recv(pair[1], in, size, 0), size, "recv");
  });
  same(in, out, size);
  return 0;
}
