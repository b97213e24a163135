// SPDX-License-Identifier: Apache-2.0
// Entropy from the kernel, and a seeded generator for jitter: the seed is the seam for tests.
#pragma once

#include <cstdint>
#include <span>

#include "base/time.h"

namespace nines {

void fill_entropy(std::span<std::uint8_t> out);  // getrandom(2); aborts when the kernel has none

class Random {  // SplitMix64 (Steele, Lea, Flood 2014)
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound);       // uniform in [0, bound), bound > 0
  Duration between(Duration low, Duration high);  // uniform in [low, high]

 private:
  std::uint64_t state_;
};

}  // namespace nines
