// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::ledger {
namespace {

// Fewer healthy files than this cannot keep one to write, one to keep and one in reserve.
constexpr std::size_t kMinHealthy = 3;

std::uint64_t body_bytes(std::span<const RecordIn> records) {
  std::uint64_t sum = 0;
  for (const auto& r : records) sum += kRecordOverhead + r.bytes.size();
  return sum;
}

std::string at(std::uint64_t segment, std::uint32_t page) {
  return "segment " + std::to_string(segment) + " page " + std::to_string(page);
}

}  // namespace

Ledger::Segment* Ledger::active() { return active_open_ ? &live_.back() : nullptr; }

const Ledger::Segment* Ledger::find(std::uint64_t segment) const {
  const auto it =
      std::lower_bound(live_.begin(), live_.end(), segment,
                       [](const Segment& s, std::uint64_t number) { return s.number < number; });
  return it != live_.end() && it->number == segment ? &*it : nullptr;
}

std::size_t Ledger::free_count() const {
  return static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(), [](const Slot& s) { return !s.live && !s.quarantined; }));
}

Expected<void> Ledger::roll(Room room) {
  const std::size_t needed = room == Room::normal ? 2 : 1;
  if (free_count() < needed) {
    const auto healthy = static_cast<std::size_t>(
        std::count_if(slots_.begin(), slots_.end(), [](const Slot& s) { return !s.quarantined; }));
    if (healthy < kMinHealthy) {
      failed_ = true;
      return fail("ledger: too many segment files failed; replace the disk", kStorageFailed);
    }
    return fail("ledger: full; the oldest segment must be released first", kFull);
  }
  // Never-used files first (recovery relies on it), then the one that was written longest ago.
  std::uint32_t best = 0;
  bool any = false;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].live || slots_[i].quarantined) continue;
    if (!any || slots_[i].segment < slots_[best].segment) best = i;
    any = true;
  }
  ASSERT(any);
  slots_[best].segment = next_segment_++;
  slots_[best].live = true;
  const std::uint64_t first = live_.empty() ? last_end_ : next_record_;
  live_.push_back({slots_[best].segment, best, first, {}});
  active_open_ = true;
  next_page_ = 0;
  return {};
}

Expected<void> Ledger::timed_sync(File& file) {
  const BootTime start = clock_ != nullptr ? clock_->boot() : BootTime{};
  auto result = file.sync();
  ++usage_.syncs;
  if (clock_ != nullptr) {
    usage_.last_sync = clock_->boot() - start;
    usage_.longest_sync = std::max(usage_.longest_sync, usage_.last_sync);
  }
  return result;
}

// Writes one group at the end of the active segment. After a failure the file is not trusted with
// another write or sync: the kernel may have marked pages clean that never reached the disk.
bool Ledger::write_group(std::span<const RecordIn> records, std::string& why) {
  Segment& segment = live_.back();
  Slot& slot = slots_[segment.file];
  GroupHeader h;
  h.uuid = geometry_.uuid;
  h.segment = segment.number;
  h.group = next_group_++;
  h.first_record = next_record_;
  h.prev_end = last_end_;
  h.prev_group = last_group_;
  h.floor_segment = live_.front().number;
  h.floor_record = live_.front().first_record;
  h.file = static_cast<std::uint16_t>(segment.file);
  h.page = static_cast<std::uint16_t>(next_page_);
  h.prev_hash = head_;
  pending_head_ = encode_group(h, records, buffer_);
  pending_header_ = h;
  ASSERT(std::uint64_t{next_page_} * kPageSize + buffer_.size() <= geometry_.segment_size);
  usage_.bytes_written += buffer_.size();
  auto written = slot.file->write_at(std::uint64_t{next_page_} * kPageSize, buffer_);
  if (written) written = timed_sync(*slot.file);
  if (written) return true;
  why = std::move(written.error().message);
  slot.quarantined = true;
  active_open_ = false;
  if (segment.groups.empty()) {
    slot.live = false;
    live_.pop_back();
  }
  return false;
}

std::vector<RecordRef> Ledger::publish(std::span<const RecordIn> records) {
  const GroupHeader& h = pending_header_;
  Segment& segment = live_.back();
  segment.groups.push_back({h.page, pages_for(h.body_size), h.record_count, h.first_record});
  next_page_ += pages_for(h.body_size);
  std::vector<RecordRef> refs;
  refs.reserve(records.size());
  std::uint32_t offset = 0;
  for (const auto& r : records) {
    RecordRef ref;
    ref.number = next_record_++;
    ref.where = {h.segment, h.page, offset};
    ref.size = static_cast<std::uint32_t>(r.bytes.size());
    ref.type = r.type;
    refs.push_back(ref);
    offset += kRecordOverhead + ref.size;
  }
  ASSERT(next_record_ == h.end_record());
  last_group_ = h.group;
  last_end_ = next_record_;
  head_ = pending_head_;
  ++usage_.commits;
  return refs;
}

Expected<std::vector<RecordRef>> Ledger::commit(std::span<const RecordIn> records, Room room) {
  if (records.empty()) return std::vector<RecordRef>();
  if (failed_) return fail("ledger: the disk failed earlier; open it again", kStorageFailed);
  const std::uint64_t body = body_bytes(records);
  if (records.size() > kMaxGroupRecords || body > max_group_bytes()) {
    return fail("ledger: a group of " + std::to_string(records.size()) + " records and " +
                    std::to_string(body) + " bytes is more than " +
                    std::to_string(kMaxGroupRecords) + " records or " +
                    std::to_string(max_group_bytes()) + " bytes",
                kTooLarge);
  }
  if (active() == nullptr || next_page_ + pages_for(body) > geometry_.pages()) {
    TRY_VOID(roll(room));
  }
  std::string first_why;
  if (write_group(records, first_why)) return publish(records);
  std::string second_why = "no other segment is free";
  if (free_count() > 0) {
    TRY_VOID(roll(Room::reserve));
    if (write_group(records, second_why)) return publish(records);
  }
  failed_ = true;
  return fail("ledger: the records are not durable: " + first_why + "; and again: " + second_why,
              kStorageFailed);
}

