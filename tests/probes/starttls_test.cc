// SPDX-License-Identifier: Apache-2.0
// STARTTLS in every protocol: what servers say, what they refuse, and what hostile ones send.
#include "probes/starttls.h"

#include <map>

#include "base/random.h"
#include "tests/probes/fixture.h"

namespace nines::probes::starttls_test {
namespace {

using namespace std::string_literals;
using test::ScriptedPeer;
using test::ScriptedServer;

// Answers of real servers, as their protocols say.
std::string mysql_greeting(unsigned capabilities) {
  const auto payload = "\x0a"s + "8.0.36\0"s + std::string(4, '\x01') + std::string(8, 'a') + '\0' +
                       static_cast<char>(capabilities) + static_cast<char>(capabilities >> 8) +
                       std::string(30, '\0');
  return std::string(1, static_cast<char>(payload.size())) + "\0\0\0"s + payload;
}

const std::string kLdapYes = "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s;
const std::string kLdapNo = "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"s;

struct Turn {
  std::string wait_for;  // up to which the client is read; empty: nothing
  std::string say;
};

using Turns = std::vector<Turn>;

const std::map<StartTls, Turns> kGood{
    {StartTls::smtp,
     {{"", "220-mail.example ESMTP\r\n220 ready\r\n"},
      {"EHLO nines\r\n", "250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"},
      {"STARTTLS\r\n", "220 2.0.0 Ready\r\n"}}},
    {StartTls::imap,
     {{"", "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"},
      {"a1 STARTTLS\r\n", "* CAPABILITY x\r\na1 OK begin\r\n"}}},
    {StartTls::pop3, {{"", "+OK ready\r\n"}, {"STLS\r\n", "+OK begin\r\n"}}},
    {StartTls::ftp,
     {{"", "220-welcome\r\n free text\r\n220 ready\r\n"}, {"AUTH TLS\r\n", "234 ok\r\n"}}},
    {StartTls::ldap, {{"1.3.6.1.4.1.1466.20037", kLdapYes}}},
    {StartTls::postgresql, {{"\x04\xd2\x16\x2f", "S"}}},
    {StartTls::mysql, {{"", mysql_greeting(0xFFFF)}}},
};

const std::map<StartTls, Turns> kRefusing{
    {StartTls::smtp,
     {{"", "220 ready\r\n"},
      {"EHLO nines\r\n", "250 hi\r\n"},
      {"STARTTLS\r\n", "454 not now\r\n"}}},
    {StartTls::imap, {{"", "* OK ready\r\n"}, {"a1 STARTTLS\r\n", "a1 BAD what\r\n"}}},
    {StartTls::pop3, {{"", "+OK ready\r\n"}, {"STLS\r\n", "-ERR what\r\n"}}},
    {StartTls::ftp, {{"", "220 ready\r\n"}, {"AUTH TLS\r\n", "500 what\r\n"}}},
    {StartTls::ldap, {{"1.3.6.1.4.1.1466.20037", kLdapNo}}},
    {StartTls::postgresql, {{"\x04\xd2\x16\x2f", "N"}}},
    {StartTls::mysql, {{"", mysql_greeting(0xF7FF)}}},
};

class StartTlsProbe : public ProbeTest {
 protected:
  Check check(StartTls protocol, std::uint16_t port) {
    auto made = tcp_check(port, {expect("^secure")});
    auto& spec = std::get<TcpSpec>(made.spec);
    spec.starttls = protocol;
    spec.tls = TlsSpec{};
    spec.tls->ca_file = authority_.file();
    return made;
  }

