// SPDX-License-Identifier: Apache-2.0
// The results of one check in one hour as bytes, column by column: what repeats is a run, what
// wobbles is a short delta. About six bytes a result. Derived data: the format may change with
// kDerivedVersion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "model/outcome.h"

namespace nines::collector {

// One record, or the part of a range record that lies in the row's hour.
struct Piece {
  std::int64_t slot = 0;
  std::int64_t span = 1;  // slots in a row, beginning with `slot`
  std::int64_t late_us = 0;
  Outcome outcome = Outcome::unknown;
  Reason reason = Reason::agent_internal;
  std::optional<std::int64_t> total_us;  // ≥ 0
  std::uint64_t seq = 0;
  std::uint64_t number = 0;  // of the batch's row

  bool operator==(const Piece&) const = default;
};

std::string encode_pieces(const std::vector<Piece>& pieces);
Expected<std::vector<Piece>> decode_pieces(ByteView bytes);

}  // namespace nines::collector
