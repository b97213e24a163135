// SPDX-License-Identifier: Apache-2.0
// The columns of one check's results. Separate from codec.cc because it is where the bytes are.
#pragma once

#include <span>
#include <vector>

#include "base/expected.h"
#include "model/result.h"

namespace nines::wire {
class Series;
}

namespace nines::proto {

// What details of many parts (redirects, DNS answers, warnings, addresses) may cost in memory over
// all series of a batch: on the wire, one element can say
// that a hundred thousand results have them.
inline constexpr std::size_t kDetailRoom = 32 << 20;

// What decode_series would refuse is cut or left out here (texts, impossible numbers, parts
// beyond the room), because what is sealed must open at the collector or nothing behind it is ever
// delivered.
void encode_series(std::span<const Result> results, std::size_t& room, wire::Series& out);

// Refuses columns that do not fit together, numbers that overflow, unknown reasons, texts over
// kMaxText, parts beyond the room, and more than `limit` results. Slots must grow past each
// other's spans.
Expected<std::vector<Result>> decode_series(const wire::Series& in,
                                            std::size_t limit,
                                            std::size_t& room);

}  // namespace nines::proto
