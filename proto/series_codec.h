// SPDX-License-Identifier: Apache-2.0
// The columns of one check's results. Separate from codec.cc because it is where the bytes are.
#pragma once

#include <vector>

#include "base/expected.h"
#include "model/result.h"

namespace nines::wire {
class Series;
}

namespace nines::proto {

void encode_series(const std::vector<Result>& results, wire::Series& out);

// Refuses columns that do not fit together, numbers that overflow, unknown reasons, texts over
// kMaxText, and more than `limit` results. Slots must grow past each other's spans.
Expected<std::vector<Result>> decode_series(const wire::Series& in, std::size_t limit);

}  // namespace nines::proto
