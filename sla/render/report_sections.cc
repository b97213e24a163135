// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_sections.h"

#include "base/assert.h"
#include "sla/render/report_plots.h"
#include "sla/render/report_sentences.h"

namespace nines::sla {

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return "✓";
    case Verdict::breached:
      return "✗";
    case Verdict::indeterminate:
      return "?";
    case Verdict::no_data:
      return "…";
    case Verdict::not_applicable:
      break;
  }
  return "–";
}

std::string badge_text(Language language, Verdict verdict) {
  return std::string(sign_of(verdict)) + " " + say(language, words_of(verdict));
}

std::string css_of(Verdict verdict) {
  std::string out(name(verdict));
  for (char& c : out) c = c == '_' ? '_' : static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string exact_seconds(std::int64_t ns) {
  const Rational seconds = in_seconds(Rational(ns));
  const std::string exact = decimal_text(seconds);
  const std::size_t point = exact.find('.');
  return grouped(seconds.floor()) + (point == std::string::npos ? "" : exact.substr(point));
}

HtmlTable::HtmlTable(Html& html, std::string_view caption, std::vector<HtmlColumn> columns)
    : html_(html), columns_(std::move(columns)) {
  html_.open("table").leaf("caption", caption).open("thead").open("tr");
  for (const HtmlColumn& each : columns_) {
    html_.leaf("th", {{"scope", "col"}, {"class", each.number ? "n" : "t"}}, each.title);
  }
  html_.close().close().open("tbody");
}

void HtmlTable::put(const std::vector<HtmlCell>& cells) {
  ASSERT(cells.size() == columns_.size());
  html_.open("tr");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const HtmlCell& cell = cells[i];
    const std::string_view css = columns_[i].number ? "n" : "t";
    if (i == 0) {
      html_.open("th", {{"scope", "row"}, {"class", css}});
    } else {
      html_.open("td", {{"class", css}});
    }
    if (cell.swatch) plot_swatch(html_, *cell.swatch);
    if (cell.verdict) {
      html_.leaf("span", {{"class", "badge " + css_of(*cell.verdict)}}, cell.text);
    } else {
      html_.text(cell.text);
    }
    html_.close();
  }
  html_.close();
}

void HtmlTable::foot(const std::vector<HtmlCell>& cells) {
  ASSERT(!foot_);
  foot_ = true;
  html_.close().open("tfoot");
  put(cells);
}

void HtmlTable::close() { html_.close().close(); }

}  // namespace nines::sla
