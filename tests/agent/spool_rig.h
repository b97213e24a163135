// SPDX-License-Identifier: Apache-2.0
// A spool on a simulated disk, and a collector that believes nothing: it checks numbers, chain,
// table and sequence of all that it is given.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "agent/spool.h"
#include "tests/support/sim_disk.h"

namespace nines::agent::test {

inline CheckTable table_of(int checks) {
  CheckTable table;
  for (int i = 0; i < checks; ++i) {
    CheckEntry entry;
    entry.name = "check-" + std::to_string(i);
    entry.kind = CheckKind::tcp;
    entry.target = "tcp://host:" + std::to_string(1000 + i);
    entry.grid = {seconds(1), milliseconds(i)};
    entry.timeout = seconds(1);
    entry.canonical = "{}";
    table.checks.push_back(entry);
  }
  return table;
}

inline Result result_at(std::int64_t slot, Outcome outcome, std::string detail = {}) {
  Result r;
  r.slot = slot;
  r.late_us = slot % 977;
  r.probe.outcome = outcome;
  r.probe.reason = outcome == Outcome::up     ? Reason::ok
                   : outcome == Outcome::down ? Reason::connect_refused
                                              : Reason::agent_overloaded;
  r.probe.total_us = slot % 50'000;
  r.probe.detail = std::move(detail);
  return r;
}

inline SealContext context_at(std::int64_t second = 1'800'000'000) {
  return {{WallTime{second * 1'000'000'000}, BootTime{second}, Duration(0)}, {}};
}

class Rig {
 public:
  explicit Rig(std::uint64_t size = 64 << 20, std::vector<std::string> collectors = {"https://a"})
      : size_(size), collectors_(std::move(collectors)) {}

  Expected<void> open() {
    SpoolOptions options;
    options.agent = "edge-1";
    options.version = "test";
    options.collectors = collectors_;
    options.size = size_;
    opened = {};
    spool.reset();
    auto made = Spool::open(disk.directory(), options, key, context_at(), opened);
    if (!made) return Unexpected(std::move(made.error()));
    spool = *std::move(made);
    return spool->set_table(table_of(checks), context_at(in_force_from));
  }

  // One result for check `check` at `slot`.
  Expected<void> record(std::uint32_t check,
                        std::int64_t slot,
                        Outcome outcome,
                        bool seal = false,
                        std::string detail = {}) {
    std::vector<PendingResult> results{{check, result_at(slot, outcome, std::move(detail))}};
    return spool->append(results, {}, seal, context_at());
  }

  nines::test::SimDisk disk;
  SigningKey key = *SigningKey::from_seed(ByteView(kSeed));
  std::unique_ptr<Spool> spool;
  Spool::Opened opened;
  std::int64_t in_force_from = 0;  // second at which the checks begin
  int checks = 3;

 private:
  static constexpr std::array<std::uint8_t, 32> kSeed{1, 2, 3};
  std::uint64_t size_;
  std::vector<std::string> collectors_;
};

// (epoch, seq) → the result, and what was said to be gone.
class StrictCollector {
 public:
  explicit StrictCollector(std::string url = "https://a") : url_(std::move(url)) {}

  // Takes everything that the spool has for it.
  void drain(Spool& spool) {
    take_some(spool, 100'000);
    if (!testing::Test::HasFatalFailure() && spool.next_for(url_)) FAIL() << "the spool never ends";
  }

  void take_some(Spool& spool, int batches) {
    while (batches-- > 0) {
      const auto next = spool.next_for(url_);
      if (!next) return;
      const auto bytes = spool.read(*next);
      ASSERT_TRUE(bytes) << bytes.error().message;
      take(*bytes);
      if (testing::Test::HasFatalFailure()) return;
      spool.acknowledge(url_, next->epoch, next->last_number);
    }
  }

  void take(const std::string& bytes) {
    const auto opened = proto::open_header(as_bytes(bytes));
    ASSERT_TRUE(opened) << opened.error().message;
    const auto& h = opened->header;
    auto& epoch = epochs_[h.epoch];
    if (h.last_number <= epoch.head) return;  // a duplicate
    ASSERT_LE(h.number, epoch.head + 1) << "a batch is missing before " << h.number;
    if (h.number == epoch.head + 1) {
      ASSERT_EQ(h.previous_hash, epoch.chain);
    }
    const auto body = proto::open_body(as_bytes(bytes), *opened);
    ASSERT_TRUE(body) << body.error().message;
    if (body->table) epoch.tables.insert(h.table_digest);
    for (const auto& series : body->series) {
      ASSERT_TRUE(epoch.tables.contains(h.table_digest)) << "series without their table";
      for (const auto& r : series.results) {
        const auto fresh = results.try_emplace({h.epoch, r.seq}, series.check, r).second;
        ASSERT_TRUE(fresh) << "seq " << r.seq << " came twice";
        slots[{series.check, r.slot}] += 1;
      }
    }
    for (const auto& event : body->events) events.push_back(event);
    if (body->gap) {
      gaps.push_back(*body->gap);
      gap_results += body->gap->results;
      for (std::uint64_t i = 0; i < body->gap->results; ++i) {
        dropped.insert({h.epoch, body->gap->first_seq + i});
      }
    }
    epoch.head = h.last_number;
    epoch.chain = opened->chain_hash;
  }

  std::map<std::pair<EpochId, std::uint64_t>, std::pair<std::uint32_t, Result>> results;
  std::map<std::pair<std::uint32_t, std::int64_t>, int> slots;
  std::vector<Gap> gaps;
  std::vector<AgentEvent> events;
  std::uint64_t gap_results = 0;
  // What gaps stand for; with two collectors one may have had some of it.
  std::set<std::pair<EpochId, std::uint64_t>> dropped;

  std::uint64_t head(const EpochId& epoch) { return epochs_[epoch].head; }

  Digest chain(const EpochId& epoch) { return epochs_[epoch].chain; }

 private:
  struct Epoch {
    std::uint64_t head = 0;
    Digest chain{};
    std::set<Digest> tables;
  };

  std::string url_;
  std::map<EpochId, Epoch> epochs_;
};

}  // namespace nines::agent::test
