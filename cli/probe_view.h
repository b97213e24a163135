// SPDX-License-Identifier: Apache-2.0
// One result of a check for people: what it ended in and why, a waterfall of its phases, and what
// is worth knowing of the target. Text of a hostile target is made harmless.
#pragma once

#include <string>

#include "model/check.h"
#include "model/result.h"

namespace nines::cli {

struct ViewStyle {
  bool colour = false;
  bool unicode = true;  // else ASCII alone
  std::size_t width = 80;
};

// As the environment's locale can show it, 80 columns wide. Ends with a newline.
std::string probe_view(const Check& check,
                       const ProbeResult& result,
                       WallTime started,
                       bool colour);

std::string probe_view(const Check& check,
                       const ProbeResult& result,
                       WallTime started,
                       const ViewStyle& style);

}  // namespace nines::cli
