// SPDX-License-Identifier: Apache-2.0
// Agreed hours (S27): wall-clock intervals of each weekday in a zone, date by date. A holiday has
// none, an extra day has those of another weekday. Expanded in the zone, so a clock change moves
// nothing: 09:00 is 09:00.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sla/time/timeline.h"
#include "sla/time/zone.h"

namespace nines::sla {

// From midnight on the wall, both at most 24 h. An end that is not after the beginning is one of
// the next day: 22:00 to 06:00.
struct WallSpan {
  Duration from{0};
  Duration to{0};

  bool operator==(const WallSpan&) const = default;
};

struct Calendar {
  Zone zone;
  std::array<std::vector<WallSpan>, 7> weekly;  // Monday first
  std::set<LocalDate> holidays;                 // no interval begins on such a date
  std::map<LocalDate, unsigned> extra_days;     // date → weekday (1 Monday) whose hours it has
};

using Calendars = std::map<std::string, Calendar>;

// The name of the calendar that is always open; it needs no entry.
inline constexpr std::string_view kAlways = "always";

IntervalSet open_hours(const Calendar& calendar, const Interval& within);

// The same by name: of kAlways all of `within`, else of the entry, which exists.
IntervalSet open_hours(const Calendars& calendars, const std::string& name, const Interval& within);

}  // namespace nines::sla
