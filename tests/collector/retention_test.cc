// SPDX-License-Identifier: Apache-2.0
// Retention: what is old goes, in small steps, and says so; what a period, a dispute or a chain
// still needs stays, over kills and rebuilds. The clock is a number.
#include "collector/retention.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/random.h"
#include "collector/check_state.h"
#include "collector/metrics.h"
#include "collector/sweeper.h"
#include "tests/collector/sealing.h"
#include "tests/support/loop.h"

namespace nines::collector::retention_test {
namespace {

using test::at;
using test::FakeAgent;
using test::json;
using test::kAlice;
using test::kBob;
using test::kStart;
using test::Made;

constexpr Duration kDay = hours(24);
constexpr Duration kTenDays = kDay * 10;

std::vector<CheckEntry> table_of(const std::string& check) { return {test::check_entry(check)}; }

class Retention : public test::SealingTest {
 protected:
  // One batch of an hour, and received at its end.
  Made hour(FakeAgent& agent, WallTime from, Outcome outcome = Outcome::up) {
    agent.sealed_at = from + hours(1);
    const auto made = agent.results(from, 360, outcome);
    EXPECT_EQ(settle(made, from + hours(1)).decision, Decision::store);
    return made;
  }

  std::vector<Drop> steps(WallTime now, std::size_t limit = 100) {
    auto found = droppable(db(), *agreements, kTenDays, now, limit);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : std::vector<Drop>();
  }

  Dropped drop(const Drop& step, WallTime now) {
    Dropped out;
    EXPECT_TRUE(store->write([&](Database& to) -> Expected<void> {
      TRY(dropped, drop_batches(to, step, kTenDays, now));
      out = dropped;
      return {};
    }));
    return out;
  }

  // Until nothing may go; how many steps that took.
  int sweep(WallTime now) {
    int count = 0;
    for (auto next = steps(now); !next.empty(); next = steps(now)) {
      for (const auto& step : next) {
        EXPECT_GT(drop(step, now).batches, 0U);
        if (++count > 1000) return count;
      }
    }
    return count;
  }

  std::vector<json> said() {
    std::vector<json> out;
    read_entries(db(), 0, [&](const LogEntry& entry) {
      if (entry.kind == "retention") out.push_back(json::parse(entry.text));
      return true;
    });
    return out;
  }

  std::int64_t whole() { return count("batches WHERE length(bytes) > 0"); }

  // Definitions of checks stay until a rebuild; everything else must be equal.
  Digest derived_but_entries() {
    db().run(
        "DELETE FROM entries WHERE digest NOT IN (SELECT entry FROM timeline) AND digest NOT IN "
        "(SELECT entry FROM latest)");
    return derived();
  }

  std::string judged(const sla::Question& question) {
    const auto report = judge_agreement(db(), *agreements->find("shop"), question);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report ? sla::report_json(*report) : "";
  }
};

TEST_F(Retention, DropsNothingOfAPeriodThatIsNotSealed) {
  auto agent = agent_of();
  hour(agent, kStart);
  const auto late = at("2027-02-10T00:00:00Z");
  EXPECT_TRUE(steps(late).empty());
  seal(late);  // November, December and January
  ASSERT_EQ(steps(late).size(), 1U);
  EXPECT_EQ(sweep(late), 1);
  EXPECT_EQ(whole(), 0);
  EXPECT_EQ(count("batches"), 1);
  EXPECT_EQ(count("timeline"), 0);
  EXPECT_EQ(count("latest"), 0);
}

TEST_F(Retention, KeepsWhatIsYoungAndWhatTheRunningPeriodNeeds) {
  auto agent = agent_of();
  for (const auto* day : {"2026-11-02", "2026-11-20", "2026-11-26", "2026-12-02"}) {
    hour(agent, at(std::string(day) + "T00:00:00Z"));
  }
  const auto now = at("2026-12-28T00:00:00Z");
  seal(now);
  const auto before = judged({{}, now});
  EXPECT_EQ(sweep(now), 2);
  // December looks a week and a day back for outages that reach into it.
  EXPECT_EQ(whole(), 2);
  EXPECT_EQ(judged({{}, now}), before);
}

TEST_F(Retention, LetsWhatNoAgreementNamesGoByAgeAlone) {
  FakeAgent other("other", 2);
  other.set_table(table_of("printer"));
  FakeAgent both("both", 3);
  both.set_table({test::check_entry("printer"), agent_of_table().front()});
  hour(other, kStart);
  hour(both, kStart);
  const auto now = kStart + kDay * 12;  // nothing is sealed
  const auto next = steps(now);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].agent, "other");
  EXPECT_TRUE(steps(kStart + kTenDays).empty()) << "of that day something may be younger";
}

