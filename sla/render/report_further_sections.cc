// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "sla/render/report_plots.h"
#include "sla/render/report_sections.h"
#include "sla/render/report_sentences.h"

namespace nines::sla {
namespace {

std::string length_text(const Page& page, std::int64_t ns) {
  return interval_text(page.language, ns);
}

std::string mean_text(const Page& page, const std::optional<Rational>& ns) {
  return ns ? seconds_up(page.language, *ns) : page.words(words::kNoIncident);
}

void put_burn(const Page& page, const ObjectiveReport& o) {
  if (o.burn.empty()) return;
  page.html.leaf("h3", page.words(words::kBurn));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kBurn),
                  {page.column(words::kSeverity), page.column(words::kWindows, true),
                   page.column(words::kThreshold, true), page.column(words::kSpeed, true),
                   page.column(words::kAlert)});
  for (const BurnAlert& each : o.burn) {
    table.row({each.severity,
               length_text(page, each.long_window.count()) + " / " +
                   length_text(page, each.short_window.count()),
               speed_text(each.threshold),
               speed_text(each.long_burn) + " / " + speed_text(each.short_burn),
               alert_text(page.language, each)});
  }
  table.close();
  page.html.close();
}

void put_also(const Page& page, const ObjectiveReport& o) {
  if (o.also.empty()) return;
  page.html.leaf("h3", page.words(words::kAlso));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kAlso),
                  {page.column(words::kPeriod), page.column(words::kValue, true),
                   page.column(words::kDown, true), page.column(words::kUnmeasured, true)});
  for (const ObjectiveReport& each : o.also) {
    table.row(
        {period_text(page.language, each),
         each.nominal ? value_text(page.language, each, *each.nominal) : page.words(words::kNoData),
         seconds_up(page.language, each.seconds.down),
         seconds_up(page.language, each.seconds.unknown)});
  }
  table.close();
  page.html.close();
}

void put_clocks(const Page& page, const Report& report) {
  const bool any = std::any_of(report.support.begin(), report.support.end(),
                               [](const SupportReport& each) { return !each.clocks.empty(); });
  if (!any) return;
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(
      page.html, page.words(words::kClocks),
      {page.column(words::kIncident), page.column(words::kPriority), page.column(words::kClock),
       page.column(words::kLimit, true), page.column(words::kElapsed, true),
       page.column(words::kDue), page.column(words::kVerdict)});
  for (const SupportReport& each : report.support) {
    for (const SupportClock& clock : each.clocks) {
      const HtmlCell verdict =
          clock.verdict ? HtmlCell(badge_text(page.language, *clock.verdict), *clock.verdict)
                        : HtmlCell(page.words(words::kRunning));
      table.row({clock.incident, each.priority, clock.clock, length_text(page, clock.limit_ns),
                 seconds_up(page.language, clock.elapsed_ns),
                 clock.due ? format_rfc3339(*clock.due) : page.words(words::kNone), verdict});
    }
  }
  table.close();
  page.html.close();
}

void put_row(const Page& page, const Phrase& name, const std::string& value) {
  page.html.open("tr").leaf("th", {{"scope", "row"}}, page.words(name));
  page.html.leaf("td", value).close();
}

}  // namespace

void further_figures(const Page& page, const ObjectiveReport& o, const std::string& id) {
  if (o.slices) {
    page.html.leaf("p", page.words(words::kSlices, {grouped(Integer(o.slices->good)),
                                                    grouped(Integer(o.slices->with_data)),
                                                    grouped(Integer(o.slices->empty))}));
  }
  if (o.interval95) {
    const std::string range = percent(o.interval95->low, o.decimals) + "–" +
                              ceil_text(o.interval95->high * Rational(100), o.decimals) + " %";
    page.html.leaf("p", page.words(words::kInterval95) + ": " + range);
    if (o.interval95->failure_upper) {
      const Rational upper = *o.interval95->failure_upper * Rational(100);
      page.html.leaf("p", page.words(words::kFailureUpper, {ceil_text(upper, o.decimals)}));
    }
  }
  if (!o.percentiles_us.empty() || !o.sketch_us.empty()) {
    page.html.open("div", {{"class", "whole"}}).leaf("h3", page.words(words::kLatency));
    plot_latency(page.html, page.language, o, id + "-latency");
    page.html.close();
  }
  put_burn(page, o);
  put_also(page, o);
}

