// SPDX-License-Identifier: Apache-2.0
#include "alerts/book.h"

#include <algorithm>

#include "alerts/book_rows.h"
#include "alerts/message.h"
#include "model/result.h"

namespace nines::alerts {
namespace {

using State = Alert::State;

// Days since 1970-01-01 whose head is due by then.
std::int64_t head_day_of(const LogHeadRule& rule, WallTime now) {
  return (now - rule.at).ns / Duration(hours(24)).count();
}

bool silenced(const Alert& alert) { return alert.condition.state == Condition::State::silenced; }

std::string clipped(const std::string& text) {
  auto out = cut_text(text);
  if (out.size() > kMaxDetail) out.resize(kMaxDetail);
  return out;
}

}  // namespace

bool Changes::empty() const {
  return alerts.empty() && deliveries.empty() && groups.empty() && gone_alerts.empty() &&
         gone_deliveries.empty() && gone_groups.empty() && attempts.empty() && !head_day;
}

void Book::restore(const std::vector<std::string>& alerts,
                   const std::vector<std::string>& groups,
                   const std::vector<std::string>& deliveries,
                   std::optional<std::int64_t> head_day) {
  head_day_ = head_day;
  std::map<std::uint64_t, Alert> ended;
  for (const auto& row : alerts) {
    auto alert = read_alert(row);
    if (!alert) continue;
    next_alert_ = std::max(next_alert_, alert->id + 1);
    if (alert->state == State::resolved) {
      ended.emplace(alert->id, *std::move(alert));
    } else {
      active_.insert_or_assign(alert->condition.key, *alert);
    }
  }
  for (auto& [id, alert] : ended) ended_.push_back(std::move(alert));
  for (const auto& row : groups) {
    if (auto group = read_group(row)) groups_.insert_or_assign(group->key, *group);
  }
  for (const auto& row : deliveries) {
    auto delivery = read_delivery(row);
    if (!delivery) continue;
    next_delivery_ = std::max(next_delivery_, delivery->id + 1);
    deliveries_.insert_or_assign(delivery->id, *std::move(delivery));
  }
  durable_ = next_delivery_ - 1;
}

const Route* Book::route_named(const std::string& name) const {
  for (const auto& route : settings_->routes) {
    if (route.name() == name) return &route;
  }
  return nullptr;
}

void Book::set_settings(std::shared_ptr<const Settings> settings) {
  settings_ = std::move(settings);
  for (auto& [key, alert] : active_) regroup(alert);
  // What waits for a channel that is no more is never delivered.
  for (auto& [id, delivery] : deliveries_) {
    if (delivery.state != Delivery::State::waiting) continue;
    if (settings_->channel(delivery.channel) != nullptr) continue;
    delivery.detail = "the channel is not configured any more";
    end_delivery(delivery, Delivery::State::given_up, delivery.made);
  }
}

// Another group has to be told of what fires already.
void Book::regroup(Alert& alert) {
  const auto* route = settings_->route_of(alert.condition.labels);
  std::string key;
  if (route != nullptr) {
    const auto& labels = alert.condition.labels;
    const auto value = labels.contains(route->group_by) ? labels.at(route->group_by) : "";
    key = route->name() + "/" + route->group_by + "=" + value;
    auto [place, fresh] = groups_.try_emplace(key);
    if (fresh) {
      place->second.key = key;
      place->second.route = route->name();
      place->second.label = route->group_by;
      place->second.value = value;
      changed_groups_.insert(key);
      gone_groups_.erase(key);
    }
  }
  if (key == alert.group) return;
  alert.group = key;
  alert.news = alert.state == State::firing && !key.empty();
  changed_alerts_.insert(alert.id);
}

void Book::take(Alert& alert, Condition condition) {
  auto& known = alert.condition;
  if (condition.acknowledged && !alert.acknowledged) {
    alert.acknowledged = condition.acknowledged;
    changed_alerts_.insert(alert.id);
  }
  if (condition.state == Condition::State::frozen) {
    // What is said of it was measured when enough was; only that it is frozen is new.
    if (known.state != condition.state) changed_alerts_.insert(alert.id);
    known.state = condition.state;
    return;
  }
  const bool changed = known.state != condition.state || known.labels != condition.labels ||
                       known.text != condition.text || known.figures != condition.figures;
  if (!changed) return;
  known = std::move(condition);
  changed_alerts_.insert(alert.id);
  regroup(alert);
}

void Book::resolve(Alert alert, WallTime now) {
  if (alert.state == State::pending) {
    gone_alerts_.insert(alert.id);
    changed_alerts_.erase(alert.id);
    return;
  }
  alert.state = State::resolved;
  alert.resolved = now;
  alert.news = !alert.group.empty();
  changed_alerts_.insert(alert.id);
  ended_.push_back(std::move(alert));
}

void Book::apply(const std::string& source, std::vector<Condition> conditions, WallTime now) {
  std::map<std::string, Condition> reported;
  for (auto& each : conditions) {
    auto key = each.key;
    reported.try_emplace(std::move(key), std::move(each));
  }
  for (auto at = active_.begin(); at != active_.end();) {
    auto& alert = at->second;
    const auto found = reported.find(at->first);
    if (alert.source == source && found == reported.end()) {
      resolve(std::move(alert), now);
      at = active_.erase(at);
      continue;
    }
    if (found != reported.end()) {
      if (alert.source == source) take(alert, std::move(found->second));
      reported.erase(found);
    }
    ++at;
  }
  for (auto& [key, condition] : reported) {
    if (condition.state == Condition::State::frozen) continue;
    if (active_.size() >= kMaxActive) {
      ++left_out_;
      continue;
    }
    Alert alert;
    alert.id = next_alert_++;
    alert.source = source;
    alert.acknowledged = condition.acknowledged;
    alert.condition = std::move(condition);
    alert.began = now;
    regroup(alert);
    changed_alerts_.insert(alert.id);
    active_.emplace(key, std::move(alert));
  }
}

void Book::keep_sources(const std::set<std::string>& sources, WallTime now) {
  std::set<std::string> gone;
  for (const auto& [key, alert] : active_) {
    if (!sources.contains(alert.source)) gone.insert(alert.source);
  }
  for (const auto& source : gone) apply(source, {}, now);
}

bool Book::head_due(WallTime now) const {
  const auto& rule = settings_->log_head;
  if (rule.channels.empty()) return false;
  const auto day = head_day_of(rule, now);
  return !head_day_ || day > *head_day_ || *head_day_ > day + 1;
}

void Book::send_head(const std::string& head, WallTime now) {
  const auto& rule = settings_->log_head;
  for (const auto& channel : std::set(rule.channels.begin(), rule.channels.end())) {
    Delivery delivery;
    delivery.id = next_delivery_++;
    delivery.group = "log_head";  // which no group of alerts is called: theirs hold a '/'
    delivery.channel = channel;
    delivery.reason = "log_head";
    delivery.dedup_key = name_ + "-" + std::to_string(delivery.id);
    delivery.made = now;
    delivery.payload = log_head_message(head, delivery.dedup_key, now);
    add_delivery(std::move(delivery), now);
  }
  head_day_ = head_day_of(rule, now);
  head_changed_ = true;
}

const Alert* Book::find(const std::string& name) const {
  const auto found = active_.find(name);
  if (found != active_.end()) return &found->second;
  for (const auto& [key, alert] : active_) {
    if (std::to_string(alert.id) == name) return &alert;
  }
  return nullptr;
}

Expected<void> Book::acknowledge(const std::string& key, Acknowledgement by) {
  const auto found = active_.find(key);
  if (found == active_.end()) return fail("no alert '" + key + "' is pending or firing");
  if (found->second.acknowledged) return {};
  found->second.acknowledged = std::move(by);
  changed_alerts_.insert(found->second.id);
  return {};
}

void Book::promote(WallTime now) {
  for (auto& [key, alert] : active_) {
    if (alert.state != State::pending) continue;
    // A clock that was set back does not make anybody wait for it.
    if (alert.began > now) alert.began = now;
    if (alert.condition.state != Condition::State::holds) continue;
    const auto* route = settings_->route_of(alert.condition.labels);
    if (route != nullptr && now - alert.began < route->wait) continue;
    alert.state = State::firing;
    alert.fired = now;
    alert.news = !alert.group.empty();
    changed_alerts_.insert(alert.id);
  }
}

void Book::advance(WallTime now) {
  promote(now);
  std::map<std::string, Members> by_group;
  for (auto& [key, alert] : active_) {
    if (alert.state == State::firing) by_group[alert.group].firing.push_back(&alert);
  }
  for (auto& alert : ended_) {
    if (alert.news) by_group[alert.group].resolved.push_back(&alert);
  }
  std::set<std::string> pending;
  for (const auto& [key, alert] : active_) pending.insert(alert.group);
  for (auto at = groups_.begin(); at != groups_.end();) {
    auto& group = at->second;
    auto& members = by_group[group.key];
    const auto* route = route_named(group.route);
    if (route != nullptr) tend(group, *route, members, now);
    for (auto* alert : members.resolved) {
      alert->news = false;
      changed_alerts_.insert(alert->id);
    }
    if (members.firing.empty() && group.reached > 0) {
      group.reached = 0;
      group.told.reset();
      changed_groups_.insert(group.key);
    }
    if (members.firing.empty() && !pending.contains(group.key)) {
      gone_groups_.insert(group.key);
      changed_groups_.erase(group.key);
      at = groups_.erase(at);
    } else {
      ++at;
    }
  }
  prune();
}

void Book::tend(Group& group, const Route& route, Members& members, WallTime now) {
  const auto told_of = [](const Alert* a) { return !a->news && !a->acknowledged && !silenced(*a); };
  const auto open = [](const Alert* a) { return !a->acknowledged && !silenced(*a); };
  const auto& firing = members.firing;
  const bool fresh = std::any_of(firing.begin(), firing.end(), [](auto* a) { return a->news; });
  const bool unacknowledged = std::any_of(firing.begin(), firing.end(), open);
  const auto before = std::pair(group.reached, group.told);
  group.reached = std::min(group.reached, route.contacts.size());
  // Nobody is at it: whoever is first is told first.
  const bool anew = group.reached == 0 || std::none_of(firing.begin(), firing.end(), told_of);
  if (fresh && anew) {
    group.reached = 1;
    group.stepped = now;
  }
  const bool ended = !members.resolved.empty();
  const bool told = group.reached > 0;
  if (fresh || (ended && told)) {
    tell(group, route, 0, fresh ? "firing" : "resolved", members, now);
    group.told = now;
    for (auto* alert : firing) {
      if (!alert->news) continue;
      alert->news = false;
      changed_alerts_.insert(alert->id);
    }
  } else if (told && unacknowledged) {
    const bool further = group.reached < route.contacts.size();
    const auto patience = route.contacts[group.reached - 1].ack_within;
    if (further && patience > Duration(0) && now - group.stepped >= patience) {
      group.stepped = now;
      ++group.reached;
      tell(group, route, group.reached - 1, "escalated", members, now);
    } else if (!group.told || now - *group.told >= route.repeat) {
      tell(group, route, 0, "repeated", members, now);
      group.told = now;
    }
  }
  if (before != std::pair(group.reached, group.told)) changed_groups_.insert(group.key);
}

void Book::tell(const Group& group,
                const Route& route,
                std::size_t first_step,
                std::string_view reason,
                const Members& members,
                WallTime now) {
  std::map<std::string, std::vector<std::string>> channels;  // with whom each is to reach
  for (auto step = first_step; step < group.reached; ++step) {
    for (const auto& channel : route.contacts[step].channels) {
      auto& to = channels[channel];
      for (const auto& one : route.contacts[step].to) {
        if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
      }
    }
  }
  for (const auto& [channel, to] : channels) {
    Delivery delivery;
    delivery.id = next_delivery_++;
    delivery.group = group.key;
    delivery.channel = channel;
    delivery.reason = std::string(reason);
    delivery.dedup_key = name_ + "-" + std::to_string(delivery.id);
    delivery.made = now;
    delivery.payload = message_json({group, reason, delivery.dedup_key, group.reached, to,
                                     members.firing, members.resolved, now});
    add_delivery(std::move(delivery), now);
  }
}

void Book::add_delivery(Delivery delivery, WallTime now) {
  std::vector<Delivery*> waiting;
  for (auto& [id, each] : deliveries_) {
    if (each.channel == delivery.channel && each.state == Delivery::State::waiting) {
      waiting.push_back(&each);
    }
  }
  if (waiting.size() >= kMaxWaiting) {
    waiting.front()->detail = "gave way to newer ones: too many wait for this channel";
    end_delivery(*waiting.front(), Delivery::State::given_up, now);
  }
  changed_deliveries_.insert(delivery.id);
  deliveries_.emplace(delivery.id, std::move(delivery));
}

void Book::end_delivery(Delivery& delivery, Delivery::State state, WallTime now) {
  delivery.state = state;
  delivery.ended = now;
  changed_deliveries_.insert(delivery.id);
}

const Delivery* Book::next_for(const std::string& channel) const {
  for (const auto& [id, delivery] : deliveries_) {
    if (id > durable_) break;
    if (delivery.channel == channel && delivery.state == Delivery::State::waiting) {
      return &delivery;
    }
  }
  return nullptr;
}

void Book::settle(std::uint64_t id, const Sent& sent, WallTime now) {
  const auto found = deliveries_.find(id);
  if (found == deliveries_.end() || found->second.state != Delivery::State::waiting) return;
  auto& delivery = found->second;
  ++delivery.attempts;
  delivery.detail = clipped(sent.detail);
  attempts_.push_back({id, delivery.attempts, now, sent.result, delivery.detail});
  changed_deliveries_.insert(id);
  if (sent.result == Sent::Result::delivered) {
    note_notified(delivery, now);
    end_delivery(delivery, Delivery::State::delivered, now);
  } else if (sent.result == Sent::Result::refused || delivery.attempts >= kMaxAttempts ||
             now - delivery.made >= kMaxDeliveryAge) {
    end_delivery(delivery, Delivery::State::given_up, now);
  }
}

void Book::note_notified(const Delivery& delivery, WallTime now) {
  const auto note = [&](Alert& alert) {
    const bool in_it =
        alert.group == delivery.group && alert.fired && *alert.fired <= delivery.made;
    if (!in_it || alert.notified) return;
    alert.notified = now;
    changed_alerts_.insert(alert.id);
  };
  for (auto& [key, alert] : active_) note(alert);
  for (auto& alert : ended_) note(alert);
}

std::vector<const Alert*> Book::stated_by(const std::string& channel, WallTime since) const {
  const auto told = [&](const Alert& alert) {
    const auto* route = settings_->route_of(alert.condition.labels);
    if (route == nullptr) return false;
    const auto group = groups_.find(alert.group);
    // The group of what ended may be gone.
    const auto reached = group == groups_.end() || group->second.reached == 0
                             ? route->contacts.size()
                             : std::min(group->second.reached, route->contacts.size());
    return std::any_of(route->contacts.begin(),
                       route->contacts.begin() + static_cast<std::ptrdiff_t>(reached),
                       [&](const auto& step) {
                         return std::find(step.channels.begin(), step.channels.end(), channel) !=
                                step.channels.end();
                       });
  };
  std::vector<const Alert*> out;
  for (const auto& [key, alert] : active_) {
    if (alert.state == State::firing && told(alert)) out.push_back(&alert);
  }
  for (const auto& alert : ended_) {
    if (alert.resolved >= since && !active_.contains(alert.condition.key) && told(alert)) {
      out.push_back(&alert);
    }
  }
  return out;
}

// What ended is kept for a while, for those who ask.
void Book::prune() {
  while (ended_.size() > kMaxEnded) {
    gone_alerts_.insert(ended_.front().id);
    changed_alerts_.erase(ended_.front().id);
    ended_.pop_front();
  }
  std::size_t ended = 0;
  for (const auto& [id, each] : deliveries_) ended += each.state != Delivery::State::waiting;
  for (auto at = deliveries_.begin(); ended > kMaxEnded && at != deliveries_.end();) {
    if (at->second.state == Delivery::State::waiting) {
      ++at;
      continue;
    }
    gone_deliveries_.insert(at->first);
    changed_deliveries_.erase(at->first);
    at = deliveries_.erase(at);
    --ended;
  }
}

Changes Book::take_changes() {
  Changes out;
  for (const auto& [key, alert] : active_) {
    if (changed_alerts_.contains(alert.id)) out.alerts[alert.id] = row_of(alert);
  }
  for (const auto& alert : ended_) {
    if (changed_alerts_.contains(alert.id)) out.alerts[alert.id] = row_of(alert);
  }
  for (const auto id : changed_deliveries_) {
    const auto found = deliveries_.find(id);
    if (found != deliveries_.end()) out.deliveries[id] = row_of(found->second);
  }
  for (const auto& key : changed_groups_) {
    const auto found = groups_.find(key);
    if (found != groups_.end()) out.groups[key] = row_of(found->second);
  }
  out.gone_alerts = std::move(gone_alerts_);
  out.gone_deliveries = std::move(gone_deliveries_);
  out.gone_groups = std::move(gone_groups_);
  out.attempts = std::move(attempts_);
  if (head_changed_) out.head_day = head_day_;
  out.last_delivery = next_delivery_ - 1;
  head_changed_ = false;
  changed_alerts_.clear();
  changed_deliveries_.clear();
  changed_groups_.clear();
  gone_alerts_.clear();
  gone_deliveries_.clear();
  gone_groups_.clear();
  attempts_.clear();
  return out;
}

void Book::made_durable(const Changes& changes) {
  durable_ = std::max(durable_, changes.last_delivery);
}

void Book::put_back(const Changes& changes) {
  for (const auto& [id, row] : changes.alerts) changed_alerts_.insert(id);
  for (const auto& [id, row] : changes.deliveries) changed_deliveries_.insert(id);
  for (const auto& [key, row] : changes.groups) changed_groups_.insert(key);
  gone_alerts_.insert(changes.gone_alerts.begin(), changes.gone_alerts.end());
  gone_deliveries_.insert(changes.gone_deliveries.begin(), changes.gone_deliveries.end());
  for (const auto& key : changes.gone_groups) {
    if (!groups_.contains(key)) gone_groups_.insert(key);
  }
  head_changed_ = head_changed_ || changes.head_day.has_value();
  attempts_.insert(attempts_.begin(), changes.attempts.begin(), changes.attempts.end());
}

}  // namespace nines::alerts
