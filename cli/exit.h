// SPDX-License-Identifier: Apache-2.0
// Exit codes that scripts rely on, and the one form of an error.
#pragma once

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>

namespace nines::cli {

inline constexpr int kOk = 0;           // up, MET, or the question was answered
inline constexpr int kCouldNotRun = 1;  // usage, no socket, unreadable file
inline constexpr int kDown = 2;         // down, BREACHED, evidence altered
inline constexpr int kUnknown = 3;      // unknown, pending, INDETERMINATE, NO_DATA

// "nines: what: why" on standard error, one such line for each line of `why`; the code to exit
// with.
inline int complain(std::string_view what, std::string_view why) {
  while (why.ends_with('\n')) why.remove_suffix(1);
  for (std::size_t at = 0; at <= why.size();) {
    const auto end = std::min(why.find('\n', at), why.size());
    std::cerr << "nines: " << what << ": " << why.substr(at, end - at) << "\n";
    at = end + 1;
  }
  return kCouldNotRun;
}

inline int code_of_outcome(std::string_view outcome) {
  return outcome == "up" ? kOk : outcome == "down" ? kDown : kUnknown;
}

}  // namespace nines::cli
