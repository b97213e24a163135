// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032): agents sign batches, collectors sign receipts.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/expected.h"

namespace nines {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

class SigningKey {
 public:
  static SigningKey generate();
  static Expected<SigningKey> from_seed(ByteView seed);  // 32 bytes, as `seed()` gave

  const PublicKey& public_key() const { return public_key_; }

  std::string seed() const;  // secret: only ever written to a file of mode 0600
  Signature sign(ByteView message) const;

 private:
  SigningKey() = default;
  std::shared_ptr<void> key_;  // EVP_PKEY
  PublicKey public_key_{};
};

bool verify_signature(const PublicKey& key, ByteView message, ByteView signature);

}  // namespace nines
