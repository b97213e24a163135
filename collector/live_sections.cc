// SPDX-License-Identifier: Apache-2.0
#include "collector/live_sections.h"

#include <algorithm>

#include "collector/live_table.h"
#include "collector/live_words.h"
#include "net/url.h"
#include "sla/render/report_sentences.h"

namespace nines::collector {
namespace {

namespace words = live_words;

using sla::Page;
using sla::Phase;

std::string signed_word(const Page& page, std::string_view sign, const sla::Phrase& word) {
  return std::string(sign) + " " + page.words(word);
}

LiveCell phase_cell(const Page& page, Phase phase, std::string small) {
  switch (phase) {
    case Phase::up:
      return word_cell("state up", signed_word(page, "✓", sla::words::kUp), std::move(small));
    case Phase::down:
      return word_cell("state down", signed_word(page, "✗", sla::words::kDown), std::move(small));
    case Phase::unknown:
      return word_cell("state unknown", signed_word(page, "?", words::kUnknown), std::move(small));
    default:
      break;
  }
  return word_cell("state idle", signed_word(page, "–", sla::words_of(phase)), std::move(small));
}

Phase phase_of(Outcome outcome) {
  return outcome == Outcome::up     ? Phase::up
         : outcome == Outcome::down ? Phase::down
                                    : Phase::unknown;
}

LiveCell verdict_cell(const Page& page, sla::Verdict verdict) {
  return word_cell("badge " + sla::css_of(verdict), sla::badge_text(page.language, verdict));
}

std::string since_text(const Page& page,
                       const sla::Zone& zone,
                       const std::optional<WallTime>& since,
                       bool before) {
  if (!since) return page.words(sla::words::kNone);
  const auto text = sla::local_text(zone, *since);
  return before ? page.words(words::kBefore, {text}) : text;
}

// --- objectives

// A bar of what is left: the words beside it say the same.
void put_bar(const Page& page, sla::Html& html, const sla::Budget& budget) {
  const auto left = budget.left_ns();
  const bool over = left < sla::Rational(0) || budget.total_ns == sla::Rational(0);
  const auto share = over ? sla::Rational(0) : left / budget.total_ns * sla::Rational(100);
  const auto percent = std::min<std::int64_t>(100, share.floor().to_int64());
  const auto label =
      over ? page.words(words::kBarOver) : page.words(words::kBarOf, {std::to_string(percent)});
  html.open("svg", {{"class", "rest"},
                    {"viewBox", "0 0 100 4"},
                    {"preserveAspectRatio", "none"},
                    {"role", "img"},
                    {"aria-label", label}});
  const auto width = std::to_string(over ? 100 : percent);
  html.empty("rect", {{"class", over ? "gone" : "keep"},
                      {"x", "0"},
                      {"y", "0"},
                      {"width", width},
                      {"height", "4"}});
  html.close();
}

LiveCell budget_cell(const Page& page, const sla::ObjectiveReport& o) {
  return [&page, &o](sla::Html& html) {
    if (!o.budget) {
      html.text(page.words(sla::words::kNone));
      return;
    }
    const auto left = o.budget->left_ns();
    if (left < sla::Rational(0)) {
      html.text(page.words(sla::words::kOverBudget,
                           {sla::seconds_up(page.language, sla::Rational(0) - left)}));
    } else {
      html.text(page.words(words::kLeftOf, {sla::seconds_down(page.language, left),
                                            sla::seconds_down(page.language, o.budget->total_ns)}));
    }
    put_bar(page, html, *o.budget);
  };
}

std::string unmeasured_text(const Page& page, const sla::ObjectiveReport& o) {
  if (o.seconds.accountable() == 0) return page.words(sla::words::kNone);
  return sla::share_text(o, o.seconds.unknown, true);
}

void put_objectives(const Page& page, const sla::Report& report) {
  LiveTable table(page.html, page.words(words::kObjectives),
                  {page.column(sla::words::kObjective), page.column(sla::words::kTargetHead, true),
                   page.column(words::kSoFar, true), page.column(sla::words::kUnmeasured, true),
                   page.column(words::kBudgetLeft), page.column(words::kOutlook),
                   page.column(words::kVerdictSoFar)});
  for (const auto& o : report.objectives) {
    const auto value =
        o.nominal ? sla::value_text(page.language, o, *o.nominal) : page.words(sla::words::kNoData);
    table.row("", {text_cell(o.name, o.service + " · " + sla::period_text(page.language, o)),
                   text_cell(sla::target_value(page.language, o, o.target)), text_cell(value),
                   text_cell(unmeasured_text(page, o)), budget_cell(page, o),
                   text_cell(page.words(o.outlook ? sla::words_of(*o.outlook) : sla::words::kNone)),
                   verdict_cell(page, o.verdict)});
  }
  table.close();
}

// --- services and checks

LiveCell why_cell(const Page& page, const sla::Zone& zone, const LiveCheck& check) {
  if (check.silent) {
    return text_cell(page.words(words::kSilent, {sla::local_text(zone, check.last)}));
  }
  if (check.outcome == Outcome::up) return text_cell("");
  return [reason = check.reason, detail = check.detail](sla::Html& html) {
    html.leaf("code", reason);
    if (!detail.empty()) html.leaf("small", detail);
  };
}

void put_service(const Page& page,
                 LiveTable& table,
                 const LiveAgreement& agreement,
                 const std::string& service) {
  ServiceState state{service, Phase::unknown, {}, false};
  if (agreement.judged) {
    for (const auto& each : agreement.judged->services) {
      if (each.service == service) state = each;
    }
  }
  const auto& zone = agreement.zone;
  table.row("whole",
            {text_cell(page.words(words::kWholeService, {service})), text_cell(""),
             phase_cell(page, state.phase, ""),
             text_cell(since_text(page, zone, state.since, state.since_before)), text_cell("")});
  for (const auto& check : agreement.checks) {
    if (check.service != service) continue;
    table.row("part", {text_cell(check.check), text_cell(check.vantage),
                       phase_cell(page, phase_of(check.outcome), ""),
                       text_cell(since_text(page, zone, check.since, check.since_before)),
                       why_cell(page, zone, check)});
  }
}

void put_services(const Page& page, const LiveAgreement& agreement) {
  std::vector<std::string> services;
  const auto add = [&](const std::string& name) {
    if (std::find(services.begin(), services.end(), name) == services.end()) {
      services.push_back(name);
    }
  };
  if (agreement.judged) {
    for (const auto& each : agreement.judged->services) add(each.service);
  }
  for (const auto& check : agreement.checks) add(check.service);
  page.html.leaf("h3", page.words(words::kServices));
  if (agreement.checks.empty()) page.html.leaf("p", page.words(words::kNoResults));
  if (services.empty()) return;
  LiveTable table(
      page.html, page.words(words::kServices),
      {page.column(words::kServiceOrCheck), page.column(words::kVantage),
       page.column(words::kStateNow), page.column(words::kSince), page.column(words::kWhy)});
  for (const auto& service : services) put_service(page, table, agreement, service);
  table.close();
  if (agreement.more_checks > 0) {
    page.html.leaf("p", page.words(words::kMoreChecks, {std::to_string(agreement.more_checks)}));
  }
}

// --- what people said

void put_more(const Page& page, std::size_t more) {
  if (more > 0) page.html.leaf("p", page.words(words::kAndMore, {std::to_string(more)}));
}

void put_incidents(const Page& page, const LiveAgreement& agreement) {
  page.html.leaf("h3", page.words(words::kOpenIncidents));
  if (agreement.incidents.empty()) {
    page.html.leaf("p", page.words(words::kNoOpenIncident));
    return;
  }
  LiveTable table(page.html, page.words(words::kOpenIncidents),
                  {page.column(sla::words::kIncident), page.column(sla::words::kService),
                   page.column(sla::words::kPriority), page.column(words::kStateNow),
                   page.column(words::kOpened)});
  for (const auto& [id, what] : agreement.incidents) {
    const bool open = what.state == IncidentCase::State::open;
    table.row("", {text_cell(id), text_cell(what.service), text_cell(what.priority),
                   text_cell(page.words(open ? words::kOpen : words::kPaused)),
                   text_cell(sla::local_text(agreement.zone, what.opened))});
  }
  table.close();
  put_more(page, agreement.more_incidents);
}

const sla::Phrase& words_of_standing(const std::string& state) {
  if (state == "approved") return words::kApproved;
  if (state == "disputed") return words::kDisputed;
  return state == "agreed" ? words::kAgreed : words::kClaimed;
}

void put_exclusions(const Page& page, const LiveAgreement& agreement) {
  page.html.leaf("h3", page.words(words::kWindows));
  if (agreement.exclusions.empty()) {
    page.html.leaf("p", page.words(words::kNoWindow));
    return;
  }
  LiveTable table(
      page.html, page.words(words::kWindows),
      {page.column(words::kWindow), page.column(sla::words::kKind),
       page.column(sla::words::kService), page.column(words::kWhen), page.column(sla::words::kFrom),
       page.column(sla::words::kTo), page.column(words::kStanding)});
  for (const auto& each : agreement.exclusions) {
    const auto service = each.service.empty() ? page.words(words::kEveryService) : each.service;
    const auto when = each.running ? word_cell("state unknown", page.words(words::kRunningNow))
                                   : text_cell(page.words(words::kToCome));
    table.row("", {text_cell(each.id), text_cell(each.kind), text_cell(service), when,
                   text_cell(sla::local_text(agreement.zone, each.from)),
                   text_cell(sla::local_text(agreement.zone, each.to)),
                   text_cell(page.words(words_of_standing(each.state)))});
  }
  table.close();
  put_more(page, agreement.more_exclusions);
}

// --- reports

std::string report_address(const Page& page, const std::string& agreement) {
  const std::string_view language = page.language == sla::Language::zh ? "zh" : "en";
  return "/v1/reports?agreement=" + net::percent_encode(agreement) +
         "&format=html&lang=" + std::string(language);
}

void put_reports(const Page& page, const LiveAgreement& agreement) {
  page.html.leaf("h3", page.words(words::kSealedReports));
  const auto address = report_address(page, agreement.name);
  if (agreement.reports.empty()) {
    page.html.leaf("p", page.words(words::kNoSealed));
  } else {
    LiveTable table(page.html, page.words(words::kSealedReports),
                    {page.column(sla::words::kPeriod), page.column(words::kRevision, true),
                     page.column(words::kSealedAt), page.column(sla::words::kVerdict)});
    for (const auto& each : agreement.reports) {
      const auto revision = std::to_string(each.revision);
      const auto of =
          address + "&period=" + net::percent_encode(each.period) + "&revision=" + revision;
      table.row("", {link_cell(of, each.period), text_cell(revision),
                     text_cell(sla::local_text(agreement.zone, each.sealed)),
                     verdict_cell(page, each.verdict)});
    }
    table.close();
  }
  page.html.open("p").leaf("a", {{"href", address}}, page.words(words::kRunningReport)).close();
}

}  // namespace

void agreement_section(const Page& page,
                       const LiveAgreement& agreement,
                       WallTime as_of,
                       const std::string& id) {
  page.html.open("section", {{"aria-labelledby", id}});
  page.html.open("h2", {{"id", id}}).text(agreement.name + " ");
  page.html.leaf("small", agreement.version + " · " + agreement.zone.name()).close();
  const auto* judged = agreement.judged.get();
  if (judged == nullptr) {
    page.html.leaf("p", page.words(words::kNotJudged));
  } else if (!judged->report) {
    page.html.leaf("p", {{"class", "line"}}, page.words(words::kTrouble, {judged->trouble}));
  } else {
    if (as_of - judged->at > kStaleAfter) {
      page.html.leaf("p",
                     page.words(words::kFiguresOf, {sla::local_text(agreement.zone, judged->at)}));
    }
    put_objectives(page, *judged->report);
    for (const auto& warning : judged->report->warnings) {
      page.html.leaf("p", {{"class", "note"}},
                     page.words(sla::words::kWarning, {sla::warning_text(warning, page.language)}));
    }
  }
  put_services(page, agreement);
  put_incidents(page, agreement);
  put_exclusions(page, agreement);
  put_reports(page, agreement);
  page.html.close();
}

void agents_section(const Page& page,
                    const Visible& visible,
                    const sla::Zone& zone,
                    WallTime as_of) {
  page.html.open("section", {{"aria-labelledby", "agents"}});
  page.html.leaf("h2", {{"id", "agents"}}, page.words(words::kAgents));
  if (visible.agents.empty()) {
    page.html.leaf("p", page.words(words::kNoAgents)).close();
    return;
  }
  LiveTable table(page.html, page.words(words::kAgents) + " · " + zone.name(),
                  {page.column(words::kAgent), page.column(words::kLastSeen),
                   page.column(words::kUnsent), page.column(words::kForks, true)});
  for (const auto& [name, agent] : visible.agents) {
    if (agent == nullptr) {
      table.row("", {text_cell(name), text_cell(page.words(words::kNothingKept)), text_cell(""),
                     text_cell("")});
      continue;
    }
    const auto silent = std::max<std::int64_t>(0, (as_of - agent->seen).count() / kSecondNs);
    const auto ago = page.words(words::kAgo, {sla::duration_text(page.language, silent)});
    table.row("", {text_cell(name), text_cell(sla::local_text(zone, agent->seen), ago),
                   text_cell(sla::local_text(zone, agent->complete_to)),
                   text_cell(std::to_string(agent->forks))});
  }
  table.close();
  put_more(page, visible.more_agents);
  page.html.close();
}

void log_section(const Page& page, const Live& live) {
  auto& html = page.html;
  html.open("section", {{"aria-labelledby", "log"}});
  html.leaf("h2", {{"id", "log"}}, page.words(words::kLog));
  html.leaf("p", page.words(words::kLogWhat));
  html.open("dl", {{"class", "head"}});
  html.leaf("dt", page.words(words::kEntries));
  html.leaf("dd", sla::grouped(sla::Integer(static_cast<std::int64_t>(live.log_size))));
  html.leaf("dt", page.words(words::kRoot));
  html.open("dd").leaf("code", live.log_root).close();
  html.leaf("dt", page.words(words::kKey));
  html.open("dd").leaf("code", to_hex(live.head.key)).close();
  html.close();
  html.open("p").leaf("a", {{"href", "/v1/log/head"}}, page.words(words::kSignedHead)).close();
  html.close();
}

}  // namespace nines::collector
