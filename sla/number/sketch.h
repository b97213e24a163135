// SPDX-License-Identifier: Apache-2.0
// Quantiles of response times within 1 % (S51), for who cannot keep each of them: DDSketch (Masson,
// Rim, Lee 2019) with γ = 101/99. Bin i counts what lies in (γ^(i−1), γ^i] µs; its bounds are whole
// numbers, so that a value falls into the same bin everywhere, and merging adds counts, so that the
// order does not matter.
#pragma once

#include <cstdint>
#include <map>

#include "sla/number/rational.h"

namespace nines::sla {

class Sketch {
 public:
  // The last bin ends above the longest response time that is kept, one day.
  static constexpr int kBins = 1262;

  // 0 for 0 µs, which has a bin of its own; else 1 + i.
  static int bin_of(std::int64_t us);
  static std::int64_t upper_bound(int bin);  // ⌊γ^i⌋ µs

  void add(std::int64_t us, std::int64_t times = 1);  // us ≥ 0
  void merge(const Sketch& other);

  std::int64_t count() const { return count_; }

  const std::map<int, std::int64_t>& bins() const { return bins_; }  // counts, each > 0

  // The value of rank ⌈p·n⌉, 0 < p ≤ 1, off by at most 1 % of it. Not of an empty sketch.
  std::int64_t quantile(const Rational& p) const;

  bool operator==(const Sketch&) const = default;

 private:
  std::map<int, std::int64_t> bins_;
  std::int64_t count_ = 0;
};

}  // namespace nines::sla
