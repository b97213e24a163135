// SPDX-License-Identifier: Apache-2.0
// The course of an objective through its period, for drawing: what every instant was, and how the
// downtime grew. Figures never come from here, they are in sla/judge/report.h; the course is
// bounded, so that a year of flapping is still a page.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sla/time/timeline.h"

namespace nines::sla {

enum class Phase { not_in_force, out_of_hours, future, excluded, unknown, down, up };

std::string_view name(Phase phase);  // as the seconds of a report are named

// Where each phase holds; disjoint. What of a period is in none of them is not_in_force.
struct Phases {
  IntervalSet out_of_hours, future, excluded, unknown, down, up;
  // S7: the downtime of which the outages were at least and may have been at most, measured time
  // only.
  IntervalSet least_down, most_down;

  void add(const Phases& other);
};

struct Piece {
  Interval span;
  Phase phase = Phase::not_in_force;

  bool operator==(const Piece&) const = default;
};

// The downtime from the beginning of the period to an instant.
struct DownSoFar {
  std::int64_t at = 0;
  std::int64_t down_ns = 0;
  std::int64_t least_ns = 0;
  std::int64_t most_ns = 0;

  bool operator==(const DownSoFar&) const = default;
};

inline constexpr std::size_t kMostPieces = 2000;
inline constexpr std::size_t kMostSteps = 1000;
inline constexpr std::size_t kNewest = 3;

struct PeriodCourse {
  // In order and without gaps, over the whole period. Up to kMostPieces they are exact. Where there
  // would be more, the period is cut into kMostPieces cells of equal length, and each shows the
  // first phase of this order that any instant of it has: down, unknown, excluded, up, future,
  // out_of_hours, not_in_force.
  std::vector<Piece> pieces;
  bool exact = true;
  // Always exact: the last pieces that were measured, at most kNewest, and the one after them. What
  // is the case just now is among them, however often it changed before.
  std::vector<Piece> newest;

  // In order: the edges of the period and of every stretch of downtime; between two of them the
  // downtime grows evenly. Where there would be more than kMostSteps, as many at equal distances.
  std::vector<DownSoFar> steps;
};

PeriodCourse course_of(const Interval& period, const Phases& phases);

}  // namespace nines::sla
