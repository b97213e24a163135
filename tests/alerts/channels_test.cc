// SPDX-License-Identifier: Apache-2.0
// Attempts against real servers and programs.
#include "alerts/channels.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <asio/post.hpp>
#include <fstream>

#include "alerts/message.h"
#include "base/disk.h"
#include "tests/alerts/book_rig.h"
#include "tests/support/loop.h"
#include "tests/support/scripted_server.h"

namespace nines::alerts::channels_test {
namespace {

using nines::test::http_answer;
using nines::test::ScriptedPeer;
using nines::test::ScriptedServer;
using Result = Sent::Result;

std::string message() {
  Group group;
  group.label = "agreement";
  group.value = "acme";
  Alert alert;
  alert.condition = test::condition("k");
  alert.state = Alert::State::firing;
  alert.began = test::kStart;
  const std::vector<Alert*> firing{&alert};
  return message_json({group, "firing", "store-1", 1, {}, firing, {}, test::kStart});
}

class Attempts : public ::testing::Test {
 protected:
  Sent send(Channel channel, std::string text = message()) {
    channel.name = "it";
    Channels channels(io, clock);
    auto sending = channels.send(std::move(channel), std::move(text), stop);
    return nines::test::run(io, std::move(sending));
  }

  // Answers one request with `answer`, and keeps it.
  ScriptedServer::Script taking(std::string answer) {
    return [this, answer = std::move(answer)](ScriptedPeer& peer) {
      request = peer.read_request();
      peer.send(answer);
    };
  }

  static Channel hook(const std::string& url) {
    Channel out;
    Webhook how;
    how.url = url;
    how.headers = {{"Authorization", "Bearer abc"}};
    out.how = how;
    return out;
  }

  std::string program(const std::string& text) {
    const auto path = directory / "program";
    std::ofstream(path) << "#!/bin/sh\n" << text;
    ::chmod(path.c_str(), 0755);
    return path;
  }

  Channel exec(const std::string& text, Duration timeout = seconds(10)) {
    Channel out;
    out.how = Exec{{program(text), "argument"}};
    out.timeout = timeout;
    return out;
  }

