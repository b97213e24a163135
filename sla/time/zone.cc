// SPDX-License-Identifier: Apache-2.0
#include "sla/time/zone.h"

#include <date/tz.h>

#include <cstdio>
#include <fstream>

#include "base/assert.h"

namespace nines::sla {
namespace {

const date::time_zone& zone_data(const void* zone) {
  return *static_cast<const date::time_zone*>(zone);
}

date::year_month_day to_library(const LocalDate& d) {
  return date::year(d.year) / date::month(d.month) / date::day(d.day);
}

LocalDate from_library(date::local_days days) {
  const date::year_month_day ymd(days);
  return {int{ymd.year()}, unsigned{ymd.month()}, unsigned{ymd.day()}};
}

date::sys_seconds seconds_of(WallTime t) {
  return date::floor<seconds>(date::sys_time<Duration>(Duration(t.ns)));
}

}  // namespace

bool valid(const LocalDate& d) {
  return d.year >= kFirstYear && d.year <= kLastYear && to_library(d).ok();
}

std::int64_t day_number(const LocalDate& d) {
  return date::local_days(to_library(d)).time_since_epoch().count();
}

LocalDate date_of_day(std::int64_t number) {
  return from_library(date::local_days(date::days(static_cast<int>(number))));
}

LocalDate plus_days(const LocalDate& d, int days) { return date_of_day(day_number(d) + days); }

unsigned weekday(const LocalDate& d) {
  return date::weekday(date::local_days(to_library(d))).iso_encoding();
}

Expected<Zone> Zone::find(const std::string& name) {
  Zone out;
  out.name_ = name;
  if (name == "UTC") return out;
  try {
    out.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {
    return fail("the system's time-zone data knows no zone '" + name +
                "' (write a name such as Asia/Shanghai, or UTC; is tzdata installed?)");
  }
  return out;
}

WallTime Zone::instant(const LocalDate& d, Duration since_midnight) const {
  ASSERT(since_midnight.count() >= 0 && since_midnight <= hours(24));
  const auto wall =
      date::local_days(to_library(d)) + std::chrono::duration_cast<Duration>(since_midnight);
  seconds offset{0};
  if (zone_ != nullptr) {
    // `first` is the only offset of a plain time, the earlier one of an ambiguous time and the one
    // before the gap of a missing time: exactly the reading of RFC 5545 3.3.5.
    offset = zone_data(zone_).get_info(date::floor<seconds>(wall)).first.offset;
  }
  return {(wall.time_since_epoch() - offset).count()};
}

bool Zone::exists(const LocalDate& d, Duration since_midnight) const {
  if (zone_ == nullptr) return true;
  const auto wall =
      date::local_days(to_library(d)) + std::chrono::duration_cast<Duration>(since_midnight);
  return zone_data(zone_).get_info(date::floor<seconds>(wall)).result !=
         date::local_info::nonexistent;
}

Duration Zone::offset_at(WallTime t) const {
  if (zone_ == nullptr) return Duration(0);
  return zone_data(zone_).get_info(seconds_of(t)).offset;
}

std::string iso_date(const LocalDate& date) {
  std::string out = std::to_string(date.year);
  for (const unsigned part : {date.month, date.day}) {
    out += (part < 10 ? "-0" : "-") + std::to_string(part);
  }
  return out;
}

std::optional<LocalDate> parse_date(std::string_view text) {
  const auto t = parse_rfc3339(std::string(text) + "T00:00:00Z");
  constexpr std::size_t kDate = 10;
  if (!t || text.size() != kDate) return std::nullopt;
  const LocalDate date = Zone().date_at(*t);
  return valid(date) ? std::optional(date) : std::nullopt;
}

LocalDate Zone::date_at(WallTime t) const {
  const date::local_time<Duration> wall(Duration(t.ns) + offset_at(t));
  return from_library(date::floor<date::days>(wall));
}

std::string local_text(const Zone& zone, WallTime t) {
  const LocalDate d = zone.date_at(t);
  const Duration wall = Duration(t.ns) + zone.offset_at(t) - date::days(day_number(d));
  const auto second = std::chrono::duration_cast<seconds>(wall).count();
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d", d.year, d.month, d.day,
                static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60),
                static_cast<int>(second % 60));
  return text;
}

std::string zone_data_version() {
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string line;
  constexpr std::size_t kLongest = 80;
  if (!std::getline(file, line) || line.size() > kLongest) return "unknown";
  if (line.rfind("# ", 0) == 0) line.erase(0, 2);
  return line;
}

}  // namespace nines::sla
