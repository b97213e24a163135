// SPDX-License-Identifier: Apache-2.0
// What a batch is to a store: every row of the table in docs/formats/store.md, without a database.
#include "collector/decision.h"

#include <gtest/gtest.h>

namespace nines::collector::decision_test {
namespace {

Digest digest(int n) { return sha256(as_bytes(std::to_string(n))); }

BatchHeader plain(std::uint64_t number, const Digest& previous) {
  BatchHeader h;
  h.number = h.last_number = number;
  h.previous_hash = previous;
  return h;
}

BatchHeader gap(std::uint64_t first,
                std::uint64_t last,
                const Digest& previous,
                const Digest& resume) {
  auto h = plain(first, previous);
  h.last_number = last;
  h.resume_hash = resume;
  return h;
}

// Batch n has the hash digest(n); 1..4 are stored.
Known four() {
  Known known;
  known.key = PublicKey{};
  known.head = StoredRow{4, 4, digest(4), digest(4)};
  return known;
}

TEST(Decision, StoresTheFirstBatchOfAnUnknownEpoch) {
  Known known;
  known.chain_before = Digest{};
  EXPECT_EQ(decide(plain(1, {}), digest(1), digest(1), known), Decision::store);
}

TEST(Decision, AsksForTheBeginningOfAnUnknownEpoch) {
  EXPECT_EQ(decide(plain(7, digest(6)), digest(7), digest(7), {}), Decision::need_from);
}

TEST(Decision, CallsAFirstBatchWithAPredecessorAFork) {
  Known known;
  known.chain_before = Digest{};
  EXPECT_EQ(decide(plain(1, digest(9)), digest(1), digest(1), known), Decision::fork);
}

TEST(Decision, StoresTheNextInTheChain) {
  auto known = four();
  known.chain_before = digest(4);
  EXPECT_EQ(decide(plain(5, digest(4)), digest(5), digest(5), known), Decision::store);
}

TEST(Decision, CallsTheNextOfAnotherChainAFork) {
  auto known = four();
  known.chain_before = digest(4);
  EXPECT_EQ(decide(plain(5, digest(40)), digest(5), digest(5), known), Decision::fork);
}

TEST(Decision, AsksForWhatIsMissingInBetween) {
  EXPECT_EQ(decide(plain(6, digest(5)), digest(6), digest(6), four()), Decision::need_from);
}

TEST(Decision, CallsTheSameBatchADuplicateAtAnyAge) {
  auto known = four();
  known.covering = StoredRow{1, 1, digest(1), digest(1)};
  EXPECT_EQ(decide(plain(1, {}), digest(1), digest(1), known), Decision::duplicate);
}

TEST(Decision, CallsOtherBytesUnderAKnownNumberAFork) {
  auto known = four();
  known.covering = StoredRow{2, 2, digest(2), digest(2)};
  EXPECT_EQ(decide(plain(2, digest(1)), digest(20), digest(20), known), Decision::fork);
}

TEST(Decision, RefusesAnotherKeyWithinAnEpoch) {
  auto known = four();
  known.chain_before = digest(4);
  auto header = plain(5, digest(4));
  header.public_key.fill(1);
  EXPECT_EQ(decide(header, digest(5), digest(5), known), Decision::foreign_key);
}

TEST(Decision, StoresAGapThatFollowsTheHead) {
  auto known = four();
  known.chain_before = digest(4);
  EXPECT_EQ(decide(gap(5, 9, digest(4), digest(9)), digest(59), digest(9), known), Decision::store);
}

TEST(Decision, StoresTheRestOfAGapThatBeginsBeforeTheHead) {
  auto known = four();
  known.covering = StoredRow{3, 3, digest(3), digest(3)};
  known.chain_before = digest(2);
  EXPECT_EQ(decide(gap(3, 9, digest(2), digest(9)), digest(39), digest(9), known), Decision::store);
}

TEST(Decision, CallsAGapWithAnotherPredecessorAFork) {
  auto known = four();
  known.covering = StoredRow{3, 3, digest(3), digest(3)};
  known.chain_before = digest(2);
  EXPECT_EQ(decide(gap(3, 9, digest(20), digest(9)), digest(39), digest(9), known), Decision::fork);
}

TEST(Decision, TakesAGapWhosePredecessorALongerGapHides) {
  auto known = four();  // 2..4 are one gap row: what was after 2 nobody knows here
  known.covering = StoredRow{2, 4, digest(24), digest(4)};
  EXPECT_EQ(decide(gap(3, 9, digest(2), digest(9)), digest(39), digest(9), known), Decision::store);
}

TEST(Decision, CallsAGapThatEndsWhereTheChainStandsADuplicate) {
  auto known = four();
  known.covering = StoredRow{2, 2, digest(2), digest(2)};
  known.chain_before = digest(1);
  known.chain_at_last = digest(3);
  EXPECT_EQ(decide(gap(2, 3, digest(1), digest(3)), digest(23), digest(3), known),
            Decision::duplicate);
}

TEST(Decision, CallsAGapThatResumesElsewhereAFork) {
  auto known = four();
  known.covering = StoredRow{2, 2, digest(2), digest(2)};
  known.chain_before = digest(1);
  known.chain_at_last = digest(3);
  EXPECT_EQ(decide(gap(2, 3, digest(1), digest(30)), digest(23), digest(30), known),
            Decision::fork);
}

TEST(Decision, CallsAShorterGapWithinAStoredGapADuplicate) {
  auto known = four();
  known.covering = StoredRow{2, 4, digest(24), digest(4)};
  known.chain_before = digest(1);
  EXPECT_EQ(decide(gap(2, 3, digest(1), digest(3)), digest(23), digest(3), known),
            Decision::duplicate);
}

TEST(Decision, NeverCallsResultsUnderAGapDelivered) {
  auto known = four();
  known.covering = StoredRow{2, 4, digest(24), digest(4)};
  EXPECT_EQ(decide(plain(3, digest(2)), digest(3), digest(3), known), Decision::fork);
  known.chain_before = digest(1);
  EXPECT_EQ(decide(plain(2, digest(1)), digest(2), digest(2), known), Decision::fork);
}

TEST(Decision, AsksForWhatIsMissingBeforeAGap) {
  EXPECT_EQ(decide(gap(6, 9, digest(5), digest(9)), digest(69), digest(9), four()),
            Decision::need_from);
}

}  // namespace
}  // namespace nines::collector::decision_test
