// SPDX-License-Identifier: Apache-2.0
// Whose personal texts are kept, and the key of each person's (docs/formats/store.md, "Personal
// texts"). The keys stand in a file of their own beside the database, never in it: SQLite copies
// pages into its log, moves them and frees them, and a backup of it goes who knows where, so a key
// in it could not be destroyed. Here each key has a place of its own that is never moved, and to
// destroy one is to overwrite that place. Losing the file loses every text, and no evidence.
// One thread writes; who reads on another reads the file anew each time, and a record that is being
// written just then is whole or no key.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cipher.h"
#include "base/disk.h"
#include "base/expected.h"

namespace nines::collector {

inline constexpr const char* kSubjectKeyFile = "subject.keys";
inline constexpr std::size_t kSubjectRecord = 512;  // bytes: a sector, written whole or not at all
inline constexpr std::size_t kMaxSubjects = 20'000;

using SubjectKeyId = std::array<std::uint8_t, 16>;  // what rows of the database name

class SubjectKeys {
 public:
  // Reads what is there; where there is no file, there are no keys.
  static Expected<SubjectKeys> read(std::unique_ptr<Directory> folder);
  static Expected<SubjectKeys> read(const std::string& folder);

  const SubjectKeyId* find(const std::string& agreement, const std::string& subject) const;
  const CipherKey* find(const SubjectKeyId& id) const;

  std::size_t size() const { return keys_.size(); }

  // The subject's key, drawn and durable before this returns where there was none.
  Expected<SubjectKeyId> take(const std::string& agreement, const std::string& subject);

  // Overwritten, durably, when this returns without an error; one that is not here is a success.
  // After an error the key is used no more either, and what became of its bytes only a new start
  // can tell.
  Expected<void> destroy(const SubjectKeyId& id);

 private:
  struct Kept {
    CipherKey key{};
    std::uint64_t place = 0;  // record of the file
  };

  Expected<void> write(std::uint64_t place, const std::string& record);

  std::unique_ptr<Directory> folder_;
  std::unique_ptr<File> file_;                                       // null until there is one
  std::map<std::pair<std::string, std::string>, SubjectKeyId> ids_;  // by agreement and subject
  std::map<SubjectKeyId, Kept> keys_;
  std::vector<std::uint64_t> free_;  // places before `end_` that hold no key
  std::uint64_t end_ = 0;            // records in the file
  bool failed_ = false;              // nothing is written any more (File::sync)
};

}  // namespace nines::collector
