// SPDX-License-Identifier: Apache-2.0
// The pieces of sla/tools/lint.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/node_path.h"
#include "sla/tools/lint.h"

namespace nines::sla {

// Gathers findings; `path` says where in the file (config/node_path.h).
class Findings {
 public:
  explicit Findings(const config::Node& file) : file_(file) {}

  void error(std::string_view path, std::string text) {
    list_.push_back({Finding::Severity::error, config::place_at(file_, path), std::move(text)});
  }

  void warning(std::string_view path, std::string text) {
    list_.push_back({Finding::Severity::warning, config::place_at(file_, path), std::move(text)});
  }

  void add(const Finding& finding) { list_.push_back(finding); }

  const config::Node& file() const { return file_; }

  std::vector<Finding> take() { return std::move(list_); }

 private:
  const config::Node& file_;
  std::vector<Finding> list_;
};

// Clauses: parties, disputes, notice, guarantees, risks, suppliers.
void look_at_clauses(const Agreement& agreement, const LintOptions& options, Findings& out);

// How often the sampling looks within what an availability objective allows in its shortest
// period.
struct Resolution {
  Rational budget_ns;
  Duration every{0};   // of the slowest check of the service
  Rational intervals;  // budget ÷ every
};

std::optional<Resolution> resolution_of(const Agreement& agreement, const Objective& objective);

}  // namespace nines::sla
