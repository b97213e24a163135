// SPDX-License-Identifier: Apache-2.0
#include "sla/input/packed_samples.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

using packed::kHasCause;
using packed::kHasReceived;
using packed::kHasTotal;
using packed::kMicrosecond;
using packed::kOutcome;
using packed::kTotalWidth;
using packed::kWholeMicroseconds;

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void put(std::vector<std::uint8_t>& out, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (; rest >= 128; rest >>= 7) out.push_back(static_cast<std::uint8_t>(rest | 128));
  out.push_back(static_cast<std::uint8_t>(rest));
}

unsigned width_of(std::int64_t total_us) {
  if (total_us < 0 || total_us >= packed::kWideTotal) return 0;
  return total_us < 1 << 8 ? 1 : total_us < 1 << 16 ? 2 : 3;
}

}  // namespace

PackedSamples::PackedSamples(std::initializer_list<Sample> samples) {
  for (const Sample& each : samples) push_back(each);
}

PackedSamples::PackedSamples(const std::vector<Sample>& samples) {
  for (const Sample& each : samples) push_back(each);
}

void PackedSamples::push_back(const Sample& sample) {
  if (!coded_) {
    coded_ = std::make_shared<Coded>();
  } else if (coded_.use_count() > 1) {
    coded_ = std::make_shared<Coded>(*coded_);
  }
  auto& bytes = coded_->bytes;
  constexpr std::size_t kLongest = 64;  // bytes of one sample, at most
  if (bytes.capacity() - bytes.size() < kLongest) {
    // Doubling would leave half of the room of every list empty.
    bytes.reserve(bytes.size() + bytes.size() / 8 + 4 * kLongest);
  }
  const bool first = size_ % kBlock == 0;
  if (first) {
    coded_->blocks.push_back({sample.at_ns, bytes.size()});
    last_gap_ = 0;
  }
  const std::int64_t gap = first ? 0 : minus(sample.at_ns, last_ns_);
  const std::int64_t change = minus(gap, last_gap_);
  const bool whole = change % kMicrosecond == 0;
  auto flags = static_cast<std::uint8_t>(sample.outcome);
  ASSERT(flags <= kOutcome);
  if (sample.cause != Cause::unstated) flags |= kHasCause;
  const unsigned width = sample.total_us ? width_of(*sample.total_us) : 0;
  if (sample.total_us) flags |= static_cast<std::uint8_t>(kHasTotal | width << kTotalWidth);
  if (sample.received_ns != kNotReceived) flags |= kHasReceived;
  if (whole) flags |= kWholeMicroseconds;
  bytes.push_back(flags);
  if (!first) put(bytes, whole ? change / kMicrosecond : change);
  if ((flags & kHasCause) != 0) bytes.push_back(static_cast<std::uint8_t>(sample.cause));
  if (sample.total_us && width == 0) put(bytes, *sample.total_us);
  for (unsigned i = 0; i < width; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(*sample.total_us >> 8 * i));
  }
  if ((flags & kHasReceived) != 0) put(bytes, minus(sample.received_ns, sample.at_ns));
  last_ns_ = sample.at_ns;
  last_gap_ = gap;
  ++size_;
  reach_.from_ns = std::min(reach_.from_ns, sample.at_ns);
  reach_.to_ns = std::max(reach_.to_ns, sample.at_ns);
  reach_.received_ns = std::max(reach_.received_ns, sample.received_ns);
}

std::size_t PackedSamples::bytes() const {
  return coded_ ? coded_->bytes.capacity() + coded_->blocks.capacity() * sizeof(Block) : 0;
}

bool PackedSamples::operator==(const PackedSamples& other) const {
  if (size_ != other.size_ || reach_ != other.reach_) return false;
  // Equal samples are coded in one way only; where blocks begin follows from it, but for their
  // first instants.
  return coded_ == other.coded_ ||
         (coded_->bytes == other.coded_->bytes &&
          std::equal(coded_->blocks.begin(), coded_->blocks.end(), other.coded_->blocks.begin(),
                     [](const Block& a, const Block& b) { return a.first_ns == b.first_ns; }));
}

PackedSamples::Iterator PackedSamples::begin() const { return {*this, 0}; }

PackedSamples::Iterator PackedSamples::from(std::int64_t at_ns) const {
  if (!coded_) return begin();
  const auto& blocks = coded_->blocks;
  // The last block that begins before the instant may hold it.
  const auto later = std::lower_bound(
      blocks.begin(), blocks.end(), at_ns,
      [](const Block& block, std::int64_t instant) { return block.first_ns < instant; });
  const auto block = later == blocks.begin() ? later : later - 1;
  Iterator out(*this, static_cast<std::size_t>(block - blocks.begin()));
  while (out != end() && out->at_ns < at_ns) ++out;
  return out;
}

PackedSamples::Iterator::Iterator(const PackedSamples& samples, std::size_t block)
    : samples_(&samples), index_(std::min(block * kBlock, samples.size_)) {
  if (index_ == samples.size_) return;
  next_ = samples.coded_->bytes.data() + samples.coded_->blocks[block].offset;
  read();
}

}  // namespace nines::sla
