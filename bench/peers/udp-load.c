/*
 * udp-load PORT PID WARM SECONDS WINDOW SIZE: keeps WINDOW datagrams of SIZE bytes on their way to an echo
 * server and back; what is lost is sent anew. Measures as echo-load does.
 */
#include "measure.h"

enum { WINDOW = 1024, SIZE = 65536 };
static const double LOST = 0.1;

/* A datagram begins with its place in the window and with how often this place has been used. */
struct head {
  int place, turn;
};

static struct {
  int turn;
  double sent;
} places[WINDOW];
static char data[SIZE];
static size_t size;
static int fd, window;

static void put(int place, double at) {
  places[place].turn++;
  places[place].sent = at;
  const struct head head = {place, places[place].turn};
  memcpy(data, &head, sizeof head);
  checked(send(fd, data, size, MSG_NOSIGNAL), "send");
}

/* Waits for answers once, sends a datagram for each, and for each that has not come for long. Returns how
 * many came. */
static long answers(void) {
  const double at = now();
  long came = 0;
  while (came < window && recv(fd, data, size, MSG_DONTWAIT) == (ssize_t)size) {
    struct head head;
    memcpy(&head, data, sizeof head);
    if (head.place < 0 || head.place >= window || head.turn != places[head.place].turn) continue;
    came++;
    put(head.place, at);
  }
  for (int place = 0; place < window; place++) {
    if (at - places[place].sent > LOST) put(place, at);
  }
  return came;
}

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const double warm = atof(argv[3]), seconds = atof(argv[4]);
  window = atoi(argv[5]);
  size = (size_t)atol(argv[6]);
  if (window > WINDOW || size < sizeof(struct head) || size > SIZE) return 2;
  struct sockaddr_in to = loopback(argv[1]);
  fd = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  checked(connect(fd, (struct sockaddr*)&to, sizeof to), "connect");
  for (int place = 0; place < window; place++) put(place, now());
  for (const double started = now(); now() - started < warm;) answers();
  const double started = now(), used = cpu_of(argv[2]);
  long messages = 0;
  while (now() - started < seconds) messages += answers();
  report(messages, now() - started, cpu_of(argv[2]) - used);
  return 0;
}
