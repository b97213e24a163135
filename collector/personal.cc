// SPDX-License-Identifier: Apache-2.0
#include "collector/personal.h"

#include <algorithm>

#include "base/log.h"

namespace nines::collector {
namespace {

// `key` is the id of a subject's key; who that is stands beside the key alone. `ciphertext` is of
// the salt and the text. Keys that are erased are kept by their id, for ever.
constexpr const char* kPersonalTables = R"sql(
CREATE TABLE IF NOT EXISTS personal(
  position INTEGER NOT NULL, field TEXT NOT NULL, key BLOB NOT NULL, ciphertext BLOB NOT NULL,
  PRIMARY KEY(position, field));
CREATE INDEX IF NOT EXISTS personal_key ON personal(key);
CREATE TABLE IF NOT EXISTS erased_keys(key BLOB PRIMARY KEY);
)sql";

}  // namespace

void create_personal(Database& db) { db.script(kPersonalTables); }

void keep_texts(Database& db,
                const SubjectKeys& keys,
                const SubjectKeyId& id,
                std::uint64_t position,
                const proto::OpenTexts& texts) {
  const auto* key = keys.find(id);
  ASSERT(key != nullptr);
  for (const auto& [field, open] : texts) {
    const auto plain = std::string(as_text(open.salt)) + open.text;
    db.run("INSERT INTO personal VALUES (?1, ?2, ?3, ?4)", position, field, id,
           Blob{as_bytes(encrypt(*key, as_bytes(plain)))});
  }
}

std::optional<proto::OpenText> open_text(Database& db,
                                         const SubjectKeys& keys,
                                         std::uint64_t position,
                                         const std::string& field,
                                         const nlohmann::json& value) {
  auto rows = db.rows("SELECT key, ciphertext FROM personal WHERE position = ?1 AND field = ?2",
                      position, field);
  if (!rows.next()) return std::nullopt;
  const auto* key = keys.find(rows.bytes<16>(0));
  const auto plain = key == nullptr ? std::nullopt : decrypt(*key, as_bytes(rows.blob(1)));
  proto::OpenText out;
  if (!plain || plain->size() < out.salt.size()) return std::nullopt;
  std::copy_n(plain->begin(), out.salt.size(), out.salt.begin());
  out.text = plain->substr(out.salt.size());
  if (proto::text_digest(out) != proto::sealed_digest(value)) return std::nullopt;
  return out;
}

std::vector<std::uint64_t> forget_texts(Database& db, const SubjectKeyId& id) {
  std::vector<std::uint64_t> out;
  {
    auto rows =
        db.rows("SELECT DISTINCT position FROM personal WHERE key = ?1 ORDER BY position", id);
    while (rows.next()) out.push_back(rows.count(0));
  }
  db.run("DELETE FROM personal WHERE key = ?1", id);
  db.run("INSERT OR IGNORE INTO erased_keys VALUES (?1)", id);
  return out;
}

Expected<void> destroy_erased(Database& db, SubjectKeys& keys) {
  std::vector<SubjectKeyId> erased;
  {
    auto rows = db.rows("SELECT key FROM erased_keys");
    while (rows.next()) erased.push_back(rows.bytes<16>(0));
  }
  TRY_VOID(db.take_failure());
  for (const auto& id : erased) {
    if (keys.find(id) == nullptr) continue;
    TRY_VOID(keys.destroy(id));
    log::notice("a key of personal texts that were erased before was still here: destroyed");
  }
  return {};
}

}  // namespace nines::collector
