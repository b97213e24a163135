// SPDX-License-Identifier: Apache-2.0
// At stake: what the agent shows of a check is what it measured, and its memory stays what was
// promised, however long it runs.
#include "agent/result_history.h"

#include <gtest/gtest.h>

namespace nines::agent::result_history_test {
namespace {

Result at_slot(std::int64_t slot) {
  Result result;
  result.slot = slot;
  result.probe.outcome = Outcome::up;
  result.probe.reason = Reason::ok;
  result.probe.total_us = 1234;
  return result;
}

// As large as a probe makes one.
Result long_one(std::int64_t slot) {
  Result result = at_slot(slot);
  for (std::size_t i = 0; i < kMaxAddresses; ++i) {
    AddressResult each;
    each.address = std::string(kMaxText, 'a');
    each.reason = Reason::ok;
    each.total_us = 5;
    result.probe.addresses.push_back(each);
  }
  return result;
}

TEST(ResultHistory, IsEmptyAtFirst) {
  const ResultHistory history;
  EXPECT_TRUE(history.empty());
  EXPECT_EQ(history.size(), 0U);
  EXPECT_TRUE(history.all().empty());
}

TEST(ResultHistory, GivesBackWhatWasMeasured) {
  Result failed = at_slot(1);
  failed.late_us = 77;
  failed.probe.outcome = Outcome::down;
  failed.probe.reason = Reason::http_status;
  failed.probe.detail = "503";
  failed.probe.phases.connect_us = 300;
  failed.probe.address = "[2001:db8::1]:443";
  failed.probe.stamps = Stamps::kernel;
  failed.probe.http.emplace();
  failed.probe.http->status = 503;
  failed.probe.http->version = "2";
  Result echoes = at_slot(2);
  echoes.probe.icmp.emplace();
  echoes.probe.icmp->sent = 3;
  echoes.probe.icmp->received = 2;
  echoes.probe.icmp->rtt_us = {40, 41};
  Result missed = at_slot(3);
  missed.span = 50;
  missed.probe = {};
  missed.probe.reason = Reason::agent_suspended;
  const std::vector<Result> given = {failed, echoes, missed, long_one(4), at_slot(5)};
  ResultHistory history;
  for (std::size_t i = 0; i < given.size(); ++i) {
    history.add(given[i]);
    EXPECT_EQ(history.size(), i + 1);
    EXPECT_EQ(history.last(), given[i]);
  }
  EXPECT_EQ(history.all(), given);
}

TEST(ResultHistory, LeavesTheNumbersOfTheSpoolOut) {
  Result numbered = at_slot(1);
  numbered.seq = 7;
  ResultHistory history;
  history.add(numbered);
  history.add(at_slot(2));
  EXPECT_EQ(history.all(), (std::vector<Result>{at_slot(1), at_slot(2)}));
}

TEST(ResultHistory, KeepsTheNewestInOrder) {
  ResultHistory history;
  constexpr std::int64_t kAdded = 3 * kHistoryResults;
  for (std::int64_t slot = 0; slot < kAdded; ++slot) history.add(at_slot(slot));
  EXPECT_EQ(history.size(), kHistoryResults);
  const auto all = history.all();
  ASSERT_EQ(all.size(), kHistoryResults);
  std::int64_t slot = kAdded - static_cast<std::int64_t>(kHistoryResults);
  for (const auto& each : all) EXPECT_EQ(each, at_slot(slot++));
}

// A step of the clock back never makes labels go back, but nothing here rests on that.
TEST(ResultHistory, TakesSlotsThatDoNotGrow) {
  std::vector<Result> given;
  for (const std::int64_t slot : {7, 8, 9, 8, 8, 20, 21}) given.push_back(at_slot(slot));
  given[5].span = 2;  // and the next lies within it
  ResultHistory history;
  for (const auto& each : given) history.add(each);
  history.add(at_slot(100));
  given.push_back(at_slot(100));
  EXPECT_EQ(history.all(), given);
}

TEST(ResultHistory, TakesLongResultsAmongOthers) {
  std::vector<Result> given;
  ResultHistory history;
  for (std::int64_t slot = 0; slot < 40; ++slot) {
    given.push_back(slot % 3 == 0 ? long_one(slot) : at_slot(slot));
    history.add(given.back());
    EXPECT_EQ(history.all(), given);
  }
}

TEST(ResultHistory, OfLongResultsKeepsFewer) {
  ResultHistory history;
  constexpr std::int64_t kAdded = kHistoryResults;
  for (std::int64_t slot = 0; slot < kAdded; ++slot) history.add(long_one(slot));
  const auto all = history.all();
  EXPECT_LT(all.size(), kHistoryResults / 2);
  EXPECT_GT(all.size(), kHistoryResults / 20);
  EXPECT_EQ(all.front(), long_one(kAdded - static_cast<std::int64_t>(all.size())));
  EXPECT_EQ(history.last(), long_one(kAdded - 1));
}

}  // namespace
}  // namespace nines::agent::result_history_test
