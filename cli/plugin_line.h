// SPDX-License-Identifier: Apache-2.0
// A check's state as the one line of a monitoring plugin. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/fields.h"

namespace nines::cli {

struct PluginLine {
  std::string text;
  int code = 3;
};

PluginLine plugin_line(const Json& check, WallTime now);

// One printable line without '|', which begins performance data.
std::string plugin_text(std::string_view text);

}  // namespace nines::cli
