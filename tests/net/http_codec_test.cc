// SPDX-License-Identifier: Apache-2.0
// At stake: nobody slips a request past the access rules by bytes that two readers understand
// differently, and no input makes the parser hold more than its bounds. Every request is also fed
// one byte at a time: pieces must not matter.
#include "net/http_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace nines::net::http_codec_test {
namespace {

using State = RequestParser::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// Feeds in pieces of `step` bytes; answers what was left over.
std::string feed_all(RequestParser& parser, std::string_view bytes, std::size_t step) {
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, step);
    while (!piece.empty()) {
      if (parser.state() != State::head && parser.state() != State::body) return std::string(bytes);
      const std::size_t used = parser.feed(piece);
      piece.remove_prefix(used);
      bytes.remove_prefix(used);
      if (parser.state() == State::head_complete) parser.accept_body();
    }
  }
  return {};
}

struct Outcome {
  State state;
  int status;
  std::string why;
  HttpRequest request;
  bool keep_alive;
  std::string rest;
};

Outcome parse_in(std::size_t step, const std::string& bytes, std::size_t head, std::size_t body) {
  RequestParser parser(head, body);
  const std::string rest = feed_all(parser, bytes, step);
  return {parser.state(),      parser.state() == State::failed ? parser.status() : 0,
          parser.why(),        parser.request(),
          parser.keep_alive(), rest};
}

Outcome parse(const std::string& bytes, std::size_t head = 16384, std::size_t body = 1024) {
  Outcome whole = parse_in(bytes.size() + 1, bytes, head, body);
  for (const std::size_t step : {1, 2, 3, 7}) {
    const Outcome pieces = parse_in(step, bytes, head, body);
    EXPECT_EQ(pieces.state, whole.state) << step << " " << bytes;
    EXPECT_EQ(pieces.status, whole.status) << step << " " << bytes;
    if (whole.state == State::failed) continue;  // how far it came does not matter
    EXPECT_EQ(pieces.request.path, whole.request.path);
    EXPECT_EQ(pieces.request.body, whole.request.body);
    EXPECT_EQ(pieces.request.headers, whole.request.headers);
  }
  return whole;
}

int refused(const std::string& bytes) {
  const Outcome outcome = parse(bytes);
  EXPECT_EQ(outcome.state, State::failed) << bytes;
  EXPECT_THAT(outcome.why, testing::Not(IsEmpty()));
  return outcome.status;
}

const std::string kHost = "Host: x\r\n";

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\n" + kHost + "\r\n";
}

TEST(RequestParser, ReadsARequestWithoutABody) {
  const Outcome got = parse("GET /v1/checks?limit=10&name=a%20b+c HTTP/1.1\r\n" + kHost +
                            "X-Empty:\r\nX-Padded: \t v w \t\r\n\r\n");
  ASSERT_EQ(got.state, State::complete);
  EXPECT_EQ(got.request.method, "GET");
  EXPECT_EQ(got.request.path, "/v1/checks");
  EXPECT_THAT(got.request.query, ElementsAre(Pair("limit", "10"), Pair("name", "a b c")));
  EXPECT_EQ(got.request.parameter("limit"), "10");
  EXPECT_EQ(got.request.parameter("none"), std::nullopt);
  EXPECT_EQ(got.request.header("x-EMPTY"), "");
  EXPECT_EQ(got.request.header("X-Padded"), "v w");
  EXPECT_EQ(got.request.header("X-None"), std::nullopt);
  EXPECT_TRUE(got.keep_alive);
}

