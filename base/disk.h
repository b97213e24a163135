// SPDX-License-Identifier: Apache-2.0
// The disk as a seam: the real one, and one in tests that tears, loses and flips.
// All calls block; they run on the disk thread, never on the loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"

namespace nines {

class File {
 public:
  virtual ~File() = default;
  virtual Expected<std::uint64_t> size() = 0;
  // Fills `out` wholly or fails; a read beyond the end is an error.
  virtual Expected<void> read_at(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
  virtual Expected<void> write_at(std::uint64_t offset, ByteView bytes) = 0;
  // fdatasync(2). After a failure nothing written to this file since the last success may be
  // believed: ext4, XFS and Btrfs mark the pages clean.
  virtual Expected<void> sync() = 0;
};

class Directory {
 public:
  virtual ~Directory() = default;
  // Opens for reading and writing; creates an empty file (0600) where `create`. Never follows a
  // symbolic link in the last component.
  virtual Expected<std::unique_ptr<File>> open(const std::string& name, bool create) = 0;
  virtual Expected<std::vector<std::string>> list() = 0;  // regular files, sorted
  virtual Expected<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Expected<void> sync() = 0;  // makes creations and renames durable
};

// The directory must exist. A reference to the path is kept as a descriptor.
Expected<std::unique_ptr<Directory>> open_directory(const std::string& path);
// mkdir -p with mode 0700 for what is new; parents are synced.
Expected<void> make_directories(const std::string& path);

// Whole small files. `limit` bounds what is read; more is an error. Writes go to a temporary name,
// are synced, renamed over `path` (mode 0600 unless said), and the directory is synced.
Expected<std::string> read_file(const std::string& path, std::size_t limit);
Expected<void> write_file_durably(const std::string& path, ByteView bytes, unsigned mode = 0600);

// An exclusive flock(2) on a file, held until destroyed: the kernel drops it with the process.
class FileLock {
 public:
  static Expected<FileLock> acquire(const std::string& path);
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  int descriptor_ = -1;
};

}  // namespace nines
