// SPDX-License-Identifier: Apache-2.0
// Confirmation, minimum outages, outage rules, quorum, membership, composition, late results and
// suspicion: S3, S8 to S10, S12, S15, S18 to S20, S53, S59.
#include <gtest/gtest.h>

#include "support.h"

namespace nines::sla::time_rules_test {
namespace {

constexpr char kDay[] = "2026-03-02";
constexpr std::int64_t kMinute = 60 * kSecondNs;

std::int64_t start() { return at("2026-03-02T00:00:00Z"); }

// One letter is one result, half a minute after the one before: u, d, ? (unknown) and a space (no
// result); the rest of the day is up.
Series letters(const std::string& text,
               const std::string& vantage = "edge",
               const std::string& check = "web") {
  Series out = series(vantage, check);
  std::int64_t t = start();
  for (const char c : text) {
    if (c != ' ') {
      const Outcome outcome = c == 'u' ? Outcome::up : c == 'd' ? Outcome::down : Outcome::unknown;
      out.samples.push_back({t, outcome, {}, std::nullopt});
    }
    t += 30 * kSecondNs;
  }
  add(out, t, start() + 24 * 60 * kMinute, 30, Outcome::up);
  return out;
}

Words measured(const std::string& lines) {
  Words w;
  w.measurement = lines;
  return w;
}

ObjectiveReport one(const Words& w,
                    std::vector<Series> all,
                    const std::vector<MembershipEvent>& memberships = {}) {
  const auto out =
      judge({agreement(w)}, std::move(all), {kDay, std::nullopt}, {{}, {}, memberships});
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? out->objectives.at(0) : ObjectiveReport{};
}

std::int64_t seconds(std::int64_t ns) { return ns / kSecondNs; }

struct States {
  std::int64_t down, unknown, blip, blips;

