// SPDX-License-Identifier: Apache-2.0
// The sections of a report's page.
#pragma once

#include <string>
#include <vector>

#include "sla/judge/report.h"
#include "sla/render/html.h"
#include "sla/render/report_words.h"

namespace nines::sla {

struct HtmlColumn {
  std::string title;
  bool number = false;
};

struct HtmlCell {
  HtmlCell(std::string words) : text(std::move(words)) {}  // NOLINT: implicit, as a text is a cell

  HtmlCell(const char* words) : text(words) {}  // NOLINT

  HtmlCell(std::string words, Phase phase) : text(std::move(words)), swatch(phase) {}

  HtmlCell(std::string words, Verdict of) : text(std::move(words)), verdict(of) {}

  std::string text;
  std::optional<Phase> swatch;
  std::optional<Verdict> verdict;
};

// A table whose head is repeated on each page of paper; the first cell of a row is its heading.
class HtmlTable {
 public:
  HtmlTable(Html& html, std::string_view caption, std::vector<HtmlColumn> columns);

  void row(const std::vector<HtmlCell>& cells) { put(cells); }

  void foot(const std::vector<HtmlCell>& cells);  // the last row
  void close();

 private:
  void put(const std::vector<HtmlCell>& cells);

  Html& html_;
  std::vector<HtmlColumn> columns_;
  bool foot_ = false;
};

// What the parts of a page share.
struct Page {
  Html& html;
  Language language;

  std::string words(const Phrase& phrase,
                    std::initializer_list<std::string_view> values = {}) const {
    return say(language, phrase, values);
  }

  HtmlColumn column(const Phrase& title, bool number = false) const {
    return {words(title), number};
  }
};

std::string_view sign_of(Verdict verdict);                   // ✓ ✗ ? – ·
std::string badge_text(Language language, Verdict verdict);  // "✗ BREACHED"
std::string css_of(Verdict verdict);

// "1 500", "1 500.25"
std::string exact_seconds(std::int64_t ns);

void objective_section(const Page& page, const ObjectiveReport& objective, const std::string& id);
void further_figures(const Page& page, const ObjectiveReport& objective, const std::string& id);
void support_section(const Page& page, const Report& report);
void notices_section(const Page& page, const Report& report);
void credits_section(const Page& page, const Report& report);
void suppliers_section(const Page& page, const Report& report);
void provenance_section(const Page& page, const Report& report);

}  // namespace nines::sla
