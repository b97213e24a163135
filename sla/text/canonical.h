// SPDX-License-Identifier: Apache-2.0
// The canonical form of an agreement: JSON after RFC 8785 (JCS) of the parsed YAML. Its SHA-256 is
// what parties sign and what `supersedes.digest` names; comments and layout do not count.
#pragma once

#include <string>

#include "config/yaml.h"

namespace nines::sla {

// Unquoted true, false and whole numbers (JSON's spelling, at most 2^53 in size) are themselves,
// every other scalar is a string.
std::string canonical_json(const config::Node& node);

// Complains of every unquoted number with a fraction or exponent: percentages and money are texts
// in quotes, so that no reader turns them into binary fractions; and of whole numbers past 2^53.
void forbid_fractions(const config::Node& node, config::Complaints& complaints);

}  // namespace nines::sla
