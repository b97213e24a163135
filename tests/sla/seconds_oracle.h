// SPDX-License-Identifier: Apache-2.0
// What a world comes to, counted second by second from the text of the rules. Slow on purpose, and
// sharing nothing with the judgement: every second is looked at by itself, every completion of what
// is unknown is tried, shares are compared by multiplying out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "world.h"

namespace nines::sla {

struct Share {  // a fraction; of nothing where `of` is 0
  std::int64_t part = 0, of = 0;
};

struct Truth {
  struct Part {  // under one version
    std::int64_t not_in_force = 0, out_of_hours = 0, future = 0, excluded = 0;
    std::int64_t unknown = 0, down = 0, up = 0;
    Share nominal, worst, best, coverage;
    Verdict verdict = Verdict::not_applicable;
  };

  Part whole;
  std::vector<Part> parts;  // of the versions that are in force in the period
  std::int64_t partial = 0;
  std::int64_t blip_seconds = 0, blips = 0;  // of a world with one series
  std::int64_t forgiven_short = 0, forgiven_excluded = 0;
  std::map<std::string, std::int64_t> excluded_by;
  std::int64_t planned = 0;  // S40: in force, inside hours, not in a window that counts

  std::int64_t good_results = 0, results = 0;  // S36, in accountable seconds
  std::int64_t good_slices = 0, slices_with_data = 0, empty_slices = 0;
  std::vector<Share> ratios;  // of the slices with data
};

Truth count_seconds(const World& w);

}  // namespace nines::sla
