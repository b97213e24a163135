// SPDX-License-Identifier: Apache-2.0
// The worked cases of tests/data/cases: Markdown that a person can check with pencil and paper, and
// that a test runs. tests/data/cases/README.md says how they are written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/time.h"

namespace nines::sla {

struct Expectation {
  std::string key;   // "down", "value", "outages.0.max_s", "credits.amount", "mean/verdict"
  std::string text;  // "4378", "99.830", "2576995/2581373", "null"
};

struct Case {
  std::string id;                  // "C017"
  std::vector<std::string> rules;  // "S24"
  std::string title;
  std::string day = "2026-03-02";       // of instants that name none
  std::string place;                    // "04-outages.md:12"
  std::vector<std::string> agreements;  // YAML, one for each version
  std::string results;                  // JSON lines
  std::string events;                   // JSON lines; may be empty
  std::string period, as_of;            // of the question; one may be empty
  std::vector<Expectation> expected;
  std::vector<std::string> refused;  // parts of the message, where nothing can be judged
};

// "10:00", "10:00:30.5", "2026-03-29T10:00", all in UTC; "24:00" is the next midnight.
std::optional<WallTime> instant(std::string text, const std::string& day);

// All cases of one file, or what is wrong with its writing and where.
Expected<std::vector<Case>> read_cases(const std::string& text, const std::string& name);

}  // namespace nines::sla
