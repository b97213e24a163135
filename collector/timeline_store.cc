// SPDX-License-Identifier: Apache-2.0
#include "collector/timeline_store.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "proto/result_json.h"

namespace nines::collector {
namespace {

// Slots outside are kept as evidence and left out of timelines: reports know the years 1970 to
// 2199.
constexpr std::int64_t kLastInstant = 7'258'000'000'000'000'000;

std::int64_t hour_of(WallTime t) { return t.ns / kHourNs; }

bool plausible(const SlotGrid& grid, const Result& r) {
  const std::int64_t last = (kLastInstant - grid.phase.count()) / grid.every.count();
  return r.slot >= 0 && r.span >= 1 && r.slot <= last && r.span <= last - r.slot + 1 &&
         r.late_us >= 0 && microseconds(r.late_us) <= kMaxLate;
}

// One batch on its way into the tables.
struct Derivation {
  Database& db;
  const Placed& placed;
  const BatchHeader& header;
  std::uint64_t skipped = 0;                   // results, or parts of range records, left out
  std::size_t range_pieces = 0;                // made so far
  std::optional<std::int64_t> from_ns, to_ns;  // starts of the first and the last result
  std::uint64_t first_seq = header.first_seq;  // behind what is settled here
};

struct RowKey {
  std::string check;
  std::int64_t hour = 0;
  Digest entry{};
};

struct RowTotals {
  std::int64_t first_ns = 0, last_ns = 0;
  std::uint64_t up = 0, down = 0, unknown = 0, latency_samples = 0;
  std::int64_t latency_us = 0;
};

RowTotals totals_of(const SlotGrid& grid, const std::vector<Piece>& pieces) {
  RowTotals t{INT64_MAX, INT64_MIN, 0, 0, 0, 0, 0};
  for (const auto& p : pieces) {
    const auto first = grid.at(p.slot) + microseconds(p.late_us);
    const auto last = grid.at(p.slot + p.span - 1) + microseconds(p.late_us);
    t.first_ns = std::min(t.first_ns, first.ns);
    t.last_ns = std::max(t.last_ns, last.ns);
    auto& count = p.outcome == Outcome::up ? t.up : p.outcome == Outcome::down ? t.down : t.unknown;
    count += static_cast<std::uint64_t>(p.span);
    // A sum that does not fit says nothing: such durations are nonsense, and the pieces keep them.
    std::int64_t sum = 0;
    if (p.outcome == Outcome::up && p.total_us &&
        !__builtin_add_overflow(t.latency_us, *p.total_us, &sum)) {
      t.latency_us = sum;
      ++t.latency_samples;
    }
  }
  return t;
}

void put_row(Database& db,
             const std::string& agent,
             const EpochId& epoch,
             const RowKey& key,
             const SlotGrid& grid,
             const std::vector<Piece>& pieces) {
  if (pieces.empty()) return;
  const auto t = totals_of(grid, pieces);
  db.run(
      "INSERT OR REPLACE INTO timeline VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
      "?13)",
      agent, key.check, key.hour, epoch, key.entry, t.first_ns, t.last_ns, t.up, t.down, t.unknown,
      t.latency_us, t.latency_samples, Blob{as_bytes(encode_pieces(pieces))});
}

Expected<void> append_row(Derivation& d,
                          const RowKey& key,
                          const SlotGrid& grid,
                          const std::vector<Piece>& fresh) {
  std::vector<Piece> pieces;
  {
    auto rows = d.db.rows(
        "SELECT pieces FROM timeline WHERE agent = ?1 AND check_name = ?2 AND hour = ?3 "
        "AND epoch = ?4 AND entry = ?5",
        d.header.agent, key.check, key.hour, d.header.epoch, key.entry);
    if (rows.next()) {
      TRY(known, decode_pieces(as_bytes(rows.blob(0))));
      pieces = std::move(known);
    }
  }
  // An honest hour has a piece for each slot; who records slots again and again fills no store with
  // it.
  const auto room = 2 * static_cast<std::uint64_t>(kHourNs / grid.every.count()) + 1000;
  const auto taken =
      std::min<std::uint64_t>(fresh.size(), room - std::min<std::uint64_t>(room, pieces.size()));
  d.skipped += fresh.size() - taken;
  pieces.insert(pieces.end(), fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(taken));
  put_row(d.db, d.header.agent, d.header.epoch, key, grid, pieces);
  return {};
}

// Cuts one record at the hours. A range record in full could be endless: the pieces are counted.
void cut(Derivation& d,
         const SlotGrid& grid,
         const Result& r,
         std::map<std::int64_t, std::vector<Piece>>& hours_of_pieces) {
  std::int64_t slot = r.slot;
  const std::int64_t end = r.slot + r.span;
  while (slot < end) {
    const auto hour = hour_of(grid.at(slot));
    const auto next = grid.slot_at(WallTime{(hour + 1) * kHourNs - 1}) + 1;
    const auto piece_end = std::min(end, std::max(next, slot + 1));
    if (slot != r.slot && ++d.range_pieces > kMaxRangePieces) {
      ++d.skipped;
      return;
    }
    auto total = r.probe.total_us;
    if (total && (*total < 0 || *total == INT64_MAX)) total.reset();
    hours_of_pieces[hour].push_back({slot, piece_end - slot, r.late_us, r.probe.outcome,
                                     r.probe.reason, total, r.seq, d.placed.number});
    slot = piece_end;
  }
}

void put_entry(Database& db, const Digest& digest, const CheckEntry& e) {
  const auto labels =
      nlohmann::json(e.labels).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  db.run("INSERT OR IGNORE INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", digest,
         e.name, static_cast<int>(e.kind), e.target, e.grid.every.count(), e.grid.phase.count(),
         e.timeout.count(), e.priority, labels, e.canonical);
}

// The newest result by (start, epoch, seq); of a range record its last slot counts.
void put_latest(Derivation& d, const CheckEntry& e, const Digest& entry, const Result& r) {
  const auto started = e.grid.at(r.slot + r.span - 1) + microseconds(r.late_us);
  const proto::ResultContext context{e.name,         e.kind, e.target,
                                     d.header.agent, r.slot, proto::started_at(e.grid, r)};
  d.db.run(
      "INSERT INTO latest VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
      "ON CONFLICT(agent, check_name) DO UPDATE SET started_ns = excluded.started_ns, "
      "epoch = excluded.epoch, seq = excluded.seq, entry = excluded.entry, "
      "outcome = excluded.outcome, reason = excluded.reason, result = excluded.result "
      "WHERE (excluded.started_ns, excluded.epoch, excluded.seq) > (started_ns, epoch, seq)",
      d.header.agent, e.name, started.ns, d.header.epoch, r.seq, entry,
      static_cast<int>(r.probe.outcome), static_cast<int>(r.probe.reason),
      proto::result_line(context, r));
}

Expected<void> derive_series(Derivation& d, const CheckTable& table, const CheckResults& series) {
  if (series.check >= table.checks.size()) {
    d.skipped += series.results.size();
    return {};
  }
  const auto& e = table.checks[series.check];
  const auto entry = entry_digest(e);
  std::map<std::int64_t, std::vector<Piece>> pieces;
  const Result* newest = nullptr;
  for (const auto& r : series.results) {
    if (!plausible(e.grid, r)) {
      ++d.skipped;
      continue;
    }
    const auto first = proto::started_at(e.grid, r).ns;
    const auto last = (e.grid.at(r.slot + r.span - 1) + microseconds(r.late_us)).ns;
    d.from_ns = d.from_ns ? std::min(*d.from_ns, first) : first;
    d.to_ns = d.to_ns ? std::max(*d.to_ns, last) : last;
    cut(d, e.grid, r, pieces);
    newest = &r;  // slots of a series grow
  }
  if (newest == nullptr) return {};
  put_entry(d.db, entry, e);
  put_latest(d, e, entry, *newest);
  for (const auto& [hour, fresh] : pieces) {
    TRY_VOID(append_row(d, {e.name, hour, entry}, e.grid, fresh));
  }
  return {};
}

void derive_events(Derivation& d, const std::vector<AgentEvent>& events) {
  std::int64_t place = 0;
  for (const auto& e : events) {
    d.db.run("INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
             d.header.agent, d.header.epoch, d.placed.number, place++, static_cast<int>(e.kind),
             e.wall.ns, e.boot.ns, e.duration.count(), e.text, e.clean, Blob{as_bytes(e.link)},
             e.lost_first, e.lost_last);
    if (e.kind == EventKind::epoch && !e.link.empty()) {
      d.db.run("UPDATE epochs SET link = ?3 WHERE agent = ?1 AND epoch = ?2 AND link IS NULL",
               d.header.agent, d.header.epoch, Blob{as_bytes(e.link)});
    }
  }
}

// The highest sequence number of the epoch that is settled here, delivered or dropped.
std::uint64_t settled_seq(Derivation& d) {
  auto rows = d.db.rows(
      "SELECT max(coalesce((SELECT last_seq FROM epochs WHERE agent = ?1 AND epoch = ?2), 0), "
      "coalesce((SELECT max(last_seq) FROM gaps WHERE agent = ?1 AND epoch = ?2), 0), "
      "coalesce((SELECT gap_seq FROM pruned WHERE agent = ?1 AND epoch = ?2), 0))",
      d.header.agent, d.header.epoch);
  return rows.next() ? rows.count(0) : 0;
}

// A gap may begin with batches that are settled here: the agent never saw the receipt. Results are
// numbered without holes, so what is really missing begins behind the last number known.
void leave_out_settled(Derivation& d, Gap& gap) {
  if (d.placed.number == d.header.number || gap.results == 0) return;
  const auto first = std::max(gap.first_seq, settled_seq(d) + 1);
  gap.batches = d.header.last_number - d.placed.number + 1;
  gap.results = first <= gap.last_seq ? gap.last_seq - first + 1 : 0;
  gap.first_seq = d.first_seq = first;
}

void derive_gap(Derivation& d, Gap gap) {
  leave_out_settled(d, gap);
  d.db.run("INSERT INTO gaps VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", d.header.agent,
           d.header.epoch, d.placed.number, d.header.last_number, gap.cause, gap.batches,
           gap.results, gap.first_seq, gap.last_seq, gap.from.ns, gap.to.ns);
  std::int64_t place = 0;
  for (const auto& c : gap.checks) {
    d.db.run("INSERT INTO gap_checks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
             d.header.agent, d.header.epoch, d.placed.number, place++, c.check, c.up, c.down,
             c.unknown, c.first_slot, c.last_slot, c.transitions);
  }
}

void put_epoch(Derivation& d) {
  d.db.run("INSERT OR IGNORE INTO epochs VALUES (?1, ?2, ?3, ?4, ?5, NULL, 0)", d.header.agent,
           d.header.epoch, d.header.public_key, d.placed.received.ns, d.header.sealed.wall.ns);
}

void put_header(Derivation& d, BatchState state) {
  const auto& h = d.header;
  d.db.run(
      "INSERT INTO headers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
      "?15, ?16, ?17, ?18)",
      h.agent, h.epoch, d.placed.number, h.last_number, d.placed.received.ns, h.sealed.wall.ns,
      h.sync.synchronised, h.sync.error.count(), h.clock_ahead.count(), h.clock_bound.count(),
      h.version, h.table_digest, d.first_seq, h.result_count, static_cast<int>(state), d.skipped,
      d.from_ns, d.to_ns);
}

std::optional<CheckTable> table_of(Derivation& d, const BatchBody& body) {
  if (body.table) {
    auto table = proto::decode_table(as_bytes(*body.table));
    if (!table) return std::nullopt;
    d.db.run("INSERT OR IGNORE INTO tables VALUES (?1, ?2, ?3, ?4, ?5)", d.header.agent,
             d.header.epoch, d.header.table_digest, d.placed.number, Blob{as_bytes(*body.table)});
    return *std::move(table);
  }
  auto rows = d.db.rows("SELECT bytes FROM tables WHERE agent = ?1 AND epoch = ?2 AND digest = ?3",
                        d.header.agent, d.header.epoch, d.header.table_digest);
  if (!rows.next()) return std::nullopt;
  auto table = proto::decode_table(as_bytes(rows.blob(0)));
  if (!table) return std::nullopt;
  return *std::move(table);
}

// An identity (agent, epoch, seq) counts once: the first batch that uses it stays.
bool takes_new_sequence(Derivation& d) {
  const auto& h = d.header;
  if (h.result_count == 0) return true;
  {
    auto rows =
        d.db.rows("SELECT last_seq FROM epochs WHERE agent = ?1 AND epoch = ?2", h.agent, h.epoch);
    if (rows.next() && h.first_seq <= rows.count(0)) return false;
  }
  d.db.run("UPDATE epochs SET last_seq = ?3 WHERE agent = ?1 AND epoch = ?2", h.agent, h.epoch,
           h.first_seq + h.result_count - 1);
  return true;
}

Expected<BatchState> derive_body(Derivation& d, const proto::OpenedHeader& opened, ByteView bytes) {
  auto body = proto::open_body(bytes, opened);
  if (!body) return BatchState::undecodable;
  derive_events(d, body->events);
  if (body->gap) derive_gap(d, *std::move(body->gap));
  const auto table = table_of(d, *body);
  if (!table) return body->series.empty() ? BatchState::derived : BatchState::no_table;
  if (!takes_new_sequence(d)) return BatchState::repeated;
  for (const auto& series : body->series) TRY_VOID(derive_series(d, *table, series));
  return BatchState::derived;
}

void put_text(std::string& out, std::string_view text) {
  std::array<std::uint8_t, 8> size{};
  put_le(size.data(), std::uint64_t{text.size()});
  out += as_text(size);
  out += text;
}

}  // namespace

Digest entry_digest(const CheckEntry& e) {
  std::string text;
  for (const auto& part :
       {e.name, std::to_string(static_cast<int>(e.kind)), e.target,
        std::to_string(e.grid.every.count()), std::to_string(e.grid.phase.count()),
        std::to_string(e.timeout.count()), std::to_string(e.priority), e.canonical}) {
    put_text(text, part);
  }
  for (const auto& [key, value] : e.labels) {
    put_text(text, key);
    put_text(text, value);
  }
  return sha256(as_bytes(text));
}

Expected<std::optional<WallTime>> drop_pieces(Database& db,
                                              const DroppedSpan& span,
                                              const std::string& check) {
  std::vector<std::pair<RowKey, std::vector<Piece>>> found;
  {
    auto rows = db.rows(
        "SELECT hour, entry, pieces FROM timeline WHERE agent = ?1 AND check_name = ?2 AND "
        "hour >= ?3 AND hour <= ?4 AND epoch = ?5",
        span.agent, check, hour_of(span.from - kMaxLate), hour_of(span.to), span.epoch);
    while (rows.next()) {
      TRY(pieces, decode_pieces(as_bytes(rows.blob(2))));
      found.emplace_back(RowKey{check, rows.integer(0), rows.bytes<32>(1)}, std::move(pieces));
    }
  }
  std::optional<WallTime> last;
  for (auto& [key, pieces] : found) {
    const auto entry = find_entry(db, key.entry);
    if (!entry) continue;
    std::vector<Piece> left;
    for (const auto& each : pieces) {
      if (each.number > span.number) {
        left.push_back(each);
        continue;
      }
      const auto start = entry->grid.at(each.slot + each.span - 1) + microseconds(each.late_us);
      last = last ? std::max(*last, start) : start;
    }
    if (left.size() == pieces.size()) continue;
    db.run(
        "DELETE FROM timeline WHERE agent = ?1 AND check_name = ?2 AND hour = ?3 AND epoch = ?4 "
        "AND entry = ?5",
        span.agent, check, key.hour, span.epoch, key.entry);
    put_row(db, span.agent, span.epoch, key, entry->grid, left);
  }
  return last;
}

void drop_rows(Database& db, const std::string& agent, const EpochId& epoch, std::uint64_t number) {
  db.run(
      "DELETE FROM latest WHERE agent = ?1 AND epoch = ?2 AND seq <= (SELECT last_seq FROM pruned "
      "WHERE agent = ?1 AND epoch = ?2)",
      agent, epoch);
  for (const char* table : {"headers", "events", "gaps", "gap_checks"}) {
    db.run(
        std::string("DELETE FROM ") + table + " WHERE agent = ?1 AND epoch = ?2 AND number <= ?3",
        agent, epoch, number);
  }
}

bool derive(Database& db, const Placed& placed, const proto::OpenedHeader& opened, ByteView bytes) {
  Derivation d{db, placed, opened.header, 0, 0, {}, {}};
  put_epoch(d);
  BatchState state = BatchState::failed;
  {
    // Whatever goes wrong with what a batch means, the batch itself is stored.
    Database::Savepoint savepoint(db);
    auto derived = derive_body(d, opened, bytes);
    if (!derived) db.set_failure(derived.error().message);
    auto kept = savepoint.release();
    if (kept && derived) {
      state = *derived;
    } else {
      d.from_ns = d.to_ns = std::nullopt;
      log::error("a batch could not be derived; it is kept",
                 {{"agent", opened.header.agent},
                  {"number", std::to_string(placed.number)},
                  {"why", kept ? std::string() : kept.error().message}});
    }
  }
  put_header(d, state);
  return state == BatchState::derived;
}

namespace detail {

Rows select_rows(
    Database& db, const std::string& agent, const std::string& check, WallTime from, WallTime to) {
  const auto first = hour_of(WallTime{std::max<std::int64_t>(from.ns, 0)} - kMaxLate) - 1;
  return db.rows(
      "SELECT epoch, entry, hour, up, down, unknown, pieces FROM timeline WHERE agent = ?1 "
      "AND check_name = ?2 AND hour >= ?3 AND hour <= ?4 ORDER BY hour, epoch, entry",
      agent, check, first, hour_of(to));
}

Expected<std::optional<TimelineRow>> next_row(Rows& rows) {
  if (!rows.next()) return std::optional<TimelineRow>();
  TimelineRow row{rows.bytes<16>(0),
                  rows.bytes<32>(1),
                  rows.integer(2),
                  rows.count(3),
                  rows.count(4),
                  rows.count(5),
                  {}};
  TRY(pieces, decode_pieces(as_bytes(rows.blob(6))));
  row.pieces = std::move(pieces);
  return std::optional<TimelineRow>(std::move(row));
}

}  // namespace detail

std::optional<CheckEntry> find_entry(Database& db, const Digest& digest) {
  auto rows = db.rows(
      "SELECT name, kind, target, every_ns, phase_ns, timeout_ns, priority, labels, canonical "
      "FROM entries WHERE digest = ?1",
      digest);
  if (!rows.next()) return std::nullopt;
  CheckEntry e;
  e.name = rows.text(0);
  e.kind = static_cast<CheckKind>(rows.integer(1));
  e.target = rows.text(2);
  e.grid = {Duration(rows.integer(3)), Duration(rows.integer(4))};
  e.timeout = Duration(rows.integer(5));
  e.priority = static_cast<int>(rows.integer(6));
  const auto labels = nlohmann::json::parse(rows.text(7), nullptr, false);
  if (labels.is_object()) e.labels = labels.get<Labels>();
  e.canonical = rows.text(8);
  return e;
}

}  // namespace nines::collector
