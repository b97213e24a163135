// SPDX-License-Identifier: Apache-2.0
// From results in the store to incidents in the log and messages at a server: what the collector
// looks at, says by its own rule, and delivers.
#include "collector/alerting.h"

#include <asio/post.hpp>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "collector/alert_store.h"
#include "collector/journal.h"
#include "tests/collector/rig.h"
#include "tests/support/loop.h"
#include "tests/support/scripted_server.h"

namespace nines::collector::alerting_test {
namespace {

using nines::test::http_answer;
using nines::test::ScriptedPeer;
using nines::test::ScriptedServer;
using nlohmann::json;
using test::FakeAgent;
using test::kStart;

constexpr const char* kAgreement =
    "apiVersion: nines/v1\nkind: Agreement\nmetadata: {name: acme, version: \"1\"}\n"
    "spec:\n  effective: {from: \"2026-01-01T00:00:00\", timeZone: UTC}\n"
    "  scope: {services: [{name: shop}]}\n  measurement:\n    checks:\n"
    "      - {name: db, every: 10s, timeout: 5s, tcp: {address: \"db:5432\"}}\n"
    "  exclusions: {kinds: {maintenance: {notice: 1h}}}\n"
    "  support: {priorities: [{name: high, response: 30m, resolve: 2h}, {name: low}]}\n"
    "  objectives: [{name: availability, target: \"99.9\"}]\n";

class TestClock final : public Clock {
 public:
  ClockReading read() const override { return {wall, SystemClock().boot(), {}}; }

  WallTime wall = kStart + minutes(10);
};

class Alerts : public test::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::filesystem::create_directory(directory / "agreements");
    std::ofstream(directory / "agreements" + "/acme.yaml") << kAgreement;
    auto loaded = Agreements::load(directory / "agreements");
    ASSERT_TRUE(loaded) << loaded.error().message;
    agreements = *loaded;
    db = test::check_entry("db");
    db.canonical = canonical_text(agreements->find("acme")->at(0).checks.at(0).check);
    agent.set_table({db});
    agent.sealed_at = kStart;
    watch = std::make_unique<AlertWatch>(kStart);
  }

  // `count` results from so many seconds after the start on.
  void see(FakeAgent& who, int from_s, int count, Outcome outcome) {
    BatchBody body;
    CheckResults results{0, {}};
    for (auto slot = db.grid.slot_at(kStart + seconds(from_s)); count > 0; --count, ++slot) {
      results.results.push_back(who.result(slot, outcome));
      results.results.back().late_us = 0;  // so that instants are round
    }
    body.series.push_back(std::move(results));
    settle(who.seal(std::move(body)), clock.wall);
  }

  void see(int from_s, int count, Outcome outcome) { see(agent, from_s, count, outcome); }

  void set_now(int s) { clock.wall = kStart + seconds(s); }

  Seen look() {
    auto seen = watch->look(store->database(), *agreements, settings, clock.wall);
    EXPECT_TRUE(seen) << (seen ? "" : seen.error().message);
    EXPECT_TRUE(seen && seen->complaints.empty()) << seen->complaints.at(0);
    return seen ? *seen : Seen{};
  }

  // Looks and says what is to be said; the events that were.
  std::vector<std::string> look_and_say() {
    std::vector<std::string> out;
    for (const auto& each : look().to_say) {
      const auto said = store->write(
          [&](Database& d) { return record_own(d, each.agreement, each.event, clock.wall); });
      EXPECT_TRUE(said) << (said ? "" : said.error().message);
      out.push_back(each.event.value("event", "") + " " + each.event.value("id", ""));
    }
    return out;
  }

  void say(Party party, const json& event) {
    const Actor actor{party == Party::provider ? "alice" : "bob", party, true, {}, false};
    const auto written = store->write([&](Database& d) -> Expected<void> {
      const auto said = record_statement(d, store->subject_keys(), actor, {}, {"acme", event, ""},
                                         *agreements->find("acme"), clock.wall);
      return said ? Expected<void>() : Expected<void>(Unexpected(said.error()));
    });
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
  }

