// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "base/ascii.h"
#include "base/utf8.h"
#include "sla/render/report_plots.h"
#include "sla/render/report_sections.h"
#include "sla/render/report_sentences.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMostOutages = 500;

constexpr std::size_t kTileColumns = 20;  // as many as the narrowest tile holds on one line

// Short figures stay on one line. Of longer ones no number parts from its unit; words are wrapped.
std::string unbroken(const std::string& text) {
  const auto is_digit = [&](std::size_t at) {
    return at < text.size() && is_ascii_digit(text[at]);
  };
  if (text.find_first_of("0123456789") == std::string::npos) return text;
  const bool fits = display_width(text) <= kTileColumns;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool held = fits || is_digit(i + 1) || (i > 0 && is_digit(i - 1));
    out += text[i] == ' ' && held ? std::string("\u00a0") : std::string(1, text[i]);
  }
  return out;
}

void put_figure(const Page& page, const std::string& name, const std::string& value) {
  if (value.empty()) return;
  page.html.open("div").leaf("dt", name).leaf("dd", unbroken(value)).close();
}

std::string budget_used(const Page& page, const ObjectiveReport& o) {
  if (!o.budget) return "";
  return page.words(words::kOfBudget, {seconds_up(page.language, o.budget->used_ns),
                                       seconds_down(page.language, o.budget->total_ns)});
}

void put_figures(const Page& page, const ObjectiveReport& o) {
  page.html.open("dl", {{"class", "figures"}});
  put_figure(page, page.words(words::kTargetHead), target_value(page.language, o, o.target));
  put_figure(page, page.words(words::kValue),
             o.nominal ? value_text(page.language, o, *o.nominal) : page.words(words::kNoData));
  put_figure(page, page.words(words::kMargin), margin_text(page.language, o));
  put_figure(page, page.words(words::kBudgetUsed), budget_used(page, o));
  if (o.certain && (o.verdict == Verdict::met || o.verdict == Verdict::breached)) {
    put_figure(page, page.words(words::kCertainHead),
               page.words(*o.certain ? words::kIsCertain : words::kIsUncertain));
  }
  if (const std::string bounds = sampling_bounds(o); !bounds.empty()) {
    const std::string interval = interval_text(page.language, o.resolution_ns);
    put_figure(page, page.words(words::kSamplingRange, {interval}), bounds + " %");
  }
  if (is_share(o) && o.worst && o.best && !(*o.worst == *o.best)) {
    put_figure(page, page.words(words::kWorstBest),
               percent(*o.worst, o.decimals) + "–" + percent(*o.best, o.decimals) + " %");
  }
  if (o.coverage) {
    put_figure(page, page.words(words::kCoverage), percent(*o.coverage, o.decimals) + " %");
  }
  page.html.close();
}

void put_seconds(const Page& page, const ObjectiveReport& o, const std::string& id) {
  page.html.open("div", {{"class", "whole"}});
  page.html.leaf("h3", page.words(words::kSecondsTitle));
  plot_seconds(page.html, page.language, o, id + "-seconds");
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kSecondsTitle),
                  {page.column(words::kState), page.column(words::kInSeconds, true),
                   page.column(words::kLength, true), page.column(words::kOfAccountable, true)});
  const auto row = [&](HtmlCell name, std::int64_t ns, const std::string& share) {
    const std::string length = duration_text(page.language, ns / kSecondNs);
    table.row({std::move(name), exact_seconds(ns), length, share});
  };
  for (const auto& [phase, ns] : lengths_by_phase(o.seconds)) {
    if (ns == 0 && phase != Phase::up && phase != Phase::down && phase != Phase::unknown) continue;
    const bool counts = phase == Phase::up || phase == Phase::down || phase == Phase::unknown;
    const bool share = counts && o.seconds.accountable() > 0;
    row({page.words(words_of(phase)), phase}, ns,
        share ? share_text(o, ns, phase != Phase::up) : page.words(words::kNone));
  }
  const std::int64_t whole = o.period.to - o.period.from;
  table.foot({page.words(words::kWholePeriod), exact_seconds(whole),
              duration_text(page.language, whole / kSecondNs), ""});
  table.close();
  page.html.close();
  const auto note = [&](const Phrase& what, std::int64_t ns) {
    if (ns == 0) return;
    page.html.leaf("p", {{"class", "note"}},
                   page.words(what) + ": " + seconds_up(page.language, ns));
  };
  note(words::kOfItPartly, o.partial_ns);
  note(words::kBlips, o.blip_ns);
  note(words::kShortOutages, o.forgiven_short_ns);
  note(words::kInExclusions, o.forgiven_excluded_ns);
  note(words::kOfItBelieved, o.believed_ns);
  page.html.leaf("p", {{"class", "note"}},
                 page.words(words::kSamples, {grouped(Integer(o.samples))}));
  page.html.close();
}

