// SPDX-License-Identifier: Apache-2.0
// Dialogues of several steps: captures, exact bytes, TLS in the middle, Unix sockets, floods.
#include "probes/dialogue.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "tests/probes/fixture.h"

namespace nines::probes::dialogue_test {
namespace {

using namespace std::string_literals;
using test::ScriptedPeer;
using test::ScriptedServer;

TcpStep expect_bytes(const std::string& bytes) { return {TcpStep::Kind::expect_bytes, bytes}; }

TcpStep starttls() { return {TcpStep::Kind::starttls, {}}; }

class Dialogues : public ProbeTest {};

TEST(FillIn, ReplacesGroupsAndNothingElse) {
  Groups groups;
  groups[1] = "one";
  groups[2] = "${1}";
  EXPECT_EQ(fill_in("a${1}b${2}", groups), "aoneb${1}") << "what a group holds is not read again";
  EXPECT_EQ(fill_in("$${1} $$${1} ${0} ${10} ${x} ${ $", groups),
            "${1} $${1} ${0} ${10} ${x} ${ $");
  EXPECT_EQ(fill_in("${9}", groups), "");
  groups[3] = std::string(kMaxSent, 'x');
  EXPECT_TRUE(fill_in("${3}", groups));
  EXPECT_FALSE(fill_in("${3}.", groups));
}

TEST_F(Dialogues, CarriesGroupsIntoLaterSends) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("+OK POP3 <1896.697@mail.example>\r\n");
    const auto got = peer.read_until("\r\n");
    peer.send(got == "APOP <1896.697@mail.example> mail ${1}\r\n" ? "+OK\r\n" : "-ERR\r\n");
    peer.wait_until_gone();
  });
  const auto result =
      run(tcp_check(server.port(), {expect("^\\+OK .*(<.*@(\\w+)\\..*>)(nothing)?\r\n"),
                                    send("APOP ${1} ${2} $${1}${3}\r\n"), expect("^\\+OK\r\n")}));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_FALSE(result.step);
}

TEST_F(Dialogues, NamesTheStepThatFailed) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("220 hello\r\n");
    peer.read_until("\r\n");
    peer.send("500 no\r\n");
  });
  const auto result =
      run(tcp_check(server.port(), {expect("^220"), send("HI\r\n"), expect("250"), send("x")}));
  EXPECT_EQ(verdict(result), "down tcp_expect");
  EXPECT_EQ(result.step, 3);
}

TEST_F(Dialogues, PatternsAndBytesShareOneBuffer) {
  for (const bool dripping : {false, true}) {
    const ScriptedServer server([dripping](ScriptedPeer& peer) {
      const auto all = "SSH-2.0-x\r\n\x00\x01\xff\x0a"s + "tail";
      dripping ? peer.drip(all) : peer.send(all);
      peer.wait_until_gone();
    });
    const auto result =
        run(tcp_check(server.port(), {expect("^SSH-2\\.0-(\\w)\r\n"),
                                      expect_bytes("\x00\x01\xff\x0a"s), expect("^tail$")}));
    EXPECT_EQ(verdict(result), "up ok") << result.detail << (dripping ? " dripping" : "");
  }
}

TEST_F(Dialogues, ExactBytesFailAtTheFirstOther) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("\x01\x02\x03"s);
    peer.wait_until_gone();  // without another byte: nobody needs to wait for the end
  });
  const auto wrong = run(tcp_check(server.port(), {expect_bytes("\x01\x05\x03\x04"s)}), hours(1));
  EXPECT_EQ(verdict(wrong), "down tcp_expect");
  EXPECT_EQ(wrong.step, 1);
  EXPECT_EQ(verdict(run(tcp_check(server.port(), {expect_bytes("\x01\x02\x03\x04"s)}),
                        milliseconds(200))),
            "down tcp_timeout");
  EXPECT_EQ(verdict(run(tcp_check(server.port(), {expect_bytes("\x01\x02"s), expect("\x03")}))),
            "up ok");
}

TEST_F(Dialogues, MatchesALineOfAMebibyte) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send(std::string(1 << 20, 'x') + "\r\n250 done\r\n");
    peer.wait_until_gone();
  });
  const auto result = run(tcp_check(server.port(), {expect("\r\n"), expect("^250 done")}));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
}

TEST_F(Dialogues, FindsWhatCameRightBeforeTheEnd) {
  const ScriptedServer server(
      [](ScriptedPeer& peer) { peer.send(std::string(300'000, 'x') + "the end"); });
  EXPECT_EQ(verdict(run(tcp_check(server.port(), {expect("the end$")}))), "up ok");
  const auto missing = run(tcp_check(server.port(), {expect("another")}));
  EXPECT_EQ(verdict(missing), "down tcp_expect");
}

TEST_F(Dialogues, AFloodDoesNotHoldTheLoopUp) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    const std::string piece(64 << 10, 'x');
    while (peer.send(piece)) {
    }
  });
  int turns = 0;
  asio::steady_timer often(room_.io());
  std::function<void()> tick = [&] {
    ++turns;
    often.expires_after(milliseconds(5));
    often.async_wait([&](const asio::error_code& error) {
      if (!error) tick();
    });
  };
  tick();
  const auto result = run(tcp_check(server.port(), {expect("never")}), seconds(15));
  EXPECT_EQ(verdict(result), "down tcp_too_large");
  EXPECT_GE(turns, 10);
}

TEST_F(Dialogues, GroupsCannotMakeASendGrowWithoutEnd) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send(std::string(100'000, 'x') + "\n");
    peer.wait_until_gone();
  });
  const auto result = run(tcp_check(server.port(), {expect("(x+)\n"), send("${1}${1}${1}")}));
  EXPECT_EQ(verdict(result), "down tcp_too_large");
  EXPECT_EQ(result.step, 2);
}

