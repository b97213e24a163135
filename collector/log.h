// SPDX-License-Identifier: Apache-2.0
// The log: every batch, agreement text, statement and report that the collector took in or gave
// out, one canonical JSON text each, in the order in which they became durable. It is a Merkle tree
// (base/merkle.h), so that whoever kept a signed head can tell whether anything before it was
// changed or left out (docs/formats/store.md, "Log"). An entry is appended in the transaction that
// stores what it speaks of; nothing is ever changed or removed.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/merkle.h"
#include "base/sign.h"
#include "base/time.h"
#include "collector/database.h"
#include "proto/proof.h"

namespace nines::collector {

using LogId = std::array<std::uint8_t, 16>;  // of the store: its incarnation

using proto::canonical_text;

struct NewEntry {
  std::string kind;       // batch, chain_incident, agreement, event, report
  std::string agreement;  // whose parties may see it; empty: of none
  std::string subject;    // finds it again: "edge/EPOCH/17", "shop@1", an event's id
  WallTime at;
  nlohmann::json body;  // `type` and `at` are added
};

struct LogEntry {
  std::uint64_t position = 0;  // from 0
  std::string kind, agreement, subject;
  WallTime at;
  std::string text;  // what the leaf is the hash of
};

void create_log(Database& db);

// Within a transaction. Answers its position.
std::uint64_t append_entry(Database& db, const NewEntry& entry);

std::string batch_subject(const std::string& agent,
                          const std::array<std::uint8_t, 16>& epoch,
                          std::uint64_t number);

std::uint64_t log_size(Database& db);
MerkleNodes log_nodes(Database& db);

// In order of position; `take` answers false to stop. Failures stay with the database.
void read_entries(Database& db,
                  std::uint64_t from,
                  const std::function<bool(const LogEntry&)>& take);
void read_entries_of(Database& db,
                     const std::string& agreement,
                     const std::function<bool(const LogEntry&)>& take);
std::optional<LogEntry> find_entry_of(Database& db,
                                      const std::string& kind,
                                      const std::string& subject);

// What a collector states of its log, and signs.
struct SignedHead {
  std::string text;  // {"at":…,"log":…,"root":…,"size":…}
  PublicKey key{};
  Signature signature{};
};

SignedHead sign_head(Database& db, const LogId& id, const SigningKey& key, WallTime at);

// Answers of /v1/log/…; an error is the asker's unless it begins with "store".
std::string head_json(const SignedHead& head);
Expected<std::string> inclusion_json(Database& db, std::uint64_t position, std::uint64_t size);
Expected<std::string> consistency_json(Database& db, std::uint64_t old_size, std::uint64_t size);
Expected<std::string> entries_lines(Database& db, std::uint64_t from, std::uint64_t limit);

// `size` absent or 0: the log as it is.
Expected<std::uint64_t> checked_size(Database& db, std::uint64_t size);

nlohmann::json path_json(const std::vector<Digest>& path);

}  // namespace nines::collector
