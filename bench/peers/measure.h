/* What the C programs of the benchmarks share: the clocks, and the line that says what was measured. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static inline double cpu(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static inline long checked(long result, const char *what) {
  if (result >= 0) return result;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* Does `count` operations, a tenth of them before the clocks are started. */
#define MEASURE(count, operation)                                                                      \
  do {                                                                                                 \
    for (long warm = (count) / 10; warm > 0; warm--) operation;                                        \
    const double started = now(), used = cpu();                                                        \
    for (long left = (count); left > 0; left--) operation;                                             \
    printf("{\"operations\":%ld,\"seconds\":%.9f,\"cpu\":%.9f}\n", (long)(count), now() - started,     \
           cpu() - used);                                                                              \
  } while (0)
