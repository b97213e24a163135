// SPDX-License-Identifier: Apache-2.0
// A book on a clock of the test's own, with channels `a`, `b` and `c`.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "alerts/book.h"

namespace nines::alerts::test {

inline constexpr WallTime kStart{1'793'577'600'000'000'000};  // 2026-11-02T00:00:00Z

inline Condition condition(std::string key,
                           std::string severity = "page",
                           Condition::State state = Condition::State::holds) {
  Condition out;
  out.key = key;
  out.kind = Kind::incident;
  out.state = state;
  out.labels = {{"agreement", "acme"}, {"severity", std::move(severity)}, {"kind", "incident"}};
  out.text = key + " is bad";
  return out;
}

inline Settings settings_of(Route route) {
  Settings out;
  for (const auto* name : {"a", "b", "c"}) {
    Channel channel;
    channel.name = name;
    channel.how = Exec{{"/bin/true"}};
    out.channels.push_back(channel);
  }
  out.routes.push_back(std::move(route));
  return out;
}

inline Route pages() {
  Route route;
  route.match = {{"severity", {"page"}}};
  route.contacts = {{{"a"}, minutes(10), {}}, {{"b", "c"}, minutes(10), {}}};
  route.repeat = hours(4);
  route.wait = seconds(10);
  return route;
}

class BookTest : public ::testing::Test {
 protected:
  void SetUp() override { use(pages()); }

  void use(Route route) {
    book.set_settings(std::make_shared<const Settings>(settings_of(std::move(route))));
  }

  void apply(std::vector<Condition> conditions) {
    book.apply("source", std::move(conditions), now);
  }

  void pass(Duration time) {
    now += time;
    book.advance(now);
  }

  // Fires one alert and delivers what is said of it.
  void fire(const std::string& key = "k") {
    apply({condition(key)});
    pass(seconds(0));
    pass(seconds(10));
  }

  // "a firing", … of what was made since the last call, which is then delivered.
  std::vector<std::string> told() {
    keep();
    std::vector<std::string> out;
    for (const auto& [id, delivery] : book.deliveries()) {
      if (delivery.state != Delivery::State::waiting) continue;
      out.push_back(delivery.channel + " " + delivery.reason);
    }
    for (const auto* channel : {"a", "b", "c"}) {
      while (const auto* next = book.next_for(channel)) {
        book.settle(next->id, {Sent::Result::delivered, "", {}}, now);
      }
    }
    return out;
  }

  // What the store does with changes.
  void keep() {
    const auto changes = book.take_changes();
    for (const auto id : changes.gone_alerts) alerts.erase(id);
    for (const auto id : changes.gone_deliveries) deliveries.erase(id);
    for (const auto& key : changes.gone_groups) groups.erase(key);
    for (const auto& [id, row] : changes.alerts) alerts[id] = row;
    for (const auto& [id, row] : changes.deliveries) deliveries[id] = row;
    for (const auto& [key, row] : changes.groups) groups[key] = row;
    if (changes.head_day) head_day = changes.head_day;
    book.made_durable(changes);
  }

  template <class Map>
  static std::vector<std::string> rows(const Map& map) {
    std::vector<std::string> out;
    for (const auto& [key, row] : map) out.push_back(row);
    return out;
  }

  // A new book from what was kept.
  std::unique_ptr<Book> restarted(Route route = pages()) const {
    auto out = std::make_unique<Book>("store");
    out->restore(rows(alerts), rows(groups), rows(deliveries), head_day);
    out->set_settings(std::make_shared<const Settings>(settings_of(std::move(route))));
    return out;
  }

  Book book{"store"};
  WallTime now = kStart;
  std::map<std::uint64_t, std::string> alerts, deliveries;
  std::map<std::string, std::string> groups;
  std::optional<std::int64_t> head_day;
};

}  // namespace nines::alerts::test
