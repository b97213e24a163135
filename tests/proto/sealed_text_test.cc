// SPDX-License-Identifier: Apache-2.0
#include "proto/sealed_text.h"

#include <gtest/gtest.h>

namespace nines::proto::sealed_text_test {
namespace {

using nlohmann::json;

TEST(SealedText, IsTheDigestOfSaltAndTextThatThePageTells) {
  // printf 'nines text 1\n' and 32 zero bytes and 'a word', through sha256sum.
  EXPECT_EQ(text_digest({{}, "a word"}),
            "sha256:d6da85d305d668de91a08f1786451d06d25baeee835ed512f0fe147124b1efb0");
}

TEST(SealedText, StandsInPlaceOfPersonalTextsAlone) {
  json event{{"type", "exclusion"},    {"action", "claim"}, {"id", "f1"},
             {"evidence", "a report"}, {"cause", "flood"},  {"reason", "Ms Li was there"}};
  const auto clear = event;
  const auto texts = seal_texts(event);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts.at("reason").text, "Ms Li was there");
  EXPECT_EQ(event["reason"], sealed_value(texts.at("reason")));
  event["reason"] = clear["reason"];
  EXPECT_EQ(event, clear) << "nothing else is touched";
}

TEST(SealedText, LeavesWhatFiguresAndReportsDependOn) {
  for (const auto& [type, key] : {std::pair("incident", "reason"),
                                  {"restatement", "reason"},
                                  {"exclusion", "evidence"},
                                  {"exclusion", "cause"},
                                  {"signature", "digest"},
                                  {"incident", "priority"}}) {
    EXPECT_FALSE(is_personal(type, key)) << type << " " << key;
  }
  for (const auto& [type, key] : {std::pair("incident", "note"),
                                  {"restatement", "note"},
                                  {"observation", "evidence"},
                                  {"annotation", "text"}}) {
    EXPECT_TRUE(is_personal(type, key)) << type << " " << key;
  }
}

TEST(SealedText, SaysAnotherDigestEachTime) {
  json first{{"type", "annotation"}, {"text", "yes"}};
  auto second = first;
  seal_texts(first);
  seal_texts(second);
  EXPECT_NE(first, second) << "or a short text could be guessed";
}

TEST(SealedText, IsNothingElse) {
  const auto digest = text_digest({{}, "a word"});
  EXPECT_EQ(sealed_digest({{"sealed", digest}}), digest);
  for (const auto& value :
       {json("text"), json(7), json(), json::array({digest}), json{{"sealed", 7}},
        json{{"sealed", digest}, {"more", 1}}, json{{"sealed", digest.substr(0, 70)}},
        json{{"sealed", "sha256:" + std::string(64, 'A')}}}) {
    EXPECT_EQ(sealed_digest(value), "") << value;
  }
}

TEST(SealedText, IsOpenedByASaltAndAText) {
  OpenText open{{}, "a word"};
  open.salt.fill(7);
  const auto read = read_open_text(open_text_json(open));
  ASSERT_TRUE(read);
  EXPECT_EQ(text_digest(*read), text_digest(open));
  const auto salt = std::string(64, '0');
  for (const auto& value :
       {json("x"), json::object(), json{{"salt", salt}}, json{{"salt", salt}, {"text", 7}},
        json{{"salt", salt.substr(2)}, {"text", "x"}}, json{{"salt", "zz"}, {"text", "x"}},
        json{{"salt", salt}, {"text", "x"}, {"more", 1}}}) {
    EXPECT_FALSE(read_open_text(value)) << value;
  }
}

}  // namespace
}  // namespace nines::proto::sealed_text_test
