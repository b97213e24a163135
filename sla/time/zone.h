// SPDX-License-Identifier: Apache-2.0
// Local dates of a time zone as instants (S28, S29). The only file of this folder that leads
// outside: the system's time-zone data, read through the date library. "UTC" needs none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/expected.h"
#include "base/time.h"

namespace nines::sla {

struct LocalDate {
  int year = 1970;
  unsigned month = 1;  // 1 to 12
  unsigned day = 1;    // 1 to the month's last; valid

  auto operator<=>(const LocalDate&) const = default;
};

// Instants that agreements and results may speak of: so no sum or difference passes 64 bits.
inline constexpr int kFirstYear = 1970;
inline constexpr int kLastYear = 2199;

bool valid(const LocalDate& date);               // exists, and lies within those years
std::int64_t day_number(const LocalDate& date);  // days since 1970-01-01
LocalDate date_of_day(std::int64_t day_number);  // and back
LocalDate plus_days(const LocalDate& date, int days);
unsigned weekday(const LocalDate& date);  // 1 Monday to 7 Sunday

std::string iso_date(const LocalDate& date);                     // "2026-11-25"
std::optional<LocalDate> parse_date(std::string_view iso_date);  // nothing where it is not valid

class Zone {
 public:
  Zone() = default;  // UTC

  // "Asia/Shanghai", "Europe/Berlin", "UTC". Refuses what the system's data does not know.
  static Expected<Zone> find(const std::string& name);

  const std::string& name() const { return name_; }

  // A local time that exists twice is its first instant; one in a gap is read with the offset that
  // was in force before the gap. `since_midnight` counts on the wall, 0 ≤ … ≤ 24 h.
  WallTime instant(const LocalDate& date, Duration since_midnight = Duration(0)) const;

  // Whether that local time exists: false where a clock change skips it.
  bool exists(const LocalDate& date, Duration since_midnight) const;

  Duration offset_at(WallTime t) const;  // local − UTC
  LocalDate date_at(WallTime t) const;   // local date

 private:
  std::string name_ = "UTC";
  const void* zone_ = nullptr;  // date::time_zone of the library's registry, for ever; null is UTC
};

// "2026-11-30 16:00:00" on the zone's wall, whole seconds.
std::string local_text(const Zone& zone, WallTime t);

// The first line of the system's tzdata.zi ("version 2025b"), or "unknown".
std::string zone_data_version();

}  // namespace nines::sla
