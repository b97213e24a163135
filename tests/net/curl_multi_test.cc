// SPDX-License-Identifier: Apache-2.0
// At stake: every check's deadline holds whatever the other end does, and one transfer never holds
// up another. Scripted servers on loopback stall, refuse and reset.
#include "net/curl_multi.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/loop.h"
#include "tests/support/scripted_server.h"

namespace nines::net::curl_multi_test {
namespace {

using test::answering;
using test::http_answer;
using test::ScriptedPeer;
using test::ScriptedServer;

class CurlMultiTest : public testing::Test {
 protected:
  // An easy handle with what every check sets.
  struct Handle {
    explicit Handle(const std::string& url, long limit_ms = 10000) : easy(curl_easy_init()) {
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_PROXY, "");
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_ms);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Handle::keep);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    }

    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    ~Handle() { curl_easy_cleanup(easy); }

    static std::size_t keep(char* data, std::size_t one, std::size_t count, void* self) {
      static_cast<Handle*>(self)->body.append(data, one * count);
      return one * count;
    }

    CURL* easy;
    std::string body;
  };

  int perform(Handle& handle, Duration limit = seconds(10)) {
    return test::run(io_, multi_->perform(handle.easy, clock_, clock_.boot() + limit, stop_));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  Stop stop_;
  std::unique_ptr<CurlMulti> multi_ = std::make_unique<CurlMulti>(io_);
};

TEST_F(CurlMultiTest, FetchesABody) {
  const ScriptedServer server(answering(http_answer("hello")));
  Handle handle(server.url());
  EXPECT_EQ(perform(handle), CURLE_OK);
  EXPECT_EQ(handle.body, "hello");
}

TEST_F(CurlMultiTest, HandleRunsAgain) {
  const ScriptedServer server(answering(http_answer("x")));
  Handle handle(server.url());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(perform(handle), CURLE_OK);
  EXPECT_EQ(handle.body, "xxxxx");
}

TEST_F(CurlMultiTest, RefusedConnectionIsReportedAtOnce) {
  const test::RefusingPort port;
  Handle handle("http://127.0.0.1:" + std::to_string(port.port()) + "/");
  const BootTime start = clock_.boot();
  EXPECT_EQ(perform(handle), CURLE_COULDNT_CONNECT);
  EXPECT_LT(clock_.boot() - start, seconds(5));
}

TEST_F(CurlMultiTest, HandlesTimeoutHolds) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  Handle handle(server.url(), 60);
  const BootTime start = clock_.boot();
  EXPECT_EQ(perform(handle), CURLE_OPERATION_TIMEDOUT);
  EXPECT_GE(clock_.boot() - start, milliseconds(59));
  EXPECT_LT(clock_.boot() - start, seconds(5));
}

TEST_F(CurlMultiTest, DeadlineIsABeltOverTheHandlesTimeout) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  Handle handle(server.url(), 0);
  EXPECT_EQ(perform(handle, milliseconds(50)), CURLE_OPERATION_TIMEDOUT);
}

TEST_F(CurlMultiTest, StopEndsATransferAtOnce) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  Handle handle(server.url(), 0);
  asio::steady_timer timer(io_, milliseconds(20));
  timer.async_wait([this](const asio::error_code&) { stop_.request(); });
  EXPECT_EQ(perform(handle), CURLE_ABORTED_BY_CALLBACK);
  EXPECT_EQ(perform(handle), CURLE_ABORTED_BY_CALLBACK) << "not even begun";
}

TEST_F(CurlMultiTest, DescriptorsAreShownBeforeTheyAreRead) {
  const ScriptedServer server(answering(http_answer(std::string(200000, 'x'))));
  Handle handle(server.url());
  int calls = 0;
  bool body_unread = false;
  multi_->on_readable(handle.easy, [&](int descriptor) {
    EXPECT_GE(descriptor, 0);
    if (calls++ == 0) body_unread = handle.body.empty();
  });
  EXPECT_EQ(perform(handle), CURLE_OK);
  EXPECT_GT(calls, 0);
  EXPECT_TRUE(body_unread);
  const int before = calls;
  EXPECT_EQ(perform(handle), CURLE_OK);
  EXPECT_EQ(calls, before) << "forgotten with the transfer";
}

TEST_F(CurlMultiTest, PinsOfOneTransferAreUnknownToTheNext) {
  const ScriptedServer server(answering(http_answer("x")));
  const std::string url = "http://pinned.invalid:" + std::to_string(server.port()) + "/";
  curl_slist* pins = curl_slist_append(
      nullptr, ("pinned.invalid:" + std::to_string(server.port()) + ":127.0.0.1").c_str());
  {
    Handle handle(url);
    curl_easy_setopt(handle.easy, CURLOPT_RESOLVE, pins);
    curl_easy_setopt(handle.easy, CURLOPT_FORBID_REUSE, 1L);
    EXPECT_EQ(perform(handle), CURLE_OK);
  }
  curl_slist_free_all(pins);
  Handle other(url, 300);
  curl_easy_setopt(other.easy, CURLOPT_QUICK_EXIT, 1L);
  const int code = perform(other);
  EXPECT_TRUE(code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_OPERATION_TIMEDOUT) << code;
}

TEST_F(CurlMultiTest, MixedFateOfManyTransfers) {
  const ScriptedServer good(answering(http_answer("ok")));
  const ScriptedServer hung([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  const ScriptedServer broken([](ScriptedPeer& peer) {
    peer.read_request();
    peer.reset();
  });
  const test::RefusingPort refusing;

  struct Case {
    std::string url;
    std::vector<int> codes;
  };

  const std::vector<Case> cases = {
      {good.url(), {CURLE_OK}},
      {hung.url(), {CURLE_OPERATION_TIMEDOUT}},
      {broken.url(), {CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR}},
      {"http://127.0.0.1:" + std::to_string(refusing.port()) + "/", {CURLE_COULDNT_CONNECT}}};

  struct Body {
    static Task<void> one(CurlMulti& multi,
                          const Clock& clock,
                          Stop& stop,
                          Handle& handle,
                          const Case& expected,
                          Duration& took) {
      const BootTime start = clock.boot();
      auto task = multi.perform(handle.easy, clock, start + seconds(10), stop);
      const int code = co_await std::move(task);
      took = clock.boot() - start;
      EXPECT_NE(std::find(expected.codes.begin(), expected.codes.end(), code), expected.codes.end())
          << expected.url << " " << code;
    }
  };

  TaskSet tasks(io_);
  std::vector<std::unique_ptr<Handle>> handles;
  std::vector<Duration> took(60);
  for (std::size_t i = 0; i < took.size(); ++i) {
    const Case& wanted = cases[i % cases.size()];
    handles.push_back(std::make_unique<Handle>(wanted.url, wanted.url == hung.url() ? 300 : 10000));
    tasks.spawn("transfer", Body::one(*multi_, clock_, stop_, *handles.back(), wanted, took[i]));
  }
  test::run(io_, tasks.join());
  for (const Duration d : took) EXPECT_LT(d, seconds(5));
}

TEST_F(CurlMultiTest, LoopMayGoWhileATransferRuns) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  auto io = std::make_unique<asio::io_context>(1);
  auto multi = std::make_unique<CurlMulti>(*io);
  Handle handle(server.url(), 0);
  asio::co_spawn(*io, multi->perform(handle.easy, clock_, clock_.boot() + seconds(10), stop_),
                 [](std::exception_ptr, int) {});
  io->run_for(milliseconds(20));
  multi.reset();
  io.reset();
}

}  // namespace
}  // namespace nines::net::curl_multi_test
