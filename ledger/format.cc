// SPDX-License-Identifier: Apache-2.0
#include "ledger/format.h"

#include <algorithm>
#include <cstdio>

#include "base/assert.h"

namespace nines::ledger {
namespace {

constexpr std::uint32_t kGroupMagic = 0x5052476E;  // "nGRP"
constexpr std::uint16_t kStampMagic = 0x674E;      // "Ng"
constexpr std::string_view kSuperblockMagic = "NINESLDG";
constexpr std::string_view kChainDomain = "nines-ledger-v1";
// The CRC of a superblock covers this much in every version, so that an old program can tell a
// newer one from a damaged one.
constexpr std::size_t kSuperblockCovered = 512;

std::uint32_t page_seed(const Uuid& uuid,
                        std::uint64_t segment,
                        std::uint64_t group,
                        std::uint32_t file,
                        std::uint32_t page,
                        std::uint16_t used) {
  std::array<std::uint8_t, 42> block;
  std::copy(uuid.begin(), uuid.end(), block.begin());
  put_le(&block[16], segment);
  put_le(&block[24], group);
  put_le(&block[32], file);
  put_le(&block[36], page);
  put_le(&block[40], used);
  return crc32c(block);
}

std::uint16_t first_page_used(std::uint32_t body_size) {
  const std::uint64_t used = std::uint64_t{kHeaderSize} + body_size + kTrailerSize;
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(used, kPageSize));
}

std::uint32_t first_page_crc(const GroupHeader& h, ByteView page) {
  const std::uint16_t used = first_page_used(h.body_size);
  return crc32c(page.subspan(kHeaderSize, used - kHeaderSize),
                page_seed(h.uuid, h.segment, h.group, h.file, h.page, used));
}

// The CRC of the covered bytes with the four bytes of the CRC itself taken as zero.
std::uint32_t crc_without(ByteView covered, std::size_t field) {
  constexpr std::array<std::uint8_t, 4> kZeros{};
  const std::uint32_t head = crc32c(covered.first(field));
  return crc32c(covered.subspan(field + 4), crc32c(kZeros, head));
}

void encode_header(const GroupHeader& h, std::uint8_t* out) {
  put_le(out, kGroupMagic);
  put_le(out + 4, kFormatVersion);
  put_le(out + 6, h.file);
  put_le(out + 8, std::uint32_t{0});
  put_le(out + 12, h.page_crc);
  std::copy(h.uuid.begin(), h.uuid.end(), out + 16);
  put_le(out + 32, h.segment);
  put_le(out + 40, h.group);
  put_le(out + 48, h.first_record);
  put_le(out + 56, h.prev_end);
  put_le(out + 64, h.prev_group);
  put_le(out + 72, h.floor_segment);
  put_le(out + 80, h.floor_record);
  put_le(out + 88, h.body_size);
  put_le(out + 92, h.page);
  put_le(out + 94, h.record_count);
  std::copy(h.prev_hash.begin(), h.prev_hash.end(), out + 96);
  put_le(out + 8, crc_without({out, kHeaderSize}, 8));
}

// Lays payload over the pages of a group, leaving room for the header and the stamps.
class PayloadWriter {
 public:
  explicit PayloadWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  void append(ByteView bytes) {
    while (!bytes.empty()) {
      const PayloadPlace place = payload_place(at_);
      const auto n = std::min<std::size_t>(bytes.size(), kPageSize - place.offset);
      std::copy_n(bytes.begin(), n,
                  out_.begin() + std::ptrdiff_t{place.page} * kPageSize + place.offset);
      bytes = bytes.subspan(n);
      at_ += n;
    }
  }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint64_t at_ = 0;
};

void stamp_pages(const GroupHeader& h, std::vector<std::uint8_t>& out) {
  std::uint64_t left = std::uint64_t{h.body_size} + kTrailerSize;
  left -= std::min<std::uint64_t>(left, kPageSize - kHeaderSize);
  for (std::size_t at = kPageSize; at < out.size(); at += kPageSize) {
    const auto payload = std::min<std::uint64_t>(left, kPageSize - kStampSize);
    left -= payload;
    const auto used = static_cast<std::uint16_t>(kStampSize + payload);
    std::uint8_t* page = out.data() + at;
    put_le(page, kStampMagic);
    put_le(page + 2, used);
    put_le(page + 8, h.segment);
    put_le(page + 16, h.group);
    const auto index = static_cast<std::uint32_t>(h.page + at / kPageSize);
    const auto seed = page_seed(h.uuid, h.segment, h.group, h.file, index, used);
    put_le(page + 4, crc32c({page + 8, static_cast<std::size_t>(used - 8)}, seed));
  }
}

}  // namespace

