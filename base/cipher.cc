// SPDX-License-Identifier: Apache-2.0
#include "base/cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/assert.h"
#include "base/random.h"

namespace nines {
namespace {

constexpr int kNonceSize = 12, kTagSize = 16;

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

std::uint8_t* bytes_of(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

CipherKey draw_cipher_key() {
  CipherKey key;
  fill_entropy(key);
  return key;
}

std::string encrypt(const CipherKey& key, ByteView text) {
  std::string out(text.size() + kCipherOverhead, '\0');
  auto* nonce = bytes_of(out);
  auto* body = nonce + kNonceSize;
  fill_entropy({nonce, kNonceSize});
  const CipherPtr context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int written = 0, rest = 0;
  const bool ok =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce) == 1 &&
      EVP_EncryptUpdate(context.get(), body, &written, text.data(),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), body + written, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, body + text.size()) == 1;
  ASSERT(ok && static_cast<std::size_t>(written + rest) == text.size());
  return out;
}

std::optional<std::string> decrypt(const CipherKey& key, ByteView sealed) {
  if (sealed.size() < kCipherOverhead) return std::nullopt;
  std::string out(sealed.size() - kCipherOverhead, '\0');
  const auto* body = sealed.data() + kNonceSize;
  std::array<std::uint8_t, kTagSize> tag;
  std::copy_n(body + out.size(), tag.size(), tag.begin());
  const CipherPtr context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int written = 0, rest = 0;
  const bool ok =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), sealed.data()) ==
          1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(out), &written, body,
                        static_cast<int>(out.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(out) + written, &rest) == 1;
  if (!ok) return std::nullopt;
  return out;
}

}  // namespace nines
