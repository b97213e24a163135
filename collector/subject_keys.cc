// SPDX-License-Identifier: Apache-2.0
#include "collector/subject_keys.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "proto/event_lines.h"
#include "proto/proof.h"

namespace nines::collector {
namespace {

// Canonical JSON, filled up with spaces; a place without a key is all spaces.
std::string padded(std::string text) {
  ASSERT(text.size() < kSubjectRecord);
  text.resize(kSubjectRecord - 1, ' ');
  return text + '\n';
}

template <std::size_t N>
bool take_hex(const nlohmann::json& json, const char* name, std::array<std::uint8_t, N>& out) {
  const auto bytes = from_hex(proto::text_member(json, name));
  if (!bytes || bytes->size() != N) return false;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return true;
}

}  // namespace

Expected<SubjectKeys> SubjectKeys::read(const std::string& folder) {
  auto directory = open_directory(folder);
  auto keys = directory ? read(*std::move(directory))
                        : Expected<SubjectKeys>(Unexpected(std::move(directory.error())));
  if (!keys) return Unexpected(std::move(keys.error()).within("store"));
  return keys;
}

Expected<SubjectKeys> SubjectKeys::read(std::unique_ptr<Directory> folder) {
  SubjectKeys out;
  out.folder_ = std::move(folder);
  auto file = out.folder_->open(kSubjectKeyFile, false);
  if (!file && file.error().code == ENOENT) return out;
  if (!file) return Unexpected(std::move(file.error()));
  out.file_ = *std::move(file);
  TRY(size, out.file_->size());
  out.end_ = size / kSubjectRecord;  // a torn end was never answered for, and is written over
  if (out.end_ > kMaxSubjects) {
    return fail(std::string(kSubjectKeyFile) + " holds more than " + std::to_string(kMaxSubjects) +
                " records; restore it, or move it away: texts are then lost, and no evidence");
  }
  std::string record(kSubjectRecord, '\0');
  for (std::uint64_t place = 0; place < out.end_; ++place) {
    TRY_VOID(out.file_->read_at(place * kSubjectRecord,
                                {reinterpret_cast<std::uint8_t*>(record.data()), record.size()}));
    // What does not read is no key: torn while it was made, before any row named it, or while it
    // was destroyed.
    const auto json = nlohmann::json::parse(record, nullptr, false);
    SubjectKeyId id{};
    Kept kept{{}, place};
    if (take_hex(json, "id", id) && take_hex(json, "key", kept.key)) {
      out.ids_[{proto::text_member(json, "agreement"), proto::text_member(json, "subject")}] = id;
      out.keys_[id] = kept;
    } else {
      out.free_.push_back(place);
    }
  }
  return out;
}

const SubjectKeyId* SubjectKeys::find(const std::string& agreement,
                                      const std::string& subject) const {
  const auto found = ids_.find({agreement, subject});
  return found == ids_.end() ? nullptr : &found->second;
}

const CipherKey* SubjectKeys::find(const SubjectKeyId& id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second.key;
}

Expected<SubjectKeyId> SubjectKeys::take(const std::string& agreement, const std::string& subject) {
  if (const auto* known = find(agreement, subject)) return *known;
  if (free_.empty() && end_ >= kMaxSubjects) {
    return fail("texts of " + std::to_string(kMaxSubjects) +
                " persons are kept, and that is the most; say it without a free text");
  }
  if (!file_) {
    auto file = folder_->open(kSubjectKeyFile, true);
    auto synced = file ? folder_->sync() : Expected<void>(Unexpected(std::move(file.error())));
    if (!synced) return Unexpected(std::move(synced.error()).within("store"));
    file_ = *std::move(file);
  }
  SubjectKeyId id{};
  fill_entropy(id);
  const Kept kept{draw_cipher_key(), free_.empty() ? end_ : free_.back()};
  TRY_VOID(write(kept.place, padded(proto::canonical_text({{"agreement", agreement},
                                                           {"subject", subject},
                                                           {"id", to_hex(id)},
                                                           {"key", to_hex(kept.key)}}))));
  if (free_.empty()) {
    ++end_;
  } else {
    free_.pop_back();
  }
  ids_[{agreement, subject}] = id;
  keys_[id] = kept;
  return id;
}

Expected<void> SubjectKeys::destroy(const SubjectKeyId& id) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return {};
  const auto place = found->second.place;
  std::erase_if(ids_, [&id](const auto& each) { return each.second == id; });
  keys_.erase(found);
  TRY_VOID(write(place, padded("")));
  free_.push_back(place);
  return {};
}

Expected<void> SubjectKeys::write(std::uint64_t place, const std::string& record) {
  if (failed_)
    return fail("store: subject.keys could not be written before; restart the collector");
  auto written = file_->write_at(place * kSubjectRecord, as_bytes(record));
  if (written) written = file_->sync();
  failed_ = !written;
  if (failed_) return Unexpected(std::move(written.error()).within("store"));
  return {};
}

}  // namespace nines::collector