  json last_event() {
    std::string text;
    read_entries_of(store->database(), "acme", [&](const LogEntry& entry) {
      if (entry.kind == "event") text = entry.text;
      return true;
    });
    return json::parse(text, nullptr, false);
  }

  TestClock clock;
  std::shared_ptr<const Agreements> agreements;
  CheckEntry db;
  FakeAgent agent{"edge-1", 1};
  alerts::Settings settings;
  std::unique_ptr<AlertWatch> watch;
};

using Strings = std::vector<std::string>;

TEST_F(Alerts, RemindOfADutyUntilItsOwnerTicksItOff) {
  std::string text = kAgreement;
  text += "  obligations: {provider: [{what: drill, every: 1Q}]}\n";
  std::ofstream(directory / "agreements" + "/acme.yaml") << text;
  auto loaded = Agreements::load(directory / "agreements");
  ASSERT_TRUE(loaded) << loaded.error().message;
  agreements = *loaded;
  const auto dues = [&] {
    Strings out;
    const Seen seen = look();
    for (const auto& each : seen.duties.at("acme")) {
      out.push_back(each.figures.at("due") + " " + each.figures.at("state"));
    }
    return out;
  };
  const json ticked{{"type", "duty"},
                    {"event", "done"},
                    {"id", "d1"},
                    {"duty", "obligations/provider/1"},
                    {"due", "2026-07-01"}};
  EXPECT_EQ(dues(), (Strings{"2026-10-01 missed", "2026-07-01 missed", "2026-04-01 missed"}));
  say(Party::provider, ticked);
  EXPECT_EQ(dues(), (Strings{"2026-10-01 missed", "2026-04-01 missed"}));
  say(Party::provider, {{"type", "duty"}, {"event", "withdrawn"}, {"id", "d1"}});
  EXPECT_EQ(dues().size(), 3U);
}

TEST_F(Alerts, OpenAnIncidentByTheCollectorDatedFromTheFirstFailure) {
  set_now(121);
  see(0, 10, Outcome::up);
  see(100, 1, Outcome::down);
  EXPECT_EQ(look_and_say(), Strings{});
  see(110, 1, Outcome::down);
  EXPECT_EQ(look_and_say(), Strings{"opened auto-shop-20261102T000140Z"});
  const auto entry = last_event();
  EXPECT_EQ(entry["actor"], "collector");
  EXPECT_EQ(entry["party"], "collector");
  EXPECT_EQ(entry["at"], "2026-11-02T00:02:01Z") << "when it was confirmed";
  EXPECT_EQ(entry["event"]["at"], "2026-11-02T00:01:40Z") << "when it began";
  EXPECT_EQ(entry["event"]["priority"], "high");
  EXPECT_EQ(look_and_say(), Strings{}) << "what was said is not said again";
  const auto conditions = look().incidents.at("acme");
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0].figures.at("first_failure"), "2026-11-02T00:01:40Z");
  EXPECT_EQ(conditions[0].figures.at("confirmed"), "2026-11-02T00:02:01Z");
  EXPECT_FALSE(conditions[0].acknowledged);
}

TEST_F(Alerts, SayNothingNewAfterARestartOrWhenOldResultsArrive) {
  set_now(125);
  see(0, 10, Outcome::up);
  see(100, 2, Outcome::down);
  EXPECT_EQ(look_and_say().size(), 1U);
  reopen();
  watch = std::make_unique<AlertWatch>(clock.wall);
  EXPECT_EQ(look_and_say(), Strings{});
  FakeAgent other("edge-2", 2);
  other.set_table({db});
  see(other, 80, 4, Outcome::down);  // failed earlier, and is heard of later
  EXPECT_EQ(look_and_say(), Strings{});
}

