// SPDX-License-Identifier: Apache-2.0
#include "collector/statement.h"

#include <gtest/gtest.h>

namespace nines::collector::statement_test {
namespace {

std::string error_of(const std::string& body) {
  const auto statement = decode_statement(body);
  EXPECT_FALSE(statement) << body;
  return statement ? "" : statement.error().message;
}

std::string with(const std::string& event) {
  return R"({"agreement":"shop","event":)" + event + "}";
}

TEST(Statement, IsTakenInEveryForm) {
  for (const auto* event :
       {R"({"type":"exclusion","action":"announce","id":"m1","kind":"maintenance",
            "from":"2026-11-02T02:00:00Z","to":"2026-11-02T04:00:00Z","reason":"new disks"})",
        R"({"type":"exclusion","action":"claim","id":"m2","kind":"customer","service":"shop",
            "from":"2026-11-02T02:00:00Z","to":"2026-11-02T04:00:00Z","evidence":"ticket 7"})",
        R"({"type":"exclusion","action":"approve","id":"m1","note":"fine"})",
        R"({"type":"exclusion","action":"reject","id":"m1"})",
        R"({"type":"exclusion","action":"withdraw","id":"m1"})",
        R"({"type":"exclusion","action":"dispute","id":"m1"})",
        R"({"type":"incident","event":"opened","id":"i1","service":"shop","priority":"high",
            "at":"2026-11-02T02:00:00Z"})",
        R"({"type":"incident","event":"acknowledged","id":"i1"})",
        R"({"type":"incident","event":"paused","id":"i1","reason":"waiting-for-customer"})",
        R"({"type":"incident","event":"prioritised","id":"i1","priority":"low"})",
        R"({"type":"annotation","id":"a1","text":"a storm"})",
        R"({"type":"observation","id":"o1","service":"shop","outcome":"down","text":"I saw it",
            "from":"2026-11-02T02:00:00Z","to":"2026-11-02T02:10:00Z"})",
        R"({"type":"vantage","event":"retired","id":"v1","name":"edge-1"})",
        R"({"type":"check","event":"joined","id":"v2","name":"db"})",
        R"({"type":"restatement","action":"propose","id":"r1","period":"2026-10","reason":"late"})",
        R"({"type":"restatement","action":"approve","id":"r1"})",
        R"({"type":"duty","event":"done","id":"d1","duty":"training/1","due":"2026-03-31",
            "evidence":"list 7","note":"all came"})",
        R"({"type":"duty","event":"withdrawn","id":"d1","note":"half of them did not"})",
        R"({"type":"signature","version":"2.1.0","party":"customer","digest":
            "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"})",
        R"({"type":"erasure","subject":"visitor-17"})"}) {
    const auto statement = decode_statement(with(event));
    EXPECT_TRUE(statement) << event << ": " << statement.error().message;
  }
}

// A statement whose text was sealed before it was signed.
nlohmann::json sealed_annotation(const std::string& text) {
  nlohmann::json event{{"type", "annotation"}, {"id", "a1"}, {"text", text}};
  const auto texts = proto::seal_texts(event);
  return {{"agreement", "shop"},
          {"event", event},
          {"texts", {{"text", proto::open_text_json(texts.at("text"))}}}};
}

TEST(Statement, BringsWhatOpensItsSealedTexts) {
  auto json = sealed_annotation("a storm");
  json["about"] = "visitor-17";
  const auto statement = decode_statement(json.dump());
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->texts.at("text").text, "a storm");
  EXPECT_EQ(statement->about, "visitor-17");
  EXPECT_EQ(statement->event, json["event"]) << "as it was signed";
}

