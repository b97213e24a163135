// SPDX-License-Identifier: Apache-2.0
#include "sla/render/svg.h"

#include <cstdlib>

namespace nines::sla {

std::string coordinate(std::int64_t hundredths) {
  const std::int64_t magnitude = std::abs(hundredths);
  std::string out = (hundredths < 0 ? "-" : "") + std::to_string(magnitude / 100);
  const std::int64_t rest = magnitude % 100;
  if (rest == 0) return out;
  out += "." + std::to_string(rest / 10);
  return rest % 10 == 0 ? out : out + std::to_string(rest % 10);
}

std::string Box::path() const {
  const std::string across = coordinate(width);
  return "M" + coordinate(x) + " " + coordinate(y) + "h" + across + "v" + coordinate(height) +
         "h-" + across + "z";
}

std::int64_t Scale::at(std::int64_t value) const {
  __extension__ using Wide = __int128;
  const Wide passed = static_cast<Wide>(value - values_.from) * (last_ - first_);
  return first_ + static_cast<std::int64_t>(passed / (values_.to - values_.from));
}

}  // namespace nines::sla
