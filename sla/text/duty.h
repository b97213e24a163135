// SPDX-License-Identifier: Apache-2.0
// A dated obligation: whatever somebody has promised to do by some day. Training, surveys,
// insurance, drills, restore tests, reviews, meetings and the plain duties of both sides are all
// of this one type, wherever in the agreement they are written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/yaml.h"
#include "sla/text/section.h"
#include "sla/time/span.h"

namespace nines::sla {

struct Duty {
  enum class Kind {
    obligation,
    review,
    restore_test,
    drill,
    insurance,
    training,
    survey,
    meeting
  } kind = Kind::obligation;
  std::string id;  // where it is written: "training/1", "risks/R1", "reliability/backup"
  std::string what;
  std::string owner;               // "provider", "customer", or a role
  std::optional<Span> every;       // due every so often, counted from the agreement's first day
  std::optional<Span> within;      // and then so long after that day
  std::optional<LocalDate> until;  // due once, or the last day of `every`
  std::string evidence;            // what proves it; empty: nothing agreed
  Span remind{0, hours(24 * 14)};  // notice before it is due
  config::Place place;

  bool dated() const { return every.has_value() || until.has_value(); }
};

std::string_view name(Duty::Kind kind);  // "restore test"

// One day on which a duty is due, and the day from which it is worth reminding of.
struct Due {
  const Duty* duty = nullptr;
  LocalDate on;
  LocalDate remind_from;
  unsigned number = 1;  // the how-manieth time
};

struct Agreement;

// For each dated duty the first due date on or after `day`, with `past` also the last one before
// it, in order of dates. `begin` and `end` are the agreement's days; nothing is due after `end`.
std::vector<Due> due_around(const std::vector<Duty>& duties,
                            const LocalDate& begin,
                            const std::optional<LocalDate>& end,
                            const LocalDate& day,
                            bool past);

// Every due day of these duties before `day`, each that is worth reminding of on it, and in any
// case the first on or after it; in order of dates.
std::vector<Due> due_until(const std::vector<Duty>& duties,
                           const LocalDate& begin,
                           const std::optional<LocalDate>& end,
                           const LocalDate& day);

// Keys that a duty may have wherever it is written: `owner`, `until`, `within`, `evidence`,
// `remind`. Reads them and files the duty.
void read_duty(Section& section, Duty duty, std::vector<Duty>& out);

}  // namespace nines::sla