TEST(Statement, IsRefusedWhereASealedTextDoesNotOpen) {
  const auto good = sealed_annotation("a storm");
  const auto error_with = [&good](const std::string& at, const nlohmann::json& value) {
    auto json = good;
    json[nlohmann::json::json_pointer(at)] = value;
    return error_of(json.dump());
  };
  const auto has = [](const std::string& error, const char* words) {
    return error.find(words) != std::string::npos ? "" : error;
  };
  EXPECT_EQ(has(error_with("/texts/text/text", "a storm!"), "seals another text"), "");
  EXPECT_EQ(has(error_with("/texts/text/salt", "00"), "64 hexadecimal digits"), "");
  EXPECT_EQ(has(error_with("/texts", 7), "no JSON object"), "");
  EXPECT_EQ(has(error_with("/texts/note", good["texts"]["text"]), "'note', which is not"), "");
  EXPECT_EQ(has(error_with("/event/text", "in the clear"), "which is not sealed"), "");
  EXPECT_EQ(has(error_with("/event/text/sealed", "sha256:0"), "neither a text nor"), "");
  EXPECT_EQ(has(error_with("/event/id", good["event"]["text"]), "'id' is not a text"), "");
  EXPECT_EQ(has(error_with("/about", "Ms Li"), "'about'"), "");
  auto unopened = good;
  unopened.erase("texts");
  EXPECT_EQ(has(error_of(unopened.dump()), "'texts' does not open it"), "");
  EXPECT_EQ(has(error_of(sealed_annotation("x\ay").dump()), "control characters"), "");
  EXPECT_EQ(has(error_of(sealed_annotation(std::string(5000, 'x')).dump()), "longer"), "");
  EXPECT_EQ(has(error_of(sealed_annotation("").dump()), "empty"), "");
}

TEST(Statement, IsRefusedWithTheReason) {
  EXPECT_NE(error_of("no json").find("no JSON"), std::string::npos);
  EXPECT_NE(error_of("[]").find("object"), std::string::npos);
  EXPECT_NE(error_of(R"({"event":{}})").find("'agreement' is missing"), std::string::npos);
  EXPECT_NE(error_of(R"({"agreement":"a/b","event":{}})").find("'agreement'"), std::string::npos);
  EXPECT_NE(error_of(R"({"agreement":"shop"})").find("'event' is missing"), std::string::npos);
  EXPECT_NE(error_of(R"({"agreement":"shop","event":{},"by":"me"})").find("'by'"),
            std::string::npos);
  EXPECT_NE(error_of(with("7")).find("'event' is no"), std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"wish"})")).find("'type'"), std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"duty","event":"done","id":"d","duty":"x","due":"soon"})"))
                .find("'due' is no date"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"duty","event":"done","id":"d","due":"2026-03-31"})"))
                .find("'duty' is missing"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"duty","event":"withdrawn","id":"d","due":"2026-03-31"})"))
                .find("'due' says nothing"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"exclusion","id":"m1"})")).find("'action' of exclusion"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"exclusion","action":"approve","id":"m1","kind":"x"})"))
                .find("'kind' says nothing"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"exclusion","action":"approve","id":7})")).find("'id'"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"exclusion","action":"claim","id":"m","kind":"k",
                              "from":"2026-11-02T02:00:00Z","to":"2026-11-02T02:00:00Z"})"))
                .find("'from' is not before 'to'"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"exclusion","action":"claim","id":"m","kind":"k",
                              "from":"yesterday","to":"2026-11-02T02:00:00Z"})"))
                .find("'from'"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"incident","event":"paused","id":"i1"})")).find("'reason'"),
            std::string::npos);
  EXPECT_NE(error_of(with(R"({"type":"annotation","id":"a","text":"x\u0007y"})")).find("control"),
            std::string::npos);
  EXPECT_NE(
      error_of(with(R"({"type":"annotation","id":"a","text":")" + std::string(5000, 'x') + "\"}"))
          .find("longer"),
      std::string::npos);
  for (const auto* digest : {"sha256:abc", "00", "sha256:"}) {
    EXPECT_NE(error_of(with(R"({"type":"signature","version":"1","party":"customer","digest":")" +
                            std::string(digest) + "\"}"))
                  .find("'digest' is not sha256:"),
              std::string::npos);
  }
  EXPECT_NE(
      error_of(with(R"({"type":"signature","version":"1","party":"customer","digest":"sha256:)" +
                    std::string(64, 'A') + "\"}"))
          .find("in lower case"),
      std::string::npos);
  EXPECT_NE(error_of(R"({"agreement":"shop","event":{"type":"incident","event":"closed","id":"i"},
                         "signature":"zz"})")
                .find("hexadecimal"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kMaxStatement + 1, ' ')).find("64 KiB"), std::string::npos);
}

TEST(Statement, NamesEachKeyOnce) {
  EXPECT_NE(error_of(with(R"({"type":"incident","event":"closed","id":"i1","id":"i2"})"))
                .find("'id' stands twice"),
            std::string::npos);
  EXPECT_NE(error_of(R"({"agreement":"shop","agreement":"vpn","event":{}})").find("twice"),
            std::string::npos);
}

}  // namespace
}  // namespace nines::collector::statement_test
