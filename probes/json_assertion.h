// SPDX-License-Identifier: Apache-2.0
// Values of a JSON text (RFC 8259) at JSON Pointers (RFC 6901), and comparisons with them. One pass
// without a tree: memory is bounded by depth, not by the text. Numbers stay the decimals that were
// written, so that 0.1 is 0.1 and 1e400 is a number like any other.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "model/check.h"

namespace nines::probes {

inline constexpr std::size_t kMaxJsonDepth = 200;  // levels of arrays and objects

struct JsonValue {
  enum class Kind { missing, null, boolean, number, string, array, object };

  Kind kind = Kind::missing;
  std::string text;  // "true", the number as written, the string decoded; else empty
};

// One value for each pointer. Of a key that an object holds twice the last counts. An Error says
// why the text is no JSON.
Expected<std::vector<JsonValue>> find_values(std::string_view json,
                                             const std::vector<std::string>& pointers);

// Of two JSON numbers, exactly. Exponents beyond 10^15 count as 10^15.
std::strong_ordering compare_decimals(std::string_view a, std::string_view b);

// What is wrong with `value`, or "". Every operator but `exists` needs a value to compare with; the
// types must be the same for `equals`, and `below` and `above` are about numbers.
std::string judge_value(const JsonExpect& expect, const JsonValue& value);

}  // namespace nines::probes
