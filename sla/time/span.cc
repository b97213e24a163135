// SPDX-License-Identifier: Apache-2.0
#include "sla/time/span.h"

#include <algorithm>

namespace nines::sla {
namespace {

constexpr int kMaxMonths = 1200;

unsigned last_day(int year, unsigned month) {
  constexpr unsigned kLongest = 31;
  unsigned day = kLongest;
  while (!valid({year, month, day})) --day;
  return day;
}

std::optional<int> months_in(std::string_view text) {
  constexpr std::size_t kMaxDigits = 4;
  if (text.size() < 2 || text.size() > kMaxDigits + 1) return std::nullopt;
  int count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + (c - '0');
  }
  switch (text.back()) {
    case 'M':
      return count;
    case 'Q':
      return count * 3;
    case 'Y':
      return count * 12;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Span> parse_span(std::string_view text) {
  if (const auto months = months_in(text)) {
    if (*months < 1 || *months > kMaxMonths) return std::nullopt;
    return Span{*months, Duration(0)};
  }
  const auto exact = parse_duration(text);
  if (!exact || exact->count() <= 0 || *exact > hours(24 * 36'525)) return std::nullopt;
  return Span{0, *exact};
}

std::string text_of(const Span& span) {
  if (span.months == 0) return format_duration(span.exact);
  if (span.months % 12 == 0) return std::to_string(span.months / 12) + "Y";
  if (span.months % 3 == 0) return std::to_string(span.months / 3) + "Q";
  return std::to_string(span.months) + "M";
}

LocalDate after(const LocalDate& date, const Span& span, int count) {
  const LocalDate last{kLastYear, 12, 31};
  if (span.months == 0) {
    const std::int64_t days = (span.exact.count() + kDayNs - 1) / kDayNs * count;
    const std::int64_t number = std::min(day_number(date) + days, day_number(last));
    return date_of_day(number);
  }
  const std::int64_t index = std::int64_t{date.year} * 12 + static_cast<int>(date.month) - 1 +
                             std::int64_t{span.months} * count;
  if (index / 12 > kLastYear) return last;
  const int year = static_cast<int>(index / 12);
  const auto month = static_cast<unsigned>(index % 12) + 1;
  return {year, month, std::min(date.day, last_day(year, month))};
}

std::optional<Span> as_span(const config::Node& node, config::Complaints& complaints) {
  const auto text = config::as_text(node, complaints);
  if (!text) return std::nullopt;
  const auto span = parse_span(*text);
  if (!span) {
    complaints.add(node.place(),
                   config::shown(*text) +
                       " is not a length (write 30s, 36h, 30d, or 1M, 1Q, 1Y for calendar months, "
                       "quarters and years)");
  }
  return span;
}

}  // namespace nines::sla
