// SPDX-License-Identifier: Apache-2.0
#include "collector/retention.h"

#include <algorithm>
#include <map>
#include <set>

#include "collector/reports.h"
#include "collector/timeline_store.h"
#include "sla/input/samples.h"

namespace nines::collector {
namespace {

// A batch, as far as it matters here.
struct Candidate {
  std::uint64_t number = 0, bytes = 0;
  WallTime received;
  WallTime from, to;  // of its results; without any, when it was sealed
  Digest table{};
};

class Holds {
 public:
  static Expected<Holds> read(Database& db, const Agreements& agreements, WallTime now) {
    Holds out(db);
    for (const auto& [name, versions] : agreements.all()) {
      TRY(since, needed_since(db, versions, now));
      if (!since) continue;
      for (const auto& version : versions) {
        for (const auto& measured : version.checks) out.hold(measured.check.name, *since);
        for (const auto& uri : version.canaries.value_or(std::vector<std::string>())) {
          out.hold(uri, *since);
        }
      }
    }
    return out;
  }

  // Whether a loaded agreement may still count a result of the batch. A table that nobody knows may
  // name any check.
  bool needs(const std::string& agent, const EpochId& epoch, const Candidate& batch) {
    const auto since = since_of(agent, epoch, batch.table);
    return since && batch.to >= *since;
  }

 private:
  explicit Holds(Database& db) : db_(db) {}

  void hold(const std::string& check, WallTime since) {
    const auto [place, fresh] = by_check_.emplace(check, since);
    if (!fresh) place->second = std::min(place->second, since);
    all_ = all_ ? std::min(*all_, since) : since;
  }

  std::optional<WallTime> since_of(const std::string& agent,
                                   const EpochId& epoch,
                                   const Digest& digest) {
    const auto [place, fresh] = by_table_.try_emplace(digest);
    if (!fresh) return place->second;
    place->second = all_;
    auto rows = db_.rows("SELECT bytes FROM tables WHERE agent = ?1 AND epoch = ?2 AND digest = ?3",
                         agent, epoch, digest);
    if (!rows.next()) return all_;
    const auto table = proto::decode_table(as_bytes(rows.blob(0)));
    if (!table) return all_;
    place->second.reset();
    for (const auto& check : table->checks) {
      const auto held = by_check_.find(check.name);
      if (held == by_check_.end()) continue;
      place->second = place->second ? std::min(*place->second, held->second) : held->second;
    }
    return place->second;
  }

  Database& db_;
  std::map<std::string, WallTime> by_check_;
  std::map<Digest, std::optional<WallTime>> by_table_;
  std::optional<WallTime> all_;  // the earliest
};

std::vector<Candidate> first_batches(Database& db, const std::string& agent, const EpochId& epoch) {
  std::vector<Candidate> out;
  auto rows = db.rows(
      "SELECT h.number, length(b.bytes), h.received_ns, h.sealed_ns, h.from_ns, h.to_ns, "
      "h.ahead_ns, h.bound_ns, h.table_digest FROM headers h JOIN batches b ON "
      "b.agent = h.agent AND b.epoch = h.epoch AND b.number = h.number WHERE h.agent = ?1 AND "
      "h.epoch = ?2 ORDER BY h.number LIMIT ?3",
      agent, epoch, static_cast<std::int64_t>(kDropBatches));
  while (rows.next()) {
    const auto instant = [&](int column) {
      const WallTime labelled{rows.integer(rows.null(column) ? 3 : column)};
      return sla::corrected_start(labelled, rows.integer(6) / 1000, rows.integer(7) / 1000);
    };
    out.push_back({rows.count(0), rows.count(1), WallTime{rows.integer(2)}, instant(4), instant(5),
                   rows.bytes<32>(8)});
  }
  return out;
}

}  // namespace

WallTime old_before(Duration retention, WallTime now) {
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  return WallTime{(now - retention).ns / kDayNs * kDayNs};
}

Expected<std::vector<Drop>> droppable(Database& db,
                                      const Agreements& agreements,
                                      Duration retention,
                                      WallTime now,
                                      std::size_t limit) {
  const auto old = old_before(retention, now);
  std::vector<std::pair<std::string, EpochId>> epochs;
  {
    auto rows = db.rows("SELECT agent, epoch FROM epochs ORDER BY received_ns, agent, epoch");
    while (rows.next()) epochs.emplace_back(rows.text(0), rows.bytes<16>(1));
  }
  std::optional<Holds> holds;  // which cost something, and most of the time nothing is old
  std::vector<Drop> out;
  for (const auto& [agent, epoch] : epochs) {
    if (out.size() == limit) break;
    auto first = db.rows(
        "SELECT received_ns FROM headers WHERE agent = ?1 AND epoch = ?2 ORDER BY number LIMIT 1",
        agent, epoch);
    if (!first.next() || first.integer(0) >= old.ns) continue;
    if (!holds) {
      TRY(read, Holds::read(db, agreements, now));
      holds.emplace(std::move(read));
    }
    Drop drop{agent, epoch, 0, 0};
    std::uint64_t bytes = 0;
    std::optional<WallTime> from;
    for (const auto& batch : first_batches(db, agent, epoch)) {
      const bool goes = batch.received < old && !holds->needs(agent, epoch, batch);
      from = from ? std::min(*from, batch.from) : batch.from;
      const bool fits =
          drop.first == 0 || (bytes + batch.bytes <= kDropBytes && batch.to - *from <= kDropSpan);
      if (!goes || !fits) break;
      if (drop.first == 0) drop.first = batch.number;
      drop.last = batch.number;
      bytes += batch.bytes;
    }
    if (drop.first != 0) out.push_back(std::move(drop));
  }
  TRY_VOID(db.take_failure());
  return out;
}

}  // namespace nines::collector
