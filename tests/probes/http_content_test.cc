// SPDX-License-Identifier: Apache-2.0
// Bodies: content codings declared and checked, bounds on the wire and decoded, expectations and
// warnings on what came, each against a server that does it right and one that does not.
#include <gmock/gmock.h>

#include "base/random.h"
#include "probes/content_coding.h"
#include "tests/probes/encoded.h"
#include "tests/probes/fixture.h"

namespace nines::probes::http_content_test {
namespace {

using test::answering;
using test::encoded;
using test::Format;
using test::http_answer;
using test::ScriptedPeer;
using test::ScriptedServer;

class HttpContent : public ProbeTest {
 protected:
  ProbeResult ask(const std::string& answer, HttpSpec spec = {}) {
    const ScriptedServer server(answering(answer));
    spec.url = server.url();
    return run(http_check(spec));
  }

  static HttpSpec asking(Compression compression) {
    HttpSpec spec;
    spec.compression = compression;
    return spec;
  }

  static std::string coded(const std::string& body, const std::string& coding) {
    return http_answer(body, "200 OK", "Content-Encoding: " + coding + "\r\n");
  }
};

TEST_F(HttpContent, DecodesEachCodingAndCountsBothSizes) {
  const std::string text(20'000, 'a');
  for (const auto format :
       {Format::gzip, Format::zlib, Format::raw_deflate, Format::br, Format::zstd}) {
    auto spec = asking(test::coding_of(format));
    spec.expect.body.matches = {"^a+$"};
    const auto body = encoded(format, text);
    const auto answer = coded(body, std::string(coding_name(spec.compression)));
    const auto result = ask(answer, spec);
    EXPECT_EQ(verdict(result), "up ok") << test::name_of(format) << result.detail;
    EXPECT_EQ(result.http->body_bytes, 20'000);
    EXPECT_EQ(result.http->wire_bytes, static_cast<std::int64_t>(answer.size()));
  }
}

TEST_F(HttpContent, AsksForTheCodingAndForNothingElse) {
  std::string seen;
  {
    const ScriptedServer server([&](ScriptedPeer& peer) {
      seen = peer.read_request();
      peer.send(http_answer("plain"));
    });
    auto spec = asking(Compression::br);
    spec.url = server.url();
    const auto result = run(http_check(spec));
    EXPECT_EQ(verdict(result), "down http_encoding");
    EXPECT_EQ(result.detail, "the body's coding is identity, expected br");
  }
  EXPECT_NE(seen.find("\r\nAccept-Encoding: br\r\n"), std::string::npos) << seen;
}

TEST_F(HttpContent, WantsTheCodingItAskedFor) {
  EXPECT_EQ(verdict(ask(http_answer("x"), asking(Compression::identity))), "up ok");
  const auto packed = encoded(Format::gzip, "x");
  EXPECT_EQ(verdict(ask(coded(packed, "gzip"), asking(Compression::identity))),
            "down http_encoding");
  EXPECT_EQ(verdict(ask(coded(packed, "GZIP"), asking(Compression::gzip))), "up ok");
  EXPECT_EQ(verdict(ask(coded(packed, "x-gzip"), asking(Compression::gzip))), "up ok");
  EXPECT_EQ(verdict(ask(coded(packed, "gzip, gzip"), asking(Compression::gzip))),
            "down http_encoding");
  EXPECT_EQ(verdict(ask(http_answer("", "500 Oops"), asking(Compression::gzip))),
            "down http_status")
      << "an error page is an error page first";
}

TEST_F(HttpContent, CountsWhatItDidNotAskForAsItCame) {
  const auto packed = encoded(Format::gzip, std::string(5000, 'a'));
  const auto result = ask(coded(packed, "gzip"));
  EXPECT_EQ(verdict(result), "up ok");
  EXPECT_EQ(result.http->body_bytes, static_cast<std::int64_t>(packed.size()));
  HttpSpec spec;
  spec.expect.body.not_matches = {"error"};
  EXPECT_EQ(verdict(ask(coded(packed, "gzip"), spec)), "down http_encoding")
      << "what was not read cannot be free of errors";
}

TEST_F(HttpContent, StopsBombs) {
  for (const auto format : {Format::gzip, Format::raw_deflate, Format::br, Format::zstd}) {
    auto spec = asking(test::coding_of(format));
    spec.max_body = 100'000;
    const auto bomb = encoded(format, std::string(32 << 20, '\0'));
    const auto result = ask(coded(bomb, std::string(coding_name(spec.compression))), spec);
    EXPECT_EQ(verdict(result), "down http_too_large") << test::name_of(format) << result.detail;
    EXPECT_LE(result.http->body_bytes, 100'000 + (16 << 10));
  }
}

TEST_F(HttpContent, BoundsTheWireToo) {
  auto spec = asking(Compression::gzip);
  spec.max_body = 100;
  std::string noise;
  Random random(7);
  for (int i = 0; i < 2000; ++i) noise += static_cast<char>(random.below(256));
  EXPECT_EQ(verdict(ask(coded(encoded(Format::gzip, noise), "gzip"), spec)), "down http_too_large");
  spec.max_body = 2000;
  const auto stored = encoded(Format::gzip, noise);
  ASSERT_GT(stored.size(), 2000U) << "larger packed than not";
  EXPECT_EQ(verdict(ask(coded(stored, "gzip"), spec)), "down http_too_large");
}

TEST_F(HttpContent, RefusesWhatDoesNotDecode) {
  const auto good = encoded(Format::gzip, std::string(5000, 'a'));
  for (const auto& body :
       {good.substr(0, good.size() - 1), good + "tail", std::string("<html>"), std::string()}) {
    EXPECT_EQ(verdict(ask(coded(body, "gzip"), asking(Compression::gzip))), "down http_encoding")
        << body.size();
  }
  EXPECT_EQ(verdict(ask("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 500\r\n\r\n" +
                            good.substr(0, 20),
                        asking(Compression::gzip))),
            "down http_protocol")
      << "cut by the connection, not by the coder";
}

TEST_F(HttpContent, HeadAndEmptyAnswersNeedNoCoder) {
  auto spec = asking(Compression::gzip);
  spec.method = "HEAD";
  EXPECT_EQ(
      verdict(ask("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n", spec)),
      "up ok");
  EXPECT_EQ(verdict(ask("HTTP/1.1 204 No Content\r\n\r\n", asking(Compression::gzip))), "up ok");
}

TEST_F(HttpContent, JudgesHeadersVersionAgeAndJson) {
  const auto answer = http_answer(R"({"queue":{"depth":12},"ok":true})", "200 OK",
                                  "X-Cache: MISS\r\nX-Cache: HIT\r\nLast-Modified: Thu, 01 Jan "
                                  "2015 00:00:00 GMT\r\nX-Folded: a\r\n b\r\n");
  const auto judge = [&](const std::function<void(HttpExpect&)>& with) {
    HttpSpec spec;
    with(spec.expect);
    return verdict(ask(answer, spec));
  };
  EXPECT_EQ(judge([](auto& e) { e.version = {"1.1"}; }), "up ok");
  EXPECT_EQ(judge([](auto& e) { e.version = {"2"}; }), "down http_version");
  EXPECT_EQ(judge([](auto& e) {
              e.headers = {{"x-cache", {{"HIT", "MISS"}, {}}, false}};
            }),
            "up ok");
  EXPECT_EQ(judge([](auto& e) {
              e.headers = {{"x-cache", {{}, {"HIT"}}, false}};
            }),
            "down http_header");
  EXPECT_EQ(judge([](auto& e) { e.headers = {{"X-Folded", {{"^a b$"}, {}}, false}}; }), "up ok");
  EXPECT_EQ(judge([](auto& e) { e.modified_within = hours(24); }), "down http_stale");
  EXPECT_EQ(judge([](auto& e) {
              e.json = {{"/queue/depth", JsonExpect::Op::below, "100"},
                        {"/ok", JsonExpect::Op::equals, "true"}};
            }),
            "up ok");
  EXPECT_EQ(judge([](auto& e) {
              e.json = {{"/queue/depth", JsonExpect::Op::above, "100"}};
            }),
            "down http_json");
}

TEST_F(HttpContent, WarnsWithoutFailing) {
  HttpSpec spec;
  spec.warn.status = {{204, 204}};
  spec.warn.version = {"2"};
  spec.warn.body.matches = {"fine"};
  spec.warn.json = {{"/a", JsonExpect::Op::exists, "true"}};
  const auto result = ask(http_answer("{}"), spec);
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_THAT(result.warnings, ::testing::ElementsAre("http_status: status 200, expected 204",
                                                      "http_version: HTTP/1.1, expected 2",
                                                      "http_body: the body does not match \"fine\"",
                                                      "http_json: /a is missing"));
  EXPECT_TRUE(ask(http_answer("{}")).warnings.empty());
}

TEST_F(HttpContent, WarnsOfACodingThatHidesTheBody) {
  HttpSpec spec;
  spec.warn.body.matches = {"fine"};
  const auto result = ask(coded(encoded(Format::gzip, "fine"), "gzip"), spec);
  EXPECT_EQ(verdict(result), "up ok");
  EXPECT_THAT(result.warnings, ::testing::ElementsAre(
                                   "http_encoding: the body's coding is gzip, expected identity"));
  spec.compression = Compression::gzip;
  EXPECT_TRUE(ask(coded(encoded(Format::gzip, "fine"), "gzip"), spec).warnings.empty());
}

}  // namespace
}  // namespace nines::probes::http_content_test
