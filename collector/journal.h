// SPDX-License-Identifier: Apache-2.0
// Statements on their way from a request into the log: decoded, the speaker's signature checked,
// admitted by the book of their agreement and appended, in one transaction on the store's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/async.h"
#include "collector/actors.h"
#include "collector/event_book.h"
#include "collector/judge.h"
#include "collector/personal.h"
#include "collector/store.h"
#include "net/http_message.h"

namespace nines::collector {

void create_certificates(Database& db);

// The certificate (DER) whose SHA-256 an entry names; empty where it is not kept.
std::string find_certificate(Database& db, const Digest& fingerprint);

struct Said {
  std::uint64_t position = 0;
  WallTime at;
  std::optional<SubjectKeyId> erased;  // whose key is to be destroyed after the commit
};

// Within a transaction. `peer` is who spoke: its certificate, or its uid on the Unix socket. What
// the client did not seal of personal texts is sealed here, and where it signed them it is refused.
Expected<Said> record_statement(Database& db,
                                SubjectKeys& keys,
                                const Actor& actor,
                                const net::Peer& peer,
                                const Statement& statement,
                                const std::vector<sla::Agreement>& versions,
                                WallTime now);

// In a transaction of its own: durable when it returns, and where it erases the key is destroyed.
Expected<Said> write_statement(Store& store,
                               const Actor& actor,
                               const net::Peer& peer,
                               const Statement& statement,
                               const std::vector<sla::Agreement>& versions,
                               WallTime now);

// Within a transaction, for what the collector says of an incident of its own.
Expected<void> record_own(Database& db,
                          const std::string& agreement,
                          const nlohmann::json& event,
                          WallTime now);

class Journal {
 public:
  // All must outlive it; `store` is touched on `disk` alone. `on_restatement` is called on the loop
  // when something was said of one.
  Journal(const Clock& clock, DiskThread& disk, Store& store, std::function<void()> on_restatement)
      : clock_(clock), disk_(disk), store_(store), on_restatement_(std::move(on_restatement)) {}

  // POST /v1/events. The caller has found that the peer speaks as `actor`.
  Task<net::HttpResponse> post(const net::HttpRequest& request,
                               Actor actor,
                               std::shared_ptr<const Agreements> agreements);

  // Where the keys are that open personal texts, for who reads on another thread.
  const std::string& state_folder() const { return store_.folder(); }

 private:
  const Clock& clock_;
  DiskThread& disk_;
  Store& store_;
  const std::function<void()> on_restatement_;
};

// GET /v1/events: how everything stands, and the entries, with what opens their personal texts.
Expected<std::string> events_json(Database& db,
                                  const SubjectKeys& keys,
                                  const std::string& agreement);

}  // namespace nines::collector
