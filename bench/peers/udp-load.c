/* udp-load PORT WINDOW SIZE SECONDS: keeps WINDOW datagrams on their way to an echo server; what is lost is sent anew. */
#include "measure.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const int window = atoi(argv[2]);
  const size_t size = (size_t)atol(argv[3]);
  const double seconds = atof(argv[4]);
  static char data[65536];
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const int fd = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  checked(connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
  for (int each = 0; each < window; each++) checked(send(fd, data, size, MSG_NOSIGNAL), "send");
  const double started = now();
  long messages = 0;
  double at = started;
  while (at - started < seconds) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (checked(poll(&wait, 1, 20), "poll") == 0) {
      for (int each = 0; each < window; each++) checked(send(fd, data, size, MSG_NOSIGNAL), "send");
    }
    while (recv(fd, data, sizeof data, MSG_DONTWAIT) >= 0) {
      messages++;
      checked(send(fd, data, size, MSG_NOSIGNAL), "send");
    }
    at = now();
  }
  printf("{\"operations\":%ld,\"seconds\":%.9f,\"cpu\":%.9f}\n", messages, at - started, cpu());
  return 0;
}
