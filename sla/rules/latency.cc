// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/latency.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kMovedAfter = 10'000'000;

bool may_have_timed_out(const Sample& sample) {
  return sample.outcome == Outcome::down &&
         (sample.cause == Cause::timed_out || sample.cause == Cause::unstated);
}

}  // namespace

void Latencies::take(std::int64_t us, const LatencyRule& rule) {
  ++count_;
  if (us < rule.threshold_us) ++below_;
  sum_low_ += us;
  if (++pending_ == kMovedAfter) {
    sum_ = sum_ + Integer(sum_low_);
    sum_low_ = pending_ = 0;
  }
  if (rule.sketched) sketch_.add(us);
  if (!rule.ranked) return;
  values_.push_back(us);
  sorted_ = false;
}

void Latencies::collect(const PackedSamples& samples,
                        const IntervalSet& accountable,
                        const LatencyRule& rule) {
  visit_within(samples, accountable, [&](const Sample& sample) {
    if (sample.outcome == Outcome::up && sample.total_us) {
      take(*sample.total_us, rule);
    } else if (rule.impute_us && may_have_timed_out(sample)) {
      take(*rule.impute_us, rule);
    }
  });
}

void Latencies::add(const Latencies& other) {
  count_ += other.count_;
  below_ += other.below_;
  sum_ = sum_ + other.sum_us();
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  sorted_ = false;
  sketch_.merge(other.sketch_);
}

Integer Latencies::sum_us() const { return sum_ + Integer(sum_low_); }

std::int64_t Latencies::nearest_rank(const Rational& p) {
  ASSERT(!values_.empty() && static_cast<std::int64_t>(values_.size()) == count_);
  if (!sorted_) std::sort(values_.begin(), values_.end());
  sorted_ = true;
  const std::int64_t rank = (p * Rational(count_)).ceil().to_int64();
  return values_[static_cast<std::size_t>(std::clamp<std::int64_t>(rank, 1, count_) - 1)];
}

std::optional<Rational> parse_percentile(std::string_view text) {
  constexpr std::size_t kLongest = 10;  // "p99.999999"
  if (text.size() < 2 || text.size() > kLongest || text.front() != 'p') return std::nullopt;
  const auto value = parse_decimal(text.substr(1));
  if (!value || *value == Rational(0) || *value > Rational(100)) return std::nullopt;
  return (*value / Rational(100)).reduced();
}

}  // namespace nines::sla
