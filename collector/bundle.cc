// SPDX-License-Identifier: Apache-2.0
#include "collector/bundle.h"

#include <algorithm>
#include <set>

#include "base/version.h"
#include "collector/agreement_texts.h"
#include "collector/event_book.h"
#include "collector/journal.h"
#include "collector/personal.h"
#include "proto/archive.h"
#include "sla/render/report_json.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "nines-bundle/2";

// Members as they are added, and the log entries that vouch for them.
class Bundle {
 public:
  explicit Bundle(std::size_t most) : most_(most) {}

  // What is added then is left out, since finish() refuses the whole.
  bool full() const { return packed_.size() > most_; }

  void add(const std::string& name, const std::string& content, const std::string& what) {
    if (full()) return;
    const auto frame = proto::pack_member({name, content});
    Json entry{{"name", name},
               {"size", content.size()},
               {"packed", frame.size()},
               {"sha256", hex(sha256(as_bytes(frame)))}};
    if (!what.empty()) entry["what"] = what;
    members_.push_back(std::move(entry));
    packed_ += frame;
  }

  void prove(const LogEntry& entry) { entries_.emplace(entry.position, entry.text); }

  void add_log(Database& db, const LogId& log, const SigningKey& key, WallTime now) {
    std::string lines;
    std::vector<std::uint64_t> positions;
    for (const auto& [position, text] : entries_) {
      positions.push_back(position);
      lines += "{\"position\":" + std::to_string(position) + ",\"entry\":" + text + "}\n";
    }
    const auto size = log_size(db);
    std::string nodes;
    for (const auto& [place, hash] : merkle_part(positions, size, log_nodes(db))) {
      nodes +=
          canonical_text({{"level", place.first}, {"index", place.second}, {"hash", hex(hash)}}) +
          "\n";
    }
    add("log/head.json", head_json(sign_head(db, log, key, now)), "");
    add("log/entries.jsonl", lines, "");
    add("log/nodes.jsonl", nodes, "");
  }

  Expected<std::string> finish(Json manifest, const SigningKey& key) {
    const bool with_batches = manifest["batches"] == true;
    manifest["members"] = members_;
    const auto first = proto::pack_member({"manifest.json", canonical_text(manifest) + "\n"});
    const auto text = std::string(proto::kBundleDomain) + hex(sha256(as_bytes(first)));
    const auto second =
        proto::pack_small_member({"manifest.sig", to_hex(key.sign(as_bytes(text))) + "\n"});
    packed_.insert(0, first + second);
    packed_ += proto::archive_end();
    if (full()) {
      return fail("more than " + std::to_string(most_ >> 20) + " MiB of evidence, packed; ask " +
                  (with_batches ? "without batches (batches=no) or " : "") +
                  "for a shorter period");
    }
    return std::move(packed_);
  }

 private:
  const std::size_t most_;
  Json members_ = Json::array();
  std::string packed_;
  std::map<std::uint64_t, std::string> entries_;
};

struct Content {
  SealPlan plan;
  sla::Question question;
  std::string report;
  std::optional<SealedReport> sealed;
};

// The sealed revision that is asked for, or the report as of now.
Expected<Content> content_of(Database& db,
                             const Agreements& loaded,
                             const BundleRequest& request,
                             WallTime now) {
  Content out;
  out.question.period = request.period;
  out.sealed = find_report(db, request.agreement, request.period, request.revision);
  if (out.sealed) {
    out.plan = {request.agreement, request.period,         out.sealed->revision,
                out.sealed->cut,   out.sealed->agreements, nullptr};
    out.report = out.sealed->bytes;
    out.question.sketches = has_sketches(*out.sealed);
    return out;
  }
  if (request.revision != 0) return fail("no such revision is sealed");
  const auto* versions = loaded.find(request.agreement);
  if (versions == nullptr) return fail("no agreement is named '" + request.agreement + "'");
  out.plan = {request.agreement, request.period, 0, {now, log_size(db)}, {}, nullptr};
  for (const auto& version : *versions) out.plan.agreements.push_back(version.digest);
  TRY(question, question_for(*versions, request.period, {}, now));
  out.question = question;
  TRY(report, judge_agreement(db, *versions, question, out.plan.cut));
  out.report = sla::report_json(report);
  return out;
}

Expected<void> add_agreements(Database& db, Bundle& bundle, const SealPlan& plan) {
  std::uint64_t number = 0;
  for (const auto& digest : plan.agreements) {
    const auto source = find_agreement_text(db, digest);
    if (!source) return fail("store: the text of an agreement is missing");
    const auto entry = find_entry_of(db, "agreement", agreement_subject(*source));
    if (!entry) return fail("store: the log entry of an agreement is missing");
    bundle.prove(*entry);
    bundle.add("agreements/" + proto::numbered(++number, 3) + ".yaml", source->text,
               source->name + " " + source->version);
  }
  return {};
}

