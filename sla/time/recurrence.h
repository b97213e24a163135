// SPDX-License-Identifier: Apache-2.0
// Windows that come again (RFC 5545 RRULE): planned maintenance on the wall clock of a zone. Judged
// are FREQ DAILY, WEEKLY, MONTHLY and YEARLY with INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY,
// BYDAY (ordinals included), BYSETPOS and WKST; every other part is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/time.h"
#include "sla/time/timeline.h"
#include "sla/time/zone.h"

namespace nines::sla {

struct RecurrenceRule {
  enum class Frequency { daily, weekly, monthly, yearly } frequency = Frequency::daily;

  struct Day {
    int ordinal = 0;       // of the month or year, from its end when negative; 0: each
    unsigned weekday = 1;  // 1 Monday

    bool operator==(const Day&) const = default;
  };

  struct Until {                      // the last instant at which an instance may begin
    std::optional<WallTime> instant;  // written with Z
    LocalDate date;                   // else on the wall of the window's zone
    Duration since_midnight{0};
  };

  int interval = 1;
  std::optional<std::int64_t> count;
  std::optional<Until> until;
  std::vector<int> by_month;
  std::vector<int> by_month_day;  // from the end of the month when negative
  std::vector<Day> by_day;
  std::vector<int> by_set_pos;
  unsigned week_start = 1;
};

// "FREQ=WEEKLY;BYDAY=SU". The error names the part that is wrong or not judged.
Expected<RecurrenceRule> parse_rrule(std::string_view text);

struct Window {
  std::string name;
  std::string service;  // empty: all services
  Zone zone;
  LocalDate start;
  Duration since_midnight{0};          // on the wall, below 24 h
  std::optional<RecurrenceRule> rule;  // absent: once
  // Its length (S30): exact, or up to a time of day, of the next day where that is not later.
  std::optional<Duration> duration;
  Duration until{0};
};

// The instances that touch `within`. Instances of a rule at a local time that a clock change skips
// do not exist and are not counted by COUNT (RFC 5545 3.3.10).
IntervalSet instances(const Window& window, const Interval& within);

// The dates from `first` to `last` on which an instance would begin at a local time that does not
// exist, in order: S29 ignores them. At most `most`.
std::vector<LocalDate> skipped_dates(const Window& window,
                                     const LocalDate& first,
                                     const LocalDate& last,
                                     std::size_t most);

}  // namespace nines::sla
