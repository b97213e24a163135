// SPDX-License-Identifier: Apache-2.0
#include "ledger/make.h"

#include <algorithm>

#include "base/assert.h"

namespace nines::ledger {
namespace {

constexpr char kNewName[] = "superblock.new";

Expected<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to) {
  static constexpr std::array<std::uint8_t, 64U << 10U> kZeros{};
  while (from < to) {
    const auto n = std::min<std::uint64_t>(kZeros.size(), to - from);
    TRY_VOID(file.write_at(from, ByteView(kZeros).first(n)));
    from += n;
  }
  return {};
}

Expected<void> write_slots(File& file, const Superblock& superblock) {
  const auto page = encode_superblock(superblock);
  for (std::uint64_t slot = 0; slot < 2; ++slot) {
    TRY_VOID(file.write_at(slot * kPageSize, page));
    TRY_VOID(file.sync());
  }
  return {};
}

Expected<void> scrub_file(const Survey& survey, std::uint32_t index) {
  const std::uint32_t size = survey.superblock.geometry.segment_size;
  const FileFound& f = survey.files[index];
  bool dirty = false;
  for (const auto& s : survey.suspects) {
    const std::uint64_t at = std::uint64_t{s.page} * kPageSize;
    if (s.file != index || at + kPageSize > f.size) continue;
    TRY_VOID(write_zeros(*f.file, at, at + kPageSize));
    dirty = true;
  }
  if (f.size < size) {
    TRY_VOID(write_zeros(*f.file, f.size / kPageSize * kPageSize, size));
    dirty = true;
  }
  if (!dirty) return {};
  return f.file->sync();
}

}  // namespace

Expected<void> make_ledger(Directory& directory, const Geometry& geometry, bool lost) {
  ASSERT(geometry.valid());
  if (lost) {
    TRY(mark, directory.open(kLostName, true));
    TRY_VOID(directory.sync());
    TRY(names, directory.list());
    if (std::binary_search(names.begin(), names.end(), std::string(kSuperblockName))) {
      TRY_VOID(directory.rename(kSuperblockName, kLostName));
      TRY_VOID(directory.sync());
    }
  }
  for (std::uint32_t i = 0; i < geometry.segment_count; ++i) {
    TRY(file, directory.open(segment_name(i), true));
    TRY_VOID(write_zeros(*file, 0, geometry.segment_size));
    TRY_VOID(file->sync());
  }
  {
    TRY(file, directory.open(kNewName, true));
    Superblock superblock;
    superblock.geometry = geometry;
    TRY_VOID(write_slots(*file, superblock));
  }
  // The name appears only when everything below it is durable: without it there is no ledger.
  TRY_VOID(directory.sync());
  TRY_VOID(directory.rename(kNewName, kSuperblockName));
  return directory.sync();
}

Expected<void> update_superblock(Directory& directory, const Superblock& superblock) {
  // Created where it was lost: the names of the groups rebuild it again if this is cut.
  TRY(file, directory.open(kSuperblockName, true));
  TRY_VOID(write_slots(*file, superblock));
  return directory.sync();
}

void scrub(Directory& directory, Survey& survey, std::vector<bool>& failed) {
  std::vector<std::uint32_t> created;
  for (std::uint32_t i = 0; i < survey.files.size(); ++i) {
    FileFound& f = survey.files[i];
    if (f.read_error) {
      failed[i] = true;  // what cannot be read today may be whole tomorrow
      continue;
    }
    if (f.file == nullptr) {
      auto file = directory.open(segment_name(i), true);
      if (!file) {
        failed[i] = true;
        continue;
      }
      f.file = std::move(*file);
      created.push_back(i);
    }
    failed[i] = !scrub_file(survey, i);
  }
  if (!created.empty() && !directory.sync()) {
    // A file whose name may vanish must not take groups.
    for (const auto i : created) failed[i] = true;
  }
}

}  // namespace nines::ledger
