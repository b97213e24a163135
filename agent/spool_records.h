// SPDX-License-Identifier: Apache-2.0
// Types of the records that the spool puts into its ledger. Numbers are never reused.
#pragma once

#include <cstdint>

namespace nines::agent {

enum SpoolRecord : std::uint8_t {
  kStateRecord = 1,   // proto::SpoolState
  kTableRecord = 2,   // proto::encode_table
  kResultRecord = 3,  // proto::encode_spooled_result
  kEventRecord = 4,   // proto::encode_event
  kBatchRecord = 5,   // sealed bytes
  kGapRecord = 6,     // sealed bytes of a gap batch
  kMarkRecord = 7,    // proto::CollectorMark
  kSinceRecord = 8,   // wall instant, ns, 8 bytes LE: the table record after it holds from then on
};

// A batch is sealed at the latest with so many results, so that it stays far below its bounds on
// the wire and in memory.
inline constexpr std::uint64_t kMaxOpenResults = 4000;
inline constexpr std::size_t kMaxOpenEvents = 500;

// The state is written again after so many bytes, so that a recovery need decode no more batches.
inline constexpr std::uint64_t kStateEveryBytes = 1 << 20;

}  // namespace nines::agent
