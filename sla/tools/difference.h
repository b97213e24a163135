// SPDX-License-Identifier: Apache-2.0
// Two agreements compared as what they say, not as lines: each place that differs, and for promises
// what the difference is in minutes.
#pragma once

#include <string>
#include <vector>

#include "config/yaml.h"
#include "sla/text/agreement.h"
#include "sla/tools/explain.h"

namespace nines::sla {

struct TextChange {
  enum class Kind { added, removed, changed } kind = Kind::changed;
  std::string path;  // "spec/objectives/availability/target"
  std::string before, after;
  std::string means;  // "21 min 36 s instead of 43 min 12 s in a 30-day month"; may be empty
};

// In the order of the first text, then what only the second has. `metadata/version` and
// `metadata/supersedes` always differ and are left out.
std::vector<TextChange> difference(const config::Node& before, const config::Node& after);

// Fills `means` of what changed in objectives that both have.
void add_meanings(std::vector<TextChange>& changes,
                  const Agreement& before,
                  const Agreement& after,
                  Language language);

}  // namespace nines::sla
