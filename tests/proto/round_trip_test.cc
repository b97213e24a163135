// SPDX-License-Identifier: Apache-2.0
// What is sealed comes out of open_header and open_body as it went in.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "proto/codec.h"
#include "tests/proto/random_batch.h"

namespace nines::proto::round_trip_test {
namespace {

void expect_same_header(const BatchHeader& a, const BatchHeader& b) {
  EXPECT_EQ(a.agent, b.agent);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.last_number, b.last_number);
  EXPECT_EQ(a.previous_hash, b.previous_hash);
  EXPECT_EQ(a.resume_hash, b.resume_hash);
  EXPECT_EQ(a.first_seq, b.first_seq);
  EXPECT_EQ(a.result_count, b.result_count);
  EXPECT_EQ(a.sealed.wall, b.sealed.wall);
  EXPECT_EQ(a.sealed.boot, b.sealed.boot);
  EXPECT_EQ(a.boot_id, b.boot_id);
  EXPECT_EQ(a.sync.synchronised, b.sync.synchronised);
  EXPECT_EQ(a.sync.error, b.sync.error);
  EXPECT_EQ(a.clock_ahead, b.clock_ahead);
  EXPECT_EQ(a.clock_bound, b.clock_bound);
  EXPECT_EQ(a.public_key, b.public_key);
  EXPECT_EQ(a.table_digest, b.table_digest);
  EXPECT_EQ(a.version, b.version);
}

void expect_round_trip(const MadeBatch& made) {
  const auto sealed = seal(made.header, made.body, test_key());
  const auto opened = open_header(as_bytes(sealed.bytes));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->hash, sealed.hash);
  EXPECT_EQ(opened->chain_hash, made.header.resume_hash.value_or(sealed.hash));
  expect_same_header(opened->header, made.header);
  const auto body = open_body(as_bytes(sealed.bytes), *opened);
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(body->table, made.body.table);
  EXPECT_EQ(body->series, made.body.series);
  EXPECT_EQ(body->events, made.body.events);
  EXPECT_EQ(body->gap, made.body.gap);
}

TEST(Codec, BringsBackAnyBatch) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    expect_round_trip(random_batch(random, 1 + random.below(8), 60));
    if (HasFailure()) break;
  }
}

TEST(Codec, BringsBackGapBatches) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    expect_round_trip(random_gap_batch(random));
    if (HasFailure()) break;
  }
}

TEST(Codec, BringsBackTheSmallestAndAFullBatch) {
  Random random(7);
  auto made = random_batch(random, 1, 0);
  made.body = {};
  expect_round_trip(made);

  made.body.series.push_back({9'999, {}});
  for (std::uint64_t i = 0; i < kMaxResults; ++i) {
    Result r;
    r.seq = made.header.first_seq + i;
    r.slot = static_cast<std::int64_t>(i);
    r.probe.outcome = Outcome::up;
    r.probe.reason = Reason::ok;
    r.probe.total_us = static_cast<std::int64_t>(i % 7);
    made.body.series[0].results.push_back(r);
  }
  made.header.result_count = kMaxResults;
  expect_round_trip(made);
}

TEST(Codec, SealsTheSameBytesEachTime) {
  Random random(11);
  const auto made = random_batch(random, 5, 100);
  EXPECT_EQ(seal(made.header, made.body, test_key()).bytes,
            seal(made.header, made.body, test_key()).bytes);
}

TEST(Codec, SpendsFewBytesOnAQuietCheck) {
  Random random(5);
  auto made = random_batch(random, 1, 0);
  made.body = {};
  made.body.series.push_back({0, {}});
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Result r;
    r.seq = made.header.first_seq + i;
    r.slot = 1000 + static_cast<std::int64_t>(i);
    r.late_us = 100 + static_cast<std::int64_t>(random.below(50));
    r.probe.outcome = Outcome::up;
    r.probe.reason = Reason::ok;
    r.probe.address = "192.0.2.10:5432";
    r.probe.total_us = 800 + static_cast<std::int64_t>(random.below(50));
    r.probe.phases.connect_us = *r.probe.total_us - 10;
    made.body.series[0].results.push_back(r);
  }
  made.header.result_count = 1000;
  EXPECT_LT(seal(made.header, made.body, test_key()).bytes.size(), 6000U);
}

TEST(Codec, PeeksAtWhatTheOwnLedgerVouchesFor) {
  Random random(3);
  const auto made = random_batch(random, 2, 9);
  auto sealed = seal(made.header, made.body, test_key());
  sealed.bytes.back() = static_cast<char>(sealed.bytes.back() ^ 1);  // the signature's last byte
  EXPECT_FALSE(open_header(as_bytes(sealed.bytes)));
  const auto peeked = peek_header(as_bytes(sealed.bytes));
  ASSERT_TRUE(peeked) << peeked.error().message;
  EXPECT_EQ(peeked->hash, sealed.hash);
  expect_same_header(peeked->header, made.header);
}

TEST(Codec, BringsBackSpooledResultsAndEvents) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    auto result = random_result(random);
    result.seq = 1 + random.next() / 2;
    result.slot = static_cast<std::int64_t>(random.next()) >> 8;
    const auto check = static_cast<std::uint32_t>(random.next());
    const auto table = random.next();
    const auto back = decode_spooled_result(as_bytes(encode_spooled_result(check, table, result)));
    ASSERT_TRUE(back) << seed << ": " << back.error().message;
    EXPECT_EQ(back->check, check);
    EXPECT_EQ(back->table, table);
    EXPECT_EQ(back->result, result) << seed;
    for (const auto& event : random_batch(random, 1, 0).body.events) {
      const auto event_back = decode_event(as_bytes(encode_event(event)));
      ASSERT_TRUE(event_back);
      EXPECT_EQ(*event_back, event);
    }
  }
}

