// SPDX-License-Identifier: Apache-2.0
#include "collector/reports.h"

#include <algorithm>
#include <set>

#include "base/version.h"
#include "collector/agreement_texts.h"
#include "collector/event_book.h"
#include "collector/pruned.h"
#include "collector/recorded.h"
#include "collector/report_difference.h"
#include "sla/render/report_json.h"
#include "sla/text/agreement_decoder.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;
using Kind = sla::PeriodRule::Kind;

// Frozen, since version 2.
constexpr const char* kReportTable = R"sql(
CREATE TABLE reports(
  agreement TEXT NOT NULL, period TEXT NOT NULL, revision INTEGER NOT NULL, cut_ns INTEGER NOT NULL,
  cut_size INTEGER NOT NULL, sealed_ns INTEGER NOT NULL, position INTEGER NOT NULL,
  inputs TEXT NOT NULL, report BLOB NOT NULL, PRIMARY KEY(agreement, period, revision));
)sql";

constexpr const char* kColumns =
    "SELECT agreement, period, revision, cut_ns, cut_size, sealed_ns, position, inputs, report "
    "FROM reports ";
constexpr int kMaxLookBack = 4000;  // periods of one kind that one look passes over

std::string digest_text(const Digest& digest) { return "sha256:" + hex(digest); }

std::optional<Digest> digest_of(const Json& text) {
  if (!text.is_string()) return std::nullopt;
  const auto written = text.get<std::string>();
  const auto bytes = from_hex(std::string_view(written).substr(written.find(':') + 1));
  return bytes ? digest_from(as_bytes(*bytes)) : std::nullopt;
}

SealedReport report_of(Rows& rows) {
  SealedReport out;
  out.agreement = rows.text(0);
  out.period = rows.text(1);
  out.revision = static_cast<unsigned>(rows.integer(2));
  out.cut = {WallTime{rows.integer(3)}, rows.count(4)};
  out.sealed = WallTime{rows.integer(5)};
  out.position = rows.count(6);
  out.inputs = Json::parse(rows.text(7), nullptr, false);
  if (!out.inputs.is_object()) out.inputs = Json::object();
  for (const auto& text : out.inputs.value("agreements", Json::array())) {
    if (const auto digest = digest_of(text)) out.agreements.push_back(*digest);
  }
  out.bytes = rows.blob(8);
  return out;
}

// When the collector first knew the agreement: periods that were over by then are not its to seal.
std::optional<WallTime> known_since(Database& db, const std::string& agreement) {
  auto rows =
      db.rows("SELECT min(at_ns) FROM log WHERE agreement = ?1 AND kind = 'agreement'", agreement);
  if (!rows.next() || rows.null(0)) return std::nullopt;
  return WallTime{rows.integer(0)};
}

bool is_sealed(Database& db, const std::string& agreement, const std::string& period) {
  auto rows = db.rows("SELECT 1 FROM reports WHERE agreement = ?1 AND period = ?2 AND revision = 1",
                      agreement, period);
  return rows.next();
}

std::vector<const sla::Agreement*> in_order(const std::vector<sla::Agreement>& versions,
                                            std::int64_t before) {
  std::vector<const sla::Agreement*> out;
  for (const auto& version : versions) {
    if (version.effective_from.ns < before) out.push_back(&version);
  }
  std::sort(out.begin(), out.end(),
            [](const auto* a, const auto* b) { return a->effective_from < b->effective_from; });
  return out;
}

std::set<Kind> kinds_of(const std::vector<sla::Agreement>& versions) {
  std::set<Kind> kinds;
  for (const auto& version : versions) {
    for (const auto& objective : version.objectives) {
      if (objective.period.kind != Kind::rolling) kinds.insert(objective.period.kind);
    }
  }
  return kinds;
}

// A calendar period that is over.
struct Ended {
  std::string name;  // "2026-11"
  sla::Interval span;
  std::vector<const sla::Agreement*> judged_by;

  // Results that arrive later do not count.
  WallTime cut() const { return WallTime{span.to} + judged_by.back()->late_data_until; }
};