// What opens the personal texts of an entry, one a line.
std::string opened_lines(Database& db,
                         const SubjectKeys& keys,
                         const LogEntry& entry,
                         const Json& event) {
  std::string out;
  for (const auto& [key, value] : event.items()) {
    if (proto::sealed_digest(value).empty()) continue;
    const auto open = open_text(db, keys, entry.position, key, value);
    if (!open) continue;
    auto line = proto::open_text_json(*open);
    line["position"] = entry.position;
    line["key"] = key;
    out += canonical_text(line) + "\n";
  }
  return out;
}

// What was said of the agreement until the cut, and by what certificates. Personal texts are those
// of now, and what was erased of them is said by entries behind the cut, too.
void add_statements(Database& db,
                    Bundle& bundle,
                    const SealPlan& plan,
                    const SubjectKeys* keys,
                    const std::string& lines) {
  bundle.add("events.jsonl", lines, "");
  std::set<std::string> fingerprints;
  std::string texts;
  read_entries_of(db, plan.agreement, [&](const LogEntry& entry) {
    if (entry.kind != "event") return true;
    const auto json = Json::parse(entry.text, nullptr, false);
    const bool counts = plan.cut.counts(entry.at, entry.position);
    if (!json.is_object() || (!counts && proto::erased_entries(json).empty())) return true;
    bundle.prove(entry);
    if (keys != nullptr && counts) {
      texts += opened_lines(db, *keys, entry, json.value("event", Json()));
    }
    const auto named = proto::text_member(json, "certificate");
    if (named.starts_with("sha256:")) fingerprints.insert(named.substr(7));
    return true;
  });
  for (const auto& fingerprint : fingerprints) {
    const auto bytes = from_hex(fingerprint);
    const auto digest = bytes ? digest_from(as_bytes(*bytes)) : std::nullopt;
    if (!digest) continue;
    bundle.add("certificates/" + fingerprint + ".der", find_certificate(db, *digest), "");
  }
  if (!texts.empty()) bundle.add("texts.jsonl", texts, "");
}

// A member for each check and vantage, and a further one where its lines would take more than
// `most` bytes.
Expected<void> add_results(
    Database& db, Bundle& bundle, const Needed& needed, const Cut& cut, std::size_t most) {
  std::uint64_t count = 0;
  ResultLines lines(db, needed.from, needed.to, cut);
  for (const auto& check : needed.checks) {
    for (const auto& vantage : needed.vantages) {
      auto what = check;
      what.append(" at ").append(vantage);
      std::string text;
      const auto flush = [&] {
        if (text.empty()) return;
        bundle.add(proto::results_member(++count), text, what);
        text.clear();
      };
      TRY_VOID(lines.read(check, vantage, [&](std::string_view line) {
        if (text.size() + line.size() > most) flush();
        text += line;
        return !bundle.full();
      }));
      flush();
      if (bundle.full()) return {};
    }
  }
  return {};
}

// Batches from the first to the last that brought results of the time, and those that brought the
// check tables these need.
constexpr const char* kBatches =
    "WITH span AS (SELECT epoch AS e, min(number) AS first, max(number) AS last FROM headers "
    "WHERE agent = ?1 AND to_ns >= ?2 AND from_ns < ?3 GROUP BY epoch) "
    "SELECT h.epoch, h.number FROM headers h JOIN span ON h.epoch = e AND h.number >= first AND "
    "h.number <= last WHERE h.agent = ?1 "
    "UNION SELECT t.epoch, t.number FROM tables t JOIN span ON t.epoch = e AND t.number <= last "
    "WHERE t.agent = ?1 ORDER BY 1, 2";

// What retention dropped of the time, as the log says it; the entries are proved.
Json add_dropped(Database& db, Bundle& bundle, const Needed& needed) {
  Json out = Json::array();
  for (const auto& agent : needed.vantages) {
    // Subjects are "agent/epoch/number", and '0' is the next byte after '/'.
    auto rows = db.rows(
        "SELECT position, entry FROM log WHERE kind = 'retention' AND subject >= ?1 AND "
        "subject < ?2 ORDER BY position",
        agent + "/", agent + "0");
    while (rows.next()) {
      LogEntry entry{rows.count(0), "retention", "", "", {}, rows.text(1)};
      const auto json = Json::parse(entry.text, nullptr, false);
      const auto from = proto::instant_member(json, "from");
      const auto to = proto::instant_member(json, "to");
      if (!from || !to || *to < needed.from || *from >= needed.to) continue;
      bundle.prove(entry);
      out.push_back({{"agent", agent},
                     {"epoch", json.value("epoch", std::string())},
                     {"first", json.value("first", std::uint64_t{0})},
                     {"last", json.value("last", std::uint64_t{0})},
                     {"batches", json.value("batches", std::uint64_t{0})},
                     {"results", json.value("results", std::uint64_t{0})},
                     {"position", entry.position}});
    }
  }
  return out;
}

