// SPDX-License-Identifier: Apache-2.0
// A bounded, self-checking log of records on a ring of pre-written segment files. It promises:
//   - a record is durable when commit() returns it, and comes back byte for byte or as Damage;
//   - visit() and Recovered::damage together cover every number of [first_record, next_record);
//   - a number is never bound to two contents, whatever is cut, torn, flipped or lost;
//   - nothing is overwritten before release_oldest() allowed it; no file grows after creation.
// Plain blocking code for the disk thread: no clock of its own, no locks, one caller at a time.
// The format and the reasons are in docs/formats/ledger.md.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "ledger/format.h"

namespace nines::ledger {

// Error::code of this room. Negative, so that they never meet an errno.
enum ErrorCode : int {
  kFull = -1001,           // commit: release_oldest() first, or use Room::reserve
  kTooLarge = -1002,       // commit: the group cannot fit any segment, or has too many records
  kStorageFailed = -1003,  // commit: for good in this object; records already durable stay readable
  kReleased = -1004,       // read: the record's segment was released
  kDamaged = -1005,        // read: the bytes on the disk are not those that were committed
  kNewerFormat = -1006,    // open: made by a newer version; nothing was touched
};

struct Options {
  // Used when a ledger is made; an existing one keeps its own (Recovered::size_differs says so).
  std::uint64_t size = 64U << 20U;         // at least 4 segments; rounded down to whole segments
  std::uint32_t segment_size = 1U << 20U;  // a multiple of 4 KiB, 64 KiB to 128 MiB
  const Clock* clock = nullptr;            // times the syncs for Usage; not owned
  std::optional<Uuid> uuid;                // fixed only in tests; otherwise drawn from the kernel
};

struct Position {
  std::uint64_t segment = 0;  // segment number, not the file
  std::uint32_t page = 0;     // where the group starts, in pages of the segment
  std::uint32_t offset = 0;   // of the record in the body of its group
};

struct RecordRef {
  std::uint64_t number = 0;  // from 1; grows; never used twice
  Position where;
  std::uint32_t size = 0;  // of the record's bytes
  std::uint8_t type = 0;
};

struct Recovered {
  bool created = false;  // there was no ledger: a new, empty one was made
  bool lost = false;     // there was one, and nothing of it can be used: a new, empty one was made
  bool clean = true;     // the end is proven: no record is missing after the last one
  bool read_only = false;           // the disk refused a repair: reads work, commits fail
  bool superblock_rebuilt = false;  // from the groups; `clean` is false then
  bool size_differs = false;        // Options ask for another size than the ledger has
  Uuid uuid{};
  std::uint64_t first_record = 1;  // the oldest number that is not known to be released
  std::uint64_t next_record = 1;   // the number that the next commit begins with
  std::uint64_t records = 0;       // how many visit() will show
  // Sorted, disjoint. Told again at each open until the segment is released, so that a caller cut
  // down before it wrote its gap record can still write it.
  std::vector<Damage> damage;
};

// The oldest segment; its records are the numbers [first_record, end_record), damage included.
struct SegmentView {
  std::uint64_t segment = 0;
  std::uint64_t first_record = 0;
  std::uint64_t end_record = 0;
};

struct Usage {
  std::uint64_t total_bytes = 0;  // of the ring
  std::uint64_t used_bytes =
      0;  // in segments that hold live records; the open one counts its pages
  std::uint64_t free_segments = 0;  // the reserve included
  std::uint64_t live_segments = 0;
  std::uint64_t quarantined_segments = 0;  // files that failed a write, a sync or a read
  std::uint64_t bytes_written = 0;         // since open, padding included
  std::uint64_t commits = 0;
  std::uint64_t syncs = 0;
  Duration last_sync{0};  // zero without Options::clock
  Duration longest_sync{0};
};

enum class Room {
  normal,   // leaves one free segment untouched
  reserve,  // may use the last one: for the gap record that must precede a release
};

class Ledger {
 public:
  using Visitor = std::function<void(const RecordRef&, ByteView bytes)>;

  // Finds, repairs or makes the ledger in `directory`. One opener at a time: hold a FileLock.
  // After a crash, segments released since the last commit may be there again: the caller must
  // tolerate records that it knows to be delivered, and release them again.
  static Expected<std::unique_ptr<Ledger>> open(std::unique_ptr<Directory> directory,
                                                const Options& options,
                                                Recovered& out);

  // Shows every live record, oldest first, one group in memory at a time. The bytes are valid
  // during the call only. Returns what became unreadable since open.
  std::vector<Damage> visit(const Visitor& visitor);

  // One group: all records or none, durable on return. One write and one sync, unless a write or a
  // sync fails: then the same group is written to another segment and the first is quarantined.
  // An error other than kFull and kTooLarge is kStorageFailed; the records of such a group may or
  // may not be there after the next open.
  Expected<std::vector<RecordRef>> commit(std::span<const RecordIn> records,
                                          Room room = Room::normal);

  // Reads back one record and checks its pages again.
  Expected<std::string> read(const RecordRef& ref);

  // Would a commit of this many body_bytes() succeed without a release?
  bool fits(std::uint64_t body_bytes) const;
  std::uint64_t max_group_bytes() const;  // the most body_bytes() of one group

  // Nothing when only the segment that is being written remains: that one cannot be released.
  std::optional<SegmentView> oldest() const;
  // The caller promises that all of oldest() is delivered or covered by a durable gap record.
  // The release itself becomes durable with the next commit.
  void release_oldest();

  std::uint64_t next_record() const { return next_record_; }

  const Uuid& uuid() const { return geometry_.uuid; }

  // The chain hash after the last durable record; zeros when there was none.
  const Digest& head() const { return head_; }

  bool failed() const { return failed_; }  // every commit answers kStorageFailed

  Usage usage() const;

 private:
  struct Group {
    std::uint32_t page = 0;
    std::uint32_t pages = 0;
    std::uint32_t records = 0;
    std::uint64_t first_record = 0;
  };

  struct Segment {
    std::uint64_t number = 0;
    std::uint32_t file = 0;
    std::uint64_t first_record = 0;  // of the numbers this segment accounts for
    std::vector<Group> groups;
  };

  struct Slot {  // a segment file
    std::unique_ptr<File> file;
    std::uint64_t segment = 0;  // the newest it holds; 0 when it was never used
    bool live = false;
    bool quarantined = false;
  };

  struct Recovery;  // recovery.cc: builds a Ledger out of a Survey

  Ledger() = default;

  Expected<void> roll(Room room);
  bool write_group(std::span<const RecordIn> records, std::string& why);
  Expected<void> timed_sync(File& file);
  std::size_t free_count() const;
  Segment* active();
  const Segment* find(std::uint64_t segment) const;
  std::vector<RecordRef> publish(std::span<const RecordIn> records);

  std::unique_ptr<Directory> directory_;
  Geometry geometry_;
  const Clock* clock_ = nullptr;
  std::vector<Slot> slots_;
  std::deque<Segment> live_;     // oldest first
  bool active_open_ = false;     // live_.back() may take more groups
  std::uint32_t next_page_ = 0;  // in the active segment
  std::uint64_t next_segment_ = 1;
  std::uint64_t next_group_ = 1;
  std::uint64_t next_record_ = 1;
  std::uint64_t last_group_ = 0;  // what the next group is linked to
  std::uint64_t last_end_ = 1;
  Digest head_{};
  bool failed_ = false;
  Usage usage_;
  GroupHeader pending_header_;  // of the group that write_group() built last
  Digest pending_head_{};
  std::vector<std::uint8_t> buffer_;  // one group; at most a segment
};

}  // namespace nines::ledger
