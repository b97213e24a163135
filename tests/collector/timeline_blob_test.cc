// SPDX-License-Identifier: Apache-2.0
// Pieces of an hour must come back as they went in, and damage must be an error, not a result.
#include "collector/timeline_blob.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace nines::collector::timeline_blob_test {
namespace {

std::vector<Piece> some(std::uint64_t seed, int n) {
  Random random(seed);
  std::vector<Piece> pieces;
  std::int64_t slot = static_cast<std::int64_t>(random.below(1'000'000'000));
  for (int i = 0; i < n; ++i) {
    Piece p;
    p.slot = slot;
    p.span = random.below(10) == 0 ? static_cast<std::int64_t>(1 + random.below(1000)) : 1;
    slot += p.span + static_cast<std::int64_t>(random.below(3));
    p.late_us = static_cast<std::int64_t>(random.below(5000));
    p.outcome = static_cast<Outcome>(random.below(3));
    p.reason = p.outcome == Outcome::up ? Reason::ok : Reason::http_timeout;
    if (random.below(4) != 0) p.total_us = static_cast<std::int64_t>(random.below(2'000'000));
    p.seq = 1 + static_cast<std::uint64_t>(i) * 3;
    p.number = 1 + static_cast<std::uint64_t>(i) / 5;
    pieces.push_back(p);
  }
  return pieces;
}

TEST(TimelineBlob, ComesBackAsItWentIn) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto pieces = some(seed, static_cast<int>(seed * 7));
    const auto back = decode_pieces(as_bytes(encode_pieces(pieces)));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, pieces);
  }
}

TEST(TimelineBlob, KeepsTheEndsOfTheNumberLine) {
  Piece p;
  p.slot = INT64_MIN;
  p.span = INT64_MAX;
  p.late_us = INT64_MAX;
  p.total_us = INT64_MAX - 1;
  p.seq = UINT64_MAX;
  p.number = UINT64_MAX;
  Piece q = p;
  q.slot = INT64_MAX;
  q.late_us = INT64_MIN;
  q.total_us.reset();
  q.seq = 0;
  const auto back = decode_pieces(as_bytes(encode_pieces({p, q, p})));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, (std::vector<Piece>{p, q, p}));
}

TEST(TimelineBlob, TakesFewBytesForAnHourOfOneSecond) {
  std::vector<Piece> pieces;
  for (int i = 0; i < 3600; ++i) {
    Piece p;
    p.slot = 1'793'577'600 + i;
    p.late_us = 100 + i % 50;
    p.outcome = Outcome::up;
    p.reason = Reason::ok;
    p.total_us = 1200 + i % 300;
    p.seq = static_cast<std::uint64_t>(i) * 20;
    p.number = static_cast<std::uint64_t>(i) / 30;
    pieces.push_back(p);
  }
  EXPECT_LT(encode_pieces(pieces).size(), 3600u * 5);
}

TEST(TimelineBlob, IsTheExampleOfTheDocument) {
  std::vector<Piece> pieces;
  for (int i = 0; i < 3; ++i) {
    Piece p;
    p.slot = 100 + i;
    p.late_us = 7;
    p.outcome = Outcome::up;
    p.reason = Reason::ok;
    p.total_us = 500;
    p.seq = 1 + static_cast<std::uint64_t>(i) * 2;
    p.number = 1;
    pieces.push_back(p);
  }
  EXPECT_EQ(to_hex(as_bytes(encode_pieces(pieces))),
            "03"
            "c8010102"
            "02"
            "0203"
            "0a03"
            "0203"
            "020404"
            "0e0000"
            "ea070000");
}

TEST(TimelineBlob, RefusesEveryTruncation) {
  const auto bytes = encode_pieces(some(3, 40));
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(decode_pieces(as_bytes(std::string_view(bytes).substr(0, n)))) << n;
  }
  EXPECT_FALSE(decode_pieces(as_bytes(bytes + "x")));
}

TEST(TimelineBlob, SurvivesEveryFlippedByte) {
  const auto bytes = encode_pieces(some(4, 40));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xFF'}) {
      auto damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      (void)decode_pieces(as_bytes(damaged)).has_value();  // no crash, no endless loop
    }
  }
}

TEST(TimelineBlob, RefusesARunLongerThanTheRow) {
  std::string bytes;
  bytes += '\x01';  // one piece
  bytes += '\x02';
  bytes += std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10);  // a run of 2^64-1
  EXPECT_FALSE(decode_pieces(as_bytes(bytes)));
}

}  // namespace
}  // namespace nines::collector::timeline_blob_test
