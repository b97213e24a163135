// SPDX-License-Identifier: Apache-2.0
// History that another monitor kept, as single observations. Three forms are taken, told apart by
// their first characters:
//   a Prometheus answer   {"status":"success","data":{"resultType":"matrix","result":[…]}}
//   sample lines          probe_success{instance="https://x/"} 1 1761955200000
//                         (text exposition with timestamps, `promtool tsdb dump`)
//   CSV with a header     time,check,vantage,value  (also instance, target, outcome, total_us)
// Nothing is guessed: a line that says neither up nor down nor "not known" fails the file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/time.h"
#include "model/outcome.h"

namespace nines::cli {

inline constexpr std::size_t kMaxHistoryBytes = 1 << 30;
inline constexpr std::size_t kMaxObservations = 10'000'000;  // as many as a results file may hold

struct Observation {
  WallTime t;
  Outcome outcome = Outcome::unknown;
  std::optional<std::int64_t> total_us;
};

struct RecordedSeries {
  std::map<std::string, std::string> labels;  // without the metric's name
  std::vector<Observation> observations;      // in the file's order
};

// `metric` is the one that says up or down (probe_success); of METRIC probe_duration_seconds with
// the same labels and time the latency is taken.
Expected<std::vector<RecordedSeries>> read_history(std::string_view text,
                                                   const std::string& name,
                                                   const std::string& metric);

}  // namespace nines::cli
