// SPDX-License-Identifier: Apache-2.0
// The book of alerts: which conditions hold, who was told, who is to be told next, and what has
// still to be delivered. Plain and synchronous, on a clock that is given; what must survive a
// restart leaves by take_changes(), and nothing is given out for delivery before made_durable().
//
//   pending ── held for `wait` ──► firing ── no longer holds ──► resolved
//      └── no longer holds: forgotten, nobody was told
//
// One key is active once. Alerts of one route with one value of its label are a group, and are told
// together: to the first step of the route's contacts, and each time that `ack_within` passes
// without an acknowledgement of all of them, to the next step too. Until then all steps that were
// reached are told again every `repeat`. Frozen conditions neither fire nor resolve; silenced ones
// neither fire nor repeat nor escalate.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alerts/condition.h"
#include "alerts/settings.h"
#include "base/expected.h"

namespace nines::alerts {

inline constexpr std::size_t kMaxActive = 10'000;  // alerts; further ones are counted
inline constexpr std::size_t kMaxEnded = 1000;     // alerts and deliveries kept after their end
inline constexpr std::size_t kMaxWaiting = 1000;   // deliveries of one channel: the oldest goes
inline constexpr std::size_t kMaxTold = 50;        // alerts in one message; the rest is counted
inline constexpr unsigned kMaxAttempts = 100;      // of one delivery
inline constexpr Duration kMaxDeliveryAge = hours(24);
inline constexpr std::size_t kMaxDetail = 300;  // bytes of what an attempt says

struct Alert {
  enum class State { pending, firing, resolved };
  std::uint64_t id = 0;  // of this time; the next one of the same key has another
  std::string source;    // who reports its condition, and alone may end it
  Condition condition;   // as it was reported last
  State state = State::pending;
  WallTime began;  // first reported
  std::optional<WallTime> fired, resolved;
  std::optional<WallTime> notified;  // somebody was first told for certain
  std::optional<Acknowledgement> acknowledged;
  std::string group;  // empty: no route takes it, nobody is told
  bool news = false;  // fired or resolved since its group was told
};

struct Group {
  std::string key;  // the route's name, its label and the value of it
  std::string route, label, value;
  std::size_t reached = 0;  // steps that were told
  WallTime stepped;         // when the last of them was reached
  std::optional<WallTime> told;
};

struct Delivery {
  enum class State { waiting, delivered, given_up };
  std::uint64_t id = 0;
  std::string group, channel;
  std::string reason;     // firing, resolved, repeated, escalated
  std::string dedup_key;  // the same in every attempt, after a restart too
  std::string payload;    // JSON (docs/alerts.md); made once
  WallTime made;
  State state = State::waiting;
  unsigned attempts = 0;
  std::optional<WallTime> ended;
  std::string detail;  // of the last attempt
};

// What became of one attempt to deliver.
struct Sent {
  enum class Result { delivered, failed, refused };  // failed: again later; refused: never again
  Result result = Result::failed;
  std::string detail;
  std::optional<Duration> retry_after;
};

struct Attempt {
  std::uint64_t delivery = 0;
  unsigned number = 0;
  WallTime at;
  Sent::Result result = Sent::Result::failed;
  std::string detail;
};

std::string_view name(Alert::State state);
std::string_view name(Delivery::State state);
std::string_view name(Sent::Result result);

// Rows as they are kept.
struct Changes {
  std::map<std::uint64_t, std::string> alerts, deliveries;  // id → JSON
  std::map<std::string, std::string> groups;
  std::set<std::uint64_t> gone_alerts, gone_deliveries;
  std::set<std::string> gone_groups;
  std::vector<Attempt> attempts;
  std::optional<std::int64_t> head_day;  // of the last head of the log that was made a message
  std::uint64_t last_delivery = 0;

  bool empty() const;
};

class Book {
 public:
  // `name` begins every dedup key: of the store.
  explicit Book(std::string name) : name_(std::move(name)) {}

