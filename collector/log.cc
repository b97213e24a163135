// SPDX-License-Identifier: Apache-2.0
#include "collector/log.h"

namespace nines::collector {
namespace {

using Json = nlohmann::json;

// Frozen. `log_nodes` can be computed from `log`; it is kept because proofs must not read it whole.
constexpr const char* kLogTables = R"sql(
CREATE TABLE log(
  position INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, kind TEXT NOT NULL, agreement TEXT,
  subject TEXT NOT NULL, entry TEXT NOT NULL);
CREATE INDEX log_subject ON log(kind, subject);
CREATE INDEX log_agreement ON log(agreement, position) WHERE agreement IS NOT NULL;
CREATE TABLE log_nodes(
  level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY(level, place)) WITHOUT ROWID;
)sql";

constexpr std::uint64_t kMaxEntriesTold = 10'000;
constexpr std::size_t kMaxBytesTold = 16 << 20;

LogEntry entry_of(Rows& rows) {
  return {rows.count(0), rows.text(1), rows.text(2), rows.text(3), WallTime{rows.integer(4)},
          rows.text(5)};
}

constexpr const char* kByPosition =
    "SELECT position, kind, agreement, subject, at_ns, entry FROM log WHERE position >= ?1 "
    "ORDER BY position";
constexpr const char* kByAgreement =
    "SELECT position, kind, agreement, subject, at_ns, entry FROM log WHERE agreement = ?1 "
    "ORDER BY position";
constexpr const char* kBySubject =
    "SELECT position, kind, agreement, subject, at_ns, entry FROM log WHERE kind = ?1 AND "
    "subject = ?2 ORDER BY position LIMIT 1";

Expected<std::string> told(Database& db, const Json& json) {
  TRY_VOID(db.take_failure());
  return canonical_text(json) + "\n";
}

}  // namespace

void create_log(Database& db) { db.script(kLogTables); }

std::uint64_t append_entry(Database& db, const NewEntry& entry) {
  const std::uint64_t position = log_size(db);
  Json body = entry.body;
  body["type"] = entry.kind;
  body["at"] = format_rfc3339(entry.at);
  const std::string text = canonical_text(body);
  const auto agreement =
      entry.agreement.empty() ? std::nullopt : std::optional<std::string>(entry.agreement);
  db.run("INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6)", position, entry.at.ns, entry.kind,
         agreement, entry.subject, text);
  merkle_append(position, merkle_leaf(as_bytes(text)), log_nodes(db),
                [&db](unsigned level, std::uint64_t place, const Digest& hash) {
                  db.run("INSERT INTO log_nodes VALUES (?1, ?2, ?3)", level, place, hash);
                });
  return position;
}

std::string batch_subject(const std::string& agent,
                          const std::array<std::uint8_t, 16>& epoch,
                          std::uint64_t number) {
  return agent + "/" + to_hex(epoch) + "/" + std::to_string(number);
}

std::uint64_t log_size(Database& db) {
  auto rows = db.rows("SELECT coalesce(max(position) + 1, 0) FROM log");
  return rows.next() ? rows.count(0) : 0;
}

MerkleNodes log_nodes(Database& db) {
  return [&db](unsigned level, std::uint64_t place) {
    auto rows = db.rows("SELECT hash FROM log_nodes WHERE level = ?1 AND place = ?2", level, place);
    if (rows.next()) return rows.bytes<32>(0);
    db.set_failure("store: a node of the log is missing; restore the store from a backup");
    return Digest{};
  };
}

void read_entries(Database& db,
                  std::uint64_t from,
                  const std::function<bool(const LogEntry&)>& take) {
  auto rows = db.rows(kByPosition, from);
  while (rows.next() && take(entry_of(rows))) {
  }
}

void read_entries_of(Database& db,
                     const std::string& agreement,
                     const std::function<bool(const LogEntry&)>& take) {
  auto rows = db.rows(kByAgreement, agreement);
  while (rows.next() && take(entry_of(rows))) {
  }
}

std::optional<LogEntry> find_entry_of(Database& db,
                                      const std::string& kind,
                                      const std::string& subject) {
  auto rows = db.rows(kBySubject, kind, subject);
  if (!rows.next()) return std::nullopt;
  return entry_of(rows);
}

SignedHead sign_head(Database& db, const LogId& id, const SigningKey& key, WallTime at) {
  const auto size = log_size(db);
  const auto root = merkle_root(size, log_nodes(db));
  SignedHead head;
  head.text = canonical_text(
      {{"at", format_rfc3339(at)}, {"log", to_hex(id)}, {"root", hex(root)}, {"size", size}});
  head.key = key.public_key();
  head.signature = key.sign(as_bytes(std::string(proto::kHeadDomain) + head.text));
  return head;
}

std::string head_json(const SignedHead& head) {
  // The text is put in as it was signed.
  return "{\"head\":" + head.text + ",\"key\":\"" + to_hex(head.key) + "\",\"signature\":\"" +
         to_hex(head.signature) + "\"}\n";
}

Json path_json(const std::vector<Digest>& path) {
  Json list = Json::array();
  for (const auto& hash : path) list.push_back(hex(hash));
  return list;
}

Expected<std::uint64_t> checked_size(Database& db, std::uint64_t size) {
  const auto now = log_size(db);
  TRY_VOID(db.take_failure());
  if (size > now) return fail("the log has " + std::to_string(now) + " entries");
  return size == 0 ? now : size;
}

Expected<std::string> inclusion_json(Database& db, std::uint64_t position, std::uint64_t asked) {
  TRY(size, checked_size(db, asked));
  if (position >= size) {
    return fail("entry " + std::to_string(position) + " is not among the first " +
                std::to_string(size));
  }
  const auto nodes = log_nodes(db);
  return told(db, {{"position", position},
                   {"size", size},
                   {"leaf", hex(nodes(0, position))},
                   {"path", path_json(inclusion_proof(position, size, nodes))}});
}

Expected<std::string> consistency_json(Database& db, std::uint64_t old_size, std::uint64_t asked) {
  TRY(size, checked_size(db, asked));
  if (old_size == 0 || old_size > size) {
    return fail("old= is not from 1 to " + std::to_string(size));
  }
  return told(db, {{"old", old_size},
                   {"size", size},
                   {"path", path_json(consistency_proof(old_size, size, log_nodes(db)))}});
}

Expected<std::string> entries_lines(Database& db, std::uint64_t from, std::uint64_t limit) {
  std::string out;
  std::uint64_t left = std::min(limit, kMaxEntriesTold);
  if (left == 0) return out;
  read_entries(db, from, [&](const LogEntry& entry) {
    out += entry.text + "\n";
    return --left > 0 && out.size() < kMaxBytesTold;
  });
  TRY_VOID(db.take_failure());
  return out;
}

}  // namespace nines::collector
