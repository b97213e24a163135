// SPDX-License-Identifier: Apache-2.0
#include "net/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/assert.h"
#include "net/openssl.h"

namespace nines::net {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Context make_context() {
  Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  ASSERT(context != nullptr);
  return context;
}

const EVP_MD* digest_for(const EVP_PKEY* key) {
  const int kind = EVP_PKEY_get_base_id(key);
  return kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448 ? nullptr : EVP_sha256();
}

Openssl<X509> parse(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  Openssl<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (at != end) certificate.reset();
  ERR_clear_error();
  return certificate;
}

}  // namespace

std::string der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &at);
  return der;
}

Expected<std::string> read_certificate(const std::string& certificate_file) {
  TRY(chain, read_certificates("certificate", certificate_file));
  return der_of(chain.front().get());
}

Expected<std::string> sign_with_key(const std::string& key_file, ByteView message) {
  TRY(key, read_key(key_file));
  const auto context = make_context();
  std::size_t size = 0;
  std::string signature;
  bool ok =
      EVP_DigestSignInit(context.get(), nullptr, digest_for(key.get()), nullptr, key.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1;
  if (ok) {
    signature.resize(size);
    ok = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                        message.data(), message.size()) == 1;
    signature.resize(size);
  }
  if (!ok) return fail("key " + key_file + ": cannot sign: " + openssl_error());
  return signature;
}

bool signed_by(std::string_view certificate, ByteView message, ByteView signature) {
  const auto parsed = parse(certificate);
  EVP_PKEY* key = parsed ? X509_get0_pubkey(parsed.get()) : nullptr;
  if (key == nullptr) return false;
  const auto context = make_context();
  const bool ok =
      EVP_DigestVerifyInit(context.get(), nullptr, digest_for(key), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) == 1;
  ERR_clear_error();
  return ok;
}

std::optional<std::array<std::uint8_t, 32>> ed25519_key_of(std::string_view certificate) {
  const auto parsed = parse(certificate);
  EVP_PKEY* key = parsed ? X509_get0_pubkey(parsed.get()) : nullptr;
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) return std::nullopt;
  std::array<std::uint8_t, 32> out{};
  std::size_t size = out.size();
  const bool ok = EVP_PKEY_get_raw_public_key(key, out.data(), &size) == 1 && size == out.size();
  ERR_clear_error();
  return ok ? std::optional(out) : std::nullopt;
}

std::vector<std::string> uris_of_certificate(std::string_view certificate) {
  const auto parsed = parse(certificate);
  return parsed ? uris_of(parsed.get()) : std::vector<std::string>();
}

}  // namespace nines::net
