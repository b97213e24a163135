// SPDX-License-Identifier: Apache-2.0
// What the agent shows while no canary answers: from the canaries' results to the answers of the
// local API. What was measured stays beside it.
#include "agent/uplink.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "agent/api.h"
#include "tests/agent/spool_rig.h"
#include "tests/support/loop.h"

namespace nines::agent::uplink_test {
namespace {

using nlohmann::json;

constexpr std::int64_t kSecond = 1'000'000'000;
const char* const kGateway = "icmp://gateway";
const char* const kResolver = "tcp://192.0.2.53:53";

Check check_named(std::string name, Duration every = seconds(10)) {
  Check check;
  check.name = std::move(name);
  check.every = every;
  check.spec = TcpSpec{.host = "host", .port = 1};
  return check;
}

std::vector<Check> canaries() { return {check_named(kGateway), check_named(kResolver)}; }

WallTime at(std::int64_t second) { return {second * kSecond}; }

using Losses = std::vector<sla::UplinkLoss>;

TEST(Uplink, TellsLossesOfItsCanariesAlone) {
  Uplink uplink;
  uplink.set_canaries(canaries());
  EXPECT_TRUE(uplink.is_canary(kGateway));
  EXPECT_FALSE(uplink.is_canary("web"));
  for (const auto& [second, outcome] :
       std::vector<std::pair<int, Outcome>>{{0, Outcome::up}, {10, Outcome::down}}) {
    uplink.note(kGateway, at(second), outcome);
    uplink.note(kResolver, at(second + 1), outcome);
    uplink.note("web", at(second + 2), Outcome::up);
  }
  // From the last answer on; to the end of belief, or to the next answer.
  EXPECT_EQ(uplink.losses(), (Losses{{kSecond + 1, 36 * kSecond}}));
  uplink.note(kGateway, at(20), Outcome::up);
  EXPECT_EQ(uplink.losses(), (Losses{{kSecond + 1, 20 * kSecond}}));
}

TEST(Uplink, IsBackWithTheFirstAnswerAfterNoCanaryAnswered) {
  Uplink uplink;
  uplink.set_canaries(canaries());
  EXPECT_FALSE(uplink.note(kGateway, at(0), Outcome::up)) << "nothing was lost before";
  EXPECT_FALSE(uplink.note(kResolver, at(1), Outcome::down));
  EXPECT_FALSE(uplink.note(kResolver, at(11), Outcome::up)) << "the gateway answered all along";
  EXPECT_FALSE(uplink.note(kGateway, at(20), Outcome::unknown));
  EXPECT_FALSE(uplink.note(kResolver, at(21), Outcome::down));
  EXPECT_FALSE(uplink.note("web", at(22), Outcome::up)) << "no canary";
  EXPECT_TRUE(uplink.note(kResolver, at(31), Outcome::up));
  EXPECT_FALSE(uplink.note(kGateway, at(40), Outcome::up)) << "told once";
}

TEST(Uplink, IgnoresUnknownResultsAndHasNothingWithoutCanaries) {
  Uplink uplink;
  EXPECT_TRUE(uplink.losses().empty());
  uplink.note(kGateway, at(0), Outcome::down);
  EXPECT_TRUE(uplink.losses().empty());
  uplink.set_canaries(canaries());
  uplink.note(kGateway, at(0), Outcome::unknown);
  EXPECT_TRUE(uplink.losses().empty());
}

TEST(Uplink, KeepsLossesWhenTheCanariesChange) {
  Uplink uplink;
  uplink.set_canaries({check_named(kGateway)});
  uplink.note(kGateway, at(0), Outcome::up);
  uplink.note(kGateway, at(10), Outcome::down);
  uplink.set_canaries({check_named(kGateway)});  // the same: nothing changes
  EXPECT_EQ(uplink.losses(), (Losses{{1, 35 * kSecond}}));
  uplink.set_canaries({check_named(kResolver)});
  EXPECT_EQ(uplink.losses(), (Losses{{1, 10 * kSecond + 1}}));
  EXPECT_FALSE(uplink.is_canary(kGateway));
  uplink.note(kResolver, at(5), Outcome::down);  // of before the change
  EXPECT_EQ(uplink.losses(), (Losses{{1, 10 * kSecond + 1}}));
  uplink.set_canaries({});
  EXPECT_EQ(uplink.losses(), (Losses{{1, 10 * kSecond + 1}}));
}

// Forgetting old results must not change what is said of any time, old or new.
TEST(Uplink, SaysTheSameAsTheWholeSeriesHoweverMuchItForgets) {
  std::mt19937 random(7);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  Uplink uplink;
  uplink.set_canaries(canaries());
  std::vector<sla::CanaryResult> all;
  int bad = 0;  // rounds left of a loss
  for (int round = 0; round < 6000; ++round) {
    if (bad == 0 && pick(0, 149) == 0) bad = pick(1, 30);
    bad = std::max(0, bad - 1);
    for (std::size_t c = 0; c < 2; ++c) {
      const auto started = at(10 * round + static_cast<int>(c) * 3);
      const auto outcome = pick(0, 9) == 0 ? Outcome::unknown
                           : bad > 0       ? Outcome::down
                                           : Outcome::up;
      all.push_back({c, started.ns, outcome});
      uplink.note(canaries()[c].name, started, outcome);
    }
  }
  const auto whole = sla::uplink_losses(all, {seconds(25), seconds(25)});
  const auto& kept = uplink.losses();
  ASSERT_GT(whole.size(), 20U);
  EXPECT_EQ(kept, whole);
}

TEST(Uplink, IsBounded) {
  Uplink uplink;
  uplink.set_canaries(canaries());
  for (int i = 0; i < 50'000; ++i) {
    uplink.note(kGateway, at(10 * i), i % 2 == 0 ? Outcome::up : Outcome::down);
  }
  // A loss in every second round: those kept whole, and those of the results kept.
  EXPECT_LE(uplink.losses().size(), Uplink::kKeptLosses + Uplink::kKeptResults / 2 + 1);
  EXPECT_GE(uplink.losses().size(), Uplink::kKeptLosses);
}

// ---- the board and the local API ----

class Display : public testing::Test {
 protected:
  Display() {
    EXPECT_TRUE(rig_.open());
    recorder_ = std::make_unique<Recorder>(io_, clock_, *disk_, *rig_.spool, board_,
                                           RecorderPace{hours(1), hours(1), hours(1), hours(1)});
    settings_.name = "edge";
    set_checks({});
  }

