// SPDX-License-Identifier: Apache-2.0
// The ledger on the file system of this machine. NINES_MEASURE=1 makes it the product's size and
// prints what a commit writes and how long an open takes.
#include <stdlib.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "ledger/verify.h"
#include "tests/ledger/rig.h"

namespace nines::ledger::real_disk_test {
namespace {

bool measuring() { return std::getenv("NINES_MEASURE") != nullptr; }

class RealDisk : public testing::Test {
 protected:
  RealDisk() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/nines-ledger-XXXXXX";
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }

  ~RealDisk() override { std::filesystem::remove_all(path_); }

  Opened open(const Options& options) const {
    Opened o;
    auto directory = open_directory(path_);
    EXPECT_TRUE(directory);
    const auto start = std::chrono::steady_clock::now();
    auto ledger = Ledger::open(*std::move(directory), options, o.recovered);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (measuring()) std::printf("open: %.3f s\n", took.count());
    EXPECT_TRUE(ledger) << ledger.error().message;
    if (ledger) o.ledger = *std::move(ledger);
    return o;
  }

  std::string path_;
};

TEST_F(RealDisk, LapsTheRingAndIsFoundAgain) {
  const SystemClock clock;
  Options options = small_options();
  if (measuring()) options = Options();
  options.clock = &clock;
  Random random(1);
  Entries last;
  {
    auto o = open(options);
    EXPECT_TRUE(o.recovered.created);
    std::uint64_t payload = 0;
    std::uint64_t records = 0;
    const std::uint64_t goal = o.ledger->usage().total_bytes * 2;
    while (o.ledger->usage().bytes_written < goal) {
      std::vector<Entry> group(10);
      for (auto& e : group) e.bytes = random_bytes(random, 204);
      while (!o.ledger->fits(3000)) o.ledger->release_oldest();
      const auto refs = o.ledger->commit(views(group));
      ASSERT_TRUE(refs) << refs.error().message;
      payload += group.size() * 204;
      records += group.size();
      last = {{refs->back().number, group.back()}};
    }
    const Usage u = o.ledger->usage();
    EXPECT_EQ(u.syncs, u.commits);
    if (measuring()) {
      std::printf(
          "%llu commits of 10 records of 204 bytes: %.0f bytes and %.3f syncs a record, "
          "%.2f times the payload; longest sync %.2f ms\n",
          static_cast<unsigned long long>(u.commits),
          static_cast<double>(u.bytes_written) / static_cast<double>(records),
          static_cast<double>(u.syncs) / static_cast<double>(records),
          static_cast<double>(u.bytes_written) / static_cast<double>(payload),
          static_cast<double>(to_us(u.longest_sync)) / 1e3);
    }
  }
  auto o = open(options);
  EXPECT_TRUE(o.recovered.clean);
  EXPECT_TRUE(o.recovered.damage.empty());
  EXPECT_EQ(o.recovered.next_record, last.begin()->first + 1);
  const auto start = std::chrono::steady_clock::now();
  Entries shown;
  o.ledger->visit([&](const RecordRef& ref, ByteView bytes) {
    if (ref.number == last.begin()->first) {
      shown[ref.number] = {ref.type, std::string(as_text(bytes))};
    }
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (measuring()) {
    std::printf("visit of %llu records: %.3f s\n",
                static_cast<unsigned long long>(o.recovered.records), took.count());
  }
  EXPECT_EQ(shown, last);
  auto directory = open_directory(path_);
  const auto report = verify(**directory);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->sound());
  EXPECT_EQ(report->records, o.recovered.records);
}

TEST_F(RealDisk, ASymbolicLinkInPlaceOfASegmentIsRefused) {
  { EXPECT_TRUE(open(small_options()).recovered.created); }
  std::filesystem::remove(path_ + "/seg-0002");
  std::filesystem::create_symlink("/etc/passwd", path_ + "/seg-0002");
  auto directory = open_directory(path_);
  Recovered recovered;
  const auto ledger = Ledger::open(*std::move(directory), small_options(), recovered);
  ASSERT_TRUE(ledger);  // the link is no regular file: the segment is missing and cannot be made
  EXPECT_EQ((*ledger)->usage().quarantined_segments, 1U);
  EXPECT_TRUE(std::filesystem::is_symlink(path_ + "/seg-0002"));
}

}  // namespace
}  // namespace nines::ledger::real_disk_test
