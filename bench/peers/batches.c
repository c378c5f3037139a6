/* batches COUNT SIZE: COUNT datagrams of SIZE bytes, 32 in a call: sendmmsg and recvmmsg over UDP on loopback. */
#include "measure.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { MANY = 32 };

int main(int argc, char **argv) {
  const long count = atol(argv[1]) / MANY;
  const size_t size = (size_t)atol(argv[argc - 1]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, from[MANY];
  socklen_t length = sizeof to;
  const int receiver = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  const int sender = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  checked(bind(receiver, (struct sockaddr *)&to, length), "bind");
  checked(getsockname(receiver, (struct sockaddr *)&to, &length), "getsockname");
  char *out = calloc(MANY, size), *in = calloc(MANY, size);
  struct mmsghdr outgoing[MANY], incoming[MANY];
  struct iovec filled[MANY], empty[MANY];
  memset(outgoing, 0, sizeof outgoing);
  memset(incoming, 0, sizeof incoming);
  for (int each = 0; each < MANY; each++) {
    filled[each] = (struct iovec){out + (size_t)each * size, size};
    empty[each] = (struct iovec){in + (size_t)each * size, size};
    outgoing[each].msg_hdr = (struct msghdr){.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &filled[each], .msg_iovlen = 1};
    incoming[each].msg_hdr = (struct msghdr){.msg_name = &from[each], .msg_iov = &empty[each], .msg_iovlen = 1};
  }
  for (long warm = count / 10; warm > 0; warm--) {
    checked(sendmmsg(sender, outgoing, MANY, MSG_NOSIGNAL), "sendmmsg");
    for (int each = 0; each < MANY; each++) incoming[each].msg_hdr.msg_namelen = sizeof from[each];
    checked(recvmmsg(receiver, incoming, MANY, MSG_DONTWAIT, NULL), "recvmmsg");
  }
  const double started = now(), used = cpu();
  long received = 0;
  for (long left = count; left > 0; left--) {
    checked(sendmmsg(sender, outgoing, MANY, MSG_NOSIGNAL), "sendmmsg");
    for (int each = 0; each < MANY; each++) incoming[each].msg_hdr.msg_namelen = sizeof from[each];
    received += checked(recvmmsg(receiver, incoming, MANY, MSG_DONTWAIT, NULL), "recvmmsg");
  }
  printf("{\"operations\":%ld,\"seconds\":%.9f,\"cpu\":%.9f}\n", received, now() - started, cpu() - used);
  return 0;
}
