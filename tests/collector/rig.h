// SPDX-License-Identifier: Apache-2.0
// An agent as a collector sees one: it makes chained, sealed batches of whatever a test wants.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "collector/store.h"
#include "collector/timeline_store.h"
#include "proto/codec.h"
#include "tests/support/certificates.h"

namespace nines::collector::test {

inline constexpr std::int64_t kSecond = 1'000'000'000;
// 2026-11-02T00:00:00Z, a whole hour.
inline constexpr WallTime kStart{1'793'577'600 * kSecond};

inline CheckEntry check_entry(std::string name, Duration every = seconds(10)) {
  CheckEntry e;
  e.name = std::move(name);
  e.kind = CheckKind::tcp;
  e.target = "tcp://db:5432";
  e.grid = {every, Duration(0)};
  e.timeout = seconds(5);
  e.labels = {{"service", "shop"}};
  e.canonical = "{\"target\":\"tcp://db:5432\"}";
  return e;
}

struct Made {
  std::string bytes;
  Digest hash{};
  std::uint64_t number = 0, last_number = 0;
};

class FakeAgent {
 public:
  explicit FakeAgent(std::string name, std::uint8_t epoch = 1, Duration every = seconds(10))
      : key_(*SigningKey::from_seed(as_bytes(std::string(32, static_cast<char>(epoch))))),
        name_(std::move(name)) {
    epoch_.fill(epoch);
    table_.checks = {check_entry("db", every), check_entry("web", every)};
    table_bytes_ = proto::encode_table(table_);
  }

  // The next batch: for each check `count` results from `slot` on, each `span` slots long.
  Made results(WallTime from, int count, Outcome outcome = Outcome::up, std::int64_t span = 1) {
    BatchBody body;
    for (std::uint32_t check = 0; check < table_.checks.size(); ++check) {
      CheckResults series{check, {}};
      auto slot = table_.checks[check].grid.slot_at(from - Duration(1)) + 1;
      for (int i = 0; i < count; ++i, slot += span) {
        series.results.push_back(result(slot, outcome, span));
      }
      body.series.push_back(std::move(series));
    }
    return seal(std::move(body));
  }

  Result result(std::int64_t slot, Outcome outcome, std::int64_t span = 1) {
    Result r;
    r.seq = next_seq_++;
    r.slot = slot;
    r.span = span;
    r.late_us = span == 1 ? 100 + slot % 7 : 0;
    r.probe.outcome = outcome;
    r.probe.reason = outcome == Outcome::up     ? Reason::ok
                     : outcome == Outcome::down ? Reason::connect_refused
                                                : Reason::agent_stopped;
    if (outcome != Outcome::unknown) r.probe.total_us = 1000 + slot % 100;
    r.probe.detail = outcome == Outcome::down ? "refused" : "";
    return r;
  }

  Made seal(BatchBody body) {
    BatchHeader h = header();
    if (!table_sent_) body.table = table_bytes_;
    table_sent_ = true;
    for (const auto& series : body.series) h.result_count += series.results.size();
    h.first_seq = next_seq_ - h.result_count;
    body.events.insert(body.events.end(), events.begin(), events.end());
    events.clear();
    auto sealed = proto::seal(h, body, key_);
    previous_ = sealed.hash;
    ++next_number_;
    return {sealed.bytes, sealed.hash, h.number, h.number};
  }

  // A batch that stands for first..last, with what `after` would have been chained to.
  Made gap(std::uint64_t first,
           std::uint64_t last,
           const Digest& before,
           const Digest& resume,
           std::vector<GapPerCheck> checks = {},
           std::uint64_t first_seq = 0,
           std::uint64_t last_seq = 0) {
    BatchHeader h = header();
    h.number = first;
    h.last_number = last;
    h.previous_hash = before;
    h.resume_hash = resume;
    BatchBody body;
    body.table = table_bytes_;
    Gap gap;
    gap.cause = "spool_full";
    gap.batches = last - first + 1;
    gap.from = kStart;
    gap.to = kStart + seconds(60);
    gap.checks = std::move(checks);
    if (first_seq > 0) {
      h.first_seq = gap.first_seq = first_seq;
      gap.last_seq = last_seq;
      gap.results = last_seq - first_seq + 1;
    }
    body.gap = std::move(gap);
    auto sealed = proto::seal(h, body, key_);
    return {sealed.bytes, sealed.hash, first, last};
  }

  void set_table(std::vector<CheckEntry> checks) {
    table_.checks = std::move(checks);
    table_bytes_ = proto::encode_table(table_);
    table_sent_ = false;
  }

  BatchHeader header() const {
    BatchHeader h;
    h.agent = name_;
    h.epoch = epoch_;
    h.number = h.last_number = next_number_;
    h.previous_hash = previous_;
    h.first_seq = next_seq_;
    h.sealed.wall = sealed_at;
    h.clock_ahead = clock_ahead;
    h.clock_bound = clock_bound;
    h.public_key = key_.public_key();
    h.table_digest = sha256(as_bytes(table_bytes_));
    h.version = "0.1.0";
    return h;
  }

  const SigningKey& key() const { return key_; }

  const EpochId& epoch() const { return epoch_; }

  const std::string& name() const { return name_; }

  const Digest& previous() const { return previous_; }

  std::uint64_t next_number() const { return next_number_; }

  const std::string& table_bytes() const { return table_bytes_; }

  void move_on(std::uint64_t number, const Digest& previous) {
    next_number_ = number;
    previous_ = previous;
  }

  void use_key(SigningKey key) { key_ = std::move(key); }

  std::vector<AgentEvent> events;  // go into the next batch
  WallTime sealed_at = kStart;
  Duration clock_ahead{0}, clock_bound{0};

 private:
  SigningKey key_;
  std::string name_;
  EpochId epoch_{};
  CheckTable table_;
  std::string table_bytes_;
  bool table_sent_ = false;
  std::uint64_t next_number_ = 1;
  std::uint64_t next_seq_ = 1;
  Digest previous_{};
};

inline Arrival arrival(const Made& made, WallTime received = kStart + hours(1)) {
  auto opened = proto::open_header(as_bytes(made.bytes));
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
  return {made.bytes, *opened, received, "192.0.2.1:4711"};
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    auto opened = Store::open(folder());
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
  }

  void reopen() {
    store.reset();
    open();
  }

  std::string folder() const { return directory.path() + "/state"; }

  Settled settle(const Made& made, WallTime received = kStart + hours(1)) {
    auto settled = store->settle({arrival(made, received)});
    EXPECT_TRUE(settled) << (settled ? "" : settled.error().message);
    return settled ? settled->front() : Settled{};
  }

  std::int64_t count(const std::string& what) {
    auto rows = store->database().rows("SELECT count(*) FROM " + what);
    return rows.next() ? rows.integer(0) : -1;
  }

  Digest derived() {
    auto digest = derived_digest(store->database());
    EXPECT_TRUE(digest);
    return digest ? *digest : Digest{};
  }

  nines::test::TemporaryDirectory directory;
  std::unique_ptr<Store> store;
};

}  // namespace nines::collector::test