TEST_F(Alerts, ResolveWhenTheServiceIsUpByTheSameConfirmationAndReopenSoon) {
  set_now(125);
  see(0, 10, Outcome::up);
  see(100, 2, Outcome::down);
  look_and_say();
  set_now(135);
  see(120, 1, Outcome::up);
  EXPECT_EQ(look_and_say(), Strings{});
  set_now(145);
  see(130, 1, Outcome::up);
  EXPECT_EQ(look_and_say(), Strings{"resolved auto-shop-20261102T000140Z"});
  EXPECT_EQ(last_event()["event"]["until"], "2026-11-02T00:02:00Z");
  EXPECT_TRUE(look().incidents.at("acme").empty());
  set_now(165);
  see(140, 2, Outcome::down);
  EXPECT_EQ(look_and_say(), Strings{"reopened auto-shop-20261102T000140Z"});
  EXPECT_EQ(look_and_say(), Strings{});
}

TEST_F(Alerts, LeaveAPersonsWordAlone) {
  set_now(125);
  see(0, 10, Outcome::up);
  see(100, 2, Outcome::down);
  look_and_say();
  const std::string id = "auto-shop-20261102T000140Z";
  say(Party::provider, {{"type", "incident"}, {"event", "acknowledged"}, {"id", id}});
  const auto conditions = look().incidents.at("acme");
  ASSERT_TRUE(conditions.at(0).acknowledged);
  EXPECT_EQ(conditions[0].acknowledged->by, "alice");
  say(Party::provider, {{"type", "incident"}, {"event", "resolved"}, {"id", id}});
  EXPECT_EQ(look_and_say(), Strings{}) << "somebody says that it is mended: the results may lag";
}

TEST_F(Alerts, FollowAFailureBackToItsBeginning) {
  set_now(4 * 3600);
  see(0, 60, Outcome::up);
  see(600, (4 * 3600 - 600) / 10, Outcome::down);
  EXPECT_EQ(look_and_say(), Strings{"opened auto-shop-20261102T001000Z"});
}

TEST_F(Alerts, OpenNothingForWhatWasOverLongBeforeItWasHeardOf) {
  set_now(4 * 3600);
  see(0, 60, Outcome::down);
  see(600, (4 * 3600 - 600) / 10, Outcome::up);
  EXPECT_EQ(look_and_say(), Strings{});
}

TEST_F(Alerts, OpenNothingWhereTheRuleIsOff) {
  settings.incident.open = false;
  set_now(125);
  see(0, 10, Outcome::up);
  see(100, 2, Outcome::down);
  EXPECT_EQ(look_and_say(), Strings{});
}

TEST_F(Alerts, CountInReportsAsEventsDo) {
  set_now(125);
  see(0, 10, Outcome::up);
  see(100, 2, Outcome::down);
  look_and_say();
  const auto report =
      judge_agreement(store->database(), *agreements->find("acme"), {{}, kStart + hours(1)});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->support.size(), 2U);
  EXPECT_EQ(report->support[0].incidents, 1);
  ASSERT_FALSE(report->support[0].clocks.empty());
  EXPECT_EQ(report->support[0].clocks[0].opened, kStart + seconds(100));
  EXPECT_TRUE(report->warnings.empty()) << sla::warning_text(report->warnings[0]);
}

TEST_F(Alerts, AreSilencedInAnApprovedWindow) {
  set_now(100);
  see(0, 10, Outcome::up);
  say(Party::provider, {{"type", "exclusion"},
                        {"action", "announce"},
                        {"id", "m1"},
                        {"kind", "maintenance"},
                        {"from", "2026-11-02T02:00:00Z"},
                        {"to", "2026-11-02T03:00:00Z"}});
  say(Party::customer, {{"type", "exclusion"}, {"action", "approve"}, {"id", "m1"}});
  EXPECT_TRUE(look().silenced.empty());
  set_now(7300);
  EXPECT_TRUE(look().silenced.contains({"acme", "shop"}));
  see(7200, 9, Outcome::down);
  EXPECT_EQ(look_and_say(), Strings{}) << "nothing is charged, nothing opens";
}

TEST_F(Alerts, MissAnAgentUnlessItWasLetGo) {
  set_now(0);
  see(0, 1, Outcome::up);
  set_now(301);
  const auto silent = look().agents;
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_EQ(silent[0].key, "agent:edge-1");
  say(Party::provider,
      {{"type", "vantage"}, {"event", "retired"}, {"id", "r1"}, {"name", "edge-1"}});
  set_now(400);
  EXPECT_TRUE(look().agents.empty());
}