std::vector<Damage> Ledger::visit(const Visitor& visitor) {
  std::vector<Damage> damage;
  std::vector<std::uint8_t> body;
  for (const auto& segment : live_) {
    Slot& slot = slots_[segment.file];
    for (std::size_t i = 0; i < segment.groups.size(); ++i) {
      const Group& group = segment.groups[i];
      buffer_.resize(std::size_t{group.pages} * kPageSize);
      const bool read =
          slot.file != nullptr &&
          slot.file->read_at(std::uint64_t{group.page} * kPageSize, buffer_).has_value();
      const auto header = read ? decode_header(buffer_) : std::nullopt;
      const bool good = header && header->uuid == geometry_.uuid && header->file == segment.file &&
                        header->segment == segment.number && header->page == group.page &&
                        header->first_record == group.first_record &&
                        check_group(*header, buffer_, body).has_value();
      if (!good) {
        damage.push_back(
            {DamageKind::media, group.first_record, group.first_record + group.records - 1});
        continue;
      }
      RecordRef ref;
      ref.number = group.first_record;
      parse_body(body, header->record_count, [&](std::uint32_t offset, const RecordIn& r) {
        ref.where = {segment.number, group.page, offset};
        ref.size = static_cast<std::uint32_t>(r.bytes.size());
        ref.type = r.type;
        visitor(ref, r.bytes);
        ++ref.number;
      });
    }
  }
  return damage;
}

Expected<std::string> Ledger::read(const RecordRef& ref) {
  const Segment* segment = find(ref.where.segment);
  if (segment == nullptr) {
    return fail("ledger: record " + std::to_string(ref.number) + " was released", kReleased);
  }
  const std::string name =
      "ledger: record " + std::to_string(ref.number) + " in " + at(segment->number, ref.where.page);
  const std::uint64_t size = std::uint64_t{kRecordOverhead} + ref.size;
  const std::uint32_t first = payload_place(ref.where.offset).page;
  const std::uint32_t last = payload_place(ref.where.offset + size - 1).page;
  if (std::uint64_t{ref.where.page} + last >= geometry_.pages()) {
    return fail(name + ": no such place", kDamaged);
  }
  buffer_.resize(std::size_t{last - first + 1} * kPageSize);
  File* file = slots_[segment->file].file.get();
  if (file == nullptr) return fail(name + ": the file is missing", kDamaged);
  const std::uint32_t from = ref.where.page + first;
  const auto read = file->read_at(std::uint64_t{from} * kPageSize, buffer_);
  if (!read) return fail(name + ": " + read.error().message, kDamaged);
  for (std::uint32_t i = first; i <= last; ++i) {
    const auto page = ByteView(buffer_).subspan(std::size_t{i - first} * kPageSize, kPageSize);
    bool good = false;
    if (i == 0) {
      const auto h = decode_header(page);
      good = h && h->uuid == geometry_.uuid && h->segment == segment->number &&
             h->file == segment->file && h->page == ref.where.page && first_page_intact(*h, page);
    } else {
      const auto stamp = decode_stamp(page, geometry_.uuid, segment->file, ref.where.page + i);
      good = stamp && stamp->segment == segment->number;
    }
    if (!good) return fail(name + ": the checksum does not match", kDamaged);
  }
  std::array<std::uint8_t, kRecordOverhead> frame;
  gather(buffer_, first, ref.where.offset, frame);
  if (get_le<std::uint32_t>(frame.data()) != ref.size || frame[4] != ref.type) {
    return fail(name + ": another record is there", kDamaged);
  }
  std::string bytes(ref.size, '\0');
  gather(buffer_, first, ref.where.offset + kRecordOverhead,
         {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

std::uint64_t Ledger::max_group_bytes() const { return max_body(geometry_.pages()); }

bool Ledger::fits(std::uint64_t body) const {
  if (failed_ || body > max_group_bytes()) return false;
  if (active_open_ && next_page_ + pages_for(body) <= geometry_.pages()) return true;
  return free_count() >= 2;
}

std::optional<SegmentView> Ledger::oldest() const {
  if (live_.empty() || (live_.size() == 1 && active_open_)) return std::nullopt;
  const std::uint64_t end = live_.size() > 1 ? live_[1].first_record : last_end_;
  return SegmentView{live_.front().number, live_.front().first_record, end};
}

void Ledger::release_oldest() {
  ASSERT(oldest().has_value());
  slots_[live_.front().file].live = false;
  live_.pop_front();
}

Usage Ledger::usage() const {
  Usage u = usage_;
  u.total_bytes = geometry_.bytes();
  u.live_segments = live_.size();
  u.free_segments = free_count();
  u.quarantined_segments = static_cast<std::uint64_t>(
      std::count_if(slots_.begin(), slots_.end(), [](const Slot& s) { return s.quarantined; }));
  u.used_bytes = live_.size() * std::uint64_t{geometry_.segment_size};
  if (active_open_) {
    u.used_bytes -= geometry_.segment_size;
    u.used_bytes += std::uint64_t{next_page_} * kPageSize;
  }
  return u;
}

}  // namespace nines::ledger
