// SPDX-License-Identifier: Apache-2.0
#include "base/sign.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/random.h"

namespace nines {
namespace {

using ContextPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

}  // namespace

SigningKey SigningKey::generate() {
  std::array<std::uint8_t, 32> seed;
  fill_entropy(seed);
  auto key = from_seed(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return *std::move(key);
}

Expected<SigningKey> SigningKey::from_seed(ByteView seed) {
  if (seed.size() != 32) return fail("an Ed25519 key has 32 bytes");
  EVP_PKEY* raw = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  if (raw == nullptr) return fail("not an Ed25519 key");
  SigningKey key;
  key.key_ = std::shared_ptr<void>(raw, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); });
  std::size_t length = key.public_key_.size();
  const int ok = EVP_PKEY_get_raw_public_key(raw, key.public_key_.data(), &length);
  ASSERT(ok == 1 && length == key.public_key_.size());
  return key;
}

std::string SigningKey::seed() const {
  std::string out(32, '\0');
  std::size_t length = out.size();
  const int ok = EVP_PKEY_get_raw_private_key(static_cast<EVP_PKEY*>(key_.get()),
                                              reinterpret_cast<std::uint8_t*>(out.data()), &length);
  ASSERT(ok == 1);
  return out;
}

Signature SigningKey::sign(ByteView message) const {
  Signature out;
  std::size_t length = out.size();
  const ContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool ok =
      context &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                         static_cast<EVP_PKEY*>(key_.get())) == 1 &&
      EVP_DigestSign(context.get(), out.data(), &length, message.data(), message.size()) == 1;
  ASSERT(ok && length == out.size());
  return out;
}

bool verify_signature(const PublicKey& key, ByteView message, ByteView signature) {
  if (signature.size() != 64) return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
      EVP_PKEY_free);
  const ContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return pkey && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace nines
