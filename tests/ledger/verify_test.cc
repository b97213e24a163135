// SPDX-License-Identifier: Apache-2.0
// verify() finds what open() would repair, and changes nothing.
#include "ledger/verify.h"

#include "tests/ledger/rig.h"

namespace nines::ledger::verify_test {
namespace {

using test::DiskOp;
using test::SimDisk;

SimDisk filled() {
  SimDisk disk;
  auto o = open_on(disk);
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(o.ledger->commit(views({{1, "record"}, {2, std::string(100, 'x')}})));
  }
  disk.forget();
  return disk;
}

Report must_verify(SimDisk disk) {
  const auto before = disk.names();
  auto report = verify(*disk.directory());
  EXPECT_TRUE(report);
  EXPECT_EQ(disk.events(), 0U);
  EXPECT_EQ(disk.names(), before);
  return *report;
}

bool mentions(const Report& report, Severity severity, const std::string& text) {
  for (const auto& f : report.findings) {
    if (f.severity == severity && f.text.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(LedgerVerify, ASoundLedgerHasNoFindings) {
  const Report r = must_verify(filled());
  EXPECT_TRUE(r.sound());
  EXPECT_TRUE(r.clean);
  EXPECT_TRUE(r.findings.empty());
  EXPECT_EQ(r.groups, 30U);
  EXPECT_EQ(r.records, 60U);
  EXPECT_EQ(r.first_record, 1U);
  EXPECT_EQ(r.next_record, 61U);
  EXPECT_EQ(r.live_segments, 2U);
  EXPECT_EQ(r.head, open_on(filled()).ledger->head());
}

TEST(LedgerVerify, NamesTheRecordsThatAreGone) {
  SimDisk disk = filled();
  disk.flip("seg-0000", (4096 * 3 + 200) * 8);
  const Report r = must_verify(disk);
  EXPECT_FALSE(r.sound());
  EXPECT_TRUE(r.readable);
  EXPECT_TRUE(r.clean);
  EXPECT_EQ(r.damage, (std::vector<Damage>{{DamageKind::media, 7, 8}}));
  EXPECT_TRUE(mentions(r, Severity::damage, "records 7 to 8 (2)"));
  EXPECT_TRUE(mentions(r, Severity::warning, "seg-0000: 1 pages do not check"));
}

TEST(LedgerVerify, TellsAnUnprovenEnd) {
  SimDisk disk = filled();
  disk.flip("seg-0001", (4096 * 13 + 200) * 8);
  const Report r = must_verify(disk);
  EXPECT_TRUE(r.sound());
  EXPECT_FALSE(r.clean);
  EXPECT_TRUE(mentions(r, Severity::warning, "given up"));
  EXPECT_EQ(r.next_record, open_on(disk).ledger->next_record());
}

TEST(LedgerVerify, TellsMissingAndShortFilesAndSlots) {
  SimDisk disk = filled();
  disk.remove("seg-0003");
  disk.set_content("seg-0002", std::vector<std::uint8_t>(5000, 0));
  disk.flip("superblock", 20 * 8);
  const Report r = must_verify(disk);
  EXPECT_TRUE(mentions(r, Severity::warning, "seg-0003: missing"));
  EXPECT_TRUE(mentions(r, Severity::warning, "seg-0002: only 5000 bytes"));
  EXPECT_TRUE(mentions(r, Severity::warning, "one of the two slots"));
  EXPECT_TRUE(r.readable);
}

TEST(LedgerVerify, TellsALostSuperblockAndALostLedger) {
  SimDisk disk = filled();
  disk.remove("superblock");
  EXPECT_TRUE(mentions(must_verify(disk), Severity::warning, "rebuilds it"));
  for (const auto& name : disk.names()) {
    disk.set_content(name, std::vector<std::uint8_t>(kMinSegmentSize, 0x5A));
  }
  const Report r = must_verify(disk);
  EXPECT_FALSE(r.readable);
  EXPECT_TRUE(mentions(r, Severity::damage, "the ledger is lost"));
}

TEST(LedgerVerify, AnEmptyDirectoryIsNoLedger) {
  const Report r = must_verify(SimDisk());
  EXPECT_FALSE(r.sound());
  EXPECT_TRUE(mentions(r, Severity::damage, "no ledger"));
}

TEST(LedgerVerify, ADiskThatCannotBeReadIsNamed) {
  SimDisk disk = filled();
  disk.inject({.op = DiskOp::read, .persistent = true, .only = "seg-0001"});
  EXPECT_TRUE(mentions(must_verify(disk), Severity::warning, "seg-0001: parts cannot be read"));
  disk.clear_faults();
  disk.inject({.op = DiskOp::read, .persistent = true, .only = "superblock"});
  EXPECT_TRUE(mentions(must_verify(disk), Severity::damage, "read superblock"));
  disk.inject({.op = DiskOp::list});
  EXPECT_FALSE(verify(*disk.directory()));
}

}  // namespace
}  // namespace nines::ledger::verify_test
