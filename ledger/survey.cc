// SPDX-License-Identifier: Apache-2.0
#include "ledger/survey.h"

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/assert.h"

namespace nines::ledger {
namespace {

void note_trouble(Survey& out, const Error& error) {
  if (out.trouble.message.empty()) out.trouble = error;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::binary_search(names.begin(), names.end(), name);  // list() sorts
}

// Reads a segment into `image`; pages that cannot be read are marked and left as they were.
std::vector<PageMark> read_segment(FileFound& found, std::span<std::uint8_t> image, Survey& out) {
  std::vector<PageMark> marks(image.size() / kPageSize);
  const std::uint64_t there = std::min<std::uint64_t>(found.size, image.size()) / kPageSize;
  const auto readable = image.first(there * kPageSize);
  const auto mark = [&](std::uint64_t page) { marks[page].state = PageState::bad; };
  if (there == 0 || found.file == nullptr) return marks;
  const auto read = found.file->read_at(0, readable);
  if (read) {
    for (std::uint64_t p = 0; p < there; ++p) mark(p);
    return marks;
  }
  found.read_error = true;
  note_trouble(out, read.error());
  for (std::uint64_t p = 0; p < there; ++p) {
    if (found.file->read_at(p * kPageSize, image.subspan(p * kPageSize, kPageSize))) mark(p);
  }
  return marks;
}

void read_superblock(Directory& directory, const std::vector<std::string>& names, Survey& out) {
  if (!has(names, kSuperblockName)) return;
  out.superblock_found = SuperblockFound::unreadable;
  auto file = directory.open(kSuperblockName, false);
  if (!file) return note_trouble(out, file.error());
  auto size = (*file)->size();
  if (!size) return note_trouble(out, size.error());
  bool unreadable = false;
  out.superblock.generation = 0;
  for (std::uint64_t slot = 0; slot < 2; ++slot) {
    std::array<std::uint8_t, kPageSize> page;
    if (*size < (slot + 1) * kPageSize) continue;
    if (const auto read = (*file)->read_at(slot * kPageSize, page); !read) {
      note_trouble(out, read.error());
      unreadable = true;
      continue;
    }
    const SuperblockSlot found = decode_superblock(page);
    if (found.state == SlotState::newer) {
      out.superblock_found = SuperblockFound::newer;
      out.newer_version = found.version;
      return;
    }
    if (found.state != SlotState::valid) continue;
    ++out.superblock_slots;
    if (found.value.generation >= out.superblock.generation) out.superblock = found.value;
  }
  if (out.superblock_slots > 0) {
    out.superblock_found = SuperblockFound::valid;
  } else if (!unreadable) {
    out.superblock_found = SuperblockFound::bad;
  }
}

struct Guess {
  std::map<Uuid, std::uint64_t> votes;
  std::map<std::uint64_t, std::uint32_t> sizes;
  std::uint32_t count = 0;
  bool blank = true;
  bool read_error = false;
  bool newer = false;
};

// Votes for the ledger's identity by every group header of one file, and whether it is all zeros.
void inspect(Directory& directory, std::uint32_t index, Guess& guess, Survey& out) {
  const auto failed = [&](const Error& error) {
    guess.read_error = true;
    note_trouble(out, error);
  };
  auto file = directory.open(segment_name(index), false);
  if (!file) return failed(file.error());
  const auto size = (*file)->size();
  if (!size) return failed(size.error());
  guess.count = std::max(guess.count, index + 1);
  ++guess.sizes[*size];
  std::array<std::uint8_t, kPageSize> page;
  const std::uint64_t pages = std::min<std::uint64_t>(*size, kMaxSegmentSize) / kPageSize;
  for (std::uint64_t p = 0; p < pages; ++p) {
    if (const auto read = (*file)->read_at(p * kPageSize, page); !read) {
      failed(read.error());
      continue;
    }
    guess.blank =
        guess.blank && std::all_of(page.begin(), page.end(), [](auto b) { return b == 0; });
    guess.newer = guess.newer || looks_newer(page);
    const auto header = decode_header(page);
    if (header && header->file == index && header->page == p) ++guess.votes[header->uuid];
  }
}

template <class Map>
typename Map::key_type most_voted(const Map& votes) {
  ASSERT(!votes.empty());
  return std::max_element(votes.begin(), votes.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// The superblock is lost: every group names its ledger, and the files show the geometry.
void rebuild_geometry(Directory& directory,
                      const std::vector<std::string>& names,
                      const Geometry& wanted,
                      Survey& out) {
  Guess guess;
  for (std::uint32_t i = 0; i < kMaxSegments; ++i) {
    if (has(names, segment_name(i))) inspect(directory, i, guess, out);
  }
  if (guess.read_error) out.superblock_found = SuperblockFound::unreadable;
  out.blank = guess.blank;
  if (guess.votes.empty()) {
    if (guess.newer) {
      out.superblock_found = SuperblockFound::newer;
      out.newer_version = kFormatVersion + 1;
    }
    return;
  }
  Geometry& g = out.superblock.geometry;
  g.uuid = most_voted(guess.votes);
  const std::uint64_t size = most_voted(guess.sizes);
  g.segment_size = size <= kMaxSegmentSize ? static_cast<std::uint32_t>(size) : 0;
  g.segment_count = std::max(guess.count, kMinSegments);
  if (g.segment_size == wanted.segment_size) {
    g.segment_count = std::max(g.segment_count, wanted.segment_count);
  }
  out.rebuilt = out.usable = g.valid();
}

Expected<void> read_files(Directory& directory,
                          const std::vector<std::string>& names,
                          Survey& out) {
  const Geometry& geometry = out.superblock.geometry;
  std::vector<std::uint8_t> image(geometry.segment_size);
  std::vector<std::uint8_t> body;
  out.files.resize(geometry.segment_count);
  for (std::uint32_t i = 0; i < geometry.segment_count; ++i) {
    FileFound& f = out.files[i];
    if (has(names, segment_name(i))) {
      // Only a name that is not there is a missing file; anything else (no descriptors, no
      // permission) must not be taken for lost data.
      TRY(file, directory.open(segment_name(i), false));
      TRY(size, file->size());
      f.file = std::move(file);
      f.size = size;
    }
    auto marks = read_segment(f, image, out);
    f.scan = scan_segment(image, std::move(marks), geometry.uuid, i, body);
    for (const auto& g : f.scan.groups) f.current = std::max(f.current, g.header.segment);
  }
  return {};
}

bool suspicious(const FileFound& file, std::uint32_t page, std::uint64_t floor) {
  const PageMark& mark = file.scan.marks[page];
  switch (mark.state) {
    case PageState::zero:
      return false;
    case PageState::intact:
      // A page of an earlier lap proves that nothing was written here since.
      return !mark.whole && mark.segment >= floor && mark.segment >= file.current;
    case PageState::bad:
    case PageState::unreadable:
      return true;
  }
  return true;
}

// Pages whose content no later group vouches for. A page between accepted groups is accounted for
// by their links; what remains is where a newer group could have been begun: after the last group,
// in files without live groups, and at the start of a file that was perhaps about to be reused.
void find_suspects(Survey& out) {
  std::vector<std::uint32_t> to(out.files.size(), out.superblock.geometry.pages());
  std::vector<bool> seen(out.files.size(), false);
  for (const auto& g : out.linked.accepted) {
    if (!seen[g.header.file]) to[g.header.file] = g.header.page;
    seen[g.header.file] = true;
  }
  const auto note = [&](std::uint32_t file, std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t p = begin; p < end; ++p) {
      if (suspicious(out.files[file], p, out.linked.floor_segment))
        out.suspects.push_back({file, p});
    }
  };
  for (std::uint32_t i = 0; i < out.files.size(); ++i) note(i, 0, to[i]);
  if (!out.linked.accepted.empty()) {
    const FoundGroup& last = out.linked.accepted.back();
    note(last.header.file, last.header.page + last.pages, out.superblock.geometry.pages());
  }
}

}  // namespace

bool Survey::any_read_error() const {
  return superblock_found == SuperblockFound::unreadable ||
         std::any_of(files.begin(), files.end(), [](const auto& f) { return f.read_error; });
}

bool Survey::any_blank_file() const {
  return std::any_of(files.begin(), files.end(), [](const FileFound& f) {
    return std::all_of(f.scan.marks.begin(), f.scan.marks.end(),
                       [](const PageMark& m) { return m.state == PageState::zero; });
  });
}

Expected<Survey> survey(Directory& directory, const Geometry& wanted) {
  Survey out;
  TRY(names, directory.list());
  out.was_lost = has(names, kLostName);
  read_superblock(directory, names, out);
  switch (out.superblock_found) {
    case SuperblockFound::newer:
      return out;
    case SuperblockFound::valid:
      out.usable = true;
      break;
    case SuperblockFound::unreadable:
      return out;
    case SuperblockFound::absent:
    case SuperblockFound::bad:
      rebuild_geometry(directory, names, wanted, out);
      break;
  }
  if (!out.usable) return out;
  TRY_VOID(read_files(directory, names, out));
  std::vector<FoundGroup> current;
  for (auto& f : out.files) {
    for (auto& g : f.scan.groups) {
      if (g.header.segment == f.current) current.push_back(std::move(g));
    }
    f.scan.groups = {};
  }
  out.linked = link_groups(std::move(current));
  for (const auto& g : out.linked.rejected) {
    auto& marks = out.files[g.header.file].scan.marks;
    std::fill_n(marks.begin() + g.header.page, g.pages, PageMark{PageState::bad, false, 0});
  }
  find_suspects(out);
  return out;
}

}  // namespace nines::ledger
