// SPDX-License-Identifier: Apache-2.0
#include "probes/dns_probe.h"

#include <gmock/gmock.h>

#include <atomic>

#include "model/dns_names.h"
#include "tests/probes/dns_bytes.h"
#include "tests/probes/fixture.h"
#include "tests/support/datagram_server.h"

namespace nines::probes::dns_probe_test {
namespace {

using namespace std::string_literals;
using test::DatagramServer;
using test::Message;
using test::ScriptedPeer;
using test::ScriptedServer;
using Replies = std::vector<std::string>;

DnsSpec dns_spec(std::uint16_t port, const std::string& type = "A") {
  DnsSpec spec;
  spec.host = "127.0.0.1";
  spec.port = port;
  spec.name = "shop.example";
  spec.type = type;
  return spec;
}

Check dns_check(DnsSpec spec) {
  Check check;
  check.name = "dns";
  check.spec = std::move(spec);
  return check;
}

// What a query asks, as a server reads it.
DnsQuery query_of(const std::string& received, std::uint16_t type = 1) {
  DnsQuery query;
  query.name = "shop.example";
  query.type = type;
  query.id = static_cast<std::uint16_t>(static_cast<unsigned char>(received.at(0)) << 8 |
                                        static_cast<unsigned char>(received.at(1)));
  return query;
}

const std::string kAddress = "\xC0\x00\x02\x01"s;

std::string good_answer(const std::string& received) {
  return Message(query_of(received)).answer(1, kAddress).bytes();
}

class DnsProbe : public ProbeTest {};

TEST_F(DnsProbe, TakesTheAnswerToItsQuestion) {
  const DatagramServer server([](const std::string& q) { return Replies{good_answer(q)}; });
  const auto result = run(dns_check(dns_spec(server.port())));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(server.port()));
  ASSERT_TRUE(result.dns);
  EXPECT_EQ(result.dns->rcode, "NOERROR");
  EXPECT_THAT(result.dns->answers, ::testing::ElementsAre("shop.example. 300 IN A 192.0.2.1"));
  EXPECT_TRUE(result.phases.first_byte_us);
  EXPECT_FALSE(result.phases.dns_us) << "the server's own address is a literal";
  EXPECT_FALSE(result.phases.connect_us);
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(DnsProbe, TellsEveryFailureFromSilence) {
  std::atomic<unsigned> code{2};
  const DatagramServer server([&](const std::string& q) {
    return Replies{Message(query_of(q), code != 5).rcode(code).bytes()};
  });
  const auto check = dns_check(dns_spec(server.port()));
  for (const auto& [number, name] : std::vector<std::pair<unsigned, std::string>>{
           {2, "SERVFAIL"}, {3, "NXDOMAIN"}, {5, "REFUSED"}}) {
    code = number;
    const auto result = run(check);
    EXPECT_EQ(verdict(result), "down dns_rcode");
    EXPECT_EQ(result.dns->rcode, name);
    EXPECT_NE(result.detail.find(name), std::string::npos) << result.detail;
  }
  const test::SilentPort silent;
  const auto late = run(dns_check(dns_spec(silent.port())), milliseconds(200));
  EXPECT_EQ(verdict(late), "down dns_timeout");
  EXPECT_EQ(late.dns->rcode, "");
  EXPECT_TRUE(room_.waited_to_the_end());
}

TEST_F(DnsProbe, AFailureMayBeWhatIsExpected) {
  const DatagramServer server(
      [](const std::string& q) { return Replies{Message(query_of(q)).rcode(3).bytes()}; });
  auto spec = dns_spec(server.port());
  spec.rcode = "NXDOMAIN";
  EXPECT_EQ(verdict(run(dns_check(spec))), "up ok");
  const DatagramServer other([](const std::string& q) { return Replies{good_answer(q)}; });
  spec.port = other.port();
  EXPECT_EQ(verdict(run(dns_check(spec))), "down dns_rcode");
}

TEST_F(DnsProbe, SaysRefusedOfAClosedPort) {
  std::uint16_t port = 0;
  { port = test::SilentPort().port(); }
  EXPECT_EQ(verdict(run(dns_check(dns_spec(port)))), "down connect_refused");
  const test::RefusingPort refusing;
  auto spec = dns_spec(refusing.port());
  spec.transport = DnsTransport::tcp;
  EXPECT_EQ(verdict(run(dns_check(spec))), "down connect_refused");
}

TEST_F(DnsProbe, IgnoresWhatIsNotItsAnswer) {
  const DatagramServer server([](const std::string& q) {
    auto other_id = query_of(q);
    other_id.id = static_cast<std::uint16_t>(other_id.id + 1);
    auto other_name = query_of(q);
    other_name.name = "evil.example";
    const auto evil = "\x06\x06\x06\x06"s;
    return Replies{"",
                   "x",
                   Message(other_id).answer(1, evil).bytes(),
                   Message(other_name).answer(1, evil).bytes(),
                   q,
                   Message(query_of(q), false).answer(1, evil).bytes(),
                   good_answer(q)};
  });
  const auto result = run(dns_check(dns_spec(server.port())));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_THAT(result.dns->answers, ::testing::ElementsAre("shop.example. 300 IN A 192.0.2.1"));
}

TEST_F(DnsProbe, ForgeriesAloneAreSilence) {
  const DatagramServer server([](const std::string&) { return Replies(500, "no dns at all"); });
  const auto result = run(dns_check(dns_spec(server.port())), milliseconds(300));
  EXPECT_EQ(verdict(result), "down dns_timeout");
  EXPECT_NE(result.detail.find("foreign datagrams"), std::string::npos) << result.detail;
}

TEST_F(DnsProbe, SaysMalformed) {
  const DatagramServer server([](const std::string& q) {
    auto bytes = good_answer(q);
    bytes.pop_back();
    return Replies{bytes};
  });
  EXPECT_EQ(verdict(run(dns_check(dns_spec(server.port())))), "down dns_malformed");
}

// Every assertion with every answer: none is inverted.
TEST(DnsJudgement, IsWhatItsNamesSay) {
  Patterns patterns;
  const auto judged = [&](PatternSpec wanted, std::vector<std::string> records) {
    DnsSpec spec;
    spec.answer = std::move(wanted);
    DnsAnswer answer;
    answer.records = std::move(records);
    return judge_dns(spec, answer, patterns).reason;
  };
  EXPECT_EQ(judged({{"a"}, {}}, {"a", "b"}), Reason::ok) << "one line that matches is enough";
  EXPECT_EQ(judged({{"a"}, {}}, {"b"}), Reason::dns_answer);
  EXPECT_EQ(judged({{"a"}, {}}, {}), Reason::dns_answer);
  EXPECT_EQ(judged({{"a", "b"}, {}}, {"a", "b"}), Reason::ok) << "each by a line of its own";
  EXPECT_EQ(judged({{"a", "b"}, {}}, {"a", "c"}), Reason::dns_answer);
  EXPECT_EQ(judged({{}, {"a"}}, {"b"}), Reason::ok);
  EXPECT_EQ(judged({{}, {"a"}}, {}), Reason::ok);
  EXPECT_EQ(judged({{}, {"a"}}, {"b", "a"}), Reason::dns_answer) << "no line may match";
  EXPECT_EQ(judged({{"a"}, {"b"}}, {"a", "b"}), Reason::dns_answer);
  EXPECT_EQ(judged({{"("}, {}}, {"a"}), Reason::agent_configuration);
  EXPECT_EQ(judged({{}, {"("}}, {"a"}), Reason::agent_configuration);
}

TEST(DnsJudgement, LooksAtFlagsOnlyWhereTheyAreAskedFor) {
  Patterns patterns;
  for (const bool is_set : {false, true}) {
    DnsAnswer answer;
    answer.authoritative = answer.authenticated = is_set;
    for (const bool wanted : {false, true}) {
      DnsSpec spec;
      EXPECT_EQ(judge_dns(spec, answer, patterns).reason, Reason::ok);
      spec.authoritative = wanted;
      const auto expected = wanted == is_set ? Reason::ok : Reason::dns_flags;
      EXPECT_EQ(judge_dns(spec, answer, patterns).reason, expected);
      spec.authoritative.reset();
      spec.authenticated = wanted;
      EXPECT_EQ(judge_dns(spec, answer, patterns).reason, expected);
    }
  }
}

TEST_F(DnsProbe, WarnsOfAnAnswerWithoutTheType) {
  const DatagramServer server([](const std::string& q) {
    return Replies{Message(query_of(q)).answer(5, test::dns_name("b.example")).bytes()};
  });
  auto spec = dns_spec(server.port());
  const auto result = run(dns_check(spec));
  EXPECT_EQ(verdict(result), "up ok");
  EXPECT_THAT(result.warnings, ::testing::ElementsAre("the answer has no record of type A"));
  spec.answer.matches = {"CNAME b.example"};
  EXPECT_TRUE(run(dns_check(spec)).warnings.empty()) << "patterns say what is wanted";
}

TEST_F(DnsProbe, KeepsAFewAnswersAndJudgesAll) {
  const DatagramServer server([](const std::string& q) {
    Message message(query_of(q));
    for (char i = 0; i < 40; ++i) message.answer(1, "\x0a\x00\x00"s + i);
    return Replies{message.bytes()};
  });
  auto spec = dns_spec(server.port());
  spec.answer.matches = {" 10\\.0\\.0\\.39$"};
  const auto result = run(dns_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.dns->answers.size(), kMaxAnswers);
}

// A server on a stream: one query, then what `answer` makes of it.
ScriptedServer::Script on_stream(std::function<std::string(const std::string&)> answer) {
  return [answer = std::move(answer)](ScriptedPeer& peer) {
    // Length, header and all up to the last bytes of the question and of OPT.
    const auto got = peer.read_until(std::string("\x29\x04\xd0\0\0\0\0\0\0", 9));
    peer.send(answer(got.substr(2)));
    peer.wait_until_gone();
  };
}

std::string framed(const std::string& message) {
  return test::u16(static_cast<unsigned>(message.size())) + message;
}

TEST_F(DnsProbe, SpeaksTcp) {
  const ScriptedServer server(
      on_stream([](const std::string& q) { return framed(good_answer(q)); }));
  auto spec = dns_spec(server.port());
  spec.transport = DnsTransport::tcp;
  const auto result = run(dns_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.dns->answers.size(), 1U);
  EXPECT_TRUE(result.phases.connect_us);
  EXPECT_TRUE(result.phases.first_byte_us);
  EXPECT_TRUE(result.phases.transfer_us);
}

TEST_F(DnsProbe, ReadsAStreamByteByByte) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    const auto got = peer.read_until(std::string("\x29\x04\xd0\0\0\0\0\0\0", 9));
    peer.drip(framed(good_answer(got.substr(2))));
    peer.wait_until_gone();
  });
  auto spec = dns_spec(server.port());
  spec.transport = DnsTransport::tcp;
  EXPECT_EQ(verdict(run(dns_check(spec))), "up ok");
}