TEST_F(Alerts, AreKeptAndReadBack) {
  alerts::Changes changes;
  changes.alerts = {{1, "one"}, {2, "two"}};
  changes.groups = {{"g", "group"}};
  changes.deliveries = {{7, "seven"}};
  changes.attempts = {{7, 1, kStart, alerts::Sent::Result::failed, "no"}};
  const auto keep = [&] {
    return store->write([&](Database& d) -> Expected<void> {
      keep_alerts(d, changes);
      return {};
    });
  };
  ASSERT_TRUE(keep());
  reopen();
  auto rows = read_alerts(store->database());
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->alerts, (Strings{"one", "two"}));
  EXPECT_EQ(rows->deliveries, Strings{"seven"});
  const auto attempts = attempts_json(store->database());
  ASSERT_TRUE(attempts);
  EXPECT_EQ((*attempts)["7"][0]["result"], "failed");
  changes = {};
  changes.gone_alerts = {1};
  changes.gone_deliveries = {7};
  ASSERT_TRUE(keep());
  rows = read_alerts(store->database());
  EXPECT_EQ(rows->alerts, Strings{"two"});
  EXPECT_EQ(count("alert_attempts"), 0);
  ASSERT_TRUE(store->rebuild());
  EXPECT_EQ(count("alerts"), 1) << "--rebuild makes only what is derived";
}

// The whole of it on a loop, with a server that takes messages.
class Alarm : public Alerts {
 protected:
  void SetUp() override {
    Alerts::SetUp();
    set_now(125);
    see(0, 10, Outcome::up);
    see(100, 2, Outcome::down);
    start();
  }

  void TearDown() override { stop(); }

  void start() {
    auto opened = Database::open(store->database_path(), Database::Mode::read);
    ASSERT_TRUE(opened);
    reader = *std::move(opened);
    disk = std::make_unique<DiskThread>(io);
    read_thread = std::make_unique<DiskThread>(io);
    alerting = std::make_unique<Alerting>(io, clock, *read_thread, *reader, *disk, *store);
    ASSERT_TRUE(alerting->open());
    alerting->set_settings(std::make_shared<const alerts::Settings>(settings), *agreements);
    tasks = std::make_unique<TaskSet>(io);
    auto delivering = alerting->deliver();
    tasks->spawn("deliver", std::move(delivering));
  }

  void stop() {
    if (!alerting) return;
    alerting->stop();
    nines::test::run(io, tasks->join());
    nines::test::run(io, alerting->join());
    alerting.reset();
    disk.reset();
    read_thread.reset();
    reader.reset();
  }

  void look() { nines::test::run(io, alerting->look(agreements)); }

  // On the thread that the store belongs to.
  void see_meanwhile(int from_s, int count, Outcome outcome) {
    std::function<void()> work = [=, this] { see(from_s, count, outcome); };
    nines::test::run(io, disk->run(std::move(work)));
  }

  void send_to(const std::string& url, Duration timeout = seconds(10)) {
    alerts::Channel channel;
    channel.name = "hook";
    alerts::Webhook how;
    how.url = url;
    channel.how = how;
    channel.timeout = timeout;
    settings.channels = {channel};
    alerts::Route route;
    route.contacts = {{{"hook"}, Duration(0), {}}};
    route.wait = Duration(0);
    settings.routes = {route};
    alerting->set_settings(std::make_shared<const alerts::Settings>(settings), *agreements);
  }

  bool delivered() {
    const auto& all = alerting->book().deliveries();
    return !all.empty() && all.rbegin()->second.state == alerts::Delivery::State::delivered;
  }

  static json body_of(const std::string& request) {
    return json::parse(request.substr(request.find("\r\n\r\n") + 4), nullptr, false);
  }

  asio::io_context io{1};
  std::unique_ptr<Database> reader;
  std::unique_ptr<DiskThread> disk, read_thread;
  std::unique_ptr<Alerting> alerting;
  std::unique_ptr<TaskSet> tasks;
};

