/*
 * udp-load PORT PID WARM SECONDS WINDOW SIZE: keeps WINDOW datagrams of SIZE bytes on their way to an echo
 * server and back; what is lost is sent anew. Measures as echo-load does.
 */
#include "measure.h"

enum { WINDOW = 1024, SIZE = 2048 };
static const double LOST = 0.1;

/* A datagram begins with its place in the window and with how often this place has been used. */
struct head {
  int place, turn;
};

static struct {
  int turn;
  double sent;
} places[WINDOW];
static char data[WINDOW][SIZE], rest[SIZE];
static struct iovec parts[WINDOW];
static struct mmsghdr messages[WINDOW];
static size_t size;
static int fd, window;

/* Sends the datagrams of the first `count` messages, of which each has the head of its place. */
static void put(int count, double at) {
  for (int each = 0; each < count; each++) {
    struct head head;
    memcpy(&head, data[each], sizeof head);
    head.turn = ++places[head.place].turn;
    places[head.place].sent = at;
    memcpy(data[each], &head, sizeof head);
  }
  for (int sent = 0; sent < count;)
    sent += (int)checked(sendmmsg(fd, messages + sent, (unsigned)(count - sent), MSG_NOSIGNAL), "sendmmsg");
}

/* Waits for answers once, sends a datagram for each, and for each that has not come for long. Returns how
 * many came. */
static long answers(void) {
  const double at = now();
  const int got = recvmmsg(fd, messages, (unsigned)window, MSG_DONTWAIT, NULL);
  int came = 0;
  for (int each = 0; each < got; each++) {
    struct head head;
    whole(messages[each].msg_len, size, "recvmmsg");
    same(data[each] + sizeof head, rest, size - sizeof head);
    memcpy(&head, data[each], sizeof head);
    if (head.place < 0 || head.place >= window || head.turn != places[head.place].turn) continue;
    memcpy(data[came++], &head, sizeof head);
  }
  put(came, at);
  for (int place = 0; place < window; place++) {
    if (at - places[place].sent <= LOST) continue;
    const struct head head = {place, 0};
    memcpy(data[0], &head, sizeof head);
    put(1, at);
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
  memset(rest, 'x', size);
  for (int place = 0; place < window; place++) {
    const struct head head = {place, 0};
    memcpy(data[place], &head, sizeof head);
    memcpy(data[place] + sizeof head, rest, size - sizeof head);
    parts[place] = (struct iovec){data[place], size};
    messages[place].msg_hdr = (struct msghdr){.msg_iov = &parts[place], .msg_iovlen = 1};
  }
  put(window, now());
  for (const double started = now(); now() - started < warm;) answers();
  const double started = now(), used = cpu_of(argv[2]);
  long came = 0;
  while (now() - started < seconds) came += answers();
  report(came, now() - started, cpu_of(argv[2]) - used);
  return 0;
}
