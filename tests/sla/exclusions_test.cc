// SPDX-License-Identifier: Apache-2.0
// Hours and exclusions in judged reports: S21 to S27, S32, S40.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sla/render/report_json.h"
#include "support.h"

namespace nines::sla::exclusions_test {
namespace {

constexpr char kDay[] = "2026-03-02";  // a Monday, judged in UTC
constexpr std::int64_t kHour = 3600 * kSecondNs;

std::int64_t hour(double h) {
  return at("2026-03-02T00:00:00Z") + static_cast<std::int64_t>(h * 3600) * kSecondNs;
}

// One result every half minute of the day; down from hour to hour, up else.
std::vector<Series> seen(const std::vector<std::pair<double, double>>& down) {
  Series out = series();
  for (std::int64_t t = hour(0); t < hour(24); t += 30 * kSecondNs) {
    bool fails = false;
    for (const auto& [from, to] : down) fails = fails || (t >= hour(from) && t < hour(to));
    out.samples.push_back({t, fails ? Outcome::down : Outcome::up, {}, std::nullopt});
  }
  return {out};
}

Words words(const std::string& exclusions, const std::string& objective = "") {
  Words w;
  w.objectives = "    - {name: availability, target: \"99.9\"" + objective + "}\n";
  w.spec = exclusions.empty() ? "" : "  exclusions:\n" + exclusions;
  return w;
}

ExclusionEvent event(double from, double to, ExclusionEvent::State state) {
  ExclusionEvent out;
  out.id = "x";
  out.kind = "maintenance";
  out.span = {hour(from), hour(to)};
  out.state = state;
  out.announced = WallTime{hour(from - 72)};
  if (state == ExclusionEvent::State::approved) {
    out.approved_by = "acme";
    out.approved_at = WallTime{hour(from)};
  }
  return out;
}

ExclusionEvent approved(double from, double to) {
  return event(from, to, ExclusionEvent::State::approved);
}

Report report(const Words& w,
              const std::vector<Series>& all,
              const std::vector<ExclusionEvent>& events = {}) {
  const auto out = judge({agreement(w)}, all, {kDay, std::nullopt}, {events, {}, {}});
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *out : Report{};
}

ObjectiveReport one(const Words& w,
                    const std::vector<Series>& all,
                    const std::vector<ExclusionEvent>& events = {}) {
  const Report out = report(w, all, events);
  EXPECT_EQ(out.objectives.size(), 1U);
  const Seconds& s = out.objectives.at(0).seconds;
  EXPECT_EQ(s.not_in_force + s.out_of_hours + s.future + s.excluded + s.accountable(), 24 * kHour);
  return out.objectives.at(0);
}

constexpr char kOffice[] =
    "  calendars:\n    office: {timeZone: UTC, weekly: {mon: [\"09:00-18:00\"]}}\n";

TEST(OutOfHours, TimeIsNeitherUpNorDownAndLeavesTheBudget) {
  Words w = words("", ", hours: office");
  w.spec = kOffice;
  const ObjectiveReport o = one(w, seen({{8, 10}}));
  EXPECT_EQ(o.seconds.out_of_hours, 15 * kHour);
  EXPECT_EQ(o.seconds.down, kHour);
  EXPECT_EQ(o.seconds.up, 8 * kHour);
  ASSERT_TRUE(o.budget);
  EXPECT_EQ(o.budget->total_ns, Rational(9 * kHour) / Rational(1000));
  ASSERT_EQ(o.outages.size(), 1U);
  EXPECT_EQ(o.outages[0].whole_down_ns, 2 * kHour);  // the episode, also outside hours
  EXPECT_EQ(o.outages[0].down_ns, kHour);
  EXPECT_EQ(o.outages[0].accountable_ns, kHour);
}

constexpr char kWindow[] =
    "      maintenance:\n"
    "        windows: [{dtstart: \"2026-03-02T02:00:00\", duration: 2h}]\n";

std::string with_effect(const std::string& effect) {
  return "    effect: " + effect + "\n    kinds:\n" + kWindow;
}

TEST(Exclusion, RemoveTakesTheWindowOutOfTheDenominator) {
  const ObjectiveReport o = one(words(with_effect("remove")), seen({{3, 5}}));
  EXPECT_EQ(o.seconds.excluded, 2 * kHour);
  EXPECT_EQ(o.seconds.down, kHour);  // S25: the overrun is charged
  EXPECT_EQ(o.seconds.up, 21 * kHour);
  EXPECT_EQ(o.budget->total_ns, Rational(22 * kHour) / Rational(1000));
  EXPECT_EQ(o.excluded_by.at(0), std::make_pair(std::string("maintenance"), 2 * kHour));
  EXPECT_EQ(o.forgiven_excluded_ns, 0);
  ASSERT_EQ(o.outages.size(), 1U);
  EXPECT_EQ(o.outages[0].down_ns, kHour);
  EXPECT_EQ(o.outages[0].cause, "maintenance");
}

TEST(Exclusion, RemoveDownTakesOutOnlyWhatWasNotUp) {
  const ObjectiveReport o = one(words(with_effect("remove_down")), seen({{3, 5}}));
  EXPECT_EQ(o.seconds.excluded, kHour);
  EXPECT_EQ(o.seconds.down, kHour);
  EXPECT_EQ(o.seconds.up, 22 * kHour);
  EXPECT_EQ(o.excluded_by.at(0).second, 2 * kHour);  // of the window, whatever the effect
}

TEST(Exclusion, ForgiveCountsItUpAndKeepsTheDenominator) {
  const ObjectiveReport o = one(words(with_effect("forgive")), seen({{3, 5}}));
  EXPECT_EQ(o.seconds.excluded, 0);
  EXPECT_EQ(o.seconds.down, kHour);
  EXPECT_EQ(o.seconds.up, 23 * kHour);
  EXPECT_EQ(o.forgiven_excluded_ns, kHour);
  EXPECT_EQ(o.budget->total_ns, Rational(24 * kHour) / Rational(1000));
}

TEST(Exclusion, ResultsInItAreNotCountedWhateverTheEffect) {
  for (const char* effect : {"remove", "forgive"}) {
    Words w = words(with_effect(effect));
    w.objectives = "    - {name: a, statistic: success-ratio, target: \"99\"}\n";
    const ObjectiveReport o = one(w, seen({{3, 4}}));
    EXPECT_EQ(o.samples, 22 * 120) << effect;
    EXPECT_EQ(*o.nominal, Rational(1)) << effect;
  }
}

TEST(Exclusion, ForgivesAndRemovesUnknownTimeToo) {
  Series half = series();
  add(half, hour(0), hour(3), 30, Outcome::up);
  add(half, hour(4), hour(24), 30, Outcome::up);
  const auto seconds = [&](const std::string& effect) {
    return one(words(with_effect(effect)), {half}).seconds;
  };
  const std::int64_t belief = 45 * kSecondNs;  // what the last result reaches into the silence
  EXPECT_EQ(seconds("remove").unknown, 0);
  EXPECT_EQ(seconds("remove_down").excluded, kHour - belief);
  EXPECT_EQ(seconds("remove_down").unknown, 0);
  EXPECT_EQ(seconds("forgive").up, 24 * kHour);
}

TEST(Exclusion, AdjacentIsNotOverlapping) {
  EXPECT_EQ(one(words(with_effect("remove")), seen({{4, 5}})).seconds.down, kHour);
  EXPECT_EQ(one(words(with_effect("remove")), seen({{1, 2}})).seconds.down, kHour);
}

TEST(Exclusion, AnAllowanceIsUsedInOrderOfTimeInsideHoursOnly) {
  Words w = words(
      "    kinds:\n"
      "      maintenance:\n"
      "        allowance: 90m\n"
      "        windows: [{dtstart: \"2026-03-02T08:00:00\", duration: 2h}]\n",
      ", hours: office");
  w.spec += kOffice;
  // 09:00 to 10:00 of the window lies in hours, so half an hour is left for the event.
  const ObjectiveReport o = one(w, seen({}), {approved(12, 14)});
  EXPECT_EQ(o.seconds.excluded, kHour * 3 / 2);
  EXPECT_EQ(one(w, seen({{12, 14}}), {approved(12, 14)}).seconds.down, kHour * 3 / 2);
}

TEST(Exclusion, GivesEachSecondToTheFirstKindAndCountsItOnce) {
  const std::string kinds =
      "    precedence: [force_majeure, maintenance]\n    kinds:\n      force_majeure: {}\n";
  ExclusionEvent flood = approved(3, 6);
  flood.id = "flood";
  flood.kind = "force_majeure";
  const ObjectiveReport o = one(words(kinds + kWindow), seen({}), {flood});
  EXPECT_EQ(o.seconds.excluded, 4 * kHour);
  ASSERT_EQ(o.excluded_by.size(), 2U);
  EXPECT_EQ(o.excluded_by[0], std::make_pair(std::string("force_majeure"), 3 * kHour));
  EXPECT_EQ(o.excluded_by[1], std::make_pair(std::string("maintenance"), kHour));
}

TEST(ExclusionEvent, CountsOnlyIfApprovedAnnouncedAndEvident) {
  const std::string kinds =
      "    kinds:\n"
      "      maintenance: {notice: 48h, needs: [evidence], causes: [upgrade, move]}\n";
  ExclusionEvent good = approved(2, 4);
  good.evidence = "mail 7";
  good.announced = WallTime{good.span.from} - hours(48);  // just in time

  struct Row {
    void (*change)(ExclusionEvent&);
    std::string warning;
  };

  const Row rows[] = {
      {[](ExclusionEvent& e) { e.announced.reset(); },
       "exclusion 'x' does not count: nobody announced it, and notice is due"},
      {[](ExclusionEvent& e) { *e.announced += Duration(1); },
       "exclusion 'x' does not count: it was announced"},
      {[](ExclusionEvent& e) { e.evidence.clear(); },
       "exclusion 'x' does not count: it has no evidence"},
      {[](ExclusionEvent& e) { e.approved_by.clear(); },
       "exclusion 'x' does not count: its approval names nobody or no instant"},
      {[](ExclusionEvent& e) { e.approved_at.reset(); },
       "exclusion 'x' does not count: its approval names nobody or no instant"},
      {[](ExclusionEvent& e) { e.cause = "weather"; },
       "exclusion 'x' does not count: its cause 'weather' is none of the agreed ones"},
      {[](ExclusionEvent& e) { e.kind = "whim"; },
       "exclusion 'x' does not count: the agreement knows no kind 'whim'"},
      {[](ExclusionEvent& e) { e.state = ExclusionEvent::State::rejected; }, ""},
      {[](ExclusionEvent& e) { e.state = ExclusionEvent::State::withdrawn; }, ""},
  };
  EXPECT_EQ(one(words(kinds), seen({}), {good}).seconds.excluded, 2 * kHour);
  for (const Row& row : rows) {
    ExclusionEvent bad = good;
    row.change(bad);
    const Report r = report(words(kinds), seen({}), {bad});
    EXPECT_EQ(r.objectives.at(0).seconds.excluded, 0) << row.warning;
    if (row.warning.empty()) continue;
    ASSERT_EQ(r.warnings.size(), 1U) << row.warning;
    EXPECT_EQ(warning_text(r.warnings[0]).find(row.warning), 0U) << warning_text(r.warnings[0]);
  }
}

TEST(ExclusionEvent, OfAnotherServiceIsNotThisOnes) {
  ExclusionEvent other = approved(2, 4);
  other.service = "mail";
  const Words w = words("    kinds: {maintenance: {}}\n");
  EXPECT_EQ(one(w, seen({}), {other}).seconds.excluded, 0);
  other.service = "shop";
  EXPECT_EQ(one(w, seen({}), {other}).seconds.excluded, 2 * kHour);
}

TEST(ExclusionEvent, ALaterLineSupersedes) {
  ExclusionEvent first = approved(2, 4);
  ExclusionEvent second = first;
  second.state = ExclusionEvent::State::withdrawn;
  const Words w = words("    kinds: {maintenance: {}}\n");
  EXPECT_EQ(one(w, seen({}), {first, second}).seconds.excluded, 0);
  EXPECT_EQ(one(w, seen({}), {second, first}).seconds.excluded, 2 * kHour);
}

TEST(ExclusionEvent, EmergencyWorkIsDowntimeUnlessAgreed) {
  ExclusionEvent late = approved(2, 4);
  late.announced = WallTime{late.span.from};
  Words w = words("    kinds: {maintenance: {notice: 48h}}\n");
  EXPECT_EQ(one(w, seen({{2, 4}}), {late}).seconds.down, 2 * kHour);
  w.spec += "  unplanned: {emergencyMaintenance: counts as maintenance}\n";
  EXPECT_EQ(one(w, seen({{2, 4}}), {late}).seconds.down, 0);
}

TEST(Disputed, AClaimIsChargedListedAndBothOutcomesAreThere) {
  const Words w = words("    kinds: {maintenance: {}}\n");
  const ObjectiveReport o = one(w, seen({{3, 5}}), {event(2, 4, ExclusionEvent::State::claimed)});
  EXPECT_EQ(o.seconds.down, 2 * kHour);
  ASSERT_EQ(o.disputed.size(), 1U);
  EXPECT_EQ(o.disputed[0].claim.id, "x");
  EXPECT_EQ(o.disputed[0].down_ns, kHour);
  ASSERT_TRUE(o.if_accepted);
  EXPECT_EQ(o.if_accepted->seconds.excluded, 2 * kHour);
  EXPECT_EQ(o.if_accepted->seconds.down, kHour);
  EXPECT_EQ(o.verdict, Verdict::breached);
  EXPECT_EQ(
      one(w, seen({{2, 4}}), {event(2, 4, ExclusionEvent::State::claimed)}).if_accepted->verdict,
      Verdict::met);
  EXPECT_FALSE(one(w, seen({{3, 5}}), {approved(2, 4)}).if_accepted);
}

TEST(NotExcluded, CausesAreNamedAndCharged) {
  ExclusionEvent carrier = approved(2, 4);
  carrier.kind = "third_party";
  const ObjectiveReport o =
      one(words("    notExcluded: {third_party: attributed only}\n"), seen({{3, 5}}), {carrier});
  EXPECT_EQ(o.seconds.down, 2 * kHour);
  EXPECT_EQ(o.down_by.at(0), std::make_pair(std::string("third_party"), kHour));
  EXPECT_EQ(o.outages.at(0).cause, "third_party");
}

TEST(Exclusion, KnownAtTheQuestionOnly) {
  ExclusionEvent late = approved(2, 4);
  late.approved_at = WallTime{hour(20)};
  const Words w = words("    kinds: {maintenance: {}}\n");
  const auto excluded = [&](double as_of) {
    const auto r =
        judge({agreement(w)}, seen({{3, 5}}), {kDay, WallTime{hour(as_of)}}, {{late}, {}, {}});
    return r ? r->objectives.at(0).seconds.excluded : -1;
  };
  EXPECT_EQ(excluded(19), 0);
  EXPECT_EQ(excluded(20), 2 * kHour);
}

TEST(PartialPeriod, CountsTimeWithoutAnAgreementAsUpWhereThatIsAgreed) {
  Words w = words("");
  w.effective = "{from: \"2026-03-02T12:00:00\", timeZone: UTC}";
  const ObjectiveReport prorated = one(w, seen({{13, 14}}));
  EXPECT_EQ(prorated.seconds.not_in_force, 12 * kHour);
  EXPECT_EQ(*prorated.nominal, Rational(11) / Rational(12));
  w.objectives = "    - {name: availability, target: \"99.9\", partialPeriod: assume_up}\n";
  const ObjectiveReport assumed = one(w, seen({{13, 14}}));
  EXPECT_EQ(assumed.seconds, prorated.seconds);
  EXPECT_EQ(*assumed.nominal, Rational(23) / Rational(24));
  EXPECT_EQ(*assumed.worst, Rational(23) / Rational(24));
  EXPECT_EQ(*assumed.coverage, Rational(1));
}

TEST(ReportJson, NamesWhatWasExcludedForgivenAndDisputed) {
  const Report r = report(words(with_effect("forgive")), seen({{3, 5}}),
                          {event(4, 5, ExclusionEvent::State::claimed)});
  const auto o = nlohmann::json::parse(report_json(r)).at("objectives").at(0);
  EXPECT_EQ(o.at("forgiven_excluded_s"), 3600);
  EXPECT_EQ(o.at("excluded_by").at("maintenance"), 7200);
  EXPECT_EQ(o.at("disputed").at(0).at("id"), "x");
  EXPECT_EQ(o.at("disputed").at(0).at("down_s"), 3600);
  EXPECT_EQ(o.at("if_accepted").at("verdict"), "MET");
  EXPECT_EQ(o.at("outages").at(0).at("counted"), true);
  EXPECT_EQ(o.at("outages").at(0).at("cause"), "maintenance");
}

}  // namespace
}  // namespace nines::sla::exclusions_test
