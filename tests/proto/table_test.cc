// SPDX-License-Identifier: Apache-2.0
// The table of checks: equal tables have equal bytes, and a malformed one is refused.
#include <gtest/gtest.h>

#include "proto/batch.pb.h"
#include "proto/codec.h"
#include "tests/proto/random_batch.h"

namespace nines::proto::table_test {
namespace {

std::string changed(const std::function<void(wire::CheckTable&)>& change) {
  Random random(3);
  wire::CheckTable w;
  w.ParseFromString(encode_table(random_table(random, 2)));
  change(w);
  return w.SerializeAsString();
}

bool refused(const std::function<void(wire::CheckEntry&)>& change) {
  return !decode_table(
      as_bytes(changed([&](wire::CheckTable& t) { change(*t.mutable_checks(1)); })));
}

TEST(CheckTable, ComesBackAsItWas) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const auto table = random_table(random, random.below(20));
    const auto back = decode_table(as_bytes(encode_table(table)));
    ASSERT_TRUE(back) << seed << ": " << back.error().message;
    ASSERT_EQ(*back, table) << seed;
  }
}

TEST(CheckTable, HasTheSameBytesInWhateverOrderItsLabelsCame) {
  CheckTable forwards, backwards;
  for (int i = 0; i < 40; ++i) forwards.labels["label-" + std::to_string(i)] = "v";
  for (int i = 39; i >= 0; --i) backwards.labels["label-" + std::to_string(i)] = "v";
  const auto bytes = encode_table(forwards);
  EXPECT_EQ(bytes, encode_table(backwards));
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(encode_table(*decode_table(as_bytes(bytes))), bytes);
  }
}

TEST(CheckTable, IsRefusedWhenMalformed) {
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& c) { c.clear_name(); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_name(std::string(256, 'n')); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_kind(256); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_every_ns(0); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_every_ns(-1); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_every_ns(999'999); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_every_ns(INT64_MAX); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_phase_ns(-1); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_phase_ns(c.every_ns()); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_timeout_ns(-1); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_target(std::string(8193, 't')); }));
  EXPECT_TRUE(refused([](auto& c) { c.set_canonical(std::string((64 << 10) + 1, 'c')); }));
  EXPECT_TRUE(refused([](auto& c) { (*c.mutable_labels())[std::string(256, 'k')] = "v"; }));
  EXPECT_TRUE(refused([](auto& c) { (*c.mutable_labels())["k"] = std::string(256, 'v'); }));
  EXPECT_TRUE(refused([](auto& c) {
    for (int i = 0; i < 65; ++i) (*c.mutable_labels())[std::to_string(i)] = "v";
  }));
  EXPECT_FALSE(decode_table(as_bytes("no table")));
  EXPECT_FALSE(decode_table(as_bytes(changed([](auto& t) { t.set_config_digest("d"); }))));
  EXPECT_FALSE(decode_table(as_bytes(changed([](auto& t) {
    for (std::size_t i = 0; i <= kMaxChecks; ++i) *t.add_checks() = t.checks(0);
  }))));
}

TEST(CheckTable, IsRefusedWhenTwoChecksHaveOneName) {
  EXPECT_FALSE(decode_table(
      as_bytes(changed([](auto& t) { t.mutable_checks(1)->set_name(t.checks(0).name()); }))));
}

}  // namespace
}  // namespace nines::proto::table_test
