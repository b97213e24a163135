// SPDX-License-Identifier: Apache-2.0
// Results of a bundle lie in several members: what holds of one text holds of all its parts.
#include "collector/recorded.h"
#include "sla/input/results_file.h"
#include "tests/collector/evidence.h"

namespace nines::collector::bundle_parts_test {
namespace {

using test::at;
using test::FakeAgent;
using test::kStart;

class EvidenceInParts : public test::Evidence {
 protected:
  void SetUp() override {
    test::Evidence::SetUp();
    FakeAgent second("far", 7);
    second.set_table(agent_of_table());
    settle(second.results(kStart, 360));
    seal(at("2026-12-03T00:01:00Z"));
  }

  static constexpr BundleBounds kSmall{.results_text = 40'000};

  std::string in_parts() { return *made(kSmall); }

  static std::string joined(const Contents& members) {
    std::string out;
    for (const auto& [name, content] : members) {
      if (name.starts_with("results")) out += content;
    }
    return out;
  }

  static std::string frame_of(const std::string& bytes, const std::string& name) {
    std::size_t begin = 0;
    for (const auto& [end, of] : test::frame_ends_of(bytes)) {
      if (of == name) return bytes.substr(begin, end - begin);
      begin = end;
    }
    ADD_FAILURE() << name;
    return {};
  }

  static std::vector<std::string> findings_of(const std::string& bytes) {
    const auto opened = cli::open_bundle(bytes);
    return opened ? opened->findings : std::vector<std::string>{opened.error().message};
  }
};

constexpr const char* kFirst = "results/000001.jsonl";
constexpr const char* kSecond = "results/000002.jsonl";

TEST_F(EvidenceInParts, AreTheWholeTextInOrder) {
  const auto bytes = in_parts();
  EXPECT_TRUE(holds(bytes));
  const auto opened = verified(bytes);
  ASSERT_EQ(opened.results().size(), 10U);
  for (const auto& name : opened.results()) {
    const auto lines = opened.member(name);
    EXPECT_LE(lines.size(), kSmall.results_text) << name;
    EXPECT_TRUE(lines.ends_with('\n')) << name;
  }
  const auto whole = export_results(db(), {"db"}, {"edge", "far"}, at("2026-10-01T00:00:00Z"),
                                    at("2026-12-31T00:00:00Z"), 64 << 20);
  EXPECT_EQ(joined(contents_of(opened)), *whole);
}

TEST_F(EvidenceInParts, BeginAnewWithEachVantage) {
  const auto opened = verified(bundle());
  EXPECT_EQ(opened.results(), (std::vector<std::string>{kFirst, kSecond}));
  EXPECT_EQ(opened.what.at(kFirst), "db at edge");
  EXPECT_EQ(opened.what.at(kSecond), "db at far");
}

TEST_F(EvidenceInParts, NameTheOneOfAFlippedByte) {
  const auto bytes = in_parts();
  const auto frame = frame_of(bytes, kSecond);
  for (const auto offset : {std::size_t{0}, frame.size() / 2, frame.size() - 1}) {
    auto changed = bytes;
    const auto where = bytes.find(frame) + offset;
    changed[where] = static_cast<char>(changed[where] ^ 1);
    const auto findings = findings_of(changed);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_TRUE(findings.front().starts_with(std::string(kSecond) + ": altered"))
        << findings.front();
  }
}

TEST_F(EvidenceInParts, NameTheOneThatWasTakenOutOfTheFile) {
  auto bytes = in_parts();
  const auto frame = frame_of(bytes, kSecond);
  bytes.erase(bytes.find(frame), frame.size());
  const auto findings = findings_of(bytes);
  ASSERT_FALSE(findings.empty());
  EXPECT_TRUE(findings.front().starts_with(std::string(kSecond) + ": altered")) << findings.front();
}

TEST_F(EvidenceInParts, NameTheOneThatTheManifestLeavesOut) {
  const auto bytes = in_parts();
  EXPECT_TRUE(found(forged(bytes, [](auto& m) {
                m.erase(kSecond);
              })).starts_with(std::string(kSecond) + ": is missing"));
  EXPECT_TRUE(found(forged(bytes, [](auto& m) { m.erase("results/000010.jsonl"); }))
                  .starts_with("results: "))
      << "the last leaves no hole, but results that were signed";
}

TEST_F(EvidenceInParts, NameThoseThatWereSwapped) {
  const auto bytes = in_parts();
  const auto first = frame_of(bytes, kFirst);
  const auto second = frame_of(bytes, kSecond);
  auto swapped = bytes;
  swapped.replace(bytes.find(first), first.size() + second.size(), second + first);
  const auto findings = findings_of(swapped);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_TRUE(findings[0].starts_with(kFirst)) << findings[0];
  EXPECT_TRUE(findings[1].starts_with(kSecond)) << findings[1];
}

TEST_F(EvidenceInParts, NameAVantageThatStandsBeforeItsPlace) {
  const auto swapped = forged(bundle(), [](auto& m) { std::swap(m[kFirst], m[kSecond]); });
  EXPECT_EQ(found(swapped), std::string(kSecond) +
                                ": line 1 is of db at edge, which does not stand where the "
                                "manifest has it\n");
  const auto split = forged(*made(kSmall, false), [](auto& m) {
    std::swap(m["results/000003.jsonl"], m["results/000010.jsonl"]);
  });
  const auto opened = *cli::open_bundle(split);
  const auto read = sla::read_results_in_parts(
      opened.results(), [&](const std::string& name) { return opened.member(name); });
  ASSERT_FALSE(read) << "where nobody signed the results";
  EXPECT_TRUE(read.error().message.starts_with("results/000004.jsonl:1: ")) << read.error().message;
}

TEST_F(EvidenceInParts, NameALineOfAnotherDefinition) {
  // The judge leaves out what another definition measured.
  const auto changed = forged(in_parts(), [](auto& m) {
    auto& lines = m[kSecond];
    const auto digest = lines.find("\"check_digest\":\"sha256:") + 24;
    lines[digest] = lines[digest] == '0' ? '1' : '0';
  });
  EXPECT_EQ(found(changed), std::string(kSecond) + ": line 1 is no result that an agent signed\n");
}

TEST_F(EvidenceInParts, WereOneInBundlesOfTheFirstFormat) {
  const auto older = [](auto& m) {
    const auto text = joined(m);
    std::erase_if(m, [](const auto& each) { return each.first.starts_with("results/"); });
    m["results.jsonl"] = text;
  };
  EXPECT_TRUE(holds(forged(in_parts(), older, "nines-bundle/1")));
  const auto later = findings_of(forged(in_parts(), older, "nines-bundle/3"));
  ASSERT_EQ(later.size(), 1U);
  EXPECT_NE(later.front().find("of format 'nines-bundle/3', and this nines reads nines-bundle/1 "
                               "and nines-bundle/2; verify it with"),
            std::string::npos)
      << later.front();
}

TEST_F(EvidenceInParts, AreRefusedBeyondThePackedBound) {
  const auto size = in_parts().size();
  EXPECT_TRUE(made({.packed = size, .results_text = kSmall.results_text}));
  const auto refused = made({.packed = size - 1, .results_text = kSmall.results_text});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "more than 0 MiB of evidence, packed; ask without batches (batches=no) or for a "
            "shorter period");
  const auto without = made({.packed = 1000}, false);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().message,
            "more than 0 MiB of evidence, packed; ask for a shorter period");
}

}  // namespace
}  // namespace nines::collector::bundle_parts_test
