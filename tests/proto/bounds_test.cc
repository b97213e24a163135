// SPDX-License-Identifier: Apache-2.0
// What a batch may cost the one who opens it: announced sizes, decompression, and content that is
// small on the wire and large in memory.
#include <gtest/gtest.h>
#include <zstd.h>

#include "proto/batch.pb.h"
#include "proto/codec.h"
#include "tests/proto/random_batch.h"

namespace nines::proto::bounds_test {
namespace {

std::string compressed(const std::string& raw) {
  std::string out(ZSTD_compressBound(raw.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 19));
  return out;
}

bool opens(const std::string& bytes) {
  const auto opened = open_header(as_bytes(bytes));
  return opened && open_body(as_bytes(bytes), *opened);
}

MadeBatch empty_batch() {
  Random random(4);
  auto made = random_batch(random, 1, 0);
  made.body = {};
  return made;
}

TEST(Bounds, RefuseABatchLargerThanABatchMayBe) {
  EXPECT_FALSE(opens(std::string(kMaxSealedBytes + 1, '\0')));
  const auto bytes = sealed_with_frame(empty_batch(), std::string(kMaxSealedBytes, 'x'), 10);
  EXPECT_EQ(open_header(as_bytes(bytes)).error().message,
            "the batch is larger than a batch may be");
}

TEST(Bounds, RefuseABodyAnnouncedLargerThanABodyMayBe) {
  const auto bytes = resealed(
      empty_batch(), [](auto& h) { h.set_body_size(kMaxBodyBytes + 1); }, nullptr);
  EXPECT_EQ(open_header(as_bytes(bytes)).error().message,
            "the batch's body is larger than a body may be");
}

TEST(Bounds, GiveADecompressionBombOnlyTheRoomItAnnounced) {
  const auto bomb = compressed(std::string(512 << 20, '\0'));
  ASSERT_LT(bomb.size(), kMaxSealedBytes);
  for (const std::size_t announced : {std::size_t{0}, std::size_t{10}, kMaxBodyBytes}) {
    EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), bomb, announced))) << announced;
  }
}

TEST(Bounds, RefuseABodyOfAnotherSizeThanAnnounced) {
  const auto frame = compressed(std::string());
  EXPECT_TRUE(opens(sealed_with_frame(empty_batch(), frame, 0)));
  EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), frame, 1)));
  EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), "", 1)));
  EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), "no frame at all", 15)));
}

TEST(Bounds, RefuseABodyOfMoreThanOneFrame) {
  const auto frame = compressed(std::string());
  EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), frame + frame, 0)));
  const std::string skippable("\x50\x2a\x4d\x18\x04\x00\x00\x00skip", 12);
  EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), frame + skippable, 0)));
  EXPECT_FALSE(opens(sealed_with_frame(empty_batch(), skippable + frame, 0)));
}

// One element that says "the next 100,000 results have this" must not multiply kilobytes.
TEST(Bounds, RefuseAFewBytesThatBecomeGigabytes) {
  auto made = empty_batch();
  made.header.result_count = kMaxResults;
  made.body.series.push_back({0, {}});
  for (std::uint64_t i = 0; i < kMaxResults; ++i) {
    Result r;
    r.seq = made.header.first_seq + i;
    r.slot = static_cast<std::int64_t>(i);
    made.body.series[0].results.push_back(r);
  }
  const auto bytes = resealed(made, nullptr, [](wire::BatchBody& body) {
    auto* http = body.mutable_series(0)->add_http();
    http->set_run(kMaxResults);
    http->set_present(true);
    for (int i = 0; i < 64; ++i) http->add_hops()->set_url(std::string(2048, 'h'));
  });
  ASSERT_LT(bytes.size(), 100'000U);
  EXPECT_FALSE(opens(bytes));
}

TEST(Bounds, RefuseTextsSharedByTooManyResults) {
  auto made = empty_batch();
  made.header.result_count = kMaxResults;
  made.body.series.push_back({0, {}});
  for (std::uint64_t i = 0; i < kMaxResults; ++i) {
    Result r;
    r.seq = made.header.first_seq + i;
    r.slot = static_cast<std::int64_t>(i);
    r.probe.detail = std::string(kMaxText, 'd');  // 20 MB in all: allowed, and the most there is
    made.body.series[0].results.push_back(r);
  }
  const auto sealed = seal(made.header, made.body, test_key());
  EXPECT_LT(sealed.bytes.size(), 20'000U);
  EXPECT_TRUE(opens(sealed.bytes));
}

}  // namespace
}  // namespace nines::proto::bounds_test
