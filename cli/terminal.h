// SPDX-License-Identifier: Apache-2.0
// Text for a terminal: width as the eye sees it, colour where somebody can see it, and nothing that
// a hostile target's answer could do to the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace nines::cli {

enum class Paint { plain, strong, faint, good, bad, doubtful };

// Columns of what is read as a text, not as a table.
inline constexpr std::size_t kTextWidth = 80;

struct Style {
  bool colour = false;
  std::size_t width = 80;
};

// Of standard output: colour on a terminal only and never with NO_COLOR or TERM=dumb; the
// terminal's width from 40 to 200, else 80.
Style style_of_output();
std::size_t rows_of_output();  // 0 where it is no terminal

std::string painted(const Style& style, Paint paint, std::string_view text);

using nines::display_width;
using nines::printable;

// At most `width` columns, the last one "…" where something was cut.
std::string fitted(std::string_view text, std::size_t width);
std::string padded(std::string_view text, std::size_t width, bool right = false);

// Lines of at most `width` columns, broken at spaces where there are some, all but the first
// indented; each ends with a newline.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// The mark before an outcome: a sign of its own for each, so that colour is never needed.
std::string_view mark_of(std::string_view outcome);
Paint paint_of(std::string_view outcome);

}  // namespace nines::cli
