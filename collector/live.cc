// SPDX-License-Identifier: Apache-2.0
#include "collector/live.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "collector/check_state.h"
#include "proto/event_lines.h"
#include "sla/input/samples.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;

using proto::text_member;

ServiceState state_of(const sla::ObjectiveReport& o, WallTime at) {
  ServiceState out{o.service, sla::Phase::unknown, {}, false};
  const auto& pieces = o.course.exact ? o.course.pieces : o.course.newest;
  auto now = std::find_if(pieces.begin(), pieces.end(), [&](const sla::Piece& each) {
    return each.span.from < at.ns && at.ns <= each.span.to;
  });
  if (now == pieces.end()) return out;
  const bool just_unknown =
      now->phase == sla::Phase::unknown && at.ns - now->span.from < kUnderWay.count();
  if (just_unknown && now != pieces.begin()) {
    const auto before = now - 1;
    const bool known = before->phase == sla::Phase::up || before->phase == sla::Phase::down;
    if (known && before->span.to == now->span.from) now = before;
  }
  out.phase = now->phase;
  out.since = WallTime{now->span.from};
  out.since_before = now->span.from <= o.period.from;
  return out;
}

const sla::Agreement& version_at(const std::vector<sla::Agreement>& versions, WallTime now) {
  const sla::Agreement* in_force = nullptr;
  const sla::Agreement* newest = &versions.front();
  for (const auto& each : versions) {
    if (each.effective_from > newest->effective_from) newest = &each;
    if (each.effective_from > now) continue;
    if (in_force == nullptr || each.effective_from > in_force->effective_from) in_force = &each;
  }
  return in_force != nullptr ? *in_force : *newest;
}

const LiveCheck* find_check(const LiveAgreement* before, const LiveCheck& wanted) {
  if (before == nullptr) return nullptr;
  for (const auto& each : before->checks) {
    if (each.check == wanted.check && each.vantage == wanted.vantage) return &each;
  }
  return nullptr;
}

// One run of the looks at one agreement.
class Look {
 public:
  Look(Database& db,
       const std::vector<sla::Agreement>& versions,
       WallTime now,
       const LiveAgreement* before)
      : db_(db), versions_(versions), now_(now), before_(before) {}

  Expected<LiveAgreement> take();

 private:
  Expected<void> take_checks(const sla::Agreement& version);
  Expected<std::optional<LiveCheck>> check(const sla::MeasuredCheck& measured,
                                           const std::string& agent);
  Expected<void> take_since(LiveCheck& check);
  void take_windows(const sla::Agreement& version);
  void take_events(const EventBook& book);
  void take_reports();
  sla::Verdict verdict_of(const LiveReport& report);

  Database& db_;
  const std::vector<sla::Agreement>& versions_;
  const WallTime now_;
  const LiveAgreement* before_;
  LiveAgreement out_;
};

Expected<LiveAgreement> Look::take() {
  const auto& version = version_at(versions_, now_);
  out_.name = version.name;
  out_.version = version.version;
  out_.language = version.languages.prevailing;
  out_.zone = version.zone;
  TRY_VOID(take_checks(version));
  TRY(book, EventBook::read(db_, version.name));
  take_events(book);
  take_windows(version);
  std::sort(out_.exclusions.begin(), out_.exclusions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.from, a.to, a.id) < std::tie(b.from, b.to, b.id);
  });
  if (out_.exclusions.size() > kMostExclusions) {
    out_.more_exclusions = out_.exclusions.size() - kMostExclusions;
    out_.exclusions.resize(kMostExclusions);
  }
  take_reports();
  TRY_VOID(db_.take_failure());
  return std::move(out_);
}

