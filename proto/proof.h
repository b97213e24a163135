// SPDX-License-Identifier: Apache-2.0
// What is signed and hashed outside batches, the same for who makes it and who verifies it:
// canonical JSON, statements of people, heads of the log, evidence bundles. Each signature begins
// with a domain, so that none can pass for one of another kind.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/sign.h"

namespace nines::proto {

inline constexpr std::string_view kHeadDomain = "nines log head 1\n";
inline constexpr std::string_view kStatementDomain = "nines statement 1\n";
inline constexpr std::string_view kBundleDomain = "nines bundle 1\n";

// RFC 8785 for what we write: keys are ASCII, numbers are whole and at most 2^53.
std::string canonical_text(const nlohmann::json& json);

// What the key of a person signs.
std::string statement_text(const std::string& agreement, const nlohmann::json& event);

// {"head":…,"key":…,"signature":…} as GET /v1/log/head answers.
struct LogHead {
  std::string text;  // canonical: {"at":…,"log":…,"root":…,"size":…}
  std::string log;   // 32 hexadecimal digits
  std::uint64_t size = 0;
  Digest root{};
  PublicKey key{};
};

// Refuses another shape, and a signature that the key within did not make. Whether that is the
// collector's key only its owner can say.
Expected<LogHead> read_log_head(std::string_view text);

}  // namespace nines::proto
