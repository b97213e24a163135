// SPDX-License-Identifier: Apache-2.0
// Fixed-width byte arrays and bounded parsing, shared by the codecs of this folder.
#pragma once

#include <google/protobuf/stubs/logging.h>

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

// The library's own log would let a hostile sender fill ours; what is wrong with a message, we say.
template <class Message>
bool parse(Message& message, ByteView bytes) {
  static const auto quiet = google::protobuf::SetLogHandler(nullptr);
  (void)quiet;
  return bytes.size() <= INT32_MAX &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace nines::proto
