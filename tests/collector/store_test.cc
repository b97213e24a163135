// SPDX-License-Identifier: Apache-2.0
// The evidence: exactly once, in a chain, never changed, and everything derived a function of it.
// Real SQLite in a temporary folder.
#include "collector/store.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/collector/rig.h"

namespace nines::collector::store_test {
namespace {

using test::FakeAgent;
using test::kStart;
using test::Made;

class Store : public test::StoreTest {};

TEST_F(Store, KeepsABatchVerbatimWithItsPlaceInTheChain) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  const auto second = agent.results(kStart + seconds(60), 6);
  EXPECT_EQ(settle(first).decision, Decision::store);
  const auto settled = settle(second);
  EXPECT_EQ(settled.decision, Decision::store);
  EXPECT_EQ(settled.durable, 2u);
  EXPECT_EQ(settled.head_hash, second.hash);
  auto rows = store->database().rows(
      "SELECT bytes, hash, previous_hash, chain_hash, peer FROM batches ORDER BY number");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.blob(0), first.bytes);
  EXPECT_EQ(rows.bytes<32>(2), Digest{});
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.blob(0), second.bytes);
  EXPECT_EQ(rows.bytes<32>(1), second.hash);
  EXPECT_EQ(rows.bytes<32>(2), first.hash);
  EXPECT_EQ(rows.bytes<32>(3), second.hash);
  EXPECT_EQ(rows.text(4), "192.0.2.1:4711");
}

// A kill cannot show this: what the kernel holds survives one. A power cut would.
TEST_F(Store, SyncsItsLogAtEachCommit) {
  auto& db = store->database();
  auto journal = db.rows("PRAGMA journal_mode");
  ASSERT_TRUE(journal.next());
  EXPECT_EQ(journal.text(0), "wal");
  auto synchronous = db.rows("PRAGMA synchronous");
  ASSERT_TRUE(synchronous.next());
  EXPECT_EQ(synchronous.integer(0), 2);  // FULL
}

TEST_F(Store, CountsABatchOnceHoweverOftenItComes) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  settle(first);
  settle(agent.results(kStart + seconds(60), 6));
  const auto before = derived();
  const auto again = settle(first, kStart + hours(24 * 400));
  EXPECT_EQ(again.decision, Decision::duplicate);
  EXPECT_EQ(again.durable, 2u);
  EXPECT_EQ(count("batches"), 2);
  EXPECT_EQ(derived(), before);
}

TEST_F(Store, AsksForWhatItLacks) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  const auto second = agent.results(kStart + seconds(60), 6);
  const auto third = agent.results(kStart + seconds(120), 6);
  const auto early = settle(third);
  EXPECT_EQ(early.decision, Decision::need_from);
  EXPECT_EQ(early.durable, 0u);
  settle(first);
  EXPECT_EQ(settle(third).durable, 1u);
  settle(second);
  EXPECT_EQ(settle(third).decision, Decision::store);
}

TEST_F(Store, KeepsAForkAsideAndTheChainAsItWas) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  FakeAgent clone = agent;
  settle(agent.results(kStart + seconds(60), 6));
  const auto before = derived();
  const auto forked = clone.results(kStart + seconds(60), 6, Outcome::down);
  const auto settled = settle(forked);
  EXPECT_EQ(settled.decision, Decision::fork);
  EXPECT_EQ(settled.durable, 2u);
  EXPECT_EQ(count("batches"), 2);
  EXPECT_EQ(count("incidents WHERE kind = 'fork'"), 1);
  EXPECT_EQ(derived(), before);
  auto rows = store->database().rows("SELECT bytes FROM quarantine");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.blob(0), forked.bytes);
  // The clone's later batches hang on the forked one; the true chain goes on.
  EXPECT_EQ(settle(clone.results(kStart + seconds(120), 6)).decision, Decision::fork);
  EXPECT_EQ(settle(agent.results(kStart + seconds(120), 6)).decision, Decision::store);
}

TEST_F(Store, BoundsWhatAForkerMayFill) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 1));
  std::vector<Arrival> forks;
  for (std::uint64_t i = 0; i < kMaxQuarantine + 20; ++i) {
    FakeAgent clone("edge");
    forks.push_back(test::arrival(clone.results(kStart + hours(static_cast<int>(i) + 1), 1)));
  }
  ASSERT_TRUE(store->settle(forks));
  EXPECT_EQ(count("quarantine"), static_cast<std::int64_t>(kMaxQuarantine));
  EXPECT_LE(count("incidents"), static_cast<std::int64_t>(kMaxIncidents));
  // Of others nothing is taken away by it.
  FakeAgent other("other");
  settle(other.results(kStart, 1));
  settle(FakeAgent("other").results(kStart, 2));
  EXPECT_EQ(count("quarantine WHERE agent = 'other'"), 1);
}

