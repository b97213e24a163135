// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kIndent = 5;  // of notes

void trim_right(std::string& line) {
  while (line.ends_with(' ')) line.pop_back();
}

}  // namespace

void Table::add(std::vector<Cell> row) {
  ASSERT(row.size() == columns_.size());
  for (auto& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
  notes_.emplace_back();
}

void Table::note(std::string text) {
  ASSERT(!notes_.empty());
  notes_.back() = std::move(text);
}

std::vector<std::size_t> Table::widths(std::size_t total) const {
  std::vector<std::size_t> out;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    out.push_back(width);
    sum += width + (i > 0 ? kGap : 0);
  }
  while (sum > total) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool shrinks = columns_[i].least > 0 && out[i] > columns_[i].least;
      if (shrinks && (widest == columns_.size() || out[i] > out[widest])) widest = i;
    }
    if (widest == columns_.size()) break;  // narrower than it can be: lines wrap, nothing is lost
    --out[widest];
    --sum;
  }
  return out;
}

std::string Table::render(const Style& style) const {
  const auto width = widths(style.width);
  std::string out;
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    line += (i > 0 ? std::string(kGap, ' ') : "") +
            padded(columns_[i].title, width[i], columns_[i].right);
  }
  trim_right(line);
  if (!line.empty()) out += painted(style, Paint::faint, line) + "\n";
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const auto& row = rows_[r];
    line.clear();
    std::size_t pending = 0;  // spaces owed to the columns so far; none follow the last text
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto text = fitted(row[i].text, width[i]);
      const auto space = width[i] - std::min(width[i], display_width(text));
      pending += i > 0 ? kGap : 0;
      if (columns_[i].right) pending += space;
      if (!text.empty()) {
        line += std::string(pending, ' ') + painted(style, row[i].paint, text);
        pending = 0;
      }
      if (!columns_[i].right) pending += space;
    }
    out += line + "\n";
    if (!notes_[r].empty()) {
      out += std::string(kIndent, ' ') +
             painted(style, Paint::faint, fitted(notes_[r], style.width - kIndent)) + "\n";
    }
  }
  return out;
}

}  // namespace nines::cli
