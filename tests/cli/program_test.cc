// SPDX-License-Identifier: Apache-2.0
// The program itself: exit codes, the form of its errors, and what it asks an agent for.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <asio/executor_work_guard.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/async.h"
#include "cli/fields.h"
#include "net/http_server.h"
#include "proto/sealed_text.h"

namespace nines::cli::program_test {
namespace {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

std::string temporary(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return testing::TempDir() + "nines-" + test->test_suite_name() + "-" + test->name() + "-" + name;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs the built program through the shell; `arguments` are trusted text of this file.
Ran nines(const std::string& arguments) {
  const auto out = temporary("out");
  const auto err = temporary("err");
  const std::string command = std::string(NINES_BINARY_DIR) + "/cli/nines " + arguments + " >" +
                              out + " 2>" + err + " </dev/null";
  Ran ran;
  const int status = std::system(command.c_str());
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ran.out = content(out);
  ran.err = content(err);
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  return ran;
}

// An agent that gives fixed answers over a Unix socket, on a thread of its own.
class FakeAgent {
 public:
  FakeAgent() : path_(temporary("sock")), thread_([this] { run(); }) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return listening_; });
  }

  ~FakeAgent() {
    asio::post(io_, [this] { io_.stop(); });
    thread_.join();
    std::filesystem::remove(path_);
  }

  const std::string& path() const { return path_; }

  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  // The body of the last POST.
  std::string posted() {
    const std::lock_guard lock(mutex_);
    return posted_;
  }

 private:
  void run() {
    auto guard = asio::make_work_guard(io_);
    net::HttpServer server(io_, clock_, {},
                           [this](const net::HttpRequest& r) { return answer(r); });
    const auto listening = server.listen_unix(path_);
    EXPECT_TRUE(listening) << listening.error().message;
    {
      const std::lock_guard lock(mutex_);
      listening_ = true;
    }
    ready_.notify_all();
    io_.run();
  }

  Task<net::HttpResponse> answer(const net::HttpRequest& request) {
    std::string line = request.path;
    for (const auto& [key, value] : request.query) line += " " + key + "=" + value;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(line);
      if (request.method == "POST") posted_ = request.body;
    }
    co_return answer_to(request);
  }

  static net::HttpResponse answer_to(const net::HttpRequest& request) {
    const auto data = [](const char* name) {
      return content(std::string(NINES_SOURCE_DIR) + "/tests/data/cli/" + name + ".json");
    };
    const auto& path = request.path;
    if (path == "/v1/events" && request.method == "POST") {
      return net::HttpResponse::json(200, R"({"at":"2026-11-02T04:00:00Z","position":7})");
    }
    if (path == "/v1/events") return net::HttpResponse::json(200, data("events"));
    if (path == "/v1/status") return net::HttpResponse::json(200, data("status"));
    if (path == "/v1/spool") return net::HttpResponse::json(200, data("spool"));
    if (path == "/v1/agents") return net::HttpResponse::json(200, data("agents"));
    if (path == "/v1/checks/shop-http") return net::HttpResponse::json(200, data("check"));
    if (path == "/v1/checks/shop-http/history") {
      return net::HttpResponse::json(200, data("history"));
    }
    if (path == "/v1/checks/db") {
      return net::HttpResponse::json(200, R"({"name":"db","outcome":"down","reason":"x"})");
    }
    if (path == "/v1/checks/html") return net::HttpResponse::text(200, "<html>captive</html>");
    if (path == "/v1/reports") {
      if (request.parameter("format") == "text") return net::HttpResponse::text(200, "A report\n");
      return net::HttpResponse::json(200, R"({"objectives":[{"verdict":"BREACHED"}]})");
    }
    return net::HttpResponse::problem(404, "no check is named so");
  }

  std::string path_;
  SystemClock clock_;
  asio::io_context io_{1};
  std::mutex mutex_;
  std::condition_variable ready_;
  bool listening_ = false;
  std::vector<std::string> asked_;
  std::string posted_;
  std::thread thread_;
};