bool Geometry::valid() const {
  return segment_size % kPageSize == 0 && segment_size >= kMinSegmentSize &&
         segment_size <= kMaxSegmentSize && segment_count >= kMinSegments &&
         segment_count <= kMaxSegments;
}

std::array<std::uint8_t, kPageSize> encode_superblock(const Superblock& s) {
  ASSERT(s.geometry.valid());
  std::array<std::uint8_t, kPageSize> page{};
  std::copy(kSuperblockMagic.begin(), kSuperblockMagic.end(), page.begin());
  put_le(&page[8], std::uint32_t{kFormatVersion});
  std::copy(s.geometry.uuid.begin(), s.geometry.uuid.end(), page.begin() + 16);
  put_le(&page[32], s.geometry.segment_size);
  put_le(&page[36], s.geometry.segment_count);
  put_le(&page[40], s.generation);
  put_le(&page[48], s.next_record);
  put_le(&page[56], s.next_group);
  put_le(&page[64], s.next_segment);
  put_le(&page[12], crc_without(ByteView(page).first(kSuperblockCovered), 12));
  return page;
}

SuperblockSlot decode_superblock(ByteView page) {
  SuperblockSlot slot;
  if (page.size() < kPageSize) return slot;
  if (as_text(page.first(kSuperblockMagic.size())) != kSuperblockMagic) return slot;
  if (get_le<std::uint32_t>(&page[12]) != crc_without(page.first(kSuperblockCovered), 12)) {
    return slot;
  }
  slot.version = get_le<std::uint32_t>(&page[8]);
  if (slot.version > kFormatVersion) slot.state = SlotState::newer;
  if (slot.version != kFormatVersion) return slot;
  Superblock& s = slot.value;
  std::copy_n(page.begin() + 16, s.geometry.uuid.size(), s.geometry.uuid.begin());
  s.geometry.segment_size = get_le<std::uint32_t>(&page[32]);
  s.geometry.segment_count = get_le<std::uint32_t>(&page[36]);
  s.generation = get_le<std::uint64_t>(&page[40]);
  s.next_record = get_le<std::uint64_t>(&page[48]);
  s.next_group = get_le<std::uint64_t>(&page[56]);
  s.next_segment = get_le<std::uint64_t>(&page[64]);
  if (s.geometry.valid() && s.next_record > 0) slot.state = SlotState::valid;
  return slot;
}

