/* batches COUNT SIZE: COUNT datagrams of SIZE bytes, 32 in a call: sendmmsg and recvmmsg over UDP on
 * loopback. */
#include "measure.h"

enum { MANY = 32 };

static struct mmsghdr outgoing[MANY], incoming[MANY];
static struct sockaddr_in from[MANY];

static void batch(int sender, int receiver) {
  whole(sendmmsg(sender, outgoing, MANY, MSG_NOSIGNAL), MANY, "sendmmsg");
  for (int each = 0; each < MANY; each++) incoming[each].msg_hdr.msg_namelen = sizeof from[each];
  whole(recvmmsg(receiver, incoming, MANY, MSG_DONTWAIT, NULL), MANY, "recvmmsg");
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long batches = atol(argv[1]) / MANY;
  const size_t size = (size_t)atol(argv[2]);
  struct sockaddr_in to = loopback("0");
  socklen_t length = sizeof to;
  const int receiver = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  const int sender = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  checked(bind(receiver, (struct sockaddr*)&to, length), "bind");
  checked(getsockname(receiver, (struct sockaddr*)&to, &length), "getsockname");
  char *out = malloc(MANY * size), *in = calloc(MANY, size);
  memset(out, 'x', MANY * size);
  struct iovec filled[MANY], empty[MANY];
  for (int each = 0; each < MANY; each++) {
    filled[each] = (struct iovec){out + (size_t)each * size, size};
    empty[each] = (struct iovec){in + (size_t)each * size, size};
    outgoing[each].msg_hdr =
        (struct msghdr){.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &filled[each], .msg_iovlen = 1};
    incoming[each].msg_hdr =
        (struct msghdr){.msg_name = &from[each], .msg_iov = &empty[each], .msg_iovlen = 1};
  }
  for (long warm = batches / 10; warm > 0; warm--) batch(sender, receiver);
  const double started = now(), used = cpu();
  for (long left = batches; left > 0; left--) batch(sender, receiver);
  report(batches * MANY, now() - started, cpu() - used);
  same(in, out, MANY * size);
  return 0;
}
