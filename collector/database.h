// SPDX-License-Identifier: Apache-2.0
// SQLite, as little of it as the collector needs. One Database is one connection and belongs to one
// thread at a time.
// The first failure sticks: from then on every call does nothing, reads end, and commit() refuses.
// So a sequence of statements is written straight down and asked once, by take_failure() or
// commit().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/expected.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nines::collector {

struct Blob {
  ByteView bytes;
};

class Database;

// The rows of one statement, in turn: `while (rows.next()) rows.integer(0);`
class Rows {
 public:
  Rows(Database& database, sqlite3_stmt* statement, bool cached);
  Rows(Rows&& other) noexcept;
  Rows(const Rows&) = delete;
  ~Rows();

  bool next();

  std::int64_t integer(int column) const;

  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }

  bool null(int column) const;
  std::string text(int column) const;
  std::string blob(int column) const;

  // A blob of exactly so many bytes; anything else is a damaged store and a failure of the
  // database.
  template <std::size_t N>
  std::array<std::uint8_t, N> bytes(int column) {
    std::array<std::uint8_t, N> out{};
    take(column, out);
    return out;
  }

 private:
  friend class Database;
  void take(int column, std::span<std::uint8_t> out);
  Database& database_;
  sqlite3_stmt* statement_;
  bool cached_;
};

class Database {
 public:
  enum class Mode { write, read };
  static Expected<std::unique_ptr<Database>> open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;

  // `sql` holds one statement with ?1, ?2, …
  template <class... Values>
  Rows rows(std::string_view sql, const Values&... values) {
    Rows rows = prepare(sql);
    int place = 0;
    (bind(rows.statement_, ++place, values), ...);
    return rows;
  }

  template <class... Values>
  void run(std::string_view sql, const Values&... values) {
    auto statement = rows(sql, values...);
    while (statement.next()) {
    }
  }

  void script(const std::string& sql);  // several statements, no values

  bool failed() const { return failure_.has_value(); }

  Expected<void> take_failure();
  void set_failure(std::string message, int code = 0);  // keeps the first

  // While it lives, reads see one state of the store, whatever is written meanwhile.
  class Snapshot {
   public:
    explicit Snapshot(Database& database) : database_(database) { database_.script("BEGIN"); }

    Snapshot(const Snapshot&) = delete;
    ~Snapshot();

   private:
    Database& database_;
  };

  // A transaction is rolled back where it was not committed; that forgets a failure of the
  // statements within, which commit() has then reported.
  class Transaction {
   public:
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    ~Transaction();
    Expected<void> commit();

   private:
    Database& database_;
    bool open_ = true;
  };

  // A savepoint within: release() keeps what was done since, or undoes it all and tells why not.
  class Savepoint {
   public:
    explicit Savepoint(Database& database);
    Savepoint(const Savepoint&) = delete;
    ~Savepoint();
    Expected<void> release();

   private:
    void roll_back();
    Database& database_;
    bool open_;  // not where the database had failed before
  };

 private:
  friend class Rows;
  Database() = default;
  Rows prepare(std::string_view sql);
  void bind(sqlite3_stmt* s, int place, std::int64_t value);

  void bind(sqlite3_stmt* s, int place, std::uint64_t value) {
    bind(s, place, static_cast<std::int64_t>(value));
  }

  void bind(sqlite3_stmt* s, int place, int value) { bind(s, place, std::int64_t{value}); }

  void bind(sqlite3_stmt* s, int place, unsigned value) { bind(s, place, std::int64_t{value}); }

  void bind(sqlite3_stmt* s, int place, bool value) { bind(s, place, std::int64_t{value}); }

  void bind(sqlite3_stmt* s, int place, std::string_view value);

  void bind(sqlite3_stmt* s, int place, const std::string& value) {
    bind(s, place, std::string_view(value));
  }

  void bind(sqlite3_stmt* s, int place, const char* value) {
    bind(s, place, std::string_view(value));
  }

  void bind(sqlite3_stmt* s, int place, Blob value);

  template <std::size_t N>
  void bind(sqlite3_stmt* s, int place, const std::array<std::uint8_t, N>& value) {
    bind(s, place, Blob{ByteView(value)});
  }

  template <class T>
  void bind(sqlite3_stmt* s, int place, const std::optional<T>& value) {
    if (value) bind(s, place, *value);  // unbound is NULL
  }

  sqlite3* handle_ = nullptr;
  std::optional<Error> failure_;

  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    bool busy = false;
  };

  std::unordered_map<std::string, Prepared> prepared_;  // one for each statement text of ours
};

}  // namespace nines::collector
