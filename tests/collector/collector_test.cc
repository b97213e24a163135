// SPDX-License-Identifier: Apache-2.0
// The whole collector over real sockets: mutual TLS on a port of the kernel's choice, its Unix
// socket and its metrics port; reload, drain, restart.
#include "collector/collector.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "net/http_client.h"
#include "tests/collector/rig.h"
#include "tests/support/loop.h"

namespace nines::collector {
namespace {

using net::HttpResponse;
using nlohmann::json;
using test::FakeAgent;
using test::kStart;

class Whole : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto server = ca.issue_server("collector");
    certificate = directory / "served.pem";
    key = directory / "served.key";
    std::filesystem::copy_file(server.certificate, certificate);
    std::filesystem::copy_file(server.key, key);
    std::filesystem::create_directory(directory / "agreements");
    std::ofstream(directory / "collector.yaml") << configuration();
    start();
  }

  void TearDown() override { stop(); }

  std::string configuration(const std::string& listen = "127.0.0.1:0") const {
    return "collector:\n  listen: " + listen + "\n  tls: {ca: " + ca.file() +
           ", certificate: " + certificate + ", key: " + key +
           "}\n  socket: " + (directory / "c.sock") +
           "\n  metrics: 127.0.0.1:0\n  state: " + (directory / "state") +
           "\n  agreements: " + (directory / "agreements") + "\n";
  }

  Expected<void> open(Collector& it) {
    TRY(named, load_named(settings()));
    return it.open(std::move(named));
  }

  Settings settings(const std::string& path = "collector.yaml") {
    config::Complaints complaints;
    auto loaded = load_settings(directory / path, complaints);
    EXPECT_TRUE(loaded) << complaints.text();
    return loaded ? *loaded : Settings{};
  }

  void start() {
    collector = std::make_unique<Collector>(io, clock, settings(), directory / "collector.yaml");
    const auto opened = open(*collector);
    ASSERT_TRUE(opened) << opened.error().message;
    tasks = std::make_unique<TaskSet>(io);
    auto running = collector->run();
    tasks->spawn("collector", std::move(running));
    tls = "https://127.0.0.1:" + std::to_string(collector->port());
  }

  void stop() {
    if (!collector) return;
    collector->request_stop();
    nines::test::run(io, tasks->join());
    collector.reset();
  }

  net::ClientOptions as(const std::string& uri) {
    const auto files = ca.issue_client(uri, "client");
    net::ClientOptions options;
    options.url = tls;
    options.tls = net::TlsFiles{ca.file(), files.certificate, files.key};
    options.max_response = 16 << 20;
    return options;
  }

  net::ClientOptions by_socket() {
    net::ClientOptions options;
    options.url = "http://collector";
    options.unix_socket = directory / "c.sock";
    return options;
  }

  Expected<HttpResponse> exchange(net::ClientOptions options, net::ClientRequest request) {
    net::CurlMulti multi(io);
    net::Resolver resolver(io, clock);
    net::HttpClient client(io, clock, multi, resolver, std::move(options));
    Stop never;
    auto task = client.exchange(std::move(request), never);
    return nines::test::run(io, std::move(task));
  }

  Expected<HttpResponse> get(net::ClientOptions options, const std::string& path) {
    net::ClientRequest request;
    request.path = path;
    return exchange(std::move(options), std::move(request));
  }

  Expected<HttpResponse> post(const std::string& bytes,
                              const std::string& uri = "nines:agent:edge") {
    net::ClientRequest request;
    request.method = "POST";
    request.path = "/v1/agents/edge/batches";
    request.headers = {{"Nines-Nonce", std::string(32, 'a')},
                       {"Content-Type", std::string(proto::kBatchType)}};
    request.body = bytes;
    return exchange(as(uri), std::move(request));
  }

  int status(const Expected<HttpResponse>& response) { return response ? response->status : -1; }

  nines::test::TemporaryDirectory directory;
  nines::test::CertificateAuthority ca{directory.path()};
  std::string certificate, key, tls;
  SystemClock clock;
  asio::io_context io{1};
  std::unique_ptr<TaskSet> tasks;
  std::unique_ptr<Collector> collector;
};

