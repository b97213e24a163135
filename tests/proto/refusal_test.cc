// SPDX-License-Identifier: Apache-2.0
// Damaged, forged and contradictory batches: none is taken for another batch.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "proto/batch.pb.h"
#include "proto/codec.h"
#include "tests/proto/random_batch.h"

namespace nines::proto::refusal_test {
namespace {

bool opens(const std::string& bytes) {
  const auto opened = open_header(as_bytes(bytes));
  return opened && open_body(as_bytes(bytes), *opened);
}

std::string refusal(const std::string& bytes) {
  const auto opened = open_header(as_bytes(bytes));
  if (!opened) return opened.error().message;
  const auto body = open_body(as_bytes(bytes), *opened);
  return body ? std::string() : body.error().message;
}

// The first series has every column, so that each can be made wrong.
bool has_every_column(const std::vector<Result>& results) {
  bool http = false, tls = false, icmp = false, detail = false;
  for (const auto& r : results) {
    http = http || r.probe.http;
    tls = tls || r.probe.tls;
    icmp = icmp || (r.probe.icmp && !r.probe.icmp->rtt_us.empty());
    detail = detail || !r.probe.detail.empty();
  }
  return results.size() > 3 && http && tls && icmp && detail;
}

MadeBatch a_batch() {
  for (std::uint64_t seed = 42;; ++seed) {
    Random random(seed);
    auto made = random_batch(random, 3, 40);
    if (!made.body.series.empty() && has_every_column(made.body.series[0].results)) return made;
  }
}

MadeBatch a_gap_batch() {
  Random random(42);
  return random_gap_batch(random);
}

using Header = wire::BatchHeader;
using Body = wire::BatchBody;

std::string with_header(const std::function<void(Header&)>& change) {
  return resealed(a_batch(), change, nullptr);
}

std::string with_body(const std::function<void(Body&)>& change) {
  return resealed(a_batch(), nullptr, change);
}

TEST(SealedBatch, OpensWhenNothingIsChanged) {
  EXPECT_EQ(refusal(resealed(a_batch(), nullptr, nullptr)), "");
  EXPECT_EQ(refusal(resealed(a_gap_batch(), nullptr, nullptr)), "");
}

TEST(SealedBatch, IsRefusedAtEveryTruncation) {
  const auto bytes = seal(a_batch().header, a_batch().body, test_key()).bytes;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    ASSERT_FALSE(open_header(as_bytes(bytes.substr(0, n)))) << "cut to " << n;
  }
}

TEST(SealedBatch, IsRefusedWithAnyBitFlipped) {
  const auto bytes = seal(small_batch().header, small_batch().body, test_key()).bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      ASSERT_FALSE(open_header(as_bytes(flipped))) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(SealedBatch, IsRefusedWithAnythingBehindIt) {
  const auto bytes = seal(a_batch().header, a_batch().body, test_key()).bytes;
  for (const std::string& extra :
       {std::string("x"), std::string(1, '\0'), std::string("\x20\x01"),  // field 4, a number
        std::string("\x22\x01y"), std::string("\x0a\x00", 2), bytes}) {   // field 4, field 1 again
    EXPECT_FALSE(open_header(as_bytes(bytes + extra))) << to_hex(as_bytes(extra.substr(0, 8)));
    EXPECT_FALSE(open_header(as_bytes(extra + bytes))) << to_hex(as_bytes(extra.substr(0, 8)));
  }
}

TEST(SealedBatch, HasOneOrderOfFields) {
  wire::SealedBatch sealed;
  sealed.ParseFromString(seal(a_batch().header, a_batch().body, test_key()).bytes);
  wire::SealedBatch header_only, rest = sealed;
  header_only.set_header(sealed.header());
  rest.clear_header();
  EXPECT_FALSE(open_header(as_bytes(rest.SerializeAsString() + header_only.SerializeAsString())));
}

TEST(SealedBatch, IsRefusedWhenRandomBytesReplaceIt) {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random.below(300), '\0');
    for (auto& c : bytes) c = static_cast<char>(random.next());
    ASSERT_FALSE(open_header(as_bytes(bytes)));
    (void)decode_table(as_bytes(bytes));
    (void)decode_event(as_bytes(bytes));
    (void)decode_spooled_result(as_bytes(bytes));
    (void)decode_heads(as_bytes(bytes));
  }
}

