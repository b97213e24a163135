// SPDX-License-Identifier: Apache-2.0
// What the store tells of incidents, duties, agents and certificates just now, as conditions; and
// what the collector has to say of incidents by its own rule. Belongs to one connection and its
// thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alerts/condition.h"
#include "alerts/settings.h"
#include "collector/event_book.h"
#include "collector/judge.h"
#include "sla/input/events.h"

namespace nines::collector {

inline constexpr Duration kOutageReach = hours(1);  // what was over before opens no incident
inline constexpr Duration kOutageReachMost = hours(24 * 7);  // how far a first failure is sought
inline constexpr Duration kLookAtCertificates = minutes(5);

struct Seen {
  std::vector<alerts::Condition> agents;
  std::optional<std::vector<alerts::Condition>> certificates;       // where it was time to look
  std::map<std::string, std::vector<alerts::Condition>> incidents;  // by agreement
  std::map<std::string, std::vector<alerts::Condition>> duties;     // by agreement
  alerts::Services silenced;                                        // excluded just now

  struct Said {
    std::string agreement;
    nlohmann::json event;
  };

  std::vector<Said> to_say;             // by record_own(), in order
  std::vector<std::string> complaints;  // what could not be looked at, and why
};

class AlertWatch {
 public:
  // `since`: from when on the collector listens.
  explicit AlertWatch(WallTime since) : since_(since) {}

  Expected<Seen> look(Database& db,
                      const Agreements& agreements,
                      const alerts::Settings& settings,
                      WallTime now);

 private:
  struct Said {  // of one agreement, as of the entry `position`
    std::uint64_t position = 0;
    EventBook book;
    sla::Events events;
  };

  Expected<const Said*> said_of(Database& db, const std::string& agreement);
  Expected<void> look_at(Database& db,
                         const std::string& agreement,
                         const std::vector<sla::Agreement>& versions,
                         const std::set<std::string>& failing,
                         const alerts::Settings& settings,
                         WallTime now,
                         Seen& out);

  void mark_retired(std::vector<alerts::SeenAgent>& agents,
                    const Agreements& agreements,
                    WallTime now) const;

  const WallTime since_;
  std::optional<WallTime> certificates_looked_;
  std::map<std::string, Said> said_;
};

}  // namespace nines::collector