void support_section(const Page& page, const Report& report) {
  if (report.support.empty()) return;
  page.html.open("section", {{"aria-labelledby", "support"}});
  page.html.leaf("h2", {{"id", "support"}}, page.words(words::kSupport));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kSupport),
                  {page.column(words::kPriority), page.column(words::kIncidents, true),
                   page.column(words::kResponded, true), page.column(words::kResolved, true),
                   page.column(words::kMtta, true), page.column(words::kMttr, true),
                   page.column(words::kMtbf, true)});
  for (const SupportReport& each : report.support) {
    table.row({each.priority, std::to_string(each.incidents),
               std::to_string(each.responded_in_time), std::to_string(each.resolved_in_time),
               mean_text(page, each.mtta_ns), mean_text(page, each.mttr_ns),
               mean_text(page, each.mtbf_ns)});
  }
  table.close();
  page.html.close();
  put_clocks(page, report);
  page.html.close();
}

void notices_section(const Page& page, const Report& report) {
  if (!report.notices) return;
  const NoticeReport& notices = *report.notices;
  page.html.open("section", {{"aria-labelledby", "notices"}});
  page.html.leaf("h2", {{"id", "notices"}}, page.words(words::kNotices));
  page.html.leaf("p", notices_text(page.language, notices));
  if (!notices.clocks.empty()) {
    page.html.open("div", {{"class", "scroll"}});
    HtmlTable table(page.html, page.words(words::kNotices),
                    {page.column(words::kIncident), page.column(words::kPromise),
                     page.column(words::kLimit, true), page.column(words::kElapsed, true),
                     page.column(words::kStretch), page.column(words::kVerdict)});
    for (const NoticeClock& clock : notices.clocks) {
      const HtmlCell verdict =
          clock.verdict ? HtmlCell(badge_text(page.language, *clock.verdict), *clock.verdict)
                        : HtmlCell(page.words(words::kRunning));
      table.row({clock.incident, promise_text(page.language, clock),
                 length_text(page, clock.limit_ns), seconds_up(page.language, clock.elapsed_ns),
                 span_text(page.language, clock), verdict});
    }
    table.close();
    page.html.close();
  }
  page.html.close();
}

void credits_section(const Page& page, const Report& report) {
  if (!report.credits) return;
  const Credits& credits = *report.credits;
  page.html.open("section", {{"aria-labelledby", "credits"}, {"class", "whole"}});
  page.html.leaf("h2", {{"id", "credits"}}, page.words(words::kCredits));
  page.html.leaf("p", page.words(words::kFeeIs, {money_text(credits, credits.fee)}));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(
      page.html, page.words(words::kCredits),
      {page.column(words::kObjective), page.column(words::kVersion), page.column(words::kVerdict),
       page.column(words::kOfFee, true), page.column(words::kAmount, true)});
  for (const CreditLine& line : credits.lines) {
    table.row({line.objective,
               line.version,
               {badge_text(page.language, line.verdict), line.verdict},
               floor_text(line.percent, 3) + " %",
               money_text(credits, line.amount)});
  }
  table.foot({page.words(words::kTogether), "", "", floor_text(credits.percent, 3) + " %",
              money_text(credits, credits.amount)});
  table.close();
  page.html.close();
  if (credits.claim_until) {
    page.html.leaf("p", page.words(words::kClaimUntil, {format_rfc3339(*credits.claim_until)}));
  }
  page.html.close();
}

namespace {

void put_backings(const Page& page, const SupplierReport& supplier) {
  if (supplier.backs.empty()) return;
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kBackings),
                  {page.column(words::kObjective), page.column(words::kOurs),
                   page.column(words::kTheirs), page.column(words::kCausedHere, true),
                   page.column(words::kCovered, true), page.column(words::kUncoveredTime, true)});
  const std::string none = page.words(words::kNone);
  for (const Backing& each : supplier.backs) {
    const bool timed = each.caused_ns && each.covered_ns;
    table.row({each.objective,
               {badge_text(page.language, each.ours), each.ours},
               {badge_text(page.language, each.theirs), each.theirs},
               timed ? exact_seconds(*each.caused_ns) : none,
               timed ? exact_seconds(*each.covered_ns) : none,
               timed ? exact_seconds(*each.caused_ns - *each.covered_ns) : none});
  }
  table.close();
  page.html.close();
}

}  // namespace

