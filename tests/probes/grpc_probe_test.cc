// SPDX-License-Identifier: Apache-2.0
// Health checks against a server made of frames (RFC 9113), so that it can also break the rules.
#include "probes/grpc_probe.h"

#include "base/random.h"
#include "probes/grpc_message.h"
#include "tests/probes/fixture.h"

namespace nines::probes::grpc_probe_test {
namespace {

using namespace std::string_literals;
using test::ScriptedPeer;
using test::ScriptedServer;
using Fields = std::vector<std::pair<std::string, std::string>>;

enum Frame : unsigned { kData = 0, kHeaders = 1, kSettings = 4, kPing = 6, kContinuation = 9 };

constexpr unsigned kEndStream = 1, kAck = 1, kEndHeaders = 4;

std::string frame(unsigned type, unsigned flags, unsigned stream, const std::string& payload) {
  const auto size = payload.size();
  return {static_cast<char>(size >> 16),
          static_cast<char>(size >> 8),
          static_cast<char>(size),
          static_cast<char>(type),
          static_cast<char>(flags),
          0,
          0,
          0,
          static_cast<char>(stream)};
}

std::string whole(unsigned type, unsigned flags, unsigned stream, const std::string& payload) {
  return frame(type, flags, stream, payload) + payload;
}

// Literal fields without an index (RFC 7541 section 6.2.2), lengths below 127.
std::string block(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += '\0' + std::string(1, static_cast<char>(name.size())) + name +
           static_cast<char>(value.size()) + value;
  }
  return out;
}

struct Call {
  std::string status = "200";
  std::string type = "application/grpc";
  std::string message = "\0\0\0\0\x02\x08\x01"s;  // SERVING
  Fields trailers{{"grpc-status", "0"}};
  bool at_once = false;  // the status is among the headers: no message, no trailers
};

std::string answer_of(const Call& call) {
  Fields head{{":status", call.status}, {"content-type", call.type}};
  if (call.at_once) {
    head.insert(head.end(), call.trailers.begin(), call.trailers.end());
    return whole(kHeaders, kEndHeaders | kEndStream, 1, block(head));
  }
  auto out = whole(kHeaders, kEndHeaders, 1, block(head)) + whole(kData, 0, 1, call.message);
  return out + whole(kHeaders, kEndHeaders | kEndStream, 1, block(call.trailers));
}

// Reads a request to its end; its body. Settings are acknowledged.
std::string read_request(ScriptedPeer& peer) {
  if (!peer.read_exactly(24).starts_with("PRI * HTTP/2.0")) return "no preface";
  peer.send(whole(kSettings, 0, 0, ""));
  std::string body;
  for (;;) {
    const auto head = peer.read_exactly(9);
    if (head.size() < 9) return "gone";
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
    const auto payload = peer.read_exactly(std::size_t{byte(0)} << 16 | byte(1) << 8 | byte(2));
    if (byte(3) == kSettings && (byte(4) & kAck) == 0) peer.send(whole(kSettings, kAck, 0, ""));
    if (byte(3) == kData) body += payload;
    if (byte(3) <= kHeaders && (byte(4) & kEndStream) != 0) return body;
  }
}

ScriptedServer::Script serving(Call call, std::string expected_body = {}) {
  return [call = std::move(call), expected_body = std::move(expected_body)](ScriptedPeer& peer) {
    const auto body = read_request(peer);
    if (!expected_body.empty() && body != expected_body) return;
    peer.send(answer_of(call));
    peer.wait_until_gone();
  };
}

class GrpcProbe : public ProbeTest {
 protected:
  ProbeResult ask(const ScriptedServer& server,
                  const std::string& service = {},
                  Duration timeout = seconds(10)) {
    GrpcSpec spec;
    spec.host = "127.0.0.1";
    spec.port = server.port();
    spec.service = service;
    spec.metadata = {{"x-tenant", "shop"}};
    Check check;
    check.name = "grpc";
    check.spec = std::move(spec);
    return run(check, timeout);
  }

