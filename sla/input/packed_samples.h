// SPDX-License-Identifier: Apache-2.0
// Samples as a judgement holds them: a year of one check every 30 s is a million of them, some 6
// bytes each here and 40 as they are. They are read from front to back, or from an instant on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "sla/input/sample.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// Appended one by one, in any order, and given back in that order, equal. Never changed in place.
// Copies share what they hold until one of them grows.
class PackedSamples {
 public:
  class Iterator;

  struct End {};

  PackedSamples() = default;
  PackedSamples(std::initializer_list<Sample> samples);
  explicit PackedSamples(const std::vector<Sample>& samples);

  void push_back(const Sample& sample);

  std::size_t size() const { return size_; }

  bool empty() const { return size_ == 0; }

  std::size_t bytes() const;  // of memory, about

  // From the first start to the last, empty (to < from) without any; the latest arrival stated.
  struct Reach {
    std::int64_t from_ns = std::numeric_limits<std::int64_t>::max();
    std::int64_t to_ns = std::numeric_limits<std::int64_t>::min();
    std::int64_t received_ns = kNotReceived;

    bool operator==(const Reach&) const = default;
  };

  const Reach& reach() const { return reach_; }

  Iterator begin() const;

  static End end() { return {}; }

  // The first sample at `at_ns` or later. Only of samples in order of time.
  Iterator from(std::int64_t at_ns) const;

  bool operator==(const PackedSamples& other) const;

 private:
  static constexpr std::size_t kBlock = 256;  // samples that are coded by what came before them

  struct Block {
    std::int64_t first_ns = 0;
    std::size_t offset = 0;  // into `bytes`
  };

  struct Coded {
    std::vector<Block> blocks;
    std::vector<std::uint8_t> bytes;
  };

  std::shared_ptr<Coded> coded_;  // null while empty
  std::size_t size_ = 0;
  Reach reach_;
  std::int64_t last_ns_ = 0;   // of the sample appended last,
  std::int64_t last_gap_ = 0;  // and its distance to the one before in its block
};

// Holds one sample at a time: what it refers to is valid until it moves on.
class PackedSamples::Iterator {
 public:
  const Sample& operator*() const { return sample_; }

  const Sample* operator->() const { return &sample_; }

  Iterator& operator++() {
    if (++index_ < samples_->size_) read();
    return *this;
  }

  bool operator==(End /*end*/) const { return index_ == samples_->size_; }

  std::size_t index() const { return index_; }  // how many samples stand before it

 private:
  friend class PackedSamples;

  Iterator(const PackedSamples& samples, std::size_t block);

  void read();

  const PackedSamples* samples_;
  std::size_t index_;
  const std::uint8_t* next_ = nullptr;  // behind the bytes of sample_
  std::int64_t gap_ = 0;
  Sample sample_;
};

// A sample in a block: a byte of flags, then what they say is there. Starts of a check lie on a
// grid, so the distance to the sample before differs by a little only from the distance before it:
// that difference is what is written (the first of a block stands in the block's index instead).
// Numbers are varints, signed ones in zigzag; a total, which is there nearly always and of one size
// for one check, has its own length in the flags instead, and none of its bytes to be looked at.
namespace packed {

inline constexpr std::int64_t kMicrosecond = 1000;

enum Flag : std::uint8_t {
  kOutcome = 3,  // two bits
  kHasCause = 4,
  kHasTotal = 8,
  kHasReceived = 16,
  kWholeMicroseconds = 32,  // of the difference
};

inline constexpr unsigned kTotalWidth = 6;  // the first of two bits: its bytes, 0 for a varint
inline constexpr std::int64_t kWideTotal = 1 << 24;  // and a negative one: a varint

// Arithmetic on instants wraps: what is far apart comes back all the same.
inline std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

inline std::int64_t take(const std::uint8_t*& at) {  // our own bytes: they end
  std::uint64_t value = 0;
  unsigned shift = 0;
  for (; (*at & 128) != 0; shift += 7) value |= static_cast<std::uint64_t>(*at++ & 127) << shift;
  value |= static_cast<std::uint64_t>(*at++) << shift;
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

inline std::int64_t take_total(const std::uint8_t*& at, unsigned width) {
  if (width == 0) return take(at);
  std::int64_t value = *at++;
  if (width > 1) value |= std::int64_t{*at++} << 8;
  if (width > 2) value |= std::int64_t{*at++} << 16;
  return value;
}

}  // namespace packed

// Here and not in the .cc file, since all that judging does runs through it.
inline void PackedSamples::Iterator::read() {
  const std::uint8_t flags = *next_++;
  if (index_ % kBlock == 0) {
    sample_.at_ns = samples_->coded_->blocks[index_ / kBlock].first_ns;
    gap_ = 0;
  } else {
    const std::int64_t change = packed::take(next_);
    const bool whole = (flags & packed::kWholeMicroseconds) != 0;
    gap_ = packed::plus(gap_, whole ? change * packed::kMicrosecond : change);
    sample_.at_ns = packed::plus(sample_.at_ns, gap_);
  }
  sample_.outcome = static_cast<Outcome>(flags & packed::kOutcome);
  sample_.cause = (flags & packed::kHasCause) != 0 ? static_cast<Cause>(*next_++) : Cause::unstated;
  sample_.total_us.reset();
  if ((flags & packed::kHasTotal) != 0) {
    sample_.total_us = packed::take_total(next_, flags >> packed::kTotalWidth);
  }
  sample_.received_ns = kNotReceived;
  if ((flags & packed::kHasReceived) != 0) {
    sample_.received_ns = packed::plus(sample_.at_ns, packed::take(next_));
  }
}

// Each sample that lies in the set. Only of samples in order of time.
template <class Visit>
void visit_within(const PackedSamples& samples, const IntervalSet& set, Visit&& visit) {
  for (const Interval& interval : set.intervals()) {
    auto sample = samples.from(interval.from);
    for (; sample != samples.end() && sample->at_ns < interval.to; ++sample) visit(*sample);
  }
}

// Those that `is_out` does not say to be out.
template <class Predicate>
PackedSamples without(const PackedSamples& samples, Predicate&& is_out) {
  PackedSamples out;
  for (const Sample& each : samples) {
    if (!is_out(each)) out.push_back(each);
  }
  return out;
}

}  // namespace nines::sla