TEST(SealedBatch, IsRefusedWhenSignedByAnotherKey) {
  wire::SealedBatch sealed;
  const auto whole = seal(a_batch().header, a_batch().body, test_key());
  sealed.ParseFromString(whole.bytes);
  const auto other = SigningKey::generate().sign(whole.hash);
  sealed.set_signature(std::string(other.begin(), other.end()));
  EXPECT_EQ(refusal(sealed.SerializeAsString()), "the batch's signature does not verify");
  for (const auto size : {0U, 1U, 63U, 65U, 1000U}) {
    sealed.set_signature(std::string(size, 's'));
    EXPECT_EQ(refusal(sealed.SerializeAsString()), "the batch's signature does not verify");
  }
}

TEST(SealedBatch, NamesTheKeyThatSignedIt) {
  const auto foreign = SigningKey::generate().public_key();
  EXPECT_EQ(refusal(with_header(
                [&](Header& h) { h.set_public_key(std::string(foreign.begin(), foreign.end())); })),
            "the batch's signature does not verify");
}

TEST(SealedBatch, CannotBorrowAnotherBatchsBody) {
  Random random(43);
  const auto other = random_batch(random, 3, 40);
  wire::SealedBatch mine, theirs;
  mine.ParseFromString(seal(a_batch().header, a_batch().body, test_key()).bytes);
  theirs.ParseFromString(seal(other.header, other.body, test_key()).bytes);
  mine.set_body(theirs.body());
  EXPECT_EQ(refusal(mine.SerializeAsString()),
            "the batch's body does not fit the digest in its header");
}

TEST(SealedBatch, OfAnotherFormatIsNamedAsSuch) {
  for (const auto format : {0U, 2U, 1000U}) {
    const auto message = refusal(with_header([&](Header& h) { h.set_format(format); }));
    EXPECT_EQ(message, "batch format " + std::to_string(format) + " is not known to this version");
  }
}

TEST(BatchHeader, IsRefusedWhenMalformed) {
  const std::vector<std::pair<std::string, std::function<void(Header&)>>> changes = {
      {"no agent", [](Header& h) { h.clear_agent(); }},
      {"long agent", [](Header& h) { h.set_agent(std::string(256, 'a')); }},
      {"short epoch", [](Header& h) { h.set_epoch(std::string(15, 'e')); }},
      {"no epoch", [](Header& h) { h.clear_epoch(); }},
      {"number 0", [](Header& h) { h.set_number(0), h.set_last_number(0); }},
      {"last below number", [](Header& h) { h.set_last_number(h.number() - 1); }},
      {"last above number", [](Header& h) { h.set_last_number(h.number() + 1); }},
      {"huge number", [](Header& h) { h.set_number(UINT64_MAX), h.set_last_number(UINT64_MAX); }},
      {"long previous hash", [](Header& h) { h.set_previous_hash(std::string(33, 'h')); }},
      {"no previous hash", [](Header& h) { h.clear_previous_hash(); }},
      {"resume hash with results", [](Header& h) { h.set_resume_hash(std::string(32, 'r')); }},
      {"short resume hash", [](Header& h) { h.set_resume_hash("r"); }},
      {"short digest", [](Header& h) { h.set_body_digest("d"); }},
      {"no first seq", [](Header& h) { h.set_first_seq(0); }},
      {"seq overflows", [](Header& h) { h.set_first_seq(UINT64_MAX); }},
      {"too many results", [](Header& h) { h.set_result_count(kMaxResults + 1); }},
      {"short boot id", [](Header& h) { h.set_boot_id("b"); }},
      {"short key", [](Header& h) { h.set_public_key("k"); }},
      {"short table digest", [](Header& h) { h.set_table_digest("t"); }},
      {"long version", [](Header& h) { h.set_version(std::string(256, 'v')); }},
      {"more results than there are", [](Header& h) { h.set_result_count(h.result_count() + 1); }},
      {"fewer results than there are", [](Header& h) { h.set_result_count(h.result_count() - 1); }},
      {"other seqs than there are", [](Header& h) { h.set_first_seq(h.first_seq() + 1); }},
  };
  ASSERT_GT(a_batch().header.result_count, 1U);
  for (const auto& [what, change] : changes) EXPECT_FALSE(opens(with_header(change))) << what;
}