void put_causes(const Page& page, const ObjectiveReport& o) {
  if (o.unknown_by.empty()) return;
  std::vector<std::pair<std::int64_t, Cause>> causes;
  for (const auto& [cause, ns] : o.unknown_by) causes.emplace_back(-ns, cause);
  std::sort(causes.begin(), causes.end());
  page.html.leaf("h3", page.words(words::kUnknownBy));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kUnknownBy),
                  {page.column(words::kCause),
                   {"", false},
                   page.column(words::kInSeconds, true),
                   page.column(words::kLength, true)});
  for (const auto& [minus_ns, cause] : causes) {
    table.row({page.words(words_of(cause)), std::string(name(cause)), exact_seconds(-minus_ns),
               duration_text(page.language, -minus_ns / kSecondNs)});
  }
  table.close();
  page.html.close();
}

// Across a clock change the wall alone would mislead: there the offset stands beside it.
std::string edge_text(const Zone& zone, const Interval& whole, std::int64_t at) {
  std::string out = local_text(zone, {at});
  const Duration offset = zone.offset_at({at});
  if (zone.offset_at({whole.from}) == zone.offset_at({whole.to})) return out;
  const std::int64_t minutes = std::abs(offset.count()) / 60'000'000'000;
  const auto two = [](std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return out + (offset < Duration(0) ? " −" : " +") + two(minutes / 60) + ":" + two(minutes % 60);
}

void put_outages(const Page& page, const ObjectiveReport& o) {
  page.html.leaf("h3", page.words(words::kOutages));
  if (o.outages.empty()) {
    page.html.leaf("p", page.words(words::kNoOutage));
  } else {
    page.html.open("div", {{"class", "scroll"}});
    HtmlTable table(
        page.html, page.words(words::kOutages),
        {page.column(words::kFrom), page.column(words::kTo), page.column(words::kLasted, true),
         page.column(words::kAtLeast, true), page.column(words::kLongest, true),
         page.column(words::kCharged, true), page.column(words::kCause)});
    for (std::size_t i = 0; i < o.outages.size() && i < kMostOutages; ++i) {
      const Outage& outage = o.outages[i];
      table.row({edge_text(o.zone, outage.whole, outage.whole.from),
                 edge_text(o.zone, outage.whole, outage.whole.to),
                 seconds_up(page.language, outage.whole_down_ns),
                 seconds_down(page.language, outage.least_ns),
                 seconds_up(page.language, outage.most_ns),
                 seconds_up(page.language, outage.down_ns),
                 outage.counted ? outage.cause : page.words(words::kForgivenShort)});
    }
    table.close();
    page.html.close();
    page.html.leaf("p", {{"class", "note"}}, page.words(words::kOutageTimes, {o.zone.name()}));
    if (o.outages.size() > kMostOutages) {
      const std::string more = std::to_string(o.outages.size() - kMostOutages);
      page.html.leaf("p", page.words(words::kMoreOutages, {more}));
    }
  }
  if (o.resolution_ns > 0) {
    page.html.leaf("p", {{"class", "note"}}, unseen_text(page.language, o));
  }
}

void put_exclusions(const Page& page, const ObjectiveReport& o) {
  if (!o.excluded_by.empty()) {
    page.html.leaf("h3", page.words(words::kExclusions));
    page.html.open("div", {{"class", "scroll"}});
    HtmlTable table(page.html, page.words(words::kExclusions),
                    {page.column(words::kKind), page.column(words::kInSeconds, true),
                     page.column(words::kLength, true)});
    for (const auto& [kind, ns] : o.excluded_by) {
      table.row({kind, exact_seconds(ns), duration_text(page.language, ns / kSecondNs)});
    }
    table.close();
    page.html.close();
  }
  const std::vector<std::string> disputes = dispute_sentences(page.language, o);
  if (!disputes.empty()) page.html.leaf("h3", page.words(words::kDisputes));
  for (const std::string& each : disputes) page.html.leaf("p", each);
}

void put_versions(const Page& page, const ObjectiveReport& o) {
  if (o.versions.size() < 2) return;
  page.html.leaf("h3", page.words(words::kVersions));
  page.html.leaf("p", page.words(words::kVersionsRule));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kVersions),
                  {page.column(words::kVersion), page.column(words::kFrom), page.column(words::kTo),
                   page.column(words::kTargetHead, true), page.column(words::kValue, true),
                   page.column(words::kDown, true), page.column(words::kAccountable, true),
                   page.column(words::kVerdict)});
  for (const VersionPart& part : o.versions) {
    table.row(
        {part.version,
         local_text(o.zone, {part.in_force.from}),
         local_text(o.zone, {part.in_force.to}),
         target_value(page.language, o, part.target),
         part.nominal ? value_text(page.language, o, *part.nominal) : page.words(words::kNoData),
         seconds_up(page.language, part.seconds.down),
         seconds_down(page.language, part.seconds.accountable()),
         {badge_text(page.language, part.verdict), part.verdict}});
  }
  if (o.blended_target && o.blended_verdict) {
    const std::string none = page.words(words::kNone);
    table.foot({page.words(words::kBlended),
                local_text(o.zone, {o.period.from}),
                local_text(o.zone, {o.period.to}),
                target_value(page.language, o, percent(*o.blended_target, o.decimals)),
                o.nominal ? value_text(page.language, o, *o.nominal) : none,
                seconds_up(page.language, o.seconds.down),
                seconds_down(page.language, o.seconds.accountable()),
                {badge_text(page.language, *o.blended_verdict), *o.blended_verdict}});
  }
  table.close();
  page.html.close();
}

