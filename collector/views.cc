// SPDX-License-Identifier: Apache-2.0
#include "collector/views.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "collector/check_state.h"
#include "collector/recorded.h"
#include "proto/result_json.h"

namespace nines::collector {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string text_of(const OrderedJson& json) {
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string kind_text(CheckKind kind) {
  const auto number = static_cast<int>(kind);
  if (number >= 1 && number <= 3) return std::string(name(kind));
  return "kind-" + std::to_string(number);  // of a newer agent
}

// The header of the batch that came last.
struct Newest {
  EpochId epoch{};
  std::uint64_t last_number = 0;
  WallTime received;
  bool synchronised = false;
  std::int64_t error_ns = 0, ahead_ns = 0, bound_ns = 0;
  std::string version;
  Digest table_digest{};
};

std::optional<Newest> newest_of(Database& db, const std::string& agent) {
  auto rows = db.rows(
      "SELECT epoch, last_number, received_ns, synchronised, error_ns, ahead_ns, bound_ns, "
      "version, "
      "table_digest FROM headers WHERE agent = ?1 ORDER BY received_ns DESC, epoch DESC, number "
      "DESC "
      "LIMIT 1",
      agent);
  if (!rows.next()) return std::nullopt;
  return Newest{rows.bytes<16>(0),    rows.count(1),   WallTime{rows.integer(2)},
                rows.integer(3) != 0, rows.integer(4), rows.integer(5),
                rows.integer(6),      rows.text(7),    rows.bytes<32>(8)};
}

std::optional<CheckTable> table_of(Database& db, const std::string& agent, const Newest& newest) {
  auto rows = db.rows("SELECT bytes FROM tables WHERE agent = ?1 AND epoch = ?2 AND digest = ?3",
                      agent, newest.epoch, newest.table_digest);
  if (!rows.next()) return std::nullopt;
  auto table = proto::decode_table(as_bytes(rows.blob(0)));
  if (!table) return std::nullopt;
  return *std::move(table);
}

OrderedJson gaps_of(Database& db, const std::string& agent) {
  OrderedJson gaps = OrderedJson::array();
  auto rows = db.rows(
      "SELECT epoch, number, last_number, cause, results, first_seq, last_seq, from_ns, to_ns "
      "FROM gaps WHERE agent = ?1 ORDER BY from_ns DESC, epoch, number LIMIT 100",
      agent);
  while (rows.next()) {
    gaps.push_back({{"epoch", to_hex(rows.bytes<16>(0))},
                    {"batch", rows.integer(1)},
                    {"last_batch", rows.integer(2)},
                    {"cause", rows.text(3)},
                    {"results", rows.integer(4)},
                    {"first_seq", rows.integer(5)},
                    {"last_seq", rows.integer(6)},
                    {"from", format_rfc3339(WallTime{rows.integer(7)})},
                    {"to", format_rfc3339(WallTime{rows.integer(8)})}});
  }
  return gaps;
}

// An epoch that names no epoch known here before it began without a link: a new spool, or a lost
// one.
OrderedJson epochs_of(Database& db, const std::string& agent) {
  OrderedJson epochs = OrderedJson::array();
  auto rows = db.rows(
      "SELECT e.epoch, e.sealed_ns, e.link, EXISTS(SELECT 1 FROM epochs k WHERE k.agent = e.agent "
      "AND k.epoch = substr(e.link, 1, 16) AND k.epoch <> e.epoch) FROM epochs e "
      "WHERE e.agent = ?1 ORDER BY e.sealed_ns, e.epoch",
      agent);
  while (rows.next()) {
    epochs.push_back({{"epoch", to_hex(rows.bytes<16>(0))},
                      {"began", format_rfc3339(WallTime{rows.integer(1)})},
                      {"linked", rows.integer(3) != 0}});
  }
  return epochs;
}

std::uint64_t count_of(Database& db, std::string_view sql, const std::string& agent) {
  auto rows = db.rows(sql, agent);
  return rows.next() ? rows.count(0) : 0;
}

OrderedJson agent_json(Database& db, const std::string& agent, WallTime now) {
  const auto newest = newest_of(db, agent);
  if (!newest) return OrderedJson{{"name", agent}};
  const auto table = table_of(db, agent, *newest);
  OrderedJson clock{{"synchronised", newest->synchronised},
                    {"error_us", newest->error_ns / 1000},
                    {"ahead_us", newest->ahead_ns / 1000},
                    {"bound_us", newest->bound_ns / 1000}};
  return {{"name", agent},
          {"last_seen", format_rfc3339(newest->received)},
          {"version", newest->version},
          {"config_digest", table ? OrderedJson(hex(table->config_digest)) : OrderedJson(nullptr)},
          {"labels", table ? OrderedJson(table->labels) : OrderedJson::object()},
          {"oldest_unsent", nullptr},
          {"clock", clock},
          {"checks", table ? table->checks.size() : 0},
          {"epoch", to_hex(newest->epoch)},
          {"batch", newest->last_number},
          {"silent_s", std::max<std::int64_t>(0, (now - newest->received).count() / kSecondNs)},
          {"gaps", gaps_of(db, agent)},
          {"epochs", epochs_of(db, agent)},
          {"undecodable",
           count_of(db, "SELECT count(*) FROM headers WHERE agent = ?1 AND state <> 0", agent)},
          {"forks", count_of(db, "SELECT count(*) FROM incidents WHERE agent = ?1", agent)}};
}

Expected<OrderedJson> check_object(Database& db,
                                   const std::string& agent,
                                   const CheckEntry& e,
                                   WallTime now) {
  OrderedJson json{{"name", e.name},
                   {"kind", kind_text(e.kind)},
                   {"target", e.target},
                   {"vantage", agent},
                   {"every_ns", e.grid.every.count()},
                   {"timeout_ns", e.timeout.count()},
                   {"outcome", "pending"},
                   {"reason", nullptr},
                   {"detail", nullptr},
                   {"since", nullptr},
                   {"last", nullptr},
                   {"next", format_rfc3339(e.grid.at(e.grid.slot_at(now) + 1))},
                   {"labels", e.labels}};
  const auto newest = newest_result(db, agent, e.name);
  if (newest) {
    const auto last = OrderedJson::parse(newest->result, nullptr, false);
    if (last.is_object()) {
      json["reason"] = last.value("reason", OrderedJson(nullptr));
      json["detail"] = last.value("detail", OrderedJson(nullptr));
      json["last"] = last;
    }
    json["outcome"] = std::string(name(newest->outcome));
    TRY(since, run_start(db, agent, e.name, newest->outcome, WallTime{0}));
    json["since"] = format_rfc3339(since.value_or(WallTime{0}));
  }
  return json;
}

struct Told {
  WallTime started;
  Outcome outcome = Outcome::unknown;
  std::string line;  // as JSON
};

struct History {
  std::vector<Told> results;  // oldest first
  bool truncated = false;     // older ones were left out
};

void tell(const CheckTable& table,
          const BatchBody& body,
          const std::string& agent,
          const std::string& check,
          WallTime since,
          WallTime until,
          std::vector<Told>& out) {
  for (const auto& series : body.series) {
    if (series.check >= table.checks.size()) continue;
    const auto& e = table.checks[series.check];
    if (e.name != check) continue;
    for (const auto& r : series.results) {
      const auto started = proto::started_at(e.grid, r);
      if (started < since || started > until) continue;
      out.push_back({started, r.probe.outcome,
                     proto::result_line({e.name, e.kind, e.target, agent, r.slot, started}, r)});
    }
  }
}

// Results in full, decoded from the evidence: newest batches first, so that the bound cuts off the
// oldest results.
Expected<History> history_of(Database& db,
                             const std::string& agent,
                             const std::string& check,
                             WallTime since,
                             WallTime until,
                             std::size_t limit) {
  History history;
  auto& results = history.results;
  {
    auto rows = db.rows(
        "SELECT b.bytes, h.epoch, h.table_digest FROM headers h JOIN batches b ON "
        "b.agent = h.agent AND b.epoch = h.epoch AND b.number = h.number WHERE h.agent = ?1 "
        "AND h.to_ns >= ?2 AND h.from_ns <= ?3 AND h.state = 0 ORDER BY h.to_ns DESC",
        agent, since.ns, until.ns);
    while (results.size() <= limit && rows.next()) {
      const std::string bytes = rows.blob(0);
      const auto opened = proto::open_header(as_bytes(bytes));
      if (!opened) continue;
      const auto body = proto::open_body(as_bytes(bytes), *opened);
      Newest key;
      key.epoch = rows.bytes<16>(1);
      key.table_digest = rows.bytes<32>(2);
      const auto table = table_of(db, agent, key);
      if (body && table) tell(*table, *body, agent, check, since, until, results);
    }
  }
  TRY_VOID(db.take_failure());
  std::stable_sort(results.begin(), results.end(),
                   [](const auto& a, const auto& b) { return a.started < b.started; });
  history.truncated = results.size() > limit;
  if (history.truncated) {
    results.erase(results.begin(), results.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return history;
}

constexpr std::size_t kToldOutages = 10;
constexpr std::size_t kToldEvidence = 5;
constexpr Duration kOutagesReach = hours(7 * 24);

struct Run {  // of results that are not up, beginning with a down one
  WallTime from, last;
  std::optional<WallTime> to;
  std::uint64_t failures = 0;
};

// Runs of failures in the last days, latest first. Unknown results neither begin nor end one.
Expected<std::vector<Run>> outages_of(Database& db,
                                      const std::string& agent,
                                      const std::string& check,
                                      WallTime now) {
  std::vector<std::pair<WallTime, Outcome>> starts;
  RecordReader reader(db);
  TRY_VOID(reader.read(agent, check, now - kOutagesReach, now + hours(1),
                       [&](const Definition&, const BatchClock&, const Recorded& r) {
                         const auto outcome = r.piece.outcome;
                         if (outcome != Outcome::unknown) starts.emplace_back(r.started, outcome);
                         return true;
                       }));
  std::sort(starts.begin(), starts.end());
  std::vector<Run> runs;
  bool open = false;
  for (const auto& [started, outcome] : starts) {
    if (outcome == Outcome::down) {
      if (!open) runs.push_back({started, started, {}, 0});
      runs.back().last = started;
      ++runs.back().failures;
    } else if (open) {
      runs.back().to = started;
    }
    open = outcome == Outcome::down;
  }
  std::reverse(runs.begin(), runs.end());
  if (runs.size() > kToldOutages) runs.resize(kToldOutages);
  return runs;
}

Expected<OrderedJson> outages_json(Database& db,
                                   const std::string& agent,
                                   const CheckEntry& e,
                                   WallTime now) {
  TRY(runs, outages_of(db, agent, e.name, now));
  OrderedJson list = OrderedJson::array();
  for (const auto& run : runs) {
    // The first failures: a few slots suffice, however long the outage.
    const auto until = std::min(run.last, run.from + e.grid.every * 20);
    TRY(history, history_of(db, agent, e.name, run.from, until, kMaxHistory));
    OrderedJson evidence = OrderedJson::array();
    for (const auto& told : history.results) {
      if (told.outcome != Outcome::down || evidence.size() == kToldEvidence) continue;
      evidence.push_back(OrderedJson::parse(told.line, nullptr, false));
    }
    const OrderedJson first = evidence.empty() ? OrderedJson::object() : evidence.front();
    list.push_back({{"from", format_rfc3339(run.from)},
                    {"to", run.to ? OrderedJson(format_rfc3339(*run.to)) : OrderedJson(nullptr)},
                    {"reason", first.value("reason", OrderedJson(nullptr))},
                    {"detail", first.value("detail", OrderedJson(nullptr))},
                    {"failures", run.failures},
                    {"evidence", evidence}});
  }
  return list;
}

// The vantage that is meant: the one asked for, or the only one. Nothing when none has the check.
Expected<std::optional<std::string>> choose(Database& db,
                                            const std::string& check,
                                            const std::optional<std::string>& vantage) {
  TRY(agents, agents_of(db, check));
  if (vantage) {
    const bool has = std::find(agents.begin(), agents.end(), *vantage) != agents.end();
    return has ? vantage : std::nullopt;
  }
  if (agents.empty()) return std::optional<std::string>();
  if (agents.size() == 1) return std::optional(agents.front());
  std::string list;
  for (std::size_t i = 0; i < agents.size() && i < 20; ++i) list += (i ? ", " : "") + agents[i];
  return fail("several vantages have this check: " + list + "; choose one with vantage=");
}

}  // namespace

Expected<std::string> agents_json(Database& db, WallTime now) {
  TRY(agents, all_agents(db));
  OrderedJson list = OrderedJson::array();
  for (const auto& agent : agents) list.push_back(agent_json(db, agent, now));
  TRY_VOID(db.take_failure());
  return text_of(OrderedJson{{"agents", list}});
}

Expected<std::string> status_json(Database& db,
                                  const std::optional<std::string>& vantage,
                                  WallTime now) {
  TRY(agents, all_agents(db));
  OrderedJson checks = OrderedJson::array();
  OrderedJson vantages = OrderedJson::array();
  OrderedJson counts{{"up", 0}, {"down", 0}, {"unknown", 0}, {"pending", 0}};
  for (const auto& agent : agents) {
    if (vantage && agent != *vantage) continue;
    const auto newest = newest_of(db, agent);
    if (!newest) continue;
    vantages.push_back(agent_json(db, agent, now));
    const auto table = table_of(db, agent, *newest);
    if (!table) continue;
    for (const auto& entry : table->checks) {
      TRY(object, check_object(db, agent, entry, now));
      auto& count = counts[object["outcome"].get<std::string>()];
      count = count.get<int>() + 1;
      checks.push_back(std::move(object));
    }
  }
  TRY_VOID(db.take_failure());
  return text_of(OrderedJson{
      {"now", format_rfc3339(now)}, {"agents", vantages}, {"checks", checks}, {"counts", counts}});
}

Expected<std::optional<std::string>> check_json(Database& db,
                                                const std::string& check,
                                                const std::optional<std::string>& vantage,
                                                WallTime now) {
  TRY(agent, choose(db, check, vantage));
  if (!agent) return std::optional<std::string>();
  std::optional<CheckEntry> entry;
  {
    auto rows =
        db.rows("SELECT entry FROM latest WHERE agent = ?1 AND check_name = ?2", *agent, check);
    if (rows.next()) entry = find_entry(db, rows.bytes<32>(0));
  }
  if (!entry) return std::optional<std::string>();
  TRY(object, check_object(db, *agent, *entry, now));
  TRY(outages, outages_json(db, *agent, *entry, now));
  object["outages"] = outages;
  TRY_VOID(db.take_failure());
  return std::optional(text_of(object));
}

Expected<std::optional<std::string>> history_json(Database& db,
                                                  const std::string& check,
                                                  const std::optional<std::string>& vantage,
                                                  WallTime since,
                                                  WallTime until,
                                                  std::size_t limit) {
  TRY(agent, choose(db, check, vantage));
  if (!agent) return std::optional<std::string>();
  TRY(history, history_of(db, *agent, check, since, until, std::min(limit, kMaxHistory)));
  std::string out =
      OrderedJson{{"check", check}, {"vantage", *agent}, {"truncated", history.truncated}}.dump(
          -1, ' ', false, OrderedJson::error_handler_t::replace);
  out.back() = ',';
  out += "\"results\":[";
  for (std::size_t i = 0; i < history.results.size(); ++i) {
    out += (i ? ",\n" : "\n") + history.results[i].line;
  }
  return std::optional(out + "]}\n");
}

Expected<std::string> incidents_json(Database& db) {
  OrderedJson list = OrderedJson::array();
  auto rows = db.rows(
      "SELECT agent, at_ns, kind, epoch, number, hash, peer FROM incidents "
      "ORDER BY id DESC LIMIT 1000");
  while (rows.next()) {
    list.push_back({{"agent", rows.text(0)},
                    {"at", format_rfc3339(WallTime{rows.integer(1)})},
                    {"kind", rows.text(2)},
                    {"epoch", to_hex(rows.bytes<16>(3))},
                    {"batch", rows.integer(4)},
                    {"hash", hex(rows.bytes<32>(5))},
                    {"peer", rows.text(6)}});
  }
  TRY_VOID(db.take_failure());
  return text_of(OrderedJson{{"incidents", list}});
}

std::string agreements_json(const Agreements& agreements) {
  OrderedJson list = OrderedJson::array();
  for (const auto& [name, versions] : agreements.all()) {
    for (const auto& a : versions) {
      OrderedJson objectives = OrderedJson::array();
      for (const auto& o : a.objectives) {
        objectives.push_back({{"name", o.name},
                              {"service", o.service},
                              {"statistic", sla::name(o.statistic)},
                              {"target", o.target_text}});
      }
      list.push_back({{"name", name},
                      {"version", a.version},
                      {"digest", "sha256:" + hex(a.digest)},
                      {"effective_from", format_rfc3339(a.effective_from)},
                      {"effective_to", a.effective_to ? OrderedJson(format_rfc3339(*a.effective_to))
                                                      : OrderedJson(nullptr)},
                      {"services", a.services},
                      {"objectives", objectives}});
    }
  }
  return text_of(OrderedJson{{"agreements", list}});
}

}  // namespace nines::collector
