// SPDX-License-Identifier: Apache-2.0
// An agreement in plain sentences, in English or Chinese, with what its numbers mean in minutes.
// Only what the file says: a section that is absent is left out, and nothing is added.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/yaml.h"
#include "sla/text/agreement.h"
#include "sla/words/phrase.h"

namespace nines::sla {

struct Preset;

struct Sentence {
  enum class Kind { title, heading, text, item } kind = Kind::text;
  std::string text;  // one paragraph; the reader breaks it into lines
};

std::vector<Sentence> explain(const Agreement& agreement,
                              const config::Node& file,
                              Language language);

// A published text by itself: what it is, what it expands to, what it leaves open.
std::vector<Sentence> explain(const Preset& preset, Language language);

// "43 min 12 s", "8 h 45 min 36 s", "2 d 3 h", "500 ms"; rounded down to whole seconds from a
// second on.
std::string spoken(const Rational& nanoseconds, Language language);

// Downtime that a share promised leaves in the period of the rule: "43 min 12 s in a 30-day month,
// 44 min 38 s in July". Around the clock.
std::string allowance(const Rational& target, const PeriodRule& rule, Language language);

// The same of a promise, within its hours: "51 min 18 s (171 h of hours) to 1 h 2 min 6 s (207 h)
// in each calendar month of the first year".
std::string allowance(const Agreement& agreement, const Objective& objective, Language language);

}  // namespace nines::sla