void put_course(const Page& page, const ObjectiveReport& o, const std::string& id) {
  page.html.open("div", {{"class", "whole"}}).leaf("h3", page.words(words::kCourseTitle));
  plot_course(page.html, page.language, o, id + "-course");
  page.html.close();
}

void put_budget(const Page& page, const ObjectiveReport& o, const std::string& id) {
  page.html.open("div", {{"class", "whole"}}).leaf("h3", page.words(words::kBudgetTitle));
  plot_budget(page.html, page.language, o, id + "-budget");
  page.html.close();
}

}  // namespace

void objective_section(const Page& page, const ObjectiveReport& o, const std::string& id) {
  Html& html = page.html;
  html.open("section", {{"class", "objective"}, {"aria-labelledby", id}});
  html.open("h2", {{"id", id}}).text(page.words(words::kObjectiveOf, {o.name, o.service}) + " ");
  html.leaf("span", {{"class", "badge " + css_of(o.verdict)}},
            badge_text(page.language, o.verdict));
  html.close();
  html.leaf("p", {{"class", "note"}}, period_text(page.language, o));
  html.leaf("p", {{"class", "line"}}, report_line(o, page.language));
  put_figures(page, o);
  if (const std::string outlook = outlook_text(page.language, o); !outlook.empty()) {
    html.leaf("p", outlook);
  }
  for (const std::string& each : forecast_sentences(page.language, o)) {
    html.leaf("p", {{"class", "note"}}, each);
  }
  // Response times belong to results, not to instants: what time was is the uptime's business.
  const bool timed =
      unit_of(o) != Unit::microseconds && o.statistic != Objective::Statistic::share_below;
  if (timed) put_course(page, o, id);
  put_seconds(page, o, id);
  if (o.budget) put_budget(page, o, id);
  if (timed) put_outages(page, o);
  put_causes(page, o);
  put_exclusions(page, o);
  further_figures(page, o, id);
  put_versions(page, o);
  html.close();
}

}  // namespace nines::sla
