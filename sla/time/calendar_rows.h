// SPDX-License-Identifier: Apache-2.0
// A period cut into the rows of a picture: the days of a month, the hours of a day, the months of a
// year. A row is as long as its time is, so the day of a clock change is shorter or longer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sla/time/timeline.h"
#include "sla/time/zone.h"

namespace nines::sla {

struct CalendarRow {
  std::int64_t origin = 0;  // where the hour, day, week, month or year begins
  std::int64_t end = 0;     // and where the next one does
  Interval span;            // the part that the period has of it
  std::string label;        // "11-01", "06:00", "2026-11", "2026"
};

struct CalendarRows {
  enum class Unit { hour, day, week, month, year, whole };

  struct Tick {
    std::int64_t offset = 0;  // from the origin of a row
    std::string label;
  };

  Unit unit = Unit::whole;
  std::int64_t longest = 0;  // ns, of a row
  std::vector<CalendarRow> rows;
  std::vector<Tick> ticks;
};

// At most 60 rows: hours up to two days, days up to 35, weeks up to 100 days, months up to three
// years, years up to 60, and else one row.
CalendarRows calendar_rows(const Interval& period, const Zone& zone);

}  // namespace nines::sla
