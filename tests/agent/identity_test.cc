// SPDX-License-Identifier: Apache-2.0
// At stake: results never move from one vantage to another.
#include "agent/identity.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace nines::agent::identity_test {
namespace {

struct IdentityTest : testing::Test {
  IdentityTest() {
    char name[] = "/tmp/nines-identity-XXXXXX";
    folder = ::mkdtemp(name);
  }

  ~IdentityTest() override { std::filesystem::remove_all(folder); }

  std::string folder;
};

TEST_F(IdentityTest, KeepsItsKeyAcrossRestarts) {
  PublicKey first;
  {
    const auto identity = take_identity(folder + "/state", "edge-1");
    ASSERT_TRUE(identity) << identity.error().message;
    first = identity->key.public_key();
  }
  const auto again = take_identity(folder + "/state", "edge-1");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key.public_key(), first);
}

TEST_F(IdentityTest, RefusesTheFolderOfAnotherAgentAndNamesIt) {
  { ASSERT_TRUE(take_identity(folder, "edge-1")); }
  const auto other = take_identity(folder, "edge-2");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("belongs to agent 'edge-1'"), std::string::npos)
      << other.error().message;
}

TEST_F(IdentityTest, RefusesASecondAgentOnTheSameFolder) {
  const auto first = take_identity(folder, "edge-1");
  ASSERT_TRUE(first);
  const auto second = take_identity(folder, "edge-1");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("held by another running process"), std::string::npos);
}

TEST_F(IdentityTest, RefusesADamagedIdentityAtEveryTruncation) {
  { ASSERT_TRUE(take_identity(folder, "edge-1")); }
  const auto text = *read_file(folder + "/identity", 4096);
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_TRUE(write_file_durably(folder + "/identity", as_bytes(text.substr(0, length))));
    ASSERT_FALSE(take_identity(folder, "edge-1")) << length;
  }
}

TEST_F(IdentityTest, RefusesASpoolWithoutAnIdentity) {
  { ASSERT_TRUE(take_identity(folder, "edge-1")); }
  std::filesystem::create_directory(folder + "/spool");
  std::filesystem::remove(folder + "/identity");
  EXPECT_FALSE(take_identity(folder, "edge-1"));
}

TEST_F(IdentityTest, KeepsItsKeyFromOtherUsers) {
  { ASSERT_TRUE(take_identity(folder, "edge-1")); }
  const auto mode = std::filesystem::status(folder + "/identity").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace nines::agent::identity_test
