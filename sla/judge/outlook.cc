// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/outlook.h"

namespace nines::sla {
namespace {

Rational projected(const Consumption& c) {
  const std::int64_t elapsed = c.seconds.accountable();
  const std::int64_t remaining = c.planned_ns - elapsed;
  const Rational speed(Integer(c.seconds.down), Integer(elapsed));
  return Rational(c.seconds.down) + speed * Rational(remaining);
}

}  // namespace

Outlook outlook_of(const Consumption& c) {
  const Rational down(c.seconds.down);
  const Rational remaining(c.planned_ns - c.seconds.accountable());
  if (down > c.budget.total_ns) return Outlook::breach_certain;
  const Rational doubtful(c.unknown_may_be_down ? c.seconds.unknown : 0);
  if (down + doubtful + remaining <= c.budget.total_ns) return Outlook::met_certain;
  return projected(c) > c.budget.total_ns ? Outlook::breach_expected : Outlook::on_track;
}

std::optional<Forecast> forecast_of(const Consumption& c) {
  const std::int64_t elapsed = c.seconds.accountable();
  if (elapsed == 0 || c.budget.total_ns == Rational(0)) return std::nullopt;
  Forecast out;
  const Rational speed(Integer(c.seconds.down), Integer(elapsed));
  out.burn = speed * Rational(c.planned_ns) / c.budget.total_ns;
  out.projected_ns = projected(c);
  if (c.seconds.down > 0) {
    const Integer at = Integer(c.now.ns) + (c.budget.left_ns() / speed).floor();
    // Later than the years that can be judged is as good as never.
    if (at > Integer(0) && at < Integer(7'000'000'000'000'000'000)) {
      out.exhausted_at = WallTime{at.to_int64()};
    }
  }
  return out;
}

}  // namespace nines::sla
