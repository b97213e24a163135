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

  Iterator& operator++();

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
