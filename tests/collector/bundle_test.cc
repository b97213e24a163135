// SPDX-License-Identifier: Apache-2.0
// Evidence bundles: made by a collector, verified by who has only the file.
#include "collector/bundle.h"

#include "collector/pruned.h"
#include "sla/input/results_file.h"
#include "tests/collector/evidence.h"

namespace nines::collector::bundle_test {
namespace {

using nlohmann::json;
using test::at;
using test::Evidence;
using test::FakeAgent;
using test::kAlice;
using test::kBob;
using test::kStart;

TEST_F(Evidence, SaysPlainlyWhatRetentionDropped) {
  const auto later = at("2027-02-10T00:00:00Z");
  seal(later);
  EpochId epoch{};
  epoch.fill(1);
  EXPECT_TRUE(store->write([&](Database& to) -> Expected<void> {
    TRY_VOID(drop_batches(to, {"edge", epoch, 1, 2}, hours(240), later));
    return {};
  }));
  auto opened = *cli::open_bundle(bundle(true, later));
  verify_log(opened);
  verify_statements(opened);
  verify_batches(opened);
  verify_dropped(opened);
  for (const auto& finding : opened.findings) ADD_FAILURE() << finding;
  EXPECT_TRUE(opened.gone.starts_with("2 batches with 390 results")) << opened.gone;
  EXPECT_EQ(opened.member("report.json"), find_report(db(), "shop", "2026-11")->bytes);
  EXPECT_EQ(opened.members_of("batches/").size(), 2u);
  EXPECT_EQ(opened.members_of("tables/").size(), 1u) << "which a dropped batch had brought";
  opened.manifest.erase("dropped");
  verify_dropped(opened);
  EXPECT_EQ(opened.findings.size(), 1u) << "the log says more than the manifest";
}

TEST_F(Evidence, OfASealedReportRecomputesByteForByte) {
  seal(at("2026-12-03T00:01:00Z"));
  const auto bytes = bundle();
  EXPECT_TRUE(holds(bytes));
  const auto opened = verified(bytes);
  EXPECT_EQ(opened.manifest["state"], "sealed");
  EXPECT_EQ(opened.member("report.json"), find_report(db(), "shop", "2026-11")->bytes);
  EXPECT_EQ(opened.members_of("batches/").size(), 4u);
  EXPECT_EQ(opened.members_of("agreements/").size(), 1u);
  EXPECT_EQ(opened.members_of("certificates/").size(), 1u);
  EXPECT_EQ(opened.key, store->log_key().public_key());
}

TEST_F(Evidence, HoldsNothingThatCameAfterTheCut) {
  seal(at("2026-12-03T00:01:00Z"));
  auto agent = FakeAgent("edge", 2);
  agent.set_table(agent_of_table());
  settle(agent.results(kStart + hours(5), 360, Outcome::down), at("2026-12-03T12:00:00Z"));
  const auto bytes = bundle();
  EXPECT_TRUE(holds(bytes));
  EXPECT_EQ(verified(bytes).members_of("batches/").size(), 4u);
}

TEST_F(Evidence, OfAProvisionalReportRecomputesToo) {
  const auto bytes = bundle(true, kStart + hours(4));
  EXPECT_TRUE(holds(bytes));
  EXPECT_EQ(verified(bytes).manifest["state"], "provisional");
}

TEST_F(Evidence, WithoutBatchesSaysThatNobodySignedTheResults) {
  seal(at("2026-12-03T00:01:00Z"));
  const auto bytes = bundle(false);
  EXPECT_TRUE(holds(bytes));
  EXPECT_TRUE(verified(bytes).members_of("batches/").empty());
  EXPECT_LT(bytes.size(), bundle().size());
}

TEST_F(Evidence, HoldsBothSlotsOfARangeThatTwoHoursShare) {
  FakeAgent agent("edge", 2);
  agent.set_table(agent_of_table());
  settle(agent.results(kStart + hours(6) - seconds(10), 1, Outcome::unknown, 2));
  seal(at("2026-12-03T00:01:00Z"));
  const auto opened = verified(bundle());
  const auto read = sla::read_results_in_parts(
      opened.results(), [&](const std::string& name) { return opened.member(name); });
  ASSERT_TRUE(read);
  EXPECT_EQ(read->count, 360U + 30 + 100 + 90 + 2);
  EXPECT_EQ(read->conflicts, 0U) << "each has an identity of its own";
}

TEST_F(Evidence, IsTheSameForTheSameQuestion) {
  seal(at("2026-12-03T00:01:00Z"));
  EXPECT_EQ(bundle(), bundle());
}

TEST_F(Evidence, NamesTheMemberOfAFlippedByte) {
  seal(at("2026-12-03T00:01:00Z"));
  const auto bytes = *made({.results_text = 40'000});
  const auto ends = test::frame_ends_of(bytes);
  EXPECT_EQ(
      std::ranges::count_if(ends, [](const auto& e) { return e.second.starts_with("results/"); }),
      6);
  const auto name_at = [&](std::size_t at) {
    return std::find_if(ends.begin(), ends.end(), [at](const auto& e) { return at < e.first; })
        ->second;
  };
  const auto flip = [&](std::size_t where, int bit) {
    auto changed = bytes;
    changed[where] = static_cast<char>(changed[where] ^ (1 << bit));
    const auto damaged = cli::open_bundle(changed);
    if (!damaged) {
      // Nothing but the format of the manifest can make it something else than a bundle.
      EXPECT_EQ(name_at(where), "manifest.json") << where;
      return;
    }
    ASSERT_FALSE(damaged->findings.empty()) << where << "." << bit;
    EXPECT_TRUE(damaged->findings.front().starts_with(name_at(where)))
        << where << "." << bit << ": " << damaged->findings.front();
  };
  std::size_t begin = 0;
  for (const auto& [frame_end, name] : ends) {
    for (std::size_t i = begin; i < std::min(begin + 12, frame_end); ++i) {
      for (int bit = 0; bit < 8; ++bit) flip(i, bit);
    }
    flip(frame_end - 1, 0);
    begin = frame_end;
  }
  const std::uint64_t seed = 20261104;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 500; ++i) flip(random.below(bytes.size()), static_cast<int>(random.below(8)));
}

TEST_F(Evidence, CutOffAnywhereIsFound) {
  seal(at("2026-12-03T00:01:00Z"));
  const auto bytes = bundle();
  for (std::size_t size = bytes.size() - 1; size > 4; size -= size / 7 + 1) {
    const auto opened = cli::open_bundle(bytes.substr(0, size));
    EXPECT_TRUE(!opened || !opened->findings.empty()) << size;
  }
  EXPECT_FALSE(cli::open_bundle(""));
  EXPECT_FALSE(cli::open_bundle("some other file"));
}

TEST_F(Evidence, CannotBeForgedByTheCollectorItself) {
  seal(at("2026-12-03T00:01:00Z"));
  const auto bytes = bundle();
  EXPECT_TRUE(holds(forged(bytes, [](auto&) {})));
  EXPECT_NE(found(forged(bytes,
                         [](auto& m) {
                           replace(m["results/000001.jsonl"], "\"outcome\":\"down\"",
                                   "\"outcome\":\"up\"");
                         }))
                .find("results/000001.jsonl: line 361 is no result"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes,
                         [](auto& m) {
                           auto& lines = m["results/000001.jsonl"];
                           lines.erase(0, lines.find('\n') + 1);
                         }))
                .find("results: 1 that the agents signed are missing"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes, [](auto& m) { m.erase("batches/0000002"); }))
                .find("batches/0000003: the batches before it are missing"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes, [](auto& m) { flip_last(m["batches/0000001"]); }))
                .find("batches/0000001"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes, [](auto& m) { m["events.jsonl"] = ""; })).find("events.jsonl"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes,
                         [](auto& m) {
                           replace(m["log/entries.jsonl"], "force_majeure", "maintenance");
                         }))
                .find("log/entries.jsonl: the entries are not those"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes, [](auto& m) { replace(m["report.json"], "sealed", "Sealed"); }))
                .find("report.json: no such report"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes,
                         [](auto& m) {
                           for (auto& [name, text] : m) {
                             if (name.starts_with("agreements/")) replace(text, "99.9", "99.8");
                           }
                         }))
                .find("agreements/001.yaml: no such text"),
            std::string::npos);
}

