// SPDX-License-Identifier: Apache-2.0
#include "collector/live_table.h"

#include "base/assert.h"

namespace nines::collector {

LiveCell text_cell(std::string text, std::string small) {
  return [text = std::move(text), small = std::move(small)](sla::Html& html) {
    html.text(text);
    if (!small.empty()) html.leaf("small", small);
  };
}

LiveCell word_cell(std::string css, std::string text, std::string small) {
  return [css = std::move(css), text = std::move(text), small = std::move(small)](sla::Html& html) {
    html.leaf("span", {{"class", css}}, text);
    if (!small.empty()) html.leaf("small", small);
  };
}

LiveCell link_cell(std::string address, std::string text) {
  return [address = std::move(address), text = std::move(text)](sla::Html& html) {
    html.leaf("a", {{"href", address}}, text);
  };
}

// Where styles lay the rows out as lists, browsers forget that it is a table: the roles say so.
LiveTable::LiveTable(sla::Html& html,
                     const std::string& caption,
                     std::vector<sla::HtmlColumn> columns)
    : html_(html), columns_(std::move(columns)) {
  html_.open("div", {{"class", "scroll"}}).open("table", {{"role", "table"}});
  html_.leaf("caption", caption);
  html_.open("thead", {{"role", "rowgroup"}}).open("tr", {{"role", "row"}});
  for (const auto& each : columns_) {
    html_.leaf("th",
               {{"scope", "col"}, {"role", "columnheader"}, {"class", each.number ? "n" : "t"}},
               each.title);
  }
  html_.close().close().open("tbody", {{"role", "rowgroup"}});
}

void LiveTable::row(std::string_view css, const std::vector<LiveCell>& cells) {
  ASSERT(cells.size() == columns_.size());
  html_.open("tr", {{"role", "row"}, {"class", css}});
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view of = columns_[i].number ? "n" : "t";
    if (i == 0) {
      html_.open("th", {{"scope", "row"}, {"role", "rowheader"}, {"class", of}});
      cells[i](html_);
      html_.close();
      continue;
    }
    html_.open("td", {{"role", "cell"}, {"class", of}, {"data-label", columns_[i].title}});
    html_.open("div");
    cells[i](html_);
    html_.close().close();
  }
  html_.close();
}

void LiveTable::close() { html_.close().close().close(); }

}  // namespace nines::collector
