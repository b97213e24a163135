// SPDX-License-Identifier: Apache-2.0
// Canaries and causes in whole judgements: what an agent's lost uplink does to the seconds of a
// service, and that every unknown second has one cause.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "sla/render/report_json.h"
#include "sla/render/report_text.h"
#include "sla/tools/lint.h"
#include "support.h"

namespace nines::sla::uplink_test {
namespace {

constexpr Cause kStopped = static_cast<Cause>(Reason::agent_stopped);
const char* const kOne = "tcp://192.0.2.1:53";
const char* const kTwo = "tcp://198.51.100.1:53";

const std::int64_t kDay = at("2026-03-02T00:00:00Z");

struct Stretch {
  std::int64_t from, to;  // seconds of the day
  Outcome outcome;
  Cause cause = Cause::unstated;
};

// A day at 30 s, `phase` seconds into the grid.
Series day_of(const std::string& check,
              const std::vector<Stretch>& stretches,
              const std::string& vantage = "edge",
              std::int64_t phase = 0) {
  Series out = series(vantage, check);
  for (std::int64_t t = phase; t < 86'400; t += 30) {
    Sample sample{kDay + t * kSecondNs, kUp, {}, {}};
    for (const Stretch& each : stretches) {
      if (each.from > t || t >= each.to) continue;
      sample.outcome = each.outcome;
      sample.cause = each.cause;
    }
    out.samples.push_back(sample);
  }
  return out;
}

Words with_canaries(const std::string& more = "") {
  Words w;
  w.measurement = std::string("    canaries: [\"") + kOne + "\", \"" + kTwo + "\"]\n" + more;
  return w;
}

ObjectiveReport one_day(const Words& words, std::vector<Series> all) {
  return judged(words, std::move(all), "2026-03-02").objectives.at(0);
}

using Parts = std::map<std::string, std::int64_t>;  // seconds

Parts parts(const ObjectiveReport& o) {
  Parts out;
  std::int64_t sum = 0;
  for (const auto& [cause, length] : o.unknown_by) {
    out[std::string(name(cause))] += length / kSecondNs;
    sum += length;
  }
  EXPECT_EQ(sum, o.seconds.unknown);
  return out;
}

const std::vector<Stretch> kLost{{36'000, 36'120, kDown}};

TEST(Uplink, FailuresWhileNoCanaryAnswersAreUnknownAndTheirCauseIsTheUplink) {
  const ObjectiveReport o = one_day(
      with_canaries(),
      {day_of("web", kLost), day_of(kOne, kLost, "edge", 5), day_of(kTwo, kLost, "edge", 10)});
  EXPECT_EQ(o.seconds.down, 0);
  EXPECT_EQ(o.seconds.unknown, 120 * kSecondNs);
  EXPECT_EQ(parts(o), (Parts{{"uplink", 120}}));
  EXPECT_TRUE(o.outages.empty());
}

TEST(Uplink, OneCanaryThatAnswersLeavesTheFailuresToTheService) {
  const ObjectiveReport o =
      one_day(with_canaries(),
              {day_of("web", kLost), day_of(kOne, kLost, "edge", 5), day_of(kTwo, {}, "edge", 10)});
  EXPECT_EQ(o.seconds.down, 120 * kSecondNs);
  EXPECT_EQ(parts(o), Parts{});
}

TEST(Uplink, WithoutCanariesInTheAgreementTheirResultsMeanNothing) {
  for (const char* none : {"", "    canaries: []\n"}) {
    Words w;
    w.measurement = none;
    const ObjectiveReport o =
        one_day(w, {day_of("web", kLost), day_of(kOne, kLost), day_of(kTwo, kLost)});
    EXPECT_EQ(o.seconds.down, 120 * kSecondNs);
  }
}

TEST(Uplink, AnUpStaysUpWhileTheUplinkIsLost) {
  const ObjectiveReport o =
      one_day(with_canaries(), {day_of("web", {{36'000, 36'060, kDown}}),  // up again at 36 060
                                day_of(kOne, kLost, "edge", 5), day_of(kTwo, kLost, "edge", 10)});
  EXPECT_EQ(o.seconds.unknown, 60 * kSecondNs);
  EXPECT_EQ(o.seconds.up, (86'400 - 60) * kSecondNs);
}

TEST(Uplink, AFailureAtTheVeryInstantOfAnAnswerCounts) {
  // All on one grid: the answers at 35 970 and 36 120 are no part of the loss between them.
  const std::vector<Stretch> longer{{35'970, 36'150, kDown}};
  const ObjectiveReport o =
      one_day(with_canaries(), {day_of("web", longer), day_of(kOne, kLost), day_of(kTwo, kLost)});
  EXPECT_EQ(o.seconds.down, 60 * kSecondNs);  // 30 s from each of the two instants
  EXPECT_EQ(parts(o), (Parts{{"uplink", 120}}));
}

TEST(Uplink, ALocalCheckIsNeverExcused) {
  Words w = with_canaries();
  w.checks = "      - {name: web, every: 30s, path: local, http: {url: \"http://10.0.0.1/\"}}\n";
  const ObjectiveReport o =
      one_day(w, {day_of("web", kLost), day_of(kOne, kLost), day_of(kTwo, kLost)});
  EXPECT_EQ(o.seconds.down, 120 * kSecondNs);
}

TEST(Uplink, EachVantageHasItsOwnCanaries) {
  std::vector<Series> all;
  for (const char* vantage : {"a", "b"}) {
    all.push_back(day_of("web", kLost, vantage));
    for (const char* canary : {kOne, kTwo}) {
      all.push_back(day_of(canary, vantage[0] == 'a' ? kLost : std::vector<Stretch>{}, vantage, 5));
    }
  }
  // Both are needed for down: one says so, the other cannot tell.
  const ObjectiveReport o = one_day(with_canaries(), all);
  EXPECT_EQ(o.seconds.down, 0);
  EXPECT_EQ(parts(o), (Parts{{"uplink", 120}}));
  Words any = with_canaries("    quorum: {k: 1, of: 2}\n");
  EXPECT_EQ(one_day(any, all).seconds.down, 120 * kSecondNs);
}

TEST(Uplink, SaysWhichCanaryAVantageDoesNotMeasure) {
  const Report report =
      judged(with_canaries(), {day_of("web", kLost), day_of(kOne, kLost)}, "2026-03-02");
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_EQ(warning_text(report.warnings[0]),
            "canary 'tcp://198.51.100.1:53': no results of vantage 'edge'");
  EXPECT_EQ(report.objectives.at(0).seconds.down, 0);  // the other one decides
}

TEST(Uplink, CanaryResultsBehindTheInstantOfTheQuestionAreNotUsed) {
  const std::vector<Series> all{day_of("web", kLost), day_of(kOne, kLost, "edge", 20),
                                day_of(kTwo, kLost, "edge", 25)};
  const auto down_as_of = [&](const char* instant) {
    const Report report =
        judged({agreement(with_canaries())}, all, {"2026-03-02", WallTime{at(instant)}});
    return report.objectives.at(0).seconds.down / kSecondNs;
  };
  EXPECT_EQ(down_as_of("2026-03-02T10:00:10Z"), 10);  // nobody knows better yet
  EXPECT_EQ(down_as_of("2026-03-02T10:00:40Z"), 0);
}

TEST(Uplink, SuppliesOneBeliefMoreOnBothSides) {
  const auto needed = samples_needed({agreement(with_canaries())}, {"2026-03-02", {}});
  ASSERT_TRUE(needed);
  const std::int64_t reach = (kEpisodeReach + seconds(75)).count();
  EXPECT_EQ(needed->from, kDay - reach);
  EXPECT_EQ(needed->to, kDay + 86'400 * kSecondNs + reach);
}

// ---- causes ----

TEST(Causes, EveryUnknownSecondHasOne) {
  Series web = day_of("web", {{3600, 4200, kUnknown, kStopped}, {7200, 7260, kUnknown}});
  web.samples = without(web.samples, [](const Sample& s) {
    const std::int64_t t = (s.at_ns - kDay) / kSecondNs;
    return t > 50'000 && t < 50'600;
  });
  const ObjectiveReport o = one_day({}, {web});
  const Parts found = parts(o);
  EXPECT_EQ(found.at("agent_stopped"), 600);
  EXPECT_EQ(found.at("unstated"), 60);
  EXPECT_EQ(found.at("no_results"), 555);  // from 49 980 + 75 to 50 610
  EXPECT_EQ(found.size(), 3U);
}

TEST(Causes, AnotherDefinitionIsOne) {
  Series other = day_of("web", {});
  other.check_digest = Digest{};
  EXPECT_EQ(parts(one_day({}, {other})), (Parts{{"check_differs", 86'400}}));
}

TEST(Causes, NothingMeasuredHasNoResults) {
  EXPECT_EQ(parts(one_day({}, {})), (Parts{{"no_results", 86'400}}));
}

TEST(Causes, AreOfTheFirstVantageInNameOrderThatIsUnknown) {
  Words w;
  w.measurement = "    vantages: [c, b, a]\n    quorum: {k: 2, of: 3}\n";
  const Cause overload = static_cast<Cause>(Reason::agent_overloaded);
  const std::vector<Series> all{
      day_of("web", {{600, 900, kUnknown, overload}, {1200, 1500, kUnknown, overload}}, "c"),
      day_of("web", {{600, 900, kUnknown, kStopped}}, "b"),
      day_of("web", {{0, 86'400, kDown}}, "a")};
  // From 600 to 900 a is down, b and c are unknown: b speaks. From 1 200 on b is up: c speaks.
  EXPECT_EQ(parts(one_day(w, all)), (Parts{{"agent_stopped", 300}, {"agent_overloaded", 300}}));
  // A vantage that is listed and silent comes in its place of the order.
  EXPECT_EQ(parts(one_day(w, {all[0]})), (Parts{{"no_results", 86'400}}));
}

TEST(Causes, OfSeveralChecksAreThoseOfTheFirstThatIsUnknown) {
  Words w;
  w.checks =
      "      - {name: web, every: 30s, http: {url: \"https://shop.example/\"}}\n"
      "      - {name: db, every: 30s, tcp: {address: \"db.example:1\"}}\n";
  EXPECT_EQ(parts(one_day(w, {day_of("web", {{600, 900, kUnknown, kStopped}}),
                              day_of("db", {{0, 1200, kUnknown}})})),
            (Parts{{"agent_stopped", 300}, {"unstated", 900}}));
}

TEST(Causes, StandInTheReport) {
  const Report report =
      judged(with_canaries(),
             {day_of("web", {{36'000, 36'120, kDown}, {3600, 4200, kUnknown, kStopped}}),
              day_of(kOne, kLost, "edge", 5), day_of(kTwo, kLost, "edge", 10)},
             "2026-03-02");
  const auto json = nlohmann::json::parse(report_json(report));
  EXPECT_EQ(json.at("objectives").at(0).at("unknown_by"),
            (nlohmann::json{{"agent_stopped", 600}, {"uplink", 120}}));
  const std::string text = report_text(report, false);
  const std::size_t whole = text.find("  unmeasured               720 s ");
  const std::size_t stopped =
      text.find("\n    agent_stopped          600 s                    10 min\n");
  const std::size_t uplink =
      text.find("\n    uplink                 120 s                     2 min\n");
  EXPECT_LT(whole, stopped) << text;
  EXPECT_LT(stopped, uplink) << text;
  EXPECT_NE(uplink, std::string::npos) << text;
}

TEST(Causes, HaveNamesThatNothingElseHas) {
  EXPECT_EQ(name(cause_of(Reason::agent_uplink)), "uplink");
  EXPECT_EQ(name(cause_of(Reason::spool_full)), "spool_full");
  EXPECT_EQ(cause_of(Reason::connect_refused), Cause::unstated);
  EXPECT_EQ(cause_of(Reason::ok), Cause::unstated);
  EXPECT_EQ(name(Cause::unstated), "unstated");
  EXPECT_FALSE(reason_from_number(static_cast<std::uint32_t>(Cause::check_differs)));
  EXPECT_FALSE(reason_from_number(static_cast<std::uint32_t>(Cause::no_results)));
}

// ---- a second reading, second by second ----

struct Drawn {
  std::vector<Series> series;
  std::size_t checks = 1, vantages = 1, k = 1;
  std::vector<bool> local;
};

constexpr int kBelief = 20;  // seconds, of everything

Outcome held_at(const Drawn& d,
                const std::string& check,
                const std::string& vantage,
                int t,
                bool skip_unknown,
                std::int64_t* since,
                Cause* cause) {
  Outcome outcome = kUnknown;
  *since = -1;
  *cause = Cause::no_results;
  for (const Series& each : d.series) {
    if (each.check != check || each.vantage != vantage) continue;
    for (const Sample& s : each.samples) {
      const std::int64_t at_s = (s.at_ns - kDay) / kSecondNs;
      if (at_s > t || at_s < *since || (skip_unknown && s.outcome == kUnknown)) continue;
      *since = at_s;
      outcome = s.outcome;
      *cause = s.cause;
    }
  }
  if (*since >= 0 && t < *since + kBelief) return outcome;
  *cause = Cause::no_results;
  *since = -1;
  return kUnknown;
}

enum class Link { silent, good, lost };

Link link_at(const Drawn& d, const std::string& vantage, int t, bool* answer) {
  Link link = Link::silent;
  *answer = false;
  for (const char* canary : {kOne, kTwo}) {
    std::int64_t since = -1;
    Cause cause{};
    const Outcome outcome = held_at(d, canary, vantage, t, true, &since, &cause);
    *answer = *answer || (outcome == kUp && since == t);
    if (since < 0 || link == Link::good) continue;
    link = outcome == kUp ? Link::good : Link::lost;
  }
  return link;
}

bool excused_at(const Drawn& d, const std::string& vantage, std::int64_t t) {
  for (const int step : {1, -1}) {
    for (std::int64_t i = t; i >= 0 && i < 400; i += step) {
      bool answer = false;
      const Link link = link_at(d, vantage, static_cast<int>(i), &answer);
      if (answer || link == Link::silent) break;
      if (link == Link::lost) return true;
    }
  }
  return false;
}

// The state of the service at a second, and if that is unknown its cause.
Outcome slow_state(const Drawn& d, int t, Cause* cause) {
  Outcome service = kUp;
  for (std::size_t c = 0; c < d.checks; ++c) {
    std::size_t down = 0, unknown = 0;
    Cause first = Cause::no_results;
    for (std::size_t v = 0; v < d.vantages; ++v) {
      const std::string vantage = "v" + std::to_string(v);
      std::int64_t since = -1;
      Cause its{};
      Outcome outcome = held_at(d, "c" + std::to_string(c), vantage, t, false, &since, &its);
      if (outcome == kDown && !d.local[c] && excused_at(d, vantage, since)) {
        outcome = kUnknown;
        its = Cause::uplink;
      }
      if (outcome == kUnknown && unknown++ == 0) first = its;
      down += outcome == kDown ? 1 : 0;
    }
    if (down >= d.k) return kDown;
    if (down + unknown >= d.k && service == kUp) {
      service = kUnknown;
      *cause = first;
    }
  }
  return service;
}

Agreement agreement_of(const Drawn& d) {
  Words w;
  w.checks.clear();
  for (std::size_t c = 0; c < d.checks; ++c) {
    w.checks += "      - {name: c" + std::to_string(c) + ", every: 10s" +
                (d.local[c] ? ", path: local" : "") + ", tcp: {address: \"x:1\"}}\n";
  }
  std::string vantages;
  for (std::size_t v = 0; v < d.vantages; ++v) {
    vantages += (v > 0 ? ", v" : "v") + std::to_string(v);
  }
  w.measurement = with_canaries("    belief: 20s\n    vantages: [" + vantages +
                                "]\n    quorum: {k: " + std::to_string(d.k) + "}\n")
                      .measurement;
  return agreement(w);
}

Drawn draw(std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  Drawn d;
  d.checks = static_cast<std::size_t>(pick(1, 2));
  d.vantages = static_cast<std::size_t>(pick(1, 3));
  d.k = static_cast<std::size_t>(pick(1, static_cast<int>(d.vantages)));
  for (std::size_t c = 0; c < d.checks; ++c) d.local.push_back(pick(0, 4) == 0);
  const Reason reasons[] = {Reason::agent_stopped, Reason::agent_overlap, Reason::agent_uplink};
  std::vector<std::string> names{kOne, kTwo};
  for (std::size_t c = 0; c < d.checks; ++c) names.push_back("c" + std::to_string(c));
  for (std::size_t v = 0; v < d.vantages; ++v) {
    for (const std::string& each : names) {
      if (pick(0, 9) == 0) continue;
      Series s = series("v" + std::to_string(v), each);
      Outcome outcome = kUp;
      for (int t = pick(0, 9); t < 200; t += pick(0, 9) == 0 ? pick(1, 50) : 10) {
        if (pick(0, 2) == 0) outcome = static_cast<Outcome>(pick(0, 2));
        Sample sample{kDay + t * kSecondNs, outcome, {}, {}};
        if (outcome == kUnknown) sample.cause = cause_of(reasons[pick(0, 2)]);
        s.samples.push_back(sample);
      }
      d.series.push_back(std::move(s));
    }
  }
  return d;
}

TEST(Causes, AgreeWithASecondReadingAtEverySecondAndAddUp) {
  std::mt19937 random(31);
  std::map<std::string, int> met;
  for (int i = 0; i < 120; ++i) {
    const Drawn d = draw(random);
    Parts expected;
    std::int64_t down = 0;
    for (int t = 40; t < 180; ++t) {
      Cause cause = Cause::unstated;
      const Outcome outcome = slow_state(d, t, &cause);
      if (outcome == kUnknown) ++expected[std::string(name(cause))];
      down += outcome == kDown ? 1 : 0;
    }
    const Report report = judged({agreement_of(d)}, d.series,
                                 {"2026-03-02T00:00:40Z/2026-03-02T00:03:00Z", std::nullopt});
    const ObjectiveReport& o = report.objectives.at(0);
    ASSERT_EQ(parts(o), expected) << i;
    ASSERT_EQ(o.seconds.down, down * kSecondNs) << i;
    for (const auto& [cause, length] : expected) ++met[cause];
  }
  for (const char* cause : {"uplink", "agent_stopped", "agent_overlap", "no_results"}) {
    EXPECT_GT(met[cause], 10) << cause;
  }
}

// ---- the agreement's words ----

TEST(CanaryWords, AreReadAndChecked) {
  const Agreement a = agreement(with_canaries());
  EXPECT_EQ(*a.canaries, (std::vector<std::string>{kOne, kTwo}));
  EXPECT_EQ(a.canary_belief, seconds(75));
  EXPECT_FALSE(a.checks.at(0).local);
  EXPECT_FALSE(agreement({}).canaries);
  EXPECT_EQ(agreement(with_canaries("    belief: 40s\n")).canary_belief, seconds(40));
  Words slow = with_canaries();
  slow.checks = "      - {name: web, every: 2m, http: {url: \"https://shop.example/\"}}\n";
  EXPECT_EQ(agreement(slow).canary_belief, minutes(5));
  slow.checks = "      - {name: web, every: 1s, http: {url: \"https://shop.example/\"}}\n";
  EXPECT_EQ(agreement(slow).canary_belief, seconds(75));
}

TEST(CanaryWords, ChangeTheDigest) {
  EXPECT_NE(agreement(with_canaries()).digest, agreement({}).digest);
}

TEST(CanaryWords, TooManyAreRefused) {
  Words w;
  w.measurement = "    canaries: [";
  for (int i = 0; i < 33; ++i) w.measurement += "\"icmp://192.0.2." + std::to_string(i) + "\", ";
  w.measurement += "]\n";
  EXPECT_NE(complaint(w).find("more than 32 canaries"), std::string::npos) << complaint(w);
}

std::string findings(const std::string& canaries) {
  Words w;
  w.measurement = canaries;
  std::string out;
  for (const Finding& each : lint(agreement(w), tree(yaml(w)))) out += each.text + "\n";
  return out;
}

TEST(CanaryWords, LintSpeaksOfTooFewAndOfTheGateway) {
  EXPECT_EQ(findings("    canaries: []\n"), "");
  EXPECT_EQ(findings(with_canaries().measurement), "");
  EXPECT_NE(findings("").find("no canaries: "), std::string::npos);
  EXPECT_NE(
      findings("    canaries: [\"tcp://192.0.2.1:53\"]\n").find("one canary 'tcp://192.0.2.1:53'"),
      std::string::npos);
  const std::string gateway =
      findings("    canaries: [\"icmp://gateway\", \"tcp://192.0.2.1:53\"]\n");
  EXPECT_NE(gateway.find("canary 'icmp://gateway': "), std::string::npos) << gateway;
}

}  // namespace
}  // namespace nines::sla::uplink_test
