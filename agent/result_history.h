// SPDX-License-Identifier: Apache-2.0
// The recent results of one check. People ask for them now and then, and they take memory all the
// time, a whole one 336 bytes and what it points to: so all but the newest few are packed as a
// batch packs them, kPackedTogether at a time, what several have in common once. Sequence numbers
// are left out: the spool gives them later.
#pragma once

#include <cstdint>
#include <vector>

#include "model/result.h"

namespace nines::agent {

inline constexpr std::size_t kHistoryResults = 360;      // of each check: three hours at 30 s
inline constexpr std::size_t kHistoryBytes = 128 << 10;  // packed; only long results reach it

class ResultHistory {
 public:
  // The oldest go where one of the bounds is reached.
  void add(const Result& result);

  std::size_t size() const;

  bool empty() const { return whole_.empty(); }

  // There must be one.
  const Result& last() const;

  std::vector<Result> all() const;  // oldest first

 private:
  static constexpr std::size_t kPackedTogether = 16;

  struct Pack {
    std::uint32_t bytes;
    std::uint32_t results;
  };

  void pack();

  std::vector<std::uint8_t> packed_;  // all but the newest, one pack after the other
  std::vector<Pack> packs_;
  std::size_t packed_results_ = 0;  // with those of the oldest pack beyond kHistoryResults
  std::vector<Result> whole_;       // the newest
};

}  // namespace nines::agent
