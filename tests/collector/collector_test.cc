// SPDX-License-Identifier: Apache-2.0
// The whole collector over real sockets: mutual TLS on a port of the kernel's choice, its Unix
// socket and its metrics port; reload, drain, restart.
#include "collector/collector.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/merkle.h"
#include "net/certificate.h"
#include "net/http_client.h"
#include "proto/proof.h"
#include "tests/collector/rig.h"
#include "tests/support/loop.h"

namespace nines::collector::collector_test {
namespace {

using net::HttpResponse;
using nlohmann::json;
using test::FakeAgent;
using test::kStart;

constexpr const char* kAgreement =
    "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: shop\n  version: \"1\"\n"
    "spec:\n  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
    "  scope:\n    services: [{name: shop}]\n  measurement:\n    checks:\n"
    "      - {name: db, every: 10s, tcp: {address: \"db:5432\"}}\n"
    "  objectives:\n    - {name: availability, target: \"99.9\"}\n";

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
           "\n  agreements: " + (directory / "agreements") + "\n" + actors;
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

  // With an agreement and people who may speak on it.
  void restart_with_people() {
    stop();
    std::ofstream(directory / "agreements" + "/shop.yaml") << kAgreement;
    actors =
        "  actors:\n"
        "    - {name: alice, party: provider, agreements: [shop]}\n"
        "    - {name: bob, party: customer, agreements: [shop]}\n"
        "    - {name: carol, party: customer, agreements: [other]}\n"
        "    - {name: desk, party: provider, agreements: all, local: true}\n";
    std::ofstream(directory / "collector.yaml") << configuration();
    start();
  }

