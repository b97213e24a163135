// SPDX-License-Identifier: Apache-2.0
// bench_cpu PID: the nanoseconds of CPU, user and system, that a process has used so far.
#include "bench/meter.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_cpu PID\n", stderr);
    return 1;
  }
  std::printf("%lld\n", static_cast<long long>(bench::cpu_ns(std::atoi(argv[1]))));
  return 0;
}
