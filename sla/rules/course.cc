// SPDX-License-Identifier: Apache-2.0
#include "sla/rules/course.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace nines::sla {
namespace {

constexpr std::array<Phase, 7> kWorstFirst = {
    Phase::down,   Phase::unknown,      Phase::excluded,    Phase::up,
    Phase::future, Phase::out_of_hours, Phase::not_in_force};

std::size_t rank(Phase phase) {
  const auto* const found = std::find(kWorstFirst.begin(), kWorstFirst.end(), phase);
  return static_cast<std::size_t>(found - kWorstFirst.begin());
}

void put(std::vector<Piece>& pieces, const Interval& span, Phase phase) {
  if (span.from >= span.to) return;
  const bool continues =
      !pieces.empty() && pieces.back().phase == phase && pieces.back().span.to == span.from;
  if (continues) {
    pieces.back().span.to = span.to;
  } else {
    pieces.push_back({span, phase});
  }
}

std::vector<Piece> exact_pieces(const Interval& period, const Phases& phases) {
  std::vector<Piece> known;
  const auto gather = [&](const IntervalSet& set, Phase phase) {
    for (const Interval& each : set.intervals()) {
      const Interval span{std::max(each.from, period.from), std::min(each.to, period.to)};
      if (span.from < span.to) known.push_back({span, phase});
    }
  };
  gather(phases.out_of_hours, Phase::out_of_hours);
  gather(phases.future, Phase::future);
  gather(phases.excluded, Phase::excluded);
  gather(phases.unknown, Phase::unknown);
  gather(phases.down, Phase::down);
  gather(phases.up, Phase::up);
  std::sort(known.begin(), known.end(),
            [](const Piece& a, const Piece& b) { return a.span.from < b.span.from; });
  std::vector<Piece> out;
  std::int64_t at = period.from;
  for (const Piece& each : known) {
    put(out, {at, each.span.from}, Phase::not_in_force);
    put(out, each.span, each.phase);
    at = each.span.to;
  }
  put(out, {at, period.to}, Phase::not_in_force);
  return out;
}

// The edge `index` of `count` cells of equal length.
std::int64_t edge(const Interval& period, std::size_t index, std::size_t count) {
  __extension__ using Wide = __int128;
  const Wide length = period.to - period.from;
  return period.from +
         static_cast<std::int64_t>(length * static_cast<Wide>(index) / static_cast<Wide>(count));
}

std::vector<Piece> cells(const Interval& period, const std::vector<Piece>& pieces) {
  std::vector<Piece> out;
  std::size_t first = 0;  // the first piece that reaches into the cell
  for (std::size_t cell = 0; cell < kMostPieces; ++cell) {
    const Interval span{edge(period, cell, kMostPieces), edge(period, cell + 1, kMostPieces)};
    while (pieces[first].span.to <= span.from) ++first;
    Phase worst = pieces[first].phase;
    for (std::size_t i = first; i < pieces.size() && pieces[i].span.from < span.to; ++i) {
      if (rank(pieces[i].phase) < rank(worst)) worst = pieces[i].phase;
    }
    put(out, span, worst);
  }
  return out;
}

// How much of a set lies before an instant; asked with instants that do not fall.
class Passed {
 public:
  explicit Passed(const IntervalSet& set) : intervals_(set.intervals()) {}

  std::int64_t before(std::int64_t at) {
    for (; next_ < intervals_.size() && intervals_[next_].to <= at; ++next_) {
      whole_ += intervals_[next_].to - intervals_[next_].from;
    }
    const bool inside = next_ < intervals_.size() && intervals_[next_].from < at;
    return whole_ + (inside ? at - intervals_[next_].from : 0);
  }

 private:
  const std::vector<Interval>& intervals_;
  std::size_t next_ = 0;
  std::int64_t whole_ = 0;
};

bool measured(Phase phase) {
  return phase == Phase::up || phase == Phase::down || phase == Phase::unknown;
}

std::vector<Piece> newest(const std::vector<Piece>& exact) {
  const auto last = std::find_if(exact.rbegin(), exact.rend(),
                                 [](const Piece& each) { return measured(each.phase); });
  if (last == exact.rend()) return {};
  const auto end = last.base();  // behind the last measured piece
  const auto before = std::min<std::ptrdiff_t>(kNewest, end - exact.begin());
  return {end - before, end == exact.end() ? end : end + 1};
}

std::vector<std::int64_t> step_instants(const Interval& period, const Phases& phases) {
  std::vector<std::int64_t> out = {period.from, period.to};
  for (const IntervalSet* set : {&phases.down, &phases.least_down, &phases.most_down}) {
    for (const Interval& each : set->intervals()) {
      for (const std::int64_t at : {each.from, each.to}) {
        if (period.from < at && at < period.to) out.push_back(at);
      }
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.size() <= kMostSteps) return out;
  out.clear();
  for (std::size_t i = 0; i < kMostSteps; ++i) out.push_back(edge(period, i, kMostSteps - 1));
  return out;
}

}  // namespace

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::not_in_force:
      return "not_in_force";
    case Phase::out_of_hours:
      return "out_of_hours";
    case Phase::future:
      return "future";
    case Phase::excluded:
      return "excluded";
    case Phase::unknown:
      return "unknown";
    case Phase::down:
      return "down";
    case Phase::up:
      return "up";
  }
  ASSERT(false);
  return "";
}

void Phases::add(const Phases& other) {
  const auto join = [](IntervalSet& into, const IntervalSet& more) {
    if (!more.empty()) into = into.empty() ? more : unite(into, more);
  };
  join(out_of_hours, other.out_of_hours);
  join(future, other.future);
  join(excluded, other.excluded);
  join(unknown, other.unknown);
  join(down, other.down);
  join(up, other.up);
  join(least_down, other.least_down);
  join(most_down, other.most_down);
}

PeriodCourse course_of(const Interval& period, const Phases& phases) {
  PeriodCourse out;
  out.pieces = exact_pieces(period, phases);
  out.newest = newest(out.pieces);
  out.exact = out.pieces.size() <= kMostPieces;
  if (!out.exact) out.pieces = cells(period, out.pieces);
  Passed down(phases.down);
  Passed least(phases.least_down);
  Passed most(phases.most_down);
  for (const std::int64_t at : step_instants(period, phases)) {
    out.steps.push_back({at, down.before(at), least.before(at), most.before(at)});
  }
  return out;
}

}  // namespace nines::sla
