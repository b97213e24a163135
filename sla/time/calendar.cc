// SPDX-License-Identifier: Apache-2.0
#include "sla/time/calendar.h"

#include "base/assert.h"

namespace nines::sla {

IntervalSet open_hours(const Calendar& calendar, const Interval& within) {
  std::vector<Interval> out;
  // A date's hours can reach into the next one, and a midnight that a clock change skipped can put
  // an instant beside its date: hence two days more on either side.
  constexpr int kBeside = 2;
  const std::int64_t first = day_number(calendar.zone.date_at(WallTime{within.from})) - kBeside;
  const std::int64_t last = day_number(calendar.zone.date_at(WallTime{within.to})) + kBeside;
  for (std::int64_t day = first; day <= last; ++day) {
    const LocalDate date = date_of_day(day);
    if (calendar.holidays.contains(date)) continue;
    const auto extra = calendar.extra_days.find(date);
    const unsigned hours_of = extra != calendar.extra_days.end() ? extra->second : weekday(date);
    for (const WallSpan& span : calendar.weekly.at(hours_of - 1)) {
      const LocalDate end_date = span.to > span.from ? date : date_of_day(day + 1);
      out.push_back(
          {calendar.zone.instant(date, span.from).ns, calendar.zone.instant(end_date, span.to).ns});
    }
  }
  return intersect(IntervalSet(std::move(out)), IntervalSet::of(within.from, within.to));
}

IntervalSet open_hours(const Calendars& calendars,
                       const std::string& name,
                       const Interval& within) {
  if (name == kAlways) return IntervalSet::of(within.from, within.to);
  const auto found = calendars.find(name);
  ASSERT(found != calendars.end());
  return open_hours(found->second, within);
}

}  // namespace nines::sla