TEST_F(Store, RefusesAnotherKeyWithinAnEpoch) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  agent.use_key(SigningKey::generate());
  EXPECT_EQ(settle(agent.results(kStart + seconds(60), 6)).decision, Decision::foreign_key);
  EXPECT_EQ(count("batches"), 1);
  EXPECT_EQ(count("incidents WHERE kind = 'foreign_key'"), 1);
}

TEST_F(Store, TakesSeveralBatchesOfOneAgentInOneCommit) {
  FakeAgent agent("edge");
  std::vector<Arrival> arrivals;
  for (int i = 0; i < 5; ++i)
    arrivals.push_back(test::arrival(agent.results(kStart + seconds(60 * i), 6)));
  const auto settled = store->settle(arrivals);
  ASSERT_TRUE(settled);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*settled)[i].decision, Decision::store);
    EXPECT_EQ((*settled)[i].durable, i + 1);
  }
}

TEST_F(Store, KeepsAgentsAndEpochsApart) {
  settle(FakeAgent("a", 1).results(kStart, 6));
  settle(FakeAgent("b", 1).results(kStart, 6));
  settle(FakeAgent("a", 2).results(kStart, 6));
  const auto heads = store->heads("a");
  ASSERT_TRUE(heads);
  ASSERT_EQ(heads->size(), 2u);
  EXPECT_EQ((*heads)[0].epoch[0], 1);
  EXPECT_EQ((*heads)[1].epoch[0], 2);
  EXPECT_EQ(store->heads("c")->size(), 0u);
}

TEST_F(Store, StoresAGapAndGoesOnBehindIt) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  settle(first);
  std::vector<Made> lost;
  for (int i = 1; i <= 3; ++i) lost.push_back(agent.results(kStart + seconds(60 * i), 6));
  const auto gap = agent.gap(2, 4, first.hash, lost.back().hash,
                             {{"db", 18, 0, 0, 179'357'766, 179'357'783, 0}});
  const auto settled = settle(gap);
  EXPECT_EQ(settled.decision, Decision::store);
  EXPECT_EQ(settled.durable, 4u);
  EXPECT_EQ(settled.head_hash, lost.back().hash);
  EXPECT_EQ(settle(agent.results(kStart + seconds(240), 6)).decision, Decision::store);
  EXPECT_EQ(settle(gap).decision, Decision::duplicate);
  // The lost batches coming after all are no duplicates: their results are not here.
  EXPECT_EQ(settle(lost[1]).decision, Decision::fork);
  EXPECT_EQ(count("gaps"), 1);
  EXPECT_EQ(count("gap_checks"), 1);
}

TEST_F(Store, RecordsOfAGapOnlyWhatIsMissingHere) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  const auto second = agent.results(kStart + seconds(60), 6);
  const auto third = agent.results(kStart + seconds(120), 6);
  settle(first);
  settle(second);
  // The other collector lacked 2 and 3; this one has 2.
  const auto settled = settle(agent.gap(2, 3, first.hash, third.hash));
  EXPECT_EQ(settled.decision, Decision::store);
  EXPECT_EQ(settled.durable, 3u);
  auto rows = store->database().rows(
      "SELECT number, last_number, previous_hash, chain_hash FROM batches ORDER BY number DESC");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 3);
  EXPECT_EQ(rows.integer(1), 3);
  EXPECT_EQ(rows.bytes<32>(2), second.hash);
  EXPECT_EQ(rows.bytes<32>(3), third.hash);
  EXPECT_EQ(settle(agent.results(kStart + seconds(180), 6)).decision, Decision::store);
}

TEST_F(Store, CountsOfAGapOnlyTheResultsThatAreMissingHere) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  const auto second = agent.results(kStart + seconds(60), 6);
  const auto third = agent.results(kStart + seconds(120), 6);
  const auto fourth = agent.results(kStart + seconds(180), 6);
  settle(first);
  settle(second);
  // The receipt of the second was lost, and its room used again: results 13 to 36 are given up.
  settle(agent.gap(2, 3, first.hash, third.hash, {}, 13, 36));
  // So was the receipt of that gap, which had grown before it was sent again.
  settle(agent.gap(2, 4, first.hash, fourth.hash, {}, 13, 48));
  auto rows = store->database().rows(
      "SELECT g.number, g.last_number, batches, results, g.first_seq, last_seq, h.first_seq "
      "FROM gaps g JOIN headers h USING (agent, epoch, number) ORDER BY g.number");
  for (const std::int64_t number : {3, 4}) {
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), number);
    EXPECT_EQ(rows.integer(1), number);
    EXPECT_EQ(rows.integer(2), 1);
    EXPECT_EQ(rows.integer(3), 12);
    EXPECT_EQ(rows.integer(4), number * 12 - 11);
    EXPECT_EQ(rows.integer(5), number * 12);
    EXPECT_EQ(rows.integer(6), number * 12 - 11);
  }
}

