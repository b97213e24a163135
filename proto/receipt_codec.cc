// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "proto/batch.pb.h"
#include "proto/codec.h"
#include "proto/wire_arrays.h"

namespace nines::proto {
namespace {

constexpr std::string_view kReceiptDomain = "nines-receipt-v1";
constexpr std::size_t kMaxReceiptBytes = 4096;
constexpr std::size_t kMaxHeadsBytes = 64 << 10;
constexpr std::size_t kNonceBytes = 16;

Digest signed_digest(const std::string& payload) {
  return sha256({as_bytes(kReceiptDomain), as_bytes(payload)});
}

}  // namespace

std::string encode_receipt(const Receipt& receipt, const SigningKey& key) {
  wire::ReceiptPayload p;
  p.set_status(static_cast<wire::ReceiptPayload::Status>(receipt.status));
  p.set_agent(receipt.agent);
  p.set_epoch(to_string(receipt.epoch));
  p.set_batch_hash(to_string(receipt.batch_hash));
  p.set_nonce(receipt.nonce);
  p.set_durable(receipt.durable);
  p.set_safe(receipt.safe);
  p.set_head_hash(to_string(receipt.head_hash));
  p.set_need_from(receipt.need_from);
  p.set_collector(receipt.collector);
  p.set_incarnation(to_string(receipt.incarnation));
  p.set_received_ns(receipt.received.ns);
  p.set_sent_ns(receipt.sent.ns);
  wire::Receipt w;
  w.set_payload(p.SerializeAsString());
  w.set_signature(to_string(key.sign(signed_digest(w.payload()))));
  return w.SerializeAsString();
}

Expected<Receipt> decode_receipt(ByteView bytes, const PublicKey& key) {
  wire::Receipt w;
  wire::ReceiptPayload p;
  if (bytes.size() > kMaxReceiptBytes || !parse(w, bytes)) {
    return fail("the answer is no receipt");
  }
  if (!verify_signature(key, signed_digest(w.payload()), as_bytes(w.signature()))) {
    return fail("the receipt's signature does not verify");
  }
  Receipt r;
  if (!parse(p, as_bytes(w.payload())) || p.status() < wire::ReceiptPayload::STORED ||
      p.status() > wire::ReceiptPayload::FORK || !copy_array(p.epoch(), r.epoch) ||
      !copy_array(p.batch_hash(), r.batch_hash) || !copy_array(p.head_hash(), r.head_hash) ||
      !copy_array(p.incarnation(), r.incarnation) || p.nonce().size() != kNonceBytes) {
    return fail("the receipt is malformed");
  }
  r.status = static_cast<ReceiptStatus>(p.status());
  r.agent = p.agent();
  r.nonce = p.nonce();
  r.durable = p.durable();
  r.safe = p.safe();
  r.need_from = p.need_from();
  r.collector = p.collector();
  r.received = {p.received_ns()};
  r.sent = {p.sent_ns()};
  return r;
}

std::string encode_heads(const Heads& heads) {
  wire::Heads w;
  w.set_collector(heads.collector);
  w.set_incarnation(to_string(heads.incarnation));
  w.set_public_key(to_string(heads.public_key));
  for (const auto& head : heads.heads) {
    auto* h = w.add_heads();
    h->set_epoch(to_string(head.epoch));
    h->set_durable(head.durable);
    h->set_head_hash(to_string(head.head_hash));
  }
  w.set_sent_ns(heads.sent.ns);
  return w.SerializeAsString();
}

Expected<Heads> decode_heads(ByteView bytes) {
  wire::Heads w;
  Heads heads;
  if (bytes.size() > kMaxHeadsBytes || !parse(w, bytes) ||
      !copy_array(w.incarnation(), heads.incarnation) ||
      !copy_array(w.public_key(), heads.public_key)) {
    return fail("the answer names no heads");
  }
  heads.collector = w.collector();
  heads.sent = {w.sent_ns()};
  for (const auto& h : w.heads()) {
    Head head;
    if (!copy_array(h.epoch(), head.epoch) || !copy_array(h.head_hash(), head.head_hash)) {
      return fail("the answer names malformed heads");
    }
    head.durable = h.durable();
    heads.heads.push_back(head);
  }
  return heads;
}

}  // namespace nines::proto
