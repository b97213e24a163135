// SPDX-License-Identifier: Apache-2.0
// A small world of whole seconds: rules that two parties could agree, results, events and a
// question. It is written out for the judgement (agreement text, series, event lines) and counted
// second by second by seconds_oracle.h.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sla/judge/judge.h"

namespace nines::sla {

inline constexpr int kLongestBelief = 20;  // in seconds, of any check

struct World {
  enum class Effect { remove, remove_down, forgive };

  struct Kind {
    std::string name;
    int notice = 0;
    int allowance = -1;  // -1: without limit
    bool needs_evidence = false;
    std::vector<std::pair<int, int>> windows;  // written in the agreement: from, length
  };

  struct Rules {     // of one version
    int belief = 0;  // 0: two and a half intervals
    int down_after = 1, up_after = 1;
    bool majority = false;
    int k = 0;  // 0: half of the vantages and one
    int min_known = 1;
    int minimum = 0, merge_gap = 0;
    int cap = -1;  // -1: none
    UnknownPolicy::Treat treat = UnknownPolicy::Treat::verdict;
    int min_coverage = 0;  // percent
    int target = 99;       // percent
    bool assume_up = false;
    Effect effect = Effect::remove;
    std::vector<std::string> precedence;
    std::vector<Kind> kinds;
    int slice = 10;
    int slice_target = 100;  // percent
    bool empty_is_good = false;
  };

  struct Check {
    std::string name;
    int every = 1;
  };

  // Every weekday the same interval in minutes of the day; not on the holidays, days from `day`.
  struct Hours {
    int from = 0, to = 0;
    std::vector<int> holidays;
  };

  struct Membership {
    std::string vantage;
    bool joined = true;
    int at = 0;
  };

  struct Exclusion {  // one line
    std::string id, kind;
    int from = 0, to = 0;
    std::string state;
    bool part = false;  // of the service `part` only, which the other one is made of
    std::optional<int> announced;
    bool signed_by = false, evidence = false;
    int at = 0;  // when it was said, and approved
  };

  struct Seen {
    std::size_t check = 0, vantage = 0;
    std::vector<std::pair<int, Outcome>> samples;
  };

  int end = 300;  // no result later than this second

  int last() const { return end + kLongestBelief + 10; }  // nothing holds longer

  // The clock on the wall: `before` seconds east until second `change`, `after` from then on.
  std::string zone = "UTC";
  std::int64_t origin = 0;  // Unix seconds of second 0
  int before = 0, after = 0, change = 0;

  std::vector<Check> checks;
  int need = 0;      // of the root's children; 0: no composition is written, all are needed
  bool sub = false;  // the last two checks are one child, a service of their own
  int sub_need = 2;
  std::vector<std::string> vantages;
  std::vector<Membership> memberships;
  std::optional<Hours> hours;
  std::vector<Exclusion> exclusions;
  std::vector<Seen> seen;

  std::vector<Rules> versions;  // one or two
  int new_version_at = 0;       // of the second
  int force_from = 0, force_to = 0;
  int from = 0, to = 0;
  std::optional<int> as_of;
  bool counts = false;  // also objectives that count results and slices
};

// Most are small: a minute or two, one or two places. Some are five minutes with everything.
World draw_world(std::mt19937& random);
// Other results, events and another question under the same rules.
void draw_results(World& w, std::mt19937& random);

std::vector<std::string> agreement_texts(const World& w);
std::string event_lines(const World& w);
std::vector<Series> series_of(const World& w);
Question question_of(const World& w);

}  // namespace nines::sla
