// SPDX-License-Identifier: Apache-2.0
// The only file that sees both the model and the wire. Encoding happens once, at sealing; decoding
// checks every size before it allocates and every index before it is used: all input is hostile.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "base/sign.h"
#include "model/batch.h"

namespace nines::proto {

// Bounds of a batch; a batch over them is refused unread by the collector and never made by an
// agent.
inline constexpr std::size_t kMaxSealedBytes = 1 << 20;  // on the wire
inline constexpr std::size_t kMaxBodyBytes = 8 << 20;    // decompressed
inline constexpr std::uint64_t kMaxResults = 100'000;    // in one batch
inline constexpr std::size_t kMaxChecks = 10'000;        // in one table
inline constexpr std::size_t kMaxGapChecks = 10'000;

struct Sealed {
  std::string bytes;
  Digest hash;  // the chain's next previous_hash (a gap batch hands on its resume_hash instead)
};

// Signs with `key`, whose public half must be header.public_key. Fills in what the body decides
// (digest, size). Asserts that the bounds hold.
Sealed seal(const BatchHeader& header, const BatchBody& body, const SigningKey& key);

struct OpenedHeader {
  BatchHeader header;
  Digest hash;            // of this batch
  Digest chain_hash;      // what the next batch must name: `hash`, or a gap batch's resume_hash
  std::size_t body_size;  // decompressed, as announced and bounded
};

// Checks bounds, shape, the body's digest and the signature by the key that the header names
// (whether that key is the agent's is the collector's question). Cheap: does not decompress.
Expected<OpenedHeader> open_header(ByteView sealed);

// The header alone, of bytes that the agent's own ledger vouches for: neither digest nor signature
// is checked.
Expected<OpenedHeader> peek_header(ByteView sealed);

// Decompresses within the announced size and decodes. Sequence numbers of all series together must
// be exactly first_seq..first_seq+result_count-1; slots of a series must grow.
Expected<BatchBody> open_body(ByteView sealed, const OpenedHeader& opened);

std::string encode_table(const CheckTable& table);
Expected<CheckTable> decode_table(ByteView bytes);

// The spool's own records, until they are sealed.
struct SpooledResult {
  std::uint32_t check = 0;  // index into a table,
  std::uint64_t table = 0;  // which this names: table_mark(); 0: the one spooled last
  Result result;
};

// Tells a table from others of one spool. Never 0.
std::uint64_t table_mark(const Digest& table);
std::string encode_spooled_result(std::uint32_t check, std::uint64_t table, const Result& result);
Expected<SpooledResult> decode_spooled_result(ByteView bytes);

// Results of one check, as a batch holds them. Their sequence numbers grow from above 0, their
// slots past each other's spans.
std::string encode_results(std::span<const Result> results);
Expected<std::vector<Result>> decode_results(ByteView bytes, std::size_t most);

std::string encode_event(const AgentEvent& event);
Expected<AgentEvent> decode_event(ByteView bytes);

enum class ReceiptStatus { stored = 1, duplicate = 2, need_from = 3, fork = 4 };

struct Receipt {
  ReceiptStatus status = ReceiptStatus::stored;
  std::string agent;
  EpochId epoch{};
  Digest batch_hash{};
  std::string nonce;  // 16 bytes
  std::uint64_t durable = 0, safe = 0;
  Digest head_hash{};
  std::uint64_t need_from = 0;
  std::string collector;
  std::array<std::uint8_t, 16> incarnation{};
  WallTime received, sent;
};

inline constexpr std::string_view kReceiptType = "application/vnd.nines.receipt";
inline constexpr std::string_view kBatchType = "application/vnd.nines.batch";
inline constexpr std::string_view kHeadsType = "application/vnd.nines.heads";

std::string encode_receipt(const Receipt& receipt, const SigningKey& key);
// Refuses a receipt that `key` did not sign.
Expected<Receipt> decode_receipt(ByteView bytes, const PublicKey& key);

struct Head {
  EpochId epoch{};
  std::uint64_t durable = 0;
  Digest head_hash{};
};

struct Heads {
  std::string collector;
  std::array<std::uint8_t, 16> incarnation{};
  PublicKey public_key{};  // signs receipts
  std::vector<Head> heads;
  WallTime sent;
};

std::string encode_heads(const Heads& heads);
Expected<Heads> decode_heads(ByteView bytes);

}  // namespace nines::proto
