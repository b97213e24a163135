// SPDX-License-Identifier: Apache-2.0
// A batch as values; proto/codec.h turns it into the sealed bytes and back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/sign.h"
#include "model/result.h"
#include "model/slot.h"

namespace nines {

using EpochId = std::array<std::uint8_t, 16>;

// A check as the collector knows it: enough to tell every slot that was due, and what was measured.
struct CheckEntry {
  std::string name;
  CheckKind kind = CheckKind::http;
  std::string target;
  SlotGrid grid;
  Duration timeout{0};
  int priority = 5;
  Labels labels;
  std::string canonical;  // canonical_text(check)

  bool operator==(const CheckEntry&) const = default;
};

struct CheckTable {
  std::vector<CheckEntry> checks;
  Digest config_digest{};
  Labels labels;  // of the agent

  bool operator==(const CheckTable&) const = default;
};

enum class EventKind : std::uint8_t {
  epoch = 1,
  boot = 2,
  stop = 3,
  suspend = 4,
  clock_step = 5,
  config = 6,
  spool = 7,
  recheck = 8,
};

struct AgentEvent {
  EventKind kind = EventKind::boot;
  WallTime wall;
  BootTime boot;
  Duration duration{0};  // of a suspend; size of a clock step; recheck: behind the slot's instant
  std::string text;
  bool clean = false;                           // boot: the agent had stopped properly before
  std::string link;                             // epoch: bytes that name the epoch before, or empty
  std::uint64_t lost_first = 0, lost_last = 0;  // spool: ledger records lost

  bool operator==(const AgentEvent&) const = default;
};

struct GapPerCheck {
  std::string check;
  std::uint64_t up = 0, down = 0, unknown = 0;
  std::int64_t first_slot = 0, last_slot = 0;
  std::uint32_t transitions = 0;

  bool operator==(const GapPerCheck&) const = default;
};

struct Gap {
  std::string cause;
  std::uint64_t batches = 0, results = 0, first_seq = 0, last_seq = 0;
  WallTime from, to;
  std::vector<GapPerCheck> checks;

  bool operator==(const Gap&) const = default;
};

struct BatchHeader {
  std::string agent;
  EpochId epoch{};
  std::uint64_t number = 0;
  std::uint64_t last_number = 0;  // = number, but for a gap batch
  Digest previous_hash{};
  std::optional<Digest> resume_hash;  // present exactly in a gap batch
  std::uint64_t first_seq = 0, result_count = 0;
  ClockReading sealed;  // wall and boot; `awake` does not travel
  std::array<std::uint8_t, 16> boot_id{};
  ClockSync sync;
  Duration clock_ahead{0}, clock_bound{0};
  PublicKey public_key{};
  Digest table_digest{};
  std::string version;
};

struct CheckResults {
  std::uint32_t check = 0;  // index into the table
  std::vector<Result> results;

  bool operator==(const CheckResults&) const = default;
};

struct BatchBody {
  std::optional<std::string> table;  // serialised CheckTable, verbatim: its digest is in the header
  std::vector<CheckResults> series;
  std::vector<AgentEvent> events;
  std::optional<Gap> gap;
};

}  // namespace nines
