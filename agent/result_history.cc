// SPDX-License-Identifier: Apache-2.0
#include "agent/result_history.h"

#include "base/assert.h"
#include "proto/codec.h"

namespace nines::agent {

void ResultHistory::add(const Result& result) {
  if (any_) pack_last();
  last_ = result;
  last_.seq = 0;
  any_ = true;
}

void ResultHistory::pack_last() {
  last_.seq = 1;  // none is no result to the codec
  const auto bytes = proto::encode_spooled_result(0, 0, last_);
  std::size_t old = 0;  // how many of the oldest go
  std::size_t size = packed_.size() + bytes.size();
  std::size_t freed = 0;
  while (old < sizes_.size() &&
         (sizes_.size() - old + 2 > kHistoryResults || size - freed > kHistoryBytes)) {
    freed += sizes_[old++];
  }
  packed_.erase(packed_.begin(), packed_.begin() + static_cast<std::ptrdiff_t>(freed));
  sizes_.erase(sizes_.begin(), sizes_.begin() + static_cast<std::ptrdiff_t>(old));
  size -= freed;
  // Doubling, as a vector would, would leave half of the room of every check empty.
  if (size > packed_.capacity()) packed_.reserve(size + size / 8);
  packed_.insert(packed_.end(), bytes.begin(), bytes.end());
  sizes_.push_back(static_cast<std::uint32_t>(bytes.size()));
}

const Result& ResultHistory::last() const {
  ASSERT(any_);
  return last_;
}

std::vector<Result> ResultHistory::all() const {
  std::vector<Result> out;
  out.reserve(size());
  ByteView rest(packed_);
  for (const auto each : sizes_) {
    auto read = proto::decode_spooled_result(rest.first(each));
    ASSERT(read);  // our own bytes
    out.push_back(std::move(read->result));
    out.back().seq = 0;
    rest = rest.subspan(each);
  }
  if (any_) out.push_back(last_);
  return out;
}

}  // namespace nines::agent
