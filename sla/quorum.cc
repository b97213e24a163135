// SPDX-License-Identifier: Apache-2.0
#include "sla/quorum.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::sla {
namespace {

struct Event {
  std::int64_t at;
  std::size_t part;
  Outcome state;
};

Outcome verdict(std::size_t down, std::size_t up, std::size_t k, std::size_t n) {
  if (down >= k) return Outcome::down;
  const std::size_t unknown = n - down - up;
  return down + unknown < k ? Outcome::up : Outcome::unknown;
}

}  // namespace

Timeline threshold(const std::vector<const Timeline*>& parts, std::size_t k, std::size_t n) {
  ASSERT(k >= 1 && k <= n && parts.size() <= n);
  if (n == 1 && parts.size() == 1) return *parts.front();
  std::vector<Event> events;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (const Change& change : parts[part]->changes()) {
      events.push_back({change.at, part, change.state});
    }
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.at < b.at; });
  std::vector<Outcome> states(parts.size(), Outcome::unknown);
  std::size_t down = 0;
  std::size_t up = 0;
  Timeline out;
  for (std::size_t i = 0; i < events.size();) {
    const std::int64_t at = events[i].at;
    for (; i < events.size() && events[i].at == at; ++i) {
      Outcome& state = states[events[i].part];
      down -= state == Outcome::down ? 1 : 0;
      up -= state == Outcome::up ? 1 : 0;
      state = events[i].state;
      down += state == Outcome::down ? 1 : 0;
      up += state == Outcome::up ? 1 : 0;
    }
    out.append(at, verdict(down, up, k, n));
  }
  return out;
}

}  // namespace nines::sla
