// SPDX-License-Identifier: Apache-2.0
#include "agent/result_history.h"

#include <algorithm>

#include "base/assert.h"
#include "proto/codec.h"

namespace nines::agent {
namespace {

// Of many parts: kilobytes, where others take a few hundred bytes.
bool bulky(const Result& result) {
  const auto& probe = result.probe;
  return !probe.addresses.empty() || (probe.http && probe.http->hops.size() > 4) ||
         (probe.icmp && probe.icmp->rtt_us.size() > 64);
}

// A series cannot hold a slot behind those that the result before it covers.
bool may_follow(const Result& before, const Result& next) {
  return next.slot - before.slot >= before.span;
}

}  // namespace

void ResultHistory::add(const Result& result) {
  const bool goes_along =
      whole_.empty() || (whole_.size() < kPackedTogether && may_follow(whole_.back(), result) &&
                         !bulky(whole_.back()));
  if (!goes_along) pack();
  whole_.push_back(result);
  whole_.back().seq = 0;
}

void ResultHistory::pack() {
  for (std::size_t i = 0; i < whole_.size(); ++i) whole_[i].seq = i + 1;  // a series wants them
  const auto bytes = proto::encode_results(whole_);
  packs_.push_back(
      {static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(whole_.size())});
  packed_results_ += whole_.size();
  whole_.clear();

  std::size_t old = 0;  // how many of the oldest go
  std::size_t size = packed_.size() + bytes.size();
  std::size_t freed = 0;
  while (old < packs_.size() &&
         (packed_results_ - packs_[old].results + 1 >= kHistoryResults ||  // 1: who is added
          size - freed > kHistoryBytes)) {
    freed += packs_[old].bytes;
    packed_results_ -= packs_[old].results;
    ++old;
  }
  packs_.erase(packs_.begin(), packs_.begin() + static_cast<std::ptrdiff_t>(old));
  const auto gone = std::min(freed, packed_.size());
  packed_.erase(packed_.begin(), packed_.begin() + static_cast<std::ptrdiff_t>(gone));
  if (packs_.empty()) return;  // the one just packed is beyond the bound by itself
  size -= freed;
  // Doubling, as a vector would, would leave half of the room of every check empty.
  if (size > packed_.capacity()) packed_.reserve(size + size / 8);
  packed_.insert(packed_.end(), bytes.begin(), bytes.end());
}

std::size_t ResultHistory::size() const {
  return std::min(kHistoryResults, packed_results_ + whole_.size());
}

const Result& ResultHistory::last() const {
  ASSERT(!whole_.empty());
  return whole_.back();
}

std::vector<Result> ResultHistory::all() const {
  std::vector<Result> out;
  const auto held = packed_results_ + whole_.size();
  auto beyond = held - std::min(held, kHistoryResults);  // of the oldest pack
  out.reserve(held - beyond);
  ByteView rest(packed_);
  for (const auto& pack : packs_) {
    auto read = proto::decode_results(rest.first(pack.bytes), kPackedTogether);
    ASSERT(read);  // our own bytes
    for (auto& result : *read) {
      if (beyond > 0) {
        --beyond;
        continue;
      }
      out.push_back(std::move(result));
      out.back().seq = 0;
    }
    rest = rest.subspan(pack.bytes);
  }
  out.insert(out.end(), whole_.begin(), whole_.end());
  return out;
}

}  // namespace nines::agent
