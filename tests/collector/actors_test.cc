// SPDX-License-Identifier: Apache-2.0
#include "collector/actors.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace nines::collector::actors_test {
namespace {

struct Decoded {
  Actors actors;
  std::string said;
};

Decoded decode(const std::string& yaml) {
  config::Complaints complaints;
  const auto node = config::parse_yaml(yaml, "c.yaml", complaints);
  Decoded out;
  if (node) out.actors = decode_actors(*node, complaints);
  out.said = complaints.text();
  return out;
}

TEST(Actors, HaveAPartyAndTheAgreementsThatTheySee) {
  const auto [actors, said] = decode(
      "- {name: alice, party: provider, agreements: [shop, vpn]}\n"
      "- {name: bob, party: customer, agreements: all}\n"
      "- {name: desk, party: provider, agreements: all, local: true}\n");
  EXPECT_EQ(said, "");
  const Actor* alice = actors.find("alice");
  ASSERT_NE(alice, nullptr);
  EXPECT_EQ(alice->party, Party::provider);
  EXPECT_TRUE(alice->sees("vpn"));
  EXPECT_FALSE(alice->sees("other"));
  ASSERT_NE(actors.find("bob"), nullptr);
  EXPECT_TRUE(actors.find("bob")->sees("other"));
  ASSERT_NE(actors.local(), nullptr);
  EXPECT_EQ(actors.local()->name, "desk");
  EXPECT_EQ(actors.find("desk"), nullptr) << "a certificate never names the local one";
  EXPECT_EQ(actors.find("eve"), nullptr);
  EXPECT_EQ(Actors().local(), nullptr);
}

TEST(Actors, ComplainOfEverythingAtOnce) {
  const auto said = decode(
                        "- {name: alice, party: boss, agreements: [shop]}\n"
                        "- {name: alice, party: customer, agreements: [shop]}\n"
                        "- {name: a/b, party: customer, agreements: some}\n"
                        "- {party: customer, agreements: [], rights: all}\n"
                        "- {name: c, party: auditor, agreements: all, local: true}\n"
                        "- {name: d, party: auditor, agreements: all, local: true}\n")
                        .said;
  for (const auto* part : {"c.yaml:1:24: error: 'party' is", "c.yaml:2:3: error: a second actor",
                           "c.yaml:3:10: ", "'agreements' is all, or a list", "'name'", "rights",
                           "c.yaml:6:3: error: one actor"}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << "\n" << said;
  }
}

TEST(Actors, PrintAsTheyAreWritten) {
  const std::string yaml =
      "- {name: alice, party: provider, agreements: [shop]}\n"
      "- {name: desk, party: auditor, agreements: all, local: true}\n";
  const auto printed = print_actors(decode(yaml).actors);
  config::Complaints complaints;
  const auto node = config::parse_yaml("collector:\n" + printed, "p.yaml", complaints);
  ASSERT_TRUE(node) << complaints.text();
  const auto again = decode_actors(*node->find("collector")->find("actors"), complaints);
  EXPECT_TRUE(complaints.empty()) << complaints.text();
  EXPECT_EQ(print_actors(again), printed);
}

}  // namespace
}  // namespace nines::collector::actors_test