// Bytes of a hostile target reach details, hops and versions. Whatever they are, the collector must
// be able to read what the agent sealed, or nothing that follows would ever be delivered.
TEST(Codec, CarriesTextsThatAreNoUtf8) {
  Random random(2);
  auto made = random_batch(random, 1, 0);
  made.body = {};
  made.header.result_count = 1;
  Result r;
  r.seq = made.header.first_seq;
  r.probe.detail = "\xff\xfe broken \xc3";
  r.probe.address = "\x80";
  r.probe.http = HttpDetail{200, "\xf0", {{"http://\xe0/", 302, "", {}}}, 1, 2};
  r.probe.tls = TlsDetail{"\xc0\xc1", {}, {}, true};
  made.body.series.push_back({0, {r}});
  AgentEvent event;
  event.text = "agent.yaml: \xff";
  made.body.events.push_back(event);
  expect_round_trip(made);
  EXPECT_TRUE(decode_spooled_result(as_bytes(encode_spooled_result(0, 0, r))));
  EXPECT_TRUE(decode_event(as_bytes(encode_event(event))));
}

// The same for what is too long or impossible: it is cut at sealing, never refused later.
TEST(Codec, SealsNothingThatItWouldNotOpen) {
  Random random(2);
  auto made = random_batch(random, 1, 0);
  made.body = {};
  made.header.result_count = 1;
  Result r;
  r.seq = made.header.first_seq;
  r.late_us = -7;
  r.probe.detail = std::string(5000, 'd');
  r.probe.address = std::string(5000, 'a');
  r.probe.total_us = -1;
  r.probe.phases.dns_us = -1'000'000;
  r.probe.http = HttpDetail{70'000, std::string(100, '2'), {}, -1, -2};
  for (int i = 0; i < 1000; ++i)
    r.probe.http->hops.push_back({std::string(5000, 'h'), 302, "", {}});
  r.probe.tls = TlsDetail{std::string(100, 'v'), {}, {}, false};
  r.probe.icmp = IcmpDetail{.sent = 1, .received = 3, .duplicates = -1, .rtt_us = {5, -5, 7}};
  made.body.series.push_back({0, {r}});
  AgentEvent event;
  event.text = std::string(100'000, 't');
  event.link = std::string(100'000, 'l');
  made.body.events.push_back(event);
  const auto sealed = seal(made.header, made.body, test_key());
  const auto opened = open_header(as_bytes(sealed.bytes));
  ASSERT_TRUE(opened) << opened.error().message;
  const auto body = open_body(as_bytes(sealed.bytes), *opened);
  ASSERT_TRUE(body) << body.error().message;
  const auto& back = body->series.at(0).results.at(0);
  EXPECT_EQ(back.late_us, 0);
  EXPECT_EQ(back.probe.detail, std::string(kMaxText, 'd'));
  EXPECT_FALSE(back.probe.phases.dns_us);
  EXPECT_LE(back.probe.http->hops.size(), 64U);
  EXPECT_TRUE(decode_spooled_result(as_bytes(encode_spooled_result(0, 0, r))));
  EXPECT_TRUE(decode_event(as_bytes(encode_event(event))));
}

}  // namespace
}  // namespace nines::proto::round_trip_test
