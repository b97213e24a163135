// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child.h"

#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/assert.h"

namespace nines::test {

std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  ASSERT(::pipe(ends) == 0);
  const pid_t child = ::fork();
  ASSERT(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    const auto text = work();
    const auto written = ::write(ends[1], text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  char part[1024];
  for (ssize_t n = 0; (n = ::read(ends[0], part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  return "died: status " + std::to_string(status) + " " + text;
}

void forbid_new_descriptors() {
  rlimit limit{};
  limit.rlim_cur = limit.rlim_max = 0;
  ASSERT(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

bool become_nobody() {
  constexpr gid_t kNobody = 65534;
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0;
}

bool enter_empty_network(bool loopback_up) {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  if (!loopback_up) return true;
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ::ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
  ::close(descriptor);
  return up;
}

bool run_program(const std::string& command) {
  return std::system(("( " + command + " ) >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace nines::test
