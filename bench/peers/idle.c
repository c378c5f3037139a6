/*
 * idle PORT COUNT: opens COUNT connections, each of which gets one byte echoed and then is idle. Prints how
 * many when the last echo has come; ends with its input.
 */
#include <unistd.h>

#include "measure.h"

/* So many connections from each address of the loopback network: a server's port can have as many of one as
 * there are ports. */
enum { AN_ADDRESS = 5000 };

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int count = atoi(argv[2]), on = 1;
  struct sockaddr_in to = loopback(argv[1]);
  many_descriptors();
  for (int each = 0; each < count; each++) {
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr = {htonl(INADDR_LOOPBACK + 1 + (in_addr_t)(each / AN_ADDRESS))}};
    char byte = 'x';
    const int fd = (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    checked(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on), "setsockopt");
    checked(bind(fd, (struct sockaddr*)&from, sizeof from), "bind");
    checked(connect(fd, (struct sockaddr*)&to, sizeof to), "connect");
    checked(send(fd, &byte, 1, MSG_NOSIGNAL), "send");
    if (checked(recv(fd, &byte, 1, 0), "recv") == 0) return 1;
  }
  printf("%d\n", count);
  fflush(stdout);
  for (char input; read(STDIN_FILENO, &input, 1) > 0;) {
  }
  return 0;
}
