// SPDX-License-Identifier: Apache-2.0
#include "sla/words/warning.h"

#include <algorithm>

namespace nines::sla {

bool Warning::operator==(const Warning& other) const {
  return phrase.in(Language::en) == other.phrase.in(Language::en) && values == other.values &&
         about == other.about;
}

std::string warning_text(const Warning& warning, Language language) {
  static constexpr Phrase kOfSupplier{"supplier '{0}': {1}", "供应方 “{0}”：{1}"};
  std::string text = say_with(language, warning.phrase, warning.values);
  return warning.about.empty() ? text : say(language, kOfSupplier, {warning.about, text});
}

void warn_once(std::vector<Warning>& warnings, Warning warning) {
  if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
    warnings.push_back(std::move(warning));
  }
}

}  // namespace nines::sla
