// SPDX-License-Identifier: Apache-2.0
// A table that fits the terminal: columns take what they need, and when that is too much the widest
// of those that may shrink give way.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace nines::cli {

struct Column {
  std::string title;
  bool right = false;     // numbers
  std::size_t least = 0;  // may shrink to so many columns; 0: never shrinks
};

struct Cell {
  std::string text;
  Paint paint = Paint::plain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<Cell> row);  // as many cells as there are columns

  // A line of its own under the row that was added last, indented and faint; none where it is
  // empty.
  void note(std::string text);

  // The header and one line for each row, each ending with a newline, without trailing spaces.
  std::string render(const Style& style) const;

 private:
  std::vector<std::size_t> widths(std::size_t total) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::string> notes_;  // one for each row
};

}  // namespace nines::cli
