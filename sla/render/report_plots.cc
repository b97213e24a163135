// SPDX-License-Identifier: Apache-2.0
#include "sla/render/report_plots.h"

#include <algorithm>
#include <array>
#include <map>

#include "sla/render/report_sentences.h"
#include "sla/render/svg.h"
#include "sla/time/calendar_rows.h"

namespace nines::sla {
namespace {

// Hundredths of a unit; the page makes the picture as wide as it is.
constexpr std::int64_t kWidth = 72'000;
constexpr std::int64_t kLabels = 6'000;    // left of the rows
constexpr std::int64_t kRemarks = 13'000;  // right of them
constexpr std::int64_t kHead = 1'800;      // above them
constexpr std::size_t kMostTitles = 300;   // outages that tell their times when pointed at

struct Look {
  Phase phase;
  std::string_view css;
  std::int64_t height;     // percent of the row
  std::int64_t narrowest;  // so that short ones are seen
};

// From back to front.
constexpr std::array<Look, 7> kLooks = {{{Phase::not_in_force, "n", 14, 0},
                                         {Phase::future, "f", 14, 0},
                                         {Phase::out_of_hours, "h", 26, 0},
                                         {Phase::up, "u", 52, 0},
                                         {Phase::excluded, "e", 84, 80},
                                         {Phase::unknown, "k", 84, 80},
                                         {Phase::down, "d", 100, 150}}};

const Look& look_of(Phase phase) {
  return *std::find_if(kLooks.begin(), kLooks.end(),
                       [&](const Look& each) { return each.phase == phase; });
}

const Phrase& axis_words(CalendarRows::Unit unit) {
  switch (unit) {
    case CalendarRows::Unit::hour:
      return words::kAxisMinute;
    case CalendarRows::Unit::day:
      return words::kAxisHour;
    case CalendarRows::Unit::week:
    case CalendarRows::Unit::month:
      return words::kAxisDay;
    default:
      return words::kAxisDayOfYear;
  }
}

const Phrase& row_words(CalendarRows::Unit unit) {
  switch (unit) {
    case CalendarRows::Unit::hour:
      return words::kRowHour;
    case CalendarRows::Unit::day:
      return words::kRowDay;
    case CalendarRows::Unit::week:
      return words::kRowWeek;
    case CalendarRows::Unit::month:
      return words::kRowMonth;
    case CalendarRows::Unit::year:
      return words::kRowYear;
    case CalendarRows::Unit::whole:
      break;
  }
  return words::kRowWhole;
}

void put_text(
    Html& html, std::string_view css, std::int64_t x, std::int64_t y, std::string_view text) {
  html.leaf("text", {{"class", css}, {"x", coordinate(x)}, {"y", coordinate(y)}}, text);
}

class CoursePlot {
 public:
  CoursePlot(Html& html, Language language, const ObjectiveReport& o)
      : html_(html), language_(language), o_(o), calendar_(calendar_rows(o.period, o.zone)) {
    const std::size_t rows = calendar_.rows.size();
    height_ = rows <= 16 ? 1'400 : rows <= 35 ? 850 : 600;
    gap_ = rows <= 16 ? 400 : 250;
  }

  void draw(const std::string& id);

 private:
  std::int64_t top(std::size_t row) const {
    return kHead + static_cast<std::int64_t>(row) * (height_ + gap_);
  }

  Scale scale(const CalendarRow& row) const {
    return {{row.origin, row.origin + calendar_.longest}, kLabels, kWidth - kRemarks};
  }

  Box box(std::size_t row, const Interval& span, const Look& look) const;
  void draw_ticks();
  void draw_pieces();
  void draw_remarks();
  std::string summary() const;

