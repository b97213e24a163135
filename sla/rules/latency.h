// SPDX-License-Identifier: Apache-2.0
// Response times of results in accountable time, pooled over checks and vantages (S49, S50, S52).
// Exact: sums, counts below a threshold and nearest ranks of whole microseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sla/input/samples.h"
#include "sla/number/integer.h"
#include "sla/number/rational.h"
#include "sla/number/sketch.h"
#include "sla/time/timeline.h"

namespace nines::sla {

struct LatencyRule {
  std::int64_t threshold_us = 0;  // what is faster counts as `below`
  // S49: how long a failure that timed out is taken to have lasted, and so a failure of which
  // nothing is known but that it failed.
  std::optional<std::int64_t> impute_us;
  bool ranked = false;    // whether single values are kept, for percentiles
  bool sketched = false;  // whether they are counted in a sketch
};

class Latencies {
 public:
  void collect(const PackedSamples& samples,  // in order of time
               const IntervalSet& accountable,
               const LatencyRule& rule);
  void add(const Latencies& other);

  std::int64_t count() const { return count_; }

  std::int64_t below() const { return below_; }

  Integer sum_us() const;

  // x_⌈p·n⌉ of the values in order, p > 0. Only of a `ranked` collection that is not empty.
  std::int64_t nearest_rank(const Rational& p);

  const Sketch& sketch() const { return sketch_; }  // of a `sketched` collection

 private:
  void take(std::int64_t us, const LatencyRule& rule);

  std::int64_t count_ = 0;
  std::int64_t below_ = 0;
  std::int64_t sum_low_ = 0;  // < 10^7 values of at most 10^11 µs before it moves into `sum_`
  std::int64_t pending_ = 0;
  Integer sum_;
  std::vector<std::int64_t> values_;
  bool sorted_ = false;
  Sketch sketch_;
};

// "p95" and "p99.9" are 95 % and 99.9 %: above 0, at most 100, at most 6 decimals.
std::optional<Rational> parse_percentile(std::string_view text);

}  // namespace nines::sla
