// SPDX-License-Identifier: Apache-2.0
// What the bench programs share: an even pace, and the CPU clock of any process. The clock counts
// user and system time of all its threads, the ended ones too, in nanoseconds; the same sum stands
// in /proc/PID/stat, there in ticks of 10 ms, too coarse for 10 probes a second.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kTimeoutMs = 1000;      // of one step of a probe
constexpr double kWarmUpSeconds = 1;  // runs at the same pace and is not counted

inline std::int64_t read_clock(clockid_t clock) {
  timespec t{};
  if (clock_gettime(clock, &t) != 0) {
    std::perror("clock_gettime");
    std::exit(1);
  }
  return t.tv_sec * kSecond + t.tv_nsec;
}

// 0 stands for the calling process.
inline std::int64_t cpu_ns(pid_t pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0) {
    std::fprintf(stderr, "no process %d\n", static_cast<int>(pid));
    std::exit(1);
  }
  return read_clock(clock);
}

// A non-blocking loopback connection that is being made; -1 when even that fails.
inline int begin_connect(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EINPROGRESS) {
    return fd;
  }
  close(fd);
  return -1;
}

inline bool wait_for(int fd, short events) {
  pollfd p{fd, events, 0};
  return poll(&p, 1, kTimeoutMs) == 1;
}

// A connection that stands; -1 when it failed or took longer than kTimeoutMs.
inline int connected(std::uint16_t port) {
  const int fd = begin_connect(port);
  if (fd < 0) return -1;
  int error = 0;
  socklen_t size = sizeof error;
  if (wait_for(fd, POLLOUT) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
      error == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

// Runs `probe` (true: it succeeded) `rate` times a second, one at a time, one wake-up each, and
// prints "PROBES FAILED CPU_NS", of which the CPU is that of `pid` without the warm-up.
template <class Probe>
void run_paced(double rate, double seconds, pid_t pid, Probe probe) {
  const auto gap = static_cast<std::int64_t>(static_cast<double>(kSecond) / rate);
  const auto warm_up = static_cast<long>(kWarmUpSeconds * rate);
  const auto count = static_cast<long>(seconds * rate);
  long failed = 0;
  std::int64_t cpu = 0;
  const auto start = read_clock(CLOCK_MONOTONIC);
  for (long i = 0; i < warm_up + count; ++i) {
    if (i == warm_up) cpu = cpu_ns(pid);
    const auto at = start + i * gap;
    const timespec wake{at / kSecond, at % kSecond};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr) == EINTR) {
    }
    const bool good = probe();
    if (!good && i >= warm_up) ++failed;
  }
  std::printf("%ld %ld %lld\n", count, failed, static_cast<long long>(cpu_ns(pid) - cpu));
}

}  // namespace bench
