// SPDX-License-Identifier: Apache-2.0
// Fixed-width byte arrays and bounded parsing, shared by the codecs of this folder.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace nines::proto {

// False unless `from` has exactly N bytes.
template <std::size_t N>
bool copy_array(const std::string& from, std::array<std::uint8_t, N>& to) {
  if (from.size() != N) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

template <std::size_t N>
std::string to_string(const std::array<std::uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

template <class Message>
bool parse(Message& message, ByteView bytes) {
  return bytes.size() <= INT32_MAX &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace nines::proto