// Check tables whose batches were dropped: their digest stands in the batches that name them.
void add_dropped_tables(Database& db, Bundle& bundle, const Needed& needed) {
  std::set<std::string> added;
  for (const auto& agent : needed.vantages) {
    auto rows = db.rows("SELECT digest, bytes FROM pruned_tables WHERE agent = ?1", agent);
    while (rows.next()) {
      const auto name = "tables/" + hex(rows.bytes<32>(0));
      if (added.insert(name).second) bundle.add(name, rows.blob(1), "");
    }
  }
}

Expected<void> add_batches(Database& db, Bundle& bundle, const Needed& needed, const Cut& cut) {
  std::uint64_t count = 0;
  for (const auto& agent : needed.vantages) {
    auto rows = db.rows(kBatches, agent, needed.from.ns, needed.to.ns);
    while (rows.next()) {
      const auto epoch = rows.bytes<16>(0);
      const auto number = rows.count(1);
      const auto subject = batch_subject(agent, epoch, number);
      const auto entry = find_entry_of(db, "batch", subject);
      if (!entry) return fail("store: the log entry of batch " + subject + " is missing");
      if (!cut.counts(entry->at, entry->position)) continue;
      auto batch =
          db.rows("SELECT bytes FROM batches WHERE agent = ?1 AND epoch = ?2 AND number = ?3",
                  agent, epoch, number);
      if (!batch.next()) return fail("store: batch " + subject + " is missing");
      const auto bytes = batch.blob(0);
      if (bytes.empty()) continue;  // dropped: its check table is a member of its own
      if (bundle.full()) return {};
      bundle.prove(*entry);
      bundle.add("batches/" + proto::numbered(++count, 7), bytes, subject);
    }
  }
  return db.take_failure();
}

Json manifest_of(const Content& content, const Needed& needed, bool with_batches) {
  const auto& plan = content.plan;
  Json manifest{{"format", kFormat},
                {"agreement", plan.agreement},
                {"period", plan.period},
                {"state", content.sealed ? "sealed" : "provisional"},
                {"cut", format_rfc3339(plan.cut.at)},
                {"log_size", plan.cut.log_size},
                {"code", content.sealed ? content.sealed->inputs.value("code", std::string())
                                        : std::string(kVersion)},
                {"from", format_rfc3339(needed.from)},
                {"to", format_rfc3339(needed.to)},
                {"checks", needed.checks},
                {"vantages", needed.vantages},
                {"sketches", content.question.sketches},
                {"batches", with_batches}};
  if (content.sealed) manifest["revision"] = plan.revision;
  if (content.question.as_of) manifest["as_of"] = format_rfc3339(*content.question.as_of);
  return manifest;
}

}  // namespace

Expected<std::string> make_bundle(Database& db,
                                  const Agreements& loaded,
                                  const BundleRequest& request,
                                  const LogId& log,
                                  const SigningKey& key,
                                  WallTime now,
                                  const BundleBounds& bounds) {
  TRY(content, content_of(db, loaded, request, now));
  TRY(versions, versions_of(db, loaded, content.plan.agreements));
  TRY(needed, results_needed(db, versions, content.question));
  TRY(book, EventBook::read(db, content.plan.agreement, content.plan.cut));
  Bundle bundle(bounds.packed);
  bundle.add("report.json", content.report, "");
  TRY_VOID(add_agreements(db, bundle, content.plan));
  add_statements(db, bundle, content.plan, request.keys, book.lines());
  TRY_VOID(add_results(db, bundle, needed, content.plan.cut, bounds.results_text));
  if (request.with_batches) {
    TRY_VOID(add_batches(db, bundle, needed, content.plan.cut));
    add_dropped_tables(db, bundle, needed);
  }
  auto dropped = add_dropped(db, bundle, needed);
  if (content.sealed) {
    const auto subject =
        request.agreement + "/" + request.period + "/" + std::to_string(content.sealed->revision);
    const auto entry = find_entry_of(db, "report", subject);
    if (!entry) return fail("store: the log entry of the report is missing");
    bundle.prove(*entry);
  }
  bundle.add_log(db, log, key, now);
  auto manifest = manifest_of(content, needed, request.with_batches);
  if (!dropped.empty()) manifest["dropped"] = std::move(dropped);
  TRY_VOID(db.take_failure());
  return bundle.finish(std::move(manifest), key);
}

}  // namespace nines::collector
