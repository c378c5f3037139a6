/* datagrams COUNT SIZE: sendto and recvfrom of SIZE bytes over UDP on loopback, between two sockets of one
 * process. */
#include "measure.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long count = atol(argv[1]);
  const size_t size = (size_t)atol(argv[2]);
  struct sockaddr_in to = loopback("0"), from;
  socklen_t length = sizeof to;
  const int receiver = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  const int sender = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  checked(bind(receiver, (struct sockaddr*)&to, length), "bind");
  checked(getsockname(receiver, (struct sockaddr*)&to, &length), "getsockname");
  char *out = malloc(size), *in = calloc(1, size);
  memset(out, 'x', size);
  MEASURE(count, {
    whole(sendto(sender, out, size, MSG_NOSIGNAL, (struct sockaddr*)&to, sizeof to), size, "sendto");
    socklen_t space = sizeof from;
    whole(recvfrom(receiver, in, size, 0, (struct sockaddr*)&from, &space), size, "recvfrom");
  });
  same(in, out, size);
  return 0;
}