TEST_F(Whole, TakesABatchOverMutualTls) {
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 6);
  const auto response = post(made.bytes);
  ASSERT_TRUE(response) << response.error().message;
  ASSERT_EQ(response->status, 200) << response->body;
  const auto heads = get(as("nines:agent:edge"), "/v1/agents/edge/head");
  ASSERT_TRUE(heads);
  const auto decoded = proto::decode_heads(as_bytes(heads->body));
  ASSERT_TRUE(decoded);
  const auto receipt = proto::decode_receipt(as_bytes(response->body), decoded->public_key);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->durable, 1u);
  EXPECT_EQ(receipt->head_hash, made.hash);
  EXPECT_EQ(decoded->heads.at(0).head_hash, made.hash);
}

TEST_F(Whole, KnowsItsPeersByTheirCertificates) {
  const auto made = FakeAgent("edge").results(kStart, 6);
  EXPECT_EQ(status(post(made.bytes, "nines:agent:other")), 403);
  EXPECT_EQ(status(post(made.bytes, "nines:reader:edge")), 403);
  EXPECT_EQ(status(post(made.bytes, "https://edge")), 403);
  EXPECT_EQ(status(get(as("nines:reader:portal"), "/v1/agents")), 200);
  EXPECT_EQ(status(get(as("nines:agent:edge"), "/v1/agents")), 403);
  auto bare = as("nines:reader:portal");
  bare.tls = net::TlsFiles{ca.file(), "", ""};
  EXPECT_FALSE(get(bare, "/v1/agents"));
  std::filesystem::create_directory(directory / "foreign");
  const nines::test::CertificateAuthority foreign(directory / "foreign", "another CA");
  const auto files = foreign.issue_client("nines:agent:edge");
  auto stranger = as("nines:agent:edge");
  stranger.tls = net::TlsFiles{ca.file(), files.certificate, files.key};
  EXPECT_FALSE(get(stranger, "/v1/agents/edge/head"));
}

