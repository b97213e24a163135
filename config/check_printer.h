// SPDX-License-Identifier: Apache-2.0
// Values back to YAML, for --print-config. Secrets are replaced: what is printed may go into a
// ticket.
#pragma once

#include <string>
#include <string_view>

#include "model/check.h"

namespace nines::config {

std::string yaml_quoted(std::string_view text);  // a double-quoted YAML (and JSON) text

// One entry of a `checks:` list, every default written out, indented by two spaces. What holds no
// secret decodes to an equal check.
std::string print_check(const Check& check);

std::string print_labels(const Labels& labels);  // "{a: \"b\"}"

}  // namespace nines::config