  Expected<HttpResponse> say(net::ClientOptions options, const json& event, bool sign = true) {
    json statement{{"agreement", "shop"}, {"event", event}};
    if (sign && options.tls) {
      const auto text = proto::statement_text("shop", event);
      statement["signature"] =
          to_hex(as_bytes(*net::sign_with_key(options.tls->key, as_bytes(text))));
    }
    net::ClientRequest request;
    request.method = "POST";
    request.path = "/v1/events";
    request.body = statement.dump();
    return exchange(std::move(options), std::move(request));
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
  std::string certificate, key, tls, actors;
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
  std::ofstream(directory / "agreements" + "/shop.yaml") << kAgreement;
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

const json kClaim{{"type", "exclusion"},
                  {"action", "claim"},
                  {"id", "f1"},
                  {"kind", "force_majeure"},
                  {"from", "2026-11-02T02:00:00Z"},
                  {"to", "2026-11-02T03:00:00Z"}};
const json kApproval{{"type", "exclusion"}, {"action", "approve"}, {"id", "f1"}};

TEST_F(Whole, TakesSignedStatementsOfThePeopleItKnows) {
  restart_with_people();
  const auto claimed = say(as("nines:actor:alice"), kClaim);
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_EQ(claimed->status, 200) << claimed->body;
  EXPECT_EQ(status(say(as("nines:actor:alice"), kApproval)), 403) << "nobody approves their own";
  EXPECT_EQ(status(say(as("nines:actor:carol"), kApproval)), 403) << "another agreement's customer";
  EXPECT_EQ(status(say(as("nines:actor:eve"), kApproval)), 403) << "nobody knows her";
  EXPECT_EQ(status(say(as("nines:reader:portal"), kApproval)), 403);
  EXPECT_EQ(status(say(as("nines:agent:edge"), kApproval)), 403);
  EXPECT_EQ(status(say(as("nines:actor:bob"), kApproval)), 200);
  const auto events = get(as("nines:actor:bob"), "/v1/events?agreement=shop");
  ASSERT_TRUE(events);
  ASSERT_EQ(events->status, 200) << events->body;
  const auto told = json::parse(events->body);
  EXPECT_EQ(told["exclusions"][0]["state"], "approved");
  EXPECT_EQ(told["exclusions"][0]["claimed_by"], "alice");
  EXPECT_EQ(told["exclusions"][0]["decided_by"], "bob");
  ASSERT_EQ(told["entries"].size(), 3u) << "the agreement's text and two statements";
  const auto& entry = told["entries"][1]["entry"];
  EXPECT_EQ(entry["actor"], "alice");
  EXPECT_EQ(entry["party"], "provider");
  EXPECT_TRUE(entry["certificate"].get<std::string>().starts_with("sha256:"));
  EXPECT_FALSE(entry["signature"].get<std::string>().empty());
  const auto lines = get(as("nines:actor:bob"), "/v1/events?agreement=shop&format=lines");
  EXPECT_EQ(std::count(lines->body.begin(), lines->body.end(), '\n'), 2);
}

TEST_F(Whole, RefusesASignatureOverSomethingElse) {
  restart_with_people();
  auto alice = as("nines:actor:alice");
  const auto text = proto::statement_text("shop", kApproval);
  const json forged{
      {"agreement", "shop"},
      {"event", kClaim},
      {"signature", to_hex(as_bytes(*net::sign_with_key(alice.tls->key, as_bytes(text))))}};
  net::ClientRequest request;
  request.method = "POST";
  request.path = "/v1/events";
  request.body = forged.dump();
  EXPECT_EQ(status(exchange(alice, request)), 400);
  request.body = "{";
  EXPECT_EQ(status(exchange(alice, request)), 400);
  EXPECT_EQ(status(say(alice, kClaim, false)), 200) << "the certificate itself says who speaks";
}

TEST_F(Whole, LetsTheDeskSpeakByTheSocketWhereItIsNamed) {
  EXPECT_EQ(status(say(by_socket(), kClaim)), 403) << "no local actor is configured";
  restart_with_people();
  EXPECT_EQ(status(say(by_socket(), kClaim)), 200);
  EXPECT_EQ(status(say(as("nines:actor:desk"), kClaim)), 403) << "it has no certificate";
  const auto told = json::parse(get(by_socket(), "/v1/events?agreement=shop")->body);
  EXPECT_EQ(told["exclusions"][0]["claimed_by"], "desk");
  EXPECT_TRUE(told["entries"][1]["entry"]["uid"].is_number());
}

TEST_F(Whole, ShowsAnActorItsOwnAgreementsAlone) {
  restart_with_people();
  const auto alice = as("nines:actor:alice");
  for (const auto* path : {"/v1/reports?agreement=shop&period=2026-11-02",
                           "/v1/reports/revisions?agreement=shop", "/v1/events?agreement=shop",
                           "/v1/results?agreement=shop&period=2026-11-02", "/v1/log/head"}) {
    EXPECT_EQ(status(get(alice, path)), 200) << path;
  }
  EXPECT_EQ(status(get(alice, "/v1/results?agreement=shop&check=other")), 404);
  for (const auto* path :
       {"/v1/reports?agreement=other&period=2026-11-02", "/v1/events?agreement=other",
        "/v1/results?check=db", "/v1/agents", "/v1/status", "/v1/log/entries", "/v1/agreements",
        "/v1/agents/edge/head", "/metrics"}) {
    EXPECT_EQ(status(get(alice, path)), 403) << path;
  }
}

TEST_F(Whole, ProvesWhatItStored) {
  restart_with_people();
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 6);
  EXPECT_EQ(status(post(made.bytes)), 200);
  const auto head = proto::read_log_head(get(by_socket(), "/v1/log/head")->body);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->size, 2u);
  const auto batch = "edge/" + to_hex(agent.epoch()) + "/1";
  const auto proof = json::parse(get(by_socket(), "/v1/log/proof?batch=" + batch)->body);
  std::vector<Digest> path;
  for (const auto& hash : proof["path"]) {
    path.push_back(*digest_from(as_bytes(*from_hex(hash.get<std::string>()))));
  }
  const auto lines = get(by_socket(), "/v1/log/entries?from=1")->body;
  const auto leaf = merkle_leaf(as_bytes(lines.substr(0, lines.size() - 1)));
  EXPECT_TRUE(verify_inclusion(leaf, proof["position"], proof["size"], path, head->root));
  EXPECT_EQ(status(say(by_socket(), kClaim)), 200);
  const auto later = proto::read_log_head(get(by_socket(), "/v1/log/head")->body);
  ASSERT_TRUE(later);
  const auto grown = json::parse(get(by_socket(), "/v1/log/proof?old=2")->body);
  path.clear();
  for (const auto& hash : grown["path"]) {
    path.push_back(*digest_from(as_bytes(*from_hex(hash.get<std::string>()))));
  }
  EXPECT_TRUE(verify_consistency(2, head->root, later->size, later->root, path));
  EXPECT_EQ(later->key, head->key);
  EXPECT_EQ(status(get(by_socket(), "/v1/log/proof")), 400);
  EXPECT_EQ(status(get(by_socket(), "/v1/log/proof?position=99")), 400);
  EXPECT_EQ(status(get(by_socket(), "/v1/log/proof?batch=edge/00/1")), 404);
  EXPECT_EQ(status(get(by_socket(), "/v1/log/what")), 404);
}

}  // namespace
}  // namespace nines::collector::collector_test
