// SPDX-License-Identifier: Apache-2.0
// A check of everything in a ledger's directory that changes nothing: `nines spool verify DIR`.
#pragma once

#include "base/disk.h"
#include "ledger/format.h"

namespace nines::ledger {

enum class Severity {
  note,     // worth knowing, nothing is missing
  warning,  // redundancy or certainty is missing, no durable record is
  damage,   // durable records are missing, or the ledger cannot be used
};

struct Finding {
  Severity severity = Severity::note;
  std::string text;
};

struct Report {
  bool readable = false;  // false: no ledger, a newer one, or nothing in it can be used
  Geometry geometry;
  std::uint64_t live_segments = 0;
  std::uint64_t groups = 0;
  std::uint64_t records = 0;
  std::uint64_t first_record = 1;
  std::uint64_t next_record = 1;  // what the next open would begin with
  Digest head{};
  bool clean = false;
  std::vector<Damage> damage;
  std::vector<Finding> findings;

  bool sound() const;  // no finding of severity damage
};

// An error only when the directory itself cannot be read. Do not run it beside a running agent: a
// group that is being written looks torn.
Expected<Report> verify(Directory& directory);

const char* name_of(Severity severity);

}  // namespace nines::ledger
