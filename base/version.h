// SPDX-License-Identifier: Apache-2.0
// The version of the programs, as they print it and as batches carry it.
#pragma once

#include <string_view>

namespace nines {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace nines