void suppliers_section(const Page& page, const Report& report) {
  if (report.suppliers.empty()) return;
  page.html.open("section", {{"aria-labelledby", "suppliers"}});
  page.html.leaf("h2", {{"id", "suppliers"}}, page.words(words::kSuppliers));
  page.html.open("div", {{"class", "scroll"}});
  HtmlTable table(page.html, page.words(words::kSuppliers),
                  {page.column(words::kSupplier), page.column(words::kObjective),
                   page.column(words::kTargetHead, true), page.column(words::kValue, true),
                   page.column(words::kDown, true), page.column(words::kVerdict)});
  for (const SupplierReport& supplier : report.suppliers) {
    for (const ObjectiveReport& o : supplier.objectives) {
      table.row({supplier_name(supplier),
                 o.name,
                 target_value(page.language, o, o.target),
                 o.nominal ? value_text(page.language, o, *o.nominal) : page.words(words::kNoData),
                 seconds_up(page.language, o.seconds.down),
                 {badge_text(page.language, o.verdict), o.verdict}});
    }
  }
  table.close();
  page.html.close();
  for (const SupplierReport& supplier : report.suppliers) {
    page.html.leaf("h3", supplier_name(supplier));
    put_backings(page, supplier);
    if (!supplier.credits) continue;
    page.html.leaf("p", page.words(words::kSupplierCredit,
                                   {supplier.name, floor_text(supplier.credits->percent, 3),
                                    money_text(*supplier.credits, supplier.credits->amount)}));
  }
  if (report.uncovered) page.html.leaf("p", uncovered_text(page.language, *report.uncovered));
  page.html.close();
}

void provenance_section(const Page& page, const Report& report) {
  Html& html = page.html;
  html.open("section", {{"aria-labelledby", "provenance"}});
  html.leaf("h2", {{"id", "provenance"}}, page.words(words::kProvenance));
  html.open("div", {{"class", "whole"}}).open("table");
  html.leaf("caption", page.words(words::kProvenance)).open("tbody");
  put_row(page, words::kAgreement, report.agreement + " " + report.version);
  std::map<std::string, Digest> texts = {{report.version, report.digest}};
  for (const ObjectiveReport& o : report.objectives) {
    for (const VersionPart& part : o.versions) texts.emplace(part.version, part.digest);
  }
  for (const auto& [version, digest] : texts) {
    html.open("tr");
    html.leaf("th", {{"scope", "row"}}, page.words(words::kDigest) + " " + version);
    html.open("td").leaf("code", "sha256:" + hex(digest)).close().close();
  }
  for (const SignedVersion& each : report.signatures) {
    if (!each.tells()) continue;
    html.open("tr");
    html.leaf("th", {{"scope", "row"}}, page.words(words::kSignatures) + " " + each.version);
    html.leaf("td", hands_text(page.language, each)).close();
  }
  put_row(page, words::kAsOf, format_rfc3339(report.as_of));
  put_row(page, words::kStateOfReport,
          page.words(report.seal ? words::kIsSealed : words::kIsProvisional));
  put_row(page, words::kZoneData, report.zone_data);
  html.close().close().close();
  if (!report.warnings.empty()) {
    html.leaf("h3", page.words(words::kWarnings)).open("ul", {{"class", "warnings"}});
    for (const Warning& each : report.warnings) {
      html.leaf("li", {{"dir", "auto"}}, warning_text(each, page.language));
    }
    html.close();
  }
  html.open("div", {{"class", "whole"}}).leaf("h3", page.words(words::kHowToRead));
  for (const Phrase* each : {&words::kReadValue, &words::kReadUnknown, &words::kReadOutage}) {
    html.leaf("p", {{"class", "note"}}, page.words(*each));
  }
  html.close().close();
}

}  // namespace nines::sla