  ProbeResult answered(Call call) {
    const ScriptedServer server(serving(std::move(call)));
    return ask(server);
  }
};

TEST_F(GrpcProbe, AsksForTheServiceAndIsUpWhenItServes) {
  const ScriptedServer server(serving({}, "\0\0\0\0\x0d\x0a\x0bshop.Orders"s));
  const auto result = ask(server, "shop.Orders");
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.grpc_status, "SERVING");
  EXPECT_TRUE(result.phases.connect_us);
  EXPECT_TRUE(result.phases.first_byte_us);
  EXPECT_FALSE(result.phases.tls_us);
  const ScriptedServer whole_server(serving({}, "\0\0\0\0\0"s));
  EXPECT_EQ(verdict(ask(whole_server)), "up ok") << "without a service the message is empty";
}

TEST_F(GrpcProbe, TellsEveryAnswerApart) {
  Call call;
  call.message = "\0\0\0\0\x02\x08\x02"s;
  auto result = answered(call);
  EXPECT_EQ(verdict(result), "down grpc_not_serving");
  EXPECT_EQ(result.grpc_status, "NOT_SERVING");
  call.message = "\0\0\0\0\0"s;
  result = answered(call);
  EXPECT_EQ(verdict(result), "down grpc_not_serving");
  EXPECT_EQ(result.grpc_status, "UNKNOWN");
  call.message = "\0\0\0\0\x02\x08\x03"s;
  EXPECT_EQ(verdict(answered(call)), "down grpc_unknown_service");
}

TEST_F(GrpcProbe, TellsEveryStatusOfGrpc) {
  for (const bool at_once : {false, true}) {
    Call call;
    call.at_once = at_once;
    call.message.clear();
    call.trailers = {{"grpc-status", "5"}, {"grpc-message", "no%20such%20service%"}};
    auto result = answered(call);
    EXPECT_EQ(verdict(result), "down grpc_unknown_service");
    EXPECT_EQ(result.grpc_status, "NOT_FOUND");
    EXPECT_EQ(result.detail, "NOT_FOUND: no such service%");
    call.trailers = {{"grpc-status", "12"}};
    result = answered(call);
    EXPECT_EQ(verdict(result), "down grpc_status");
    EXPECT_EQ(result.grpc_status, "UNIMPLEMENTED");
    call.trailers = {{"grpc-status", "14"}};
    EXPECT_EQ(answered(call).grpc_status, "UNAVAILABLE");
    call.trailers = {{"grpc-status", "zero"}};
    EXPECT_EQ(verdict(answered(call)), "down grpc_status");
    call.trailers = {{"x", "y"}};
    EXPECT_EQ(verdict(answered(call)), "down grpc_status") << "no status at all";
  }
}

TEST_F(GrpcProbe, WhatIsNoGrpcIsSaid) {
  Call page;
  page.type = "text/html";
  EXPECT_EQ(verdict(answered(page)), "down http_header");
  Call error;
  error.status = "503";
  EXPECT_EQ(verdict(answered(error)), "down http_status");
  const ScriptedServer http1([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test::http_answer("hello"));
    peer.wait_until_gone();
  });
  const auto wrong = ask(http1);
  EXPECT_EQ(verdict(wrong), "down http_protocol") << wrong.detail;
  const ScriptedServer closing([](ScriptedPeer&) {});
  const auto closed = ask(closing);
  EXPECT_EQ(closed.outcome, Outcome::down) << closed.detail;
}

