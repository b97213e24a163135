// SPDX-License-Identifier: Apache-2.0
// Ledger::open: survey, decide, repair, build. Order of the repairs: first the superblock with the
// lower bounds of all numbers, then the pages whose doubt those bounds settle.
#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "ledger/make.h"

namespace nines::ledger {

struct Ledger::Recovery {
  Directory& directory;
  const Options& options;
  Recovered& out;

  Expected<Geometry> wanted() const {
    Geometry g;
    g.segment_size = options.segment_size;
    const std::uint64_t count = options.segment_size == 0 ? 0 : options.size / options.segment_size;
    g.segment_count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, kMaxSegments));
    if (options.uuid) {
      g.uuid = *options.uuid;
    } else {
      fill_entropy(g.uuid);
    }
    if (!g.valid()) {
      return fail("ledger: a size of " + std::to_string(options.size) + " bytes in segments of " +
                      std::to_string(options.segment_size) +
                      " is impossible; at least 4 segments of 64 KiB to 128 MiB are needed",
                  EINVAL);
    }
    return g;
  }

  // A survey of a ledger that can be used; makes a new one where there is none.
  Expected<Survey> find_or_make(const Geometry& geometry) {
    TRY(found, survey(directory, geometry));
    if (found.superblock_found == SuperblockFound::newer) {
      return fail("ledger: made in format " + std::to_string(found.newer_version) +
                      ", this program knows format " + std::to_string(kFormatVersion) +
                      "; nothing was changed, start the newer version",
                  kNewerFormat);
    }
    const auto tail = found.usable ? find_tail(found) : std::nullopt;
    if (tail) return found;
    if (found.any_read_error()) {
      return fail(
          "ledger: nothing was changed, try again or replace the disk: " + found.trouble.message,
          found.trouble.code);
    }
    const bool never = found.superblock_found == SuperblockFound::absent && !found.usable &&
                       found.blank && !found.was_lost;
    out.created = never;
    out.lost = !never;
    out.clean = never;
    TRY_VOID(make_ledger(directory, geometry, out.lost));
    return survey(directory, geometry);
  }

  // Where the disk takes no repair the ledger can still be read.
  void repair(Survey& found, const Tail& tail, std::vector<bool>& failed) {
    const bool bounds = tail.next_record > found.superblock.next_record && !tail.proven;
    if (bounds || found.superblock_slots < 2 || found.rebuilt) {
      Superblock s = found.superblock;
      ++s.generation;
      s.next_record = tail.next_record;
      s.next_group = tail.next_group;
      s.next_segment = tail.next_segment;
      if (!update_superblock(directory, s)) {
        out.read_only = bounds || found.rebuilt;
        if (out.read_only) return;
      }
    }
    scrub(directory, found, failed);
  }

  void build(Ledger& l, Survey& found, const Tail& tail, const std::vector<bool>& failed) {
    l.geometry_ = found.superblock.geometry;
    l.clock_ = options.clock;
    l.next_segment_ = tail.next_segment;
    l.next_group_ = tail.next_group;
    l.next_record_ = tail.next_record;
    l.last_group_ = tail.last_group;
    l.last_end_ = tail.last_end;
    l.head_ = tail.head;
    l.failed_ = out.read_only;
    for (std::uint32_t i = 0; i < found.files.size(); ++i) {
      FileFound& f = found.files[i];
      Slot slot;
      slot.file = std::move(f.file);
      slot.segment = f.scan.newest_segment;
      slot.quarantined = failed[i] || f.read_error || slot.file == nullptr;
      l.slots_.push_back(std::move(slot));
    }
    for (const auto& g : found.linked.accepted) {
      const GroupHeader& h = g.header;
      if (l.live_.empty() || l.live_.back().number != h.segment) {
        const std::uint64_t first =
            l.live_.empty() ? std::min(found.linked.floor_record, h.first_record) : h.first_record;
        l.live_.push_back({h.segment, h.file, first, {}});
        l.slots_[h.file].live = true;
      }
      l.live_.back().groups.push_back({h.page, g.pages, h.record_count, h.first_record});
      l.next_page_ = h.page + g.pages;
      out.records += h.record_count;
    }
    l.active_open_ = !l.live_.empty() && !l.slots_[l.live_.back().file].quarantined;
  }

  void tell(const Ledger& l, const Tail& tail) {
    out.clean = out.clean && tail.proven;
    out.uuid = l.geometry_.uuid;
    out.first_record = l.live_.empty() ? l.last_end_ : l.live_.front().first_record;
    out.next_record = l.next_record_;
    out.damage = tail.damage;
    out.size_differs =
        l.geometry_.segment_size != options.segment_size ||
        l.geometry_.bytes() / options.segment_size != options.size / options.segment_size;
  }
};

Expected<std::unique_ptr<Ledger>> Ledger::open(std::unique_ptr<Directory> directory,
                                               const Options& options,
                                               Recovered& out) {
  out = Recovered();
  Recovery recovery{*directory, options, out};
  TRY(geometry, recovery.wanted());
  TRY(found, recovery.find_or_make(geometry));
  const auto tail = found.usable ? find_tail(found) : std::nullopt;
  if (!tail) {
    return fail("ledger: what was just written cannot be read back: " + found.trouble.message,
                found.trouble.code);
  }
  out.superblock_rebuilt = found.rebuilt;
  std::vector<bool> failed(found.files.size(), false);
  recovery.repair(found, *tail, failed);
  std::unique_ptr<Ledger> ledger(new Ledger());  // the constructor is private
  recovery.build(*ledger, found, *tail, failed);
  recovery.tell(*ledger, *tail);
  ledger->directory_ = std::move(directory);
  return ledger;
}

}  // namespace nines::ledger
