// SPDX-License-Identifier: Apache-2.0
// The live page and its document: what they say of a store, what each party may see of it, and that
// no name, however hostile, becomes anything but text.
#include "collector/live.h"

#include "collector/live_assets.h"
#include "collector/live_page.h"
#include "tests/collector/sealing.h"
#include "tests/sla/xml.h"

namespace nines::collector::live_test {
namespace {

using sla::Element;
using sla::Language;
using sla::XmlReader;
using test::at;
using test::FakeAgent;
using test::json;
using test::kAlice;
using test::kBob;
using test::kStart;

constexpr const char* kHostile = "</td><script>alert(\"1\")</script>&'";

class LiveOf : public test::SealingTest {
 protected:
  // Two minutes of `outcome`, ten seconds apart.
  void measured(FakeAgent& agent, WallTime from, Outcome outcome) {
    settle(agent.results(from, 12, outcome), from + minutes(2));
  }

  std::shared_ptr<const Live> look_at(WallTime now, const Live* before = nullptr) {
    Judgements judgements;
    for (const auto& [name, versions] : agreements->all()) {
      judgements.emplace(name, std::make_shared<const Judged>(judged_now(
                                   name, now, judge_agreement(db(), versions, {{}, now}))));
    }
    auto live =
        look(db(), *agreements, judgements, store->incarnation(), store->log_key(), now, before);
    EXPECT_TRUE(live) << (live ? "" : live.error().message);
    return live ? *live : std::make_shared<const Live>();
  }

