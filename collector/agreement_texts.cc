// SPDX-License-Identifier: Apache-2.0
#include "collector/agreement_texts.h"

#include "base/log.h"
#include "collector/log.h"

namespace nines::collector {
namespace {

// Frozen, since version 2.
constexpr const char* kTextTable = R"sql(
CREATE TABLE agreement_texts(
  digest BLOB PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, text BLOB NOT NULL);
)sql";

bool known_otherwise(Database& db, const Agreements::Source& source) {
  auto rows =
      db.rows("SELECT 1 FROM agreement_texts WHERE name = ?1 AND version = ?2 AND digest <> ?3",
              source.name, source.version, source.digest);
  return rows.next();
}

}  // namespace

void create_agreement_texts(Database& db) { db.script(kTextTable); }

void record_agreements(Database& db, const std::vector<Agreements::Source>& sources, WallTime at) {
  for (const auto& source : sources) {
    if (find_agreement_text(db, source.digest)) continue;
    if (known_otherwise(db, source)) {
      log::warning("an agreement changed its text and kept its version; both texts are in the log",
                   {{"agreement", source.name}, {"version", source.version}});
    }
    db.run("INSERT INTO agreement_texts VALUES (?1, ?2, ?3, ?4)", source.digest, source.name,
           source.version, Blob{as_bytes(source.text)});
    append_entry(db, {"agreement",
                      source.name,
                      agreement_subject(source),
                      at,
                      {{"agreement", source.name},
                       {"version", source.version},
                       {"digest", "sha256:" + hex(source.digest)},
                       {"text", "sha256:" + hex(sha256(as_bytes(source.text)))}}});
  }
}

std::optional<Agreements::Source> find_agreement_text(Database& db, const Digest& digest) {
  auto rows = db.rows("SELECT name, version, text FROM agreement_texts WHERE digest = ?1", digest);
  if (!rows.next()) return std::nullopt;
  return Agreements::Source{rows.text(0), rows.text(1), digest, rows.blob(2)};
}

std::string agreement_subject(const Agreements::Source& source) {
  return source.name + "@" + source.version + " sha256:" + hex(source.digest);
}

}  // namespace nines::collector