TEST(GapBatch, StandsForARangeAndHoldsNoResults) {
  const auto refuses = [](const std::function<void(Header&)>& header,
                          const std::function<void(Body&)>& body) {
    return !opens(resealed(a_gap_batch(), header, body));
  };
  EXPECT_TRUE(refuses([](Header& h) { h.clear_resume_hash(); }, nullptr));
  EXPECT_TRUE(refuses([](Header& h) { h.set_result_count(1); }, nullptr));
  EXPECT_TRUE(refuses(nullptr, [](Body& b) { b.clear_gap(); }));
  EXPECT_TRUE(refuses(nullptr, [](Body& b) {
    b.mutable_series()->Add()->CopyFrom(b.series_size() > 1 ? b.series(0) : wire::Series());
    b.mutable_series(0)->add_slot_delta(1);
  }));
  EXPECT_TRUE(refuses(nullptr, [](Body& b) { b.mutable_gap()->set_cause(std::string(256, 'c')); }));
  EXPECT_TRUE(refuses(
      nullptr, [](Body& b) { b.mutable_gap()->add_checks()->set_check(std::string(256, 'c')); }));
  EXPECT_TRUE(refuses(nullptr, [](Body& b) {
    for (std::size_t i = 0; i <= kMaxGapChecks; ++i) b.mutable_gap()->add_checks();
  }));
  EXPECT_FALSE(opens(with_body([](Body& b) { b.mutable_gap()->set_batches(1); })))
      << "a gap in a batch that is no gap batch";
}

TEST(BatchBody, IsRefusedWhenItsTableHasAnotherDigest) {
  EXPECT_EQ(refusal(with_body([](Body& b) { b.set_table("another table"); })),
            "the batch's table does not fit the digest in its header");
}