  void set_checks(std::set<std::string> local) {
    std::vector<std::pair<Check, SlotGrid>> checks;
    for (const char* name : {"web", kGateway, kResolver}) {
      checks.emplace_back(check_named(name), SlotGrid{seconds(10), Duration(0)});
    }
    board_.set_checks(checks, canaries(), std::move(local));
  }

  // All three at slot k, which starts at 10·k s; the canaries answer or fail together.
  void round(std::int64_t slot, Outcome web, Outcome canaries) {
    note(kGateway, slot, canaries);
    note(kResolver, slot, canaries);
    note("web", slot, web, 1000);  // a millisecond later
  }

  void note(const char* check, std::int64_t slot, Outcome outcome, std::int64_t late_us = 0) {
    Result r;
    r.slot = slot;
    r.late_us = late_us;
    r.probe.outcome = outcome;
    r.probe.reason = outcome == Outcome::up ? Reason::ok : Reason::connect_timeout;
    r.probe.detail = outcome == Outcome::up ? "" : "no answer in 5s";
    board_.note(check, r);
  }

  std::string body(const std::string& path) {
    const Agent::View view{settings_, board_,  *recorder_, {}, {},
                           labels_,   reload_, warnings_,  {}, {}};
    net::HttpRequest request;
    request.method = "GET";
    request.path = path;
    return answer_local(view, request).body;
  }

  json answer(const std::string& path) { return json::parse(body(path)); }

