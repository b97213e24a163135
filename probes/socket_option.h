// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

namespace nines::probes {

template <class T>
bool set_option(int fd, int level, int option, const T& value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace nines::probes
