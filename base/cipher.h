// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM: a text that is only there for who has the key, and any change of it shows.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace nines {

using CipherKey = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kCipherOverhead = 12 + 16;  // nonce before, tag behind

CipherKey draw_cipher_key();

// Under a nonce of its own, drawn at random: good for 2^32 texts of one key (NIST SP 800-38D, 8.3).
std::string encrypt(const CipherKey& key, ByteView text);

// Nothing where it was encrypted with another key, or changed since.
std::optional<std::string> decrypt(const CipherKey& key, ByteView sealed);

}  // namespace nines
