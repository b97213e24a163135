// SPDX-License-Identifier: Apache-2.0
// Personal texts in a bundle: checked against what was sealed, and a bundle holds without them.
#include "collector/personal.h"
#include "tests/collector/evidence.h"

namespace nines::collector::bundle_texts_test {
namespace {

using test::at;
using test::json;
using test::kAlice;
using test::kBob;

class EvidenceWithTexts : public test::Evidence {
 protected:
  void SetUp() override {
    test::Evidence::SetUp();
    EXPECT_EQ(annotate("bob", kBob, "a1", "Ms Li saw error 5"), "");
    EXPECT_EQ(annotate("alice", kAlice, "a2", "Mr Wu restarted it"), "");
    seal(at("2026-12-03T00:01:00Z"));
  }

  std::string annotate(const std::string& speaker,
                       const Actor& actor,
                       const std::string& id,
                       const std::string& text) {
    return say_signed(ca.issue_client("nines:actor:" + speaker, speaker + id), actor,
                      {{"type", "annotation"}, {"id", id}, {"text", text}});
  }

  std::string erase_bob() {
    return say_signed(ca.issue_client("nines:actor:bob", "bob-erases"), kBob,
                      {{"type", "erasure"}, {"subject", "bob"}});
  }

  std::string with_texts(bool texts = true) {
    const auto keys = SubjectKeys::read(folder());
    EXPECT_TRUE(keys);
    const auto out =
        make_bundle(db(), *agreements, {"shop", "2026-11", 0, true, texts ? &*keys : nullptr},
                    store->incarnation(), store->log_key(), at("2026-12-04T00:00:00Z"));
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return out ? *out : "";
  }

  static std::string said_of_texts(const std::string& bytes) {
    for (const auto& good : verified(bytes).good) {
      if (good.find("personal texts") != std::string::npos) return good;
    }
    return "";
  }
};

TEST_F(EvidenceWithTexts, HoldsThemAsTheyWereSealedAndSigned) {
  const auto bytes = with_texts();
  EXPECT_TRUE(holds(bytes));
  EXPECT_EQ(said_of_texts(bytes), "2 personal texts are as they were sealed");
  const auto opened = verified(bytes);
  EXPECT_NE(opened.member("texts.jsonl").find("Ms Li saw error 5"), std::string::npos);
  EXPECT_TRUE(std::any_of(opened.good.begin(), opened.good.end(), [](const std::string& good) {
    return good == "3 statements, 3 of them signed by who made them";
  }));
}

TEST_F(EvidenceWithTexts, HoldsWithoutThem) {
  const auto bytes = with_texts(false);
  EXPECT_TRUE(holds(bytes));
  EXPECT_EQ(said_of_texts(bytes), "0 personal texts are as they were sealed; 2 are not here");
  for (const auto& [name, content] : contents_of(verified(bytes))) {
    EXPECT_EQ(content.find("Ms Li"), std::string::npos) << name;
  }
}

TEST_F(EvidenceWithTexts, SaysWhichAreErasedThoughTheReportWasSealedBefore) {
  const auto before = with_texts();
  const auto report = find_report(db(), "shop", "2026-11")->bytes;
  EXPECT_EQ(erase_bob(), "");
  const auto bytes = with_texts();
  EXPECT_TRUE(holds(bytes));
  EXPECT_EQ(said_of_texts(bytes),
            "1 personal texts are as they were sealed; 1 were erased, as the log says");
  const auto opened = verified(bytes);
  EXPECT_EQ(opened.member("texts.jsonl").find("Ms Li"), std::string::npos);
  EXPECT_EQ(opened.member("report.json"), report);
  EXPECT_TRUE(std::any_of(opened.good.begin(), opened.good.end(), [](const std::string& good) {
    return good == "4 statements, 4 of them signed by who made them";
  })) << "what was signed is what stands in the log, before and after";
  EXPECT_TRUE(holds(before)) << "what was given out stays as it is";
}

TEST_F(EvidenceWithTexts, NamesATextThatIsNotTheOneThatWasSealed) {
  const auto bytes = with_texts();
  EXPECT_NE(
      found(forged(bytes, [](auto& m) { replace(m["texts.jsonl"], "Ms Li saw", "Ms Wu saw"); }))
          .find("texts.jsonl: 'text' of entry"),
      std::string::npos);
  EXPECT_NE(found(forged(bytes,
                         [](auto& m) {
                           auto& text = m["texts.jsonl"];
                           text += text;
                         }))
                .find("is sealed by no entry, or opened twice"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes, [](auto& m) { m["texts.jsonl"] = "{}\n"; }))
                .find("without position or key"),
            std::string::npos);
  EXPECT_NE(found(forged(bytes,
                         [](auto& m) { replace(m["texts.jsonl"], "\"salt\":\"", "\"salt\":\"0"); }))
                .find("hexadecimal digits"),
            std::string::npos);
}

TEST_F(EvidenceWithTexts, NamesTheMemberOfAFlippedByte) {
  auto bytes = with_texts();
  std::size_t begin = 0;
  for (const auto& [end, name] : test::frame_ends_of(bytes)) {
    if (name == "texts.jsonl") {
      const auto middle = (begin + end) / 2;
      bytes[middle] = static_cast<char>(bytes[middle] ^ 1);
      const auto damaged = cli::open_bundle(bytes);
      ASSERT_TRUE(damaged);
      ASSERT_FALSE(damaged->findings.empty());
      EXPECT_TRUE(damaged->findings.front().starts_with("texts.jsonl: altered"));
      return;
    }
    begin = end;
  }
  FAIL() << "no such member";
}

}  // namespace
}  // namespace nines::collector::bundle_texts_test