TEST_F(Whole, RefusesABodyLargerThanABatch) {
  EXPECT_EQ(status(post(std::string(proto::kMaxSealedBytes + 1, 'x'))), 413);
  EXPECT_EQ(status(post(std::string(100'000, 'x'))), 400);
  const auto metrics = get(by_socket(), "/metrics");
  ASSERT_TRUE(metrics) << metrics.error().message;
  EXPECT_NE(metrics->body.find("nines_http_refused_total{cause=\"too_large\"} 1"),
            std::string::npos);
}

TEST_F(Whole, AnswersOnItsSocketAndItsMetricsPort) {
  EXPECT_EQ(status(post(FakeAgent("edge").results(kStart, 6).bytes)), 200);
  const auto agents = get(by_socket(), "/v1/agents");
  ASSERT_TRUE(agents) << agents.error().message;
  EXPECT_EQ(json::parse(agents->body)["agents"][0]["name"], "edge");

  struct stat s {};

  ASSERT_EQ(::stat((directory / "c.sock").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0660u);
  net::ClientOptions plain;
  plain.url = "http://127.0.0.1:" + std::to_string(collector->metrics_port());
  const auto metrics = get(plain, "/metrics");
  ASSERT_TRUE(metrics) << metrics.error().message;
  EXPECT_NE(metrics->body.find("nines_batches_total{result=\"stored\"} 1"), std::string::npos);
  EXPECT_EQ(status(get(plain, "/v1/agents")), 404);
}

TEST_F(Whole, GoesOnWhereItStopped) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  EXPECT_EQ(status(post(first.bytes)), 200);
  stop();
  EXPECT_FALSE(std::filesystem::exists(directory / "c.sock"));
  start();
  EXPECT_EQ(status(post(first.bytes)), 200);
  EXPECT_EQ(status(post(agent.results(kStart + seconds(60), 6).bytes)), 200);
  const auto agents = get(by_socket(), "/v1/agents");
  EXPECT_EQ(json::parse(agents->body)["agents"][0]["batch"], 2);
}

std::string served_serial(const Expected<HttpResponse>& page) {
  return page ? std::to_string(page->status) : page.error().message;
}

TEST_F(Whole, TakesNewAgreementsAtAReloadAndNoBadOnes) {
  EXPECT_EQ(json::parse(get(by_socket(), "/v1/agreements")->body)["agreements"].size(), 0u);
  std::ofstream(directory / "agreements" + "/shop.yaml")
      << "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: shop\n  version: \"1\"\n"
         "spec:\n  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
         "  scope:\n    services: [{name: shop}]\n  measurement:\n    checks:\n"
         "      - {name: db, every: 10s, tcp: {address: \"db:5432\"}}\n"
         "  objectives:\n    - {name: availability, target: \"99.9\"}\n";
  collector->reload();
  EXPECT_EQ(json::parse(get(by_socket(), "/v1/agreements")->body)["agreements"].size(), 1u);
  std::ofstream(directory / "agreements" + "/bad.yaml") << "kind: [";
  std::filesystem::remove(directory / "agreements" + "/shop.yaml");
  collector->reload();
  EXPECT_EQ(json::parse(get(by_socket(), "/v1/agreements")->body)["agreements"].size(), 1u);
  const auto metrics = get(by_socket(), "/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_NE(metrics->body.find("nines_config_last_reload_successful 0"), std::string::npos);
  const auto report = get(by_socket(), "/v1/reports?agreement=shop&period=2026-11-02");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, 200) << report->body;
  EXPECT_EQ(json::parse(report->body)["agreement"], "shop");
  const auto text = get(by_socket(), "/v1/reports?agreement=shop&period=2026-11-02&format=text");
  ASSERT_TRUE(text);
  EXPECT_NE(text->body.find("shop"), std::string::npos);
  const std::string path = "/v1/reports?agreement=shop&period=2026-11-02&format=";
  const auto page = get(by_socket(), path + "html&lang=zh");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page->body.find("<html lang=\"zh-CN\">"), std::string::npos);
  const auto table = get(by_socket(), path + "csv");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->body.starts_with("agreement,objective,"));
  for (const char* wrong : {"pdf", "html&lang=xx"}) {
    const auto refused = get(by_socket(), path + wrong);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 400) << wrong;
  }
}

TEST_F(Whole, ServesANewCertificateAfterAReload) {
  // The new one is of another CA, and so is the trust: a client of before gets no connection.
  std::filesystem::create_directory(directory / "next");
  const nines::test::CertificateAuthority next(directory / "next", "the next CA");
  const auto before = as("nines:reader:portal");
  EXPECT_EQ(served_serial(get(before, "/v1/agents")), "200");
  const auto server = next.issue_server("collector");
  std::filesystem::copy_file(server.certificate, certificate,
                             std::filesystem::copy_options::overwrite_existing);
  collector->reload();  // the key does not fit: nothing changes
  EXPECT_EQ(served_serial(get(before, "/v1/agents")), "200");
  std::filesystem::copy_file(server.key, key, std::filesystem::copy_options::overwrite_existing);
  collector->reload();
  EXPECT_FALSE(get(before, "/v1/agents"));
  auto after = before;
  after.tls->ca = next.file();
  EXPECT_EQ(served_serial(get(after, "/v1/agents")), "200");
}

TEST_F(Whole, SaysInOneLineThatItsPortIsInUse) {
  std::ofstream(directory / "second.yaml")
      << "collector:\n  listen: 127.0.0.1:" << collector->port() << "\n  tls: {ca: " << ca.file()
      << ", certificate: " << certificate << ", key: " << key
      << "}\n  socket: " << (directory / "d.sock") << "\n  state: " << (directory / "state2")
      << "\n  agreements: " << (directory / "agreements") << "\n";
  Collector second(io, clock, settings("second.yaml"), directory / "second.yaml");
  const auto opened = open(second);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("in use"), std::string::npos) << opened.error().message;
  EXPECT_EQ(opened.error().message.find('\n'), std::string::npos);
}

TEST_F(Whole, RefusesAReloadThatWouldNeedARestart) {
  auto moved = configuration("127.0.0.1:1");
  std::ofstream(directory / "collector.yaml") << moved;
  collector->reload();
  EXPECT_NE(get(by_socket(), "/metrics")->body.find("nines_config_last_reload_successful 0"),
            std::string::npos);
  std::ofstream(directory / "collector.yaml") << configuration();
  collector->reload();
  EXPECT_NE(get(by_socket(), "/metrics")->body.find("nines_config_last_reload_successful 1"),
            std::string::npos);
}

}  // namespace
}  // namespace nines::collector