  asio::io_context io{1};
  SystemClock clock;
  Stop stop;
  nines::test::TemporaryDirectory directory;
  std::string request;
};

TEST_F(Attempts, PostTheMessageWithItsKeyAndTheHeadersOfTheFile) {
  ScriptedServer server(taking(http_answer("thanks")));
  const auto sent = send(hook(server.url("/in?x=1")));
  EXPECT_EQ(sent.result, Result::delivered) << sent.detail;
  EXPECT_TRUE(request.starts_with("POST /in?x=1 HTTP/1.1\r\n")) << request;
  for (const auto* line : {"\r\nAuthorization: Bearer abc\r\n", "\r\nIdempotency-Key: store-1\r\n",
                           "\r\nContent-Type: application/json\r\n"}) {
    EXPECT_NE(request.find(line), std::string::npos) << line;
  }
  EXPECT_EQ(request.substr(request.find("\r\n\r\n") + 4), message());
}

TEST_F(Attempts, FillTheTemplate) {
  ScriptedServer server(taking(http_answer("")));
  auto channel = hook(server.url());
  std::get<Webhook>(channel.how).body =
      *Template::parse(R"({"text":"{{title}}"})", Template::escape_of("application/json"));
  EXPECT_EQ(send(channel).result, Result::delivered);
  EXPECT_EQ(request.substr(request.find("\r\n\r\n") + 4), R"({"text":"[firing] k is bad"})");
}

TEST_F(Attempts, TellWhatMayBeTriedAgainFromWhatMayNot) {
  const auto answered = [&](const std::string& status, const std::string& headers = "") {
    ScriptedServer server(taking(http_answer("no", status, headers)));
    return send(hook(server.url()));
  };
  EXPECT_EQ(answered("400 Bad Request").result, Result::refused);
  EXPECT_EQ(answered("413 Too Large").result, Result::refused);
  EXPECT_EQ(answered("401 Unauthorized").result, Result::failed);
  EXPECT_EQ(answered("302 Found", "Location: /else\r\n").result, Result::failed);
  const auto busy = answered("503 Busy", "Retry-After: 7\r\n");
  EXPECT_EQ(busy.result, Result::failed);
  EXPECT_EQ(busy.retry_after, seconds(7));
  EXPECT_NE(busy.detail.find("503"), std::string::npos);
  nines::test::RefusingPort closed;
  const auto sent = send(hook("http://127.0.0.1:" + std::to_string(closed.port()) + "/"));
  EXPECT_EQ(sent.result, Result::failed);
  EXPECT_NE(sent.detail.find("refused"), std::string::npos) << sent.detail;
}

TEST_F(Attempts, EndInTimeWhereNobodyAnswers) {
  ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  auto channel = hook(server.url());
  channel.timeout = milliseconds(200);
  const auto sent = send(channel);
  EXPECT_EQ(sent.result, Result::failed);
  EXPECT_NE(sent.detail.find("not in time"), std::string::npos) << sent.detail;
}

TEST_F(Attempts, PostToAlertmanagersPath) {
  ScriptedServer server(taking(http_answer("")));
  Channel channel;
  Alertmanager how;
  how.url = server.url("/am/");
  channel.how = how;
  EXPECT_EQ(send(channel, "[]").result, Result::delivered);
  EXPECT_TRUE(request.starts_with("POST /am/api/v2/alerts HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\n[]"));
}

TEST_F(Attempts, GiveAProgramTheMessageAndItsArguments) {
  const auto sent =
      send(exec("cat > " + (directory / "in") + "; echo \"$1\" > " + (directory / "argument")));
  EXPECT_EQ(sent.result, Result::delivered) << sent.detail;
  EXPECT_EQ(*read_file(directory / "in", 1 << 20), message());
  EXPECT_EQ(*read_file(directory / "argument", 100), "argument\n");
}

TEST_F(Attempts, TellWhatBecameOfAProgram) {
  const auto no = send(exec("echo 'nobody at the desk' >&2; exit 3"));
  EXPECT_EQ(no.result, Result::failed);
  EXPECT_EQ(no.detail, "exit code 3: nobody at the desk");
  const auto slow = send(exec("while :; do :; done", milliseconds(300)));
  EXPECT_EQ(slow.result, Result::failed);
  EXPECT_EQ(slow.detail, "killed: it did not end in time");
  const auto loud =
      send(exec("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done"));
  EXPECT_EQ(loud.detail, "killed: it wrote more than 64 KiB");
  Channel absent;
  absent.how = Exec{{directory / "absent"}};
  EXPECT_NE(send(absent).detail.find("cannot start"), std::string::npos);
}

TEST_F(Attempts, SpeakSmtpToTheLetter) {
  std::string data;
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send("220 here\r\n");
    peer.read_until("\r\n");
    peer.send("250 here\r\n");
    request = peer.read_until("\r\n");
    peer.send("250 ok\r\n");
    request += peer.read_until("\r\n");
    peer.send("250 ok\r\n");
    peer.read_until("\r\n");
    peer.send("354 go on\r\n");
    data = peer.read_until("\r\n.\r\n");
    peer.send("250 taken\r\n");
    peer.read_until("\r\n");
  });
  Channel channel;
  Mail how;
  how.url = "smtp://127.0.0.1:" + std::to_string(server.port());
  how.from = "nines@example.net";
  how.to = {"ops@example.net"};
  how.starttls = false;
  channel.how = how;
  const auto sent = send(channel);
  EXPECT_EQ(sent.result, Result::delivered) << sent.detail;
  EXPECT_NE(request.find("MAIL FROM:<nines@example.net>"), std::string::npos) << request;
  EXPECT_NE(request.find("RCPT TO:<ops@example.net>"), std::string::npos) << request;
  EXPECT_NE(data.find("X-Nines-Dedup-Key: store-1\r\n"), std::string::npos) << data;
}

TEST_F(Attempts, SayNothingToAMailServerWithoutTls) {
  ScriptedServer server([&](ScriptedPeer& peer) {
    peer.send("220 here\r\n");
    request = peer.read_until("\r\n");
    peer.send("250-here\r\n250 AUTH PLAIN\r\n");
    request += peer.read_until("nothing more");
  });
  Channel channel;
  Mail how;
  how.url = "smtp://127.0.0.1:" + std::to_string(server.port());
  how.from = "nines@example.net";
  how.to = {"ops@example.net"};
  how.username = "u";
  how.password = "hunter2";
  channel.how = how;
  const auto sent = send(channel);
  EXPECT_EQ(sent.result, Result::failed);
  EXPECT_EQ(request.find("MAIL"), std::string::npos) << request;
  EXPECT_EQ(request.find("AUTH"), std::string::npos) << request;
}

TEST_F(Attempts, AreCutOffByAStop) {
  ScriptedServer server([this](ScriptedPeer& peer) {
    peer.read_request();
    asio::post(io, [this] { stop.request(); });
    peer.wait_until_gone();
  });
  const auto sent = send(hook(server.url()));
  EXPECT_EQ(sent.result, Result::failed);
  EXPECT_EQ(sent.detail, "stopped");
}

}  // namespace
}  // namespace nines::alerts::channels_test
