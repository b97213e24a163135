// SPDX-License-Identifier: Apache-2.0
#include "collector/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/random.h"
#include "collector/agreement_texts.h"
#include "collector/alert_store.h"
#include "collector/journal.h"
#include "collector/personal.h"
#include "collector/pruned.h"
#include "collector/reports.h"
#include "collector/timeline_store.h"

namespace nines::collector {
namespace {

constexpr std::int64_t kApplicationId = 0x4E696E65;  // "Nine"

// Frozen: other programs prove things with these rows.
constexpr const char* kEvidence = R"sql(
CREATE TABLE batches(
  agent TEXT NOT NULL, epoch BLOB NOT NULL, number INTEGER NOT NULL, last_number INTEGER NOT NULL,
  hash BLOB NOT NULL, previous_hash BLOB NOT NULL, chain_hash BLOB NOT NULL,
  received_ns INTEGER NOT NULL, peer TEXT NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY(agent, epoch, number));
CREATE TABLE quarantine(
  agent TEXT NOT NULL, epoch BLOB NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
  received_ns INTEGER NOT NULL, peer TEXT NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY(agent, epoch, hash));
CREATE TABLE incidents(
  id INTEGER PRIMARY KEY, agent TEXT NOT NULL, at_ns INTEGER NOT NULL, kind TEXT NOT NULL,
  epoch BLOB NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, peer TEXT NOT NULL,
  UNIQUE(agent, kind, epoch, hash));
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL);
)sql";

Expected<SigningKey> load_key(const std::string& path) {
  struct stat s {};

  if (::stat(path.c_str(), &s) != 0 && errno == ENOENT) {
    auto key = SigningKey::generate();
    TRY_VOID(write_file_durably(path, as_bytes(to_hex(as_bytes(key.seed())) + "\n"), 0600));
    return key;
  }
  TRY(text, read_file(path, 4096));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto seed = from_hex(text);
  if (!seed) return fail(path + ": not a key; restore it, or remove it to have a new one made");
  auto key = SigningKey::from_seed(as_bytes(*seed));
  if (!key) return Unexpected(std::move(key.error()).within(path));
  return key;
}

// Since version 2, frozen as well.
void create_statements(Database& db) {
  create_log(db);
  create_agreement_texts(db);
  create_certificates(db);
  create_reports(db);
}

struct StoredBatch {  // a row of `batches`, without what its hash vouches for
  std::string agent;
  EpochId epoch{};
  std::uint64_t number = 0, last_number = 0;
  Digest hash{}, previous_hash{}, chain_hash{};
  WallTime received;
};

void log_batch(Database& db, const StoredBatch& batch) {
  append_entry(db, {"batch",
                    "",
                    batch_subject(batch.agent, batch.epoch, batch.number),
                    batch.received,
                    {{"agent", batch.agent},
                     {"epoch", to_hex(batch.epoch)},
                     {"number", batch.number},
                     {"last_number", batch.last_number},
                     {"hash", hex(batch.hash)},
                     {"previous_hash", hex(batch.previous_hash)},
                     {"chain_hash", hex(batch.chain_hash)}}});
}

struct ChainIncident {
  WallTime at;
  std::string agent, kind;
  EpochId epoch{};
  std::uint64_t number = 0;
  Digest hash{};
};

void log_incident(Database& db, const ChainIncident& incident) {
  append_entry(db, {"chain_incident",
                    "",
                    batch_subject(incident.agent, incident.epoch, incident.number),
                    incident.at,
                    {{"agent", incident.agent},
                     {"what", incident.kind},
                     {"epoch", to_hex(incident.epoch)},
                     {"number", incident.number},
                     {"hash", hex(incident.hash)}}});
}

Expected<void> check_writable(const std::string& folder) {
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return fail_errno(
      "state folder " + folder + " is not writable for user " + std::to_string(::geteuid()), errno);
}

}  // namespace

Store::Store(std::string folder, FileLock lock, SigningKey receipt_key, SigningKey log_key)
    : folder_(std::move(folder)),
      lock_(std::move(lock)),
      key_(std::move(receipt_key)),
      log_key_(std::move(log_key)) {}

Expected<std::unique_ptr<Store>> Store::open(const std::string& folder) {
  TRY_VOID(make_directories(folder));
  TRY_VOID(check_writable(folder));
  auto lock = FileLock::acquire(folder + "/lock");
  if (!lock) return Unexpected(std::move(lock.error()).within("state folder " + folder));
  TRY(receipt_key, load_key(folder + "/receipt.key"));
  TRY(log_key, load_key(folder + "/log.key"));
  std::unique_ptr<Store> store(
      new Store(folder, *std::move(lock), std::move(receipt_key), std::move(log_key)));
  TRY(database, Database::open(store->database_path(), Database::Mode::write));
  store->database_ = std::move(database);
  TRY_VOID(store->prepare());
  TRY(subject_keys, SubjectKeys::read(folder));
  store->subject_keys_ = std::move(subject_keys);
  TRY_VOID(destroy_erased(*store->database_, store->subject_keys_));
  // The names of a new database and of its log must survive a power cut too.
  TRY(directory, open_directory(folder));
  TRY_VOID(directory->sync());
  return store;
}

