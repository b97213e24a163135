// SPDX-License-Identifier: Apache-2.0
// Requests as values, answered by the real ingest and the real store: who may what, and what
// hostile bodies meet. The listeners themselves are tested in collector_test.cc.
#include "collector/api.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/collector/rig.h"
#include "tests/support/loop.h"

namespace nines::collector::api_test {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using nlohmann::json;
using test::FakeAgent;
using test::kStart;
using test::Made;

class TestClock final : public Clock {
 public:
  ClockReading read() const override { return {now, {now.ns}, Duration(now.ns)}; }

  WallTime now = kStart + hours(1);
};

class Api : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    make();
  }

  void make() {
    reader = *Database::open(store->database_path(), Database::Mode::read);
    disk = std::make_unique<DiskThread>(io);
    read_thread = std::make_unique<DiskThread>(io);
    ingest = std::make_unique<Ingest>(io, clock, *disk, *store, [this] { fatal = true; });
    journal = std::make_unique<Journal>(clock, *disk, *store, [] {});
    api = std::make_unique<collector::Api>(clock, *read_thread, *reader, *ingest, *journal,
                                           LogIdentity{store->incarnation(), store->log_key()});
  }

  void TearDown() override {
    read_thread.reset();
    disk.reset();
  }

  static net::Peer peer(const std::string& uri) {
    net::Peer p;
    p.address = "192.0.2.9:999";
    p.certificate_uris = {uri};
    return p;
  }

  static net::Peer local() {
    net::Peer p;
    p.uid = 0;
    return p;
  }

  // The gate first, as the server does.
  HttpResponse ask(HttpRequest request) {
    if (auto refusal = api->gate(request)) return *refusal;
    return nines::test::run(io, api->answer(request));
  }

  HttpResponse get(const std::string& path,
                   net::Peer from,
                   std::vector<std::pair<std::string, std::string>> query = {}) {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.query = std::move(query);
    request.peer = std::move(from);
    return ask(std::move(request));
  }

  static HttpRequest posting(const std::string& body,
                             const std::string& agent = "edge",
                             const std::string& as = "nines:agent:edge") {
    HttpRequest request;
    request.method = "POST";
    request.path = "/v1/agents/" + agent + "/batches";
    request.headers = {{"Nines-Nonce", "000102030405060708090a0b0c0d0e0f"}};
    request.body = body;
    request.peer = peer(as);
    return request;
  }

  proto::Receipt receipt(const HttpResponse& response) {
    auto receipt =
        proto::decode_receipt(as_bytes(response.body), store->receipt_key().public_key());
    EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().message) << response.body;
    return receipt ? *receipt : proto::Receipt{};
  }

  asio::io_context io{1};
  TestClock clock;
  bool fatal = false;
  std::unique_ptr<Database> reader;
  std::unique_ptr<DiskThread> disk, read_thread;
  std::unique_ptr<Ingest> ingest;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<collector::Api> api;
};

TEST_F(Api, AnswersABatchWithASignedReceipt) {
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 6);
  const auto response = ask(posting(made.bytes));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), proto::kReceiptType);
  const auto r = receipt(response);
  EXPECT_EQ(r.status, proto::ReceiptStatus::stored);
  EXPECT_EQ(r.agent, "edge");
  EXPECT_EQ(r.epoch, agent.epoch());
  EXPECT_EQ(r.batch_hash, made.hash);
  EXPECT_EQ(to_hex(as_bytes(r.nonce)), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(r.durable, 1u);
  EXPECT_EQ(r.safe, 1u);
  EXPECT_EQ(r.head_hash, made.hash);
  EXPECT_EQ(r.incarnation, store->incarnation());
  EXPECT_EQ(r.received, clock.now);
  EXPECT_EQ(receipt(ask(posting(made.bytes))).status, proto::ReceiptStatus::duplicate);
  EXPECT_EQ(ingest->counters().stored, 1u);
  EXPECT_EQ(ingest->counters().duplicate, 1u);
}

