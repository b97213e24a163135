// SPDX-License-Identifier: Apache-2.0
// The log of the store: what is in it, that it is durable with what it speaks of, and that it
// proves what it says.
#include "collector/log.h"

#include <nlohmann/json.hpp>

#include "collector/agreement_texts.h"
#include "tests/collector/rig.h"

namespace nines::collector::log_test {
namespace {

using nlohmann::json;
using test::FakeAgent;
using test::kStart;

class Log : public test::StoreTest {
 protected:
  Database& db() { return store->database(); }

  std::vector<LogEntry> entries() {
    std::vector<LogEntry> out;
    read_entries(db(), 0, [&](const LogEntry& entry) {
      out.push_back(entry);
      return true;
    });
    EXPECT_TRUE(db().take_failure());
    return out;
  }

  Digest root() { return merkle_root(log_size(db()), log_nodes(db())); }

  void record(const std::vector<Agreements::Source>& sources) {
    const auto written = store->write([&](Database& to) -> Expected<void> {
      record_agreements(to, sources, kStart);
      return {};
    });
    EXPECT_TRUE(written);
  }

  Agreements::Source source(const std::string& version, const std::string& text) {
    return {"shop", version, sha256(as_bytes(text)), text};
  }

  void add(const std::string& what) {
    const auto written = store->write([&](Database& to) -> Expected<void> {
      append_entry(to, {"event", "shop", what, kStart, {{"what", what}}});
      return {};
    });
    EXPECT_TRUE(written);
  }
};

TEST_F(Log, HoldsEachStoredBatchWithItsPlaceInTheChain) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  const auto second = agent.results(kStart + seconds(60), 6);
  settle(first);
  settle(second);
  settle(first);  // a duplicate is no new entry
  const auto log = entries();
  ASSERT_EQ(log.size(), 2u);
  const auto entry = json::parse(log[1].text);
  EXPECT_EQ(entry["type"], "batch");
  EXPECT_EQ(entry["agent"], "edge");
  EXPECT_EQ(entry["number"], 2);
  EXPECT_EQ(entry["hash"], hex(second.hash));
  EXPECT_EQ(entry["previous_hash"], hex(first.hash));
  EXPECT_EQ(entry["at"], "2026-11-02T01:00:00Z");
  EXPECT_EQ(log[1].subject, batch_subject("edge", agent.epoch(), 2));
}

TEST_F(Log, HoldsItsEntriesInCanonicalForm) {
  settle(FakeAgent("edge").results(kStart, 1));
  const auto log = entries();
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(canonical_text(json::parse(log[0].text)), log[0].text);
  EXPECT_TRUE(log[0].text.starts_with("{\"agent\":\"edge\",\"at\":\"")) << log[0].text;
}

TEST_F(Log, HoldsAForkThatWasSeen) {
  FakeAgent agent("edge");
  FakeAgent clone("edge");
  settle(agent.results(kStart, 6));
  settle(clone.results(kStart, 3));
  const auto log = entries();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[1].kind, "chain_incident");
  EXPECT_EQ(json::parse(log[1].text)["what"], "fork");
}

TEST_F(Log, ProvesEveryEntryAndEveryHeadOfBefore) {
  std::vector<Digest> roots{sha256(ByteView{})};
  for (int i = 0; i < 33; ++i) {
    add("event " + std::to_string(i));
    roots.push_back(root());
  }
  const auto log = entries();
  for (std::uint64_t i = 0; i < log.size(); ++i) {
    const auto proof = inclusion_proof(i, log.size(), log_nodes(db()));
    EXPECT_TRUE(verify_inclusion(merkle_leaf(as_bytes(log[i].text)), i, log.size(), proof, root()));
  }
  for (std::uint64_t old = 1; old < roots.size(); ++old) {
    const auto proof = consistency_proof(old, log.size(), log_nodes(db()));
    EXPECT_TRUE(verify_consistency(old, roots[old], log.size(), root(), proof)) << old;
  }
}