  // Says `turns`, then speaks TLS.
  ScriptedServer::Script script(StartTls protocol, Turns turns, bool dripping = false) {
    return [=, this, turns = std::move(turns)](ScriptedPeer& peer) {
      for (const auto& turn : turns) {
        if (!turn.wait_for.empty() && !peer.read_until(turn.wait_for).ends_with(turn.wait_for)) {
          return;
        }
        dripping ? peer.drip(turn.say) : peer.send(turn.say);
      }
      if (protocol == StartTls::mysql) peer.read_exactly(36);
      if (!peer.start_tls(files_)) return;
      peer.send("secure\r\n");
      peer.wait_until_gone();
    };
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{directory_.path()};
  test::PemFiles files_ = authority_.issue_server();
};

TEST_F(StartTlsProbe, SpeaksEveryProtocol) {
  for (const auto& [protocol, turns] : kGood) {
    for (const bool dripping : {false, true}) {
      const ScriptedServer server(script(protocol, turns, dripping));
      const auto result = run(check(protocol, server.port()));
      EXPECT_EQ(verdict(result), "up ok") << static_cast<int>(protocol) << " " << result.detail;
      EXPECT_TRUE(result.tls && result.tls->verified);
      EXPECT_TRUE(result.phases.tls_us);
      EXPECT_TRUE(result.phases.first_byte_us);
    }
  }
}

TEST_F(StartTlsProbe, TellsARefusalFromABrokenHandshake) {
  for (const auto& [protocol, turns] : kRefusing) {
    const ScriptedServer server(script(protocol, turns));
    const auto result = run(check(protocol, server.port()));
    EXPECT_EQ(verdict(result), "down tcp_starttls")
        << static_cast<int>(protocol) << " " << result.detail;
    EXPECT_FALSE(result.phases.tls_us) << "no handshake was begun";
    EXPECT_FALSE(result.step) << "it is no step of the dialogue";
  }
}

TEST_F(StartTlsProbe, BytesInClearBehindTheAnswerAreRefused) {
  for (const auto& [protocol, turns] : kGood) {
    auto injecting = turns;
    injecting.back().say += "secure\r\n";
    const ScriptedServer server(script(protocol, injecting));
    const auto result = run(check(protocol, server.port()), seconds(5));
    EXPECT_EQ(verdict(result), "down tcp_starttls")
        << static_cast<int>(protocol) << " " << result.detail;
  }
}

TEST_F(StartTlsProbe, TellsClosingAndSilence) {
  for (const auto& [protocol, turns] : kGood) {
    const ScriptedServer closing([](ScriptedPeer&) {});
    const auto closed = run(check(protocol, closing.port()));
    EXPECT_TRUE(closed.reason == Reason::tcp_starttls || closed.reason == Reason::tcp_reset)
        << closed.detail;
    const ScriptedServer silent([](ScriptedPeer& peer) { peer.wait_until_gone(); });
    EXPECT_EQ(verdict(run(check(protocol, silent.port()), milliseconds(100))), "down tcp_timeout");
  }
}

TEST_F(StartTlsProbe, FloodsEnd) {
  for (const auto& [protocol, turns] : kGood) {
    for (const std::string& flood :
         {std::string(4096, 'x'), std::string("220-x\r\n"), std::string("* x\r\n"),
          "\x30\x84\x7f\xff\xff\xff"s, "\xff\xff\xff\x00"s}) {
      const ScriptedServer server([&](ScriptedPeer& peer) {
        while (peer.send(flood)) {
        }
      });
      const auto result = run(check(protocol, server.port()), seconds(10));
      EXPECT_EQ(verdict(result), "down tcp_starttls")
          << static_cast<int>(protocol) << " " << result.detail;
    }
  }
}

TEST_F(StartTlsProbe, AnErrorOfMysqlIsQuoted) {
  const auto payload = "\xff\x15\x04Host '10.0.0.1' is blocked"s;
  const ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send(std::string(1, static_cast<char>(payload.size())) + "\0\0\0"s + payload);
    peer.wait_until_gone();
  });
  const auto result = run(check(StartTls::mysql, server.port()));
  EXPECT_EQ(verdict(result), "down tcp_starttls");
  EXPECT_NE(result.detail.find("is blocked"), std::string::npos) << result.detail;
}

TEST(StartTlsAnswers, ReadsReplyLines) {
  const auto read = [](const std::string& text) {
    std::size_t size = 0;
    const auto reply = read_reply_lines(text, "220", size);
    return std::pair(reply, size);
  };
  EXPECT_EQ(read("220 a\r\nrest"), std::pair(Reply::yes, std::size_t{7}));
  EXPECT_EQ(read("220\r\n").first, Reply::yes);
  EXPECT_EQ(read("220").first, Reply::incomplete);
  EXPECT_EQ(read("220-a\r\n220 b").first, Reply::incomplete);
  EXPECT_EQ(read("220-a\r\n220 b\r\n").first, Reply::yes);
  EXPECT_EQ(read("550 no\r\n").first, Reply::no);
  EXPECT_EQ(read("hello\r\n").first, Reply::malformed);
  EXPECT_EQ(read("\n").first, Reply::malformed);
  EXPECT_EQ(read("22\n").first, Reply::malformed);
  EXPECT_EQ(read("2200 x\n").first, Reply::malformed);
}

TEST(StartTlsAnswers, ReadsLdapToTheByte) {
  std::size_t size = 0;
  EXPECT_EQ(read_ldap_response(kLdapYes, size), Reply::yes);
  EXPECT_EQ(size, kLdapYes.size());
  EXPECT_EQ(read_ldap_response(kLdapNo, size), Reply::no);
  for (std::size_t cut = 0; cut < kLdapYes.size(); ++cut) {
    EXPECT_EQ(read_ldap_response(kLdapYes.substr(0, cut), size), Reply::incomplete) << cut;
  }
  const auto long_form =
      "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"s;
  EXPECT_EQ(read_ldap_response(long_form, size), Reply::yes) << "as Active Directory writes";
  for (const auto& bad :
       {"\x31\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s,
        "\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s,  // another message
        "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"s,  // a bind response
        "\x30\x0c\x02\x01\x01\x78\x7f\x0a\x01\x00\x04\x00\x04\x00"s,  // longer than the message
        "\x30\x80\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s,  // an indefinite length
        "\x30\x85\x01\x01\x01\x01\x01\x01"s, "\x30\x84\xff\xff\xff\xff"s, "\x30\x00"s,
        "\x30\x03\x02\x01\x01"s}) {
    EXPECT_EQ(read_ldap_response(bad, size), Reply::malformed) << to_hex(as_bytes(bad));
  }
}

TEST(StartTlsAnswers, ReadsMysqlToTheByte) {
  std::size_t size = 0;
  const auto good = mysql_greeting(0x0800);
  EXPECT_EQ(read_mysql_greeting(good, size), Reply::yes);
  EXPECT_EQ(size, good.size());
  EXPECT_EQ(read_mysql_greeting(mysql_greeting(0x0000), size), Reply::no);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_EQ(read_mysql_greeting(good.substr(0, cut), size), Reply::incomplete) << cut;
  }
  for (const auto& bad :
       {"\x00\x00\x00\x00"s, "\x01\x00\x00\x01\x0a"s, "\x01\x00\x00\x00\x0a"s,
        "\x01\x00\x00\x00\x09"s, "\x03\x00\x00\x00\x0a"s + "a\0"s, "\xff\xff\xff\x00"s}) {
    EXPECT_EQ(read_mysql_greeting(bad, size), Reply::malformed) << to_hex(as_bytes(bad));
  }
}

TEST(StartTlsAnswers, SurviveAnyBytes) {
  Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = i % 2 == 0 ? kLdapYes : mysql_greeting(0x0800);
    for (int j = 0; j < 3; ++j) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    bytes.resize(random.below(bytes.size() + 1));
    std::size_t size = 0;
    read_ldap_response(bytes, size);
    read_mysql_greeting(bytes, size);
    read_reply_lines(bytes, "220", size);
  }
}

}  // namespace
}  // namespace nines::probes::starttls_test