TEST_F(GrpcProbe, HostileMessagesAreRefused) {
  for (const auto& message :
       {""s, "\0"s, "\0\0\0\0"s, "\x01\0\0\0\x02\x08\x01"s, "\0\0\0\0\x03\x08\x01"s,
        "\0\xff\xff\xff\xff\x08\x01"s, "\0\0\0\0\x02\x08\x01\0\0\0\0\x02\x08\x01"s,
        "\0\0\0\0\x02\x08\x80"s, "\0\0\0\0\x02\x0f\x01"s, "\0\0\0\0\x02\x12\x7f"s}) {
    Call call;
    call.message = message;
    EXPECT_EQ(verdict(answered(call)), "down grpc_status") << to_hex(as_bytes(message));
  }
  Call huge;
  huge.message = std::string(16'000, '\0');
  EXPECT_EQ(verdict(answered(huge)), "down http_too_large");
}

TEST_F(GrpcProbe, FloodsAndSilenceEnd) {
  const ScriptedServer silent([](ScriptedPeer& peer) {
    read_request(peer);
    peer.wait_until_gone();
  });
  const auto late = ask(silent, {}, milliseconds(300));
  EXPECT_EQ(verdict(late), "down http_timeout");
  EXPECT_GE(*late.total_us, 299'000);
  const ScriptedServer pinging([](ScriptedPeer& peer) {
    read_request(peer);
    std::string pings;
    for (int i = 0; i < 100; ++i) pings += whole(kPing, 0, 0, std::string(8, 'x'));
    while (peer.send(pings)) {
    }
  });
  EXPECT_EQ(ask(pinging, {}, milliseconds(500)).outcome, Outcome::down);
  const ScriptedServer settling([](ScriptedPeer& peer) {
    read_request(peer);
    std::string settings;
    for (int i = 0; i < 100; ++i) settings += whole(kSettings, 0, 0, "");
    while (peer.send(settings)) {
    }
  });
  EXPECT_EQ(ask(settling, {}, milliseconds(500)).outcome, Outcome::down);
  const ScriptedServer continuing([](ScriptedPeer& peer) {
    read_request(peer);
    peer.send(whole(kHeaders, 0, 1, block({{":status", "200"}})));
    while (peer.send(whole(kContinuation, 0, 1, block({{"x", std::string(100, 'y')}})))) {
    }
  });
  EXPECT_EQ(ask(continuing, {}, milliseconds(500)).outcome, Outcome::down);
  const ScriptedServer nonsense([](ScriptedPeer& peer) {
    peer.send(std::string(100'000, '\xff'));
    peer.wait_until_gone();
  });
  EXPECT_EQ(ask(nonsense).outcome, Outcome::down);
}

TEST_F(GrpcProbe, SpeaksTlsByAlpn) {
  const test::TemporaryDirectory directory;
  const test::CertificateAuthority authority(directory.path());
  const auto files = authority.issue_server();
  for (const std::string& protocol : {"h2"s, "http/1.1"s}) {
    const ScriptedServer server([&](ScriptedPeer& peer) {
      peer.choose(protocol);
      if (!peer.start_tls(files)) return;
      if (protocol == "h2") {
        serving({})(peer);
      } else {
        test::answering(test::http_answer("hello"))(peer);
      }
    });
    GrpcSpec spec;
    spec.host = "127.0.0.1";
    spec.port = server.port();
    spec.tls = TlsSpec{};
    spec.tls->ca_file = authority.file();
    Check check;
    check.spec = spec;
    const auto result = run(check);
    EXPECT_EQ(verdict(result), protocol == "h2" ? "up ok" : "down http_version") << result.detail;
    EXPECT_TRUE(result.tls && result.tls->verified);
    EXPECT_TRUE(result.phases.tls_us);
  }
}

TEST(HealthMessages, AreReadWithinTheirBounds) {
  EXPECT_EQ(decode_health_answer("\0\0\0\0\x04\x08\x81\x80\x00"s), 1U) << "a long varint";
  EXPECT_EQ(decode_health_answer("\0\0\0\0\x05\x12\x01x\x08\x01"s), 1U) << "an unknown field";
  EXPECT_EQ(decode_health_answer("\0\0\0\0\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s),
            std::nullopt);
  EXPECT_EQ(decode_percent("a%41%4%zz%"), "aA%4%zz%");
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = "\0\0\0\0\x05\x12\x01x\x08\x01"s;
    for (int j = 0; j < 3; ++j) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    static_cast<void>(decode_health_answer(bytes).has_value());
  }
}

}  // namespace
}  // namespace nines::probes::grpc_probe_test