TEST_F(Log, SignsItsHeadWithAKeyOfItsOwn) {
  add("something");
  const auto head = sign_head(db(), store->incarnation(), store->log_key(), kStart);
  EXPECT_NE(head.key, store->receipt_key().public_key());
  const auto read = proto::read_log_head(head_json(head));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size, 1u);
  EXPECT_EQ(read->root, root());
  const auto said = json::parse(head.text);
  EXPECT_EQ(said["size"], 1);
  EXPECT_EQ(said["root"], hex(root()));
  EXPECT_EQ(said["log"], to_hex(store->incarnation()));
  const auto key = head.key;
  reopen();
  EXPECT_EQ(store->log_key().public_key(), key);
}

TEST_F(Log, IsNotDurableWithoutWhatItSpeaksOf) {
  add("before");
  const auto refused = store->write([&](Database& to) -> Expected<void> {
    append_entry(to, {"event", "shop", "lost", kStart, json::object()});
    return fail("changed my mind");
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(entries().size(), 1u);
  add("after");
  EXPECT_EQ(entries().size(), 2u);
}

TEST_F(Log, KeepsEachTextOfAnAgreementOnce) {
  record({source("1", "first words"), source("2", "second words")});
  record({source("1", "first words")});
  EXPECT_EQ(entries().size(), 2u);
  record({source("1", "other words")});
  const auto log = entries();
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[2].agreement, "shop");
  const auto entry = json::parse(log[2].text);
  EXPECT_EQ(entry["digest"], "sha256:" + hex(sha256(as_bytes("other words"))));
  const auto text = find_agreement_text(db(), sha256(as_bytes("first words")));
  ASSERT_TRUE(text);
  EXPECT_EQ(text->text, "first words");
  EXPECT_FALSE(find_agreement_text(db(), Digest{}));
}

TEST_F(Log, IsLeftAloneByARebuild) {
  settle(FakeAgent("edge").results(kStart, 6));
  add("said");
  const auto before = entries();
  const auto root_before = root();
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(entries().size(), before.size());
  EXPECT_EQ(root(), root_before);
}

TEST_F(Log, TakesInAStoreOfBeforeTheLog) {
  FakeAgent agent("edge");
  FakeAgent clone("edge");
  settle(agent.results(kStart, 6));
  settle(agent.results(kStart + seconds(60), 6));
  settle(clone.results(kStart, 3));
  const auto before = root();
  db().script(
      "DROP TABLE log; DROP TABLE log_nodes; DROP TABLE agreement_texts; "
      "DROP TABLE certificates; DROP TABLE reports; PRAGMA user_version = 1");
  ASSERT_TRUE(db().take_failure());
  reopen();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(entries().size(), 3u);
  EXPECT_EQ(root(), before) << "the same entries in the same order";
  reopen();
  EXPECT_EQ(entries().size(), 3u) << "once";
  settle(agent.results(kStart + seconds(120), 6));
  EXPECT_EQ(entries().size(), 4u);
}

TEST_F(Log, TellsItsEntriesAndProofsAsText) {
  add("one");
  add("two");
  add("three");
  const auto lines = entries_lines(db(), 1, 10);
  ASSERT_TRUE(lines);
  EXPECT_EQ(*lines, entries()[1].text + "\n" + entries()[2].text + "\n");
  const auto proof = inclusion_json(db(), 0, 2);
  ASSERT_TRUE(proof);
  EXPECT_EQ(json::parse(*proof)["path"].size(), 1u);
  EXPECT_FALSE(inclusion_json(db(), 2, 2));
  EXPECT_FALSE(inclusion_json(db(), 0, 4));
  EXPECT_TRUE(consistency_json(db(), 2, 0));
  EXPECT_FALSE(consistency_json(db(), 0, 0));
  EXPECT_FALSE(consistency_json(db(), 4, 0));
}

TEST_F(Log, SaysWhenANodeIsMissing) {
  add("one");
  add("two");
  db().script("DELETE FROM log_nodes WHERE level = 0");
  const auto proof = inclusion_json(db(), 0, 0);
  ASSERT_FALSE(proof);
  EXPECT_TRUE(proof.error().message.starts_with("store")) << proof.error().message;
}

}  // namespace
}  // namespace nines::collector::log_test
