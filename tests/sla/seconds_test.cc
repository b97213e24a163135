// SPDX-License-Identifier: Apache-2.0
// The judgement against the count of every second by itself, over random rules, results, events and
// questions; and what must hold of any judgement. The seed is printed; NINES_ORACLE_SEED takes
// another one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "seconds_oracle.h"
#include "sla/input/events_file.h"
#include "sla/render/report_json.h"
#include "sla/text/agreement_decoder.h"

namespace nines::sla::seconds_test {
namespace {

// Of one program; there are two, so that two processors share them.
constexpr int kAgreements = 340;
constexpr int kQuestions = 30;  // of each
constexpr std::int64_t kNs = 1'000'000'000;

unsigned seed() {
  const char* given = std::getenv("NINES_ORACLE_SEED");
  const unsigned out =
      given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : NINES_SEED;
  std::cout << "seed " << out << '\n';
  return out;
}

std::string told(const World& w) {
  std::string out = "as agreed:\n";
  for (const std::string& text : agreement_texts(w)) out += text;
  out += event_lines(w);
  const Question question = question_of(w);
  out += "period " + question.period.value_or("");
  if (question.as_of) out += " as of " + format_rfc3339(*question.as_of);
  for (const World::Seen& seen : w.seen) {
    out += "\n" + w.checks[seen.check].name + "@" + w.vantages[seen.vantage] + ":";
    for (const auto& [t, outcome] : seen.samples) {
      out += " " + std::to_string(t) + "?UD"[static_cast<std::size_t>(outcome)];
    }
  }
  return out + "\nsecond 0 is " + format_rfc3339({w.origin * kNs}) + "\n";
}

std::vector<Agreement> agreements_of(const World& w) {
  std::vector<Agreement> out;
  for (const std::string& text : agreement_texts(w)) {
    auto agreement = read_agreement(text, "agreement.yaml");
    EXPECT_TRUE(agreement) << (agreement ? "" : agreement.error().message) << text;
    if (agreement) out.push_back(*agreement);
  }
  return out;
}

Report judged(const World& w, const std::vector<Agreement>& versions) {
  std::istringstream lines(event_lines(w));
  const auto events = read_events(lines, "events.jsonl");
  EXPECT_TRUE(events) << (events ? "" : events.error().message);
  const auto report = judge(versions, series_of(w), question_of(w), events ? *events : Events{});
  EXPECT_TRUE(report) << (report ? "" : report.error().message) << told(w);
  return report ? *report : Report{};
}

// Other results come with other dates; the rest of the texts is the same.
void put_dates(const World& w, std::vector<Agreement>& versions) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const int from = i == 0 ? w.force_from : w.new_version_at;
    versions[i].effective_from = WallTime{(w.origin + from) * kNs};
    versions[i].effective_to.reset();
    if (w.force_to < w.last()) versions[i].effective_to = WallTime{(w.origin + w.force_to) * kNs};
  }
}

const ObjectiveReport& objective(const Report& report, const std::string& name) {
  for (const ObjectiveReport& each : report.objectives) {
    if (each.name == name) return each;
  }
  static const ObjectiveReport kNone;
  ADD_FAILURE() << "no objective " << name;
  return kNone;
}

class Comparison {
 public:
  void number(const std::string& what, std::int64_t actual, std::int64_t expected) {
    if (actual == expected) return;
    text_ +=
        what + " is " + std::to_string(actual) + ", counted " + std::to_string(expected) + "\n";
  }

  void seconds(const std::string& what, std::int64_t actual_ns, std::int64_t expected) {
    number(what + " (ns)", actual_ns, expected * kNs);
  }

  void share(const std::string& what,
             const std::optional<Rational>& actual,
             const Share& expected) {
    if (!actual && expected.of == 0) return;
    if (actual && expected.of != 0 &&
        *actual == Rational(Integer(expected.part), Integer(expected.of))) {
      return;
    }
    text_ += what + " is " + (actual ? reduced_text(*actual) : "null") + ", counted " +
             std::to_string(expected.part) + "/" + std::to_string(expected.of) + "\n";
  }

  void verdict(const std::string& what, Verdict actual, Verdict expected) {
    if (actual == expected) return;
    text_ += what + " is " + std::string(name(actual)) + ", counted " +
             std::string(name(expected)) + "\n";
  }

