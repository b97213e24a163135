// SPDX-License-Identifier: Apache-2.0
// Files that want the parser to crash, to hang or to fill the memory.
#include <gtest/gtest.h>

#include "base/random.h"
#include "config/check_decoder.h"
#include "config/yaml.h"

namespace nines::config::hostile_test {
namespace {

std::string complaints_of(std::string_view text) {
  Complaints complaints;
  const auto root = parse_yaml(text, "f", complaints);
  if (root) (void)decode_check(*root, {}, "", {}, complaints);
  return complaints.text();
}

TEST(Hostile, DeepNestingIsRefused) {
  Complaints complaints;
  std::string nested(65, '[');
  nested += std::string(65, ']');
  const auto root = parse_yaml(nested, "f", complaints);
  EXPECT_TRUE(root);
  EXPECT_EQ(complaints.text(), "f:1:65: error: nested deeper than 64 levels\n");
  Complaints none;
  EXPECT_TRUE(parse_yaml(nested.substr(1, 128), "f", none));
  EXPECT_TRUE(none.empty()) << none.text();
}

TEST(Hostile, VeryDeepNestingDoesNotOverflowTheStack) {
  for (const auto* piece : {"[", "{a: ", "? ", "- ", "[{"}) {
    std::string text;
    while (text.size() < 200'000) text += piece;
    EXPECT_NE(complaints_of(text), "") << piece;
  }
}

TEST(Hostile, ManyValuesAreRefusedOnce) {
  std::string text = "a: [";
  for (int i = 0; i < 300'000; ++i) text += "1,";
  text += "]\n";
  Complaints complaints;
  (void)parse_yaml(text, "f", complaints);
  EXPECT_EQ(complaints.text(), "f: error: more than 200000 values\n");
}

TEST(Hostile, FilesOverTheBoundAreNotParsed) {
  EXPECT_EQ(complaints_of(std::string(kMaxFileBytes + 1, 'a')),
            "f: error: larger than 4194304 bytes\n");
}

TEST(Hostile, AHugeScalarIsShownInPart) {
  const auto said = complaints_of("name: " + std::string(1'000'000, 'x') + "\n");
  EXPECT_LT(said.size(), 1000U);
  EXPECT_NE(said.find("…'"), std::string::npos) << said;
}

TEST(Hostile, BytesThatAreNoTextAreRefusedWithTheirPlace) {
  EXPECT_EQ(complaints_of(std::string_view("a: 1\nb: \0", 9)),
            "f:2:4: error: a control byte (0); this is no YAML text\n");
  EXPECT_EQ(complaints_of("a: \x04\nb: 1\n"),
            "f:1:4: error: a control byte (4); this is no YAML text\n");
  for (const auto* bad :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_EQ(complaints_of(std::string("a: ") + bad), "f:1:4: error: not UTF-8\n");
  }
  EXPECT_EQ(complaints_of("\xFF\xFE"
                          "a\0:\0"),
            "f:1:1: error: not UTF-8\n");
}

TEST(Hostile, AliasBombsAreNotExpanded) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'n'; ++c) {
    const char before = static_cast<char>(c - 1);
    text += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 8; ++i) text += std::string("*") + before + ", ";
    text += "]\n";
  }
  EXPECT_NE(complaints_of(text).find("aliases"), std::string::npos);
}

// Flips and cuts of a good file: whatever comes out, it ends, and it is a check or complaints.
TEST(Hostile, MutationsOfAGoodCheckEndInAValueOrInComplaints) {
  const std::string good =
      "name: web\nevery: 30s\nlabels: {a: b}\nhttp:\n  url: \"https://a.example/\"\n"
      "  headers: {X: 'y'}\n  expect: {status: \"200-299\", body: {matches: [a, 'b']}}\n";
  const std::string_view pieces = "[]{}:,-?&*!|>'\"%@`#\n\t \\~.";
  Random random(20261123);
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(random.below(text.size()));
      const auto piece = pieces[static_cast<std::size_t>(random.below(pieces.size()))];
      switch (random.below(3)) {
        case 0:
          text[at] = piece;
          break;
        case 1:
          text.insert(at, 1, piece);
          break;
        default:
          text.erase(at, 1 + static_cast<std::size_t>(random.below(8)));
      }
      if (text.empty()) text = "a";
    }
    Complaints complaints;
    const auto root = parse_yaml(text, "f", complaints);
    EXPECT_TRUE(root || !complaints.empty()) << text;
    if (!root) continue;
    const auto check = decode_check(*root, {}, "/nonexistent", {}, complaints);
    EXPECT_TRUE(check || !complaints.empty()) << text;
  }
}

}  // namespace
}  // namespace nines::config::hostile_test
