// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace nines::cli {
namespace {

struct Range {
  std::uint32_t first, last;
};

// Zero columns: combining marks, joiners, variation selectors.
constexpr std::array<Range, 6> kNarrow{{{0x0300, 0x036F},
                                        {0x1AB0, 0x1AFF},
                                        {0x200B, 0x200D},
                                        {0x20D0, 0x20FF},
                                        {0xFE00, 0xFE0F},
                                        {0xFE20, 0xFE2F}}};
// Two columns (Unicode's East Asian Width, W and F, in large steps).
constexpr std::array<Range, 13> kWide{{{0x1100, 0x115F},
                                       {0x2E80, 0x303E},
                                       {0x3041, 0x33FF},
                                       {0x3400, 0x4DBF},
                                       {0x4E00, 0x9FFF},
                                       {0xA000, 0xA4CF},
                                       {0xAC00, 0xD7A3},
                                       {0xF900, 0xFAFF},
                                       {0xFE30, 0xFE6F},
                                       {0xFF00, 0xFF60},
                                       {0xFFE0, 0xFFE6},
                                       {0x1F300, 0x1FAFF},
                                       {0x20000, 0x3FFFD}}};
// Controls: C0, DEL, C1 (0x9B is a CSI), line separators, bidirectional overrides and isolates.
constexpr std::array<Range, 5> kControls{
    {{0x00, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, std::uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& r) { return c >= r.first && c <= r.last; });
}

struct Character {
  std::uint32_t code = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};

// The character at the beginning of `text`, which is not empty.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  std::uint32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[size] || code > 0x10FFFF || surrogate) return {};
  return {code, size, true};
}

std::size_t columns_of(std::uint32_t code) {
  if (within(kNarrow, code)) return 0;
  return within(kWide, code) ? 2 : 1;
}

}  // namespace

Style style_of_output() {
  Style style;
  if (::isatty(STDOUT_FILENO) == 0) return style;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  style.colour = (no_color == nullptr || *no_color == '\0') && !dumb;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 40, 200);
  }
  return style;
}

std::size_t rows_of_output() {
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
  return known ? size.ws_row : 24;
}

std::string painted(const Style& style, Paint paint, std::string_view text) {
  if (!style.colour || paint == Paint::plain || text.empty()) return std::string(text);
  const char* code = "";
  switch (paint) {
    case Paint::plain:
      break;
    case Paint::strong:
      code = "1";
      break;
    case Paint::faint:
      code = "2";
      break;
    case Paint::good:
      code = "32";
      break;
    case Paint::bad:
      code = "1;31";
      break;
    case Paint::doubtful:
      code = "33";
      break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto c = first_of(text);
    if (!c.valid) {
      out += "\uFFFD";
    } else if (within(kControls, c.code)) {
      out += ' ';
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto c = first_of(text);
    columns += columns_of(c.code);
    text.remove_prefix(c.bytes);
  }
  return columns;
}

std::string fitted(std::string_view text, std::size_t width) {
  auto clean = printable(text);
  if (display_width(clean) <= width) return clean;
  if (width == 0) return {};
  std::string out;
  std::size_t columns = 1;  // the ellipsis
  for (std::string_view rest = clean; !rest.empty();) {
    const auto c = first_of(rest);
    columns += columns_of(c.code);
    if (columns > width) break;
    out += rest.substr(0, c.bytes);
    rest.remove_prefix(c.bytes);
  }
  return out + "…";
}

std::string padded(std::string_view text, std::size_t width, bool right) {
  auto out = fitted(text, width);
  const std::string space(width - std::min(width, display_width(out)), ' ');
  return right ? space + out : out + space;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  const auto clean = printable(text);
  std::string out;
  std::string line;
  const auto flush = [&] {
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
    line = std::string(indent, ' ');
  };
  for (std::size_t at = 0; at < clean.size();) {
    const auto space = std::min(clean.find(' ', at), clean.size());
    auto word = std::string_view(clean).substr(at, space - at);
    if (display_width(line) + display_width(word) > width && display_width(line) > indent) flush();
    while (display_width(line) + display_width(word) > width) {  // longer than a line: cut anywhere
      std::size_t end = first_of(word).bytes;
      while (end < word.size() &&
             display_width(line) +
                     display_width(word.substr(0, end + first_of(word.substr(end)).bytes)) <=
                 width) {
        end += first_of(word.substr(end)).bytes;
      }
      line += word.substr(0, end);
      word.remove_prefix(end);
      flush();
    }
    line += word;
    line += ' ';
    at = space + 1;
  }
  flush();
  return out;
}

std::string_view mark_of(std::string_view outcome) {
  if (outcome == "up") return "✓";
  if (outcome == "down") return "✗";
  return outcome == "unknown" ? "?" : "·";
}

Paint paint_of(std::string_view outcome) {
  if (outcome == "up") return Paint::good;
  if (outcome == "down") return Paint::bad;
  return outcome == "unknown" ? Paint::doubtful : Paint::faint;
}

}  // namespace nines::cli
