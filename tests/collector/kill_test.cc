// SPDX-License-Identifier: Apache-2.0
// A collector killed at random between and within its commits: whatever it gave a receipt for is
// there afterwards, whole and once. A child process stores and reports each receipt through a pipe.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/collector/rig.h"

namespace nines::collector::kill_test {
namespace {

using test::FakeAgent;
using test::kStart;
using test::Made;

// Never returns. One byte in the pipe for each batch that has a receipt.
[[noreturn]] void store_until_killed(const std::string& folder,
                                     const std::vector<Made>& batches,
                                     int pipe) {
  auto opened = Store::open(folder);
  if (!opened) ::_exit(3);
  const auto heads = (*opened)->heads("edge");
  if (!heads) ::_exit(4);
  std::size_t next = heads->empty() ? 0 : static_cast<std::size_t>(heads->front().durable);
  // It learns where to go on from its own head, as an agent would.
  const auto from = static_cast<std::uint32_t>(next);
  if (::write(pipe, &from, sizeof from) != sizeof from) ::_exit(5);
  for (; next < batches.size(); ++next) {
    const auto settled = (*opened)->settle({test::arrival(batches[next])});
    if (!settled || settled->front().decision != Decision::store) ::_exit(6);
    const auto receipt = static_cast<std::uint32_t>(next + 1);
    if (::write(pipe, &receipt, sizeof receipt) != sizeof receipt) ::_exit(7);
  }
  for (;;) ::pause();
}

struct Life {
  std::uint32_t found = 0;     // durable when it started
  std::uint32_t receipts = 0;  // the last number with a receipt
};

// Killed `later` after its `receipts`-th receipt: counted, not timed, so that a loaded machine gets
// as far as an idle one; the moment after it falls anywhere within the next commits.
Life live(const std::string& folder,
          const std::vector<Made>& batches,
          std::uint64_t receipts,
          Duration later) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    store_until_killed(folder, batches, ends[1]);
  }
  ::close(ends[1]);
  Life life;
  EXPECT_EQ(::read(ends[0], &life.found, sizeof life.found),
            static_cast<ssize_t>(sizeof life.found));
  life.receipts = life.found;
  std::uint32_t receipt = 0;
  for (std::uint64_t i = 0; i < receipts; ++i) {
    if (::read(ends[0], &receipt, sizeof receipt) != static_cast<ssize_t>(sizeof receipt)) break;
    life.receipts = receipt;
  }
  std::this_thread::sleep_for(later);
  ::kill(child, SIGKILL);
  while (::read(ends[0], &receipt, sizeof receipt) == static_cast<ssize_t>(sizeof receipt)) {
    life.receipts = receipt;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  return life;
}

TEST(Kill, LosesNothingThatHasAReceipt) {
  const nines::test::TemporaryDirectory directory;
  const auto folder = directory / "state";
  FakeAgent agent("edge");
  std::vector<Made> batches;
  for (int i = 0; i < 600; ++i) batches.push_back(agent.results(kStart + seconds(20 * i), 2));
  Random random(20'261'102);
  std::uint32_t known = 0;
  for (int round = 0; round < 15 && known < 600; ++round) {
    const auto life = live(folder, batches, 1 + random.below(8),
                           random.between(microseconds(0), milliseconds(10)));
    ASSERT_GE(life.found, known) << "batches with a receipt are gone";
    // At most one commit was under way whose receipt was never written.
    ASSERT_LE(life.found, known + 1);
    known = life.receipts;
  }
  ASSERT_GE(known, 15u);
  auto opened = Store::open(folder);
  ASSERT_TRUE(opened) << opened.error().message;
  auto& db = (*opened)->database();
  const auto heads = (*opened)->heads("edge");
  ASSERT_EQ(heads->size(), 1u);
  const auto durable = heads->front().durable;
  EXPECT_GE(durable, known);
  {
    auto rows = db.rows("SELECT number, bytes FROM batches ORDER BY number");
    for (std::uint64_t number = 1; number <= durable; ++number) {
      ASSERT_TRUE(rows.next());
      ASSERT_EQ(rows.count(0), number);
      ASSERT_EQ(rows.blob(1), batches[number - 1].bytes);
    }
    EXPECT_FALSE(rows.next());
  }
  {
    // Derived in the same transaction: two checks, two results each.
    auto rows = db.rows("SELECT sum(up) FROM timeline");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.count(0), durable * 4);
  }
  const auto before = derived_digest(db);
  ASSERT_TRUE((*opened)->rebuild());
  EXPECT_EQ(*derived_digest(db), *before);
}

}  // namespace
}  // namespace nines::collector::kill_test