  asio::io_context io_{1};
  SystemClock clock_;
  test::Rig rig_;
  std::unique_ptr<DiskThread> disk_ = std::make_unique<DiskThread>(io_);
  StatusBoard board_;
  std::unique_ptr<Recorder> recorder_;
  Settings settings_;
  SlotClock labels_{ClockReading{}, {}};
  ReloadStatus reload_;
  std::vector<std::string> warnings_;
};

constexpr auto kUp = Outcome::up;
constexpr auto kDown = Outcome::down;

TEST_F(Display, AFailureThatTheCanariesExplainIsShownAsUnknownBesideWhatWasMeasured) {
  round(1, kUp, kUp);
  round(2, kDown, kDown);
  round(3, kDown, kDown);
  const auto web = answer("/v1/checks/web");
  EXPECT_EQ(web.at("outcome"), "down");
  EXPECT_EQ(web.at("reason"), "connect_timeout");
  EXPECT_EQ(
      web.at("shown"),
      (json{{"outcome", "unknown"}, {"cause", "uplink"}, {"since", "1970-01-01T00:00:20.001Z"}}));
  EXPECT_EQ(web.at("last").at("outcome"), "down");
  EXPECT_EQ(web.at("last").at("shown"), (json{{"outcome", "unknown"}, {"cause", "uplink"}}));
  const auto history = answer("/v1/checks/web/history").at("results");
  EXPECT_FALSE(history.at(0).contains("shown"));
  EXPECT_TRUE(history.at(1).contains("shown"));
  const auto status = answer("/v1/status");
  EXPECT_EQ(
      status.at("counts"),
      (json{{"up", 0}, {"down", 2}, {"unknown", 1}, {"pending", 0}}));  // the canaries are down
  const auto metrics = body("/metrics");
  EXPECT_NE(metrics.find("nines_check_up{check=\"web\",kind=\"tcp\"} NaN\n"), std::string::npos);
  EXPECT_NE(metrics.find("nines_check_up{check=\"icmp://gateway\",kind=\"tcp\"} 0\n"),
            std::string::npos);
  // Counters tell what was measured.
  EXPECT_NE(metrics.find("{check=\"web\",outcome=\"down\",reason=\"connect_timeout\"} 2\n"),
            std::string::npos);
}

TEST_F(Display, ACanarysOwnFailureIsShownAsItIs) {
  round(1, kUp, kUp);
  round(2, kDown, kDown);
  EXPECT_FALSE(answer("/v1/checks/" + std::string(kGateway)).contains("shown"));
}

TEST_F(Display, AFailureWhileACanaryAnswersIsTheTargets) {
  round(1, kUp, kUp);
  note(kGateway, 2, kDown);
  note(kResolver, 2, kUp);
  note("web", 2, kDown, 1000);
  EXPECT_FALSE(answer("/v1/checks/web").contains("shown"));
  EXPECT_EQ(answer("/v1/status").at("counts").at("down"), 2);
}

TEST_F(Display, AFailureThatGoesOnAfterTheUplinkIsBackIsTheTargets) {
  round(1, kUp, kUp);
  round(2, kDown, kDown);
  round(3, kDown, kUp);
  const auto web = answer("/v1/checks/web");
  EXPECT_FALSE(web.contains("shown"));
  // Not all of the outage is explained; of its evidence the first failure is.
  const auto outage = web.at("outages").at(0);
  EXPECT_FALSE(outage.contains("shown"));
  EXPECT_TRUE(outage.at("evidence").at(0).contains("shown"));
  EXPECT_FALSE(outage.at("evidence").at(1).contains("shown"));
}

TEST_F(Display, ALaterCanaryExplainsAnEarlierFailure) {
  round(1, kUp, kUp);
  note("web", 2, kDown, 1000);
  EXPECT_FALSE(answer("/v1/checks/web").contains("shown"));
  note(kGateway, 3, kDown);
  note(kResolver, 3, kDown);
  EXPECT_TRUE(answer("/v1/checks/web").contains("shown"));
}

TEST_F(Display, AnOutageWithinALossIsShownAsExplained) {
  round(1, kUp, kUp);
  round(2, kDown, kDown);
  round(3, kDown, kDown);
  round(4, kUp, kUp);
  const auto outage = answer("/v1/checks/web").at("outages").at(0);
  EXPECT_EQ(outage.at("failures"), 2);
  EXPECT_EQ(outage.at("reason"), "connect_timeout");
  EXPECT_EQ(outage.at("shown"), (json{{"outcome", "unknown"}, {"cause", "uplink"}}));
}

TEST_F(Display, ALocalCheckIsNeverExplained) {
  set_checks({"web"});
  round(1, kUp, kUp);
  round(2, kDown, kDown);
  const auto web = answer("/v1/checks/web");
  EXPECT_FALSE(web.contains("shown"));
  EXPECT_FALSE(web.at("outages").at(0).contains("shown"));
}

}  // namespace
}  // namespace nines::agent::uplink_test
