// SPDX-License-Identifier: Apache-2.0
#include "sla/events_file.h"

#include <cerrno>
#include <fstream>
#include <map>

#include "sla/lines.h"

namespace nines::sla {
namespace {

constexpr std::size_t kMaxEvents = 1'000'000;

struct Exclusion {
  std::string place;
  bool approved = false;
};

class Events {
 public:
  void take(const nlohmann::json& event, const std::string& place) {
    const auto type = text_member(event, "type").value_or("");
    if (type == "exclusion") {
      take_exclusion(event, place);
    } else if (type == "incident") {
      // Only `support` uses them, and an agreement with that section is refused already.
      notes_.add(place + ": incidents change nothing in this report");
    } else if (type == "vantage" || type == "check") {
      bad_.add(place + ": '" + type + "' events (joined, retired) are not judged by this version");
    } else {
      bad_.add(place + ": 'type' is not exclusion, incident, vantage or check");
    }
  }

  void fault(const std::string& message) { bad_.add(message); }

  Expected<std::vector<std::string>> result() {
    for (const auto& [id, each] : exclusions_) {
      if (each.approved) {
        bad_.add(each.place +
                 ": approved exclusions are not judged by this version of nines and "
                 "would change the result");
      } else {
        notes_.add(each.place + ": an exclusion that is not approved changes nothing");
      }
    }
    if (bad_.empty()) return notes_.lines();
    std::string text;
    for (const std::string& each : bad_.lines()) text += (text.empty() ? "" : "\n") + each;
    return fail(std::move(text));
  }

 private:
  void take_exclusion(const nlohmann::json& event, const std::string& place) {
    const auto id = text_member(event, "id");
    const auto state = text_member(event, "state").value_or("");
    if (!id) return bad_.add(place + ": an exclusion needs an 'id'");
    if (state != "claimed" && state != "approved" && state != "rejected" && state != "withdrawn") {
      return bad_.add(place + ": 'state' is not claimed, approved, rejected or withdrawn");
    }
    exclusions_[*id] = {place, state == "approved"};  // a later line supersedes
  }

  std::map<std::string, Exclusion> exclusions_;
  LineNotes bad_;
  LineNotes notes_;
};

}  // namespace

Expected<std::vector<std::string>> check_events(std::istream& in, const std::string& name) {
  JsonLines lines(in, name);
  Events events;
  for (std::size_t count = 0;; ++count) {
    if (count == kMaxEvents) return fail(lines.place() + ": more than a million events");
    bool done = false;
    const auto line = lines.next(done);
    if (!line) events.fault(line.error().message);
    if (done) break;
    if (line) events.take(*line, lines.place());
  }
  return events.result();
}

Expected<std::vector<std::string>> check_events_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno("events " + path, errno);
  return check_events(file, path);
}

}  // namespace nines::sla