TEST_F(Store, CallsAGapOverWhatItHasADuplicate) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  const auto second = agent.results(kStart + seconds(60), 6);
  const auto third = agent.results(kStart + seconds(120), 6);
  for (const auto& made : {first, second, third}) settle(made);
  EXPECT_EQ(settle(agent.gap(2, 3, first.hash, third.hash)).decision, Decision::duplicate);
  EXPECT_EQ(settle(agent.gap(1, 3, {}, third.hash)).decision, Decision::duplicate);
  EXPECT_EQ(settle(agent.gap(2, 3, second.hash, third.hash)).decision, Decision::fork);
  EXPECT_EQ(settle(agent.gap(2, 3, first.hash, second.hash)).decision, Decision::fork);
  EXPECT_EQ(count("batches"), 3);
}

TEST_F(Store, BeginsAnEpochWithAGapFromOne) {
  FakeAgent agent("edge");
  std::vector<Made> lost;
  for (int i = 0; i < 3; ++i) lost.push_back(agent.results(kStart + seconds(60 * i), 6));
  EXPECT_EQ(settle(agent.gap(1, 3, {}, lost.back().hash)).decision, Decision::store);
  EXPECT_EQ(settle(agent.results(kStart + seconds(180), 6)).decision, Decision::store);
  EXPECT_EQ(count("headers WHERE state = 0"), 2);  // the gap batch brought the table
}

TEST_F(Store, KeepsABatchWhoseBodySaysNothing) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));
  // A series of a check that the table does not have is left out; one under no table at all cannot
  // be derived. Both are stored, and the queue goes on.
  BatchBody body;
  body.series.push_back({7, {agent.result(179'357'800, Outcome::up)}});
  EXPECT_EQ(settle(agent.seal(body)).decision, Decision::store);
  EXPECT_EQ(count("headers WHERE skipped = 1"), 1);

  FakeAgent stranger("stranger");
  auto header = stranger.header();
  BatchBody bare;
  bare.series.push_back({0, {stranger.result(179'357'800, Outcome::up)}});
  header.result_count = 1;
  const auto sealed = proto::seal(header, bare, stranger.key());
  const auto settled = settle({sealed.bytes, sealed.hash, 1, 1});
  EXPECT_EQ(settled.decision, Decision::store);
  EXPECT_TRUE(settled.undecodable);
  EXPECT_EQ(count("headers WHERE state = 2"), 1);
  EXPECT_EQ(count("batches"), 3);
}

TEST_F(Store, KeepsABodyThatUnpacksToMegabytesOfNothing) {
  FakeAgent agent("edge");
  auto header = agent.header();
  BatchBody body;
  body.table = std::string(7 << 20, 'a');  // a few hundred bytes on the wire
  header.table_digest = sha256(as_bytes(*body.table));
  const auto sealed = proto::seal(header, body, agent.key());
  ASSERT_LT(sealed.bytes.size(), 4096u);
  const auto settled = settle({sealed.bytes, sealed.hash, 1, 1});
  EXPECT_EQ(settled.decision, Decision::store);
  EXPECT_EQ(count("tables"), 0);
  EXPECT_EQ(count("entries"), 0);
}

TEST_F(Store, CountsAResultOnceWhoseNumberComesAgain) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 6));  // 12 results
  auto header = agent.header();
  header.first_seq = 12;
  header.result_count = 1;
  BatchBody body;
  auto result = agent.result(179'357'800, Outcome::down);
  result.seq = 12;
  body.series.push_back({0, {result}});
  const auto sealed = proto::seal(header, body, agent.key());
  EXPECT_EQ(settle({sealed.bytes, sealed.hash, 2, 2}).decision, Decision::store);
  EXPECT_EQ(count("headers WHERE state = 4"), 1);
  auto rows = store->database().rows("SELECT sum(up), sum(down) FROM timeline");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 12);
  EXPECT_EQ(rows.integer(1), 0);
}

