// SPDX-License-Identifier: Apache-2.0
// The agent's durable queue: results as they happen, sealed batches, and gaps where batches had to
// go, on the ledger's bounded ring. Plain blocking code for the disk thread; one caller at a time.
//
// Invariants:
//   - what append() returned for is durable; only durable batches are ever handed out to be sent;
//   - results are numbered densely in the order they became durable (seq), batches without holes;
//   - a batch's bytes are made once, at sealing, and are the same for every collector;
//   - before an undelivered batch is dropped, a gap batch that stands for it is durable.
// An epoch begins when a spool is created, lost, or when its end cannot be proven after a crash:
// then numbers that may have left the host are never bound to other content.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/sign.h"
#include "ledger/ledger.h"
#include "model/batch.h"
#include "proto/codec.h"
#include "proto/spool_codec.h"

namespace nines::agent {

struct SpoolOptions {
  std::string agent;
  std::string version;
  std::array<std::uint8_t, 16> boot_id{};
  std::vector<std::string> collectors;  // URLs; a batch is free when all of them have it
  std::uint64_t size = 64 << 20;
  const Clock* clock = nullptr;  // times syncs; not owned
};

// What a batch says of the clocks when it is sealed.
struct SealContext {
  ClockReading now;
  ClockSync sync;
  Duration clock_ahead{0}, clock_bound{0};  // against the collector, at the last exchange
};

struct PendingResult {
  std::uint32_t check = 0;  // index into the table that was set last
  Result result;            // its seq is given by the spool
};

// A batch that may be sent: sealed, or a gap that stands for several.
struct Deliverable {
  EpochId epoch{};
  std::uint64_t number = 0, last_number = 0;
  Digest previous_hash{}, hash{}, chain_hash{};
  std::uint64_t first_seq = 0, results = 0;
  WallTime sealed;
  std::optional<Gap> gap;
  ledger::RecordRef record;
};

struct SpoolStatus {
  bool failed = false;
  std::string failure;
  std::uint64_t used_bytes = 0, size_bytes = 0, syncs = 0, written_bytes = 0;
  Duration last_sync{0}, longest_sync{0};
  EpochId epoch{};
  std::uint64_t next_number = 1, next_seq = 1;
  std::uint64_t unsent_batches = 0, unsent_results = 0;  // not yet at every collector
  std::optional<WallTime> oldest_unsent;                 // when the oldest such batch was sealed
  std::uint64_t open_results = 0;                        // durable, not yet sealed
  std::vector<std::pair<WallTime, Gap>> gaps;            // still held, with when they were sealed
  std::uint64_t dropped_results = 0;                     // since start
};

class Spool {
 public:
  // What the agent must know of the time before it started.
  struct Opened {
    bool created = false;
    bool clean = false;  // the agent had stopped properly, or never ran
    std::vector<proto::LastSlot> last;
    WallTime latest{0};                 // instant of the latest slot on record
    std::vector<std::string> findings;  // damage and the like, for log and status
  };

  // Opens or creates the ledger in `directory`, seals what a crash left open, records the start.
  static Expected<std::unique_ptr<Spool>> open(std::unique_ptr<Directory> directory,
                                               SpoolOptions options,
                                               SigningKey key,
                                               const SealContext& context,
                                               Opened& out);

  // The table that later results index. Seals what was collected under the one before.
  Expected<void> set_table(const CheckTable& table, const SealContext& context);

  // Makes results and events durable; with `seal`, as a sealed batch together with all that was
  // open. On success the results' seq are set.
  Expected<void> append(std::vector<PendingResult>& results,
                        const std::vector<AgentEvent>& events,
                        bool seal,
                        const SealContext& context);

  // The next batch that `collector` lacks, oldest first; nothing when it has all.
  std::optional<Deliverable> next_for(const std::string& collector) const;
  Expected<std::string> read(const Deliverable& batch);

  // `collector` has everything of `epoch` up to `durable`. Becomes durable with the next append.
  void acknowledge(const std::string& collector, const EpochId& epoch, std::uint64_t durable);
  // The collector has only this much (it was restored, or is new): may go back.
  void rewind(const std::string& collector, const EpochId& epoch, std::uint64_t durable);

