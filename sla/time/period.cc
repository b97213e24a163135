// SPDX-License-Identifier: Apache-2.0
#include "sla/time/period.h"

#include <optional>
#include <string_view>

namespace nines::sla {
namespace {

using Kind = PeriodRule::Kind;

LocalDate first_of_month(int year, int month_index) {  // month_index from 0, may pass the year
  return {year + month_index / 12, static_cast<unsigned>(month_index % 12) + 1, 1};
}

// First days of the calendar period that holds `day`, and of the one after it.
std::pair<LocalDate, LocalDate> bounds(Kind kind, const LocalDate& day) {
  const int month_index = static_cast<int>(day.month) - 1;
  switch (kind) {
    case Kind::week: {
      const LocalDate monday = plus_days(day, 1 - static_cast<int>(weekday(day)));
      return {monday, plus_days(monday, 7)};
    }
    case Kind::month:
      return {first_of_month(day.year, month_index), first_of_month(day.year, month_index + 1)};
    case Kind::quarter: {
      const int first = month_index / 3 * 3;
      return {first_of_month(day.year, first), first_of_month(day.year, first + 3)};
    }
    case Kind::year:
      return {first_of_month(day.year, 0), first_of_month(day.year, 12)};
    default:
      return {day, plus_days(day, 1)};
  }
}

Interval calendar(Kind kind, const Zone& zone, const LocalDate& day) {
  const auto [first, next] = bounds(kind, day);
  return {zone.instant(first).ns, zone.instant(next).ns};
}

// The whole of `text` as `width` digits.
std::optional<int> number(std::string_view text, std::size_t width) {
  if (text.size() != width) return std::nullopt;
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

// The week that holds 4 January is week 1 (ISO 8601).
std::optional<LocalDate> monday_of_week(int year, int week) {
  const LocalDate fourth{year, 1, 4};
  const LocalDate first = plus_days(fourth, 1 - static_cast<int>(weekday(fourth)));
  const LocalDate monday = plus_days(first, 7 * (week - 1));
  const LocalDate thursday = plus_days(monday, 3);
  if (week < 1 || thursday.year != year) return std::nullopt;
  return monday;
}

struct CalendarPeriod {
  Kind kind;
  LocalDate day;
};

std::optional<CalendarPeriod> read_calendar(std::string_view text) {
  const auto year = number(text.substr(0, 4), 4);
  if (!year || *year < kFirstYear || *year > kLastYear) return std::nullopt;
  if (text.size() == 4) return CalendarPeriod{Kind::year, {*year, 1, 1}};
  if (text[4] != '-') return std::nullopt;
  const std::string_view rest = text.substr(5);
  if (rest.size() == 2 && rest[0] == 'Q' && rest[1] >= '1' && rest[1] <= '4') {
    return CalendarPeriod{Kind::quarter, first_of_month(*year, (rest[1] - '1') * 3)};
  }
  if (rest.size() == 3 && rest[0] == 'W') {
    const auto week = number(rest.substr(1), 2);
    const auto monday = week ? monday_of_week(*year, *week) : std::nullopt;
    if (!monday) return std::nullopt;
    return CalendarPeriod{Kind::week, *monday};
  }
  const auto month = number(rest.substr(0, 2), 2);
  if (!month) return std::nullopt;
  const bool has_day = rest.size() > 2;
  const auto day = has_day && rest[2] == '-' ? number(rest.substr(3), 2) : std::optional<int>(1);
  if (!day || (has_day && rest[2] != '-')) return std::nullopt;
  const LocalDate date{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)};
  if (!valid(date)) return std::nullopt;
  return CalendarPeriod{has_day ? Kind::day : Kind::month, date};
}

}  // namespace

Interval period_at(const PeriodRule& rule, const Zone& zone, WallTime as_of) {
  if (rule.kind == Kind::rolling) {
    return {(as_of - hours(24) * rule.rolling_days).ns, as_of.ns};
  }
  // from < as_of: the period of the nanosecond before. A midnight that a clock change skipped can
  // put the local date of an instant beside its period, hence the look at the neighbours.
  const WallTime inside = as_of - Duration(1);
  const LocalDate day = zone.date_at(inside);
  for (const int shift : {0, -1, 1}) {
    const Interval period = calendar(rule.kind, zone, plus_days(day, shift));
    if (period.from <= inside.ns && inside.ns < period.to) return period;
  }
  return calendar(rule.kind, zone, day);
}

Expected<Interval> parse_period(const std::string& text, const Zone& zone) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    TRY(from, parse_rfc3339(std::string_view(text).substr(0, slash)));
    TRY(to, parse_rfc3339(std::string_view(text).substr(slash + 1)));
    const WallTime first = Zone().instant({kFirstYear, 1, 1});
    const WallTime last = Zone().instant({kLastYear, 12, 31});
    if (from >= to) return fail("period '" + text + "': it must end after it begins");
    if (from < first || to > last) {
      return fail("period '" + text + "': only the years 1970 to 2199 can be judged");
    }
    return Interval{from.ns, to.ns};
  }
  if (const auto period = read_calendar(text)) return calendar(period->kind, zone, period->day);
  return fail(
      "'" + text +
      "' is not a period (write 2026, 2026-Q1, 2026-11, 2026-W13, 2026-03-29 or FROM/TO with "
      "two RFC 3339 instants)");
}

}  // namespace nines::sla
