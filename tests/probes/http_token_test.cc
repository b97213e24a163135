// SPDX-License-Identifier: Apache-2.0
#include "probes/http_token.h"

#include <atomic>
#include <thread>

#include "tests/probes/fixture.h"
#include "tests/probes/site.h"

namespace nines::probes::http_token_test {
namespace {

using test::header_of;
using test::http_answer;
using test::redirect_to;
using test::Site;

std::string token_answer(const std::string& token, int lasts = 3600) {
  return http_answer(R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
                     std::to_string(lasts) + "}");
}

class HttpToken : public ProbeTest {
 protected:
  // Gives t1, t2, …; `lasts` seconds each.
  std::string issue() { return token_answer("t" + std::to_string(++issued_), lasts_); }

  HttpSpec spec_for(const Site& service) {
    auto spec = http_spec(service.url());
    spec.oauth2 = OAuth2Spec{server_.url("/token"), "my id", "p:w/d", {"read", "write"}};
    return spec;
  }

  std::atomic<int> issued_ = 0;
  std::atomic<int> lasts_ = 3600;
  Site server_{[this](const std::string&) { return issue(); }};
};

TEST_F(HttpToken, AsksOnceAndKeepsIt) {
  const Site service([](const std::string&) { return http_answer("ok"); });
  const auto check = http_check(spec_for(service));
  for (int i = 0; i < 3; ++i) {
    const auto result = run(check);
    EXPECT_EQ(verdict(result), "up ok") << result.detail;
    EXPECT_EQ(result.address, "127.0.0.1:" + std::to_string(service.port()));
  }
  ASSERT_EQ(server_.requests().size(), 1U);
  const auto request = server_.requests()[0];
  EXPECT_TRUE(request.starts_with("POST /token HTTP/1.1\r\n")) << request;
  EXPECT_EQ(header_of(request, "Authorization"), "Basic bXklMjBpZDpwJTNBdyUyRmQ=");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_TRUE(request.ends_with("\r\n\r\ngrant_type=client_credentials&scope=read%20write"));
  ASSERT_EQ(service.requests().size(), 3U);
  for (const auto& seen : service.requests()) {
    EXPECT_EQ(header_of(seen, "Authorization"), "Bearer t1");
  }
}

TEST_F(HttpToken, AsksAgainBeforeItExpires) {
  lasts_ = 30;  // no more than the margin
  const Site service([](const std::string&) { return http_answer("ok"); });
  const auto check = http_check(spec_for(service));
  run(check);
  run(check);
  EXPECT_EQ(server_.requests().size(), 2U);
  EXPECT_EQ(header_of(service.requests().at(1), "Authorization"), "Bearer t2");
}

TEST_F(HttpToken, AsksOnceMoreWhereAKeptOneIsRefused) {
  std::atomic<bool> refusing = false;
  const Site service([&](const std::string&) {
    return refusing ? http_answer("", "401 Unauthorized") : http_answer("ok");
  });
  const auto check = http_check(spec_for(service));
  EXPECT_EQ(verdict(run(check)), "up ok");
  refusing = true;
  const auto result = run(check);
  EXPECT_EQ(verdict(result), "down http_status");
  EXPECT_EQ(result.http->status, 401);
  EXPECT_EQ(server_.requests().size(), 2U);
  EXPECT_EQ(service.requests().size(), 3U);
  EXPECT_EQ(header_of(service.requests()[2], "Authorization"), "Bearer t2");
}

TEST_F(HttpToken, IsNoPhaseOfTheService) {
  const test::ScriptedServer slow([](test::ScriptedPeer& peer) {
    peer.read_request();
    std::this_thread::sleep_for(milliseconds(300));
    peer.send(token_answer("t"));
  });
  const Site service([](const std::string&) { return http_answer("ok"); });
  auto spec = spec_for(service);
  spec.oauth2->token_url = slow.url();
  const auto result = run(http_check(spec));
  ASSERT_EQ(verdict(result), "up ok") << result.detail;
  const auto& p = result.phases;
  EXPECT_GE(*result.total_us - *p.connect_us - *p.first_byte_us - *p.transfer_us, 300'000);
}

TEST_F(HttpToken, FailsAsTheTokenServersFault) {
  const Site service([](const std::string&) { return http_answer("ok"); });
  auto spec = spec_for(service);
  const auto judge = [&](const std::string& url) {
    spec.oauth2->token_url = url;
    auto result = run(http_check(spec), milliseconds(500));
    EXPECT_EQ(result.detail.find("p:w/d"), std::string::npos);
    EXPECT_EQ(result.detail.find("secret"), std::string::npos) << result.detail;
    return verdict(result) + ": " + result.detail;
  };
  std::string answer = http_answer(R"({"error":"invalid_client secret"})", "401 Unauthorized");
  const Site server([&](const std::string&) { return answer; });
  EXPECT_EQ(judge(server.url()), "down http_token: no token: status 401");
  answer = http_answer("<html>secret");
  EXPECT_EQ(judge(server.url()),
            "down http_token: no token: the answer is no JSON: wrong at byte 0");
  answer = redirect_to(service.url());
  EXPECT_EQ(judge(server.url()), "down http_token: no token: status 302");
  answer = http_answer(std::string(100'000, ' '));
  EXPECT_TRUE(judge(server.url()).starts_with("down http_token: no token: http_too_large"));
  const test::RefusingPort refusing;
  EXPECT_TRUE(judge("http://127.0.0.1:" + std::to_string(refusing.port()) + "/")
                  .starts_with("down http_token: no token: connect_refused"));
  const test::ScriptedServer silent([](test::ScriptedPeer& peer) { peer.wait_until_gone(); });
  EXPECT_TRUE(judge(silent.url()).starts_with("down http_token: no token: http_timeout"));
  EXPECT_TRUE(service.requests().empty());
}

TEST_F(HttpToken, StaysWithTheFirstOrigin) {
  const Site other([](const std::string&) { return http_answer("ok"); });
  const Site service([&](const std::string&) { return redirect_to(other.url()); });
  EXPECT_EQ(verdict(run(http_check(spec_for(service)))), "up ok");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(header_of(other.requests()[0], "Authorization"), "");
}

TEST(ReadToken, TakesWhatServersWrite) {
  EXPECT_EQ(read_token(R"({"access_token":"a.b-c"})")->lasts, minutes(5));
  EXPECT_EQ(read_token(R"({"access_token":"a","expires_in":60})")->lasts, seconds(60));
  EXPECT_EQ(read_token(R"({"access_token":"a","expires_in":"60"})")->lasts, seconds(60));
  EXPECT_EQ(read_token(R"({"access_token":"a","expires_in":-5})")->lasts, seconds(0));
  EXPECT_EQ(read_token(R"({"access_token":"a","expires_in":999999999999})")->lasts,
            hours(24 * 365));
  EXPECT_EQ(read_token(R"({"access_token":"a","token_type":"bearer"})")->text, "a");
  for (const char* bad : {"", "[]", R"({"access_token":""})", R"({"access_token":5})",
                          R"({"access_token":"a b"})", R"({"access_token":"a\r\nEvil: 1"})",
                          R"({"access_token":"a","token_type":"mac"})", R"({"token":"a"})"}) {
    EXPECT_FALSE(read_token(bad)) << bad;
  }
  EXPECT_FALSE(read_token(R"({"access_token":")" + std::string(9000, 'a') + "\"}"));
}

TEST(Tokens, AreBoundedAndApart) {
  Tokens tokens;
  OAuth2Spec spec{"https://id/", "a", "b", {}};
  tokens.keep(spec, "t", BootTime{100});
  EXPECT_EQ(tokens.find(spec, BootTime{99}), "t");
  EXPECT_FALSE(tokens.find(spec, BootTime{100}));
  auto other = spec;
  other.scopes = {"read"};
  EXPECT_FALSE(tokens.find(other, BootTime{0}));
  tokens.forget(spec);
  EXPECT_FALSE(tokens.find(spec, BootTime{0}));
  for (std::size_t i = 0; i < 2 * Tokens::kLimit; ++i) {
    spec.client_id = std::to_string(i);
    tokens.keep(spec, "t", BootTime{100});
    EXPECT_EQ(tokens.find(spec, BootTime{0}), "t");
  }
}

}  // namespace
}  // namespace nines::probes::http_token_test
