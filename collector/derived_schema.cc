// SPDX-License-Identifier: Apache-2.0
// The derived tables: their shape, and a digest of what they hold.
#include <array>

#include "collector/timeline_store.h"

namespace nines::collector {
namespace {

struct Table {
  const char* name;
  const char* columns;
  const char* order;  // a key, so that a dump has one order
  const char* more;   // further statements
};

// WITHOUT ROWID where rows are small: the key is the table.
constexpr std::array kTables{
    // One for each row of `batches`: its header, and how its body was understood.
    Table{"headers",
          "agent TEXT, epoch BLOB, number INTEGER, last_number INTEGER, received_ns INTEGER, "
          "sealed_ns INTEGER, synchronised INTEGER, error_ns INTEGER, ahead_ns INTEGER, "
          "bound_ns INTEGER, version TEXT, table_digest BLOB, first_seq INTEGER, "
          "result_count INTEGER, state INTEGER, skipped INTEGER, from_ns INTEGER, to_ns INTEGER, "
          "PRIMARY KEY(agent, epoch, number)",
          "agent, epoch, number",
          "CREATE INDEX headers_received ON headers(agent, received_ns);"
          "CREATE INDEX headers_to ON headers(agent, to_ns);"},
    Table{"epochs",
          "agent TEXT, epoch BLOB, public_key BLOB, received_ns INTEGER, sealed_ns INTEGER, "
          "link BLOB, last_seq INTEGER, PRIMARY KEY(agent, epoch)",
          "agent, epoch", ""},
    Table{"tables",
          "agent TEXT, epoch BLOB, digest BLOB, number INTEGER, bytes BLOB, "
          "PRIMARY KEY(agent, epoch, digest)",
          "agent, epoch, digest", ""},
    Table{"entries",
          "digest BLOB PRIMARY KEY, name TEXT, kind INTEGER, target TEXT, every_ns INTEGER, "
          "phase_ns INTEGER, timeout_ns INTEGER, priority INTEGER, labels TEXT, canonical TEXT",
          "digest", ""},
    Table{"timeline",
          "agent TEXT, check_name TEXT, hour INTEGER, epoch BLOB, entry BLOB, first_ns INTEGER, "
          "last_ns INTEGER, up INTEGER, down INTEGER, unknown INTEGER, latency_us INTEGER, "
          "latency_samples INTEGER, pieces BLOB, "
          "PRIMARY KEY(agent, check_name, hour, epoch, entry)",
          "agent, check_name, hour, epoch, entry", ""},
    Table{"latest",
          "agent TEXT, check_name TEXT, started_ns INTEGER, epoch BLOB, seq INTEGER, entry BLOB, "
          "outcome INTEGER, reason INTEGER, result TEXT, PRIMARY KEY(agent, check_name)",
          "agent, check_name", ""},
    Table{"events",
          "agent TEXT, epoch BLOB, number INTEGER, place INTEGER, kind INTEGER, wall_ns INTEGER, "
          "boot_ns INTEGER, duration_ns INTEGER, text TEXT, clean INTEGER, link BLOB, "
          "lost_first INTEGER, lost_last INTEGER, PRIMARY KEY(agent, epoch, number, place)",
          "agent, epoch, number, place", "CREATE INDEX events_wall ON events(agent, wall_ns);"},
    Table{"gaps",
          "agent TEXT, epoch BLOB, number INTEGER, last_number INTEGER, cause TEXT, "
          "batches INTEGER, results INTEGER, first_seq INTEGER, last_seq INTEGER, "
          "from_ns INTEGER, to_ns INTEGER, PRIMARY KEY(agent, epoch, number)",
          "agent, epoch, number", ""},
    Table{"gap_checks",
          "agent TEXT, epoch BLOB, number INTEGER, place INTEGER, check_name TEXT, up INTEGER, "
          "down INTEGER, unknown INTEGER, first_slot INTEGER, last_slot INTEGER, "
          "transitions INTEGER, PRIMARY KEY(agent, epoch, number, place)",
          "agent, epoch, number, place", ""},
};

}  // namespace

void create_derived(Database& db) {
  for (const auto& table : kTables) {
    db.script(std::string("CREATE TABLE ") + table.name + "(" + table.columns + ");" + table.more);
  }
  db.run("INSERT OR REPLACE INTO meta(key, value) VALUES ('derived_version', ?1)", kDerivedVersion);
}

void drop_derived(Database& db) {
  for (const auto& table : kTables) {
    db.script(std::string("DROP TABLE IF EXISTS ") + table.name);
  }
}

bool derived_is_current(Database& db) {
  auto rows = db.rows("SELECT value FROM meta WHERE key = 'derived_version'");
  return rows.next() && rows.integer(0) == kDerivedVersion;
}

Expected<Digest> derived_digest(Database& db) {
  Digest digest{};
  for (const auto& table : kTables) {
    int columns = 0;
    {
      auto info =
          db.rows(std::string("SELECT count(*) FROM pragma_table_info('") + table.name + "')");
      if (info.next()) columns = static_cast<int>(info.integer(0));
    }
    auto rows = db.rows(std::string("SELECT * FROM ") + table.name + " ORDER BY " + table.order);
    while (rows.next()) {
      std::string row = table.name;
      for (int i = 0; i < columns; ++i) {
        const std::string value = rows.null(i) ? "null" : "=" + rows.blob(i);
        std::array<std::uint8_t, 8> size{};
        put_le(size.data(), std::uint64_t{value.size()});
        row += as_text(size);
        row += value;
      }
      digest = sha256({ByteView(digest), as_bytes(row)});
    }
  }
  TRY_VOID(db.take_failure());
  return digest;
}

}  // namespace nines::collector
