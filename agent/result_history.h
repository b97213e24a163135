// SPDX-License-Identifier: Apache-2.0
// The recent results of one check. People ask for them now and then, and they take memory all the
// time: so all but the last are packed as the spool packs them: 51 bytes for TCP and 123 for HTTPS,
// where a whole one takes 648 and what it points to. Sequence numbers are left out: the spool gives
// them later.
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

  std::size_t size() const { return any_ ? sizes_.size() + 1 : 0; }

  bool empty() const { return !any_; }

  // There must be one.
  const Result& last() const;

  std::vector<Result> all() const;  // oldest first

 private:
  void pack_last();

  std::vector<std::uint8_t> packed_;  // all but the last, one after the other
  std::vector<std::uint32_t> sizes_;  // of each
  Result last_;
  bool any_ = false;
};

}  // namespace nines::agent
