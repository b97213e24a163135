// SPDX-License-Identifier: Apache-2.0
#include "probes/content_coding.h"

#include <gtest/gtest.h>

#include "tests/probes/encoded.h"

namespace nines::probes::content_coding_test {
namespace {

using test::encoded;
using Status = ContentDecoder::Status;

struct Decoded {
  Status status = Status::ok;
  bool complete = false;
  std::string text;

  bool operator==(const Decoded&) const = default;
};

void PrintTo(const Decoded& d, std::ostream* os) {
  *os << static_cast<int>(d.status) << (d.complete ? " complete " : " open ") << d.text.size();
}

Decoded decode(Compression coding, std::string_view bytes, std::size_t step, std::size_t most) {
  const auto decoder = make_decoder(coding);
  Decoded out;
  const auto sink = [&](std::string_view part) {
    EXPECT_LE(part.size(), 16U << 10);
    out.text += part;
    return out.text.size() <= most;
  };
  for (; !bytes.empty() && out.status == Status::ok;
       bytes.remove_prefix(std::min(step, bytes.size()))) {
    out.status = decoder->feed(bytes.substr(0, step), sink);
  }
  out.complete = decoder->complete();
  return out;
}

Decoded decode(Compression coding, std::string_view bytes) {
  return decode(coding, bytes, bytes.size() + 1, 1 << 24);
}

class ContentCoding : public ::testing::TestWithParam<test::Format> {
 protected:
  static Compression coding() { return test::coding_of(GetParam()); }
};

std::string sample() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919 % 1000) + " ";
  return text;
}

TEST_P(ContentCoding, DecodesInPiecesOfAnySize) {
  for (const auto& text : {sample(), std::string("x"), std::string(), std::string(16 << 10, 'a'),
                           std::string(32 << 10, 'a')}) {
    const auto bytes = encoded(GetParam(), text);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size() + 1}) {
      EXPECT_EQ(decode(coding(), bytes, step, 1 << 24), (Decoded{Status::ok, true, text})) << step;
    }
  }
}

TEST_P(ContentCoding, SeesATruncatedEnd) {
  const auto bytes = encoded(GetParam(), sample());
  for (const std::size_t missing : {std::size_t{1}, bytes.size() / 2, bytes.size()}) {
    const auto out = decode(coding(), std::string_view(bytes).substr(0, bytes.size() - missing));
    EXPECT_EQ(out.status, Status::ok);
    EXPECT_FALSE(out.complete) << missing;
  }
}

TEST_P(ContentCoding, RefusesGarbageInsteadAndBehind) {
  EXPECT_EQ(decode(coding(), "<html>no such thing, but long enough to be looked at</html>").status,
            Status::broken);
  const auto bytes = encoded(GetParam(), sample()) + "trailing garbage";
  EXPECT_EQ(decode(coding(), bytes).status, Status::broken);
  EXPECT_EQ(decode(coding(), bytes, 1, 1 << 24).status, Status::broken);
}

TEST_P(ContentCoding, NoticesAFlippedByteOrDecodesWithinBounds) {
  const auto good = encoded(GetParam(), sample());
  for (std::size_t i = 0; i < good.size(); i += 101) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    const auto out = decode(coding(), bad, 4096, 1 << 20);
    EXPECT_LE(out.text.size(), (std::size_t{1} << 20) + (16 << 10)) << i;
  }
}

TEST_P(ContentCoding, StopsABombAtOnce) {
  const auto bomb = encoded(GetParam(), std::string(64 << 20, '\0'));
  const auto out = decode(coding(), bomb, bomb.size(), 1 << 20);
  EXPECT_EQ(out.status, Status::refused);
  EXPECT_LE(out.text.size(), (std::size_t{1} << 20) + (16 << 10));
}

INSTANTIATE_TEST_SUITE_P(Formats,
                         ContentCoding,
                         ::testing::Values(test::Format::gzip,
                                           test::Format::zlib,
                                           test::Format::raw_deflate,
                                           test::Format::br,
                                           test::Format::zstd),
                         [](const auto& of) { return test::name_of(of.param); });

TEST(ContentCodings, JoinMembersAndFrames) {
  for (const auto format : {test::Format::gzip, test::Format::zstd}) {
    const auto bytes = encoded(format, "one ") + encoded(format, "two");
    const auto coding = test::coding_of(format);
    EXPECT_EQ(decode(coding, bytes), (Decoded{Status::ok, true, "one two"}));
    EXPECT_FALSE(decode(coding, bytes.substr(0, bytes.size() - 3)).complete);
  }
  for (const auto format : {test::Format::zlib, test::Format::raw_deflate, test::Format::br}) {
    const auto bytes = encoded(format, "one ") + encoded(format, "two");
    EXPECT_EQ(decode(test::coding_of(format), bytes).status, Status::broken);
  }
}

TEST(ContentCodings, RefuseAWindowOfZstdThatTakesTooMuchMemory) {
  const auto bytes = test::zstd_with_window(std::string(32 << 20, 'x'), 25);
  EXPECT_EQ(decode(Compression::zstd, bytes).status, Status::broken);
}

TEST(ContentCodings, HaveNoDecoderWhereNothingChanges) {
  EXPECT_EQ(make_decoder(Compression::none), nullptr);
  EXPECT_EQ(make_decoder(Compression::identity), nullptr);
  EXPECT_EQ(coding_name(Compression::zstd), "zstd");
}

}  // namespace
}  // namespace nines::probes::content_coding_test