Expected<void> Look::take_checks(const sla::Agreement& version) {
  std::set<std::string> vantages(version.vantages.begin(), version.vantages.end());
  for (const auto& measured : version.checks) {
    TRY(agents, agents_of(db_, measured.check.name));
    for (const auto& agent : agents) {
      if (!version.vantages.empty() && !vantages.contains(agent)) continue;
      vantages.insert(agent);
      TRY(found, check(measured, agent));
      if (found) out_.checks.push_back(*std::move(found));
    }
  }
  out_.vantages.assign(vantages.begin(), vantages.end());
  const auto badness = [](const LiveCheck& each) {
    return each.outcome == Outcome::down ? 0 : each.outcome == Outcome::unknown ? 1 : 2;
  };
  std::stable_sort(out_.checks.begin(), out_.checks.end(),
                   [&](const auto& a, const auto& b) { return badness(a) < badness(b); });
  if (out_.checks.size() > kMostChecks) {
    out_.more_checks = out_.checks.size() - kMostChecks;
    out_.checks.resize(kMostChecks);
  }
  std::stable_sort(out_.checks.begin(), out_.checks.end(),
                   [](const auto& a, const auto& b) { return a.service < b.service; });
  for (auto& each : out_.checks) TRY_VOID(take_since(each));
  return {};
}

Expected<std::optional<LiveCheck>> Look::check(const sla::MeasuredCheck& measured,
                                               const std::string& agent) {
  const auto newest = newest_result(db_, agent, measured.check.name);
  if (!newest) return std::optional<LiveCheck>();
  LiveCheck out;
  out.check = measured.check.name;
  out.service = measured.service;
  out.vantage = agent;
  out.outcome = newest->outcome;
  out.last = newest->started;
  const auto result = Json::parse(newest->result, nullptr, false);
  if (result.is_object()) {
    out.reason = text_member(result, "reason");
    out.detail = text_member(result, "detail");
  }
  const auto believed_to = newest->started + measured.belief;
  if (believed_to + kUnderWay < now_) {
    out.silent = true;
    out.outcome = Outcome::unknown;
    out.since = believed_to;
  }
  return std::optional(std::move(out));
}

Expected<void> Look::take_since(LiveCheck& check) {
  if (check.silent) return {};
  // What was the case last time either goes on, or ended about then or later.
  const LiveCheck* known = find_check(before_, check);
  const bool goes_on =
      known != nullptr && !known->silent && known->outcome == check.outcome && known->since;
  const auto from = goes_on ? known->last - hours(2) : now_ - kSinceReach;
  TRY(start, run_start(db_, check.vantage, check.check, check.outcome, from));
  check.since = start ? *start : goes_on ? *known->since : from;
  check.since_before = !start && (goes_on ? known->since_before : true);
  return {};
}

void Look::take_windows(const sla::Agreement& version) {
  for (const auto& kind : version.exclusions.kinds) {
    for (const auto& window : kind.windows) {
      const sla::Interval ahead{now_.ns, (now_ + kAnnouncedReach).ns};
      const auto ahead_of_us = sla::instances(window, ahead);
      for (const auto& each : ahead_of_us.intervals()) {
        if (each.to <= now_.ns) continue;
        const bool running = each.from <= now_.ns;
        out_.exclusions.push_back({window.name, kind.name, window.service, "agreed",
                                   WallTime{each.from}, WallTime{each.to}, running});
      }
    }
  }
}

void Look::take_events(const EventBook& book) {
  for (const auto& [id, each] : book.exclusions()) {
    using State = ExclusionCase::State;
    if (each.state == State::rejected || each.state == State::withdrawn) continue;
    const auto from = proto::instant_member(each.claim, "from");
    const auto to = proto::instant_member(each.claim, "to");
    if (!from || !to || *to <= now_) continue;
    out_.exclusions.push_back({id, text_member(each.claim, "kind"),
                               text_member(each.claim, "service"), std::string(name(each.state)),
                               *from, *to, *from <= now_});
  }
  for (const auto& [id, each] : book.incidents()) {
    using State = IncidentCase::State;
    if (each.state == State::open || each.state == State::paused) {
      out_.incidents.push_back({id, each});
    }
  }
  std::stable_sort(out_.incidents.begin(), out_.incidents.end(),
                   [](const auto& a, const auto& b) { return a.what.opened < b.what.opened; });
  if (out_.incidents.size() > kMostIncidents) {
    out_.more_incidents = out_.incidents.size() - kMostIncidents;
    out_.incidents.resize(kMostIncidents);
  }
}

