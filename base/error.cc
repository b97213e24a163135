// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/assert.h"
#include "base/expected.h"

namespace nines {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "<2>assertion failed at %s:%d: %s; this is a bug, please report it\n", file,
               line, expression);
  std::abort();
}

Unexpected<Error> fail_errno(const std::string& what, int error_number) {
  return fail(what + ": " + std::strerror(error_number), error_number);
}

}  // namespace nines