Expected<void> Store::prepare() {
  auto& db = *database_;
  std::int64_t version = 0;
  std::int64_t application = 0;
  if (auto rows = db.rows("PRAGMA user_version"); rows.next()) version = rows.integer(0);
  if (auto rows = db.rows("PRAGMA application_id"); rows.next()) application = rows.integer(0);
  TRY_VOID(db.take_failure());
  if (version > kEvidenceVersion) {
    return fail(database_path() + " was made by a newer version (schema " +
                std::to_string(version) + ", this program knows " +
                std::to_string(kEvidenceVersion) + "); install that version");
  }
  if (version != 0 && application != kApplicationId) {
    return fail(database_path() + " is not a collector's store");
  }
  Database::Transaction transaction(db);
  if (version == 0) {
    db.script(kEvidence);
    create_statements(db);
    db.script("PRAGMA application_id = " + std::to_string(kApplicationId));
    db.script("PRAGMA user_version = " + std::to_string(kEvidenceVersion));
    fill_entropy(incarnation_);
    db.run("INSERT INTO meta(key, value) VALUES ('incarnation', ?1)", incarnation_);
    create_derived(db);
  } else if (auto rows = db.rows("SELECT value FROM meta WHERE key = 'incarnation'"); rows.next()) {
    incarnation_ = rows.bytes<16>(0);
  }
  if (version == 1) TRY_VOID(take_into_log());
  create_pruned(db);
  create_personal(db);
  TRY_VOID(prepare_alerts(db));
  const bool stale = version != 0 && !derived_is_current(db);
  TRY_VOID(transaction.commit());
  if (!stale) return {};
  log::notice("the derived tables are of another version: making them again");
  return rebuild();
}

// A store of version 1 had no log: what it holds goes in first, in the order of its arrival.
Expected<void> Store::take_into_log() {
  auto& db = *database_;
  log::notice("the store is of before the log: taking its batches into it");
  create_statements(db);
  {
    auto rows = db.rows(
        "SELECT agent, epoch, number, last_number, hash, previous_hash, chain_hash, received_ns "
        "FROM batches ORDER BY received_ns, agent, epoch, number");
    while (rows.next()) {
      log_batch(db,
                {rows.text(0), rows.bytes<16>(1), rows.count(2), rows.count(3), rows.bytes<32>(4),
                 rows.bytes<32>(5), rows.bytes<32>(6), WallTime{rows.integer(7)}});
    }
  }
  auto rows = db.rows("SELECT at_ns, agent, kind, epoch, number, hash FROM incidents ORDER BY id");
  while (rows.next()) {
    log_incident(db, {WallTime{rows.integer(0)}, rows.text(1), rows.text(2), rows.bytes<16>(3),
                      rows.count(4), rows.bytes<32>(5)});
  }
  db.script("PRAGMA user_version = " + std::to_string(kEvidenceVersion));
  return {};
}

Known Store::known(const BatchHeader& h) {
  auto& db = *database_;
  Known known;
  const auto row = [](Rows& rows) {
    return StoredRow{rows.count(0), rows.count(1), rows.bytes<32>(2), rows.bytes<32>(3)};
  };
  if (auto rows = db.rows("SELECT number, last_number, hash, chain_hash FROM batches "
                          "WHERE agent = ?1 AND epoch = ?2 ORDER BY number DESC LIMIT 1",
                          h.agent, h.epoch);
      rows.next()) {
    known.head = row(rows);
  }
  if (auto rows = db.rows("SELECT public_key FROM epochs WHERE agent = ?1 AND epoch = ?2", h.agent,
                          h.epoch);
      rows.next()) {
    known.key = rows.bytes<32>(0);
  }
  // Where number n ends a row, the chain after it is known. n is at most the head here, so the row
  // that stands for n is the last one that begins at or before it.
  const auto around = [&](std::uint64_t n) -> std::optional<StoredRow> {
    if (n > known.durable()) return std::nullopt;
    auto rows = db.rows(
        "SELECT number, last_number, hash, chain_hash FROM batches "
        "WHERE agent = ?1 AND epoch = ?2 AND number <= ?3 "
        "ORDER BY number DESC LIMIT 1",
        h.agent, h.epoch, n);
    if (!rows.next()) return std::nullopt;
    return row(rows);
  };
  known.covering = around(h.number);
  if (h.number == 1) {
    known.chain_before = Digest{};
  } else if (const auto before = around(h.number - 1);
             before && before->last_number == h.number - 1) {
    known.chain_before = before->chain_hash;
  }
  if (const auto last = around(h.last_number); last && last->last_number == h.last_number) {
    known.chain_at_last = last->chain_hash;
  }
  return known;
}