TEST_F(Api, SignsItsRefusalsOfAChain) {
  FakeAgent agent("edge");
  const auto first = agent.results(kStart, 6);
  auto clone = agent;
  const auto second = agent.results(kStart + seconds(60), 6);
  auto response = ask(posting(second.bytes));
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(receipt(response).status, proto::ReceiptStatus::need_from);
  EXPECT_EQ(receipt(response).need_from, 1u);
  ask(posting(first.bytes));
  ask(posting(second.bytes));
  response = ask(posting(clone.results(kStart + seconds(60), 7).bytes));
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(receipt(response).status, proto::ReceiptStatus::fork);
  EXPECT_EQ(receipt(response).durable, 2u);
  const auto incidents = json::parse(get("/v1/incidents", local()).body);
  EXPECT_EQ(incidents["incidents"][0]["kind"], "fork");
}

TEST_F(Api, TellsAnAgentItsHeadsAlone) {
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 6);
  ask(posting(made.bytes));
  const auto response = get("/v1/agents/edge/head", peer("nines:agent:edge"));
  ASSERT_EQ(response.status, 200);
  const auto heads = proto::decode_heads(as_bytes(response.body));
  ASSERT_TRUE(heads);
  EXPECT_EQ(heads->public_key, store->receipt_key().public_key());
  ASSERT_EQ(heads->heads.size(), 1u);
  EXPECT_EQ(heads->heads[0].durable, 1u);
  EXPECT_EQ(heads->heads[0].head_hash, made.hash);
  EXPECT_EQ(get("/v1/agents/edge/head", peer("nines:agent:other")).status, 403);
  EXPECT_EQ(get("/v1/agents/edge/head", peer("nines:reader:x")).status, 200);
  for (const auto* path : {"/v1/agents", "/v1/status", "/v1/results", "/v1/reports", "/metrics",
                           "/v1/checks/db", "/v1/slots", "/v1/incidents", "/healthz"}) {
    EXPECT_EQ(get(path, peer("nines:agent:edge")).status, 403) << path;
    EXPECT_EQ(get(path, peer("nines:nothing:edge")).status, 403) << path;
    EXPECT_NE(get(path, peer("nines:reader:x")).status, 403) << path;
  }
}

TEST_F(Api, StoresNothingUnderAnotherName) {
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 6);
  EXPECT_EQ(ask(posting(made.bytes, "edge", "nines:agent:other")).status, 403);
  EXPECT_EQ(ask(posting(made.bytes, "other", "nines:agent:other")).status, 403);
  EXPECT_EQ(ask(posting(made.bytes, "edge", "nines:reader:edge")).status, 403);
  auto by_socket = posting(made.bytes);
  by_socket.peer = local();
  EXPECT_EQ(ask(by_socket).status, 403);
  EXPECT_EQ(count("batches"), 0);
  EXPECT_EQ(ingest->counters().forbidden, 1u);
}

TEST_F(Api, RefusesEveryDamagedByteAndStoresNothing) {
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 2);
  for (std::size_t i = 0; i < made.bytes.size(); ++i) {
    auto damaged = made.bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_EQ(ask(posting(damaged)).status, 400) << i;
  }
  for (std::size_t n = 0; n < made.bytes.size(); n += 3) {
    EXPECT_EQ(ask(posting(made.bytes.substr(0, n))).status, 400) << n;
  }
  EXPECT_EQ(ask(posting(made.bytes + "x")).status, 400);
  EXPECT_EQ(ask(posting("<html>hello</html>")).status, 400);
  EXPECT_EQ(ask(posting(std::string(proto::kMaxSealedBytes + 1, 'x'))).status, 400);
  EXPECT_EQ(count("batches"), 0);
  EXPECT_EQ(ask(posting(made.bytes)).status, 200);
}

TEST_F(Api, RefusesAForgedSignature) {
  FakeAgent agent("edge");
  FakeAgent forger("edge", 2);
  // The header names the agent's key; another signs.
  auto header = agent.header();
  header.public_key = forger.key().public_key();
  BatchBody body;
  body.table = agent.table_bytes();
  auto sealed = proto::seal(header, body, forger.key());
  const auto at = sealed.bytes.find(std::string(as_text(forger.key().public_key())));
  ASSERT_NE(at, std::string::npos);
  sealed.bytes.replace(at, 32, as_text(agent.key().public_key()));
  EXPECT_EQ(ask(posting(sealed.bytes)).status, 400);
}

