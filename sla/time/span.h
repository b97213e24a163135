// SPDX-License-Identifier: Apache-2.0
// Lengths as contracts write them: "30d" and "36h" are exact, "1M", "2Q" and "1Y" are calendar
// months, quarters and years, which are as long as they are.
#pragma once

#include <optional>
#include <string>

#include "config/yaml.h"
#include "sla/time/zone.h"

namespace nines::sla {

struct Span {
  int months = 0;  // of M, Q and Y; then `exact` is zero
  Duration exact{0};

  bool operator==(const Span&) const = default;
};

std::optional<Span> parse_span(std::string_view text);  // at most 100 years, more than nothing
std::string text_of(const Span& span);                  // "1M", "1Q", "1Y", "36h"

// The wall-clock date `count` spans after `date`: months keep the day, or end with the month
// (31 January + 1M is 28 February); the months are added at once, so that 31 March follows again.
// Exact lengths move by whole days, rounded up. Within the years that zone.h speaks of.
LocalDate after(const LocalDate& date, const Span& span, int count);

std::optional<Span> as_span(const config::Node& node, config::Complaints& complaints);

}  // namespace nines::sla