  // A collector stands at `durable` with `head_hash` and what follows is no longer held: makes a
  // gap batch from there to the next one that is held. Answers whether one was needed and made.
  Expected<bool> bridge(const EpochId& epoch,
                        std::uint64_t durable,
                        const Digest& head_hash,
                        const SealContext& context);

  // A batch that cannot be read any more: a gap batch takes its place.
  Expected<void> give_up(const Deliverable& batch, const SealContext& context);

  // The chain hash after `number` of `epoch`, where it is still known.
  std::optional<Digest> chain_hash_at(const EpochId& epoch, std::uint64_t number) const;

  SpoolStatus status() const;

  const EpochId& epoch() const { return state_.epoch; }

 private:
  struct Key {  // epochs in the order they began, then batch numbers
    std::size_t epoch = 0;
    std::uint64_t number = 0;

    auto operator<=>(const Key&) const = default;
  };

  Spool(SpoolOptions options, SigningKey key)
      : options_(std::move(options)), key_(std::move(key)) {}

  void replay(Opened& out);
  void replay_record(const ledger::RecordRef& ref, ByteView bytes, Opened& out);
  void clear_open();
  void use_table(std::string bytes, CheckTable table);
  void take_table(const proto::OpenedHeader& opened, ByteView batch);
  static std::uint64_t estimated_bytes(const Result& result);
  void begin_epoch(const SealContext& context, const std::string& cause);
  void note_slot(const CheckEntry& check, const Result& result);
  // Checks that `table` adds to the one before are due from their first slot after `since`, also
  // where the agent is killed before it could record any.
  void begin_checks(const CheckTable& table, WallTime since);
  void take_begins();

  Expected<void> commit(const std::vector<std::pair<std::uint8_t, std::string>>& records);
  Expected<void> make_room(std::uint64_t bytes, const SealContext& context);
  Expected<void> drop_oldest(const SealContext& context);
  bool covers_open_results(std::uint64_t end_record) const;
  Expected<void> write_state(ledger::Room room);

  proto::Sealed seal_bytes(BatchHeader& header, BatchBody& body, const SealContext& context);
  BatchHeader header_for(const SealContext& context) const;
  Expected<void> seal_open(const SealContext& context, ledger::Room room);
  void add_deliverable(const proto::OpenedHeader& opened,
                       std::optional<Gap> gap,
                       const ledger::RecordRef& ref);
  bool delivered_everywhere(const Key& key, const Deliverable& batch) const;
  std::size_t epoch_index(const EpochId& epoch);
  std::optional<std::size_t> find_epoch(const EpochId& epoch) const;
  std::string table_after(const Key& gone, const std::string& dropped) const;
  Expected<std::pair<proto::Sealed, Gap>> gap_over(const std::vector<Key>& dropped,
                                                   const std::string& cause,
                                                   const SealContext& context);

  SpoolOptions options_;
  SigningKey key_;
  std::unique_ptr<ledger::Ledger> ledger_;
  proto::SpoolState state_;                // `last` and `marks` are kept in the maps below
  CheckTable table_;                       // state_.table decoded
  Digest table_digest_{};                  // of state_.table
  std::vector<CheckResults> open_series_;  // durable, unsealed; by check
  std::uint64_t open_results_ = 0;
  std::uint64_t open_bytes_ = 0;  // about what they take in a batch
  std::uint64_t open_first_seq_ = 1;
  std::vector<AgentEvent> open_events_;
  std::optional<std::uint64_t> open_first_record_;  // in the ledger
  std::uint64_t state_record_ = 0;                  // number of the newest state record
  std::uint64_t bytes_since_state_ = 0;
  std::map<Key, Deliverable> deliverables_;
  std::map<std::pair<std::string, std::size_t>, std::uint64_t>
      marks_;  // (collector, epoch) → durable
  std::vector<proto::CollectorMark> dirty_marks_;
  std::map<std::string, proto::LastSlot> last_slots_;
  std::map<std::string, proto::LastSlot> begins_;  // the last slot before each check's service
  std::optional<WallTime> since_;                  // replay only: of the table that follows
  std::vector<ledger::RecordRef> tail_;            // replay only: batches since the newest state
  std::map<Digest, CheckTable> tables_;            // replay only
  std::uint64_t unplaced_ = 0;                     // replay only: open results without a table
  std::uint64_t dropped_results_ = 0;
  std::string failure_;
};

}  // namespace nines::agent
