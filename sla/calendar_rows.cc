// SPDX-License-Identifier: Apache-2.0
#include "sla/calendar_rows.h"

#include <algorithm>

namespace nines::sla {
namespace {

using Unit = CalendarRows::Unit;

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

Unit unit_for(std::int64_t length) {
  if (length <= 2 * kDay) return Unit::hour;
  if (length <= 35 * kDay) return Unit::day;
  if (length <= 100 * kDay) return Unit::week;
  if (length <= 3 * 366 * kDay) return Unit::month;
  return length <= 59 * 366 * kDay ? Unit::year : Unit::whole;
}

LocalDate first_date(Unit unit, LocalDate date) {
  if (unit == Unit::month || unit == Unit::year) date.day = 1;
  if (unit == Unit::year) date.month = 1;
  return date;
}

LocalDate next_date(Unit unit, LocalDate date) {
  switch (unit) {
    case Unit::week:
      return plus_days(date, 7);
    case Unit::month:
      return date.month == 12 ? LocalDate{date.year + 1, 1, 1}
                              : LocalDate{date.year, date.month + 1, 1};
    case Unit::year:
      return {date.year + 1, 1, 1};
    default:
      return plus_days(date, 1);
  }
}

// Of "2026-11-30 16:00:00".
std::string label_of(Unit unit, const std::string& local) {
  switch (unit) {
    case Unit::hour:
      return local.substr(11, 5);
    case Unit::day:
    case Unit::week:
      return local.substr(5, 5);
    case Unit::month:
      return local.substr(0, 7);
    case Unit::year:
      return local.substr(0, 4);
    case Unit::whole:
      break;
  }
  return "";
}

std::vector<CalendarRows::Tick> ticks_of(Unit unit) {
  std::vector<CalendarRows::Tick> out;
  const auto put = [&](int last, int step, int first_number, std::int64_t length) {
    for (int i = 0; i <= last; i += step) {
      out.push_back({i * length, std::to_string(i + first_number)});
    }
  };
  if (unit == Unit::hour) put(60, 15, 0, kMinute);
  if (unit == Unit::day) put(24, 6, 0, kHour);
  if (unit == Unit::week) put(6, 1, 1, kDay);
  if (unit == Unit::month) put(28, 7, 1, kDay);
  if (unit == Unit::year) put(360, 90, 1, kDay);
  return out;
}

}  // namespace

CalendarRows calendar_rows(const Interval& period, const Zone& zone) {
  CalendarRows out;
  out.unit = unit_for(period.to - period.from);
  out.ticks = ticks_of(out.unit);
  const auto put = [&](std::int64_t from, std::int64_t to) {
    const Interval span{std::max(from, period.from), std::min(to, period.to)};
    if (span.from >= span.to) return;
    out.longest = std::max(out.longest, to - from);
    out.rows.push_back({from, to, span, label_of(out.unit, local_text(zone, {from}))});
  };
  if (out.unit == Unit::whole) {
    put(period.from, period.to);
    return out;
  }
  LocalDate date = first_date(out.unit, zone.date_at({period.from}));
  if (out.unit == Unit::hour) {
    for (std::int64_t at = zone.instant(date).ns; at < period.to; at += kHour) put(at, at + kHour);
    return out;
  }
  for (std::int64_t at = zone.instant(date).ns; at < period.to;) {
    date = next_date(out.unit, date);
    const std::int64_t next = zone.instant(date).ns;
    put(at, next);
    at = next;
  }
  return out;
}

}  // namespace nines::sla
