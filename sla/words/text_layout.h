// SPDX-License-Identifier: Apache-2.0
// Text in columns, by the width that the eye sees: Chinese characters take two columns.
#pragma once

#include <string>
#include <string_view>

namespace nines::sla {

inline constexpr std::size_t kTextWidth = 80;

// Padded to `width` columns; what is wider stays as it is.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);

// Lines of at most kTextWidth columns, all indented alike, each with its newline. Breaks at spaces
// and between Chinese characters; keeps a number with its unit, and closing marks with what they
// close.
std::string wrapped(std::string_view text, std::string_view indent);

}  // namespace nines::sla