TEST(RequestParser, ReadsBodiesByLengthAndByChunks) {
  EXPECT_EQ(parse("POST / HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nhello").request.body,
            "hello");
  const Outcome chunked = parse("POST / HTTP/1.1\r\n" + kHost +
                                "Transfer-Encoding: Chunked\r\n\r\n"
                                "5;note=x\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: dropped\r\n\r\n");
  EXPECT_EQ(chunked.state, State::complete) << chunked.why;
  EXPECT_EQ(chunked.request.body, "hello!");
  EXPECT_EQ(chunked.request.header("X-Trailer"), std::nullopt);
  EXPECT_EQ(parse("POST / HTTP/1.1\r\n" + kHost + "Content-Length: 0\r\n\r\n").state,
            State::complete);
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  const Outcome got = parse(get("/a") + get("/b"));
  EXPECT_EQ(got.request.path, "/a");
  EXPECT_EQ(got.rest, get("/b"));
  const Outcome with_body =
      parse("POST /a HTTP/1.1\r\n" + kHost + "Content-Length: 2\r\n\r\nhiGET /b");
  EXPECT_EQ(with_body.request.body, "hi");
  EXPECT_EQ(with_body.rest, "GET /b");
}

TEST(RequestParser, KnowsWhoWantsTheConnectionKept) {
  EXPECT_TRUE(parse(get("/")).keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParser, RefusesWhatTwoReadersCouldReadDifferently) {
  const std::string post = "POST / HTTP/1.1\r\n" + kHost;
  EXPECT_EQ(refused(post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(refused(post + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"), 400);
  EXPECT_EQ(refused(post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Content-Length: 2, 2\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Content-Length: +2\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Content-Length: -2\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Content-Length: 0x2\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Content-Length: 99999999999999999999\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Content-Length : 2\r\n\r\nhi"), 400);
  EXPECT_EQ(refused(post + "Transfer-Encoding: chunked, chunked\r\n\r\n"), 400);
  EXPECT_EQ(refused(post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
            400);
  EXPECT_EQ(refused(post + "Transfer-Encoding: xchunked\r\n\r\n"), 501);
  EXPECT_EQ(refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(refused(post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
  EXPECT_EQ(refused(post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + "X: a\r\n folded\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + "X: a\r\n\tfolded\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\nHost: x\n\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + "X: a\nY: b\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + "X: a\rY: b\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + "X: a" + std::string(1, '\0') + "b\r\n\r\n"),
            400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + "X Y: b\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + " X: b\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n" + kHost + ": b\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesOtherVersionsAndLanguages) {
  EXPECT_EQ(refused("GET / HTTP/2.0\r\n" + kHost + "\r\n"), 505);
  EXPECT_EQ(refused("GET / HTTP/1.2\r\n" + kHost + "\r\n"), 505);
  EXPECT_EQ(refused("GET /\r\n\r\n"), 505);
  EXPECT_EQ(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400);
  EXPECT_EQ(refused("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 400) << "TLS on a plain port";
  EXPECT_EQ(refused("SSH-2.0-OpenSSH\r\n"), 400);
  EXPECT_EQ(refused("get / HTTP/1.1\r\n" + kHost + "\r\n"), 400);
  EXPECT_EQ(refused("CONNECT x:443 HTTP/1.1\r\n" + kHost + "\r\n"), 400);
}

TEST(RequestParser, ServesAnOfferToUpgradeAsItIs) {
  const Outcome got =
      parse("GET /a HTTP/1.1\r\n" + kHost + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
  EXPECT_EQ(got.state, State::complete);
  EXPECT_EQ(got.request.path, "/a");
}

TEST(RequestParser, RefusesUnknownExpectations) {
  EXPECT_EQ(
      refused("POST / HTTP/1.1\r\n" + kHost + "Expect: miracles\r\nContent-Length: 1\r\n\r\nx"),
      417);
}

TEST(RequestParser, BoundsTheHead) {
  const std::string head = get("/" + std::string(200, 'a'));
  EXPECT_EQ(parse(head, head.size()).state, State::complete);
  EXPECT_EQ(parse(head, head.size() - 1).status, 431);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nX: " + std::string(400, 'a'), 256).status, 431);
  EXPECT_EQ(parse(std::string(400, '\r'), 256).state, State::failed);
  std::string many = "GET / HTTP/1.1\r\n" + kHost;
  for (int i = 0; i < 200; ++i) many += "a:b\r\n";
  EXPECT_EQ(parse(many + "\r\n").status, 431);
  std::string blank;
  for (int i = 0; i < 400; ++i) blank += "\r\n";
  EXPECT_EQ(parse(blank, 256).status, 431);
}

TEST(RequestParser, BoundsTheBody) {
  const std::string post = "POST / HTTP/1.1\r\n" + kHost;
  EXPECT_EQ(parse(post + "Content-Length: 4\r\n\r\nfour", 16384, 4).state, State::complete);
  EXPECT_EQ(parse(post + "Content-Length: 5\r\n\r\n", 16384, 4).status, 413) << "before it comes";
  EXPECT_EQ(parse(post + "Content-Length: 18446744073709551615\r\n\r\n").status, 413);
  EXPECT_EQ(
      parse(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 16384, 4)
          .status,
      413);
}

TEST(RequestParser, BoundsFramingThatIsNotBody) {
  const std::string post = "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parse(post + "1;" + std::string(40000, 'x')).state, State::failed);
  std::string trailers = post + "0\r\n";
  for (int i = 0; i < 4000; ++i) trailers += "X-Trailer: y\r\n";
  EXPECT_EQ(parse(trailers).state, State::failed);
  std::string small = post;
  for (int i = 0; i < 1000; ++i) small += "1\r\nx\r\n";
  const Outcome got = parse(small + "0\r\n\r\n");
  EXPECT_EQ(got.state, State::complete) << got.why;
  EXPECT_THAT(got.request.body, SizeIs(1000));
}

TEST(RequestParser, TruncatedRequestsAreNeverComplete) {
  const std::string whole = "POST /a?b=c HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nhello";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Outcome got = parse_in(whole.size(), whole.substr(0, size), 16384, 1024);
    EXPECT_TRUE(got.state == State::head || got.state == State::body) << size;
  }
}

TEST(RequestParser, SurvivesRandomChanges) {
  const std::string whole = "POST /a?b=c HTTP/1.1\r\n" + kHost +
                            "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
                            "5\r\nhello\r\n0\r\n\r\n" +
                            get("/");
  Random random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (auto changes = random.below(4) + 1; changes > 0; --changes) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    const Outcome got = parse_in(1 + random.below(64), bytes, 256, 64);
    ASSERT_LE(got.request.body.size(), 64U);
    if (got.state == State::failed) {
      ASSERT_GE(got.status, 400);
    }
  }
}

TEST(ResponseHead, HasALengthAndNothingThatBreaksOut) {
  HttpResponse response = HttpResponse::text(200, "hello");
  response.headers.emplace_back("X-Good", "yes");
  response.headers.emplace_back("X-Bad", "a\r\nSet-Cookie: b");
  response.headers.emplace_back("Bad Name", "x");
  response.headers.emplace_back("Content-Length", "99");
  response.headers.emplace_back("transfer-encoding", "chunked");
  EXPECT_EQ(response_head(response, false, false),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nX-Good: yes\r\n"
            "Content-Length: 5\r\n\r\n");
  EXPECT_THAT(response_head(response, true, false), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(response_head(response, false, true), HasSubstr("Connection: keep-alive\r\n"));
  response.status = 204;
  EXPECT_THAT(response_head(response, false, false), testing::Not(HasSubstr("Content-Length")));
}

TEST(HttpResponse, ProblemSaysWhyInJson) {
  const auto response = HttpResponse::problem(400, "a \"b\" \\ \n\x7f end");
  EXPECT_EQ(response.body, "{\"error\": \"a \\\"b\\\" \\\\ \\u000a\\u007f end\"}\n");
  EXPECT_EQ(response.header("content-type"), "application/json");
}

}  // namespace
}  // namespace nines::net::http_codec_test