  Html& html_;
  Language language_;
  const ObjectiveReport& o_;
  CalendarRows calendar_;
  std::int64_t height_ = 0;
  std::int64_t gap_ = 0;
  std::vector<std::int64_t> down_;  // of each row
};

Box CoursePlot::box(std::size_t row, const Interval& span, const Look& look) const {
  const Scale across = scale(calendar_.rows[row]);
  const std::int64_t from = across.at(span.from);
  const std::int64_t width = std::max(across.at(span.to) - from, look.narrowest);
  const std::int64_t height = height_ * look.height / 100;
  return {from, top(row) + (height_ - height) / 2, width, height};
}

void CoursePlot::draw_ticks() {
  put_text(html_, "r", kLabels - 600, kHead - 700, say(language_, axis_words(calendar_.unit)));
  const std::int64_t bottom = top(calendar_.rows.size()) - gap_;
  const Scale across({0, calendar_.longest}, kLabels, kWidth - kRemarks);
  std::string lines;
  for (const CalendarRows::Tick& tick : calendar_.ticks) {
    if (tick.offset > calendar_.longest) continue;
    const std::int64_t x = across.at(tick.offset);
    put_text(html_, "m", x, kHead - 700, tick.label);
    lines += "M" + coordinate(x) + " " + coordinate(kHead - 400) + "V" + coordinate(bottom);
  }
  if (!lines.empty()) html_.empty("path", {{"class", "grid"}, {"d", lines}});
}

// One path for all of a phase; outages one by one, so that each can tell its times.
void CoursePlot::draw_pieces() {
  down_.assign(calendar_.rows.size(), 0);
  std::map<Phase, std::string> paths;

  struct Drawn {
    Box box;
    Interval span;
  };

  std::vector<Drawn> outages;
  const auto& pieces = o_.course.pieces;
  std::size_t first = 0;
  for (std::size_t row = 0; row < calendar_.rows.size(); ++row) {
    const Interval& span = calendar_.rows[row].span;
    while (first < pieces.size() && pieces[first].span.to <= span.from) ++first;
    for (std::size_t i = first; i < pieces.size() && pieces[i].span.from < span.to; ++i) {
      const Piece& piece = pieces[i];
      const Interval part{std::max(piece.span.from, span.from), std::min(piece.span.to, span.to)};
      const Box drawn = box(row, part, look_of(piece.phase));
      if (piece.phase == Phase::down) {
        down_[row] += part.to - part.from;
        outages.push_back({drawn, piece.span});
      } else {
        paths[piece.phase] += drawn.path();
      }
    }
  }
  for (const Look& look : kLooks) {
    if (const auto found = paths.find(look.phase); found != paths.end()) {
      html_.empty("path", {{"class", look.css}, {"d", found->second}});
    }
  }
  std::string rest;
  const bool few = o_.course.exact && outages.size() <= kMostTitles;
  for (const Drawn& each : outages) {
    if (!few) {
      rest += each.box.path();
      continue;
    }
    html_.open("path", {{"class", "d"}, {"d", each.box.path()}});
    html_.leaf("title",
               say(language_, words::kDownFromTo,
                   {local_text(o_.zone, {each.span.from}), local_text(o_.zone, {each.span.to}),
                    seconds_up(language_, each.span.to - each.span.from)}));
    html_.close();
  }
  if (!rest.empty()) html_.empty("path", {{"class", "d"}, {"d", rest}});
}

// Beside a row: its downtime, and its length where a clock change made it another one.
void CoursePlot::draw_remarks() {
  for (std::size_t row = 0; row < calendar_.rows.size(); ++row) {
    const CalendarRow& each = calendar_.rows[row];
    const std::int64_t base = top(row) + height_ / 2 + 300;
    put_text(html_, "r", kLabels - 600, base, each.label);
    std::string remark;
    const std::int64_t length = each.end - each.origin;
    if (calendar_.unit == CalendarRows::Unit::day && length != kDayNs) {
      const std::int64_t seconds = length / kSecondNs;
      const std::string hours =
          seconds % 3600 == 0 ? say(language_, words::kHours, {std::to_string(seconds / 3600)})
                              : duration_text(language_, seconds);
      remark = say(language_, words::kLongDay, {hours});
    }
    if (down_[row] > 0 && o_.course.exact) {
      remark += (remark.empty() ? "" : " · ") + seconds_up(language_, down_[row]);
    }
    if (!remark.empty()) put_text(html_, "l", kWidth - kRemarks + 700, base, remark);
  }
}

std::string CoursePlot::summary() const {
  std::string out;
  for (const auto& [phase, length] : lengths_by_phase(o_.seconds)) {
    if (length == 0) continue;
    out += (out.empty() ? "" : ", ") + say(language_, words_of(phase)) + " " +
           seconds_up(language_, length);
  }
  return out;
}

void CoursePlot::draw(const std::string& id) {
  const std::int64_t height = top(calendar_.rows.size());
  html_.open("figure", {{"class", "plot"}});
  html_.open("svg", {{"viewBox", "0 0 720 " + coordinate(height)},
                     {"role", "img"},
                     {"aria-labelledby", id + "-t " + id + "-d"}});
  html_.leaf("title", {{"id", id + "-t"}}, say(language_, words::kCourseTitle));
  html_.leaf("desc", {{"id", id + "-d"}}, summary());
  draw_ticks();
  draw_pieces();
  draw_remarks();
  html_.close();
  std::string caption =
      say(language_, row_words(calendar_.unit)) + " " + say(language_, words::kDrawnWide);
  if (!o_.course.exact) {
    caption += " " + say(language_, words::kDrawnInCells, {std::to_string(kMostPieces)});
  }
  html_.leaf("figcaption", caption);
  html_.close();
}

}  // namespace

std::vector<std::pair<Phase, std::int64_t>> lengths_by_phase(const Seconds& s) {
  return {{Phase::up, s.up},
          {Phase::down, s.down},
          {Phase::unknown, s.unknown},
          {Phase::excluded, s.excluded},
          {Phase::out_of_hours, s.out_of_hours},
          {Phase::future, s.future},
          {Phase::not_in_force, s.not_in_force}};
}

void plot_patterns(Html& html) {
  const auto pattern = [&](std::string_view id, std::string_view size, std::string_view ground,
                           std::string_view ink, std::string_view path) {
    html.open("pattern",
              {{"id", id}, {"width", size}, {"height", size}, {"patternUnits", "userSpaceOnUse"}});
    html.empty("path", {{"class", ground}, {"d", "M0 0h8v8h-8z"}});
    html.empty("path", {{"class", ink}, {"d", path}});
    html.close();
  };
  html.open("svg", {{"class", "patterns"}, {"aria-hidden", "true"}}).open("defs");
  pattern("hatch", "4", "kg", "ki", "M-1 1l2-2M0 4l4-4M3 5l2-2");
  pattern("dots", "4", "eg", "ei", "M1 1h1.4v1.4h-1.4zM3 3h1.4v1.4h-1.4z");
  html.close().close();
}

void plot_swatch(Html& html, Phase phase) {
  const Look& look = look_of(phase);
  const std::int64_t height = 1'200 * look.height / 100;
  html.open("svg", {{"class", "swatch"}, {"viewBox", "0 0 16 12"}, {"aria-hidden", "true"}});
  html.empty("path",
             {{"class", look.css}, {"d", Box{0, (1'200 - height) / 2, 1'600, height}.path()}});
  html.close();
}

void plot_course(Html& html,
                 Language language,
                 const ObjectiveReport& objective,
                 const std::string& id) {
  CoursePlot(html, language, objective).draw(id);
}

void plot_seconds(Html& html, Language language, const ObjectiveReport& o, const std::string& id) {
  constexpr std::int64_t kHeight = 2'200;
  constexpr std::int64_t kNarrowest = 200;
  const auto lengths = lengths_by_phase(o.seconds);
  const Scale across({0, o.period.to - o.period.from}, 0, kWidth);
  std::vector<std::int64_t> widths;
  std::int64_t sum = 0;
  for (const auto& [phase, length] : lengths) {
    widths.push_back(length == 0 ? 0 : std::max(across.at(length), kNarrowest));
    sum += widths.back();
  }
  // What rounding and the narrowest took or gave, the widest gives or takes.
  *std::max_element(widths.begin(), widths.end()) += kWidth - sum;
  html.open("svg", {{"class", "seconds"},
                    {"viewBox", "0 0 720 22"},
                    {"preserveAspectRatio", "none"},
                    {"role", "img"},
                    {"aria-labelledby", id + "-t"}});
  html.leaf("title", {{"id", id + "-t"}}, say(language, words::kSecondsTitle));
  std::int64_t x = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (widths[i] == 0) continue;
    html.empty("path", {{"class", look_of(lengths[i].first).css},
                        {"d", Box{x, 0, widths[i], kHeight}.path()}});
    x += widths[i];
  }
  html.close();
}

}  // namespace nines::sla