TEST_F(Evidence, HoldsTheSignaturesUnderTheVersion) {
  const auto version = agreements->find("shop")->front();
  EXPECT_EQ(sign(kAlice, version), "");
  EXPECT_EQ(sign(kBob, version), "");
  EXPECT_NE(sign(kBob, version).find("already"), std::string::npos);
  seal(at("2026-12-03T00:01:00Z"));
  const auto bytes = bundle();
  EXPECT_TRUE(holds(bytes));
  const auto opened = verified(bytes);
  const auto report = json::parse(opened.member("report.json"));
  EXPECT_EQ(report["signatures"][0]["digest"], "sha256:" + hex(version.digest));
  EXPECT_EQ(report["signatures"][0]["customer"]["actor"], "bob");
  EXPECT_TRUE(std::any_of(opened.good.begin(), opened.good.end(), [](const std::string& good) {
    return good.starts_with("2 signatures under versions");
  }));
}

TEST_F(Evidence, DoesNotKnowASignatureThatCameAfterTheCut) {
  const auto version = agreements->find("shop")->front();
  EXPECT_EQ(sign(kAlice, version), "");
  seal(at("2026-12-03T00:01:00Z"));
  const auto report = *find_report(db(), "shop", "2026-11");
  EXPECT_EQ(sign(kBob, version), "") << "dated early by its clock, and late in the log";
  EXPECT_EQ(again(report), report.bytes);
  const auto said = json::parse(report.bytes)["signatures"][0];
  EXPECT_EQ(said["provider"]["actor"], "alice");
  EXPECT_EQ(said["customer"], nullptr);
  EXPECT_TRUE(holds(bundle()));
}

