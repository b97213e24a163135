// SPDX-License-Identifier: Apache-2.0
#include "base/cipher.h"

#include <gtest/gtest.h>

namespace nines::cipher_test {
namespace {

TEST(Cipher, GivesBackWhatItHid) {
  const auto key = draw_cipher_key();
  for (const std::string text : {"", "x", "the till said error 5"}) {
    const auto hidden = encrypt(key, as_bytes(text));
    EXPECT_EQ(hidden.size(), text.size() + kCipherOverhead);
    EXPECT_EQ(decrypt(key, as_bytes(hidden)), text);
  }
}

// Test case 14 of McGrew and Viega, "The Galois/Counter Mode of Operation": all is zero.
TEST(Cipher, IsAesGcmAsOthersHaveIt) {
  const auto hidden = *from_hex(
      "000000000000000000000000"
      "cea7403d4d606b6e074ec5d3baf39d18"
      "d0d1c8a799996bf0265b98b5d48ab919");
  EXPECT_EQ(decrypt(CipherKey{}, as_bytes(hidden)), std::string(16, '\0'));
}

TEST(Cipher, HidesTheSameTextOtherwiseEachTime) {
  const auto key = draw_cipher_key();
  EXPECT_NE(encrypt(key, as_bytes("twice")), encrypt(key, as_bytes("twice")));
}

TEST(Cipher, ShowsNothingToAnotherKeyNorAfterAnyChange) {
  const auto key = draw_cipher_key();
  const auto hidden = encrypt(key, as_bytes("a word"));
  EXPECT_FALSE(decrypt(draw_cipher_key(), as_bytes(hidden)));
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    auto changed = hidden;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decrypt(key, as_bytes(changed))) << i;
    EXPECT_FALSE(decrypt(key, as_bytes(hidden.substr(0, i)))) << i;
  }
}

}  // namespace
}  // namespace nines::cipher_test