void Look::take_reports() {
  auto rows = db_.rows(
      "SELECT period, max(revision), sealed_ns FROM reports WHERE agreement = ?1 "
      "GROUP BY period ORDER BY sealed_ns DESC, period DESC LIMIT ?2",
      out_.name, static_cast<std::int64_t>(kMostReports));
  while (rows.next()) {
    LiveReport report{rows.text(0), static_cast<unsigned>(rows.integer(1)),
                      WallTime{rows.integer(2)}, sla::Verdict::not_applicable};
    report.verdict = verdict_of(report);
    out_.reports.push_back(std::move(report));
  }
}

// A sealed revision never changes, so it is read once.
sla::Verdict Look::verdict_of(const LiveReport& report) {
  if (before_ != nullptr) {
    for (const auto& each : before_->reports) {
      if (each.period == report.period && each.revision == report.revision) return each.verdict;
    }
  }
  auto rows =
      db_.rows("SELECT report FROM reports WHERE agreement = ?1 AND period = ?2 AND revision = ?3",
               out_.name, report.period, report.revision);
  if (!rows.next()) return sla::Verdict::not_applicable;
  const auto json = Json::parse(rows.blob(0), nullptr, false);
  std::set<std::string> verdicts;
  if (json.is_object() && json.contains("objectives") && json["objectives"].is_array()) {
    for (const auto& each : json["objectives"]) verdicts.insert(text_member(each, "verdict"));
  }
  for (const auto verdict : {sla::Verdict::breached, sla::Verdict::indeterminate,
                             sla::Verdict::no_data, sla::Verdict::met}) {
    if (verdicts.contains(std::string(sla::name(verdict)))) return verdict;
  }
  return sla::Verdict::not_applicable;
}

std::optional<LiveAgent> agent_of(Database& db, const std::string& name) {
  LiveAgent out{name, {}, {}, 0};
  {
    auto rows = db.rows(
        "SELECT received_ns, sealed_ns, ahead_ns, bound_ns FROM headers WHERE agent = ?1 "
        "ORDER BY received_ns DESC LIMIT 1",
        name);
    if (!rows.next()) return std::nullopt;
    out.seen = WallTime{rows.integer(0)};
    out.complete_to = sla::corrected_start(WallTime{rows.integer(1)}, rows.integer(2) / 1000,
                                           rows.integer(3) / 1000);
  }
  auto rows = db.rows("SELECT count(*) FROM incidents WHERE agent = ?1", name);
  if (rows.next()) out.forks = rows.count(0);
  return out;
}

}  // namespace

Judged judged_now(const std::string& agreement, WallTime at, Expected<sla::Report> report) {
  Judged out{agreement, at, {}, {}, {}};
  if (!report) {
    out.trouble = report.error().message;
    return out;
  }
  for (auto& each : report->objectives) {
    const bool known = std::any_of(out.services.begin(), out.services.end(),
                                   [&](const auto& one) { return one.service == each.service; });
    if (!known) out.services.push_back(state_of(each, at));
    each.outages.clear();
    each.also.clear();
    each.course = {};
  }
  out.report = *std::move(report);
  return out;
}

Expected<std::shared_ptr<const Live>> look(Database& db,
                                           const Agreements& agreements,
                                           const Judgements& judgements,
                                           const LogId& log,
                                           const SigningKey& key,
                                           WallTime now,
                                           const Live* before) {
  auto out = std::make_shared<Live>();
  out->as_of = now;
  for (const auto& [name, versions] : agreements.all()) {
    const LiveAgreement* known = nullptr;
    if (before != nullptr) {
      const auto& list = before->agreements;
      const auto place = std::find_if(list.begin(), list.end(),
                                      [&](const LiveAgreement& each) { return each.name == name; });
      if (place != list.end()) known = &*place;
    }
    TRY(live, Look(db, versions, now, known).take());
    if (const auto judged = judgements.find(name); judged != judgements.end()) {
      live.judged = judged->second;
    }
    out->agreements.push_back(std::move(live));
  }
  TRY(agents, all_agents(db));
  for (const auto& agent : agents) {
    if (auto found = agent_of(db, agent)) out->agents.emplace(agent, *std::move(found));
  }
  out->head = sign_head(db, log, key, now);
  out->log_size = log_size(db);
  const auto head = Json::parse(out->head.text, nullptr, false);
  if (head.is_object()) out->log_root = text_member(head, "root");
  TRY_VOID(db.take_failure());
  return std::shared_ptr<const Live>(std::move(out));
}

}  // namespace nines::collector