// Those of one kind that are the collector's to seal and are not sealed, the newest first.
Expected<std::vector<Ended>> unsealed(Database& db,
                                      const std::vector<sla::Agreement>& versions,
                                      Kind kind,
                                      WallTime since,
                                      WallTime now) {
  const auto& zone = versions.back().zone;
  const std::string& agreement = versions.back().name;
  std::vector<Ended> out;
  auto period = sla::period_at({kind, 0}, zone, now);
  for (int i = 0; i < kMaxLookBack; ++i) {
    period = sla::period_at({kind, 0}, zone, WallTime{period.from});
    if (period.to <= since.ns) break;
    auto judged_by = in_order(versions, period.to);
    if (judged_by.empty()) break;
    const auto& last = *judged_by.back();
    if (last.effective_to && last.effective_to->ns <= period.from) continue;
    const auto text = period_text(kind, zone.date_at(WallTime{period.from}));
    TRY(read, sla::parse_period(text, zone));
    // A midnight that a clock change skipped: such a period has no name that means it.
    if (read.from != period.from || read.to != period.to) continue;
    if (is_sealed(db, agreement, text)) continue;
    out.push_back({text, period, std::move(judged_by)});
  }
  return out;
}

// Of these what is not within its time for late data any more, the oldest first.
Expected<void> plan_kind(Database& db,
                         const std::vector<sla::Agreement>& versions,
                         Kind kind,
                         WallTime since,
                         WallTime now,
                         std::vector<SealPlan>& plans) {
  TRY(ended, unsealed(db, versions, kind, since, now));
  for (auto each = ended.rbegin(); each != ended.rend(); ++each) {
    if (each->cut() + kSealMargin > now) continue;
    SealPlan plan{versions.back().name, each->name, 1, {each->cut(), log_size(db)}, {}, nullptr};
    for (const auto* version : each->judged_by) plan.agreements.push_back(version->digest);
    plans.push_back(std::move(plan));
  }
  return {};
}

Expected<void> plan_restatements(Database& db,
                                 const std::vector<sla::Agreement>& versions,
                                 std::vector<SealPlan>& plans) {
  const std::string& agreement = versions.back().name;
  TRY(book, EventBook::read(db, agreement));
  std::set<std::string> planned;
  for (const auto& [id, each] : book.restatements()) {
    if (each.state != RestatementCase::State::approved) continue;
    const auto latest = find_report(db, agreement, each.period);
    if (!latest || !planned.insert(each.period).second) continue;
    bool done = false;
    for (unsigned revision = 2; revision <= latest->revision && !done; ++revision) {
      const auto known = find_report(db, agreement, each.period, revision);
      done = known && known->inputs.contains("restatement") &&
             known->inputs["restatement"].value("id", std::string()) == id;
    }
    if (done) {
      planned.erase(each.period);
      continue;
    }
    TRY(gone, results_dropped(db, versions, {each.period, {}}));
    if (gone) continue;  // there is nothing left to count anew
    TRY(period, sla::parse_period(each.period, versions.back().zone));
    SealPlan plan{agreement,
                  each.period,
                  latest->revision + 1,
                  {each.proposed_at, each.position + 1},
                  {},
                  {{"id", id},
                   {"reason", each.reason},
                   {"proposed_by", each.proposed_by},
                   {"approved_by", each.decided_by}}};
    for (const auto* version : in_order(versions, period.to)) {
      plan.agreements.push_back(version->digest);
    }
    plans.push_back(std::move(plan));
  }
  return {};
}

Expected<sla::Report> judged(Database& db,
                             const std::vector<sla::Agreement>& versions,
                             const std::string& period,
                             unsigned revision,
                             const Cut& cut,
                             bool sketches) {
  TRY(report, judge_agreement(db, versions, {period, {}, sketches}, cut));
  report.seal = sla::Seal{revision, cut.at};
  return report;
}

Json inputs_of(const SealPlan& plan, const sla::Report& report, const std::string& events) {
  Json digests = Json::array();
  for (const auto& digest : plan.agreements) digests.push_back(digest_text(digest));
  Json inputs{{"agreement", plan.agreement},
              {"period", plan.period},
              {"revision", plan.revision},
              {"cut", format_rfc3339(plan.cut.at)},
              {"log_size", plan.cut.log_size},
              {"agreements", digests},
              {"events", digest_text(sha256(as_bytes(events)))},
              {"sketches", true},
              {"zone_data", report.zone_data},
              {"code", std::string(kVersion)}};
  if (!plan.restatement.is_null()) inputs["restatement"] = plan.restatement;
  return inputs;
}

struct Late {
  std::uint64_t results = 0;
  std::optional<WallTime> first, last;  // received
};