TEST(Program, UsageErrorsAreOneLineAndOne) {
  for (const auto* arguments : {"", "frobnicate", "status --frobnicate", "probe", "why", "history",
                                "report", "probe icmp://a --check f", "history a --limit 0"}) {
    const auto ran = nines(arguments);
    EXPECT_EQ(ran.code, 1) << arguments;
    EXPECT_TRUE(ran.err.starts_with("nines: usage: ")) << arguments << ": " << ran.err;
    EXPECT_EQ(ran.out, "") << arguments;
  }
  EXPECT_EQ(nines("check").code, 3);  // a plugin's trouble is never a warning
}

TEST(Program, HelpHasAnExampleForEveryCommand) {
  EXPECT_EQ(nines("--help").code, 0);
  EXPECT_EQ(nines("--version").code, 0);
  for (const auto* command : {"probe", "status", "why", "history", "check", "spool", "spool verify",
                              "agents", "report", "erase"}) {
    const auto ran = nines(std::string(command) + " --help");
    EXPECT_EQ(ran.code, 0) << command;
    EXPECT_NE(ran.out.find("Example"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find(std::string("  nines ") + command), std::string::npos) << ran.out;
  }
}

TEST(Program, NoSocketIsOneLine) {
  for (const auto* command :
       {"status", "why a", "history a", "spool", "agents", "report --agreement a --period 2026"}) {
    const auto ran = nines(std::string(command) + " --socket /nonexistent/agent.sock");
    EXPECT_EQ(ran.code, 1) << command;
    EXPECT_TRUE(ran.err.starts_with("nines: ")) << ran.err;
    EXPECT_NE(ran.err.find("/nonexistent/agent.sock"), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
  const auto plugin = nines("check a --socket /nonexistent/agent.sock");
  EXPECT_EQ(plugin.code, 3);
  EXPECT_TRUE(plugin.out.starts_with("UNKNOWN: ")) << plugin.out;
}

TEST(Program, SealsFreeTextsBeforeTheyAreSaid) {
  FakeAgent collector;
  const auto ran =
      nines("annotation add a1 --agreement shop --text 'Ms Li fell' --about visitor-17 --socket " +
            collector.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("entry 7 of the log"), std::string::npos) << ran.out;
  const auto said = nlohmann::json::parse(collector.posted());
  EXPECT_EQ(said["about"], "visitor-17");
  const auto open = proto::read_open_text(said["texts"]["text"]);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->text, "Ms Li fell");
  EXPECT_EQ(said["event"]["text"], proto::sealed_value(*open));
  EXPECT_EQ(said["event"]["id"], "a1");
}

TEST(Program, EraseSendsTheNameSealedToo) {
  FakeAgent collector;
  const auto ran = nines("erase visitor-17 --agreement shop --socket " + collector.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto said = nlohmann::json::parse(collector.posted());
  EXPECT_EQ(said["event"]["type"], "erasure");
  EXPECT_EQ(said["event"].dump().find("visitor-17"), std::string::npos);
  EXPECT_EQ(said["texts"]["subject"]["text"], "visitor-17");
}

TEST(Program, ListsSayWhichFreeTextsAreErasedOrNotKept) {
  FakeAgent collector;
  const auto of = " --agreement shop --socket " + collector.path();
  const auto notes = nines("annotation list" + of);
  EXPECT_EQ(notes.code, 0) << notes.err;
  for (const auto* text :
       {"from before", "Ms Li fell", "(erased 2026-11-02 04:00:00Z)", "(sealed)"}) {
    EXPECT_NE(notes.out.find(text), std::string::npos) << text << "\n" << notes.out;
  }
  const auto exclusions = nines("exclusion list" + of);
  EXPECT_NE(exclusions.out.find("a flood"), std::string::npos) << exclusions.out;
  EXPECT_NE(exclusions.out.find("(erased 2026-11-02 04:00:00Z)"), std::string::npos);
}

TEST(Program, StatusAnswersAndFailsOnlyWhenAsked) {
  FakeAgent agent;
  const auto socket = " --socket " + agent.path();
  const auto ran = nines("status" + socket);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("edge-042"), std::string::npos);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);  // no colour into a file
  EXPECT_EQ(nines("status --fail" + socket).code, 2);
  EXPECT_EQ(nines("status shop-http" + socket).code, 0);
  EXPECT_EQ(nines("status db" + socket).code, 2);
  const auto json = nines("status --json" + socket);
  EXPECT_TRUE(parse_answer(json.out)) << json.out;
}

TEST(Program, TheOtherCommandsAsk) {
  FakeAgent agent;
  const auto socket = " --socket " + agent.path();
  EXPECT_EQ(nines("why shop-http" + socket).code, 0);
  const auto history = nines("history shop-http --since 15m --limit 5 --json" + socket);
  EXPECT_EQ(history.code, 0) << history.err;
  EXPECT_EQ(std::count(history.out.begin(), history.out.end(), '\n'), 3);
  EXPECT_EQ(nines("spool" + socket).code, 0);
  EXPECT_EQ(nines("agents --silent 5m" + socket).code, 0);
  EXPECT_EQ(nines("status --vantage edge-042" + socket).code, 0);
  const auto report = nines("report --agreement a --period 2026-11" + socket);
  EXPECT_EQ(report.code, 2) << report.err;
  EXPECT_EQ(report.out, "A report\n");
  EXPECT_EQ(nines("check shop-http" + socket).code, 0);
  EXPECT_EQ(nines("check db" + socket).code, 2);
  const std::vector<std::string> asked{"/v1/checks/shop-http",
                                       "/v1/checks/shop-http/history since=15m limit=5",
                                       "/v1/spool",
                                       "/v1/agents",
                                       "/v1/status vantage=edge-042",
                                       "/v1/reports agreement=a period=2026-11 format=json",
                                       "/v1/reports agreement=a period=2026-11 format=text",
                                       "/v1/checks/shop-http",
                                       "/v1/checks/db"};
  EXPECT_EQ(agent.asked(), asked);
}

TEST(Program, ARefusalSaysWhatTheAgentSaid) {
  FakeAgent agent;
  const auto ran = nines("why nobody --socket " + agent.path());
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "nines: why: no check is named so\n");
  const auto html = nines("why html --socket " + agent.path());
  EXPECT_EQ(html.code, 1);
  EXPECT_EQ(html.err, "nines: why: the answer is not JSON\n");
}

