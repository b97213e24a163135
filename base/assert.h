// SPDX-License-Identifier: Apache-2.0
// ASSERT: our own bugs abort, in release too. Never on input. Restarting with an unclean stop on
// record is a truthful outcome; going on with a broken invariant is not.
#pragma once

namespace nines {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace nines

#define ASSERT(...)                     \
  ((__VA_ARGS__) ? static_cast<void>(0) \
                 : ::nines::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__))
