// SPDX-License-Identifier: Apache-2.0
// Drawing in whole numbers: coordinates are hundredths of a unit of the picture, so that the same
// report gives the same bytes everywhere.
#pragma once

#include <cstdint>
#include <string>

#include "sla/time/timeline.h"

namespace nines::sla {

// "12.34", "-0.5", "7"
std::string coordinate(std::int64_t hundredths);

// A box as a piece of a path: "M1 2h3v4h-3z".
struct Box {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;

  std::string path() const;
};

// Maps a range of values evenly onto coordinates, which may run backwards.
class Scale {
 public:
  Scale(const Interval& values, std::int64_t first, std::int64_t last)
      : values_(values), first_(first), last_(last) {}

  std::int64_t at(std::int64_t value) const;

 private:
  Interval values_;  // from < to
  std::int64_t first_;
  std::int64_t last_;
};

}  // namespace nines::sla