  bool operator==(const States&) const = default;
};

std::ostream& operator<<(std::ostream& out, const States& s) {
  return out << s.down << " down " << s.unknown << " unknown " << s.blip << " blip " << s.blips;
}

TEST(Confirmation, DatesAChangeFromTheFirstResultOfTheRunThatConfirmsIt) {
  struct Row {
    std::string text;
    States expected;
  };

  const Row rows[] = {
      {"uuddduu", {90, 0, 0, 0}},
      {"uudduu", {0, 0, 60, 1}},           // never confirmed
      {"uuddduddduu", {210, 0, 0, 0}},     // one success does not end it
      {"uudduudduu", {0, 0, 120, 2}},      //
      {"dduu", {0, 0, 60, 1}},             // at the start: what is confirmed later
      {"duddduu", {150, 0, 0, 0}},         //
      {"dd?uu", {0, 90, 0, 0}},            // a segment of its own, in which nothing is confirmed
      {"uudd?uu", {0, 30, 60, 1}},         // ended by an unknown result
      {"uuddd   dduu", {135, 45, 60, 1}},  // silence longer than belief ends the segment
      {"uuddd  dduu", {135, 15, 60, 1}},   // 90 s are longer than the belief of 75 s
      {"uuddd dduu", {180, 0, 0, 0}},      // 60 s are not
  };
  const Words w = measured("    confirm: {downAfter: 3, upAfter: 2, startAt: firstFailure}\n");
  for (const Row& row : rows) {
    const ObjectiveReport o = one(w, {letters(row.text)});
    const States got{seconds(o.seconds.down), seconds(o.seconds.unknown), seconds(o.blip_ns),
                     o.blips};
    EXPECT_EQ(got, row.expected) << row.text;
  }
}

TEST(Confirmation, BoundsAreThoseOfTheConfirmedOutage) {
  const Words w = measured("    confirm: {downAfter: 2, upAfter: 2}\n");
  const ObjectiveReport o = one(w, {letters("uuddudduu")});
  ASSERT_EQ(o.outages.size(), 1U);
  EXPECT_EQ(seconds(o.outages[0].whole_down_ns), 150);
  EXPECT_EQ(seconds(o.outages[0].least_ns), 120);  // first to last failure
  EXPECT_EQ(seconds(o.outages[0].most_ns), 180);   // success to success
}

TEST(MinimumOutage, ForgivesShortEpisodesAndCountsDownSecondsOfTheOthers) {
  const Words w = measured("    minimumOutage: {duration: 60s, mergeGap: 61s}\n");
  const ObjectiveReport o = one(w, {letters("uuduuuuudduuuuduuduuu")});
  // One of 30 s is forgiven; one of 60 s counts; two of 30 s with 60 s between are one of 120 s.
  EXPECT_EQ(seconds(o.forgiven_short_ns), 30);
  EXPECT_EQ(seconds(o.seconds.down), 120);
  ASSERT_EQ(o.outages.size(), 3U);
  EXPECT_FALSE(o.outages[0].counted);
  EXPECT_EQ(o.outages[0].down_ns, 0);
  EXPECT_EQ(seconds(o.outages[0].whole_down_ns), 30);
  EXPECT_TRUE(o.outages[1].counted);
  EXPECT_EQ(seconds(o.outages[2].whole.to - o.outages[2].whole.from), 120);
  EXPECT_EQ(seconds(o.outages[2].whole_down_ns), 60);
}

TEST(MinimumOutage, LooksAtWholeEpisodesBeyondThePeriod) {
  Series s = series();
  const std::int64_t midnight = start();
  add(s, midnight - 10 * kMinute, midnight - kMinute, 30, Outcome::up);
  add(s, midnight - kMinute, midnight + kMinute / 2, 30, Outcome::down);
  add(s, midnight + kMinute / 2, midnight + 24 * 60 * kMinute, 30, Outcome::up);
  const ObjectiveReport o = one(measured("    minimumOutage: {duration: 90s}\n"), {s});
  EXPECT_EQ(seconds(o.seconds.down), 30);  // of 90 s
  EXPECT_EQ(one(measured("    minimumOutage: {duration: 91s}\n"), {s}).seconds.down, 0);
}

TEST(MinimumOutage, ForgivesAtMostTheCapInOrderOfTime) {
  const Words w = measured("    minimumOutage: {duration: 60s, forgivenCap: 45s}\n");
  const ObjectiveReport o = one(w, {letters("uuduuuduuuduu")});
  EXPECT_EQ(seconds(o.forgiven_short_ns), 45);
  EXPECT_EQ(seconds(o.seconds.down), 45);
  ASSERT_EQ(o.outages.size(), 3U);
  EXPECT_FALSE(o.outages[0].counted);
  EXPECT_EQ(seconds(o.outages[1].down_ns), 15);
  EXPECT_TRUE(o.outages[1].counted);
  EXPECT_EQ(seconds(o.outages[2].down_ns), 30);
}

TEST(MinimumOutage, BreaksWithinAnEpisodeDoNotLengthenIt) {
  Words w = measured("    minimumOutage: {duration: 60s, mergeGap: 61s}\n");
  w.objectives = "    - {name: recovery, statistic: longest-outage, max: 60s}\n";
  const ObjectiveReport o = one(w, {letters("uuduuduu")});  // 30 s, 60 s up, 30 s
  EXPECT_EQ(*o.nominal, Rational(60 * kSecondNs));
  EXPECT_EQ(o.verdict, Verdict::met);
}

TEST(OutageRule, CountsOnlyFullMinutesOfAnOutage) {
  const ObjectiveReport o =
      one(measured("    outageRule: {rule: elapsed-full-minutes}\n"), {letters("uuddduuduu")});
  EXPECT_EQ(seconds(o.seconds.down), 60);
  EXPECT_EQ(seconds(o.forgiven_short_ns), 60);
  ASSERT_EQ(o.outages.size(), 2U);
  EXPECT_TRUE(o.outages[0].counted);
  EXPECT_FALSE(o.outages[1].counted);
}

TEST(OutageRule, AMinuteIsDownIfAllAttemptsFailed) {
  const Words w = measured("    outageRule: {rule: all-attempts-fail, slice: 1m}\n");
  // Minutes: uu dd dd uu ud dd du uu
  EXPECT_EQ(seconds(one(w, {letters("uudddduuudddduuu")}).seconds.down), 60 + 60 + 60);
  EXPECT_EQ(seconds(one(w, {letters("uududuuu")}).seconds.down), 0);
  // Pooled over vantages: one that succeeds is enough.
  EXPECT_EQ(seconds(one(w, {letters("uudddd", "a"), letters("uuuudd", "b")}).seconds.down), 60);
  // Without attempts what is believed is up.
  EXPECT_EQ(seconds(one(w, {letters("uudd  uu")}).seconds.down), 60);
  EXPECT_EQ(seconds(one(w, {letters("uudd  uu")}).seconds.unknown), 15);
}

TEST(OutageRule, AMinuteIsDownIfMoreThanTheAgreedShareFailed) {
  const Words w =
      measured("    outageRule: {rule: error-rate, over: \"50\", minimum: 4, slice: 2m}\n");
  EXPECT_EQ(seconds(one(w, {letters("uuuuddduuuuu")}).seconds.down), 120);  // 3 of 4
  EXPECT_EQ(seconds(one(w, {letters("uuuudduuuuuu")}).seconds.down), 0);    // 2 of 4
  EXPECT_EQ(seconds(one(w, {letters("uuuuddd uuuu")}).seconds.down), 0);    // only three attempts
}

TEST(OutageRule, AnHourIsDownIfItHeldMoreThanTheAgreedDowntime) {
  const Words w = measured("    outageRule: {rule: down-longer-than, over: 6m, slice: 1h}\n");
  EXPECT_EQ(seconds(one(w, {letters("uu" + std::string(12, 'd'))}).seconds.down), 0);
  EXPECT_EQ(seconds(one(w, {letters("uu" + std::string(13, 'd'))}).seconds.down), 3600);
  EXPECT_EQ(seconds(one(w, {letters("uu" + std::string(12, 'd'))}).forgiven_short_ns), 360);
}

TEST(Quorum, OfTheKnownIsTheirMajorityAndATieIsUpAndPartial) {
  const Words w =
      measured("    vantages: [a, b, c]\n    quorum: {rule: majority-of-known, minKnown: 2}\n");
  const ObjectiveReport o =
      one(w, {letters("uuddddduu", "a"), letters("uudduu?uu", "b"), letters("uud??????", "c")});
  // a: d d d d d; b: d d u u ?; c: d ? ? ? ? – then only a is known.
  EXPECT_EQ(seconds(o.seconds.down), 60);
  EXPECT_EQ(seconds(o.partial_ns), 90);
  EXPECT_EQ(seconds(o.seconds.unknown), 30);
}

TEST(Membership, CountsThoseInServiceAtEachInstant) {
  Words w = measured("    vantages: [a, b, c]\n");
  const auto all = [] {
    return std::vector<Series>{letters("uudddduu", "a"), letters("uudddduu", "b"),
                               letters("uuuuuuuu", "c")};
  };
  EXPECT_EQ(seconds(one(w, all()).seconds.down), 120);
  // Without b the two others need a majority of two, which a alone is not.
  const MembershipEvent gone{MembershipEvent::Of::vantage, "b", false,
                             WallTime{start() + 2 * kMinute}};
  EXPECT_EQ(seconds(one(w, all(), {gone}).seconds.down), 60);
  // Who retires is not waited for: its silence is no unknown time.
  Series silent = letters("uudddduu", "b");
  edit(silent, [](auto& samples) { samples.resize(4); });
  w.measurement += "    quorum: {k: 1}\n";
  const std::vector<Series> two{letters("uuuuuuuu", "a"), silent, letters("uuuuuuuu", "c")};
  EXPECT_GT(one(w, two).seconds.unknown, 0);
  EXPECT_EQ(one(w, two, {gone}).seconds.unknown, 0);
  // Who joins later was not counted before.
  MembershipEvent joins = gone;
  joins.joined = true;
  EXPECT_EQ(seconds(one(w, two, {joins}).seconds.down), 0);
}

constexpr char kThree[] =
    "      - {name: n1, service: nodes, every: 30s, tcp: {address: \"n1:1\"}}\n"
    "      - {name: n2, service: nodes, every: 30s, tcp: {address: \"n2:1\"}}\n"
    "      - {name: n3, service: nodes, every: 30s, tcp: {address: \"n3:1\"}}\n"
    "      - {name: db, service: base, every: 30s, tcp: {address: \"db:1\"}}\n";

ObjectiveReport composed(const std::string& rule, const std::vector<MembershipEvent>& events = {}) {
  Words w;
  w.services = "[{name: nodes}, {name: base}, {name: shop}]";
  w.checks = kThree;
  w.objectives = "    - {name: a, service: shop, target: \"99.9\"}\n";
  w.spec = "  suppliers: [{name: carrier, checks: [n3]}]\n  composition:\n" + rule;
  return one(w,
             {letters("uuddddduu", "e", "n1"), letters("uuudddduu", "e", "n2"),
              letters("uuuudd?uu", "e", "n3"), letters("uduuuuuuu", "e", "db")},
             events);
}

TEST(Composition, CountsPartsOnTimelines) {
  // n1 ..ddddd.. n2 ...dddd.. n3 ....dd?.. db .d.......
  EXPECT_EQ(seconds(composed("    shop: {serial: [n1, db]}\n").seconds.down), 150 + 30);
  EXPECT_EQ(seconds(composed("    shop: {parallel: [n1, n2]}\n").seconds.down), 120);
  const ObjectiveReport all = composed("    shop: {parallel: [n1, n2, n3]}\n");
  EXPECT_EQ(seconds(all.seconds.down), 60);
  EXPECT_EQ(seconds(all.seconds.unknown), 30);
  EXPECT_EQ(seconds(composed("    shop: {need: 2, of: [n1, n2, n3]}\n").seconds.down), 120);
  const ObjectiveReport two = composed("    shop: {need: 3, of: [n1, n2, n3]}\n");
  EXPECT_EQ(seconds(two.seconds.down), 150);
  EXPECT_EQ(two.seconds.unknown, 0);
  EXPECT_EQ(seconds(composed("    shop: {serial: [base, {parallel: [n1, n2]}]}\n").seconds.down),
            30 + 120);
  // Services and suppliers stand for what they are made of.
  EXPECT_EQ(seconds(composed("    nodes: {need: 2, of: [n1, n2, n3]}\n"
                             "    shop: {serial: [nodes, base]}\n")
                        .seconds.down),
            120 + 30);
  EXPECT_EQ(seconds(composed("    shop: {parallel: [n1, carrier]}\n").seconds.down), 60);
}

TEST(Composition, ACheckThatRetiresIsNoPartAnyMore) {
  const MembershipEvent gone{MembershipEvent::Of::check, "n1", false,
                             WallTime{start() + 2 * kMinute}};
  EXPECT_EQ(seconds(composed("    shop: {serial: [n1, db]}\n", {gone}).seconds.down), 60 + 30);
  EXPECT_EQ(seconds(composed("    shop: {parallel: [n1, n3]}\n", {gone}).seconds.down), 60);
}

TEST(Latency, IsDowntimeOnlyWhereThatIsAgreed) {
  Series s = letters("");
  edit(s, [](auto& samples) {
    for (Sample& each : samples) each.total_us = 100'000;
    samples[4].total_us = 2'000'000;
    samples[5].total_us = 2'000'001;
  });
  EXPECT_EQ(one(measured(""), {s}).seconds.down, 0);
  EXPECT_EQ(seconds(one(measured("    latencyAsDown: 2s\n    attempts: any\n"), {s}).seconds.down),
            30);
}

TEST(LateResults, AreNotCountedAfterTheAgreedTime) {
  Series s = letters("uudduu");
  const std::int64_t deadline = start() + 2 * 24 * 60 * kMinute;
  edit(s, [&](auto& samples) {
    samples[2].received_ns = deadline;
    samples[3].received_ns = deadline + 1;
  });
  const Words w = measured("    lateDataUntil: 1d\n");
  const auto r = judge({agreement(w)}, {s}, {kDay, std::nullopt});
  ASSERT_TRUE(r);
  EXPECT_EQ(seconds(r->objectives[0].seconds.down), 60);  // the first is believed until the next
  EXPECT_EQ(r->objectives[0].samples, 24 * 120 - 1);
  ASSERT_EQ(r->warnings.size(), 1U);
  EXPECT_EQ(warning_text(r->warnings[0]),
            "check 'web': 1 results arrived too late and are not counted");
}

TEST(LateResults, ArriveAfterTheQuestionAreNotKnown) {
  Series s = letters("uudduu");
  edit(s, [](auto& samples) { samples[3].received_ns = start() + 60 * kMinute; });
  const auto down = [&](std::int64_t as_of) {
    const auto r = judge({agreement({})}, {s}, {kDay, WallTime{as_of}});
    return r ? r->objectives[0].samples : -1;
  };
  EXPECT_EQ(down(start() + 60 * kMinute) - down(start() + 60 * kMinute - 1), 1);
}

TEST(Suspicion, AVantageThatAloneSeesAllTargetsFailIsNotBelieved) {
  Words w;
  w.checks.clear();
  std::vector<Series> all;
  std::vector<Series> both;
  for (const char c : std::string("12345")) {
    const std::string name = std::string("c") + c;
    w.checks += "      - {name: " + name + ", every: 30s, tcp: {address: \"" + name + ":1\"}}\n";
    all.push_back(letters("uudddduu", "a", name));
    all.push_back(letters("uuuuuuuu", "b", name));
    both.push_back(letters("uudddduu", "a", name));
    both.push_back(letters("uudddduu", "b", name));
  }
  w.measurement = "    quorum: {k: 1}\n";
  const ObjectiveReport alone = one(w, all);
  EXPECT_EQ(alone.seconds.down, 0);
  EXPECT_EQ(seconds(alone.unknown_by.at(Cause::suspected)), 120);
  EXPECT_EQ(seconds(one(w, both).seconds.down), 120);  // the others see it too
}

}  // namespace
}  // namespace nines::sla::time_rules_test
