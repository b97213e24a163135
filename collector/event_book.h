// SPDX-License-Identifier: Apache-2.0
// What was said of one agreement, read from the log in order: how each exclusion, incident and
// restatement stands, whether a further statement may be made and by whom, and the lines that the
// judge takes. Pure: the same entries give the same book.
//
// The rules (docs/formats/store.md, "Statements"):
//   - An exclusion is announced before it begins, or claimed; by the provider or the customer. It
//   is
//     decided (approve, reject) by the party that its kind names, absent that by the other party;
//     never by the party that claimed it. The claiming party may withdraw it.
//   - An incident is opened by provider or customer, and may be dated back by that alone. What
//     shows the provider at work (acknowledged, responded, paused, mitigated, resolved) is the
//     provider's to say, and is dated when it is said.
//   - The collector opens, reopens and resolves incidents of its own (docs/alerts.md), resolves no
//     other, and says nothing else.
//   - A restatement of a sealed report is proposed by one party and approved by the other.
//   - Joining and retiring are the provider's to say, and never of the past.
//   - A version is signed by each party once, over the digest of the text that is loaded, and not
//     at all where either party signed another text under its number.
//   - A duty is done for one of its due days, once, said by the party that owes it, by either where
//     a role owes it. That party may withdraw it.
//   - Annotations and observations are open to every party, and change no figure.
//   - Personal texts are erased by either party, and by the person whose they are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/actors.h"
#include "collector/log.h"
#include "collector/recorded.h"
#include "collector/statement.h"
#include "proto/event_lines.h"
#include "sla/text/agreement.h"

namespace nines::collector {

inline constexpr std::size_t kMaxStatements = 100'000;  // of one agreement

struct ExclusionCase {
  enum class State { claimed, disputed, approved, rejected, withdrawn } state = State::claimed;
  nlohmann::json claim;  // the event as it was announced or claimed
  std::string claimed_by;
  Party party = Party::auditor;
  std::optional<WallTime> announced;
  std::string decided_by;
  std::optional<WallTime> decided_at;
  std::uint64_t position = 0;  // of the entry that has `claim`
};

struct IncidentCase {
  enum class State { open, paused, resolved, closed } state = State::open;
  std::string service;
  std::string priority;
  WallTime opened;        // when it began, as was said
  WallTime said;          // when that was
  std::string opened_by;  // kCollector: by its own rule
  std::string acknowledged_by;
  std::optional<WallTime> acknowledged;
  std::optional<WallTime> until;  // when it was over; absent while it runs

  bool runs() const { return state == State::open || state == State::paused; }
};

// Who speaks where the collector itself does; no person may have the name.
inline constexpr std::string_view kCollector = "collector";

struct RestatementCase {
  enum class State { proposed, approved, rejected } state = State::proposed;
  std::string period, reason, proposed_by;
  Party party = Party::auditor;
  WallTime proposed_at;  // also the cut of what it would count
  std::string decided_by;
  std::uint64_t position = 0;
};

// The first of a party under a version.
struct SignatureCase {
  std::string digest;  // "sha256:…"
  std::string actor;
  WallTime at;
};

struct DutyCase {
  std::string duty;
  std::string due;  // an ISO date
  std::string evidence;
  std::string actor;
  Party party = Party::auditor;
  WallTime at;
  bool withdrawn = false;
};

std::string_view name(ExclusionCase::State state);
std::string_view name(IncidentCase::State state);
std::string_view name(RestatementCase::State state);

class EventBook {
 public:
  // Of all entries, or of those that a cut lets count.
  static Expected<EventBook> read(Database& db,
                                  const std::string& agreement,
                                  const std::optional<Cut>& cut = {});

  // Whether `actor` may say this at `now`, with the versions that are loaded. An error says why
  // not.
  Expected<void> admit(const Actor& actor,
                       const nlohmann::json& event,
                       const std::vector<sla::Agreement>& versions,
                       WallTime now) const;

  // The same for what the collector says of an incident.
  Expected<void> admit_own(const nlohmann::json& event) const;

  // An entry of kind `event`, which was admitted when it was made.
  void take(const LogEntry& entry);

  // Events as JSON lines, as `nines sla eval --events` takes them.
  const std::string& lines() const { return lines_.text(); }

  const std::map<std::string, ExclusionCase>& exclusions() const { return exclusions_; }

  const std::map<std::string, IncidentCase>& incidents() const { return incidents_; }

  const std::map<std::string, RestatementCase>& restatements() const { return restatements_; }

  // By version and party.
  using Signatures = std::map<std::pair<std::string, Party>, SignatureCase>;

  const Signatures& signatures() const { return signatures_; }

  const std::map<std::string, DutyCase>& duties() const { return duties_; }

  // When the personal texts of the statement at this position were erased.
  std::optional<WallTime> erased(std::uint64_t position) const;

  std::size_t size() const { return count_; }

 private:
  Expected<void> admit_exclusion(const Actor& actor,
                                 const nlohmann::json& event,
                                 const std::vector<sla::Agreement>& versions,
                                 WallTime now) const;
  Expected<void> admit_incident(const Actor& actor,
                                const nlohmann::json& event,
                                const std::vector<sla::Agreement>& versions,
                                WallTime now) const;
  Expected<void> admit_restatement(const Actor& actor, const nlohmann::json& event) const;
  Expected<void> admit_signature(const Actor& actor,
                                 const nlohmann::json& event,
                                 const std::vector<sla::Agreement>& versions) const;
  Expected<void> admit_duty(const Actor& actor,
                            const nlohmann::json& event,
                            const std::vector<sla::Agreement>& versions) const;
  void take_exclusion(const nlohmann::json& entry, const nlohmann::json& event, const LogEntry& of);
  void take_incident(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);
  void take_restatement(const nlohmann::json& entry,
                        const nlohmann::json& event,
                        const LogEntry& of);
  void take_signature(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);
  void take_duty(const nlohmann::json& entry, const nlohmann::json& event, WallTime at);

  std::map<std::string, ExclusionCase> exclusions_;
  std::map<std::string, IncidentCase> incidents_;
  std::map<std::string, RestatementCase> restatements_;
  Signatures signatures_;
  std::map<std::string, DutyCase> duties_;
  std::map<std::uint64_t, WallTime> erased_;   // by position
  std::map<std::string, std::string> others_;  // ids of the rest, and their types
  proto::EventLines lines_;
  std::size_t count_ = 0;
};

// The party that decides on an exclusion of this kind, which `claimant` claimed: the one whose
// acceptance the newest text wants for the kind, never the claimant's own; else the other of the
// two.
Party decider_of(const std::vector<sla::Agreement>& versions,
                 const std::string& kind,
                 Party claimant);

}  // namespace nines::collector
