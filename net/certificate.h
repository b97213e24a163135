// SPDX-License-Identifier: Apache-2.0
// What a person's certificate is good for beside TLS: signing a statement with its key, and proving
// later, with the certificate alone, who signed. Ed25519 and Ed448 keys sign the message itself,
// all others its SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"

namespace nines::net {

// The leaf of a PEM file, in DER.
Expected<std::string> read_certificate(const std::string& certificate_file);

// With the private key of a PEM file, not encrypted.
Expected<std::string> sign_with_key(const std::string& key_file, ByteView message);

// Whether the certificate's key made this signature. Says nothing of who issued the certificate.
bool signed_by(std::string_view certificate, ByteView message, ByteView signature);

// Its public key where that is one of Ed25519 (RFC 8410); nothing where it is of another kind.
std::optional<std::array<std::uint8_t, 32>> ed25519_key_of(std::string_view certificate);

// Its URI SANs; none of what is no certificate.
std::vector<std::string> uris_of_certificate(std::string_view certificate);

}  // namespace nines::net
