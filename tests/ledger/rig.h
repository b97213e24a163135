// SPDX-License-Identifier: Apache-2.0
// What the tests of the ledger share: a small ring on a simulated disk, and the oracle that knows
// every record ever committed and judges what a later open shows.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "tests/support/sim_disk.h"

namespace nines::ledger {

inline Options small_options(std::uint32_t segments = 4) {
  Options o;
  o.segment_size = kMinSegmentSize;
  o.size = std::uint64_t{segments} * kMinSegmentSize;
  Uuid uuid{};
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::uint8_t>(i + 1);
  o.uuid = uuid;
  return o;
}

struct Opened {
  std::unique_ptr<Ledger> ledger;
  Recovered recovered;
  Error error;
};

inline Opened open_on(test::SimDisk disk, const Options& options = small_options()) {
  Opened o;
  auto ledger = Ledger::open(disk.directory(), options, o.recovered);
  if (ledger) {
    o.ledger = *std::move(ledger);
  } else {
    o.error = ledger.error();
  }
  return o;
}

struct Entry {
  std::uint8_t type = 0;
  std::string bytes;

  bool operator==(const Entry&) const = default;
};

using Entries = std::map<std::uint64_t, Entry>;

inline Entries everything(Ledger& ledger) {
  Entries out;
  const auto damage = ledger.visit([&](const RecordRef& ref, ByteView bytes) {
    EXPECT_TRUE(out.emplace(ref.number, Entry{ref.type, std::string(as_text(bytes))}).second);
  });
  EXPECT_TRUE(damage.empty());
  return out;
}

inline std::vector<RecordIn> views(const std::vector<Entry>& entries) {
  std::vector<RecordIn> out;
  for (const auto& e : entries) out.push_back({e.type, as_bytes(e.bytes)});
  return out;
}

inline std::string random_bytes(Random& random, std::size_t size) {
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(random.next());
  return out;
}

// A group of `count` records of up to `most` bytes.
inline std::vector<Entry> random_group(Random& random, std::size_t count, std::size_t most) {
  std::vector<Entry> out(count);
  for (auto& e : out) {
    e.type = static_cast<std::uint8_t>(random.next());
    e.bytes = random_bytes(random, random.below(most + 1));
  }
  return out;
}

// Knows what was promised. `durable` was returned by commit; `offered` was given to a commit that
// did not return: it may be there or not, but never otherwise.
struct Oracle {
  Entries durable;
  Entries offered;
  std::uint64_t released = 1;  // numbers below were released: they may be gone

  void offer(std::uint64_t first, const std::vector<Entry>& entries) {
    offered.clear();
    for (const auto& e : entries) offered[first++] = e;
  }

  void accept(const std::vector<RecordRef>& refs, const std::vector<Entry>& entries) {
    ASSERT_EQ(refs.size(), entries.size());
    offered.clear();
    for (std::size_t i = 0; i < refs.size(); ++i) {
      ASSERT_TRUE(durable.emplace(refs[i].number, entries[i]).second)
          << "number " << refs[i].number << " was used twice";
    }
  }
};

inline bool covered(const std::vector<Damage>& damage, std::uint64_t number) {
  for (const auto& d : damage) {
    if (d.first <= number && number <= d.last) return true;
  }
  return false;
}

// The promises of ledger.h, checked against what an open shows. Returns what visit() showed.
inline Entries check_promises(Opened& opened, const Oracle& oracle, bool damage_allowed) {
  EXPECT_TRUE(opened.ledger) << opened.error.message;
  if (!opened.ledger) return {};
  const Recovered& r = opened.recovered;
  Entries found = everything(*opened.ledger);
  EXPECT_EQ(found.size(), r.records);
  for (const auto& [number, entry] : found) {
    const auto durable = oracle.durable.find(number);
    const auto offered = oracle.offered.find(number);
    const bool known = (durable != oracle.durable.end() && durable->second == entry) ||
                       (offered != oracle.offered.end() && offered->second == entry);
    EXPECT_TRUE(known) << "record " << number << " was changed or never given";
    EXPECT_GE(number, r.first_record);
    EXPECT_LT(number, r.next_record);
  }
  if (r.lost) {
    EXPECT_TRUE(damage_allowed);
    return found;
  }
  std::uint64_t next = r.first_record;  // records and damage tile [first_record, next_record)
  auto record = found.begin();
  for (const auto& d : r.damage) {
    EXPECT_LE(d.first, d.last);
    while (record != found.end() && record->first < d.first) EXPECT_EQ((record++)->first, next++);
    EXPECT_EQ(d.first, next);
    next = d.last + 1;
  }
  while (record != found.end()) EXPECT_EQ((record++)->first, next++);
  EXPECT_EQ(next, r.next_record);
  for (const auto& [number, entry] : oracle.durable) {
    EXPECT_LT(number, r.next_record) << "the number would be used again";
    if (number < oracle.released || found.contains(number)) continue;
    EXPECT_TRUE(damage_allowed) << "record " << number << " is gone";
    EXPECT_TRUE(covered(r.damage, number)) << "record " << number << " is gone silently";
  }
  return found;
}

}  // namespace nines::ledger