  void all(const std::string& what, const Seconds& s, const Truth::Part& p) {
    seconds(what + "not_in_force", s.not_in_force, p.not_in_force);
    seconds(what + "out_of_hours", s.out_of_hours, p.out_of_hours);
    seconds(what + "future", s.future, p.future);
    seconds(what + "excluded", s.excluded, p.excluded);
    seconds(what + "unknown", s.unknown, p.unknown);
    seconds(what + "down", s.down, p.down);
    seconds(what + "up", s.up, p.up);
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void compare_time(const World& w, const ObjectiveReport& o, const Truth& truth, Comparison& out) {
  const World::Rules& r = w.versions[0];
  const bool plain = r.minimum == 0 && r.effect == World::Effect::remove;
  out.all("", o.seconds, truth.whole);
  out.seconds("forgiven_short", o.forgiven_short_ns, truth.forgiven_short);
  out.seconds("forgiven_excluded", o.forgiven_excluded_ns, truth.forgiven_excluded);
  for (const auto& [kind, length] : o.excluded_by) {
    const auto found = truth.excluded_by.find(kind);
    out.seconds("excluded_by " + kind, length,
                found == truth.excluded_by.end() ? 0 : found->second);
  }
  if (plain) out.seconds("partial", o.partial_ns, truth.partial);
  if (plain && w.versions.size() == 1 && w.checks.size() == 1 && w.vantages.size() == 1) {
    out.seconds("blip_s", o.blip_ns, truth.blip_seconds);
    out.number("blips", o.blips, truth.blips);
  }
  const Truth::Part& whole = truth.whole;
  if (r.assume_up && whole.up + whole.down + whole.unknown == 0) return;  // nothing was agreed
  if (w.versions.size() > 1 && r.assume_up) return;
  out.share("nominal", o.nominal, whole.nominal);
  out.share("worst", o.worst, whole.worst);
  out.share("best", o.best, whole.best);
  out.share("coverage", o.coverage, whole.coverage);
  out.verdict("verdict", o.verdict, whole.verdict);
  if (w.versions.size() > 1 && o.versions.size() == truth.parts.size()) {
    for (std::size_t i = 0; i < o.versions.size(); ++i) {
      Truth::Part part = truth.parts[i];
      part.not_in_force = o.versions[i].seconds.not_in_force / kNs;  // of the whole only
      out.all("part " + std::to_string(i) + " ", o.versions[i].seconds, part);
      out.share("nominal of a part", o.versions[i].nominal, part.nominal);
      out.verdict("verdict of a part", o.versions[i].verdict, part.verdict);
    }
  }
  if (w.versions.size() == 1 && plain && !r.assume_up && o.budget) {
    out.share("budget", std::optional(o.budget->total_ns * Rational(Integer(1), Integer(kNs))),
              {(100 - r.target) * truth.planned, 100});
  }
}

// Results count as they came, in accountable time; compared where nothing re-reads them.
void compare_counts(const World& w, const Report& report, const Truth& truth, Comparison& out) {
  const World::Rules& r = w.versions[0];
  if (!w.counts || w.versions.size() > 1 || r.treat != UnknownPolicy::Treat::verdict) return;
  if (r.effect != World::Effect::remove || r.down_after > 1 || r.up_after > 1) return;
  out.share("occurrences", objective(report, "results").nominal,
            {truth.good_results, truth.results});
  const ObjectiveReport& slices = objective(report, "slices");
  if (slices.slices) {
    out.number("slices.good", slices.slices->good, truth.good_slices);
    out.number("slices.with_data", slices.slices->with_data, truth.slices_with_data);
    out.number("slices.empty", slices.slices->empty, truth.empty_slices);
  }
}

std::string difference(const World& w, const Report& report) {
  const Truth truth = count_seconds(w);
  Comparison out;
  compare_time(w, objective(report, "time"), truth, out);
  compare_counts(w, report, truth, out);
  return out.text();
}

TEST(Seconds, AreTheSameWhenEachIsCountedByItself) {
  std::mt19937 random(seed());
  int differing = 0;
  int cases = 0;
  std::array<int, 5> verdicts{};
  std::array<std::int64_t, 4> met_with{};  // seconds forgiven either way, excluded, out of hours
  for (int i = 0; i < kAgreements && differing < 3; ++i) {
    World w = draw_world(random);
    std::vector<Agreement> versions;
    for (int j = 0; j < kQuestions && differing < 3; ++j) {
      draw_results(w, random);
      if (j == 0) versions = agreements_of(w);
      put_dates(w, versions);
      const Report report = judged(w, versions);
      const std::string found = difference(w, report);
      ++cases;
      EXPECT_EQ(found, "") << "case " << i << "." << j << "\n" << told(w) << ++differing;
      const ObjectiveReport& o = objective(report, "time");
      ++verdicts.at(static_cast<std::size_t>(o.verdict));
      met_with[0] += o.forgiven_short_ns;
      met_with[1] += o.forgiven_excluded_ns;
      met_with[2] += o.seconds.excluded;
      met_with[3] += o.seconds.out_of_hours;
    }
  }
  std::cout << cases << " cases, " << differing << " differ\n";
  // A test that never meets a rule would not test it.
  for (const int times : verdicts) EXPECT_GT(times, 0);
  for (const std::int64_t length : met_with) EXPECT_GT(length, 0);
}

}  // namespace
}  // namespace nines::sla::seconds_test