  static json document(const Live& live, const Viewer& viewer = {}) {
    return json::parse(live_json(live, visible_to(viewer, live), live.as_of, seconds(3)));
  }
};

std::unique_ptr<Element> page_of(const LivePage& page, const Live* live) {
  auto out = XmlReader::read(live_page(page, live));
  return out ? std::move(out) : std::make_unique<Element>();
}

const Element* with_id(const Element& page, const std::string& id) {
  const Element* found = nullptr;
  page.walk([&](const Element& each) {
    if (each.attribute("id") == id) found = &each;
  });
  return found;
}

bool has_table(const Element& page, const std::string& caption) {
  for (const auto* each : page.all("caption")) {
    if (each->text == caption) return true;
  }
  return false;
}

TEST_F(LiveOf, TellsWhatIsDownSinceWhenAndWhy) {
  auto agent = agent_of();
  measured(agent, kStart, Outcome::up);
  measured(agent, kStart + minutes(2), Outcome::down);
  const auto doc = document(*look_at(kStart + minutes(4)));
  const auto& shop = doc["agreements"][0];
  EXPECT_EQ(shop["services"][0]["state"], "down");
  EXPECT_EQ(at(shop["services"][0]["since"]).ns / 1'000'000'000,
            (kStart + minutes(2)).ns / 1'000'000'000);
  EXPECT_EQ(shop["services"][0]["since_before"], false);
  const auto& check = shop["checks"][0];
  EXPECT_EQ(check["name"], "db");
  EXPECT_EQ(check["vantage"], "edge");
  EXPECT_EQ(check["state"], "down");
  EXPECT_EQ(check["reason"], "connect_refused");
  EXPECT_EQ(check["detail"], "refused");
  EXPECT_EQ(at(check["since"]).ns / 1'000'000'000, (kStart + minutes(2)).ns / 1'000'000'000);
  const auto& objective = shop["objectives"][0];
  // Two minutes of the day that has passed are more than it could spare, whatever else it was.
  EXPECT_EQ(objective["verdict"], "BREACHED");
  EXPECT_EQ(objective["target"], "99.9");
  EXPECT_EQ(objective["budget"]["total_s"], "2592.000");
  EXPECT_FALSE(objective["unmeasured_percent"].is_null());
}

TEST_F(LiveOf, BelievesNoResultForEver) {
  auto agent = agent_of();
  measured(agent, kStart, Outcome::up);
  auto doc = document(*look_at(kStart + minutes(3)));
  EXPECT_EQ(doc["agreements"][0]["services"][0]["state"], "up");  // results are on their way
  EXPECT_EQ(doc["agreements"][0]["checks"][0]["state"], "up");
  doc = document(*look_at(kStart + minutes(6)));
  EXPECT_EQ(doc["agreements"][0]["services"][0]["state"], "unknown");
  EXPECT_EQ(doc["agreements"][0]["checks"][0]["state"], "unknown");
  EXPECT_EQ(doc["agreements"][0]["checks"][0]["silent"], true);
}

TEST_F(LiveOf, KnowsTheSameWithAndWithoutWhatItSawBefore) {
  auto agent = agent_of();
  std::shared_ptr<const Live> before;
  const Outcome outcomes[] = {Outcome::up,   Outcome::up, Outcome::down,    Outcome::up,
                              Outcome::down, Outcome::up, Outcome::unknown, Outcome::unknown};
  WallTime now = kStart;
  for (const auto outcome : outcomes) {
    measured(agent, now, outcome);
    now += minutes(50);
    measured(agent, now, outcome);
    now += minutes(2);
    const auto afresh = document(*look_at(now));
    const auto on = look_at(now, before.get());
    EXPECT_EQ(document(*on)["agreements"], afresh["agreements"]);
    before = on;
  }
}

TEST_F(LiveOf, ShowsWhatPeopleSaid) {
  write("2.0.0", "2026-11-03T00:00:00",
        "  exclusions:\n    kinds:\n      maintenance:\n        notice: 1h\n        windows:\n"
        "          - {name: weekly, timeZone: UTC, dtstart: \"2026-11-08T02:00:00\", "
        "rrule: FREQ=WEEKLY, duration: 2h}\n");
  std::filesystem::remove(directory / "agreements" + "/1.0.0.yaml");
  load(kStart);
  const auto now = at("2026-11-05T12:00:00Z");
  const auto exclusion = [&](const std::string& id, const std::string& from,
                             const std::string& to) {
    return json{{"type", "exclusion"},   {"action", "claim"}, {"id", id},
                {"kind", "maintenance"}, {"from", from},      {"to", to}};
  };
  EXPECT_EQ(say(kAlice, exclusion("now", "2026-11-05T11:00:00Z", "2026-11-05T13:00:00Z"), now), "");
  EXPECT_EQ(say(kAlice, exclusion("past", "2026-11-04T11:00:00Z", "2026-11-04T13:00:00Z"), now),
            "");
  EXPECT_EQ(say(kAlice, exclusion("no", "2026-11-06T11:00:00Z", "2026-11-06T13:00:00Z"), now), "");
  EXPECT_EQ(say(kBob, {{"type", "exclusion"}, {"action", "reject"}, {"id", "no"}}, now), "");
  EXPECT_EQ(
      say(kBob, {{"type", "incident"}, {"event", "opened"}, {"id", "i-1"}, {"service", "shop"}},
          now),
      "");
  EXPECT_EQ(
      say(kBob, {{"type", "incident"}, {"event", "opened"}, {"id", "i-2"}, {"service", "shop"}},
          now),
      "");
  EXPECT_EQ(say(kAlice, {{"type", "incident"}, {"event", "resolved"}, {"id", "i-2"}}, now), "");
  const auto shop = document(*look_at(now))["agreements"][0];
  ASSERT_EQ(shop["incidents"].size(), 1U);
  EXPECT_EQ(shop["incidents"][0]["id"], "i-1");
  ASSERT_EQ(shop["exclusions"].size(), 6U) << shop["exclusions"];  // one said, five Sundays
  EXPECT_EQ(shop["exclusions"][0]["id"], "now");
  EXPECT_EQ(shop["exclusions"][0]["running"], true);
  EXPECT_EQ(shop["exclusions"][0]["state"], "claimed");
  EXPECT_EQ(shop["exclusions"][1]["id"], "weekly");
  EXPECT_EQ(shop["exclusions"][1]["running"], false);
  EXPECT_EQ(shop["exclusions"][1]["from"], "2026-11-08T02:00:00Z");
}

TEST_F(LiveOf, LinksTheNewestRevisionOfEachSealedPeriod) {
  const auto now = at("2026-12-04T00:00:00Z");
  seal(now);
  const auto live = look_at(now);
  const auto doc = document(*live);
  ASSERT_EQ(doc["agreements"][0]["reports"].size(), 1U);
  EXPECT_EQ(doc["agreements"][0]["reports"][0]["period"], "2026-11");
  EXPECT_EQ(doc["agreements"][0]["reports"][0]["verdict"], "NO_DATA");
  const auto page = page_of({Language::zh, {}, now, seconds(1)}, live.get());
  bool linked = false;
  for (const auto* link : page->all("a")) {
    linked = linked || link->attribute("href") ==
                           "/v1/reports?agreement=shop&format=html&lang=zh&period=2026-11&"
                           "revision=1";
  }
  EXPECT_TRUE(linked);
}

TEST_F(LiveOf, ShowsTheSignedHeadOfTheLog) {
  const auto doc = document(*look_at(kStart));
  EXPECT_EQ(doc["log"]["head"]["size"], log_size(db()));
  EXPECT_EQ(doc["log"]["key"], to_hex(store->log_key().public_key()));
  const auto page = page_of({Language::en, {}, kStart, seconds(1)}, look_at(kStart).get());
  const auto root = doc["log"]["head"]["root"].get<std::string>();
  EXPECT_NE(page->text.find(root), std::string::npos);
}

// --- from values alone

Live two_customers() {
  Live live;
  live.as_of = kStart;
  for (const char* name : {"acme", "zeta"}) {
    LiveAgreement one;
    one.name = name;
    one.vantages = {std::string(name) + "-edge", "shared"};
    live.agreements.push_back(std::move(one));
  }
  for (const char* name : {"acme-edge", "zeta-edge", "shared", "idle"}) {
    live.agents.emplace(name, LiveAgent{name, kStart, kStart, 0});
  }
  return live;
}

std::vector<std::string> names_of(const Visible& visible) {
  std::vector<std::string> out;
  for (const auto* each : visible.agreements) out.push_back(each->name);
  for (const auto& [name, agent] : visible.agents) out.push_back(name);
  return out;
}

TEST(LiveView, ShowsEachPersonItsAgreementsAndTheirAgentsAlone) {
  const auto live = two_customers();
  const Actor acme{"ann", Party::customer, false, {"acme"}, false};
  const Actor all{"desk", Party::provider, true, {}, false};
  using Names = std::vector<std::string>;
  EXPECT_EQ(names_of(visible_to({&acme, {}}, live)), (Names{"acme", "acme-edge", "shared"}));
  EXPECT_EQ(names_of(visible_to({&acme, "zeta"}, live)), Names{});
  EXPECT_EQ(names_of(visible_to({&acme, "acme"}, live)), (Names{"acme", "acme-edge", "shared"}));
  const Names everything{"acme", "zeta", "acme-edge", "idle", "shared", "zeta-edge"};
  EXPECT_EQ(names_of(visible_to({&all, {}}, live)), everything);
  EXPECT_EQ(names_of(visible_to({}, live)), everything);
  const auto text = live_page({Language::en, {&acme, {}}, kStart, seconds(1)}, &live) +
                    live_json(live, visible_to({&acme, {}}, live), kStart, seconds(1));
  EXPECT_EQ(text.find("zeta"), std::string::npos);
}

TEST(LiveView, CountsWhatIsTooMuchForOneAnswer) {
  Live live;
  for (std::size_t i = 0; i < kMostShown + 7; ++i) {
    LiveAgreement one;
    one.name = "a" + std::to_string(i);
    live.agreements.push_back(std::move(one));
  }
  const auto visible = visible_to({}, live);
  EXPECT_EQ(visible.agreements.size(), kMostShown);
  EXPECT_EQ(visible.more_agreements, 7U);
  EXPECT_NE(page_of({}, &live)->text.find("And 7 more agreements"), std::string::npos);
}

TEST(LivePageTest, SaysWhatToDoWhereNothingIsLoaded) {
  const Live live;
  const Actor ann{"ann", Party::customer, false, {"acme"}, false};
  const auto of = [&](const Viewer& viewer, Language language) {
    return page_of({language, viewer, kStart, seconds(1)}, &live)->text;
  };
  EXPECT_NE(of({}, Language::en).find("systemctl reload nines-collector"), std::string::npos);
  EXPECT_NE(of({}, Language::zh).find("systemctl reload nines-collector"), std::string::npos);
  EXPECT_NE(of({&ann, {}}, Language::en).find("that ann may see"), std::string::npos);
  EXPECT_NE(of({&ann, "other"}, Language::en).find("No agreement other"), std::string::npos);
  EXPECT_NE(of({}, Language::en).find("No agent has sent anything yet"), std::string::npos);
}

// Everything that a configuration, an agent or a person may name.
Live hostile() {
  Live live;
  live.as_of = kStart;
  LiveAgreement one;
  one.name = one.version = kHostile;
  one.checks.push_back({kHostile, kHostile, kHostile, Outcome::down, false, kHostile, kHostile,
                        kStart, kStart, false});
  IncidentCase incident;
  incident.service = incident.priority = kHostile;
  one.incidents.push_back({kHostile, incident});
  one.exclusions.push_back(
      {kHostile, kHostile, kHostile, "claimed", kStart, kStart + hours(1), true});
  one.reports.push_back({kHostile, 1, kStart, sla::Verdict::breached});
  one.vantages = {kHostile};
  Judged judged;
  judged.at = kStart;
  sla::Report report;
  sla::ObjectiveReport objective;
  objective.name = objective.service = objective.target = kHostile;
  objective.verdict = sla::Verdict::breached;
  objective.budget = sla::Budget{sla::Rational(1000), 2000};
  report.objectives.push_back(objective);
  constexpr sla::Phrase kBare{"{0}", "{0}"};
  report.warnings = {{kBare, {kHostile}, {}}};
  judged.report = std::move(report);
  judged.services = {{kHostile, sla::Phase::down, kStart, true}};
  one.judged = std::make_shared<const Judged>(std::move(judged));
  live.agreements.push_back(std::move(one));
  live.agents.emplace(kHostile, LiveAgent{kHostile, kStart, kStart, 1});
  return live;
}

TEST(LivePageTest, LetsNoNameBecomeMoreThanText) {
  const auto live = hostile();
  for (const auto language : {Language::en, Language::zh}) {
    const Actor actor{kHostile, Party::customer, true, {}, false};
    const auto page = page_of({language, {&actor, kHostile}, kStart, seconds(1)}, &live);
    EXPECT_EQ(page->all("script").size(), 1U);
    EXPECT_EQ(page->all("script")[0]->text, kLiveScript);
    EXPECT_NE(page->text.find(kHostile), std::string::npos);
    for (const auto* link : page->all("a")) {
      EXPECT_EQ(link->attribute("href").find_first_of("<>\"' "), std::string::npos);
    }
  }
  EXPECT_FALSE(
      json::parse(live_json(live, visible_to({}, live), kStart, seconds(1)), nullptr, false)
          .is_discarded());
}

TEST(LivePageTest, AllowsItsOwnStyleAndScriptAndNothingElse) {
  const auto live = hostile();
  const auto page = page_of({}, &live);
  ASSERT_EQ(page->all("style").size(), 1U);
  EXPECT_EQ(page->all("style")[0]->text, live_style());
  page->walk([](const Element& each) {
    EXPECT_EQ(each.attribute("style"), "") << each.name;  // which the policy forbids
    for (const auto& [name, value] : each.attributes) EXPECT_FALSE(name.starts_with("on")) << name;
    EXPECT_EQ(each.attribute("src"), "");
  });
  const auto& policy = live_policy();
  EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(policy.find("http"), std::string::npos);
}

TEST(LivePageTest, IsWholeForWhoSeesNoPictureAndNoColour) {
  const auto live = hostile();
  const auto page = page_of({}, &live);
  EXPECT_EQ(page->all("h1").size(), 1U);
  EXPECT_EQ(page->all("main").size(), 1U);
  for (const auto* table : page->all("table")) {
    EXPECT_EQ(table->children.at(0)->name, "caption");
    for (const auto* head : table->all("th")) EXPECT_NE(head->attribute("scope"), "");
  }
  for (const auto* svg : page->all("svg")) EXPECT_NE(svg->attribute("aria-label"), "");
  for (const auto* word :
       {"✗ BREACHED", "✗ down", "over budget", "running now", "before 2026-11"}) {
    EXPECT_NE(page->text.find(word), std::string::npos) << word;
  }
  EXPECT_TRUE(has_table(*page, "Services and checks now"));
  std::set<std::string> ids;
  page->walk([&](const Element& each) {
    const auto id = each.attribute("id");
    if (!id.empty()) {
      EXPECT_TRUE(ids.insert(id).second) << id;
    }
  });
  page->walk([&](const Element& each) {
    const auto named = each.attribute("aria-labelledby");
    if (!named.empty()) {
      EXPECT_TRUE(ids.contains(named)) << named;
    }
  });
}

TEST(LivePageTest, SaysThatItIsStaleEvenWithoutScript) {
  const auto live = two_customers();
  auto fresh = page_of({Language::en, {}, kStart, kStaleAfter}, &live);
  ASSERT_NE(with_id(*fresh, "stale"), nullptr);
  EXPECT_EQ(with_id(*fresh, "stale")->attribute("hidden"), "hidden");
  EXPECT_EQ(with_id(*fresh, "live")->attribute("data-age-ms"), "120000");
  auto old = page_of({Language::en, {}, kStart, kStaleAfter + seconds(1)}, &live);
  EXPECT_EQ(with_id(*old, "stale")->attribute("hidden"), "");
  EXPECT_NE(with_id(*old, "stale")->text.find("2026-11-02 00:00:00 UTC"), std::string::npos);
  EXPECT_NE(page_of({Language::zh, {}, kStart, kStaleAfter + seconds(1)}, &live)
                ->text.find("数据停止更新于"),
            std::string::npos);
}

TEST(LivePageTest, TellsWhenFiguresAreOlderThanTheRest) {
  auto live = hostile();
  live.as_of = kStart + minutes(5);
  EXPECT_NE(page_of({}, &live)->text.find("figures as of 2026-11-02 00:00:00"), std::string::npos);
  live.as_of = kStart + minutes(1);
  EXPECT_EQ(page_of({}, &live)->text.find("figures as of"), std::string::npos);
}

}  // namespace
}  // namespace nines::collector::live_test
