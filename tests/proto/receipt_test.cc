// SPDX-License-Identifier: Apache-2.0
// Receipts and heads: a receipt counts only when the collector's own key signed every bit of it.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "proto/batch.pb.h"
#include "proto/codec.h"

namespace nines::proto::receipt_test {
namespace {

SigningKey collector_key() {
  static const SigningKey key =
      *SigningKey::from_seed(as_bytes("fedcba9876543210fedcba9876543210"));
  return key;
}

Receipt a_receipt() {
  Receipt r;
  r.status = ReceiptStatus::need_from;
  r.agent = "edge-042";
  r.epoch.fill(0xE0);
  r.batch_hash.fill(0xBA);
  r.nonce = std::string("\0nonce of 16 byt", 16);
  r.durable = 41;
  r.safe = 40;
  r.head_hash.fill(0x4E);
  r.need_from = 42;
  r.collector = "collector-1";
  r.incarnation.fill(0x1C);
  r.received = {1'790'000'000'000'000'001};
  r.sent = {1'790'000'000'000'000'999};
  return r;
}

// Signed by the collector itself, with a payload that it would never make.
std::string signed_with(const std::function<void(wire::ReceiptPayload&)>& change) {
  wire::Receipt w;
  wire::ReceiptPayload p;
  w.ParseFromString(encode_receipt(a_receipt(), collector_key()));
  p.ParseFromString(w.payload());
  change(p);
  w.set_payload(p.SerializeAsString());
  const auto digest = sha256({as_bytes("nines-receipt-v1"), as_bytes(w.payload())});
  const auto signature = collector_key().sign(digest);
  w.set_signature(std::string(signature.begin(), signature.end()));
  return w.SerializeAsString();
}

bool accepted(const std::string& bytes) {
  return decode_receipt(as_bytes(bytes), collector_key().public_key()).has_value();
}

TEST(Receipt, ComesBackAsItWas) {
  for (const auto status : {ReceiptStatus::stored, ReceiptStatus::duplicate,
                            ReceiptStatus::need_from, ReceiptStatus::fork}) {
    auto r = a_receipt();
    r.status = status;
    const auto back =
        decode_receipt(as_bytes(encode_receipt(r, collector_key())), collector_key().public_key());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->status, r.status);
    EXPECT_EQ(back->agent, r.agent);
    EXPECT_EQ(back->epoch, r.epoch);
    EXPECT_EQ(back->batch_hash, r.batch_hash);
    EXPECT_EQ(back->nonce, r.nonce);
    EXPECT_EQ(back->durable, r.durable);
    EXPECT_EQ(back->safe, r.safe);
    EXPECT_EQ(back->head_hash, r.head_hash);
    EXPECT_EQ(back->need_from, r.need_from);
    EXPECT_EQ(back->collector, r.collector);
    EXPECT_EQ(back->incarnation, r.incarnation);
    EXPECT_EQ(back->received, r.received);
    EXPECT_EQ(back->sent, r.sent);
  }
}

TEST(Receipt, IsRefusedAtEveryTruncation) {
  const auto bytes = encode_receipt(a_receipt(), collector_key());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    ASSERT_FALSE(accepted(bytes.substr(0, n))) << "cut to " << n;
  }
}

TEST(Receipt, IsRefusedWithAnyBitFlipped) {
  const auto bytes = encode_receipt(a_receipt(), collector_key());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      ASSERT_FALSE(accepted(flipped)) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Receipt, OfAnotherSignerCountsForNothing) {
  const auto other = SigningKey::generate();
  EXPECT_FALSE(accepted(encode_receipt(a_receipt(), other)));
  EXPECT_FALSE(
      decode_receipt(as_bytes(encode_receipt(a_receipt(), collector_key())), other.public_key()));
}

// A signature over one kind of message says nothing about another kind.
TEST(Receipt, IsNotSignedByASignatureOverABatch) {
  wire::Receipt w;
  w.ParseFromString(encode_receipt(a_receipt(), collector_key()));
  const auto digest = sha256({as_bytes("nines-batch-v1"), as_bytes(w.payload())});
  const auto signature = collector_key().sign(digest);
  w.set_signature(std::string(signature.begin(), signature.end()));
  EXPECT_FALSE(accepted(w.SerializeAsString()));
}

TEST(Receipt, IsRefusedWhenMalformed) {
  EXPECT_TRUE(accepted(signed_with([](auto&) {})));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.clear_status(); })));
  EXPECT_FALSE(accepted(
      signed_with([](auto& p) { p.set_status(static_cast<wire::ReceiptPayload::Status>(5)); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.set_epoch("e"); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.clear_batch_hash(); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.set_nonce(std::string(15, 'n')); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.set_nonce(std::string(17, 'n')); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.set_head_hash(std::string(31, 'h')); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.clear_incarnation(); })));
  EXPECT_FALSE(accepted(signed_with([](auto& p) { p.set_collector(std::string(5000, 'c')); })));
  EXPECT_FALSE(accepted("<html>Please log in to this network</html>"));
  EXPECT_FALSE(accepted(""));
}

Heads some_heads() {
  Heads heads;
  heads.collector = "collector-1";
  heads.incarnation.fill(0x1C);
  heads.public_key = collector_key().public_key();
  for (std::uint8_t i = 0; i < 3; ++i) {
    Head head;
    head.epoch.fill(i);
    head.durable = 1000U + i;
    head.head_hash.fill(static_cast<std::uint8_t>(0xF0 + i));
    heads.heads.push_back(head);
  }
  heads.sent = {-5};
  return heads;
}

TEST(Heads, ComeBackAsTheyWere) {
  const auto heads = some_heads();
  const auto back = decode_heads(as_bytes(encode_heads(heads)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->collector, heads.collector);
  EXPECT_EQ(back->incarnation, heads.incarnation);
  EXPECT_EQ(back->public_key, heads.public_key);
  EXPECT_EQ(back->sent, heads.sent);
  ASSERT_EQ(back->heads.size(), heads.heads.size());
  for (std::size_t i = 0; i < heads.heads.size(); ++i) {
    EXPECT_EQ(back->heads[i].epoch, heads.heads[i].epoch);
    EXPECT_EQ(back->heads[i].durable, heads.heads[i].durable);
    EXPECT_EQ(back->heads[i].head_hash, heads.heads[i].head_hash);
  }
}

TEST(Heads, AreRefusedWhenMalformed) {
  wire::Heads w;
  const auto refused = [&](const std::function<void(wire::Heads&)>& change) {
    w.ParseFromString(encode_heads(some_heads()));
    change(w);
    return !decode_heads(as_bytes(w.SerializeAsString()));
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& h) { h.clear_public_key(); }));
  EXPECT_TRUE(refused([](auto& h) { h.set_incarnation("i"); }));
  EXPECT_TRUE(refused([](auto& h) { h.mutable_heads(1)->set_epoch("e"); }));
  EXPECT_TRUE(refused([](auto& h) { h.mutable_heads(2)->clear_head_hash(); }));
  EXPECT_TRUE(refused([](auto& h) { h.set_collector(std::string(70'000, 'c')); }));
  EXPECT_FALSE(decode_heads(as_bytes("<html>captive</html>")));
  EXPECT_FALSE(decode_heads(as_bytes("")));
}

}  // namespace
}  // namespace nines::proto::receipt_test
