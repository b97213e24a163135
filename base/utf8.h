// SPDX-License-Identifier: Apache-2.0
// UTF-8 text from anywhere: its characters, their width as the eye sees it, and what is safe to
// show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nines {

struct Character {
  std::uint32_t code = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};

// The character at the beginning of `text`, which is not empty.
Character first_character(std::string_view text);

// Columns on a terminal: 2 for wide East Asian characters, 0 for combining marks.
std::size_t columns_of(std::uint32_t code);
std::size_t display_width(std::string_view text);

// Without what could move the cursor, colour or reorder the line: control bytes, C1 and
// bidirectional controls become spaces, what is no UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

}  // namespace nines
