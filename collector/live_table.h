// SPDX-License-Identifier: Apache-2.0
// A table whose cells carry their column's heading, so that a narrow screen can show each row as a
// list. The first cell of a row is its heading.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sla/render/report_sections.h"

namespace nines::collector {

using LiveCell = std::function<void(sla::Html&)>;

LiveCell text_cell(std::string text, std::string small = "");
LiveCell word_cell(std::string css, std::string text, std::string small = "");
LiveCell link_cell(std::string address, std::string text);

class LiveTable {
 public:
  LiveTable(sla::Html& html, const std::string& caption, std::vector<sla::HtmlColumn> columns);

  void row(std::string_view css, const std::vector<LiveCell>& cells);
  void close();

 private:
  sla::Html& html_;
  std::vector<sla::HtmlColumn> columns_;
};

}  // namespace nines::collector