TEST(BatchBody, IsRefusedWhenItsSeriesContradictEachOther) {
  const auto series = [](const std::function<void(wire::Series&)>& change) {
    return with_body([&](Body& b) { change(*b.mutable_series(0)); });
  };
  const std::vector<std::pair<std::string, std::function<void(wire::Series&)>>> changes = {
      {"a slot twice", [](auto& s) { s.set_slot_delta(1, -s.slot_delta(0)); }},
      {"slots backwards", [](auto& s) { s.set_slot_delta(1, -s.slot_delta(0) - 5); }},
      {"slot overflow", [](auto& s) { s.set_slot_delta(0, INT64_MAX); }},
      {"slot underflow", [](auto& s) { s.set_slot_delta(0, INT64_MIN); }},
      {"seq twice", [](auto& s) { s.set_seq_delta(1, 0); }},
      {"seq overflow", [](auto& s) { s.set_seq_delta(1, UINT64_MAX); }},
      {"seq outside", [](auto& s) { s.set_seq_delta(0, 1'000'000'000); }},
      {"seq missing", [](auto& s) { s.mutable_seq_delta()->RemoveLast(); }},
      {"late negative", [](auto& s) { s.set_late_us(0, -1); }},
      {"late missing", [](auto& s) { s.mutable_late_us()->RemoveLast(); }},
      {"late overflow", [](auto& s) { s.set_late_us(0, INT64_MAX), s.set_late_us(1, INT64_MAX); }},
      {"span zero",
       [](auto& s) {
         s.mutable_span()->Resize(s.slot_delta_size(), 1);
         s.set_span(0, 0);
       }},
      {"span huge",
       [](auto& s) {
         s.mutable_span()->Resize(s.slot_delta_size(), 1);
         s.set_span(s.span_size() - 1, UINT64_MAX);
       }},
      {"span over the next slot",
       [](auto& s) {
         s.mutable_span()->Resize(s.slot_delta_size(), 1);
         s.set_span(0, 1'000'000);
       }},
      {"span missing", [](auto& s) { s.mutable_span()->Resize(s.slot_delta_size() + 1, 1); }},
      {"unknown reason", [](auto& s) { s.set_verdict(0, 99 * 4); }},
      {"fourth outcome", [](auto& s) { s.set_verdict(0, s.verdict(0) | 3U); }},
      {"run of none", [](auto& s) { s.set_verdict(1, 0); }},
      {"run too long", [](auto& s) { s.set_verdict(1, UINT32_MAX); }},
      {"verdicts missing", [](auto& s) { s.clear_verdict(); }},
      {"half a verdict", [](auto& s) { s.mutable_verdict()->RemoveLast(); }},
      {"column too short", [](auto& s) { s.mutable_total_us()->Resize(1, 5); }},
      {"column too long", [](auto& s) { s.mutable_dns_us()->Resize(s.slot_delta_size() + 1, 0); }},
      {"value below absent",
       [](auto& s) {
         s.mutable_tls_us()->Resize(s.slot_delta_size(), 0);
         s.set_tls_us(0, -1);
       }},
      {"detail without text",
       [](auto& s) {
         s.mutable_detail()->Resize(s.slot_delta_size(), 0);
         s.set_detail(0, static_cast<std::uint32_t>(s.text_size() + 1));
       }},
      {"address column too short",
       [](auto& s) {
         s.clear_address();
         s.add_address(0);
       }},
      {"text too long", [](auto& s) { s.add_text(std::string(kMaxText + 1, 't')); }},
      {"http run of none", [](auto& s) { s.clear_http(), s.add_http(); }},
      {"http run too long", [](auto& s) { s.clear_http(), s.add_http()->set_run(UINT32_MAX); }},
      {"http for some only", [](auto& s) { s.clear_http(), s.add_http()->set_run(1); }},
      {"http status",
       [](auto& s) { s.mutable_http(0)->set_present(true), s.mutable_http(0)->set_status(1000); }},
      {"http version",
       [](auto& s) {
         s.mutable_http(0)->set_present(true), s.mutable_http(0)->set_version(std::string(17, '1'));
       }},
      {"http bytes",
       [](auto& s) {
         s.mutable_http(0)->set_present(true), s.mutable_http(0)->set_wire_bytes(UINT64_MAX);
       }},
      {"http hop",
       [](auto& s) {
         s.mutable_http(0)->set_present(true),
             s.mutable_http(0)->add_hops()->set_url(std::string(2049, 'h'));
       }},
      {"http hops",
       [](auto& s) {
         s.mutable_http(0)->set_present(true);
         for (int i = 0; i < 65; ++i) s.mutable_http(0)->add_hops()->set_url("h");
       }},
      {"tls version",
       [](auto& s) {
         s.mutable_tls(0)->set_present(true), s.mutable_tls(0)->set_version(std::string(17, '1'));
       }},
      {"icmp column too short", [](auto& s) { s.mutable_icmp()->clear_sent(); }},
      {"icmp sent too many", [](auto& s) { s.mutable_icmp()->set_sent(0, 1'000'000); }},
      {"icmp sent the most", [](auto& s) { s.mutable_icmp()->set_sent(0, UINT32_MAX); }},
      {"icmp rtt left over", [](auto& s) { s.mutable_icmp()->add_rtt_us(1); }},
      {"icmp received left over", [](auto& s) { s.mutable_icmp()->add_received(0); }},
      {"icmp rtt negative", [](auto& s) { s.mutable_icmp()->set_rtt_us(0, -1); }},
      {"icmp duplicates", [](auto& s) { s.mutable_icmp()->set_duplicates(0, UINT32_MAX); }},
  };
  for (const auto& [what, change] : changes) EXPECT_FALSE(opens(series(change))) << what;
}

TEST(BatchBody, IsRefusedWhenACheckHasTwoSeriesOrAnIndexTooHigh) {
  EXPECT_FALSE(opens(with_body([](Body& b) { b.add_series()->set_check(b.series(0).check()); })));
  EXPECT_FALSE(opens(with_body([](Body& b) { b.mutable_series(0)->set_check(kMaxChecks); })));
}

TEST(BatchBody, IsRefusedWhenAnEventIsUnknownOrTooLong) {
  EXPECT_FALSE(opens(with_body([](Body& b) { b.add_events(); })));
  EXPECT_FALSE(opens(
      with_body([](Body& b) { b.add_events()->set_kind(static_cast<wire::Event::Kind>(99)); })));
  EXPECT_FALSE(opens(with_body([](Body& b) {
    b.add_events()->set_kind(wire::Event::BOOT);
    b.mutable_events(b.events_size() - 1)->set_text(std::string(1001, 't'));
  })));
  EXPECT_FALSE(opens(with_body([](Body& b) {
    for (int i = 0; i < 1001; ++i) b.add_events()->set_kind(wire::Event::BOOT);
  })));
}

// Whatever single number of the body is changed by its own agent: refused, or taken with the same
// count of results under the same numbers; never a crash, never more than announced.
TEST(BatchBody, SurvivesRandomChangesUnderAGoodSignature) {
  Random random(9);
  const auto made = a_batch();
  wire::SealedBatch sealed;
  for (int i = 0; i < 3000; ++i) {
    const auto bytes = resealed(made, nullptr, [&](Body& b) {
      auto raw = b.SerializeAsString();
      for (auto n = 1 + random.below(3); n > 0; --n) {
        raw[random.below(raw.size())] = static_cast<char>(random.next());
      }
      Body changed;
      if (changed.ParseFromString(raw)) b = changed;
    });
    const auto opened = open_header(as_bytes(bytes));
    ASSERT_TRUE(opened);
    const auto body = open_body(as_bytes(bytes), *opened);
    if (!body) continue;
    std::uint64_t results = 0;
    for (const auto& series : body->series) results += series.results.size();
    ASSERT_EQ(results, made.header.result_count);
  }
}

}  // namespace
}  // namespace nines::proto::refusal_test
