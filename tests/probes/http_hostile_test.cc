// SPDX-License-Identifier: Apache-2.0
// Servers that mean harm: whatever they send, a run ends by its deadline, within its bounds, with
// the reason that names what they did.
#include <sys/resource.h>

#include "tests/probes/fixture.h"

namespace nines::probes::http_hostile_test {
namespace {

using test::answering;
using test::http_answer;
using test::ScriptedPeer;
using test::ScriptedServer;

class HttpHostile : public ProbeTest {
 protected:
  ProbeResult ask(ScriptedServer::Script script, Duration timeout = seconds(10)) {
    const ScriptedServer server(std::move(script));
    return run(http_check(server.url()), timeout);
  }
};

void ignore_request(ScriptedPeer& peer) { peer.read_request(); }

TEST_F(HttpHostile, AcceptsAndStaysSilent) {
  const auto result = ask([](ScriptedPeer& peer) { peer.wait_until_gone(); }, milliseconds(200));
  EXPECT_EQ(verdict(result), "down http_timeout");
  EXPECT_EQ(result.detail, "no answer in time");
  EXPECT_TRUE(result.phases.first_byte_us);
  EXPECT_FALSE(result.phases.transfer_us);
  EXPECT_TRUE(room_.waited_to_the_end());
}

TEST_F(HttpHostile, StallsInTheBody) {
  const auto result = ask(
      [](ScriptedPeer& peer) {
        ignore_request(peer);
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        peer.wait_until_gone();
      },
      milliseconds(200));
  EXPECT_EQ(verdict(result), "down http_timeout");
  EXPECT_TRUE(result.phases.transfer_us);
  EXPECT_EQ(result.http->status, 200);
  EXPECT_EQ(result.http->body_bytes, 5);
}

TEST_F(HttpHostile, ResetsBeforeTheAnswer) {
  EXPECT_EQ(verdict(ask([](ScriptedPeer& peer) {
              ignore_request(peer);
              peer.reset();
            })),
            "down http_reset");
}

TEST_F(HttpHostile, ResetsInTheBody) {
  EXPECT_EQ(verdict(ask([](ScriptedPeer& peer) {
              ignore_request(peer);
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              peer.reset();
            })),
            "down http_reset");
}

TEST_F(HttpHostile, ClosesWithoutAnAnswer) {
  const auto result = ask(ignore_request);
  EXPECT_EQ(verdict(result), "down http_reset");
  EXPECT_EQ(result.detail, "connection closed without an answer");
}

TEST_F(HttpHostile, LiesAboutTheLength) {
  EXPECT_EQ(verdict(ask(answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"))),
            "down http_protocol");
  EXPECT_EQ(verdict(ask(answering("HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\nhello"))),
            "down http_protocol");
  EXPECT_EQ(verdict(ask(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"))),
            "down http_protocol");
  EXPECT_EQ(
      verdict(ask(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"))),
      "down http_protocol");
}

TEST_F(HttpHostile, SpeaksNoHttp) {
  for (const char* answer : {"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x02\x03\x04\x05\x06\x07",
                             "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"}) {
    const auto result = ask(answering(answer));
    EXPECT_EQ(verdict(result), "down http_protocol") << answer << ": " << result.detail;
  }
}

TEST_F(HttpHostile, SendsABodyWithoutEnd) {
  const auto result = ask([](ScriptedPeer& peer) {
    ignore_request(peer);
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string part(64 << 10, 'x');
    while (peer.send(part)) {
    }
  });
  EXPECT_EQ(verdict(result), "down http_too_large");
  EXPECT_EQ(result.detail, "more than 1048576 bytes of body");
}

TEST_F(HttpHostile, AnErrorPageWithoutEndIsAnErrorPage) {
  EXPECT_EQ(verdict(ask([](ScriptedPeer& peer) {
              ignore_request(peer);
              peer.send("HTTP/1.1 500 Oops\r\n\r\n");
              const std::string part(64 << 10, 'x');
              while (peer.send(part)) {
              }
            })),
            "down http_status");
}

TEST_F(HttpHostile, TrailersRedirectNobody) {
  const auto result =
      ask(answering("HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
                    "Location: http://127.0.0.1:1/\r\n\r\n"));
  EXPECT_EQ(verdict(result), "down http_status") << result.detail;
  EXPECT_TRUE(result.http->hops.empty());
}

TEST_F(HttpHostile, AcceptsABodyOfExactlyTheLimit) {
  const ScriptedServer server(answering(http_answer(std::string(1000, 'x'))));
  auto spec = http_spec(server.url());
  spec.max_body = 1000;
  EXPECT_EQ(verdict(run(http_check(spec))), "up ok");
  spec.max_body = 999;
  EXPECT_EQ(verdict(run(http_check(spec))), "down http_too_large");
}

TEST_F(HttpHostile, ChunksWithoutEnd) {
  EXPECT_EQ(verdict(ask([](ScriptedPeer& peer) {
              ignore_request(peer);
              peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
              const auto chunk = "10000\r\n" + std::string(1 << 16, 'x') + "\r\n";
              while (peer.send(chunk)) {
              }
            })),
            "down http_too_large");
}

TEST_F(HttpHostile, FloodsWithHeaders) {
  const auto result = ask([](ScriptedPeer& peer) {
    ignore_request(peer);
    peer.send("HTTP/1.1 200 OK\r\n");
    while (peer.send("X-Flood: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  EXPECT_EQ(verdict(result), "down http_too_large");
  EXPECT_EQ(result.detail, "more than 64 KiB of headers");
}

TEST_F(HttpHostile, SendsOneEndlessHeaderLine) {
  const auto result = ask([](ScriptedPeer& peer) {
    ignore_request(peer);
    peer.send("HTTP/1.1 200 OK\r\nX-Long: ");
    const std::string part(4096, 'x');
    while (peer.send(part)) {
    }
  });
  EXPECT_EQ(verdict(result), "down http_too_large") << result.detail;
}

TEST_F(HttpHostile, SendsAnEndlessStatusLine) {
  const auto result = ask([](ScriptedPeer& peer) {
    ignore_request(peer);
    peer.send("HTTP/1.1 200 ");
    const std::string part(4096, 'x');
    while (peer.send(part)) {
    }
  });
  EXPECT_EQ(verdict(result), "down http_too_large") << result.detail;
}

TEST_F(HttpHostile, FloodsWithInformationalAnswers) {
  const auto result = ask([](ScriptedPeer& peer) {
    ignore_request(peer);
    while (peer.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")) {
    }
  });
  EXPECT_EQ(verdict(result), "down http_too_large") << result.detail;
}

TEST_F(HttpHostile, ToleratesOneInformationalAnswer) {
  const auto result =
      ask(answering("HTTP/1.1 103 Early Hints\r\nLocation: /trap\r\n\r\n" + http_answer("real")));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.http->status, 200);
  EXPECT_TRUE(result.http->hops.empty());
}

TEST_F(HttpHostile, DripsItsAnswerPastTheDeadline) {
  const auto result = ask(
      [](ScriptedPeer& peer) {
        ignore_request(peer);
        peer.drip("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
        peer.wait_until_gone();
      },
      milliseconds(300));
  EXPECT_EQ(verdict(result), "down http_timeout");
}

TEST_F(HttpHostile, CompressedBytesThatNobodyAskedForAreNotExpanded) {
  // Says gzip; whether it is one is never looked at, so that it cannot be a bomb.
  auto spec = http_spec("");
  const ScriptedServer server(
      answering(http_answer("\x1f\x8b no gzip", "200 OK", "Content-Encoding: gzip\r\n")));
  spec.url = server.url();
  const auto result = run(http_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.http->body_bytes, 10);
  spec.expect.body.matches = {"no gzip$"};
  EXPECT_EQ(verdict(run(http_check(spec))), "down http_encoding") << "nobody has read it";
}

TEST_F(HttpHostile, RedirectsToAnEndlessLocation) {
  const auto result = ask(answering(http_answer(
      "", "302 Found", "Location: http://127.0.0.1:1/" + std::string(60'000, 'a') + "\r\n")));
  EXPECT_EQ(verdict(result), "down connect_refused");
  ASSERT_EQ(result.http->hops.size(), 1U);
  EXPECT_LE(result.http->hops[0].url.size(), kMaxText);
}

TEST_F(HttpHostile, CannotMakeMemoryGrow) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    ignore_request(peer);
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string part(64 << 10, 'x');
    while (peer.send(part)) {
    }
  });
  const auto check = http_check(server.url());
  for (int i = 0; i < 3; ++i) run(check);
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(verdict(run(check)), "down http_too_large");
  ::getrusage(RUSAGE_SELF, &after);
  // 30 bodies of 1 MiB each passed through; AddressSanitizer's quarantine is part of the peak.
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 300 << 10) << "KiB";
}

}  // namespace
}  // namespace nines::probes::http_hostile_test
