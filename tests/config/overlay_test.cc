// SPDX-License-Identifier: Apache-2.0
// Texts that hold only what differs, paths into texts, and texts written back.
#include "config/overlay.h"

#include <gtest/gtest.h>

#include "config/node_path.h"
#include "config/yaml_writer.h"

namespace nines::config::overlay_test {
namespace {

Node tree(const std::string& text, const std::string& name = "f.yaml") {
  Complaints complaints;
  auto out = parse_yaml(text, name, complaints);
  EXPECT_TRUE(out && complaints.empty()) << complaints.text();
  return out.value_or(Node());
}

bool same(const Node& a, const Node& b) {
  if (a.kind() != b.kind() || a.text() != b.text() || a.items().size() != b.items().size() ||
      a.entries().size() != b.entries().size()) {
    return false;
  }
  const bool plain = a.kind() == Node::Kind::scalar && a.quoted() != b.quoted();
  if (plain && (a.text() == "true" || a.text() == "false" || a.text() == "12")) return false;
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!same(a.items()[i], b.items()[i])) return false;
  }
  for (const auto& [key, value] : a.entries()) {
    const Node* other = b.find(key.text());
    if (other == nullptr || !same(value, *other)) return false;
  }
  return true;
}

const std::string kBase =
    "metadata: {name: base, version: \"1\"}\n"
    "spec:\n"
    "  objectives: [{name: a, target: \"99\", serves: N1}, {name: b, max: 1h}]\n"
    "  vantages: [x, y]\n"
    "  training: [{what: desk, every: 1Y}]\n";

std::string merged(const std::string& over, const std::vector<std::string>& removed = {}) {
  Complaints complaints;
  const Node out = overlaid(tree(kBase), tree(over), removed, Place{"o.yaml", 1, 1}, complaints);
  return complaints.empty() ? yaml_text(out) : complaints.text();
}

TEST(Overlay, MergesMappingsAndNamedEntriesAndReplacesTheRest) {
  EXPECT_EQ(
      merged("metadata: {name: acme}\n"
             "spec: {objectives: [{name: a, target: \"99.9\"}, {name: c}], vantages: [z]}\n"),
      "metadata:\n"
      "  name: acme\n"
      "  version: \"1\"\n"
      "spec:\n"
      "  objectives: [{name: a, target: \"99.9\", serves: N1}, {name: b, max: 1h}, {name: c}]\n"
      "  vantages: [z]\n"
      "  training: [{what: desk, every: 1Y}]\n");
}

TEST(Overlay, TakesOutWhatIsNamedBeforeItMerges) {
  EXPECT_EQ(merged("spec: {vantages: [z]}\n",
                   {"spec/training", "spec/objectives/a/serves", "spec/objectives/b"}),
            "metadata:\n  name: base\n  version: \"1\"\n"
            "spec:\n  objectives: [{name: a, target: \"99\"}]\n  vantages: [z]\n");
  EXPECT_EQ(merged("{}", {"spec/objectives/z"}),
            "o.yaml:1:1: error: nothing to remove: the base has no 'spec/objectives/z' (paths are "
            "written spec/objectives/NAME)\n");
}

TEST(Overlay, KeepsThePlacesOfBothFiles) {
  Complaints complaints;
  const Node out =
      overlaid(tree(kBase), tree("spec: {vantages: [z]}", "o.yaml"), {}, {}, complaints);
  EXPECT_EQ(place_at(out, "spec/vantages").file, "o.yaml");
  EXPECT_EQ(text_of(place_at(out, "spec/objectives/b")), "f.yaml:3:53");
}

TEST(NodePath, NamesEntriesByNameElseByNumber) {
  const Node root = tree("list: [{id: R1, x: {y: 5}}, {z: 6}]\n\"a/b\": {c: 7}\n");
  EXPECT_EQ(node_at(root, "list/R1/x/y")->text(), "5");
  EXPECT_EQ(node_at(root, "list/2/z")->text(), "6");
  EXPECT_EQ(node_at(root, "list/1/x/y")->text(), "5");
  EXPECT_EQ(node_at(root, "a/b/c")->text(), "7");
  EXPECT_EQ(node_at(root, "list/R2"), nullptr);
  EXPECT_EQ(node_at(root, ""), &root);
  EXPECT_EQ(text_of(place_at(root, "list/R1/w/y")), "f.yaml:1:8") << "as deep as it goes";
}

TEST(YamlWriter, WritesTextsThatReadBackAsTheSameTree) {
  const Node root = tree(
      "a: \"12\"\nb: 12\nc: true\nd: \"true\"\ne: \"tab\\t and \\\"quote\\\" \\\\\"\nf: []\ng: {}\n"
      "\"key: odd\": \"- x\"\nh: 购物车\ni: |\n  two\n  lines\n"
      "j: [{name: x, long: \"0123456789012345678901234567890123456789012345678901234567890123456\","
      " more: \"01234567890123456789012345678901234567890123456789\", deep: [1, [2, {k: v}]]}]\n"
      "k: '#no comment'\nl: \"\"\nm: \"a, b\"\nn: \"~\"\n");
  const std::string text = yaml_text(root);
  EXPECT_TRUE(same(root, tree(text))) << text;
  EXPECT_EQ(yaml_text(tree(text)), text);
}

}  // namespace
}  // namespace nines::config::overlay_test
