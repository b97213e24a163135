// SPDX-License-Identifier: Apache-2.0
#include "collector/database.h"

#include <sqlite3.h>

#include <utility>

namespace nines::collector {

Rows::Rows(Database& database, sqlite3_stmt* statement, bool cached)
    : database_(database), statement_(statement), cached_(cached) {}

Rows::Rows(Rows&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      cached_(other.cached_) {}

Rows::~Rows() {
  if (statement_ == nullptr) return;
  if (!cached_) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  const auto found = database_.prepared_.find(sqlite3_sql(statement_));
  ASSERT(found != database_.prepared_.end());
  found->second.busy = false;
}

bool Rows::next() {
  if (statement_ == nullptr || database_.failed()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    database_.set_failure(std::string("store: ") + sqlite3_errmsg(database_.handle_),
                          sqlite3_extended_errcode(database_.handle_));
  }
  return false;
}

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Rows::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Rows::text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

std::string Rows::blob(int column) const {
  const auto* bytes = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

void Rows::take(int column, std::span<std::uint8_t> out) {
  const std::string bytes = blob(column);
  if (bytes.size() == out.size()) {
    std::memcpy(out.data(), bytes.data(), out.size());
  } else {
    database_.set_failure("store: a value of " + std::to_string(bytes.size()) + " bytes where " +
                          std::to_string(out.size()) + " belong; the store is damaged");
  }
}

Expected<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
  std::unique_ptr<Database> database(new Database);
  const int flags =
      (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &database->handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    return fail("open " + path + ": " + sqlite3_errstr(code), code);
  }
  sqlite3_busy_timeout(database->handle_, 10'000);
  // What a hostile file could do to us through SQL of its own is switched off.
  sqlite3_db_config(database->handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database->handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (mode == Mode::write) {
    // FULL in WAL mode: each commit is an fsync of the log before it returns.
    database->script(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; "
        "PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384;");
  } else {
    database->script("PRAGMA query_only = ON; PRAGMA cache_size = -16384;");
  }
  auto failure = database->take_failure();
  if (!failure) return Unexpected(std::move(failure.error()).within("open " + path));
  return database;
}

Database::~Database() {
  for (auto& [sql, prepared] : prepared_) sqlite3_finalize(prepared.statement);
  sqlite3_close(handle_);
}

Rows Database::prepare(std::string_view sql) {
  if (failed()) return Rows(*this, nullptr, false);
  auto& known = prepared_[std::string(sql)];
  if (known.statement != nullptr && !known.busy) {
    known.busy = true;
    return Rows(*this, known.statement, true);
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) {
    set_failure(std::string("store: ") + sqlite3_errmsg(handle_), code);
    return Rows(*this, nullptr, false);
  }
  if (known.busy) return Rows(*this, statement, false);  // the same statement within itself
  known = {statement, true};
  return Rows(*this, statement, true);
}

void Database::script(const std::string& sql) {
  if (failed()) return;
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) set_failure(std::string("store: ") + sqlite3_errmsg(handle_), code);
}

Expected<void> Database::take_failure() {
  if (!failure_) return {};
  Error error = *std::exchange(failure_, std::nullopt);
  return Unexpected(std::move(error));
}

void Database::set_failure(std::string message, int code) {
  if (!failure_) failure_ = Error{std::move(message), code};
}

void Database::bind(sqlite3_stmt* s, int place, std::int64_t value) {
  if (s != nullptr) sqlite3_bind_int64(s, place, value);
}

void Database::bind(sqlite3_stmt* s, int place, std::string_view value) {
  if (s == nullptr) return;
  sqlite3_bind_text(s, place, value.data() == nullptr ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_TRANSIENT);
}

void Database::bind(sqlite3_stmt* s, int place, Blob value) {
  if (s == nullptr) return;
  if (value.bytes.empty()) {
    sqlite3_bind_zeroblob(s, place, 0);
  } else {
    sqlite3_bind_blob(s, place, value.bytes.data(), static_cast<int>(value.bytes.size()),
                      SQLITE_TRANSIENT);
  }
}

Database::Snapshot::~Snapshot() {
  database_.failure_.reset();
  if (sqlite3_get_autocommit(database_.handle_) == 0) database_.script("ROLLBACK");
}

Database::Transaction::Transaction(Database& database) : database_(database) {
  // IMMEDIATE: a writer must not find out in the middle that it may not write.
  database_.script("BEGIN IMMEDIATE");
}

Database::Transaction::~Transaction() {
  if (!open_) return;
  database_.failure_.reset();
  // After some errors (a full disk) SQLite has rolled back by itself.
  if (sqlite3_get_autocommit(database_.handle_) == 0) database_.script("ROLLBACK");
}

Expected<void> Database::Transaction::commit() {
  database_.script("COMMIT");
  TRY_VOID(database_.take_failure());
  open_ = false;
  return {};
}

Database::Savepoint::Savepoint(Database& database)
    : database_(database), open_(!database.failed()) {
  database_.script("SAVEPOINT inner");
}

Database::Savepoint::~Savepoint() {
  if (open_) roll_back();
}

void Database::Savepoint::roll_back() {
  open_ = false;
  if (sqlite3_get_autocommit(database_.handle_) != 0) return;
  database_.failure_.reset();
  database_.script("ROLLBACK TO inner; RELEASE inner");
}

Expected<void> Database::Savepoint::release() {
  if (!open_) return fail("store: an earlier statement failed");
  auto failure = database_.take_failure();
  if (failure) {
    open_ = false;
    database_.script("RELEASE inner");
    return database_.take_failure();
  }
  const bool whole_lost = sqlite3_get_autocommit(database_.handle_) != 0;
  roll_back();
  // Where the transaction around it is gone too, the failure must be seen by its commit().
  if (whole_lost) database_.set_failure(failure.error().message, failure.error().code);
  return failure;
}

}  // namespace nines::collector
