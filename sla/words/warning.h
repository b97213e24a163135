// SPDX-License-Identifier: Apache-2.0
// What a judgement found worth a word, sayable in every language of a report.
#pragma once

#include <string>
#include <vector>

#include "sla/words/phrase.h"

namespace nines::sla {

struct Warning {
  Phrase phrase;
  std::vector<std::string> values;
  std::string about;  // of whom it is, where not of the agreement itself: a supplier

  bool operator==(const Warning& other) const;
};

std::string warning_text(const Warning& warning, Language language = Language::en);

// Once, however many objectives ask for the same thing.
void warn_once(std::vector<Warning>& warnings, Warning warning);

}  // namespace nines::sla
