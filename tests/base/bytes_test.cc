// SPDX-License-Identifier: Apache-2.0
// At stake: chains, checksums and signatures are what proves evidence. Published vectors, and every
// single flipped bit.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "base/random.h"
#include "base/sign.h"

namespace nines::bytes_test {
namespace {

TEST(Hex, RoundTripsAndRefuses) {
  EXPECT_EQ(to_hex(as_bytes("\x01\xab\xff")), "01abff");
  EXPECT_EQ(from_hex("01ABff"), std::string("\x01\xab\xff"));
  EXPECT_EQ(from_hex(""), "");
  for (const char* bad : {"0", "0g", "0x", " 00", "00 ", "0-"}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(LittleEndian, RoundTrips) {
  std::array<std::uint8_t, 8> at{};
  put_le<std::uint32_t>(at.data(), 0x01020304);
  EXPECT_EQ(at[0], 4);
  EXPECT_EQ(at[3], 1);
  EXPECT_EQ(get_le<std::uint32_t>(at.data()), 0x01020304U);
  put_le<std::int64_t>(at.data(), -2);
  EXPECT_EQ(get_le<std::int64_t>(at.data()), -2);
}

// FIPS 180-2 appendix B.
TEST(Sha256, KnowsThePublishedVectors) {
  EXPECT_EQ(hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256(as_bytes(""))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), sha256(as_bytes("abc")));
}

// RFC 3720 appendix B.4, and the check value of the catalogue of CRCs.
TEST(Crc32c, KnowsThePublishedVectors) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
  const std::string zeros(32, '\0');
  const std::string ones(32, '\xff');
  EXPECT_EQ(crc32c(as_bytes(zeros)), 0x8A9136AAU);
  EXPECT_EQ(crc32c(as_bytes(ones)), 0x62A8AB43U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, TellsEveryFlippedBitAtEveryLength) {
  Random random(3);
  for (std::size_t size = 1; size < 40; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    const auto whole = crc32c(as_bytes(bytes));
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_NE(crc32c(as_bytes(bytes)), whole);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    }
  }
}

// RFC 8032 section 7.1, test 2.
TEST(Ed25519, KnowsThePublishedVector) {
  const auto seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const auto key = SigningKey::from_seed(as_bytes(*seed));
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(to_hex(key->sign(as_bytes("\x72"))),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_EQ(key->seed(), *seed);
}

TEST(Ed25519, RefusesWhatWasChanged) {
  const SigningKey key = SigningKey::generate();
  const SigningKey other = SigningKey::generate();
  EXPECT_NE(key.public_key(), other.public_key());
  const Signature good = key.sign(as_bytes("batch"));
  EXPECT_TRUE(verify_signature(key.public_key(), as_bytes("batch"), good));
  EXPECT_FALSE(verify_signature(other.public_key(), as_bytes("batch"), good));
  EXPECT_FALSE(verify_signature(key.public_key(), as_bytes("batcH"), good));
  EXPECT_FALSE(verify_signature(key.public_key(), as_bytes("batch"), {}));
  EXPECT_FALSE(verify_signature(key.public_key(), as_bytes("batch"), ByteView(good).first(63)));
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 7) {
    Signature bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify_signature(key.public_key(), as_bytes("batch"), bad)) << bit;
  }
  EXPECT_FALSE(verify_signature(PublicKey{}, as_bytes("batch"), good));
}

TEST(Ed25519, RefusesSeedsOfAnotherSize) {
  EXPECT_FALSE(SigningKey::from_seed({}));
  EXPECT_FALSE(SigningKey::from_seed(as_bytes(std::string(31, 'x'))));
  EXPECT_FALSE(SigningKey::from_seed(as_bytes(std::string(33, 'x'))));
}

TEST(Random, IsTheSameForTheSameSeedAndStaysInItsBounds) {
  Random a(42);
  Random b(42);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(a.next(), b.next());
    EXPECT_LT(a.below(7), 7U);
    b.below(7);
    seen.insert(a.below(5));
    b.below(5);
    const Duration d = a.between(seconds(1), seconds(3));
    b.between(seconds(1), seconds(3));
    EXPECT_GE(d, seconds(1));
    EXPECT_LE(d, seconds(3));
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(a.below(1), 0U);
  EXPECT_EQ(a.between(seconds(2), seconds(2)), seconds(2));
}

TEST(Entropy, DiffersEachTime) {
  std::array<std::uint8_t, 32> a{};
  std::array<std::uint8_t, 32> b{};
  fill_entropy(a);
  fill_entropy(b);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace nines::bytes_test
