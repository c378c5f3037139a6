/* bulk sink: prints its port, reads one connection to its end. bulk PORT BYTES BLOCK: sends that much in such blocks. */
#include "measure.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof at;
  const int fd = (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  if (argc == 2) {
    static char data[1 << 18];
    checked(bind(fd, (struct sockaddr *)&at, length), "bind");
    checked(listen(fd, 1), "listen");
    checked(getsockname(fd, (struct sockaddr *)&at, &length), "getsockname");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    const int connection = (int)checked(accept4(fd, NULL, NULL, SOCK_CLOEXEC), "accept");
    while (checked(recv(connection, data, sizeof data, 0), "recv") > 0) {
    }
    return 0;
  }
  if (argc != 4) return 2;
  const size_t bytes = (size_t)atol(argv[2]), block = (size_t)atol(argv[3]);
  at.sin_port = htons((unsigned short)atoi(argv[1]));
  char *data = calloc(1, block), last;
  checked(connect(fd, (struct sockaddr *)&at, length), "connect");
  const double started = now(), used = cpu();
  for (size_t sent = 0; sent < bytes;) sent += (size_t)checked(send(fd, data, block, MSG_NOSIGNAL), "send");
  checked(shutdown(fd, SHUT_WR), "shutdown");
  checked(recv(fd, &last, 1, 0), "recv");
  printf("{\"operations\":%zu,\"seconds\":%.9f,\"cpu\":%.9f}\n", bytes, now() - started, cpu() - used);
  return 0;
}
