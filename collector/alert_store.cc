// SPDX-License-Identifier: Apache-2.0
#include "collector/alert_store.h"

namespace nines::collector {
namespace {

constexpr const char* kAlertTables = R"sql(
CREATE TABLE IF NOT EXISTS alerts(id INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alert_groups(key TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alert_deliveries(id INTEGER PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alert_attempts(
  delivery INTEGER NOT NULL, number INTEGER NOT NULL, at_ns INTEGER NOT NULL,
  result TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY(delivery, number)) WITHOUT ROWID;
)sql";

std::vector<std::string> rows_of(Database& db, std::string_view sql) {
  std::vector<std::string> out;
  auto rows = db.rows(sql);
  while (rows.next()) out.push_back(rows.text(0));
  return out;
}

}  // namespace

Expected<void> prepare_alerts(Database& db) {
  {
    auto rows = db.rows("SELECT value FROM meta WHERE key = 'alerts_version'");
    if (rows.next() && rows.integer(0) > kAlertsVersion) {
      return fail("the store's alerts were made by a newer version; install that version");
    }
  }
  db.script(kAlertTables);
  db.run("INSERT OR REPLACE INTO meta(key, value) VALUES ('alerts_version', ?1)", kAlertsVersion);
  return {};
}

Expected<AlertRows> read_alerts(Database& db) {
  AlertRows out{rows_of(db, "SELECT row FROM alerts ORDER BY id"),
                rows_of(db, "SELECT row FROM alert_groups ORDER BY key"),
                rows_of(db, "SELECT row FROM alert_deliveries ORDER BY id"),
                {}};
  {
    auto rows = db.rows("SELECT value FROM meta WHERE key = 'log_head_day'");
    if (rows.next()) out.head_day = rows.integer(0);
  }
  TRY_VOID(db.take_failure());
  return out;
}

void keep_alerts(Database& db, const alerts::Changes& changes) {
  for (const auto id : changes.gone_alerts) db.run("DELETE FROM alerts WHERE id = ?1", id);
  for (const auto& key : changes.gone_groups) {
    db.run("DELETE FROM alert_groups WHERE key = ?1", key);
  }
  for (const auto id : changes.gone_deliveries) {
    db.run("DELETE FROM alert_deliveries WHERE id = ?1", id);
    db.run("DELETE FROM alert_attempts WHERE delivery = ?1", id);
  }
  for (const auto& [id, row] : changes.alerts) {
    db.run("INSERT OR REPLACE INTO alerts VALUES (?1, ?2)", id, row);
  }
  for (const auto& [key, row] : changes.groups) {
    db.run("INSERT OR REPLACE INTO alert_groups VALUES (?1, ?2)", key, row);
  }
  for (const auto& [id, row] : changes.deliveries) {
    db.run("INSERT OR REPLACE INTO alert_deliveries VALUES (?1, ?2)", id, row);
  }
  if (changes.head_day) {
    db.run("INSERT OR REPLACE INTO meta(key, value) VALUES ('log_head_day', ?1)",
           *changes.head_day);
  }
  for (const auto& each : changes.attempts) {
    db.run("INSERT OR REPLACE INTO alert_attempts VALUES (?1, ?2, ?3, ?4, ?5)", each.delivery,
           each.number, each.at.ns, alerts::name(each.result), each.detail);
  }
}

Expected<nlohmann::json> attempts_json(Database& db) {
  auto out = nlohmann::json::object();
  auto rows = db.rows(
      "SELECT delivery, number, at_ns, result, detail FROM alert_attempts "
      "ORDER BY delivery, number");
  while (rows.next()) {
    out[std::to_string(rows.count(0))].push_back({{"number", rows.integer(1)},
                                                  {"at", format_rfc3339(WallTime{rows.integer(2)})},
                                                  {"result", rows.text(3)},
                                                  {"detail", rows.text(4)}});
  }
  TRY_VOID(db.take_failure());
  return out;
}

}  // namespace nines::collector
