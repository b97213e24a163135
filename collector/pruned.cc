// SPDX-License-Identifier: Apache-2.0
#include "collector/pruned.h"

#include <set>

#include "collector/log.h"
#include "collector/timeline_store.h"

namespace nines::collector {
namespace {

// Frozen. `number` is the last dropped row of `batches`; `last_seq` and `gap_seq` are the highest
// sequence numbers that dropped batches delivered, and declared lost; the rest is what the epoch's
// dropped first batch said of it. `last_ns` is the start of the last dropped result. Check tables
// are kept: later batches name them by digest.
constexpr const char* kPrunedTables = R"sql(
CREATE TABLE IF NOT EXISTS pruned(
  agent TEXT NOT NULL, epoch BLOB NOT NULL, number INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  gap_seq INTEGER NOT NULL, batches INTEGER NOT NULL, results INTEGER NOT NULL,
  bytes INTEGER NOT NULL, public_key BLOB NOT NULL, received_ns INTEGER NOT NULL,
  sealed_ns INTEGER NOT NULL, link BLOB, PRIMARY KEY(agent, epoch));
CREATE TABLE IF NOT EXISTS pruned_checks(
  agent TEXT NOT NULL, check_name TEXT NOT NULL, last_ns INTEGER NOT NULL,
  PRIMARY KEY(agent, check_name));
CREATE TABLE IF NOT EXISTS pruned_tables(
  agent TEXT NOT NULL, epoch BLOB NOT NULL, digest BLOB NOT NULL, number INTEGER NOT NULL,
  bytes BLOB NOT NULL, PRIMARY KEY(agent, epoch, digest));
)sql";

std::uint64_t first_left(Database& db, const Drop& drop) {
  auto rows = db.rows("SELECT min(number) FROM headers WHERE agent = ?1 AND epoch = ?2", drop.agent,
                      drop.epoch);
  return rows.next() ? rows.count(0) : 0;
}

Dropped measure(Database& db, const Drop& drop) {
  Dropped out;
  {
    auto rows = db.rows(
        "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM batches WHERE agent = ?1 AND "
        "epoch = ?2 AND number >= ?3 AND number <= ?4",
        drop.agent, drop.epoch, drop.first, drop.last);
    if (rows.next()) {
      out.batches = rows.count(0);
      out.bytes = rows.count(1);
    }
  }
  auto rows = db.rows(
      "SELECT coalesce(sum(result_count), 0), min(from_ns), max(to_ns) FROM headers WHERE "
      "agent = ?1 AND epoch = ?2 AND number >= ?3 AND number <= ?4",
      drop.agent, drop.epoch, drop.first, drop.last);
  if (!rows.next()) return out;
  out.results = rows.count(0);
  if (!rows.null(1)) out.from = WallTime{rows.integer(1)};
  if (!rows.null(2)) out.to = WallTime{rows.integer(2)};
  return out;
}

// Names of checks that the epoch's tables have.
std::set<std::string> checks_of_epoch(Database& db, const Drop& drop) {
  std::set<std::string> names;
  auto rows =
      db.rows("SELECT bytes FROM tables WHERE agent = ?1 AND epoch = ?2", drop.agent, drop.epoch);
  while (rows.next()) {
    const auto table = proto::decode_table(as_bytes(rows.blob(0)));
    if (!table) continue;
    for (const auto& check : table->checks) names.insert(check.name);
  }
  return names;
}

// Sequence numbers of what is about to go: those that were taken, and those that gaps closed.
std::pair<std::uint64_t, std::uint64_t> sequences(Database& db, const Drop& drop) {
  std::pair<std::uint64_t, std::uint64_t> out;
  {
    auto rows = db.rows(
        "SELECT coalesce(max(first_seq + result_count - 1), 0) FROM headers WHERE agent = ?1 AND "
        "epoch = ?2 AND number <= ?3 AND result_count > 0 AND state = 0",
        drop.agent, drop.epoch, drop.last);
    if (rows.next()) out.first = rows.count(0);
  }
  auto rows = db.rows(
      "SELECT coalesce(max(last_seq), 0) FROM gaps WHERE agent = ?1 AND epoch = ?2 AND "
      "number <= ?3",
      drop.agent, drop.epoch, drop.last);
  if (rows.next()) out.second = rows.count(0);
  return out;
}

void keep_record(Database& db, const Drop& drop, const Dropped& dropped) {
  const auto [last_seq, gap_seq] = sequences(db, drop);
  db.run(
      "INSERT INTO pruned SELECT agent, epoch, ?3, ?4, ?5, ?6, ?7, ?8, public_key, "
      "received_ns, sealed_ns, link FROM epochs WHERE agent = ?1 AND epoch = ?2 "
      "ON CONFLICT(agent, epoch) DO UPDATE SET number = excluded.number, "
      "last_seq = max(last_seq, excluded.last_seq), gap_seq = max(gap_seq, excluded.gap_seq), "
      "batches = batches + excluded.batches, results = results + excluded.results, "
      "bytes = bytes + excluded.bytes, link = excluded.link",
      drop.agent, drop.epoch, drop.last, last_seq, gap_seq, dropped.batches, dropped.results,
      dropped.bytes);
  db.run(
      "INSERT OR IGNORE INTO pruned_tables SELECT agent, epoch, digest, number, bytes FROM tables "
      "WHERE agent = ?1 AND epoch = ?2 AND number <= ?3",
      drop.agent, drop.epoch, drop.last);
}

void note_last(Database& db, const std::string& agent, const std::string& check, WallTime last) {
  db.run(
      "INSERT INTO pruned_checks VALUES (?1, ?2, ?3) ON CONFLICT(agent, check_name) DO UPDATE SET "
      "last_ns = max(last_ns, excluded.last_ns)",
      agent, check, last.ns);
}

void log_drop(
    Database& db, const Drop& drop, const Dropped& dropped, Duration kept_for, WallTime now) {
  const auto instant = [](const auto& at) {
    return at ? nlohmann::json(format_rfc3339(*at)) : nlohmann::json(nullptr);
  };
  append_entry(db, {"retention",
                    "",
                    batch_subject(drop.agent, drop.epoch, drop.first),
                    now,
                    {{"agent", drop.agent},
                     {"epoch", to_hex(drop.epoch)},
                     {"first", drop.first},
                     {"last", drop.last},
                     {"batches", dropped.batches},
                     {"results", dropped.results},
                     {"bytes", dropped.bytes},
                     {"from", instant(dropped.from)},
                     {"to", instant(dropped.to)},
                     {"kept_for", format_duration(kept_for)}}});
}

}  // namespace

