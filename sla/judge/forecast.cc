// SPDX-License-Identifier: Apache-2.0
#include "sla/judge/forecast.h"

#include <algorithm>
#include <map>

#include "base/random.h"
#include "sla/time/lengths.h"

namespace nines::sla {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kRecent = 7 * kDayNs;
constexpr std::int64_t kHistory = 366 * kDayNs;
constexpr std::size_t kLeastDays = 7;  // fewer days say nothing of a month
constexpr int kMostPeriods = 12;
constexpr std::int64_t kEarliest = 2 * kHistory;  // so that every date and period is after 1970

// Whole local days, or their pieces, of accountable time.
struct Day {
  std::int64_t accountable = 0;
  std::int64_t down = 0;
};

class Past {
 public:
  explicit Past(const Course& course)
      : zone_(course.zone), accountable_(course.accountable), up_(course.up), down_(course.down) {}

  std::int64_t accountable(std::int64_t from, std::int64_t to) const {
    return accountable_.between(from, to);
  }

  std::int64_t down(std::int64_t from, std::int64_t to) const { return down_.between(from, to); }

  // At least 90 % of it was measured.
  bool seen(std::int64_t from, std::int64_t to) const {
    constexpr std::int64_t kTenths = 10;
    const std::int64_t whole = accountable(from, to);
    const std::int64_t known = up_.between(from, to) + down(from, to);
    return whole > 0 && Integer(known) * Integer(kTenths) >= Integer(whole) * Integer(kTenths - 1);
  }

  // The measured days of the twelve months before `now`.
  std::vector<Day> days_before(std::int64_t now) const {
    std::vector<Day> out;
    visit_days(std::max(now - kHistory, kEarliest), now,
               [&](std::int64_t from, std::int64_t to, bool whole) {
                 if (whole && seen(from, to))
                   out.push_back({accountable(from, to), down(from, to)});
               });
    return out;
  }

  // The planned time of each day, and of the pieces of days at the edges.
  std::vector<std::int64_t> days_between(std::int64_t from, std::int64_t to) const {
    std::vector<std::int64_t> out;
    visit_days(from, to, [&](std::int64_t begin, std::int64_t end, bool) {
      const std::int64_t length = accountable(begin, end);
      if (length > 0) out.push_back(length);
    });
    return out;
  }

 private:
  template <class Visit>
  void visit_days(std::int64_t from, std::int64_t to, Visit&& visit) const {
    LocalDate date = zone_.date_at(WallTime{from});
    std::int64_t begin = zone_.instant(date).ns;
    while (begin < to) {
      date = plus_days(date, 1);
      const std::int64_t end = zone_.instant(date).ns;
      visit(std::max(begin, from), std::min(end, to), begin >= from && end <= to);
      begin = end;
    }
  }

