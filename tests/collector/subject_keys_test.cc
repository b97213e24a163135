// SPDX-License-Identifier: Apache-2.0
// The file of keys on a disk that may stop at any write: a key that was given out is there, one
// that was destroyed is nowhere in the file.
#include "collector/subject_keys.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/certificates.h"
#include "tests/support/sim_disk.h"

namespace nines::collector::subject_keys_test {
namespace {

using nines::test::DiskOp;
using nines::test::SimDisk;
using nines::test::Tear;

SubjectKeys read(SimDisk& disk) {
  auto keys = SubjectKeys::read(disk.directory());
  EXPECT_TRUE(keys) << (keys ? "" : keys.error().message);
  return keys ? *std::move(keys) : SubjectKeys();
}

// The key of shop's `subject`, drawn where there is none.
std::pair<SubjectKeyId, CipherKey> taken(SubjectKeys& keys, const std::string& subject) {
  const auto id = keys.take("shop", subject);
  EXPECT_TRUE(id) << (id ? "" : id.error().message);
  return id ? std::pair(*id, *keys.find(*id)) : std::pair<SubjectKeyId, CipherKey>();
}

std::string bytes_of(const SimDisk& disk) {
  if (!disk.exists(kSubjectKeyFile)) return "";
  const auto content = disk.content(kSubjectKeyFile);
  return {content.begin(), content.end()};
}

bool holds(const SimDisk& disk, const CipherKey& key) {
  return bytes_of(disk).find(to_hex(key)) != std::string::npos;
}

TEST(SubjectKeys, AreOneForEachPersonOfEachAgreementAndOutliveARestart) {
  SimDisk disk;
  auto keys = read(disk);
  EXPECT_EQ(keys.size(), 0u);
  const auto alice = taken(keys, "alice");
  EXPECT_EQ(taken(keys, "alice"), alice);
  const auto bob = taken(keys, "bob");
  EXPECT_NE(alice.second, bob.second);
  EXPECT_NE(*keys.take("bank", "alice"), alice.first) << "who may erase there may not erase here";
  auto again = read(disk);
  EXPECT_EQ(again.size(), 3u);
  EXPECT_EQ(taken(again, "alice"), alice);
  EXPECT_EQ(*again.find("shop", "bob"), bob.first);
  EXPECT_EQ(again.find("shop", "carol"), nullptr);
}

TEST(SubjectKeys, AreOverwrittenWhereTheyStood) {
  SimDisk disk;
  auto keys = read(disk);
  const auto alice = taken(keys, "alice");
  const auto bob = taken(keys, "bob");
  const auto size = bytes_of(disk).size();
  EXPECT_TRUE(keys.destroy(alice.first));
  EXPECT_EQ(keys.find(alice.first), nullptr);
  EXPECT_FALSE(holds(disk, alice.second));
  EXPECT_EQ(bytes_of(disk).find("alice"), std::string::npos) << "nor whose it was";
  EXPECT_EQ(bytes_of(disk).size(), size);
  EXPECT_TRUE(keys.destroy(alice.first)) << "what is not there is destroyed";
  const auto next = taken(keys, "alice");
  EXPECT_NE(next.second, alice.second);
  EXPECT_EQ(bytes_of(disk).size(), size) << "the place is used again";
  auto again = read(disk);
  EXPECT_EQ(taken(again, "alice"), next);
  EXPECT_EQ(taken(again, "bob"), bob);
}

TEST(SubjectKeys, AreThereOrGoneAsWasAnsweredWhereverThePowerFails) {
  SimDisk disk;
  auto keys = read(disk);
  const auto bob = taken(keys, "bob");
  const auto bob_there = disk.events();
  const auto alice = taken(keys, "alice");
  const auto alice_there = disk.events();
  EXPECT_TRUE(keys.destroy(alice.first));
  const auto alice_gone = disk.events();
  const auto carol = taken(keys, "carol");  // in the place that alice had
  const auto carol_there = disk.events();
  Random random(20261127);
  for (std::size_t event = 0; event <= disk.events(); ++event) {
    for (const auto tear :
         {Tear::lost, Tear::kept, Tear::torn_512, Tear::torn_4096, Tear::subset}) {
      SCOPED_TRACE(std::to_string(event) + " " + std::to_string(static_cast<int>(tear)));
      auto after = disk.cut(event, tear, random);
      auto found = read(after);
      if (event >= bob_there) {
        ASSERT_NE(found.find(bob.first), nullptr);
        EXPECT_EQ(*found.find(bob.first), bob.second);
      }
      if (event >= alice_there && event < alice_gone && found.find(alice.first) != nullptr) {
        EXPECT_EQ(*found.find(alice.first), alice.second) << "whole or not at all";
      }
      EXPECT_TRUE(event != alice_there || found.find(alice.first) != nullptr);
      EXPECT_TRUE(event < alice_gone || !holds(after, alice.second));
      EXPECT_TRUE(event < carol_there || found.find(carol.first) != nullptr);
      // It can be gone on with, whatever was torn.
      const auto dora = taken(found, "dora");
      auto again = read(after);
      EXPECT_EQ(taken(again, "dora"), dora);
    }
  }
}

TEST(SubjectKeys, AreNotGivenOutNorSaidToBeGoneAfterTheDiskFailed) {
  SimDisk disk;
  auto keys = read(disk);
  const auto alice = taken(keys, "alice");
  disk.inject({.op = DiskOp::sync});
  const auto destroyed = keys.destroy(alice.first);
  ASSERT_FALSE(destroyed);
  EXPECT_TRUE(destroyed.error().message.starts_with("store: ")) << destroyed.error().message;
  EXPECT_EQ(keys.find(alice.first), nullptr) << "used no more";
  const auto taken_then = keys.take("shop", "alice");
  ASSERT_FALSE(taken_then) << "what was written since may be gone with the next power cut";
  EXPECT_NE(taken_then.error().message.find("restart"), std::string::npos);
  auto again = read(disk);
  taken(again, "alice");
}

TEST(SubjectKeys, AreOfSoManyPersonsAtMost) {
  SimDisk disk;
  disk.set_content(kSubjectKeyFile,
                   std::vector<std::uint8_t>((kMaxSubjects + 1) * kSubjectRecord, ' '));
  EXPECT_FALSE(SubjectKeys::read(disk.directory()));
}

TEST(SubjectKeys, AreReadableByTheirOwnerAlone) {
  const nines::test::TemporaryDirectory directory;
  auto keys = SubjectKeys::read(directory.path());
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->take("shop", "alice"));
  const auto mode = std::filesystem::status(directory / kSubjectKeyFile).permissions();
  EXPECT_EQ(static_cast<unsigned>(mode), 0600u);
  EXPECT_FALSE(SubjectKeys::read(directory / "nowhere"));
}

}  // namespace
}  // namespace nines::collector::subject_keys_test
