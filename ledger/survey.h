// SPDX-License-Identifier: Apache-2.0
// What a ledger's directory holds, found by reading alone: open() repairs from it, verify() tells
// it. Work is bounded by the size of the ring, memory by one segment and a few words for each page.
#pragma once

#include "base/disk.h"
#include "ledger/format.h"

namespace nines::ledger {

enum class PageState : std::uint8_t { zero, intact, bad, unreadable };

struct PageMark {
  PageState state = PageState::unreadable;
  bool whole = false;         // an intact page of a group all of whose pages are good
  std::uint64_t segment = 0;  // of an intact page
};

struct FoundGroup {
  GroupHeader header;
  Digest head{};
  std::uint32_t pages = 0;
};

// One segment file, page by page.
struct SegmentScan {
  std::vector<PageMark> marks;
  std::vector<FoundGroup> groups;    // whole ones, of this lap and of earlier ones
  std::uint64_t newest_segment = 0;  // seen in any header or stamp that is good by itself
  std::uint64_t newest_group = 0;
};

// `marks` comes in with `unreadable` where a page could not be read, anything else elsewhere.
SegmentScan scan_segment(ByteView image,
                         std::vector<PageMark> marks,
                         const Uuid& uuid,
                         std::uint32_t file,
                         std::vector<std::uint8_t>& body);

// The groups of the current lap that lead to the newest one, and what is missing among them.
struct Linked {
  std::vector<FoundGroup> accepted;  // in order
  std::vector<FoundGroup> rejected;  // whole, but in no chain with the others
  std::vector<Damage> damage;        // below accepted.back().end_record()
  std::uint64_t floor_segment = 0;
  std::uint64_t floor_record = 1;
};

// `groups`: for each file those of its newest segment; any order.
Linked link_groups(std::vector<FoundGroup> groups);

struct FileFound {
  std::unique_ptr<File> file;  // none where it is missing
  std::uint64_t size = 0;
  bool read_error = false;
  SegmentScan scan;
  std::uint64_t current = 0;  // the newest segment with a whole group; 0 when none has one
};

enum class SuperblockFound { absent, valid, bad, unreadable, newer };

struct Suspect {  // a page that may have held a group newer than the last accepted one
  std::uint32_t file = 0;
  std::uint32_t page = 0;
};

struct Survey {
  SuperblockFound superblock_found = SuperblockFound::absent;
  std::uint32_t newer_version = 0;
  int superblock_slots = 0;  // valid ones, of two
  bool rebuilt = false;      // geometry guessed from the groups
  bool usable = false;       // geometry known: the fields below are filled
  bool blank = false;        // not usable, and no segment file holds anything but zeros
  Error trouble;             // the first thing that could not be read, when something could not
  bool was_lost = false;     // an earlier open gave up on this directory and was cut down
  Superblock superblock;
  std::vector<FileFound> files;
  Linked linked;
  std::vector<Suspect> suspects;

  bool any_read_error() const;
  bool any_blank_file() const;  // there whole, readable, all zeros: the ring was never lapped
};

// What recovery concludes about the end of the log.
struct Tail {
  bool proven = true;  // nothing can have been written after the last accepted group
  std::uint64_t last_group = 0;
  std::uint64_t last_end = 1;  // one past the last accepted record
  Digest head{};
  std::uint64_t next_record = 1;  // greater than any number that may ever have been used
  std::uint64_t next_group = 1;
  std::uint64_t next_segment = 1;
  std::vector<Damage> damage;  // all of it, sorted
};

// Nothing when no number can be promised to be new: the ledger is lost.
std::optional<Tail> find_tail(const Survey& survey);

// `wanted` helps to rebuild the geometry when the superblock is lost.
Expected<Survey> survey(Directory& directory, const Geometry& wanted);

}  // namespace nines::ledger
