// SPDX-License-Identifier: Apache-2.0
// `relabel_configs` as Prometheus applies them to a target: rules in order over its labels.
#pragma once

#include <re2/re2.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/import_draft.h"

namespace nines::cli {

using LabelMap = std::map<std::string, std::string>;

class Relabelling {
 public:
  // Rules that cannot be applied here (hashmod, a pattern that does not compile) are noted.
  Relabelling(const config::Node* list, Draft& notes);

  // False: the target is dropped.
  bool apply(LabelMap& labels) const;

 private:
  struct Rule {
    std::string action;
    std::vector<std::string> source;
    std::string separator;
    std::shared_ptr<const RE2> pattern;
    std::string target;
    std::string replacement;
  };

  void add(const config::Node& node, Draft& notes);
  static bool apply(const Rule& rule, LabelMap& labels);

  std::vector<Rule> rules_;
};

// What Go's Regexp.Expand makes of a template: $1, ${1}, $name, ${name}; "$$" is "$".
std::string expand_go(const RE2& pattern,
                      const std::vector<std::string_view>& groups,
                      std::string_view text);

}  // namespace nines::cli
