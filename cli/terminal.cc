// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace nines::cli {
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

std::string fitted(std::string_view text, std::size_t width) {
  auto clean = printable(text);
  if (display_width(clean) <= width) return clean;
  if (width == 0) return {};
  std::string out;
  std::size_t columns = 1;  // the ellipsis
  for (std::string_view rest = clean; !rest.empty();) {
    const auto c = first_character(rest);
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
      std::size_t end = first_character(word).bytes;
      while (end < word.size() &&
             display_width(line) +
                     display_width(word.substr(0, end + first_character(word.substr(end)).bytes)) <=
                 width) {
        end += first_character(word.substr(end)).bytes;
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
