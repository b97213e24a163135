// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_html.h"

#include <algorithm>

#include "sla/render/report_plots.h"
#include "sla/render/report_sections.h"
#include "sla/render/report_sentences.h"
#include "sla/render/report_style.h"

namespace nines::sla {
namespace {

std::string count_of(const Report& report, Verdict verdict) {
  return std::to_string(
      std::count_if(report.objectives.begin(), report.objectives.end(),
                    [&](const ObjectiveReport& each) { return each.verdict == verdict; }));
}

std::string sentence_of(const Page& page, const Report& report, Verdict worst) {
  const std::string count = count_of(report, worst);
  const std::string all = std::to_string(report.objectives.size());
  switch (worst) {
    case Verdict::met:
      return page.words(words::kAllMet);
    case Verdict::breached:
      return page.words(words::kSomeBreached, {count, all});
    case Verdict::indeterminate:
      return page.words(words::kSomeUndecided, {count, all});
    case Verdict::no_data:
      return page.words(words::kSomeUnmeasured, {count, all});
    case Verdict::not_applicable:
      break;
  }
  return page.words(words::kNothingToJudge);
}

void put_head(const Page& page, const Report& report) {
  Html& html = page.html;
  html.open("head");
  html.empty("meta", {{"charset", "utf-8"}});
  html.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  // Nothing is loaded, whatever a text in the page says.
  html.empty("meta", {{"http-equiv", "Content-Security-Policy"},
                      {"content", "default-src 'none'; style-src 'unsafe-inline'"}});
  html.leaf("title", report.agreement + " " + report.version + " · " + page.words(words::kReport));
  html.style(kReportStyle);
  html.close();
}

void put_title(const Page& page, const Report& report) {
  page.html.open("header");
  page.html.leaf("p", {{"class", "kind"}}, page.words(words::kReport));
  page.html.leaf("h1", report.agreement + " " + report.version);
  if (!report.objectives.empty()) {
    page.html.leaf("p", period_text(page.language, report.objectives.front()));
  }
  page.html.leaf("p", state_text(page.language, report));
  page.html.close();
}

void put_banner(const Page& page, const Report& report) {
  const Verdict worst = worst_verdict(report);
  Html& html = page.html;
  html.open("div", {{"class", "banner " + css_of(worst)}});
  html.leaf("span", {{"class", "sign"}, {"aria-hidden", "true"}}, sign_of(worst));
  html.open("div").leaf("b", page.words(words_of(worst)));
  html.leaf("p", sentence_of(page, report, worst));
  html.close().close();
}

void put_summary(const Page& page, const Report& report) {
  if (report.objectives.empty()) return;
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kSummary),
                  {page.column(words::kObjective), page.column(words::kService),
                   page.column(words::kTargetHead, true), page.column(words::kValue, true),
                   page.column(words::kMargin, true), page.column(words::kVerdict)});
  for (const ObjectiveReport& o : report.objectives) {
    const std::string margin = margin_text(page.language, o);
    table.row({o.name,
               o.service,
               target_value(page.language, o, o.target),
               o.nominal ? value_text(page.language, o, *o.nominal) : page.words(words::kNoData),
               margin.empty() ? page.words(words::kNone) : margin,
               {badge_text(page.language, o.verdict), o.verdict}});
  }
  table.close();
  page.html.close();
}

}  // namespace

std::string report_html(const Report& report, Language language) {
  Html html;
  const Page page{html, language};
  html.open("html", {{"lang", tag(language)}});
  put_head(page, report);
  html.open("body");
  plot_patterns(html);
  html.open("main");
  put_title(page, report);
  put_banner(page, report);
  put_summary(page, report);
  for (std::size_t i = 0; i < report.objectives.size(); ++i) {
    objective_section(page, report.objectives[i], "o" + std::to_string(i + 1));
  }
  support_section(page, report);
  notices_section(page, report);
  credits_section(page, report);
  suppliers_section(page, report);
  provenance_section(page, report);
  html.close().close().close();
  return std::move(html).page();
}

}  // namespace nines::sla