TEST_F(Alarm, TellsOfAnIncidentInTheLookThatOpensIt) {
  std::string request;
  ScriptedServer server([&](ScriptedPeer& peer) {
    request = peer.read_request();
    peer.send(http_answer(""));
  });
  send_to(server.url());
  look();
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  const auto message = body_of(request);
  EXPECT_EQ(message["alerts"][0]["kind"], "incident");
  EXPECT_EQ(message["alerts"][0]["labels"]["incident"], "auto-shop-20261102T000140Z");
  const auto counters = alerting->counters();
  EXPECT_EQ(counters.alerts.at("firing"), 1U);
  EXPECT_EQ(counters.attempts.at({"hook", "delivered"}), 1U);
}

TEST_F(Alarm, FollowsTheEmergencyChainOfTheAgreementAndNotOnceMoreAfterARestart) {
  std::ofstream(directory / "agreements" + "/acme.yaml")
      << kAgreement
      << "  communication:\n    contacts: {duty: \"+49 30 1\"}\n"
         "    emergency: [{via: phone, to: [duty], ackWithin: 5m}]\n";
  auto loaded = Agreements::load(directory / "agreements");
  ASSERT_TRUE(loaded) << loaded.error().message;
  agreements = *loaded;
  std::string request;
  ScriptedServer server([&](ScriptedPeer& peer) {
    request = peer.read_request();
    peer.send(http_answer(""));
  });
  settings.routes.clear();
  send_to(server.url());
  settings.routes[0].emergency = {{"phone", {"hook"}}};
  alerting->set_settings(std::make_shared<const alerts::Settings>(settings), *agreements);
  look();
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  EXPECT_EQ(body_of(request)["to"], json{"duty +49 30 1"});
  ASSERT_EQ(alerting->book().groups().size(), 1U);
  EXPECT_EQ(alerting->book().groups().begin()->second.route, "agreement=acme");
  stop();
  start();
  look();
  EXPECT_EQ(alerting->book().deliveries().size(), 1U) << "nobody is told again by the restart";
  EXPECT_EQ(alerting->book().groups().begin()->second.route, "agreement=acme");
}

TEST_F(Alarm, SendsTheHeadOfTheLogEachDayAndNotOnceMoreAfterARestart) {
  std::vector<std::string> requests;
  ScriptedServer server([&](ScriptedPeer& peer) {
    requests.push_back(peer.read_request());
    peer.send(http_answer(""));
  });
  send_to(server.url());
  settings.routes.clear();
  settings.log_head = {hours(6), {"hook"}};
  const auto use = [&] {
    alerting->set_settings(std::make_shared<const alerts::Settings>(settings), *agreements);
  };
  use();
  look();
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  look();
  EXPECT_EQ(alerting->book().deliveries().size(), 1U);
  const auto message = body_of(requests.at(0));
  const auto head = proto::read_log_head(message["log_head"].dump());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->key, store->log_key().public_key());
  EXPECT_EQ(head->log, to_hex(store->incarnation()));
  EXPECT_GT(head->size, 0U);
  EXPECT_EQ(message["status"], "log_head");
  stop();
  reopen();
  start();
  use();
  look();
  EXPECT_EQ(alerting->book().deliveries().size(), 1U) << "the day is done";
  clock.wall = kStart + hours(6);
  look();
  EXPECT_EQ(alerting->book().deliveries().size(), 2U) << "and the next one is not forgotten";
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  EXPECT_NE(body_of(requests.at(1))["dedup_key"], message["dedup_key"]);
}

TEST_F(Alarm, DeliversAfterARestartWhatWasNotDeliveredWithTheSameKey) {
  std::string first;
  std::atomic<bool> taken = false;
  {
    // Takes the message and never says so: as if the collector died then.
    ScriptedServer deaf([&](ScriptedPeer& peer) {
      first = peer.read_request();
      taken = true;
      asio::post(io, [] {});  // wakes the loop
      peer.wait_until_gone();
    });
    send_to(deaf.url());
    look();
    ASSERT_TRUE(nines::test::run_until(io, [&] { return taken.load(); }));
    stop();
  }
  reopen();
  std::string second;
  ScriptedServer server([&](ScriptedPeer& peer) {
    second = peer.read_request();
    peer.send(http_answer(""));
  });
  start();
  send_to(server.url());
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  EXPECT_EQ(body_of(second)["dedup_key"], body_of(first)["dedup_key"]);
  EXPECT_EQ(body_of(second), body_of(first));
}

