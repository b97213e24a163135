// SPDX-License-Identifier: Apache-2.0
#include "sla/time/recurrence.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <tuple>

#include "base/assert.h"

namespace nines::sla {
namespace {

using Rule = RecurrenceRule;
using Frequency = Rule::Frequency;
using Take = std::function<bool(const LocalDate&)>;  // false: enough

constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxList = 366;

// ---- the text ----

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// A whole number of at most seven digits, with a sign where `low` is negative.
std::optional<int> number(std::string_view text, int low, int high) {
  const bool negative = low < 0 && text.starts_with('-');
  if (low < 0 && (negative || text.starts_with('+'))) text.remove_prefix(1);
  constexpr std::size_t kMostDigits = 7;
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  if (negative) out = -out;
  if (out < low || out > high) return std::nullopt;
  return out;
}

std::optional<unsigned> weekday_of(std::string_view text) {
  constexpr std::array<std::string_view, 7> kNames{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<unsigned>(found - kNames.begin()) + 1;
}

bool read_numbers(std::string_view text, int low, int high, std::vector<int>& out) {
  for (const std::string_view each : split(text, ',')) {
    const auto value = number(each, low, high);
    if (!value || *value == 0 || out.size() == kMaxList) return false;
    out.push_back(*value);
  }
  return true;
}

bool read_days(std::string_view text, std::vector<Rule::Day>& out) {
  constexpr int kMostWeeks = 53;
  for (std::string_view each : split(text, ',')) {
    if (each.size() < 2 || out.size() == kMaxList) return false;
    const auto day = weekday_of(each.substr(each.size() - 2));
    each.remove_suffix(2);
    const auto ordinal = each.empty() ? std::optional(0) : number(each, -kMostWeeks, kMostWeeks);
    if (!day || !ordinal || (!each.empty() && *ordinal == 0)) return false;
    out.push_back({*ordinal, *day});
  }
  return true;
}

// "20261231", "20261231T235959", "20261231T155959Z".
std::optional<Rule::Until> read_until(std::string_view text) {
  constexpr std::size_t kDate = 8;
  constexpr std::size_t kLocal = 15;
  const bool utc = text.ends_with('Z');
  if (utc) text.remove_suffix(1);
  if (text.size() != kLocal && (utc || text.size() != kDate)) return std::nullopt;
  Rule::Until out;
  const auto year = number(text.substr(0, 4), kFirstYear, kLastYear);
  const auto month = number(text.substr(4, 2), 1, 12);
  const auto day = number(text.substr(6, 2), 1, 31);
  if (!year || !month || !day) return std::nullopt;
  out.date = {*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)};
  if (!valid(out.date)) return std::nullopt;
  out.since_midnight = hours(24);  // of a date: all of it
  if (text.size() == kLocal) {
    const auto hour = number(text.substr(9, 2), 0, 23);
    const auto minute = number(text.substr(11, 2), 0, 59);
    const auto second = number(text.substr(13, 2), 0, 59);
    if (text[kDate] != 'T' || !hour || !minute || !second) return std::nullopt;
    out.since_midnight = hours(*hour) + minutes(*minute) + seconds(*second);
  }
  if (utc) out.instant = Zone().instant(out.date, out.since_midnight);
  return out;
}

bool read_frequency(std::string_view value, Rule& out) {
  constexpr std::array<std::pair<std::string_view, Frequency>, 4> kNames{
      {{"DAILY", Frequency::daily},
       {"WEEKLY", Frequency::weekly},
       {"MONTHLY", Frequency::monthly},
       {"YEARLY", Frequency::yearly}}};
  for (const auto& [name, frequency] : kNames) {
    if (name != value) continue;
    out.frequency = frequency;
    return true;
  }
  return false;
}

bool read_part(std::string_view name, std::string_view value, Rule& out) {
  constexpr int kMostInterval = 10'000;
  constexpr int kMostCount = 1'000'000;
  constexpr int kMostSet = 366;
  if (name == "FREQ") return read_frequency(value, out);
  if (name == "BYMONTH") return read_numbers(value, 1, 12, out.by_month);
  if (name == "BYMONTHDAY") return read_numbers(value, -31, 31, out.by_month_day);
  if (name == "BYDAY") return read_days(value, out.by_day);
  if (name == "BYSETPOS") return read_numbers(value, -kMostSet, kMostSet, out.by_set_pos);
  if (name == "INTERVAL") {
    const auto interval = number(value, 1, kMostInterval);
    out.interval = interval.value_or(1);
    return interval.has_value();
  }
  if (name == "COUNT") {
    const auto count = number(value, 1, kMostCount);
    if (count) out.count = *count;
    return count.has_value();
  }
  if (name == "UNTIL") return (out.until = read_until(value)).has_value();
  const auto first = weekday_of(value);
  out.week_start = first.value_or(1);
  return first.has_value();
}

Expected<void> check_parts(const Rule& rule, const std::set<std::string_view>& given) {
  if (!given.contains("FREQ")) return fail("an rrule needs FREQ");
  if (rule.count && rule.until) return fail("an rrule has COUNT or UNTIL, not both");
  const bool short_rule = rule.frequency == Frequency::daily || rule.frequency == Frequency::weekly;
  const bool ordinals = std::any_of(rule.by_day.begin(), rule.by_day.end(),
                                    [](const Rule::Day& day) { return day.ordinal != 0; });
  if (short_rule && ordinals) {
    return fail("BYDAY with a number belongs to FREQ=MONTHLY or FREQ=YEARLY");
  }
  if (rule.frequency == Frequency::weekly && !rule.by_month_day.empty()) {
    return fail("BYMONTHDAY does not go with FREQ=WEEKLY");
  }
  if (!rule.by_set_pos.empty() && rule.by_day.empty() && rule.by_month_day.empty() &&
      rule.by_month.empty()) {
    return fail("BYSETPOS needs another BY… part to choose from");
  }
  return {};
}

// ---- the dates ----

template <class List, class Value>
bool among(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool month_fits(const Rule& rule, const LocalDate& date) {
  return rule.by_month.empty() || among(rule.by_month, static_cast<int>(date.month));
}

unsigned last_of_month(int year, unsigned month) {
  const LocalDate next = month == 12 ? LocalDate{year + 1, 1, 1} : LocalDate{year, month + 1, 1};
  return plus_days(next, -1).day;
}

bool month_day_fits(const Rule& rule, const LocalDate& date) {
  if (rule.by_month_day.empty()) return true;
  const int day = static_cast<int>(date.day);
  return among(rule.by_month_day, day) ||
         among(rule.by_month_day, day - static_cast<int>(last_of_month(date.year, date.month)) - 1);
}

// Whether BYDAY names `date`, where ordinals count within [first, last].
bool day_fits(const Rule& rule,
              const LocalDate& date,
              const LocalDate& first,
              const LocalDate& last) {
  if (rule.by_day.empty()) return true;
  const int from_first = static_cast<int>((day_number(date) - day_number(first)) / 7) + 1;
  const int from_last = -static_cast<int>((day_number(last) - day_number(date)) / 7) - 1;
  return std::any_of(rule.by_day.begin(), rule.by_day.end(), [&](const Rule::Day& each) {
    return each.weekday == weekday(date) &&
           (each.ordinal == 0 || each.ordinal == from_first || each.ordinal == from_last);
  });
}

void add_month(const Rule& rule,
               int year,
               unsigned month,
               const LocalDate& start,
               std::vector<LocalDate>& out) {
  const LocalDate first{year, month, 1};
  const LocalDate last{year, month, last_of_month(year, month)};
  const bool chosen = !rule.by_month_day.empty() || !rule.by_day.empty();
  for (unsigned day = 1; day <= last.day; ++day) {
    const LocalDate date{year, month, day};
    const bool fits =
        chosen ? month_day_fits(rule, date) && day_fits(rule, date, first, last) : day == start.day;
    if (fits) out.push_back(date);
  }
}

void add_year(const Rule& rule, int year, const LocalDate& start, std::vector<LocalDate>& out) {
  if (rule.by_day.empty() && rule.by_month_day.empty() && rule.by_month.empty()) {
    const LocalDate date{year, start.month, start.day};
    if (valid(date)) out.push_back(date);  // 29 February only in leap years
    return;
  }
  if (rule.by_day.empty() || !rule.by_month.empty()) {
    for (unsigned month = 1; month <= 12; ++month) {
      if (month_fits(rule, {year, month, 1})) add_month(rule, year, month, start, out);
    }
    return;
  }
  const LocalDate first{year, 1, 1};
  const LocalDate last{year, 12, 31};
  for (LocalDate date = first; date <= last; date = plus_days(date, 1)) {
    if (month_day_fits(rule, date) && day_fits(rule, date, first, last)) out.push_back(date);
  }
}

// The dates of the n-th unit (day, week, month, year) from that of `start`, in order, and the first
// date that the unit can hold.
struct RuleUnit {
  LocalDate first;
  std::vector<LocalDate> dates;
};

RuleUnit unit_at(const Rule& rule, const LocalDate& start, int n) {
  RuleUnit out;
  switch (rule.frequency) {
    case Frequency::daily:
      out.first = plus_days(start, n);
      if (month_fits(rule, out.first) && month_day_fits(rule, out.first) &&
          day_fits(rule, out.first, out.first, out.first)) {
        out.dates.push_back(out.first);
      }
      return out;
    case Frequency::weekly: {
      const int into_week = static_cast<int>((weekday(start) + 7 - rule.week_start) % 7);
      out.first = plus_days(start, n * 7 - into_week);
      for (int day = 0; day < 7; ++day) {
        const LocalDate date = plus_days(out.first, day);
        const bool fits = rule.by_day.empty() ? weekday(date) == weekday(start)
                                              : day_fits(rule, date, date, date);
        if (fits && month_fits(rule, date)) out.dates.push_back(date);
      }
      return out;
    }
    case Frequency::monthly: {
      const int month = static_cast<int>(start.month) - 1 + n;
      out.first = {start.year + month / 12, static_cast<unsigned>(month % 12) + 1, 1};
      if (month_fits(rule, out.first)) {
        add_month(rule, out.first.year, out.first.month, start, out.dates);
      }
      return out;
    }
    case Frequency::yearly:
      out.first = {start.year + n, 1, 1};
      add_year(rule, out.first.year, start, out.dates);
      return out;
  }
  ASSERT(false);
  return out;
}

std::vector<LocalDate> at_positions(const Rule& rule, const std::vector<LocalDate>& dates) {
  if (rule.by_set_pos.empty()) return dates;
  std::set<LocalDate> chosen;
  const int size = static_cast<int>(dates.size());
  for (const int position : rule.by_set_pos) {
    const int index = position > 0 ? position - 1 : size + position;
    if (index >= 0 && index < size) chosen.insert(dates[static_cast<std::size_t>(index)]);
  }
  return {chosen.begin(), chosen.end()};
}

// The dates that the rule makes from `start` to `last`, in order; COUNT and UNTIL are left to
// `take`.
void each_date(const Rule& rule, const LocalDate& start, const LocalDate& last, const Take& take) {
  for (int n = 0;; n += rule.interval) {
    const RuleUnit unit = unit_at(rule, start, n);
    if (unit.first > last) return;
    for (const LocalDate& date : at_positions(rule, unit.dates)) {
      if (date < start) continue;
      if (date > last || !take(date)) return;
    }
  }
}

Interval instance_on(const Window& window, const LocalDate& date) {
  const std::int64_t begin = window.zone.instant(date, window.since_midnight).ns;
  if (window.duration) return {begin, begin + window.duration->count()};
  const bool same_day = window.until > window.since_midnight;
  return {begin, window.zone.instant(same_day ? date : plus_days(date, 1), window.until).ns};
}

bool is_past(const Rule::Until& until, const Window& window, const LocalDate& date) {
  if (until.instant) return window.zone.instant(date, window.since_midnight) > *until.instant;
  return std::tie(date, window.since_midnight) > std::tie(until.date, until.since_midnight);
}

}  // namespace

Expected<Rule> parse_rrule(std::string_view text) {
  constexpr std::array<std::string_view, 9> kJudged{
      "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"};
  if (text.size() > kMaxText) return fail("the rrule is longer than 1000 bytes");
  Rule out;
  std::set<std::string_view> given;
  for (const std::string_view part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string words(part);
    if (equals == std::string_view::npos) return fail("'" + words + "' is no part of an rrule");
    if (!among(kJudged, name)) {
      return fail("'" + std::string(name) + "' of an rrule is not judged by this version of nines");
    }
    if (!given.insert(name).second) return fail("the rrule says " + std::string(name) + " twice");
    if (!read_part(name, part.substr(equals + 1), out)) {
      return fail("'" + words + "' is not a value that this part of an rrule can have");
    }
  }
  TRY_VOID(check_parts(out, given));
  return out;
}

IntervalSet instances(const Window& window, const Interval& within) {
  std::vector<Interval> out;
  const auto keep = [&](const Interval& each) {
    if (each.to > within.from && each.from < within.to) out.push_back(each);
  };
  if (!window.rule) {
    keep(instance_on(window, window.start));
    return IntervalSet(std::move(out));
  }
  const Rule& rule = *window.rule;
  const LocalDate last = std::min(plus_days(window.zone.date_at(WallTime{within.to}), 1),
                                  LocalDate{kLastYear, 12, 30});
  // What ends before `within` needs no look at the zone, unless it is to be counted.
  const Duration reach = window.duration.value_or(hours(24)) + hours(72);
  const LocalDate near =
      Zone().date_at(WallTime{std::max(within.from, reach.count()) - reach.count()});
  std::int64_t counted = 0;
  each_date(rule, window.start, last, [&](const LocalDate& date) {
    if (!rule.count && date < near) return true;
    if (!window.zone.exists(date, window.since_midnight)) return true;
    if (rule.until && is_past(*rule.until, window, date)) return false;
    if (rule.count && ++counted > *rule.count) return false;
    keep(instance_on(window, date));
    return true;
  });
  return IntervalSet(std::move(out));
}

std::vector<LocalDate> skipped_dates(const Window& window,
                                     const LocalDate& first,
                                     const LocalDate& last,
                                     std::size_t most) {
  std::vector<LocalDate> out;
  if (!window.rule) return out;  // one that is written out is moved, not ignored
  const Rule& rule = *window.rule;
  std::int64_t counted = 0;
  each_date(rule, window.start, last, [&](const LocalDate& date) {
    if (rule.until && is_past(*rule.until, window, date)) return false;
    if (window.zone.exists(date, window.since_midnight)) {
      return !rule.count || ++counted < *rule.count;
    }
    if (date >= first) out.push_back(date);
    return out.size() < most;
  });
  return out;
}

}  // namespace nines::sla
