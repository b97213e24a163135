// SPDX-License-Identifier: Apache-2.0
// What is allowed in an agreement but probably not meant: promises that nothing measures, targets
// that its own measurement cannot keep, clauses without which nobody can settle a quarrel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/yaml.h"
#include "sla/text/agreement.h"

namespace nines::sla {

struct Finding {
  enum class Severity { warning, error } severity = Severity::warning;
  config::Place place;
  std::string text;
};

struct LintOptions {
  // Each objective held against SMART: specific, measurable, achievable, relevant, time-bound.
  bool smart = false;
  // The day on which both sides would sign: what takes effect before the notice is over is found.
  std::optional<LocalDate> as_of;
};

// In order of places. `file` is the tree that `agreement` was decoded from.
std::vector<Finding> lint(const Agreement& agreement,
                          const config::Node& file,
                          const LintOptions& options = {});

// What SMART is measured by, one line for each letter of each objective.
struct Measured {
  std::string objective;
  char letter = 'S';
  bool good = true;
  std::string text;
};

std::vector<Measured> smart(const Agreement& agreement, const config::Node& file);

// Hours in which support is promised and the roster has nobody.
std::vector<Finding> roster_findings(const Agreement& agreement, const config::Node& file);

// The chance that all suppliers keep their promises at once, were they independent: those that
// cover the same stand in for each other, different covers are all needed. Absent without promises.
std::optional<Rational> supplier_product(const Agreement& agreement);

}  // namespace nines::sla
