/* datagrams COUNT SIZE: sendto and recvfrom of SIZE bytes over UDP on loopback, between two sockets of one process. */
#include "measure.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  const long count = atol(argv[1]);
  const size_t size = (size_t)atol(argv[argc - 1]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, from;
  socklen_t length = sizeof to;
  const int receiver = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  const int sender = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  checked(bind(receiver, (struct sockaddr *)&to, length), "bind");
  checked(getsockname(receiver, (struct sockaddr *)&to, &length), "getsockname");
  char *out = calloc(1, size), *in = calloc(1, size);
  MEASURE(count, {
    checked(sendto(sender, out, size, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to), "sendto");
    socklen_t space = sizeof from;
    checked(recvfrom(receiver, in, size, 0, (struct sockaddr *)&from, &space), "recvfrom");
  });
  return 0;
}
