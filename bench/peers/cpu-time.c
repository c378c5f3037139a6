/* cpu-time PID: prints the CPU time of a process so far, in seconds. */
#include "measure.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  printf("%.9f\n", cpu_of(argv[1]));
  return 0;
}
