// SPDX-License-Identifier: Apache-2.0
// What YAML lets pass and people trip over is a complaint with a place.
#include "config/yaml.h"

#include <gtest/gtest.h>

namespace nines::config::yaml_test {
namespace {

std::string complaints_of(std::string_view text) {
  Complaints complaints;
  (void)parse_yaml(text, "f.yaml", complaints);
  return complaints.text();
}

TEST(Yaml, KeepsTheFilesOrderAndThePlaceOfEveryNode) {
  Complaints complaints;
  const auto root = parse_yaml("b: 1\na:\n  - x\n  - {k: 'v'}\n", "f.yaml", complaints);
  ASSERT_TRUE(root);
  EXPECT_TRUE(complaints.empty()) << complaints.text();
  ASSERT_EQ(root->entries().size(), 2U);
  EXPECT_EQ(root->entries()[0].first.text(), "b");
  const Node* a = root->find("a");
  ASSERT_NE(a, nullptr);
  ASSERT_EQ(a->items().size(), 2U);
  EXPECT_EQ(text_of(a->items()[0].place()), "f.yaml:3:5");
  const Node* k = a->items()[1].find("k");
  ASSERT_NE(k, nullptr);
  EXPECT_TRUE(k->quoted());
  EXPECT_FALSE(a->items()[0].quoted());
  EXPECT_EQ(text_of(k->place()), "f.yaml:4:9");
}

TEST(Yaml, TakesAnEmptyDocumentForAnEmptyMapping) {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF"}) {
    Complaints complaints;
    const auto root = parse_yaml(text, "f.yaml", complaints);
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->kind(), Node::Kind::mapping) << text;
    EXPECT_TRUE(root->entries().empty()) << text;
    EXPECT_TRUE(complaints.empty()) << complaints.text();
  }
}

TEST(Yaml, NamesBothPlacesOfADuplicateKey) {
  EXPECT_EQ(complaints_of("a: 1\nb: 2\na: 3\n"),
            "f.yaml:3:1: error: key 'a' given twice, first at f.yaml:1:1\n");
  EXPECT_EQ(complaints_of("x: {a: 1, 'a': 3}\n"),
            "f.yaml:1:11: error: key 'a' given twice, first at f.yaml:1:5\n");
}

TEST(Yaml, RefusesNulls) {
  EXPECT_EQ(complaints_of("a:\nb: 1\n"),
            "f.yaml:1:1: error: 'a' has no value (null); leave the key out or write a value\n");
  EXPECT_EQ(complaints_of("a: ~\n"),
            "f.yaml:1:1: error: 'a' has no value (null); leave the key out or write a value\n");
  EXPECT_EQ(complaints_of("a: [null]\n"), "f.yaml:1:5: error: no value here (null)\n");
  EXPECT_EQ(complaints_of("a: 'null'\n"), "");
}

TEST(Yaml, RefusesAnchorsAliasesAndTags) {
  EXPECT_EQ(complaints_of("a: &x 1\nb: *x\n"),
            "f.yaml:1:4: error: anchors (&name) are not allowed; write the value out\n"
            "f.yaml:2:4: error: aliases (*name) are not allowed; write the value out\n");
  EXPECT_EQ(complaints_of("a: !!str 1\n"),
            "f.yaml:1:4: error: tags (!name) are not allowed; leave the tag out\n");
  EXPECT_EQ(complaints_of("a: ! 1\n"),
            "f.yaml:1:4: error: tags (!name) are not allowed; leave the tag out\n");
  EXPECT_EQ(complaints_of("a: !x {b: 1}\n"),
            "f.yaml:1:4: error: tags (!name) are not allowed; leave the tag out\n");
  EXPECT_EQ(complaints_of("a: \"!x\"\nb: '&y'\nc: '*z'\n"), "");
}

TEST(Yaml, RefusesASecondDocument) {
  EXPECT_EQ(complaints_of("a: 1\n---\nb: 2\n"),
            "f.yaml:2:1: error: another document begins here; a file holds exactly one\n");
}

TEST(Yaml, RefusesKeysThatAreNoNames) {
  EXPECT_EQ(complaints_of("? [a]\n: 1\n"), "f.yaml:1:3: error: a key must be a plain name\n");
}

TEST(Yaml, SaysWhereTheTextDoesNotParse) {
  Complaints complaints;
  EXPECT_FALSE(parse_yaml("a: {b: 1\nc: 2\n", "f.yaml", complaints));
  const auto text = complaints.text();
  EXPECT_TRUE(text.starts_with("f.yaml:")) << text;
  EXPECT_NE(text.find(": error: not YAML: "), std::string::npos) << text;
}

TEST(Yaml, ComplainsOfAFileThatIsNotThere) {
  Complaints complaints;
  EXPECT_FALSE(parse_yaml_file("/nonexistent/x.yaml", complaints));
  EXPECT_EQ(complaints.text(),
            "/nonexistent/x.yaml: error: open /nonexistent/x.yaml: No such file or directory\n");
}

TEST(Complaints, SortsByPlaceAndSaysEachOnce) {
  Complaints complaints;
  complaints.add({"b", 1, 1}, "third");
  complaints.add({"a", 10, 1}, "second");
  complaints.add({"a", 9, 7}, "first");
  complaints.add({"a", 9, 7}, "first");
  EXPECT_EQ(complaints.text(), "a:9:7: error: first\na:10:1: error: second\nb:1:1: error: third\n");
}

TEST(Complaints, ShowsAHundredAndCountsTheRest) {
  Complaints complaints;
  for (int i = 1; i <= 250; ++i) complaints.add({"a", i, 1}, "x");
  const auto text = complaints.text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 101);
  EXPECT_TRUE(text.ends_with("and 150 more errors\n")) << text;
}

TEST(Complaints, CannotBeMadeToWriteLinesOfTheirOwn) {
  Complaints complaints;
  complaints.add({"a", 1, 1}, "evil\nb:1:1: error: forged\x1b[31m");
  EXPECT_EQ(complaints.text(), "a:1:1: error: evil b:1:1: error: forged [31m\n");
}

TEST(Yaml, OfOtherProgramsMayHoldNullsAnchorsAndMergeKeys) {
  Complaints complaints;
  const auto root = parse_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd:\ne: [~]\n",
                               "f.yaml", complaints, Dialect::foreign);
  ASSERT_TRUE(root);
  EXPECT_TRUE(complaints.empty()) << complaints.text();
  const Node* b = root->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->entries().size(), 2U);
  EXPECT_EQ(b->find("x")->text(), "1");
  EXPECT_EQ(b->find("y")->text(), "3");
  EXPECT_EQ(root->find("c")->find("y")->text(), "2");
  EXPECT_TRUE(root->find("d")->broken());
  EXPECT_TRUE(root->find("e")->items()[0].broken());
}

TEST(Yaml, OfOtherProgramsStaysWithinTheBoundsOfAFile) {
  std::string wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) {
    const auto last = std::to_string(i - 1);
    const auto next = "a" + std::to_string(i) + ": &a" + std::to_string(i);
    wide += next + " [";
    for (int n = 0; n < 10; ++n) wide += (n > 0 ? ", *a" : "*a") + last;
    wide += "]\n";
    deep += next + " [*a" + last + "]\n";
  }
  for (const auto& text : {wide, deep}) {
    Complaints complaints;
    (void)parse_yaml(text, "f.yaml", complaints, Dialect::foreign);
    EXPECT_NE(complaints.text().find("aliases stand for more than a file may hold"),
              std::string::npos)
        << complaints.text();
  }
}

}  // namespace
}  // namespace nines::config::yaml_test