TEST(Program, TlsOptionsGoTogether) {
  EXPECT_EQ(nines("agents --collector https://127.0.0.1:1").code, 1);
  EXPECT_EQ(nines("agents --ca a").code, 1);
  EXPECT_EQ(nines("agents --collector http://a --ca a --certificate b --key c").code, 1);
  EXPECT_EQ(nines("agents --collector https://a --ca /x --certificate /x --key /x").code, 1);
}

// A port of loopback where something listens, and one where nothing does.
TEST(Program, ProbeExitsWithTheOutcome) {
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const auto open = std::to_string(acceptor.local_endpoint().port());
  const auto up = nines("probe --json tcp://127.0.0.1:" + open);
  EXPECT_EQ(up.code, 0) << up.out << up.err;
  const auto json = parse_answer(up.out);
  ASSERT_TRUE(json) << up.out;
  EXPECT_EQ(text_in(*json, "outcome"), "up");
  EXPECT_EQ(text_in(*json, "check"), "tcp://127.0.0.1:" + open);
  acceptor.close();
  const auto down = nines("probe tcp://127.0.0.1:" + open);
  EXPECT_EQ(down.code, 2) << down.out << down.err;
  EXPECT_NE(down.out.find("connect_refused"), std::string::npos) << down.out;
}

