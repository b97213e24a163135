// SPDX-License-Identifier: Apache-2.0
#include "sla/time/calendar_rows.h"

#include <algorithm>

namespace nines::sla {
namespace {

using RowUnit = CalendarRows::Unit;

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kRowDay = 24 * kHour;

RowUnit unit_for(std::int64_t length) {
  if (length <= 2 * kRowDay) return RowUnit::hour;
  if (length <= 35 * kRowDay) return RowUnit::day;
  if (length <= 100 * kRowDay) return RowUnit::week;
  if (length <= 3 * 366 * kRowDay) return RowUnit::month;
  return length <= 59 * 366 * kRowDay ? RowUnit::year : RowUnit::whole;
}

LocalDate first_date(RowUnit unit, LocalDate date) {
  if (unit == RowUnit::month || unit == RowUnit::year) date.day = 1;
  if (unit == RowUnit::year) date.month = 1;
  return date;
}

LocalDate next_date(RowUnit unit, LocalDate date) {
  switch (unit) {
    case RowUnit::week:
      return plus_days(date, 7);
    case RowUnit::month:
      return date.month == 12 ? LocalDate{date.year + 1, 1, 1}
                              : LocalDate{date.year, date.month + 1, 1};
    case RowUnit::year:
      return {date.year + 1, 1, 1};
    default:
      return plus_days(date, 1);
  }
}

// Of "2026-11-30 16:00:00".
std::string label_of(RowUnit unit, const std::string& local) {
  switch (unit) {
    case RowUnit::hour:
      return local.substr(11, 5);
    case RowUnit::day:
    case RowUnit::week:
      return local.substr(5, 5);
    case RowUnit::month:
      return local.substr(0, 7);
    case RowUnit::year:
      return local.substr(0, 4);
    case RowUnit::whole:
      break;
  }
  return "";
}

std::vector<CalendarRows::Tick> ticks_of(RowUnit unit) {
  std::vector<CalendarRows::Tick> out;
  const auto put = [&](int last, int step, int first_number, std::int64_t length) {
    for (int i = 0; i <= last; i += step) {
      out.push_back({i * length, std::to_string(i + first_number)});
    }
  };
  if (unit == RowUnit::hour) put(60, 15, 0, kMinute);
  if (unit == RowUnit::day) put(24, 6, 0, kHour);
  if (unit == RowUnit::week) put(6, 1, 1, kRowDay);
  if (unit == RowUnit::month) put(28, 7, 1, kRowDay);
  if (unit == RowUnit::year) put(360, 90, 1, kRowDay);
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
  if (out.unit == RowUnit::whole) {
    put(period.from, period.to);
    return out;
  }
  LocalDate date = first_date(out.unit, zone.date_at({period.from}));
  if (out.unit == RowUnit::hour) {
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