// Results of the period that came after the cut.
Expected<Late> late_results(Database& db,
                            const std::vector<sla::Agreement>& versions,
                            const SealedReport& report) {
  TRY(period, sla::parse_period(report.period, versions.back().zone));
  TRY(needed, results_needed(db, versions, {report.period, {}}));
  Late late;
  RecordReader reader(db, true);
  for (const auto& check : needed.checks) {
    for (const auto& vantage : needed.vantages) {
      const auto take = [&](const Definition&, const BatchClock& batch, const Recorded&) {
        if (report.cut.counts(batch.received, batch.position)) return true;
        ++late.results;
        late.first = late.first ? std::min(*late.first, batch.received) : batch.received;
        late.last = late.last ? std::max(*late.last, batch.received) : batch.received;
        return true;
      };
      TRY_VOID(reader.read(vantage, check, WallTime{period.from}, WallTime{period.to}, take));
    }
  }
  return late;
}

}  // namespace

bool has_sketches(const SealedReport& report) {
  const auto found = report.inputs.find("sketches");
  return found != report.inputs.end() && *found == true;
}

void create_reports(Database& db) { db.script(kReportTable); }

std::string period_text(Kind kind, const sla::LocalDate& first) {
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string year = std::to_string(first.year);
  switch (kind) {
    case Kind::year:
      return year;
    case Kind::quarter:
      return year + "-Q" + std::to_string((first.month + 2) / 3);
    case Kind::month:
      return year + "-" + two(first.month);
    case Kind::week: {
      // The ISO week belongs to the year of its Thursday; the first holds 4 January.
      const auto thursday = sla::plus_days(first, 3);
      const auto passed = sla::day_number(thursday) - sla::day_number({thursday.year, 1, 1});
      return std::to_string(thursday.year) + "-W" + two(static_cast<unsigned>(passed / 7) + 1);
    }
    default:
      return year + "-" + two(first.month) + "-" + two(first.day);
  }
}

std::optional<SealedReport> find_report(Database& db,
                                        const std::string& agreement,
                                        const std::string& period,
                                        unsigned revision) {
  auto rows = db.rows(std::string(kColumns) +
                          "WHERE agreement = ?1 AND period = ?2 AND (?3 = 0 OR revision = ?3) "
                          "ORDER BY revision DESC LIMIT 1",
                      agreement, period, revision);
  if (!rows.next()) return std::nullopt;
  return report_of(rows);
}

Expected<std::vector<SealPlan>> due_reports(Database& db,
                                            const Agreements& agreements,
                                            WallTime now) {
  std::vector<SealPlan> plans;
  for (const auto& [name, versions] : agreements.all()) {
    const auto since = known_since(db, name);
    if (!since) continue;
    for (const auto kind : kinds_of(versions)) {
      TRY_VOID(plan_kind(db, versions, kind, *since, now, plans));
    }
    TRY_VOID(plan_restatements(db, versions, plans));
  }
  TRY_VOID(db.take_failure());
  return plans;
}

Expected<std::vector<sla::Agreement>> versions_of(Database& db,
                                                  const Agreements& loaded,
                                                  const std::vector<Digest>& digests) {
  std::vector<sla::Agreement> out;
  for (const auto& digest : digests) {
    const auto source = find_agreement_text(db, digest);
    if (!source) return fail("store: the text of agreement " + digest_text(digest) + " is missing");
    if (const auto* versions = loaded.find(source->name)) {
      const auto same = std::find_if(versions->begin(), versions->end(),
                                     [&](const auto& one) { return one.digest == digest; });
      if (same != versions->end()) {
        out.push_back(*same);
        continue;
      }
    }
    TRY(version, sla::read_agreement(source->text, source->name + "@" + source->version));
    out.push_back(std::move(version));
  }
  return out;
}

Expected<std::optional<WallTime>> results_dropped(Database& db,
                                                  const std::vector<sla::Agreement>& versions,
                                                  const sla::Question& question) {
  TRY(needed, results_needed(db, versions, question));
  const auto until = dropped_until(db, needed.checks, needed.vantages);
  return until && *until >= needed.from ? until : std::nullopt;
}