class SecureDialogues : public Dialogues {
 protected:
  Check check(std::uint16_t port, std::vector<TcpStep> steps) {
    auto made = tcp_check(port, std::move(steps));
    auto& spec = std::get<TcpSpec>(made.spec);
    spec.tls = TlsSpec{};
    spec.tls->ca_file = authority_.file();
    return made;
  }

  test::TemporaryDirectory directory_;
  test::CertificateAuthority authority_{directory_.path()};
  test::PemFiles files_ = authority_.issue_server();
};

TEST_F(SecureDialogues, ChangesToTlsAtItsStep) {
  const ScriptedServer server([this](ScriptedPeer& peer) {
    peer.send("220 hello\r\n");
    if (peer.read_until("\r\n") != "STARTTLS\r\n") return;
    peer.send("220 go ahead\r\n");
    if (!peer.start_tls(files_)) return;
    peer.read_until("\r\n");
    peer.send("250 secure\r\n");
    peer.wait_until_gone();
  });
  const auto result =
      run(check(server.port(), {expect("^220 .*\n"), send("STARTTLS\r\n"), expect("^220 .*\n"),
                                starttls(), send("EHLO x\r\n"), expect("^250 secure")}));
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  ASSERT_TRUE(result.tls);
  EXPECT_TRUE(result.tls->verified);
  EXPECT_TRUE(result.phases.connect_us);
  EXPECT_TRUE(result.phases.tls_us);
  EXPECT_TRUE(result.phases.first_byte_us);
  EXPECT_TRUE(result.phases.transfer_us);
  EXPECT_LE(*result.phases.connect_us + *result.phases.tls_us + *result.phases.first_byte_us +
                *result.phases.transfer_us,
            *result.total_us + 1000);
}

TEST_F(SecureDialogues, SaysWhichStepsHandshakeFailed) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.send("220 go ahead\r\n");
    peer.send("no tls at all\r\n");
    peer.wait_until_gone();
  });
  const auto result =
      run(check(server.port(), {expect("^220 .*\n"), starttls()}), milliseconds(500));
  EXPECT_EQ(result.step, 2);
  EXPECT_EQ(outcome_of(result.reason), Outcome::down);
  EXPECT_TRUE(std::string(name(result.reason)).starts_with("tls_")) << result.detail;
}

TEST_F(SecureDialogues, WordsInClearDoNotCountAfterTheHandshake) {
  const ScriptedServer server([this](ScriptedPeer& peer) {
    peer.send("220 go\r\n250 injected\r\n");
    if (peer.start_tls(files_)) peer.wait_until_gone();
  });
  const auto result =
      run(check(server.port(), {expect("^220 .*\n"), starttls(), expect("injected")}),
          milliseconds(500));
  EXPECT_EQ(verdict(result), "down tcp_timeout") << result.detail;
  EXPECT_EQ(result.step, 3);
}

class UnixSocket : public Dialogues {
 protected:
  // A listener that greets; `serve` accepts once.
  int listen_at(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd, 1), 0);
    return fd;
  }

  Check unix_check(std::vector<TcpStep> steps) {
    auto check = tcp_check(0, std::move(steps), "");
    std::get<TcpSpec>(check.spec).unix_path = path_;
    return check;
  }

  test::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/socket";
};

TEST_F(UnixSocket, SpeaksOverIt) {
  const int listener = listen_at(path_);
  std::thread server([listener] {
    const int peer = ::accept(listener, nullptr, nullptr);
    static_cast<void>(::write(peer, "ready\n", 6) == 6);
    char byte = 0;
    static_cast<void>(::read(peer, &byte, 1) == 0);
    ::close(peer);
  });
  const auto result = run(unix_check({expect("^ready\n")}));
  server.join();
  ::close(listener);
  EXPECT_EQ(verdict(result), "up ok") << result.detail;
  EXPECT_EQ(result.address, "unix:" + path_);
  EXPECT_TRUE(result.phases.connect_us);
}

TEST_F(UnixSocket, SaysWhoIsNotThere) {
  EXPECT_EQ(verdict(run(unix_check({}))), "down connect_refused");
  const int listener = listen_at(path_);
  ::close(listener);
  EXPECT_EQ(verdict(run(unix_check({}))), "down connect_refused") << "the file is still there";
}

}  // namespace
}  // namespace nines::probes::dialogue_test
