// SPDX-License-Identifier: Apache-2.0
// The page, judged by its structure: it is well-formed, stands alone, is whole for a reader who
// sees no picture, its tables add up, and nothing from outside escapes into it.
#include "sla/render/report_html.h"

#include <gtest/gtest.h>

#include <set>

#include "base/utf8.h"
#include "sla/render/html.h"
#include "sla/render/svg.h"
#include "sla/time/calendar_rows.h"
#include "support.h"
#include "xml.h"

namespace nines::sla::report_html_test {
namespace {

constexpr std::int64_t kHourNs = 3600 * kSecondNs;

// November with two outages and an hour without results.
Report november(const Words& words = {}) {
  Series all = series();
  const std::int64_t from = at("2026-11-01T00:00:00Z");
  const std::int64_t to = at("2026-12-01T00:00:00Z");
  const std::int64_t first = from + 30 * kHourNs;
  const std::int64_t second = from + 400 * kHourNs;
  const std::int64_t silent = from + 500 * kHourNs;
  add(all, from, first, 30, Outcome::up, 120'000);
  add(all, first, first + kHourNs / 2, 30, Outcome::down);
  add(all, first + kHourNs / 2, second, 30, Outcome::up, 120'000);
  add(all, second, second + kHourNs / 4, 30, Outcome::down);
  add(all, second + kHourNs / 4, silent, 30, Outcome::up, 120'000);
  add(all, silent + kHourNs, to, 30, Outcome::up, 120'000);
  return judged(words, {all}, "2026-11");
}

std::unique_ptr<Element> page_of(const Report& report, Language language = Language::en) {
  auto out = XmlReader::read(report_html(report, language));
  return out ? std::move(out) : std::make_unique<Element>();
}

const Element* table_named(const Element& page, const std::string& caption) {
  for (const Element* table : page.all("table")) {
    if (!table->children.empty() && table->children[0]->text == caption) return table;
  }
  ADD_FAILURE() << "no table " << caption;
  return nullptr;
}

TEST(ReportHtml, IsWellFormedInBothLanguages) {
  for (const Language language : {Language::en, Language::zh}) {
    const auto page = page_of(november(), language);
    EXPECT_EQ(page->name, "html");
    EXPECT_EQ(page->attribute("lang"), tag(language));
    EXPECT_EQ(page->all("main").size(), 1U);
    EXPECT_EQ(page->all("h1").size(), 1U);
  }
}

TEST(ReportHtml, StandsAlone) {
  const std::string page = report_html(november(), Language::en);
  for (const char* outside : {"<script", "src=", "href=", "@import", "http://", "https://"}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
  EXPECT_NE(page.find("default-src &#39;none&#39;"), std::string::npos);
}

TEST(ReportHtml, EveryReferenceLeadsSomewhere) {
  const Report report = november();
  const std::string text = report_html(report, Language::en);
  const auto page = page_of(report);
  std::set<std::string> ids;
  page->walk([&](const Element& each) {
    const std::string id = each.attribute("id");
    if (!id.empty()) {
      EXPECT_TRUE(ids.insert(id).second) << id << " twice";
    }
  });
  page->walk([&](const Element& each) {
    std::istringstream names(each.attribute("aria-labelledby"));
    for (std::string name; names >> name;) EXPECT_TRUE(ids.contains(name)) << name;
  });
  for (std::size_t at = 0; (at = text.find("url(#", at)) != std::string::npos; ++at) {
    const std::size_t end = text.find(')', at);
    EXPECT_TRUE(ids.contains(text.substr(at + 5, end - at - 5)));
  }
}

TEST(ReportHtml, SaysTheVerdictFirst) {
  const auto page = page_of(november());
  const std::string text = page->all("main").at(0)->text;
  const std::size_t verdict = text.find("BREACHED");
  ASSERT_NE(verdict, std::string::npos);
  EXPECT_LT(verdict, text.find("99.9 %"));
  EXPECT_NE(text.find("1 of 1 objectives missed the target."), std::string::npos);
  EXPECT_NE(text.find("availability 99.895 % · target 99.9 % · BREACHED"), std::string::npos);
  EXPECT_NE(text.find("108 s over budget"), std::string::npos);
}

TEST(ReportHtml, EveryPictureIsDescribedAndEveryTableHasHeads) {
  const auto page = page_of(november());
  for (const Element* svg : page->all("svg")) {
    const bool spoken =
        svg->attribute("role") == "img" && !svg->attribute("aria-labelledby").empty();
    EXPECT_TRUE(spoken || svg->attribute("aria-hidden") == "true");
  }
  for (const Element* table : page->all("table")) {
    EXPECT_EQ(table->children.at(0)->name, "caption");
    std::size_t columns = 0;
    for (const Element* row : table->all("tr")) {
      if (columns == 0) columns = row->children.size();
      EXPECT_EQ(row->children.size(), columns) << row->text;
      EXPECT_EQ(row->children.at(0)->name, "th") << row->text;
      EXPECT_FALSE(row->children.at(0)->attribute("scope").empty());
    }
  }
}

std::int64_t number(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return std::stoll(text);
}

TEST(ReportHtml, TheSecondsAddUpToThePeriod) {
  const auto page = page_of(november());
  const Element* table = table_named(*page, "Where the time went");
  ASSERT_NE(table, nullptr);
  std::int64_t sum = 0;
  for (const Element* row : table->all("tbody").at(0)->all("tr")) {
    sum += number(row->children.at(1)->text);
  }
  EXPECT_EQ(sum, 30 * 86'400);
  EXPECT_EQ(number(table->all("tfoot").at(0)->all("td").at(0)->text), sum);
}

// Horizontal extents of the boxes "M1 2h3v4h-3z…" of a path.
std::vector<std::pair<double, double>> boxes(const std::string& path) {
  std::vector<std::pair<double, double>> out;
  std::istringstream in(path);
  char letter = 0;
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  double back = 0;
  while (in >> letter >> x >> y >> letter >> width >> letter >> height >> letter >> back >>
         letter) {
    EXPECT_EQ(width, -back);
    out.emplace_back(x, width);
  }
  return out;
}

TEST(ReportHtml, TheBarOfSecondsIsFilledExactly) {
  const auto page = page_of(november());
  double x = 0;
  int parts = 0;
  for (const Element* svg : page->all("svg")) {
    if (svg->attribute("class") != "seconds") continue;
    for (const Element* path : svg->all("path")) {
      const auto box = boxes(path->attribute("d"));
      ASSERT_EQ(box.size(), 1U);
      EXPECT_NEAR(box[0].first, x, 0.001);
      EXPECT_GT(box[0].second, 1.9) << "too narrow to be seen";
      x += box[0].second;
      ++parts;
    }
  }
  EXPECT_EQ(parts, 3);
  EXPECT_NEAR(x, 720, 0.001);
}

TEST(ReportHtml, DrawsUnknownAsUnknownAndEachOutage) {
  const auto page = page_of(november());
  int outages = 0;
  int unknown = 0;
  for (const Element* path : page->all("path")) {
    if (path->attribute("class") == "d" && !path->children.empty()) {
      ++outages;
      EXPECT_NE(path->text.find("down from 2026-11-"), std::string::npos);
    }
    if (path->attribute("class") == "k") ++unknown;
  }
  EXPECT_EQ(outages, 2);
  EXPECT_GE(unknown, 2);  // in the course and in the bar; swatches come on top
}

TEST(ReportHtml, NothingFromOutsideEscapes) {
  Report report = november();
  static constexpr Phrase kAsItIs{"{0}", "{0}"};
  for (const char* text :
       {"<script>alert(1)</script>", "\" onload=\"x", "a & b", "\xff\x1b[31m\u202e"}) {
    report.warnings.push_back({kAsItIs, {text}, {}});
  }
  report.agreement = "acme<b>";
  const std::string text = report_html(report, Language::en);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("acme<b>"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\u202e"), std::string::npos);
  const auto page = page_of(report);
  const auto warnings = page->all("li");
  ASSERT_EQ(warnings.size(), 4U);
  EXPECT_EQ(warnings[0]->text, "<script>alert(1)</script>");
  EXPECT_EQ(warnings[1]->text, "\" onload=\"x");
  EXPECT_EQ(warnings[2]->text, "a & b");
  EXPECT_EQ(warnings[3]->text, "\uFFFD [31m ");
}

TEST(ReportHtml, IsTheSameBytesForTheSameReport) {
  EXPECT_EQ(report_html(november(), Language::zh), report_html(november(), Language::zh));
}

TEST(ReportHtml, StaysSmallWhenThereWasNothingButFlapping) {
  Series all = series();
  const std::int64_t from = at("2026-11-01T00:00:00Z");
  for (std::int64_t i = 0; i < 30 * 2880; ++i) {
    all.samples.push_back(
        {from + i * 30 * kSecondNs, i % 4 == 0 ? Outcome::down : Outcome::up, {}, 120'000});
  }
  const Report report = judged(Words{}, {all}, "2026-11");
  const std::string text = report_html(report, Language::en);
  EXPECT_LT(text.size(), 400'000U);
  const auto page = page_of(report);
  EXPECT_NE(page->text.find("cut into 2000 cells"), std::string::npos);
  EXPECT_NE(page->text.find("And 21100 more"), std::string::npos);
}

TEST(ReportHtml, ShowsEachVersionWithItsTargetAndDigest) {
  Words two;
  two.version = "\"2.0.0\"";
  two.effective = "{from: \"2026-11-16T00:00:00\", timeZone: UTC}";
  two.objectives = "    - {name: availability, target: \"99\"}\n";
  Series all = series();
  add(all, at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"), 30, Outcome::up);
  const Agreement first = agreement(Words{});
  const Agreement second = agreement(two);
  const Report report = judged({first, second}, {all}, Question{"2026-11", std::nullopt});
  const auto page = page_of(report);
  const Element* table = table_named(*page, "Versions in force");
  ASSERT_NE(table, nullptr);
  const auto rows = table->all("tbody").at(0)->all("tr");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]->children.at(3)->text, "99.9 %");
  EXPECT_EQ(rows[1]->children.at(3)->text, "99 %");
  EXPECT_NE(page->text.find("sha256:" + hex(first.digest)), std::string::npos);
  EXPECT_NE(page->text.find("sha256:" + hex(second.digest)), std::string::npos);
  EXPECT_NE(page->text.find("the period has the worst of their verdicts"), std::string::npos);
}

TEST(ReportHtml, WrapsAFigureThatNoTileWouldHold) {
  Series all = series();
  add(all, at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"), 30, Outcome::up);
  const auto page = page_of(judged(Words{}, {all}, "2026-11"));
  std::vector<std::string> tiles;
  for (const Element* each : page->all("dd")) tiles.push_back(each->text);
  EXPECT_NE(std::find(tiles.begin(), tiles.end(), "2\u00a0592\u00a0s of budget left"), tiles.end())
      << ::testing::PrintToString(tiles);
  EXPECT_NE(std::find(tiles.begin(), tiles.end(), "99.9\u00a0%"), tiles.end());
}

TEST(ReportHtml, OfAPeriodWithoutAnythingIsStillAPage) {
  Words late;
  late.effective = "{from: \"2030-01-01T00:00:00\", timeZone: UTC}";
  const auto page = page_of(judged(late, {series()}, "2026-11"));
  EXPECT_NE(page->text.find("Nothing of the period is in force."), std::string::npos);
  const auto silent = page_of(judged(Words{}, {series()}, "2026-11"), Language::zh);
  EXPECT_NE(silent->text.find("无数据"), std::string::npos);
}

TEST(ReportHtml, ADayOfAClockChangeIsAsLongAsItIs) {
  const auto zone = Zone::find("Europe/Berlin");
  ASSERT_TRUE(zone);
  const auto march = calendar_rows(*parse_period("2026-03", *zone), *zone);
  ASSERT_EQ(march.rows.size(), 31U);
  EXPECT_EQ(march.rows[28].label, "03-29");
  EXPECT_EQ(march.rows[28].end - march.rows[28].origin, 23 * kHourNs);
  EXPECT_EQ(march.longest, 24 * kHourNs);
  const auto october = calendar_rows(*parse_period("2026-10", *zone), *zone);
  EXPECT_EQ(october.longest, 25 * kHourNs);
}

TEST(ReportHtml, AnOutageAcrossAClockChangeNamesBothOffsets) {
  Words berlin;
  berlin.effective = "{from: \"2026-01-01T00:00:00\", timeZone: Europe/Berlin}";
  Series all = series();
  const std::int64_t from = at("2026-10-24T22:00:00Z");
  const std::int64_t down = at("2026-10-25T00:30:00Z");
  add(all, from, down, 30, Outcome::up);
  add(all, down, down + 2400 * kSecondNs, 30, Outcome::down);
  add(all, down + 2400 * kSecondNs, from + 25 * kHourNs, 30, Outcome::up);
  const auto page = page_of(judged(berlin, {all}, "2026-10-25"));
  const Element* table = table_named(*page, "Outages");
  ASSERT_NE(table, nullptr);
  EXPECT_NE(table->text.find("2026-10-25 02:30:00 +02:00"), std::string::npos) << table->text;
  EXPECT_NE(table->text.find("2026-10-25 02:10:00 +01:00"), std::string::npos) << table->text;
}

TEST(CalendarRows, FitTheLengthOfThePeriod) {
  const Zone utc;
  const auto rows = [&](const char* period) {
    return calendar_rows(*parse_period(period, utc), utc);
  };
  EXPECT_EQ(rows("2026-11-05").rows.size(), 24U);
  EXPECT_EQ(rows("2026-11").rows.size(), 30U);
  EXPECT_EQ(rows("2026-Q1").rows.size(), 13U);
  EXPECT_EQ(rows("2026").rows.size(), 12U);
  EXPECT_EQ(rows("2026").rows.at(1).label, "2026-02");
  EXPECT_EQ(rows("2020-01-01T00:00:00Z/2030-01-01T00:00:00Z").rows.size(), 10U);
  EXPECT_EQ(rows("1970-01-02T00:00:00Z/2199-01-01T00:00:00Z").rows.size(), 1U);
}

TEST(CalendarRows, CoverThePeriodAndBeginOnTheClock) {
  const Zone utc;
  const Interval period = *parse_period("2026-11-05T06:30:00Z/2026-11-20T01:00:00Z", utc);
  const auto calendar = calendar_rows(period, utc);
  EXPECT_EQ(calendar.rows.front().origin, at("2026-11-05T00:00:00Z"));
  std::int64_t reached = period.from;
  for (const CalendarRow& row : calendar.rows) {
    EXPECT_EQ(row.span.from, reached);
    reached = row.span.to;
  }
  EXPECT_EQ(reached, period.to);
}

TEST(Svg, CoordinatesHaveNoMoreDigitsThanTheyNeed) {
  EXPECT_EQ(coordinate(1234), "12.34");
  EXPECT_EQ(coordinate(1230), "12.3");
  EXPECT_EQ(coordinate(1203), "12.03");
  EXPECT_EQ(coordinate(1200), "12");
  EXPECT_EQ(coordinate(-50), "-0.5");
  EXPECT_EQ((Box{100, 200, 300, 400}.path()), "M1 2h3v4h-3z");
  EXPECT_EQ((Scale({0, 10}, 0, 1000).at(5)), 500);
  EXPECT_EQ((Scale({0, 10}, 1000, 0).at(10)), 0);
}

}  // namespace
}  // namespace nines::sla::report_html_test