Expected<std::optional<WallTime>> needed_since(Database& db,
                                               const std::vector<sla::Agreement>& versions,
                                               WallTime now) {
  const auto since = known_since(db, versions.front().name);
  if (!since) return std::optional(WallTime{0});
  std::optional<WallTime> out;
  const auto hold = [&](const sla::Question& question) -> Expected<void> {
    TRY(needed, results_needed(db, versions, question));
    out = out ? std::min(*out, needed.from) : needed.from;
    return {};
  };
  TRY_VOID(hold({{}, now}));
  for (const auto kind : kinds_of(versions)) {
    TRY(ended, unsealed(db, versions, kind, *since, now));
    if (!ended.empty()) TRY_VOID(hold({ended.back().name, {}}));
  }
  TRY(book, EventBook::read(db, versions.front().name));
  for (const auto& [id, each] : book.restatements()) {
    if (each.state == RestatementCase::State::proposed) TRY_VOID(hold({each.period, {}}));
  }
  std::vector<SealPlan> plans;
  TRY_VOID(plan_restatements(db, versions, plans));
  for (const auto& plan : plans) TRY_VOID(hold({plan.period, {}}));
  for (const auto& [id, each] : book.exclusions()) {
    const auto from = proto::instant_member(each.claim, "from");
    if (each.state != ExclusionCase::State::disputed || !from) continue;
    for (const auto kind : kinds_of(versions)) {
      const auto period = sla::period_at({kind, 0}, versions.back().zone, *from);
      const auto span =
          format_rfc3339(WallTime{period.from}) + "/" + format_rfc3339(WallTime{period.to});
      TRY_VOID(hold({span, {}}));
    }
  }
  return out;
}

Expected<SealedReport> make_report(Database& db, const Agreements& loaded, const SealPlan& plan) {
  TRY(versions, versions_of(db, loaded, plan.agreements));
  TRY(report, judged(db, versions, plan.period, plan.revision, plan.cut, true));
  TRY(book, EventBook::read(db, plan.agreement, plan.cut));
  SealedReport out;
  out.agreement = plan.agreement;
  out.period = plan.period;
  out.revision = plan.revision;
  out.cut = plan.cut;
  out.agreements = plan.agreements;
  out.bytes = sla::report_json(report);
  out.inputs = inputs_of(plan, report, book.lines());
  if (plan.revision > 1) {
    const auto before = find_report(db, plan.agreement, plan.period, plan.revision - 1);
    if (!before)
      return fail("store: revision " + std::to_string(plan.revision - 1) + " is missing");
    out.inputs["difference"] = report_difference(before->bytes, out.bytes);
    TRY(earlier, late_results(db, versions, *before));
    TRY(later, late_results(db, versions, out));
    out.inputs["difference"]["results_added"] = earlier.results - later.results;
  }
  return out;
}

void store_report(Database& db, const SealedReport& report, WallTime now) {
  if (find_report(db, report.agreement, report.period, report.revision)) return;
  Json body = report.inputs;
  body["report"] = digest_text(sha256(as_bytes(report.bytes)));
  const auto position = append_entry(
      db, {"report", report.agreement,
           report.agreement + "/" + report.period + "/" + std::to_string(report.revision), now,
           std::move(body)});
  db.run("INSERT INTO reports VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", report.agreement,
         report.period, report.revision, report.cut.at.ns, report.cut.log_size, now.ns, position,
         canonical_text(report.inputs), Blob{as_bytes(report.bytes)});
}

Expected<sla::Report> report_again(Database& db,
                                   const Agreements& loaded,
                                   const SealedReport& report) {
  TRY(versions, versions_of(db, loaded, report.agreements));
  TRY(gone, results_dropped(db, versions, {report.period, {}}));
  if (gone) {
    return fail("results up to " + format_rfc3339(*gone) +
                " are no longer kept (retention), so the report cannot be made again; ask for "
                "format=json, which is what was sealed");
  }
  return judged(db, versions, report.period, report.revision, report.cut, has_sketches(report));
}

Expected<std::string> revisions_json(Database& db,
                                     const Agreements& loaded,
                                     const std::string& agreement,
                                     const std::optional<std::string>& period) {
  Json list = Json::array();
  {
    auto rows = db.rows(std::string(kColumns) +
                            "WHERE agreement = ?1 AND (?2 IS NULL OR period = ?2) "
                            "ORDER BY sealed_ns DESC, period, revision DESC LIMIT 10000",
                        agreement, period);
    while (rows.next()) {
      const auto report = report_of(rows);
      Json one = report.inputs;
      one["sealed"] = format_rfc3339(report.sealed);
      one["position"] = report.position;
      one["report"] = digest_text(sha256(as_bytes(report.bytes)));
      list.push_back(std::move(one));
    }
  }
  Json out{{"agreement", agreement}, {"revisions", list}};
  if (const auto latest = period ? find_report(db, agreement, *period) : std::nullopt) {
    TRY(versions, versions_of(db, loaded, latest->agreements));
    TRY(late, late_results(db, versions, *latest));
    const auto text = [](const auto& at) { return at ? Json(format_rfc3339(*at)) : Json(nullptr); };
    out["late"] = {{"results", late.results},
                   {"first_received", text(late.first)},
                   {"last_received", text(late.last)}};
  }
  TRY_VOID(db.take_failure());
  return canonical_text(out) + "\n";
}

}  // namespace nines::collector