TEST_F(Api, WantsANonce) {
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 6);
  for (const auto* nonce : {"", "00", "zz0102030405060708090a0b0c0d0e0f"}) {
    auto request = posting(made.bytes);
    request.headers = {{"Nines-Nonce", nonce}};
    EXPECT_EQ(ask(request).status, 400) << nonce;
  }
  EXPECT_EQ(count("batches"), 0);
}

TEST_F(Api, RefusesAGapThatJumpsAway) {
  FakeAgent agent("edge");
  const auto gap = agent.gap(1, (std::uint64_t{1} << 33), {}, sha256(as_bytes("x")));
  EXPECT_EQ(ask(posting(gap.bytes)).status, 400);
}

TEST_F(Api, CommitsTogetherWhatComesTogether) {
  constexpr int kAgents = 40;
  std::vector<std::unique_ptr<HttpRequest>> requests;
  int done = 0;
  for (int i = 0; i < kAgents; ++i) {
    const auto name = "edge-" + std::to_string(i);
    FakeAgent agent(name);
    requests.push_back(std::make_unique<HttpRequest>(
        posting(agent.results(kStart, 2).bytes, name, "nines:agent:" + name)));
    auto task = api->answer(*requests.back());
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr failure, HttpResponse response) {
      EXPECT_FALSE(failure);
      EXPECT_EQ(response.status, 200);
      ++done;
    });
  }
  ASSERT_TRUE(nines::test::run_until(io, [&] { return done == kAgents; }));
  EXPECT_EQ(count("batches"), kAgents);
  // One is under way when the others come; they share the commits after it.
  EXPECT_LE(ingest->groups(), 3u);
}

TEST_F(Api, AsksForPatienceWhenTheQueueIsFull) {
  std::vector<std::unique_ptr<HttpRequest>> requests;
  std::size_t done = 0;
  std::size_t refused = 0;
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 2);
  const std::size_t total = kMaxQueued + kMaxGroup + 10;
  for (std::size_t i = 0; i < total; ++i) {
    requests.push_back(std::make_unique<HttpRequest>(posting(made.bytes)));
    auto task = api->answer(*requests.back());
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr, HttpResponse response) {
      ++done;
      if (response.status == 503) {
        ++refused;
        EXPECT_TRUE(response.header("Retry-After"));
      }
    });
  }
  ASSERT_TRUE(nines::test::run_until(io, [&] { return done == total; }));
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(ingest->counters().busy, refused);
  EXPECT_EQ(count("batches"), 1);
}

TEST_F(Api, RefusesBodiesUnreadWhenTheDiskIsFull) {
  ingest->set_free_bytes(kLowDisk - 1);
  FakeAgent agent("edge");
  const auto request = posting(agent.results(kStart, 2).bytes);
  const auto refusal = api->gate(request);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 507);
  EXPECT_EQ(get("/readyz", local()).status, 503);
  EXPECT_EQ(get("/v1/agents", local()).status, 200);  // what is there stays readable
  nines::test::run(io, ingest->look_at_disk());
  EXPECT_FALSE(api->gate(request));
  EXPECT_EQ(get("/readyz", local()).status, 200);
}

TEST_F(Api, SaysSoWhenABatchCannotBeStored) {
  store->database().script(
      "CREATE TRIGGER no BEFORE INSERT ON batches "
      "BEGIN SELECT RAISE(ABORT, 'no'); END");
  FakeAgent agent("edge");
  const auto made = agent.results(kStart, 2);
  const auto response = ask(posting(made.bytes));
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(response.header("Retry-After"));
  EXPECT_EQ(ingest->counters().failed, 1u);
  EXPECT_FALSE(fatal);
  store->database().script("DROP TRIGGER no");
  EXPECT_EQ(ask(posting(made.bytes)).status, 200);
}