TEST_F(DnsProbe, TellsTheEndsOfAStreamApart) {
  const auto judged = [&](ScriptedServer::Script script, Duration timeout = seconds(10)) {
    const ScriptedServer server(std::move(script));
    auto spec = dns_spec(server.port());
    spec.transport = DnsTransport::tcp;
    return verdict(run(dns_check(spec), timeout));
  };
  const auto read = [](ScriptedPeer& peer) {
    return peer.read_until(std::string("\x29\x04\xd0\0\0\0\0\0\0", 9));
  };
  EXPECT_EQ(judged([&](ScriptedPeer& peer) { read(peer); }), "down tcp_closed");
  EXPECT_EQ(judged([&](ScriptedPeer& peer) {
              read(peer);
              peer.reset();
            }),
            "down tcp_reset");
  EXPECT_EQ(judged([](ScriptedPeer& peer) { peer.wait_until_gone(); }, milliseconds(200)),
            "down dns_timeout");
  EXPECT_EQ(
      judged(on_stream([](const std::string& q) { return framed(good_answer(q)).substr(0, 20); }),
             milliseconds(200)),
      "down dns_timeout");
  EXPECT_EQ(judged(on_stream([](const std::string&) { return framed(""); })), "down dns_malformed");
  EXPECT_EQ(judged(on_stream([](const std::string& q) {
              auto other = query_of(q);
              other.id = static_cast<std::uint16_t>(other.id ^ 1);
              return framed(Message(other).answer(1, kAddress).bytes());
            })),
            "down dns_malformed");
}