TEST_F(Alarm, LooksAndKeepsWhileAChannelHangs) {
  ScriptedServer deaf([](ScriptedPeer& peer) { peer.wait_until_gone(); });
  send_to(deaf.url(), minutes(5));
  look();
  ASSERT_TRUE(nines::test::run_until(io, [&] { return deaf.connections() > 0; }));
  set_now(145);
  see_meanwhile(120, 2, Outcome::up);
  look();
  EXPECT_TRUE(alerting->book().active().empty()) << "resolved, though nobody could be told";
  EXPECT_EQ(alerting->counters().waiting.at("hook"), 2U);
}

TEST_F(Alarm, IsAcknowledgedByThoseWhoSeeTheAgreement) {
  ScriptedServer server(nines::test::answering(http_answer("")));
  send_to(server.url());
  look();
  const std::string key = alerting->book().active().begin()->first;
  const auto status = [&](const Actor* actor, const std::string& what) {
    auto task = alerting->acknowledge(what, actor, actor == nullptr ? "uid 0" : actor->name);
    return nines::test::run(io, std::move(task)).status;
  };
  const Actor carol{"carol", Party::provider, false, {"other"}, false};
  const Actor olga{"olga", Party::auditor, true, {}, false};
  const Actor alice{"alice", Party::provider, false, {"acme"}, false};
  EXPECT_EQ(status(&carol, key), 403);
  EXPECT_EQ(status(&olga, key), 403);
  EXPECT_EQ(status(&alice, "none"), 404);
  EXPECT_EQ(status(&alice, std::to_string(alerting->book().active().at(key).id)), 200);
  EXPECT_EQ(status(nullptr, key), 200);
  EXPECT_EQ(alerting->book().active().at(key).acknowledged->by, "alice");
  const auto told = alerting->json({});
  EXPECT_EQ(told["alerts"][0]["acknowledged"]["by"], "alice");
  EXPECT_EQ(told["deliveries"].size(), 1U);
  EXPECT_TRUE(alerting->json("other")["alerts"].empty());
  EXPECT_FALSE(alerting->json("acme").contains("deliveries"));
}

TEST_F(Alarm, StatesToAlertmanagerHowAllStandsAndAgain) {
  std::vector<std::string> requests;
  ScriptedServer server([&](ScriptedPeer& peer) {
    requests.push_back(peer.read_request());
    peer.send(http_answer(""));
  });
  send_to(server.url());
  alerts::Alertmanager how;
  how.url = server.url();
  how.resend = milliseconds(50);
  settings.channels[0].how = how;
  alerting->set_settings(std::make_shared<const alerts::Settings>(settings), *agreements);
  look();
  ASSERT_TRUE(nines::test::run_until(io, [&] { return server.connections() >= 3; }));
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  set_now(145);
  see_meanwhile(120, 2, Outcome::up);
  const auto before = alerting->book().deliveries().size();
  look();
  EXPECT_EQ(alerting->book().deliveries().size(), before + 1);
  ASSERT_TRUE(nines::test::run_until(io, [&] { return delivered(); }));
  stop();
  ASSERT_GE(requests.size(), 3U);
  const auto first = body_of(requests.front());
  EXPECT_EQ(first[0]["labels"]["alertname"], "nines_incident");
  EXPECT_EQ(first[0]["startsAt"], "2026-11-02T00:02:05Z");
  EXPECT_EQ(first[0]["endsAt"], "2026-11-02T00:02:05.200Z") << "four times resend ahead";
  EXPECT_EQ(body_of(requests.back())[0]["endsAt"], "2026-11-02T00:02:25Z") << "resolved";
}

}  // namespace
}  // namespace nines::collector::alerting_test