TEST_F(Store, LeavesOutWhatNoClockCanMean) {
  FakeAgent agent("edge");
  BatchBody body;
  CheckResults series{0, {}};
  series.results.push_back(agent.result(-5, Outcome::up));
  series.results.push_back(agent.result(179'357'760, Outcome::up));
  series.results.push_back(agent.result(900'000'000'000'000'000, Outcome::down));
  body.series.push_back(series);
  EXPECT_EQ(settle(agent.seal(body)).decision, Decision::store);
  EXPECT_EQ(count("headers WHERE skipped = 2"), 1);
  auto rows = store->database().rows("SELECT sum(up), sum(down) FROM timeline");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 1);
  EXPECT_EQ(rows.integer(1), 0);
}

TEST_F(Store, CutsALongRangeAtTheHoursAndBoundsIt) {
  FakeAgent agent("edge");
  // 30 days of 10 s slots for each of two checks: 720 hours each.
  settle(agent.results(kStart, 1, Outcome::unknown, 30 * 8640));
  EXPECT_EQ(count("timeline"), 2 * 720);
  auto rows = store->database().rows("SELECT sum(unknown) FROM timeline");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 2 * 30 * 8640);

  FakeAgent hostile("hostile", 2);
  settle(hostile.results(kStart, 1, Outcome::unknown, 500'000'000));
  EXPECT_LE(count("timeline WHERE agent = 'hostile'"),
            static_cast<std::int64_t>(kMaxRangePieces) + 2);
  EXPECT_EQ(count("headers WHERE agent = 'hostile' AND skipped > 0"), 1);
}

TEST_F(Store, NotesWhetherAnEpochIsLinkedToTheOneBefore) {
  FakeAgent old_spool("edge", 1);
  settle(old_spool.results(kStart, 6));
  FakeAgent linked("edge", 2);
  AgentEvent event;
  event.kind = EventKind::epoch;
  event.link = as_text(old_spool.epoch());
  linked.events.push_back(event);
  settle(linked.results(kStart + hours(1), 6));
  settle(FakeAgent("edge", 3).results(kStart + hours(2), 6));
  EXPECT_EQ(count("epochs WHERE link IS NOT NULL"), 1);
  EXPECT_EQ(count("epochs WHERE link IS NULL"), 2);
}

TEST_F(Store, DerivesTheSameFromAnyOrderOfArrival) {
  // Three agents, one with two epochs whose hours overlap; chains fix the order within an epoch
  // only.
  std::vector<std::vector<Made>> chains;
  for (const auto& [name, epoch] :
       {std::pair{"a", 1}, std::pair{"a", 2}, std::pair{"b", 1}, std::pair{"c", 7}}) {
    FakeAgent agent(name, static_cast<std::uint8_t>(epoch));
    std::vector<Made> chain;
    for (int i = 0; i < 8; ++i) {
      const auto outcome = i % 3 == 0 ? Outcome::down : Outcome::up;
      chain.push_back(agent.results(kStart + minutes(20 * i) + seconds(epoch), 30, outcome));
    }
    chains.push_back(std::move(chain));
  }
  std::optional<Digest> expected;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    std::filesystem::remove_all(folder());
    reopen();
    Random random(seed);
    std::vector<std::size_t> next(chains.size(), 0);
    for (std::size_t left = 4 * 8; left > 0;) {
      const auto pick = random.below(chains.size());
      if (next[pick] == chains[pick].size()) continue;
      ASSERT_EQ(settle(chains[pick][next[pick]++]).decision, Decision::store);
      --left;
    }
    const auto got = derived();
    if (!expected) expected = got;
    EXPECT_EQ(got, *expected) << seed;
    ASSERT_TRUE(store->rebuild());
    EXPECT_EQ(derived(), *expected) << seed;
  }
}

TEST_F(Store, RebuildsEverythingDerivedFromTheBatches) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 300, Outcome::up));
  agent.set_table({test::check_entry("web"), test::check_entry("new", seconds(30))});
  settle(agent.results(kStart + hours(2), 100, Outcome::down));
  settle(agent.gap(3, 5, agent.previous(), sha256(as_bytes("5")), {{"web", 1, 2, 3, 4, 5, 6}}));
  const auto before = derived();
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(derived(), before);
  // Lost and wrong rows come back.
  store->database().script(
      "DELETE FROM timeline; UPDATE headers SET skipped = 99; DROP TABLE latest;");
  ASSERT_TRUE(store->database().take_failure());
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(derived(), before);
}