  // Rows of a former run, in any order; what is none is left out.
  void restore(const std::vector<std::string>& alerts,
               const std::vector<std::string>& groups,
               const std::vector<std::string>& deliveries,
               std::optional<std::int64_t> head_day = {});

  void set_settings(std::shared_ptr<const Settings> settings);

  const Settings& settings() const { return *settings_; }

  // All that `source` has to report now; what it does not report no longer holds.
  void apply(const std::string& source, std::vector<Condition> conditions, WallTime now);

  // Ends what was reported by sources that are no more.
  void keep_sources(const std::set<std::string>& sources, WallTime now);

  // Lets time pass: fires, tells, repeats, escalates.
  void advance(WallTime now);

  // Whether today's head of the log is still to be sent: each day from `at` of its rule on, or as
  // soon afterwards as somebody looks. A day that was noted by a clock which ran ahead binds
  // nobody.
  bool head_due(WallTime now) const;
  // Makes it a message to each channel of the rule, and the day one that is done.
  void send_head(const std::string& head, WallTime now);

  // One that is pending or firing, by its key or its id; null: none.
  const Alert* find(const std::string& name) const;

  // Again by another: the first one stands.
  Expected<void> acknowledge(const std::string& key, Acknowledgement by);

  // The oldest delivery of a channel that waits and is durable.
  const Delivery* next_for(const std::string& channel) const;
  void settle(std::uint64_t delivery, const Sent& sent, WallTime now);

  // What a channel that is told states has to state: firing alerts of groups that it was told of.
  // And what ended since `since`.
  std::vector<const Alert*> stated_by(const std::string& channel, WallTime since) const;

  Changes take_changes();
  void made_durable(const Changes& changes);
  void put_back(const Changes& changes);  // could not be kept: they are changes again

  const std::map<std::string, Alert>& active() const { return active_; }

  const std::deque<Alert>& ended() const { return ended_; }  // oldest first

  const std::map<std::uint64_t, Delivery>& deliveries() const { return deliveries_; }

  const std::map<std::string, Group>& groups() const { return groups_; }

  // Deliveries up to this one may go out.
  std::uint64_t durable() const { return durable_; }

  std::size_t left_out() const { return left_out_; }  // conditions beyond kMaxActive, ever

 private:
  struct Members {
    std::vector<Alert*> firing, resolved;  // resolved ones only while they are news
  };

  void regroup(Alert& alert);
  void take(Alert& alert, Condition condition);
  void resolve(Alert alert, WallTime now);
  void promote(WallTime now);
  void tend(Group& group, const Route& route, Members& members, WallTime now);
  void tell(const Group& group,
            const Route& route,
            std::size_t first_step,
            std::string_view reason,
            const Members& members,
            WallTime now);
  void note_notified(const Delivery& delivery, WallTime now);
  void add_delivery(Delivery delivery, WallTime now);
  void end_delivery(Delivery& delivery, Delivery::State state, WallTime now);
  void prune();
  const Route* route_named(const std::string& name) const;

  const std::string name_;
  std::shared_ptr<const Settings> settings_ = std::make_shared<const Settings>();
  std::map<std::string, Alert> active_;  // by key
  std::deque<Alert> ended_;
  std::map<std::string, Group> groups_;
  std::map<std::uint64_t, Delivery> deliveries_;
  std::uint64_t next_alert_ = 1, next_delivery_ = 1, durable_ = 0;
  std::size_t left_out_ = 0;
  std::optional<std::int64_t> head_day_;  // since 1970-01-01

  bool head_changed_ = false;
  std::set<std::uint64_t> changed_alerts_, gone_alerts_, changed_deliveries_, gone_deliveries_;
  std::set<std::string> changed_groups_, gone_groups_;
  std::vector<Attempt> attempts_;
};

// As it is shown and sent.
nlohmann::json alert_json(const Alert& alert);
nlohmann::json delivery_json(const Delivery& delivery);  // without the payload

}  // namespace nines::alerts
