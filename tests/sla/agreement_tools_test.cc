// SPDX-License-Identifier: Apache-2.0
// What a file says, what it leaves open, how it differs, how it travels: sentences, coverage,
// differences, overlays, OpenSLO.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/yaml_writer.h"
#include "sla/judge/replay.h"
#include "sla/text/agreement_files.h"
#include "sla/text/canonical.h"
#include "sla/tools/coverage.h"
#include "sla/tools/difference.h"
#include "sla/tools/explain.h"
#include "sla/tools/openslo.h"
#include "support.h"

namespace nines::sla::agreement_tools_test {
namespace {

std::string explained(const Words& w, Language language) {
  std::string out;
  for (const Sentence& each : explain(agreement(w), tree(yaml(w)), language)) {
    out += each.text + "\n";
  }
  return out;
}

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  ADD_FAILURE() << "'" << part << "' is not in:\n" << text;
  return false;
}

TEST(Explain, SaysWhatATargetAllowsInMinutes) {
  Words w;
  const std::string en = explained(w, Language::en);
  has(en,
      "availability: shop is up at least 99.9 % of each calendar month, counted by the second.");
  has(en, "This allows 43 min 12 s in a 30-day month, 44 min 38 s in July.");
  const std::string zh = explained(w, Language::zh);
  has(zh, "即允许中断:30 天的月份 43 分 12 秒,7 月 44 分 38 秒。");
}

// By hand, 2026: office hours are 9 h on weekdays. February has 20 of them, 180 h; July has 23,
// 207 h; 0.5 % of them is 54 min and 62 min 6 s.
TEST(Explain, SaysWhatATargetAllowsWithinItsHours) {
  Words w;
  w.spec =
      "  calendars:\n    office: {timeZone: UTC, weekly: {mon: [\"09:00-18:00\"], tue: "
      "[\"09:00-18:00\"], wed: [\"09:00-18:00\"], thu: [\"09:00-18:00\"], fri: "
      "[\"09:00-18:00\"]}}\n";
  w.objectives = "    - {name: a, target: \"99.5\", hours: office}\n";
  has(explained(w, Language::en),
      "This allows 54 min (180 h of hours) to 1 h 2 min 6 s (207 h) in each calendar month of the "
      "first year.");
  has(explained(w, Language::zh),
      "首年内每个自然月 54 分（180 小时服务时间） 至 1 小时 2 分 6 秒（207 小时）");
}

TEST(Explain, SaysLengthsInWords) {
  const Rational year = Rational(1) - *parse_decimal("0.999");
  EXPECT_EQ(spoken(year * Rational(365 * 86'400 * kSecondNs), Language::en), "8 h 45 min 36 s");
  EXPECT_EQ(spoken(Rational(500'000'000), Language::zh), "500 毫秒");
  EXPECT_EQ(spoken(Rational(0), Language::en), "0 s");
  EXPECT_EQ(spoken(Rational(90'000 * kSecondNs), Language::en), "1 d 1 h");
  EXPECT_EQ(allowance(*parse_decimal("0.99"), {PeriodRule::Kind::rolling, 28}, Language::en),
            "6 h 43 min 12 s in 28 days");
}

TEST(Explain, LeavesOutWhatTheFileDoesNotSay) {
  const std::string en = explained({}, Language::en);
  EXPECT_EQ(en.find("What a miss costs"), std::string::npos);
  EXPECT_EQ(en.find("Law and disputes"), std::string::npos);
  Words w;
  w.spec =
      "  legal: {disputes: [{step: negotiation, within: 15d}]}\n"
      "  training: [{what: tickets, for: desk, every: 1Y, proof: list}]\n";
  const std::string more = explained(w, Language::en);
  has(more, "Law and disputes\ndispute: negotiation within 15 d\n");
  has(more, "provider: tickets for desk, every year (proof: list)");
}

TEST(Coverage, CountsAll24ItemsAndSaysWhatIsOpen) {
  const auto items = coverage(tree(yaml({})), Language::en);
  ASSERT_EQ(items.size(), 24U);
  EXPECT_EQ(items.front().id, "1.1");
  EXPECT_EQ(items.back().id, "6.4");
  EXPECT_EQ(items[14].id, "4.3");
  EXPECT_EQ(items[14].present(), 0U) << "nothing on disputes";
  EXPECT_EQ(items[0].present(), 1U) << "services, but nothing that is included";
  for (std::size_t i = 12; i < 16; ++i) EXPECT_EQ(items[i].present(), 0U) << "chapter 4 is missing";
  Words w;
  w.spec = "  training: [{what: tickets}]\n";
  EXPECT_TRUE(coverage(tree(yaml(w)), Language::en)[18].whole());
}

std::string changes(const Words& before, const Words& after) {
  auto list = difference(tree(yaml(before)), tree(yaml(after)));
  add_meanings(list, agreement(before), agreement(after), Language::en);
  std::string out;
  for (const TextChange& each : list) {
    out += each.kind == TextChange::Kind::added     ? "+"
           : each.kind == TextChange::Kind::removed ? "-"
                                                    : "~";
    out += " " + each.path + ": " + each.before + " > " + each.after + " | " + each.means + "\n";
  }
  return out;
}

TEST(Difference, IsWhatTheTextsSayAndNotTheirLayout) {
  Words after;
  after.version = "\"2.0.0\"";
  after.services = "\n    - {name: shop}";
  EXPECT_EQ(changes({}, after), "");
  after.objectives = "    - {target: \"99.95\", name: availability}\n";
  after.measurement = "    vantages: [a]\n";
  EXPECT_EQ(
      changes({}, after),
      "+ spec/measurement/vantages:  > a | \n"
      "~ spec/objectives/availability/target: 99.9 > 99.95 | allowed before: 43 min 12 s in a "
      "30-day month, 44 min 38 s in July; now: 21 min 36 s in a 30-day month, 22 min 19 s in "
      "July\n");
  has(changes(after, {}), "- spec/measurement/vantages: a >  | \n");
}

TEST(Replay, JudgesEachMonthAsIfTheTextHadAlwaysBeenInForce) {
  Words w;
  w.effective = "{from: \"2027-01-01T00:00:00\", timeZone: UTC}";
  Series s = series();
  add(s, at("2026-03-30T00:00:00Z"), at("2026-03-31T00:00:00Z"), 30, Outcome::up);
  add(s, at("2026-03-31T00:00:00Z"), at("2026-03-31T01:00:00Z"), 30, Outcome::down);
  add(s, at("2026-03-31T01:00:00Z"), at("2026-04-02T00:00:00Z"), 30, Outcome::up);
  const auto months = replay(agreement(w), {s});
  ASSERT_TRUE(months) << months.error().message;
  ASSERT_EQ(months->size(), 2U);
  EXPECT_EQ((*months)[0].label, "2026-03");
  EXPECT_EQ(objective_in((*months)[0].report, "availability")->seconds.down, 3600 * kSecondNs);
  EXPECT_EQ((*months)[0].report.objectives[0].verdict, Verdict::breached);
  EXPECT_NE((*months)[1].report.objectives[0].verdict, Verdict::breached);
}

TEST(Replay, TakesAnotherTarget) {
  const auto wished = with_target(agreement({}), "99.95", "");
  ASSERT_TRUE(wished);
  EXPECT_EQ(wished->objectives[0].target_text, "99.95");
  EXPECT_FALSE(with_target(agreement({}), "101", ""));
  EXPECT_FALSE(with_target(agreement({}), "0", ""));
  EXPECT_FALSE(with_target(agreement({}), "99", "nothing"));
}

TEST(FullExample, LeavesNoItemOfTheGuidelineOpen) {
  config::Complaints complaints;
  std::vector<std::string> of;
  const auto text =
      load_resolved(NINES_SOURCE_DIR "/tests/data/agreements/full.yaml", {}, of, complaints);
  ASSERT_TRUE(text) << complaints.text();
  for (const CoveredItem& each : coverage(*text, Language::en)) {
    EXPECT_TRUE(each.whole()) << each.id << " " << each.title;
  }
  // What is written back says the same.
  config::Complaints none;
  const auto again = config::parse_yaml(config::yaml_text(*text), "again.yaml", none);
  ASSERT_TRUE(again) << none.text();
  EXPECT_EQ(canonical_json(*again), canonical_json(*text));
}

class Folder {
 public:
  Folder() {
    path_ = std::filesystem::path(testing::TempDir()) /
            ("nines_tools_" + std::to_string(getpid()) + "_" +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(path_);
  }

  ~Folder() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

const std::string kOverlay =
    "apiVersion: nines/v1\nkind: Agreement\noverlay: {base: acme@1.0.0}\n"
    "metadata: {name: beta, version: \"1\"}\n"
    "spec: {objectives: [{name: availability, target: \"99.5\"}]}\n";

TEST(Overlay, IsResolvedWithTheBaseBesideIt) {
  const Folder folder;
  folder.file("unrelated.yaml", "a: [");
  const std::string base = folder.file("base.yaml", yaml({}));
  const std::string over = folder.file("beta.yaml", kOverlay);
  config::Complaints complaints;
  const auto file = load_agreement(over, {}, complaints);
  ASSERT_TRUE(file) << complaints.text();
  EXPECT_EQ(file->agreement.name, "beta");
  EXPECT_EQ(file->agreement.objectives[0].target_text, "99.5");
  EXPECT_EQ(file->agreement.checks.size(), 1U);
  EXPECT_EQ(file->of, (std::vector<std::string>{over, base}));
  // What both sign is the whole text, not the difference.
  Words whole;
  whole.name = "beta";
  whole.version = "\"1\"";
  whole.objectives = "    - {name: availability, target: \"99.5\"}\n";
  EXPECT_EQ(file->agreement.digest, agreement(whole).digest);
  EXPECT_TRUE(read_agreement_file(over));
}

TEST(Overlay, SaysWhichBaseIsMissing) {
  const Folder folder;
  const std::string over = folder.file("beta.yaml", kOverlay);
  config::Complaints complaints;
  EXPECT_FALSE(load_agreement(over, {}, complaints));
  has(complaints.text(), "beta.yaml:3:17: error: no agreement 'acme@1.0.0' among the files given");
  const Folder other;
  config::Complaints none;
  EXPECT_TRUE(load_agreement(over, {other.file("b.yaml", yaml({}))}, none)) << none.text();
}

TEST(Overlay, RefusesCircles) {
  const Folder folder;
  folder.file("a.yaml", "overlay: {base: b@1}\nmetadata: {name: a, version: \"1\"}\n");
  const std::string b =
      folder.file("b.yaml", "overlay: {base: a@1}\nmetadata: {name: b, version: \"1\"}\n");
  config::Complaints complaints;
  EXPECT_FALSE(load_agreement(b, {}, complaints));
  has(complaints.text(), "a circle of them");
}

TEST(OpenSlo, ComesBackWithTheSameDigest) {
  Words w;
  w.effective = "{from: \"2026-07-01T00:00:00\", to: \"2027-07-01\", timeZone: Asia/Shanghai}";
  w.services = "[{name: shop, description: {zh: 商城, en: the shop}}]";
  w.objectives =
      "    - {name: availability, target: \"99.9\"}\n"
      "    - {name: speed, statistic: mean, max: 2s}\n"
      "    - {name: fast, statistic: share-below, threshold: 1500ms, target: \"95\"}\n";
  w.spec = "  parties: {provider: {name: \"P: a \\\"b\\\"\"}, customer: {name: C}}\n";
  const Carried out = export_openslo(agreement(w), tree(yaml(w)));
  has(out.text, "kind: Service\nmetadata:\n  name: shop\n");
  has(out.text, "      target: 0.999\n      timeSliceTarget: 1\n      timeSliceWindow: 1m\n");
  has(out.text, "      target: 0.95\n      op: lt\n      value: 1.5\n");
  has(out.text, "startTime: \"2026-07-01 00:00:00\"\n        timeZone: \"Asia/Shanghai\"");
  std::string notes;
  for (const auto& each : out.notes) notes += each + "\n";
  has(notes, "objective 'speed': OpenSLO has no mean");
  has(notes, "cannot count by time");
  const auto back = import_openslo(out.text, "o.yaml");
  ASSERT_TRUE(back) << back.error().message;
  const auto again = read_agreement(back->text, "again.yaml");
  ASSERT_TRUE(again) << again.error().message << back->text;
  EXPECT_EQ(again->digest, agreement(w).digest);
  EXPECT_TRUE(back->notes.empty());
}

const char* const kForeign =
    "# two documents\napiVersion: openslo/v1\nkind: Service\nmetadata: {name: web}\n"
    "spec: {description: The web}\n---\n"
    "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: up}\nspec:\n  service: web\n"
    "  indicatorRef: ratio\n  budgetingMethod: Timeslices\n"
    "  timeWindow: [{duration: 4w, isRolling: true}]\n"
    "  objectives: [{target: 0.995, timeSliceTarget: 0.95, timeSliceWindow: 1m}]\n"
    "  alertPolicies: [x]\n";

TEST(OpenSlo, OfOthersBecomesADraftThatSaysWhatIsMissing) {
  const auto out = import_openslo(kForeign, "f.yaml");
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->text,
            "apiVersion: nines/v1\nkind: Agreement\nmetadata:\n  name: web\n  version: \"0.1.0\"\n"
            "spec:\n  scope:\n    services:\n      - {name: web, description: \"The web\"}\n"
            "  objectives:\n    - {name: up, service: web, statistic: availability, method: "
            "timeslices, timeSliceWindow: 1m, timeSliceTarget: \"95\", target: \"99.5\", period: "
            "{rolling: 28d}}\n");
  std::string notes;
  for (const auto& each : out->notes) notes += each + "\n";
  has(notes, "f.yaml:7:1: alert policies have one window");
  has(notes, "the indicator's query is not carried");
  has(notes, "to be written: spec.measurement.checks");
}

TEST(OpenSlo, RefusesWhatIsNone) {
  EXPECT_FALSE(import_openslo("", "f"));
  EXPECT_FALSE(import_openslo("a: [", "f"));
  const auto other = import_openslo("---\napiVersion: v1\nkind: Pod\n", "f");
  ASSERT_FALSE(other);
  has(other.error().message, "f:2:1: apiVersion is 'v1', not openslo/v1");
}

}  // namespace
}  // namespace nines::sla::agreement_tools_test
