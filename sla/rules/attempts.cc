// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/attempts.h"

#include <map>

#include "base/assert.h"
#include "sla/number/rational.h"

namespace nines::sla {
namespace {

struct Tally {
  std::int64_t attempts = 0;
  std::int64_t failures = 0;
};

bool enough(const Tally& tally, const OutageRule& rule) {
  return rule.kind != OutageRule::Kind::error_rate || tally.attempts >= rule.minimum;
}

bool is_down(const Tally& tally, const OutageRule& rule) {
  if (rule.kind == OutageRule::Kind::all_attempts_fail) return tally.failures == tally.attempts;
  return Rational(Integer(tally.failures), Integer(tally.attempts)) > rule.share;
}

std::map<std::int64_t, Tally> tallies(const std::vector<PackedSamples>& attempts,
                                      std::int64_t width) {
  std::map<std::int64_t, Tally> out;  // by the beginning of the slice
  for (const PackedSamples& series : attempts) {
    auto at = out.end();
    for (const Sample& sample : series) {
      if (sample.outcome == Outcome::unknown) continue;
      const std::int64_t begin = sample.at_ns - ((sample.at_ns % width) + width) % width;
      if (at == out.end() || at->first != begin) at = out.try_emplace(begin).first;
      ++at->second.attempts;
      at->second.failures += sample.outcome == Outcome::down ? 1 : 0;
    }
  }
  return out;
}

}  // namespace

Timeline by_attempts(const std::vector<PackedSamples>& attempts,
                     const OutageRule& rule,
                     const Timeline& believed) {
  const std::int64_t width = rule.slice.count();
  ASSERT(width > 0);
  std::vector<Interval> down;
  std::vector<Interval> up;
  for (const auto& [begin, tally] : tallies(attempts, width)) {
    if (!enough(tally, rule)) continue;
    (is_down(tally, rule) ? down : up).push_back({begin, begin + width});
  }
  const IntervalSet all_down(std::move(down));
  const IntervalSet known = unite(believed.where(Outcome::up), believed.where(Outcome::down));
  return timeline_of(all_down, subtract(unite(IntervalSet(std::move(up)), known), all_down));
}

}  // namespace nines::sla
