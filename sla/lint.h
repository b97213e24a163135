// SPDX-License-Identifier: Apache-2.0
// What is doubtful in an agreement that decodes: promises that its own measurement cannot keep.
#pragma once

#include <string>
#include <vector>

#include "sla/agreement.h"

namespace nines::sla {

struct Finding {
  enum class Severity { warning, error } severity = Severity::warning;
  std::string text;
};

std::vector<Finding> lint(const Agreement& agreement);

}  // namespace nines::sla