TEST_F(Api, TellsOfAgentsAndChecks) {
  FakeAgent agent("edge");
  agent.clock_ahead = milliseconds(12);
  ask(posting(agent.results(kStart, 6).bytes));
  ask(posting(agent.results(kStart + seconds(60), 3, Outcome::down).bytes));
  clock.now = kStart + hours(1) + seconds(42);
  const auto agents = json::parse(get("/v1/agents", peer("nines:reader:portal")).body);
  const auto& edge = agents["agents"][0];
  EXPECT_EQ(edge["name"], "edge");
  EXPECT_EQ(edge["last_seen"], "2026-11-02T01:00:00Z");
  EXPECT_EQ(edge["silent_s"], 42);
  EXPECT_EQ(edge["version"], "0.1.0");
  EXPECT_EQ(edge["checks"], 2);
  EXPECT_EQ(edge["batch"], 2);
  EXPECT_EQ(edge["clock"]["ahead_us"], 12'000);
  EXPECT_EQ(edge["oldest_unsent"], nullptr);
  EXPECT_TRUE(edge["gaps"].empty());

  const auto status = json::parse(get("/v1/status", local(), {{"vantage", "edge"}}).body);
  ASSERT_EQ(status["checks"].size(), 2u);
  EXPECT_EQ(status["counts"]["down"], 2);
  const auto db = json::parse(get("/v1/checks/db", local()).body);
  EXPECT_EQ(db, [&] {
    auto with = status["checks"][0];
    with["outages"] = db["outages"];
    return with;
  }());
  EXPECT_EQ(db["outcome"], "down");
  EXPECT_EQ(db["reason"], "connect_refused");
  EXPECT_EQ(db["detail"], "refused");
  EXPECT_EQ(db["kind"], "tcp");
  EXPECT_EQ(db["every_ns"], 10'000'000'000);
  EXPECT_EQ(db["labels"]["service"], "shop");
  EXPECT_EQ(db["since"].get<std::string>().substr(0, 19), "2026-11-02T00:01:00");
  EXPECT_EQ(db["next"], "2026-11-02T01:00:50Z");
  EXPECT_EQ(db["last"]["outcome"], "down");
  EXPECT_EQ(db["last"]["slot"], 179'357'768);
  ASSERT_EQ(db["outages"].size(), 1u);
  EXPECT_EQ(db["outages"][0]["failures"], 3);
  EXPECT_EQ(db["outages"][0]["to"], nullptr);
  EXPECT_EQ(db["outages"][0]["evidence"].size(), 3u);
  EXPECT_EQ(get("/v1/checks/nothing", local()).status, 404);
  EXPECT_EQ(get("/v1/checks/db", local(), {{"vantage", "other"}}).status, 404);
}

TEST_F(Api, FindsTheBeginningOfALongRun) {
  FakeAgent agent("edge");
  ask(posting(agent.results(kStart, 6, Outcome::down).bytes));
  ask(posting(agent.results(kStart + seconds(60), 354).bytes));
  ask(posting(agent.results(kStart + hours(1), 2000).bytes));
  const auto db = json::parse(get("/v1/checks/db", local()).body);
  EXPECT_EQ(db["since"].get<std::string>().substr(0, 19), "2026-11-02T00:01:00");
  ASSERT_EQ(db["outages"].size(), 1u);
  EXPECT_EQ(db["outages"][0]["to"].get<std::string>().substr(0, 19), "2026-11-02T00:01:00");
  const auto web = json::parse(get("/v1/checks/web", local()).body);
  EXPECT_EQ(web["outcome"], "up");
}

TEST_F(Api, AsksWhichVantageIsMeant) {
  ask(posting(FakeAgent("edge").results(kStart, 1).bytes));
  ask(posting(FakeAgent("east").results(kStart, 1).bytes, "east", "nines:agent:east"));
  const auto response = get("/v1/checks/db", local());
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("east, edge"), std::string::npos);
  EXPECT_EQ(get("/v1/checks/db", local(), {{"vantage", "east"}}).status, 200);
}

TEST_F(Api, TellsHistoryInFull) {
  FakeAgent agent("edge");
  ask(posting(agent.results(kStart, 6).bytes));
  ask(posting(agent.results(kStart + seconds(60), 3, Outcome::down).bytes));
  auto history = json::parse(get("/v1/checks/db/history", local(), {{"since", "2h"}}).body);
  ASSERT_EQ(history["results"].size(), 9u);
  EXPECT_EQ(history["truncated"], false);
  EXPECT_EQ(history["results"][8]["detail"], "refused");
  EXPECT_EQ(history["results"][0]["outcome"], "up");
  history = json::parse(
      get("/v1/checks/db/history", local(), {{"since", "2026-11-02T00:00:55Z"}, {"limit", "2"}})
          .body);
  ASSERT_EQ(history["results"].size(), 2u);
  EXPECT_EQ(history["truncated"], true);
  EXPECT_EQ(get("/v1/checks/db/history", local(), {{"since", "lately"}}).status, 400);
  EXPECT_EQ(get("/v1/checks/db/history", local(), {{"limit", "-"}}).status, 400);
}

TEST_F(Api, RefusesWhatIsNoPathOrMethod) {
  EXPECT_EQ(get("/v2/agents", local()).status, 404);
  EXPECT_EQ(get("/v1/agents/edge/batches", peer("nines:agent:edge")).status, 404);
  auto request = posting("x");
  request.method = "DELETE";
  EXPECT_EQ(ask(request).status, 405);
  request.method = "POST";
  request.path = "/v1/status";
  EXPECT_EQ(ask(request).status, 405);
  EXPECT_EQ(get("/v1/reports", local()).status, 400);
  EXPECT_EQ(get("/v1/reports", local(), {{"agreement", "none"}}).status, 404);
  EXPECT_EQ(get("/v1/results", local()).status, 400);
  EXPECT_EQ(get("/v1/slots", local()).status, 400);
}

TEST_F(Api, ShowsEachPersonTheLivePageOfItsAgreements) {
  std::filesystem::create_directory(directory / "agreements");
  for (const char* name : {"acme", "zeta"}) {
    std::ofstream(directory / "agreements" + "/" + name + ".yaml")
        << "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: " << name
        << ", version: \"1\"}\nspec:\n  effective: {from: \"2026-01-01T00:00:00\"}\n"
           "  scope: {services: [{name: shop}]}\n  measurement:\n    checks:\n"
           "      - {name: db, every: 10s, tcp: {address: \"db:5432\"}}\n"
           "  objectives: [{name: availability, target: \"99.9\"}]\n";
  }
  api->set_actors(Actors({{"ann", Party::customer, false, {"acme"}, false},
                          {"eve", Party::customer, false, {"other"}, false},
                          {"desk", Party::provider, true, {}, false}}));
  const auto ann = peer("nines:actor:ann");
  EXPECT_EQ(get("/v1/live", ann).status, 503);
  EXPECT_EQ(get("/", ann).status, 200);
  api->set_agreements(*Agreements::load(directory / "agreements"));
  FakeAgent agent("edge");
  ask(posting(agent.results(clock.now - seconds(60), 6).bytes));
  nines::test::run(io, api->refresh_standings());
  nines::test::run(io, api->refresh_live());

  for (const auto* path : {"/", "/v1/live"}) {
    const auto own = get(path, ann).body;
    EXPECT_NE(own.find("acme"), std::string::npos) << path;
    EXPECT_EQ(own.find("zeta"), std::string::npos) << path;
    EXPECT_EQ(get(path, ann, {{"agreement", "zeta"}}).body.find("shop"), std::string::npos);
    EXPECT_EQ(get(path, peer("nines:actor:eve")).body.find("acme"), std::string::npos) << path;
    for (const auto& all : {local(), peer("nines:reader:x"), peer("nines:actor:desk")}) {
      EXPECT_NE(get(path, all).body.find("zeta"), std::string::npos) << path;
    }
    for (const auto* nobody : {"nines:agent:edge", "nines:actor:unknown", "nines:else:x"}) {
      EXPECT_EQ(get(path, peer(nobody)).status, 403) << path << " " << nobody;
    }
  }
  const auto page = get("/", ann, {{"lang", "zh"}});
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(page.header("Content-Security-Policy")->starts_with("default-src 'none'; style-src"));
  EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
  EXPECT_NE(page.body.find("<html lang=\"zh-CN\">"), std::string::npos);
  clock.now += minutes(3);
  EXPECT_EQ(json::parse(get("/v1/live", ann).body)["age_ms"], 180'000);
  const auto stale = get("/", ann).body;  // says so by itself
  EXPECT_EQ(stale.find("hidden=\"hidden\""), std::string::npos);
  nines::test::run(io, api->refresh_live());
  EXPECT_EQ(json::parse(get("/v1/live", ann).body)["age_ms"], 0);
}

TEST_F(Api, OpensFreeTextsForThoseWhoMayReadThemUntilTheyAreErased) {
  std::filesystem::create_directory(directory / "agreements");
  std::ofstream(directory / "agreements" + "/acme.yaml")
      << "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: acme, version: \"1\"}\nspec:\n"
         "  effective: {from: \"2026-01-01T00:00:00\"}\n  scope: {services: [{name: shop}]}\n"
         "  measurement:\n    checks:\n"
         "      - {name: db, every: 10s, tcp: {address: \"db:5432\"}}\n"
         "  objectives: [{name: availability, target: \"99.9\"}]\n";
  api->set_actors(Actors({{"ann", Party::customer, false, {"acme"}, false},
                          {"aud", Party::auditor, false, {"acme"}, false},
                          {"eve", Party::provider, false, {"other"}, false}}));
  api->set_agreements(*Agreements::load(directory / "agreements"));
  const auto say = [&](const char* actor, const json& event) {
    HttpRequest request;
    request.method = "POST";
    request.path = "/v1/events";
    request.body = json{{"agreement", "acme"}, {"event", event}}.dump();
    request.peer = peer(std::string("nines:actor:") + actor);
    return ask(std::move(request));
  };
  const auto events = [&](const net::Peer& who) {
    return get("/v1/events", who, {{"agreement", "acme"}});
  };
  EXPECT_EQ(say("ann", {{"type", "annotation"}, {"id", "a1"}, {"text", "Ms Li fell"}}).status, 200);
  for (const auto* who : {"nines:actor:ann", "nines:actor:aud", "nines:reader:x"}) {
    EXPECT_NE(events(peer(who)).body.find("Ms Li fell"), std::string::npos) << who;
  }
  EXPECT_EQ(events(peer("nines:actor:eve")).status, 403);
  EXPECT_EQ(get("/v1/log/entries", local()).body.find("Ms Li"), std::string::npos);

  EXPECT_EQ(say("aud", {{"type", "erasure"}, {"subject", "ann"}}).status, 403);
  EXPECT_EQ(say("eve", {{"type", "erasure"}, {"subject", "ann"}}).status, 403);
  EXPECT_EQ(say("ann", {{"type", "erasure"}, {"subject", "bob"}}).status, 400);
  EXPECT_EQ(say("ann", {{"type", "erasure"}, {"subject", "ann"}}).status, 200);
  const auto after = events(peer("nines:actor:aud")).body;
  EXPECT_EQ(after.find("Ms Li"), std::string::npos);
  EXPECT_NE(after.find(R"("texts":{"text":{"erased":"2026-11-02T01:00:00Z"}})"), std::string::npos)
      << after;
}

TEST_F(Api, SpeaksTheLanguageThatABrowserPrefers) {
  const auto of = [&](const std::string& wishes) {
    HttpRequest request;
    request.method = "GET";
    request.path = "/";
    request.peer = local();
    request.headers = {{"Accept-Language", wishes}};
    const auto body = ask(std::move(request)).body;
    return body.find("<html lang=\"zh-CN\">") != std::string::npos ? "zh" : "en";
  };
  EXPECT_STREQ(of("zh-CN,zh;q=0.9,en;q=0.8"), "zh");
  EXPECT_STREQ(of("en-GB,zh;q=0.9"), "en");
  EXPECT_STREQ(of("zh"), "zh");
  EXPECT_STREQ(of(""), "en");
  EXPECT_STREQ(of("<script>"), "en");
}

TEST_F(Api, TellsPrometheusWithoutSayingMore) {
  ask(posting(FakeAgent("edge").results(kStart, 6).bytes));
  HttpRequest request;
  request.method = "GET";
  request.path = "/metrics";
  const auto page = nines::test::run(io, api->answer_open(request));
  EXPECT_EQ(page.status, 200);
  for (const auto* line :
       {"nines_agent_last_seen_timestamp_seconds{agent=\"edge\"} 1793581200.000",
        "nines_batches_total{result=\"stored\"} 1", "nines_batches_total{result=\"fork\"} 0",
        "nines_config_last_reload_successful 1", "# TYPE nines_objective_ratio gauge"}) {
    EXPECT_NE(page.body.find(line), std::string::npos) << line << "\n" << page.body;
  }
  request.path = "/v1/status";
  EXPECT_EQ(nines::test::run(io, api->answer_open(request)).status, 404);
  request.path = "/healthz";
  EXPECT_EQ(nines::test::run(io, api->answer_open(request)).status, 200);
}

}  // namespace
}  // namespace nines::collector::api_test