TEST_F(Store, MakesDerivedTablesOfAnotherVersionAgain) {
  FakeAgent agent("edge");
  settle(agent.results(kStart, 30));
  const auto before = derived();
  store->database().script(
      "UPDATE meta SET value = 0 WHERE key = 'derived_version'; DROP TABLE timeline;");
  ASSERT_TRUE(store->database().take_failure());
  reopen();
  EXPECT_EQ(derived(), before);
}

TEST_F(Store, GoesOnAfterARestart) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  settle(first);
  const auto incarnation = store->incarnation();
  const auto key = store->receipt_key().public_key();
  reopen();
  EXPECT_EQ(store->incarnation(), incarnation);
  EXPECT_EQ(store->receipt_key().public_key(), key);
  EXPECT_EQ(settle(first).decision, Decision::duplicate);
  EXPECT_EQ(settle(agent.results(kStart + seconds(60), 6)).decision, Decision::store);
}

TEST_F(Store, FindsWhatOnlyTheLogHolds) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  settle(first);
  // As after a kill: the files are copied while the log has not been carried over.
  const auto copy = directory.path() + "/copy";
  std::filesystem::create_directory(copy);
  for (const auto* name : {"collector.db", "collector.db-wal", "receipt.key"}) {
    std::filesystem::copy_file(folder() + "/" + name, copy + "/" + name);
  }
  ASSERT_GT(std::filesystem::file_size(copy + "/collector.db-wal"), 0u);
  auto other = collector::Store::open(copy);
  ASSERT_TRUE(other) << other.error().message;
  const auto heads = (*other)->heads("edge");
  ASSERT_TRUE(heads);
  ASSERT_EQ(heads->size(), 1u);
  EXPECT_EQ(heads->front().head_hash, first.hash);
}

TEST_F(Store, RefusesAFolderThatAnotherCollectorHolds) {
  const auto second = collector::Store::open(folder());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("held by another"), std::string::npos)
      << second.error().message;
}

TEST_F(Store, RefusesAStoreOfANewerVersion) {
  store->database().script("PRAGMA user_version = 3");
  store.reset();
  const auto newer = collector::Store::open(folder());
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("newer version"), std::string::npos);
}

TEST_F(Store, RefusesAFileThatIsNoStore) {
  store.reset();
  std::filesystem::remove_all(folder());
  std::filesystem::create_directory(folder());
  std::ofstream(folder() + "/collector.db") << "this is a text and not a database, surely";
  const auto opened = collector::Store::open(folder());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("collector.db"), std::string::npos);
}

TEST_F(Store, KeepsItsKeyToItself) {
  struct stat s {};

  ASSERT_EQ(::stat((folder() + "/receipt.key").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
  store.reset();
  std::ofstream(folder() + "/receipt.key") << "not hex\n";
  const auto opened = collector::Store::open(folder());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("receipt.key"), std::string::npos);
}

TEST_F(Store, SaysWhichFolderItCannotWrite) {
  store.reset();
  const auto path = directory.path() + "/file";
  std::ofstream(path) << "x";
  const auto opened = collector::Store::open(path + "/state");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find(path), std::string::npos);
  EXPECT_EQ(opened.error().message.find('\n'), std::string::npos);
}

TEST_F(Store, SettlesNothingOfAGroupThatDoesNotCommit) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  store->database().script(
      "CREATE TRIGGER no BEFORE INSERT ON batches WHEN new.agent = 'bad' "
      "BEGIN SELECT RAISE(ABORT, 'no'); END");
  FakeAgent bad("bad");
  const auto settled = store->settle({test::arrival(first), test::arrival(bad.results(kStart, 6))});
  ASSERT_FALSE(settled);
  EXPECT_EQ(count("batches"), 0);
  EXPECT_EQ(count("timeline"), 0);
  EXPECT_EQ(settle(first).decision, Decision::store);
}

TEST_F(Store, KeepsABatchThatCannotBeDerived) {
  FakeAgent agent("edge");
  store->database().script(
      "CREATE TRIGGER no BEFORE INSERT ON timeline "
      "BEGIN SELECT RAISE(ABORT, 'no'); END");
  const auto settled = settle(agent.results(kStart, 6));
  EXPECT_EQ(settled.decision, Decision::store);
  EXPECT_TRUE(settled.undecodable);
  EXPECT_EQ(count("headers WHERE state = 3"), 1);
  EXPECT_EQ(count("latest"), 0);  // nothing of it is half derived
  store->database().script("DROP TRIGGER no");
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(count("headers WHERE state = 0"), 1);
}

}  // namespace
}  // namespace nines::collector::store_test
