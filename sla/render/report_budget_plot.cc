// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sla/render/report_plots.h"
#include "sla/render/report_sentences.h"
#include "sla/render/svg.h"

namespace nines::sla {
namespace {

// Hundredths of a unit.
constexpr std::int64_t kLeft = 7'500;
constexpr std::int64_t kRight = 70'500;
constexpr std::int64_t kTop = 1'200;
constexpr std::int64_t kBottom = 19'000;

// Time in which the agreement binds and that passed or will pass: the budget is for all of it.
bool planned(Phase phase) {
  return phase == Phase::up || phase == Phase::down || phase == Phase::unknown ||
         phase == Phase::future;
}

class BudgetPlot {
 public:
  BudgetPlot(Html& html, Language language, const ObjectiveReport& o);

  void draw(const std::string& id);

 private:
  std::string point(std::int64_t at, std::int64_t left_ns) const {
    return coordinate(across_.at(at)) + " " + coordinate(up_.at(left_ns));
  }

  static std::int64_t elapsed_until(const ObjectiveReport& o);
  static Interval heights(const ObjectiveReport& o, std::int64_t total);
  std::vector<DownSoFar> drawn_steps() const;
  void draw_unknown();
  void draw_axes();
  void draw_ideal();
  void draw_curves();

  void text(std::string_view css, std::int64_t x, std::int64_t y, std::string_view words) {
    html_.leaf("text", {{"class", css}, {"x", coordinate(x)}, {"y", coordinate(y)}}, words);
  }

  Html& html_;
  Language language_;
  const ObjectiveReport& o_;
  std::int64_t total_;
  std::int64_t now_;  // where the known part of the period ends
  Interval range_;    // of what is left
  Scale across_;
  Scale up_;
};

std::int64_t BudgetPlot::elapsed_until(const ObjectiveReport& o) {
  for (const Piece& each : o.course.pieces) {
    if (each.phase == Phase::future) return each.span.from;
  }
  return o.period.to;
}

// From the lowest that the curve reaches to the whole budget.
Interval BudgetPlot::heights(const ObjectiveReport& o, std::int64_t total) {
  const std::int64_t most = o.course.steps.empty() ? 0 : o.course.steps.back().most_ns;
  const std::int64_t lowest = std::min<std::int64_t>(0, total - std::max(most, o.seconds.down));
  return {lowest, std::max(total, lowest + 1)};
}

BudgetPlot::BudgetPlot(Html& html, Language language, const ObjectiveReport& o)
    : html_(html),
      language_(language),
      o_(o),
      total_(o.budget->total_ns.floor().to_int64()),
      now_(elapsed_until(o)),
      range_(heights(o, total_)),
      across_(o.period, kLeft, kRight),
      up_(range_, kBottom, kTop) {}

std::vector<DownSoFar> BudgetPlot::drawn_steps() const {
  std::vector<DownSoFar> out;
  for (const DownSoFar& each : o_.course.steps) {
    if (each.at <= now_) out.push_back(each);
  }
  if (!out.empty() && out.back().at < now_) {
    out.push_back(out.back());
    out.back().at = now_;
  }
  return out;
}

void BudgetPlot::draw_unknown() {
  std::string path;
  for (const Piece& each : o_.course.pieces) {
    if (each.phase != Phase::unknown) continue;
    const std::int64_t x = across_.at(each.span.from);
    const std::int64_t width = std::max<std::int64_t>(across_.at(each.span.to) - x, 50);
    path += Box{x, kTop, width, kBottom - kTop}.path();
  }
  if (!path.empty()) html_.empty("path", {{"class", "k pale"}, {"d", path}});
}

void BudgetPlot::draw_axes() {
  const auto level = [&](std::int64_t left_ns, std::string_view css, std::string_view label) {
    const std::int64_t y = up_.at(left_ns);
    html_.empty("path",
                {{"class", css},
                 {"d", "M" + coordinate(kLeft) + " " + coordinate(y) + "H" + coordinate(kRight)}});
    text("r", kLeft - 500, y + 300, label);
  };
  level(total_, "grid", seconds_down(language_, total_));
  level(0, "zero", seconds_down(language_, 0));
  const bool room = up_.at(range_.from) - up_.at(0) > 1'500;
  if (range_.from < 0 && room) {
    level(range_.from, "grid", "−" + seconds_up(language_, -range_.from));
  }
  const std::string from = local_text(o_.zone, {o_.period.from});
  const std::string to = local_text(o_.zone, {o_.period.to});
  constexpr std::size_t kToTheMinute = 16;
  text("s", kLeft, kBottom + 1'500, from.substr(0, kToTheMinute));
  text("r", kRight, kBottom + 1'500, to.substr(0, kToTheMinute));
}

// Even consumption: it falls only while the agreement binds.
void BudgetPlot::draw_ideal() {
  std::int64_t whole = 0;
  for (const Piece& each : o_.course.pieces) {
    if (planned(each.phase)) whole += each.span.to - each.span.from;
  }
  if (whole == 0) return;
  std::string path = "M" + point(o_.period.from, total_);
  std::int64_t passed = 0;
  bool before = true;  // whether the piece before was planned; the line bends where that changes
  for (const Piece& each : o_.course.pieces) {
    if (planned(each.phase) != before) {
      const Rational left = Rational(total_) * Rational(Integer(whole - passed), Integer(whole));
      path += "L" + point(each.span.from, left.floor().to_int64());
    }
    before = planned(each.phase);
    if (before) passed += each.span.to - each.span.from;
  }
  path += "L" + point(o_.period.to, 0);
  html_.empty("path", {{"class", "ideal"}, {"d", path}});
}

// The band between the outages as short and as long as the samples allow, and the charged line.
void BudgetPlot::draw_curves() {
  const std::vector<DownSoFar> steps = drawn_steps();
  if (steps.empty()) return;
  std::string line;
  std::string band;
  for (const DownSoFar& each : steps) {
    const std::string_view joint = line.empty() ? "M" : "L";
    line += std::string(joint) + point(each.at, total_ - each.down_ns);
    band += std::string(joint) + point(each.at, total_ - each.least_ns);
  }
  for (auto each = steps.rbegin(); each != steps.rend(); ++each) {
    band += "L" + point(each->at, total_ - each->most_ns);
  }
  html_.empty("path", {{"class", "band"}, {"d", band + "z"}});
  html_.empty("path", {{"class", "left"}, {"d", line}});
  const DownSoFar& last = steps.back();
  html_.empty("circle", {{"class", "end"},
                         {"cx", coordinate(across_.at(last.at))},
                         {"cy", coordinate(up_.at(total_ - last.down_ns))},
                         {"r", "3"}});
}

void BudgetPlot::draw(const std::string& id) {
  html_.open("figure", {{"class", "plot"}});
  html_.open(
      "svg",
      {{"viewBox", "0 0 720 215"}, {"role", "img"}, {"aria-labelledby", id + "-t " + id + "-d"}});
  html_.leaf("title", {{"id", id + "-t"}}, say(language_, words::kBudgetTitle));
  html_.leaf("desc", {{"id", id + "-d"}}, margin_text(language_, o_));
  draw_unknown();
  draw_axes();
  draw_ideal();
  draw_curves();
  html_.close();
  html_.leaf("figcaption", say(language_, words::kBudgetCaption));
  html_.close();
}

}  // namespace

void plot_budget(Html& html,
                 Language language,
                 const ObjectiveReport& objective,
                 const std::string& id) {
  if (objective.budget && objective.period.from < objective.period.to) {
    BudgetPlot(html, language, objective).draw(id);
  }
}

}  // namespace nines::sla
