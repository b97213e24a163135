// SPDX-License-Identifier: Apache-2.0
// Results become samples, samples become timelines of one (check, vantage): S1, S5, S6, S7.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "sla/input/causes.h"
#include "sla/input/packed_samples.h"
#include "sla/time/timeline.h"

namespace nines::sla {

// Of one judgement, which holds them all in memory, packed: some two gigabytes at the bound.
inline constexpr std::size_t kMostResults = 100'000'000;

// What one vantage saw of one check, in any order, each result once. Several series of the same
// (check, vantage) add up; so a check whose definition changed comes as two series of two digests.
struct Series {
  std::string check;
  std::string vantage;
  std::optional<Digest> check_digest;  // absent: taken as the agreement's check
  PackedSamples samples;
};

// S5: an agent's clock that is ahead by more than max(1 s, bound) is put right; smaller offsets
// stand.
WallTime corrected_start(WallTime started, std::int64_t ahead_us, std::int64_t bound_us);

// The timeline of one series four times: as it is believed, and as little and as much down as the
// same samples allow. Pointwise least ≤ nominal ≤ most in the order up < unknown < down.
struct Timelines {
  Timeline nominal;  // S6
  Timeline least;    // an outage lasts from its first to its last failure
  Timeline most;     // an outage lasts from the success before it to the success after it
  Timeline walled;   // `most`, but up for the first nanosecond of each success: tells outages apart
  Timeline fresh;    // S6 with belief of fresh_for() only
  CauseTimeline causes;         // of nominal
  std::vector<Interval> blips;  // S9: failures that nothing confirmed, and that count as up
};

// The timelines among them, for what is done to each alike.
inline constexpr Timeline Timelines::*kTimelineParts[] = {&Timelines::nominal, &Timelines::least,
                                                          &Timelines::most, &Timelines::walled,
                                                          &Timelines::fresh};

// How long a result is no old one: an interval, and a tenth of it, by which the next may be late in
// its slot. Without that nearly every second result would be old for a moment.
inline Duration fresh_for(Duration every) { return every + every / 10; }

// S8: how many equal results in a row make a state.
struct Confirmation {
  int down_after = 1;
  int up_after = 1;

  bool operator==(const Confirmation&) const = default;
};

// Sorts `samples` where they are not in order. Of two samples at one instant the better one holds
// (up over down over unknown; of unknown ones the one with the higher cause). `belief` and `every`
// are > 0.
Timelines timelines_of(std::vector<Sample>& samples,
                       Duration belief,
                       Duration every,
                       const Confirmation& confirmation = {});

// The same without unpacking them; nothing where they are not in order of time, each at an instant
// of its own.
std::optional<Timelines> timelines_in_order(const PackedSamples& samples,
                                            Duration belief,
                                            Duration every,
                                            const Confirmation& confirmation = {});

}  // namespace nines::sla