// As many type it: `nines probe tcp host:port`.
TEST(Program, ProbeTakesAKindAndATarget) {
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const auto address = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  const auto up = nines("probe --json tcp " + address);
  EXPECT_EQ(up.code, 0) << up.out << up.err;
  const auto json = parse_answer(up.out);
  ASSERT_TRUE(json) << up.out;
  EXPECT_EQ(text_in(*json, "check"), "tcp://" + address);
  const auto local = nines("probe unix /nonexistent/socket");
  EXPECT_EQ(local.code, 2) << local.out << local.err;
  EXPECT_NE(local.out.find("unix:/nonexistent/socket"), std::string::npos) << local.out;
  EXPECT_EQ(nines("probe tcp " + address + " more").code, 1);
  EXPECT_EQ(nines("probe tcp tcp://" + address).code, 1);
}

TEST(Program, ProbeTakesACheckFromAFile) {
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const auto address = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  const auto file = temporary("check.yaml");
  for (const auto& text : {"name: web\ntcp: {address: '" + address + "'}\n",
                           "- name: web\n  tcp: {address: '" + address + "'}\n",
                           "checks:\n- name: web\n  tcp: {address: '" + address + "'}\n"}) {
    std::ofstream(file) << text;
    const auto ran = nines("probe --json --check " + file);
    EXPECT_EQ(ran.code, 0) << text << ran.err;
    EXPECT_EQ(text_in(*parse_answer(ran.out), "check"), "web");
  }
  std::ofstream(file) << "name: web\ntcp: {adress: '" + address + "'}\n";
  const auto bad = nines("probe --check " + file);
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.err.find("check.yaml:2:7: error: "), std::string::npos) << bad.err;
  std::filesystem::remove(file);
}

TEST(Program, BadTargetsAreUsageErrors) {
  for (const auto* target : {"shop.example", "tcp://a", "dns://a", "http://u:p@a/",
                             "icmp://127.0.0.1 --timeout 0s", "icmp://127.0.0.1 --timeout x"}) {
    const auto ran = nines(std::string("probe ") + target);
    EXPECT_EQ(ran.code, 1) << target;
    EXPECT_TRUE(ran.err.starts_with("nines: probe: ")) << ran.err;
  }
}

TEST(Program, SignsNothingWithoutAPartyAKeyAndAnAgreement) {
  const auto agreement = std::string(NINES_SOURCE_DIR) + "/tests/data/agreements/full.yaml";
  const std::string by = " --collector https://127.0.0.1:1 --certificate x.pem --key x.key";
  EXPECT_NE(nines("signature sign " + agreement + by).err.find("--party is required"),
            std::string::npos);
  EXPECT_NE(nines("signature sign " + agreement + " --party auditor" + by).err.find("--party"),
            std::string::npos);
  EXPECT_NE(nines("signature sign " + agreement + " --party customer").err.find("is required"),
            std::string::npos)
      << "the socket has no key";
  const auto absent = nines("signature sign /nonexistent --party customer" + by);
  EXPECT_EQ(absent.code, 1);
  EXPECT_TRUE(absent.err.starts_with("nines: signature: /nonexistent")) << absent.err;
  const auto keyless = nines("signature sign " + agreement + " --party customer" + by);
  EXPECT_EQ(keyless.code, 1);
  EXPECT_TRUE(keyless.err.starts_with("nines: signature: ")) << keyless.err;
  const auto digest = nines("sla lint " + agreement).out;
  EXPECT_NE(digest.find(keyless.out.substr(keyless.out.find("sha256:"), 71)), std::string::npos)
      << "what is signed is what the file says: " << keyless.out;
}

TEST(Program, SpoolVerifySaysWhenThereIsNoSpool) {
  const auto ran = nines("spool verify /nonexistent");
  EXPECT_EQ(ran.code, 1);
  EXPECT_TRUE(ran.err.starts_with("nines: spool verify: ")) << ran.err;
}

}  // namespace
}  // namespace nines::cli::program_test