std::optional<GroupHeader> decode_header(ByteView page) {
  if (page.size() < kHeaderSize) return std::nullopt;
  const std::uint8_t* in = page.data();
  if (get_le<std::uint32_t>(in) != kGroupMagic) return std::nullopt;
  if (get_le<std::uint16_t>(in + 4) != kFormatVersion) return std::nullopt;
  if (get_le<std::uint32_t>(in + 8) != crc_without(page.first(kHeaderSize), 8)) {
    return std::nullopt;
  }
  GroupHeader h;
  h.file = get_le<std::uint16_t>(in + 6);
  h.page_crc = get_le<std::uint32_t>(in + 12);
  std::copy_n(in + 16, h.uuid.size(), h.uuid.begin());
  h.segment = get_le<std::uint64_t>(in + 32);
  h.group = get_le<std::uint64_t>(in + 40);
  h.first_record = get_le<std::uint64_t>(in + 48);
  h.prev_end = get_le<std::uint64_t>(in + 56);
  h.prev_group = get_le<std::uint64_t>(in + 64);
  h.floor_segment = get_le<std::uint64_t>(in + 72);
  h.floor_record = get_le<std::uint64_t>(in + 80);
  h.body_size = get_le<std::uint32_t>(in + 88);
  h.page = get_le<std::uint16_t>(in + 92);
  h.record_count = get_le<std::uint16_t>(in + 94);
  std::copy_n(in + 96, h.prev_hash.size(), h.prev_hash.begin());
  // Numbers near the top of 64 bits cannot come from counting: they would make sums wrap.
  constexpr std::uint64_t kTop = std::uint64_t{1} << 62U;
  const bool sane = h.record_count > 0 && h.record_count <= kMaxGroupRecords &&
                    h.body_size >= std::uint64_t{h.record_count} * kRecordOverhead &&
                    h.body_size <= kMaxSegmentSize && h.first_record < kTop && h.group < kTop &&
                    h.segment > 0 && h.segment < kTop && h.prev_group < h.group && h.prev_end > 0 &&
                    h.prev_end <= h.first_record && h.floor_segment <= h.segment &&
                    h.floor_record <= h.first_record;
  if (!sane) return std::nullopt;
  return h;
}

bool looks_newer(ByteView page) {
  return page.size() >= kHeaderSize && get_le<std::uint32_t>(page.data()) == kGroupMagic &&
         get_le<std::uint16_t>(&page[4]) > kFormatVersion;
}

std::uint32_t pages_for(std::uint64_t body_size) {
  const std::uint64_t payload = body_size + kTrailerSize;
  constexpr std::uint64_t kFirst = kPageSize - kHeaderSize;
  constexpr std::uint64_t kNext = kPageSize - kStampSize;
  if (payload <= kFirst) return 1;
  return static_cast<std::uint32_t>(1 + (payload - kFirst + kNext - 1) / kNext);
}

std::uint64_t max_body(std::uint32_t pages) {
  ASSERT(pages > 0);
  return std::uint64_t{kPageSize} - kHeaderSize +
         std::uint64_t{pages - 1} * (kPageSize - kStampSize) - kTrailerSize;
}

Digest encode_group(GroupHeader& header,
                    std::span<const RecordIn> records,
                    std::vector<std::uint8_t>& out) {
  ASSERT(!records.empty() && records.size() <= kMaxGroupRecords);
  std::uint64_t body = 0;
  for (const auto& r : records) body += kRecordOverhead + r.bytes.size();
  ASSERT(body <= kMaxSegmentSize);
  header.body_size = static_cast<std::uint32_t>(body);
  header.record_count = static_cast<std::uint16_t>(records.size());
  out.assign(std::size_t{pages_for(body)} * kPageSize, 0);

  PayloadWriter writer(out);
  Digest head = header.prev_hash;
  std::uint64_t number = header.first_record;
  for (const auto& r : records) {
    std::array<std::uint8_t, kRecordOverhead> frame;
    put_le(frame.data(), static_cast<std::uint32_t>(r.bytes.size()));
    frame[4] = r.type;
    writer.append(frame);
    writer.append(r.bytes);
    head = chain(head, number++, r);
  }
  writer.append(head);
  stamp_pages(header, out);
  header.page_crc = first_page_crc(header, ByteView(out).first(kPageSize));
  encode_header(header, out.data());
  return head;
}

bool first_page_intact(const GroupHeader& header, ByteView page) {
  return page.size() >= kPageSize && first_page_crc(header, page) == header.page_crc;
}