TEST_F(Evidence, IsSignedByKeysAndNotByTheSocket) {
  const auto event = signature_of(agreements->find("shop")->front(), kAlice);
  EXPECT_NE(say(kAlice, event, kStart + hours(3)).find("--certificate"), std::string::npos);
}

TEST_F(Evidence, FindsASignatureThatIsTheCollectorsWordAlone) {
  auto event = signature_of(agreements->find("shop")->front(), kBob);
  log_event({{"agreement", "shop"}, {"actor", "bob"}, {"party", "customer"}, {"event", event}});
  seal(at("2026-12-03T00:01:00Z"));
  EXPECT_NE(found(bundle()).find("signs a version and bears no signature"), std::string::npos);
}

TEST_F(Evidence, FindsASignatureThatWasGivenToTheOtherParty) {
  EXPECT_EQ(sign(kAlice, agreements->find("shop")->front()), "");
  json copied;
  read_entries_of(db(), "shop", [&](const LogEntry& entry) {
    if (entry.kind == "event") copied = json::parse(entry.text);
    return true;
  });
  ASSERT_EQ(copied["event"]["type"], "signature");
  copied["party"] = "customer";
  auto other = copied;
  other["event"]["party"] = "customer";
  log_event(copied);
  EXPECT_NE(found(bundle(true, kStart + hours(5))).find("signs for the provider by another"),
            std::string::npos);
  log_event(other);
  EXPECT_NE(found(bundle(true, kStart + hours(5))).find("was not signed by nines:actor:alice"),
            std::string::npos)
      << "the party is among what is signed";
}

TEST_F(Evidence, IsSignedByTheKeyThatTheTextNames) {
  nines::test::Leaf leaf;
  leaf.name = "bob-named";
  leaf.uris = {"nines:actor:bob"};
  leaf.server = false;
  leaf.ed25519 = true;
  const auto files = ca.issue(leaf);
  const auto key = to_hex(*net::ed25519_key_of(*net::read_certificate(files.certificate)));
  write(
      "2.0.0", "2026-11-02T12:00:00",
      "  parties: {provider: {name: N, signs: {key: \"ed25519:n-1\"}}, customer: {name: C, signs: "
      "{key: \"ed25519:" +
          key + "\"}}}\n");
  load(kStart + hours(1));
  const auto& versions = *agreements->find("shop");
  const auto& second = versions.front().version == "2.0.0" ? versions.front() : versions.back();
  const auto refused = sign(kBob, second, true);
  EXPECT_NE(refused.find("ed25519:" + key), std::string::npos) << refused;
  EXPECT_NE(refused.find("your certificate's key is ed25519:"), std::string::npos) << refused;
  EXPECT_NE(sign(kBob, second).find("is no Ed25519 key"), std::string::npos);
  EXPECT_EQ(sign(kAlice, second), "") << "a name that no key can be told by";
  EXPECT_EQ(say_signed(files, kBob, signature_of(second, kBob)), "");
  seal(at("2026-12-03T00:01:00Z"));
  EXPECT_TRUE(holds(bundle()));
}

TEST_F(Evidence, FindsASignatureByAnotherKeyThanTheTextNames) {
  write("2.0.0", "2026-11-02T12:00:00",
        "  parties: {provider: {name: N}, customer: {name: C, signs: {key: \"ed25519:" +
            std::string(64, '7') + "\"}}}\n");
  load(kStart + hours(1));
  const auto& versions = *agreements->find("shop");
  const auto& second = versions.front().version == "2.0.0" ? versions.front() : versions.back();
  const auto files = ca.issue_client("nines:actor:bob", "bob-other");
  const auto certificate = *net::read_certificate(files.certificate);
  const auto event = signature_of(second, kBob);
  EXPECT_TRUE(store->write([&](Database& to) -> Expected<void> {
    to.run("INSERT INTO certificates VALUES (?1, ?2)", sha256(as_bytes(certificate)),
           Blob{as_bytes(certificate)});
    return {};
  }));
  log_event({{"agreement", "shop"},
             {"actor", "bob"},
             {"party", "customer"},
             {"certificate", "sha256:" + hex(sha256(as_bytes(certificate)))},
             {"signature", to_hex(as_bytes(*net::sign_with_key(
                               files.key, as_bytes(proto::statement_text("shop", event)))))},
             {"event", event}});
  EXPECT_NE(found(bundle(true, kStart + hours(13))).find("which the agreement names"),
            std::string::npos);
}

TEST_F(Evidence, NamesAnotherSpeaker) {
  seal(at("2026-12-03T00:01:00Z"));
  const auto mallory = ca.issue_client("nines:actor:mallory", "mallory");
  const auto finding = found(forged(bundle(), [&](auto& m) {
    for (auto& [name, der] : m) {
      if (name.starts_with("certificates/")) der = *net::read_certificate(mallory.certificate);
    }
  }));
  EXPECT_NE(finding.find("certificates/"), std::string::npos) << finding;
  EXPECT_NE(finding.find("not the certificate of who spoke"), std::string::npos) << finding;
}

}  // namespace
}  // namespace nines::collector::bundle_test
