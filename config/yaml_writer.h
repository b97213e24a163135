// SPDX-License-Identifier: Apache-2.0
// A tree as YAML text that reads back as the same tree (places apart): what was quoted stays
// quoted, so that the canonical form does not change.
#pragma once

#include <string>
#include <string_view>

#include "config/yaml.h"

namespace nines::config {

// Block style; mappings and lists that fit one line of 100 columns are written in flow style.
std::string yaml_text(const Node& node);

// One scalar in double quotes, escaped.
std::string quoted_yaml(std::string_view text);

}  // namespace nines::config
