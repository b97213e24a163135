// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/unseen.h"

#include <algorithm>
#include <array>

#include "sla/judge/wilson.h"

namespace nines::sla {
namespace {

// The mean of a Poisson number that is at most its index in 5 % of all cases, in ten-thousandths,
// rounded up. tests/sla/unseen_test.cc computes each again.
constexpr std::array<std::int64_t, 41> kPoisson95{
    2'9958,  4'7439,  6'2958,  7'7537,  9'1536,  10'5131, 11'8424, 13'1482, 14'4347,
    15'7053, 16'9623, 18'2076, 19'4426, 20'6686, 21'8865, 23'0972, 24'3012, 25'4993,
    26'6918, 27'8793, 29'0621, 30'2405, 31'4149, 32'5854, 33'7525, 34'9161, 36'0767,
    37'2342, 38'3890, 39'5410, 40'6906, 41'8377, 42'9825, 44'1251, 45'2657, 46'4042,
    47'5408, 48'6755, 49'8085, 50'9398, 52'0694};
constexpr std::int64_t kTenThousand = 10'000;

// Beyond the table, from Chernoff's bound P(X ≤ x) ≤ exp(−(λ−x)²/2λ): λ = x + l + √(l² + 2xl) with
// l = ln 20, rounded up.
Rational chernoff(std::int64_t x) {
  const Rational l(Integer(29'957'322'736), Integer(10'000'000'000));
  const Integer scale = Integer::power_of_ten(6);
  const Rational inside = l * l + Rational(2 * x) * l;
  const Integer root = square_root((inside * Rational(scale * scale)).ceil()) + Integer(1);
  return Rational(x) + l + Rational(root, scale);
}

}  // namespace

ShortHits short_hits(const PackedSamples& samples, const IntervalSet& accountable) {
  ShortHits out;
  std::int64_t run = 0;  // failures in a row
  const auto end_run = [&] {
    if (run == 1) ++out.hits;
    run = 0;
  };
  for (const Interval& each : accountable.intervals()) {
    for (auto sample = samples.from(each.from); sample != samples.end() && sample->at_ns < each.to;
         ++sample) {
      if (sample->outcome == Outcome::down) {
        ++run;
        continue;
      }
      end_run();
      if (sample->outcome == Outcome::up) ++out.successes;
    }
    end_run();
  }
  return out;
}

std::optional<Rational> most_hits95(const ShortHits& seen) {
  if (seen.successes == 0) return std::nullopt;
  if (seen.hits == 0) {
    constexpr int kOneIn = 20;
    const std::int64_t most = most_failures(seen.successes, kOneIn);
    return Rational(Integer(seen.successes) * Integer(most + 1), Integer(kFailureUnits));
  }
  if (seen.hits < static_cast<std::int64_t>(kPoisson95.size())) {
    return Rational(kPoisson95[static_cast<std::size_t>(seen.hits)], kTenThousand);
  }
  return chernoff(seen.hits);
}

}  // namespace nines::sla
