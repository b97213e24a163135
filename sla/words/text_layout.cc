// SPDX-License-Identifier: Apache-2.0
#include "sla/words/text_layout.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"

namespace nines::sla {
namespace {

// The smallest thing that a line may end or begin with.
struct Atom {
  std::string text;
  bool spaced = false;  // a space stands before it
};

bool wide(std::uint32_t code) { return columns_of(code) == 2; }

bool closes(std::uint32_t code) {
  constexpr std::u32string_view kMarks = U"，。；：）、”》！？),.;:!?%";
  return kMarks.find(static_cast<char32_t>(code)) != std::u32string_view::npos;
}

bool opens(std::uint32_t code) {
  constexpr std::u32string_view kMarks = U"（“《(";
  return kMarks.find(static_cast<char32_t>(code)) != std::u32string_view::npos;
}

std::vector<Atom> atoms_of(std::string_view text) {
  std::vector<Atom> out;
  bool begins = true;
  bool spaced = false;
  std::uint32_t before = 0;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.code == ' ') {
      begins = spaced = true;
    } else {
      const bool between = (wide(c.code) || wide(before)) && !closes(c.code) && !opens(before);
      if (begins || between) out.push_back({"", begins && spaced});
      out.back().text += text.substr(0, c.bytes);
      begins = spaced = false;
      before = c.code;
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

// "30 s", "99.9 %", "1 786 s" and "30 秒" stay together.
bool stays(const Atom& before, const Atom& after) {
  constexpr std::size_t kLongestUnit = 3;
  const bool number = before.text.back() >= '0' && before.text.back() <= '9';
  if (!number || !after.spaced || after.text == "·" || after.text == "by") return false;
  return after.text.size() <= kLongestUnit || wide(first_character(after.text).code);
}

}  // namespace

std::string left(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, display_width(text)), ' ');
}

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ') + std::string(text);
}

std::string wrapped(std::string_view text, std::string_view indent) {
  const std::vector<Atom> atoms = atoms_of(text);
  std::string out(indent);
  std::size_t column = indent.size();
  for (std::size_t i = 0; i < atoms.size();) {
    std::string piece = atoms[i].text;
    const bool spaced = atoms[i].spaced;
    for (++i; i < atoms.size() && stays(atoms[i - 1], atoms[i]); ++i) piece += " " + atoms[i].text;
    const std::size_t width = display_width(piece);
    const bool first = column == indent.size();
    if (!first && column + (spaced ? 1 : 0) + width > kTextWidth) {
      out += "\n" + std::string(indent);
      column = indent.size();
    } else if (!first && spaced) {
      out += ' ';
      ++column;
    }
    out += piece;
    column += width;
  }
  return out + "\n";
}

}  // namespace nines::sla
