// SPDX-License-Identifier: Apache-2.0
// Which of the guideline's 24 items an agreement speaks of, and which it leaves open. An item is
// made of parts; each part is a place in the file. Completeness is a number, not an impression.
#pragma once

#include <string>
#include <vector>

#include "config/yaml.h"
#include "sla/tools/explain.h"

namespace nines::sla {

struct CoveredPart {
  std::string path;   // "spec/legal/disputes"
  std::string words;  // in the language asked for
  bool present = false;
};

struct CoveredItem {
  std::string id;  // "4.3"
  std::string title;
  std::vector<CoveredPart> parts;

  std::size_t present() const;

  bool whole() const { return present() == parts.size(); }
};

// All 24 items in order. A part is present when the file says it and it is not empty.
std::vector<CoveredItem> coverage(const config::Node& file, Language language);

}  // namespace nines::sla
