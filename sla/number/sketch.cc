// SPDX-License-Identifier: Apache-2.0
#include "sla/number/sketch.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace nines::sla {
namespace {

__extension__ using Wide = unsigned __int128;

struct Bounds {
  std::array<std::int64_t, Sketch::kBins> upper{};   // ⌊γ^i⌋
  std::array<std::int64_t, Sketch::kBins> middle{};  // 2γ^i/(γ+1) = 0.99·γ^i, to the nearest
};

// γ^i with 80 bits behind the point: the error stays below 2^-30, and no γ^i is that near a whole
// number from above (tests/sla/sketch_test.cc compares with exact powers).
constexpr Bounds bounds() {
  constexpr int kPoint = 80;
  Bounds out;
  Wide power = Wide{1} << kPoint;
  for (std::size_t i = 0; i < out.upper.size(); ++i) {
    out.upper[i] = static_cast<std::int64_t>(power >> kPoint);
    const Wide middle = power / 100 * 99 + (Wide{1} << (kPoint - 1));
    out.middle[i] = static_cast<std::int64_t>(middle >> kPoint);
    power = power / 99 * 101 + power % 99 * 101 / 99;
  }
  return out;
}

constexpr Bounds kBounds = bounds();

}  // namespace

int Sketch::bin_of(std::int64_t us) {
  ASSERT(us >= 0);
  if (us == 0) return 0;
  const auto& upper = kBounds.upper;
  const auto found = std::lower_bound(upper.begin(), upper.end() - 1, us);
  return static_cast<int>(found - upper.begin()) + 1;
}

std::int64_t Sketch::upper_bound(int bin) {
  return bin == 0 ? 0 : kBounds.upper.at(static_cast<std::size_t>(bin - 1));
}

void Sketch::add(std::int64_t us, std::int64_t times) {
  bins_[bin_of(us)] += times;
  count_ += times;
}

void Sketch::merge(const Sketch& other) {
  for (const auto& [bin, times] : other.bins_) bins_[bin] += times;
  count_ += other.count_;
}

std::int64_t Sketch::quantile(const Rational& p) const {
  ASSERT(count_ > 0);
  const Integer rank = (p * Rational(count_)).ceil();
  std::int64_t seen = 0;
  for (const auto& [bin, times] : bins_) {
    seen += times;
    if (Integer(seen) < rank) continue;
    if (bin == 0) return 0;
    // Of the whole numbers in the bin the one nearest to its middle.
    const auto i = static_cast<std::size_t>(bin - 1);
    const std::int64_t low = i == 0 ? 1 : kBounds.upper[i - 1] + 1;
    return std::clamp(kBounds.middle[i], std::min(low, kBounds.upper[i]), kBounds.upper[i]);
  }
  return upper_bound(bins_.rbegin()->first);
}

}  // namespace nines::sla