TEST_F(DnsProbe, SpeaksTls) {
  const test::TemporaryDirectory directory;
  const test::CertificateAuthority authority(directory.path());
  const auto files = authority.issue_server();
  const ScriptedServer server([&](ScriptedPeer& peer) {
    if (!peer.start_tls(files)) return;
    const auto got = peer.read_until(std::string("\x29\x04\xd0\0\0\0\0\0\0", 9));
    if (got.size() > 2) peer.send(framed(good_answer(got.substr(2))));
    peer.wait_until_gone();
  });
  auto spec = dns_spec(server.port());
  spec.transport = DnsTransport::tls;
  EXPECT_EQ(verdict(run(dns_check(spec))), "down tls_certificate_untrusted");
  spec.tls.ca_file = authority.file();
  const auto result = run(dns_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_TRUE(result.phases.tls_us);
  ASSERT_TRUE(result.tls);
  EXPECT_TRUE(result.tls->verified);
}

// A server that truncates over UDP and listens on the same port of TCP, or does not.
TEST_F(DnsProbe, AsksAgainOverTcpWhenTheAnswerIsTruncated) {
  const ScriptedServer tcp(on_stream([](const std::string& q) { return framed(good_answer(q)); }));
  const auto truncated = [](const std::string& q) {
    return Replies{Message(query_of(q)).flags(0x8380).bytes()};
  };
  const auto udp = DatagramServer::at(tcp.port(), truncated);
  if (udp == nullptr) GTEST_SKIP() << "the UDP port of that number is taken";
  const auto result = run(dns_check(dns_spec(tcp.port())));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_TRUE(result.dns->truncated);
  EXPECT_EQ(result.dns->answers.size(), 1U);
  EXPECT_TRUE(result.phases.connect_us) << "the connection's";
}

TEST_F(DnsProbe, ATruncatedAnswerWithoutTcpIsDown) {
  const DatagramServer udp(
      [](const std::string& q) { return Replies{Message(query_of(q)).flags(0x8380).bytes()}; });
  EXPECT_EQ(verdict(run(dns_check(dns_spec(udp.port())))), "down connect_refused");
}

TEST_F(DnsProbe, AnswersItsOwnTroubleApart) {
  auto spec = dns_spec(53);
  spec.source = "192.0.2.77";
  EXPECT_EQ(verdict(run(dns_check(spec))), "unknown agent_no_source");
  asio::steady_timer soon(room_.io());
  soon.expires_after(milliseconds(20));
  soon.async_wait([this](const asio::error_code&) { room_.stop().request(); });
  const test::SilentPort silent;
  EXPECT_EQ(verdict(run(dns_check(dns_spec(silent.port())), hours(1))), "unknown agent_stopped");
}

TEST(DnsProbeByName, LooksTheServerUp) {
  test::DnsReply reply;
  reply.addresses.push_back(asio::ip::make_address("127.0.0.1"));
  Room room([&](const test::DnsQuery&) { return reply; });
  const DatagramServer server([](const std::string& q) { return Replies{good_answer(q)}; });
  auto spec = dns_spec(server.port());
  spec.host = "ns.example";
  const auto result = room.run(dns_check(spec));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_TRUE(result.phases.dns_us);
  reply.kind = test::DnsReply::Kind::code;
  reply.code = 3;
  EXPECT_EQ(verdict(room.run(dns_check(spec))), "down dns_nxdomain");
}

}  // namespace
}  // namespace nines::probes::dns_probe_test
