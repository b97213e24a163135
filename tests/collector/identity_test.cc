// SPDX-License-Identifier: Apache-2.0
// The whole matrix: identities × actions × own and foreign agents.
#include "collector/identity.h"

#include <gtest/gtest.h>

namespace nines::collector::identity_test {
namespace {

using Kind = Identity::Kind;

net::Peer peer(std::vector<std::string> uris) {
  net::Peer p;
  p.address = "192.0.2.1:4711";
  p.certificate_uris = std::move(uris);
  return p;
}

TEST(Identity, ReadsTheNameFromTheCertificate) {
  EXPECT_EQ(identify(peer({"nines:agent:edge-042"})), (Identity{Kind::agent, "edge-042"}));
  EXPECT_EQ(identify(peer({"nines:reader:portal"})), (Identity{Kind::reader, "portal"}));
  EXPECT_EQ(identify(peer({"nines:actor:alice"})), (Identity{Kind::actor, "alice"}));
  EXPECT_EQ(identify(peer({"spiffe://x/y", "nines:agent:a.b_c-1"})),
            (Identity{Kind::agent, "a.b_c-1"}));
}

TEST(Identity, IsNobodyWithoutExactlyOneGoodName) {
  for (const auto& uris :
       std::vector<std::vector<std::string>>{{},
                                             {"https://agent"},
                                             {"nines:agent:"},
                                             {"nines:agent:a/b"},
                                             {"nines:agent:../x"},
                                             {"nines:agent:a b"},
                                             {std::string("nines:agent:a\0b", 15)},
                                             {"nines:agent:-a"},
                                             {"nines:agent:" + std::string(65, 'a')},
                                             {"nines:admin:a"},
                                             {"NINES:agent:a"},
                                             {"nines:agent:a", "nines:agent:b"},
                                             {"nines:agent:a", "nines:reader:a"},
                                             {"nines:actor:a", "nines:reader:a"},
                                             {"nines:actor:"},
                                             {"nines:agent:a", "nines:agent:"},
                                             {"nines:agent:", "nines:agent:a"}}) {
    EXPECT_EQ(identify(peer(uris)).kind, Kind::nobody) << (uris.empty() ? "" : uris[0]);
  }
}

TEST(Identity, IsLocalOverTheUnixSocket) {
  net::Peer p;
  p.uid = 1000;
  EXPECT_EQ(identify(p).kind, Kind::local);
}

TEST(Identity, MayDoExactlyWhatTheTableSays) {
  struct Row {
    Identity who;
    Action action;
    bool own, foreign;
  };

  const Identity agent{Kind::agent, "a"};
  const Identity reader{Kind::reader, "a"};
  const Identity actor{Kind::actor, "a"};
  const Identity local{Kind::local, ""};
  const Identity nobody{Kind::nobody, "a"};
  const Row rows[] = {
      {agent, Action::post_batch, true, false},   {agent, Action::read_head, true, false},
      {agent, Action::read, false, false},        {agent, Action::administer, false, false},
      {reader, Action::post_batch, false, false}, {reader, Action::read_head, true, true},
      {reader, Action::read, true, true},         {reader, Action::administer, false, false},
      {local, Action::post_batch, false, false},  {local, Action::read_head, true, true},
      {local, Action::read, true, true},          {local, Action::administer, true, true},
      {agent, Action::read_own, false, false},    {agent, Action::speak, false, false},
      {reader, Action::read_own, true, true},     {reader, Action::speak, false, false},
      {actor, Action::post_batch, false, false},  {actor, Action::read_head, false, false},
      {actor, Action::read, false, false},        {actor, Action::administer, false, false},
      {actor, Action::read_own, true, true},      {actor, Action::speak, true, true},
      {local, Action::read_own, true, true},      {local, Action::speak, true, true},
      {nobody, Action::read_own, false, false},   {nobody, Action::speak, false, false},
      {nobody, Action::post_batch, false, false}, {nobody, Action::read_head, false, false},
      {nobody, Action::read, false, false},       {nobody, Action::administer, false, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(may(row.who, row.action, "a"), row.own)
        << describe(row.who) << " " << static_cast<int>(row.action);
    EXPECT_EQ(may(row.who, row.action, "b"), row.foreign)
        << describe(row.who) << " " << static_cast<int>(row.action);
  }
}

}  // namespace
}  // namespace nines::collector::identity_test