std::optional<Stamp> decode_stamp(ByteView bytes,
                                  const Uuid& uuid,
                                  std::uint32_t file,
                                  std::uint32_t page) {
  if (bytes.size() < kPageSize || get_le<std::uint16_t>(bytes.data()) != kStampMagic) {
    return std::nullopt;
  }
  Stamp s;
  s.used = get_le<std::uint16_t>(&bytes[2]);
  s.segment = get_le<std::uint64_t>(&bytes[8]);
  s.group = get_le<std::uint64_t>(&bytes[16]);
  if (s.used <= kStampSize || s.used > kPageSize) return std::nullopt;
  const auto seed = page_seed(uuid, s.segment, s.group, file, page, s.used);
  if (get_le<std::uint32_t>(&bytes[4]) != crc32c(bytes.subspan(8, s.used - 8U), seed)) {
    return std::nullopt;
  }
  return s;
}

PayloadPlace payload_place(std::uint64_t offset) {
  constexpr std::uint64_t kFirst = kPageSize - kHeaderSize;
  constexpr std::uint64_t kNext = kPageSize - kStampSize;
  if (offset < kFirst) return {0, static_cast<std::uint32_t>(kHeaderSize + offset)};
  offset -= kFirst;
  return {static_cast<std::uint32_t>(1 + offset / kNext),
          static_cast<std::uint32_t>(kStampSize + offset % kNext)};
}

void gather(ByteView pages,
            std::uint32_t first_page,
            std::uint64_t offset,
            std::span<std::uint8_t> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const PayloadPlace place = payload_place(offset + done);
    ASSERT(place.page >= first_page);
    const std::size_t at = std::size_t{place.page - first_page} * kPageSize + place.offset;
    const auto n = std::min<std::size_t>(out.size() - done, kPageSize - place.offset);
    ASSERT(at + n <= pages.size());
    std::copy_n(pages.data() + at, n, out.data() + done);
    done += n;
  }
}

bool parse_body(ByteView body,
                std::uint32_t record_count,
                const std::function<void(std::uint32_t, const RecordIn&)>& each) {
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < record_count; ++i) {
    if (body.size() - at < kRecordOverhead) return false;
    const auto size = get_le<std::uint32_t>(&body[at]);
    const std::uint8_t type = body[at + 4];
    if (body.size() - at - kRecordOverhead < size) return false;
    each(static_cast<std::uint32_t>(at), {type, body.subspan(at + kRecordOverhead, size)});
    at += kRecordOverhead + size;
  }
  return at == body.size();
}

Digest chain(const Digest& previous, std::uint64_t number, const RecordIn& record) {
  std::array<std::uint8_t, 9> name;
  put_le(name.data(), number);
  name[8] = record.type;
  return sha256({as_bytes(kChainDomain), previous, name, record.bytes});
}

std::optional<Digest> check_group(const GroupHeader& header,
                                  ByteView pages,
                                  std::vector<std::uint8_t>& body) {
  const std::uint32_t count = pages_for(header.body_size);
  if (pages.size() < std::size_t{count} * kPageSize) return std::nullopt;
  if (!first_page_intact(header, pages.first(kPageSize))) return std::nullopt;
  for (std::uint32_t i = 1; i < count; ++i) {
    const auto stamp = decode_stamp(pages.subspan(std::size_t{i} * kPageSize, kPageSize),
                                    header.uuid, header.file, header.page + i);
    if (!stamp || stamp->segment != header.segment || stamp->group != header.group) {
      return std::nullopt;
    }
  }
  body.resize(header.body_size);
  gather(pages, 0, 0, body);
  Digest stored;
  gather(pages, 0, header.body_size, stored);
  Digest head = header.prev_hash;
  std::uint64_t number = header.first_record;
  const bool whole = parse_body(body, header.record_count, [&](std::uint32_t, const RecordIn& r) {
    head = chain(head, number++, r);
  });
  if (!whole || head != stored) return std::nullopt;
  return head;
}

std::string segment_name(std::uint32_t file) {
  char name[24];
  std::snprintf(name, sizeof name, "seg-%04u", file);
  return name;
}

const char* name_of(DamageKind kind) { return kind == DamageKind::media ? "media" : "uncertain"; }

}  // namespace nines::ledger