void create_pruned(Database& db) { db.script(kPrunedTables); }

Expected<Dropped> drop_batches(Database& db, const Drop& drop, Duration kept_for, WallTime now) {
  if (first_left(db, drop) != drop.first || drop.last < drop.first) {
    TRY_VOID(db.take_failure());
    return Dropped{};
  }
  const auto dropped = measure(db, drop);
  keep_record(db, drop, dropped);
  if (dropped.from && dropped.to) {
    const DroppedSpan span{drop.agent, drop.epoch, drop.last, *dropped.from, *dropped.to};
    for (const auto& check : checks_of_epoch(db, drop)) {
      TRY(last, drop_pieces(db, span, check));
      if (last) note_last(db, drop.agent, check, *last);
    }
  }
  drop_rows(db, drop.agent, drop.epoch, drop.last);
  db.run(
      "UPDATE batches SET bytes = x'' WHERE agent = ?1 AND epoch = ?2 AND number >= ?3 AND "
      "number <= ?4",
      drop.agent, drop.epoch, drop.first, drop.last);
  log_drop(db, drop, dropped, kept_for, now);
  TRY_VOID(db.take_failure());
  return dropped;
}

DroppedTotal dropped_total(Database& db) {
  auto rows = db.rows(
      "SELECT coalesce(sum(batches), 0), coalesce(sum(results), 0), coalesce(sum(bytes), 0) "
      "FROM pruned");
  if (!rows.next()) return {};
  return {rows.count(0), rows.count(1), rows.count(2)};
}

std::optional<WallTime> dropped_until(Database& db,
                                      const std::vector<std::string>& checks,
                                      const std::vector<std::string>& agents) {
  std::optional<WallTime> until;
  for (const auto& agent : agents) {
    for (const auto& check : checks) {
      auto rows = db.rows("SELECT last_ns FROM pruned_checks WHERE agent = ?1 AND check_name = ?2",
                          agent, check);
      if (!rows.next()) continue;
      const WallTime last{rows.integer(0)};
      until = until ? std::max(*until, last) : last;
    }
  }
  return until;
}

void restore_pruned(Database& db) {
  db.script(
      "INSERT INTO epochs SELECT agent, epoch, public_key, received_ns, sealed_ns, link, last_seq "
      "FROM pruned;"
      "INSERT INTO tables SELECT agent, epoch, digest, number, bytes FROM pruned_tables;");
}

}  // namespace nines::collector
