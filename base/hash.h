// SPDX-License-Identifier: Apache-2.0
// SHA-256 for identity and chains (adversaries), CRC-32C for accidents (torn and flipped bytes).
#pragma once

#include <array>
#include <initializer_list>
#include <string>

#include "base/bytes.h"

namespace nines {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(ByteView bytes);
// Of the concatenation of the parts.
Digest sha256(std::initializer_list<ByteView> parts);

std::string hex(const Digest& digest);
std::optional<Digest> digest_from(ByteView bytes);  // exactly 32 bytes, else nothing

// CRC-32C (Castagnoli, reflected, RFC 3720 appendix B.4). `seed` continues or separates domains.
std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

}  // namespace nines
