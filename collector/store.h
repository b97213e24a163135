// SPDX-License-Identifier: Apache-2.0
// The evidence: every batch as it came, in an SQLite file of the state folder
// (docs/formats/store.md). Invariants: settle() answers after COMMIT, and a commit is an fsync
// (WAL, synchronous = FULL); numbers of an (agent, epoch) are without holes; nothing stored is ever
// changed, and each of it has an entry in the log (collector/log.h) of the same transaction. Tables
// beside the frozen ones are derived by collector/timeline_store, in the transaction that stores
// the batch, and can be made again from it. All calls block; they run on one disk thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/expected.h"
#include "base/sign.h"
#include "collector/database.h"
#include "collector/decision.h"
#include "collector/log.h"
#include "collector/subject_keys.h"
#include "proto/codec.h"

namespace nines::collector {

inline constexpr int kEvidenceVersion = 2;            // of the frozen tables: PRAGMA user_version
inline constexpr std::uint64_t kMaxQuarantine = 64;   // batches kept aside for one agent
inline constexpr std::uint64_t kMaxIncidents = 1000;  // rows kept for one agent
// A gap that claims more is refused: nobody loses so many batches, and numbers must not jump away.
inline constexpr std::uint64_t kMaxGapSpan = std::uint64_t{1} << 32;

// A verified batch on its way in.
struct Arrival {
  std::string bytes;
  proto::OpenedHeader opened;
  WallTime received;
  std::string peer;
};

// What became of it; goes into the receipt.
struct Settled {
  Decision decision = Decision::need_from;
  std::uint64_t durable = 0;
  Digest head_hash{};
  bool undecodable = false;  // stored, but its body says nothing to us
};

struct StoredHead {
  EpochId epoch{};
  std::uint64_t durable = 0;
  Digest head_hash{};
};

class Store {
 public:
  // Makes what is missing; refuses a folder that another collector holds or that a newer version
  // made. Derived tables of another version are made again.
  static Expected<std::unique_ptr<Store>> open(const std::string& folder);

  // All in one transaction: either every one of them is settled and durable, or none.
  Expected<std::vector<Settled>> settle(const std::vector<Arrival>& arrivals);

  // Runs `work` in one transaction: whatever it appends is durable when this returns, or nothing
  // is.
  Expected<void> write(const std::function<Expected<void>(Database&)>& work);

  // In order of epochs.
  Expected<std::vector<StoredHead>> heads(const std::string& agent);

  // Drops everything derived and makes it again from the batches.
  Expected<void> rebuild();

  std::string database_path() const { return folder_ + "/collector.db"; }

  const std::string& folder() const { return folder_; }

  const SigningKey& receipt_key() const { return key_; }

  const SigningKey& log_key() const { return log_key_; }

  SubjectKeys& subject_keys() { return subject_keys_; }

  // Names this store and its log.
  const std::array<std::uint8_t, 16>& incarnation() const { return incarnation_; }

  Database& database() { return *database_; }

 private:
  Store(std::string folder, FileLock lock, SigningKey receipt_key, SigningKey log_key);
  Expected<void> prepare();
  Expected<void> take_into_log();
  Known known(const BatchHeader& header);
  Settled settle_one(const Arrival& arrival);
  bool keep(const Arrival& arrival, const Known& known);
  void set_aside(const Arrival& arrival);
  void note_incident(const Arrival& arrival, std::string_view kind);

  std::string folder_;
  FileLock lock_;
  SigningKey key_, log_key_;
  SubjectKeys subject_keys_;
  std::unique_ptr<Database> database_;
  std::array<std::uint8_t, 16> incarnation_{};
};

}  // namespace nines::collector
