// SPDX-License-Identifier: Apache-2.0
// From series to services: the timelines of its checks (sla/judge/check_timelines.h) become one by
// the agreed composition, serial unless it says otherwise (S16a, S53).
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sla/input/samples.h"
#include "sla/text/agreement.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// All results that may be used, grouped and bounded. Built once for all versions and objectives.
class SampleStore {
 public:
  // Drops samples after `as_of`, or known to have arrived after it, and those outside the years
  // that can be judged.
  SampleStore(std::vector<Series> series, std::optional<WallTime> as_of);

  struct Group {
    std::string vantage;
    std::vector<Series> series;  // at least one sample each
  };

  // By vantage name; empty where nothing is known of the check.
  const std::vector<Group>& of_check(const std::string& check) const;

  std::size_t out_of_range() const { return out_of_range_; }

  // From the first result to the last, both included; empty (to < from) without any.
  const Interval& span() const { return span_; }

  // The latest arrival that a result states; INT64_MIN where none does.
  std::int64_t last_received() const { return last_received_; }

 private:
  std::map<std::string, std::vector<Group>> by_check_;
  std::size_t out_of_range_ = 0;
  Interval span_{std::numeric_limits<std::int64_t>::max(),
                 std::numeric_limits<std::int64_t>::min()};
  std::int64_t last_received_ = kNotReceived;
};

struct Evidence;  // sla/judge/check_timelines.h

struct ServiceTimelines {
  Timeline nominal;
  Timeline least;  // see Timelines
  Timeline most;
  Timeline walled;
  Timeline fresh;
  CauseTimeline causes;         // of nominal: of the first part that is unknown, its first vantage
  Timeline any_down;            // down where any vantage sees any check down (S16)
  std::vector<Interval> blips;  // S9, of every (check, vantage) that counts
  std::vector<PackedSamples> samples;  // of each (check, vantage) that counts, in order of time
  std::vector<std::string> checks;     // beside `samples`: whose they are
  Duration resolution{0};              // the longest interval of its checks
};

// By service or supplier under the one in question: time in which it is taken to be up.
using TakenAsUp = std::map<std::string, IntervalSet>;

// The judge's own words about results that it could not use as they came go to the warnings of
// `evidence`.
ServiceTimelines timelines_of_service(const Evidence& evidence,
                                      const std::string& service,
                                      const TakenAsUp& taken_as_up = {});

// As `seen` within `kept`, as `otherwise` elsewhere; samples and blips are those of both.
ServiceTimelines mixed(const ServiceTimelines& seen,
                       ServiceTimelines otherwise,
                       const IntervalSet& kept);

// The services and suppliers of which a service is made, at any depth.
std::set<std::string> parts_of_service(const Agreement& agreement, const std::string& service);

}  // namespace nines::sla
