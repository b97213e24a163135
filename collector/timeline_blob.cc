// SPDX-License-Identifier: Apache-2.0
#include "collector/timeline_blob.h"

#include <functional>

namespace nines::collector {
namespace {

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

// Small magnitudes of either sign become small numbers: 0, -1, 1, -2 …
std::uint64_t zigzag(std::uint64_t wrapped) { return (wrapped << 1) ^ (0 - (wrapped >> 63)); }

std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ (0 - (value & 1)); }

// A column of 64-bit values; differences wrap, so every value survives.
using Column = std::function<std::uint64_t(std::size_t)>;

void put_deltas(std::string& out, std::size_t count, const Column& value) {
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto v = value(i);
    put_varint(out, zigzag(v - before));
    before = v;
  }
}

void put_runs(std::string& out, std::size_t count, const Column& value) {
  for (std::size_t i = 0; i < count;) {
    const auto v = value(i);
    std::size_t end = i + 1;
    while (end < count && value(end) == v) ++end;
    put_varint(out, zigzag(v));
    put_varint(out, end - i);
    i = end;
  }
}

class Source {
 public:
  explicit Source(ByteView bytes) : bytes_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) break;
      const std::uint8_t byte = bytes_[at_++];
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    good_ = false;
    return 0;
  }

  std::vector<std::uint64_t> deltas(std::size_t count) {
    std::vector<std::uint64_t> column(count);
    std::uint64_t before = 0;
    for (auto& v : column) v = before += unzigzag(varint());
    return column;
  }

  std::vector<std::uint64_t> runs(std::size_t count) {
    std::vector<std::uint64_t> column;
    column.reserve(count);
    while (good_ && column.size() < count) {
      const auto value = unzigzag(varint());
      const auto length = varint();
      if (length == 0 || length > count - column.size()) good_ = false;
      if (good_) column.insert(column.end(), length, value);
    }
    return column;
  }

  bool good() const { return good_; }

  bool finished() const { return good_ && at_ == bytes_.size(); }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

Unexpected<Error> damaged() {
  return fail("store: a row of the timeline is damaged; run nines-collector --rebuild");
}

}  // namespace

std::string encode_pieces(const std::vector<Piece>& pieces) {
  std::string out;
  const auto n = pieces.size();
  put_varint(out, n);
  // A check that runs on its grid makes every slot difference 1: one run.
  put_runs(out, n, [&](std::size_t i) {
    return bits(pieces[i].slot) - (i == 0 ? 0 : bits(pieces[i - 1].slot));
  });
  put_runs(out, n, [&](std::size_t i) { return bits(pieces[i].span); });
  put_runs(out, n, [&](std::size_t i) {
    return static_cast<std::uint64_t>(pieces[i].reason) * 4 +
           static_cast<std::uint64_t>(pieces[i].outcome);
  });
  put_runs(out, n, [&](std::size_t i) { return pieces[i].number; });
  put_deltas(out, n, [&](std::size_t i) { return pieces[i].seq; });
  put_deltas(out, n, [&](std::size_t i) { return bits(pieces[i].late_us); });
  put_deltas(out, n,
             [&](std::size_t i) { return pieces[i].total_us ? bits(*pieces[i].total_us) + 1 : 0; });
  return out;
}

Expected<std::vector<Piece>> decode_pieces(ByteView bytes) {
  Source source(bytes);
  const auto count = source.varint();
  // The delta columns take a byte for each piece at least.
  if (!source.good() || count > bytes.size()) return damaged();
  const auto n = static_cast<std::size_t>(count);
  const auto slots = source.runs(n);
  const auto spans = source.runs(n);
  const auto verdicts = source.runs(n);
  const auto numbers = source.runs(n);
  const auto seqs = source.deltas(n);
  const auto lates = source.deltas(n);
  const auto totals = source.deltas(n);
  if (!source.finished()) return damaged();
  std::vector<Piece> pieces(n);
  std::uint64_t slot = 0;
  for (std::size_t i = 0; i < n; ++i) {
    auto& piece = pieces[i];
    slot += slots[i];
    const auto reason = reason_from_number(static_cast<std::uint32_t>(verdicts[i] / 4));
    if (!reason || verdicts[i] % 4 > 2) return damaged();
    piece.slot = static_cast<std::int64_t>(slot);
    piece.span = static_cast<std::int64_t>(spans[i]);
    piece.reason = *reason;
    piece.outcome = static_cast<Outcome>(verdicts[i] % 4);
    piece.number = numbers[i];
    piece.seq = seqs[i];
    piece.late_us = static_cast<std::int64_t>(lates[i]);
    if (totals[i] != 0) piece.total_us = static_cast<std::int64_t>(totals[i] - 1);
  }
  return pieces;
}

}  // namespace nines::collector