TEST_F(Retention, SaysExactlyWhatItDropped) {
  auto agent = agent_of();
  std::uint64_t bytes = 0;
  for (int i = 0; i < 10; ++i) bytes += hour(agent, kStart + hours(i)).bytes.size();
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  const auto size = log_size(db());
  EXPECT_EQ(sweep(now), 2) << "six hours are one step";
  const auto entries = said();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(log_size(db()), size + 2);
  std::uint64_t batches = 0, results = 0, logged = 0, next = 1;
  for (const auto& each : entries) {
    EXPECT_EQ(each["agent"], "edge");
    EXPECT_EQ(each["epoch"], to_hex(agent.epoch()));
    EXPECT_EQ(each["first"], next);
    EXPECT_EQ(each["kept_for"], "10d");
    next = each["last"].get<std::uint64_t>() + 1;
    batches += each["batches"].get<std::uint64_t>();
    results += each["results"].get<std::uint64_t>();
    logged += each["bytes"].get<std::uint64_t>();
  }
  EXPECT_EQ(next, 11U);
  EXPECT_EQ(batches, 10U);
  EXPECT_EQ(results, 3600U);
  EXPECT_EQ(logged, bytes);
  EXPECT_EQ(entries[0]["from"],
            format_rfc3339(kStart + microseconds(100 + kStart.ns / 10'000'000'000 % 7)));
  const auto total = dropped_total(db());
  EXPECT_EQ(total.batches, 10U);
  EXPECT_EQ(total.results, 3600U);
  EXPECT_EQ(total.bytes, bytes);
  // The entry of a dropped batch is still proven.
  const auto subject = batch_subject("edge", agent.epoch(), 3);
  const auto entry = find_entry_of(db(), "batch", subject);
  ASSERT_TRUE(entry);
  EXPECT_TRUE(inclusion_json(db(), entry->position, 0));
}

TEST_F(Retention, GoesOnWithTheChainOfWhatItDropped) {
  auto agent = agent_of();
  std::vector<Made> made;
  for (int i = 0; i < 5; ++i) made.push_back(hour(agent, kStart + hours(i)));
  auto clone = agent;
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  sweep(now);
  ASSERT_EQ(whole(), 0);
  reopen();
  for (const auto& each : made) {
    const auto settled = settle(each, now);
    EXPECT_EQ(settled.decision, Decision::duplicate);
    EXPECT_EQ(settled.durable, 5U);
    EXPECT_EQ(settled.head_hash, made.back().hash);
  }
  hour(agent, now);  // whose check table came with a batch that is gone
  EXPECT_EQ(settle(clone.results(now, 5), now).decision, Decision::fork);
  EXPECT_EQ(count("headers WHERE state = 0"), 1);
  EXPECT_EQ(count("timeline"), 1);
  const auto heads = store->heads("edge");
  ASSERT_TRUE(heads);
  EXPECT_EQ(heads->front().durable, 6U);
}

TEST_F(Retention, IsTheSameAfterARebuild) {
  auto agent = agent_of();
  for (int i = 0; i < 4; ++i) hour(agent, kStart + hours(i));
  const auto now = at("2026-12-28T00:00:00Z");
  // Hours in which some batches go and some stay: these came late.
  auto slow = FakeAgent("slow", 4);
  slow.set_table(agent_of_table());
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(
        settle(slow.results(kStart + minutes(10) * i, 60), i < 3 ? kStart + hours(2) : now - kDay)
            .decision,
        Decision::store);
  }
  hour(agent, now - kDay);
  seal(now);
  sweep(now);
  EXPECT_EQ(whole(), 4);
  EXPECT_EQ(count("timeline"), 2);
  const auto running = judged({{}, now});
  const auto before = derived_but_entries();
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(derived(), before);
  EXPECT_EQ(judged({{}, now}), running);
  // And again, after more was dropped and more came.
  hour(agent, now);
  const auto later = at("2027-03-10T00:00:00Z");
  seal(later);
  sweep(later);
  hour(slow, later);
  const auto again = derived_but_entries();
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(derived(), again);
  reopen();
  EXPECT_EQ(derived(), again);
}

TEST_F(Retention, KnowsSequenceNumbersOfWhatIsGone) {
  auto agent = agent_of();
  const auto first = hour(agent, kStart);
  const auto gap = agent.gap(2, 4, first.hash, {}, {}, 361, 500);
  ASSERT_EQ(settle(gap, kStart + hours(2)).decision, Decision::store);
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  EXPECT_EQ(sweep(now), 1);
  const auto longer = agent.gap(2, 6, first.hash, {}, {}, 361, 600);
  ASSERT_EQ(settle(longer, now).decision, Decision::store);
  const auto lost = [&] {
    auto rows = db().rows("SELECT number, first_seq, last_seq, results FROM gaps");
    EXPECT_TRUE(rows.next());
    return std::vector<std::int64_t>{rows.integer(0), rows.integer(1), rows.integer(2),
                                     rows.integer(3)};
  };
  const std::vector<std::int64_t> rest{5, 501, 600, 100};
  EXPECT_EQ(lost(), rest);
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(lost(), rest);
}

TEST_F(Retention, RefusesToRebuildWhereBytesAreMissingThatItDidNotDrop) {
  auto agent = agent_of();
  hour(agent, kStart);
  hour(agent, kStart + hours(1));
  db().run("UPDATE batches SET bytes = x'' WHERE number = 2");
  const auto rebuilt = store->rebuild();
  ASSERT_FALSE(rebuilt);
  EXPECT_NE(rebuilt.error().message.find("no longer verifies"), std::string::npos);
}

TEST_F(Retention, FreezesWhatIsInDispute) {
  auto agent = agent_of();
  hour(agent, kStart);
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  EXPECT_EQ(say(kAlice,
                {{"type", "exclusion"},
                 {"action", "claim"},
                 {"id", "x"},
                 {"kind", "maintenance"},
                 {"from", "2026-11-20T00:00:00Z"},
                 {"to", "2026-11-20T01:00:00Z"}},
                now),
            "");
  EXPECT_EQ(steps(now).size(), 1U);
  EXPECT_EQ(say(kBob, {{"type", "exclusion"}, {"action", "dispute"}, {"id", "x"}}, now), "");
  EXPECT_TRUE(steps(now).empty());
  EXPECT_EQ(say(kBob, {{"type", "exclusion"}, {"action", "reject"}, {"id", "x"}}, now), "");
  EXPECT_EQ(steps(now).size(), 1U);
}

TEST_F(Retention, WaitsForARestatementThatIsUnderWay) {
  auto agent = agent_of();
  hour(agent, kStart);
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  EXPECT_EQ(say_restatement(kAlice, "propose", now), "");
  EXPECT_TRUE(steps(now).empty());
  EXPECT_EQ(say_restatement(kBob, "approve", now), "");
  EXPECT_TRUE(steps(now).empty());
  seal(now);
  EXPECT_EQ(find_report(db(), "shop", "2026-11")->revision, 2U);
  EXPECT_EQ(steps(now).size(), 1U);
}

TEST_F(Retention, NeverTurnsDroppedResultsIntoAFigure) {
  auto agent = agent_of();
  hour(agent, kStart);
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  const auto sealed = *find_report(db(), "shop", "2026-11");
  sweep(now);
  EXPECT_EQ(find_report(db(), "shop", "2026-11")->bytes, sealed.bytes);
  const auto report = report_again(db(), *agreements, sealed);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("no longer kept"), std::string::npos);
  EXPECT_NE(say_restatement(kAlice, "propose", now).find("no longer kept"), std::string::npos);
  const auto provisional = json::parse(judged({"2026-11", {}}))["warnings"].dump();
  EXPECT_NE(provisional.find("results up to 2026-11-02T00:59:50"), std::string::npos)
      << provisional;
  EXPECT_EQ(judged({{}, now}).find("results up to"), std::string::npos);
}

TEST_F(Retention, TellsItsMetrics) {
  auto agent = agent_of();
  const auto bytes = hour(agent, kStart).bytes.size();
  hour(agent, at("2027-02-09T00:00:00Z"));
  const auto now = at("2027-02-10T00:00:00Z");
  seal(now);
  sweep(now);
  MetricsInput input;
  input.standings = std::make_shared<const std::vector<Standing>>();
  const auto page = metrics_text(db(), input);
  ASSERT_TRUE(page);
  for (const auto& line :
       {std::string("nines_retention_dropped_batches_total 1\n"),
        "nines_retention_dropped_bytes_total " + std::to_string(bytes) + "\n",
        "nines_evidence_oldest_timestamp_seconds " +
            std::to_string(at("2027-02-09T01:00:00Z").ns / 1'000'000'000) + ".000\n"}) {
    EXPECT_NE(page->find(line), std::string::npos) << line;
  }
}

class SetClock final : public Clock {
 public:
  ClockReading read() const override { return {now, {now.ns}, Duration(now.ns)}; }

  WallTime now = kStart;
};

TEST_F(Retention, SweepsALittleAtATime) {
  constexpr int kAgents = 30;
  for (int i = 0; i < kAgents; ++i) {
    FakeAgent agent("a" + std::to_string(i), static_cast<std::uint8_t>(i + 1));
    agent.set_table(table_of("printer"));
    hour(agent, kStart);
  }
  asio::io_context io{1};
  SetClock clock;
  clock.now = kStart + kDay * 20;
  const auto reader = *Database::open(store->database_path(), Database::Mode::read);
  DiskThread disk(io), read_thread(io);
  Sweeper sweeper(clock, read_thread, *reader, disk, *store);
  nines::test::run(io, sweeper.look(agreements, kTenDays));
  EXPECT_EQ(whole(), kAgents - static_cast<int>(kSweepSteps));
  nines::test::run(io, sweeper.look(agreements, kTenDays));
  EXPECT_EQ(whole(), kAgents - static_cast<int>(kSweepSteps)) << "it is not yet time";
  clock.now += kSweepOn;
  nines::test::run(io, sweeper.look(agreements, kTenDays));
  EXPECT_EQ(whole(), 0);
  EXPECT_EQ(said().size(), static_cast<std::size_t>(kAgents));
}

// Never returns: drops until it is killed, and tells each step through the pipe.
[[noreturn]] void drop_until_killed(const std::string& folder, WallTime now, int pipe) {
  auto store = Store::open(folder);
  const auto none = Agreements::load("");
  if (!store || !none) ::_exit(3);
  for (std::uint8_t done = 1;; ++done) {
    const auto next = droppable((*store)->database(), **none, kTenDays, now, 1);
    if (!next) ::_exit(4);
    if (!next->empty()) {
      const auto written = (*store)->write([&](Database& db) -> Expected<void> {
        TRY_VOID(drop_batches(db, next->front(), kTenDays, now));
        return {};
      });
      if (!written) ::_exit(5);
    }
    if (::write(pipe, &done, 1) != 1) ::_exit(6);
  }
}

TEST_F(Retention, LosesNothingSilentlyWhenItIsKilledInBetween) {
  constexpr int kBatches = 120;
  FakeAgent agent("edge");
  agent.set_table(table_of("printer"));
  for (int i = 0; i < kBatches; ++i) {
    settle(agent.results(kStart + hours(2) * i, 4), kStart + hours(2) * i);
  }
  const auto now = kStart + kDay * 60;
  store.reset();
  Random random(20'261'126);
  for (int life = 0; life < 12; ++life) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto child = ::fork();
    if (child == 0) drop_until_killed(folder(), now, ends[1]);
    ::close(ends[1]);
    std::uint8_t done = 0;
    for (auto left = 1 + random.below(4); left > 0; --left) ASSERT_EQ(::read(ends[0], &done, 1), 1);
    ::usleep(static_cast<useconds_t>(random.below(4000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    open();
    std::int64_t told = 0;
    for (const auto& each : said()) told += each["batches"].get<std::int64_t>();
    EXPECT_EQ(told, kBatches - whole());
    EXPECT_EQ(static_cast<std::int64_t>(dropped_total(db()).batches), told);
    EXPECT_EQ(count("headers"), whole());
    const auto before = derived_but_entries();
    ASSERT_TRUE(store->rebuild());
    EXPECT_EQ(derived(), before);
    store.reset();
  }
  open();
  EXPECT_LT(whole(), kBatches);
}

}  // namespace
}  // namespace nines::collector::retention_test