bool Store::keep(const Arrival& arrival, const Known& known) {
  auto& db = *database_;
  const auto& h = arrival.opened.header;
  const std::uint64_t number = known.durable() + 1;
  const Digest previous = known.head ? known.head->chain_hash : Digest{};
  db.run("INSERT INTO batches VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", h.agent, h.epoch,
         number, h.last_number, arrival.opened.hash, previous, arrival.opened.chain_hash,
         arrival.received.ns, arrival.peer, Blob{as_bytes(arrival.bytes)});
  log_batch(db, {h.agent, h.epoch, number, h.last_number, arrival.opened.hash, previous,
                 arrival.opened.chain_hash, arrival.received});
  return derive(db, {number, arrival.received}, arrival.opened, as_bytes(arrival.bytes));
}

void Store::set_aside(const Arrival& arrival) {
  auto& db = *database_;
  const auto& h = arrival.opened.header;
  {
    auto rows = db.rows("SELECT count(*) FROM quarantine WHERE agent = ?1", h.agent);
    if (!rows.next() || rows.count(0) >= kMaxQuarantine) return;
  }
  db.run("INSERT OR IGNORE INTO quarantine VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", h.agent, h.epoch,
         h.number, arrival.opened.hash, arrival.received.ns, arrival.peer,
         Blob{as_bytes(arrival.bytes)});
}

void Store::note_incident(const Arrival& arrival, std::string_view kind) {
  auto& db = *database_;
  const auto& h = arrival.opened.header;
  {
    auto rows = db.rows("SELECT count(*) FROM incidents WHERE agent = ?1", h.agent);
    if (!rows.next() || rows.count(0) >= kMaxIncidents) return;
  }
  db.run(
      "INSERT OR IGNORE INTO incidents(agent, at_ns, kind, epoch, number, hash, peer) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      h.agent, arrival.received.ns, kind, h.epoch, h.number, arrival.opened.hash, arrival.peer);
  bool noted = false;
  if (auto rows = db.rows("SELECT changes()"); rows.next()) noted = rows.integer(0) > 0;
  if (!noted) return;
  log_incident(
      db, {arrival.received, h.agent, std::string(kind), h.epoch, h.number, arrival.opened.hash});
}

Settled Store::settle_one(const Arrival& arrival) {
  const auto& header = arrival.opened.header;
  const Known before = known(header);
  Settled settled;
  settled.decision = decide(header, arrival.opened.hash, arrival.opened.chain_hash, before);
  settled.durable = before.durable();
  if (before.head) settled.head_hash = before.head->chain_hash;
  if (settled.decision == Decision::store) {
    settled.undecodable = !keep(arrival, before);
    settled.durable = header.last_number;
    settled.head_hash = arrival.opened.chain_hash;
  } else if (settled.decision == Decision::fork) {
    set_aside(arrival);
    note_incident(arrival, "fork");
  } else if (settled.decision == Decision::foreign_key) {
    note_incident(arrival, "foreign_key");
  }
  return settled;
}

Expected<std::vector<Settled>> Store::settle(const std::vector<Arrival>& arrivals) {
  Database::Transaction transaction(*database_);
  std::vector<Settled> settled;
  settled.reserve(arrivals.size());
  for (const auto& arrival : arrivals) settled.push_back(settle_one(arrival));
  TRY_VOID(transaction.commit());
  return settled;
}

Expected<void> Store::write(const std::function<Expected<void>(Database&)>& work) {
  Database::Transaction transaction(*database_);
  TRY_VOID(work(*database_));
  return transaction.commit();
}

Expected<std::vector<StoredHead>> Store::heads(const std::string& agent) {
  std::vector<StoredHead> heads;
  auto rows = database_->rows(
      "SELECT b.epoch, b.last_number, b.chain_hash FROM batches b JOIN "
      "(SELECT epoch AS e, max(number) AS n FROM batches WHERE agent = ?1 GROUP BY epoch) "
      "ON b.epoch = e AND b.number = n WHERE b.agent = ?1 ORDER BY b.epoch",
      agent);
  while (rows.next()) heads.push_back({rows.bytes<16>(0), rows.count(1), rows.bytes<32>(2)});
  TRY_VOID(database_->take_failure());
  return heads;
}

Expected<void> Store::rebuild() {
  auto& db = *database_;
  Database::Transaction transaction(db);
  drop_derived(db);
  create_derived(db);
  restore_pruned(db);
  std::uint64_t done = 0;
  {
    auto rows = db.rows(
        "SELECT b.number, b.received_ns, b.bytes FROM batches b LEFT JOIN pruned p ON "
        "p.agent = b.agent AND p.epoch = b.epoch WHERE b.number > coalesce(p.number, 0) "
        "ORDER BY b.agent, b.epoch, b.number");
    while (rows.next()) {
      const std::string bytes = rows.blob(2);
      auto opened = proto::open_header(as_bytes(bytes));
      if (!opened) {
        return Unexpected(std::move(opened.error())
                              .within("a stored batch no longer verifies: the store is damaged; "
                                      "restore it from a backup"));
      }
      derive(db, {rows.count(0), WallTime{rows.integer(1)}}, *opened, as_bytes(bytes));
      if (++done % 10'000 == 0) log::info("rebuilding", {{"batches", std::to_string(done)}});
    }
  }
  TRY_VOID(transaction.commit());
  log::notice("derived tables made again", {{"batches", std::to_string(done)}});
  return {};
}

}  // namespace nines::collector