  Zone zone_;
  Lengths accountable_, up_, down_;
};

// Downtime at the end, at the speed of [since, now). Nothing where nothing was accountable.
std::optional<Rational> carried_on(const Past& past,
                                   const Interval& period,
                                   std::int64_t since,
                                   std::int64_t now) {
  const std::int64_t elapsed = past.accountable(since, now);
  if (elapsed == 0) return std::nullopt;
  const Rational speed(Integer(past.down(since, now)), Integer(elapsed));
  return Rational(past.down(period.from, now)) + speed * Rational(past.accountable(now, period.to));
}

// The mean of what resampling draws, without drawing: each day's share of downtime, to 18 decimals.
std::optional<Rational> mean_of_days(const Past& past, const Interval& period, std::int64_t now) {
  const std::vector<Day> days = past.days_before(now);
  if (days.size() < kLeastDays) return std::nullopt;
  constexpr unsigned kDecimals = 18;
  const Integer scale = Integer::power_of_ten(kDecimals);
  Integer sum;
  for (const Day& day : days) {
    sum = sum + Integer::floor_divide(Integer(day.down) * scale, Integer(day.accountable)).first;
  }
  const Rational speed(sum, scale * Integer(static_cast<std::int64_t>(days.size())));
  return Rational(past.down(period.from, now)) + speed * Rational(past.accountable(now, period.to));
}

// Each draw fills the rest of the period with days of the past, each scaled to the day it stands
// for.
std::optional<Resampled> resample(const Past& past, const Course& course) {
  const std::vector<Day> days = past.days_before(course.now);
  if (days.size() < kLeastDays) return std::nullopt;
  std::map<std::int64_t, std::vector<std::int64_t>> scaled;  // planned length → downtime of each
  std::vector<const std::vector<std::int64_t>*> rest;
  for (const std::int64_t planned : past.days_between(course.now, course.period.to)) {
    auto& downs = scaled[planned];
    if (downs.empty()) {
      for (const Day& day : days) {
        const Integer part = Integer(day.down) * Integer(planned);
        downs.push_back(Integer::floor_divide(part, Integer(day.accountable)).first.to_int64());
      }
    }
    rest.push_back(&downs);
  }
  const std::int64_t so_far = past.down(course.period.from, course.now);
  const Integer limit = course.budget_ns.floor();  // downtimes are whole nanoseconds
  Random random(kResampleSeed);
  Resampled out;
  out.draws = kDraws;
  out.seed = kResampleSeed;
  out.days = static_cast<std::int64_t>(days.size());
  Integer sum;
  for (std::int64_t draw = 0; draw < kDraws; ++draw) {
    std::int64_t total = so_far;
    for (const auto* downs : rest) total += (*downs)[random.below(days.size())];
    if (Integer(total) > limit) ++out.breaches;
    sum = sum + Integer(total);
  }
  out.projected_ns = Rational(sum, Integer(kDraws));
  return out;
}

struct Error {
  Rational sum;
  std::int64_t count = 0;

  void add(const std::optional<Rational>& projected, const Rational& truth) {
    if (!projected) return;
    const bool above = *projected > truth;
    sum = (sum + (above ? *projected - truth : truth - *projected)).reduced();
    ++count;
  }

  std::optional<Rational> mean() const {
    if (count == 0) return std::nullopt;
    return sum / Rational(count);
  }
};

// Stands where `now` stands in the period, in each of the periods before it.
std::optional<BackTest> test_back(const Past& past, const Course& course) {
  if (course.rule.kind == PeriodRule::Kind::rolling) return std::nullopt;
  const WallTime end{course.period.to};
  if (!(period_at(course.rule, course.zone, end) == course.period)) return std::nullopt;
  BackTest out;
  Error to_date, recent, resampled;
  Interval before = course.period;
  for (int i = 0; i < kMostPeriods && before.from > kEarliest; ++i) {
    before = period_at(course.rule, course.zone, WallTime{before.from});
    if (!past.seen(before.from, before.to)) continue;
    const Rational share(Integer(course.now - course.period.from),
                         Integer(course.period.to - course.period.from));
    const std::int64_t now =
        before.from + (share * Rational(before.to - before.from)).floor().to_int64();
    const Rational truth(past.down(before.from, before.to));
    to_date.add(carried_on(past, before, before.from, now), truth);
    recent.add(carried_on(past, before, now - kRecent, now), truth);
    resampled.add(mean_of_days(past, before, now), truth);
    ++out.periods;
  }
  if (out.periods == 0) return std::nullopt;
  out.to_date_ns = to_date.mean();
  out.recent_ns = recent.mean();
  out.resampled_ns = resampled.mean();
  return out;
}

}  // namespace

void look_ahead(const Course& course, Forecast& out) {
  if (course.now >= course.period.to) return;
  const Past past(course);
  if (past.seen(course.now - kRecent, course.now)) {
    out.recent_projected_ns = carried_on(past, course.period, course.now - kRecent, course.now);
  }
  out.resampled = resample(past, course);
  out.back_test = test_back(past, course);
}

}  // namespace nines::sla
