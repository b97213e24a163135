// SPDX-License-Identifier: Apache-2.0
#include "alerts/book_rows.h"

#include <array>

#include "alerts/json_text.h"

namespace nines::alerts {
namespace {

Json instant(const std::optional<WallTime>& t) { return t ? Json(format_rfc3339(*t)) : Json(); }

Json acknowledged(const std::optional<Acknowledgement>& ack) {
  if (!ack) return nullptr;
  return {{"by", ack->by}, {"at", format_rfc3339(ack->at)}};
}

std::uint64_t number(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

std::optional<WallTime> time_of(const Json& json, const char* key) {
  const auto parsed = parse_rfc3339(text(json, key));
  if (!parsed) return std::nullopt;
  return *parsed;
}

std::map<std::string, std::string> texts(const Json& json, const char* key) {
  std::map<std::string, std::string> out;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return out;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) out[name] = value.get<std::string>();
  }
  return out;
}

template <class Enum, std::size_t N>
std::optional<Enum> one_of(const std::array<Enum, N>& all, const std::string& text) {
  for (const auto each : all) {
    if (name(each) == text) return each;
  }
  return std::nullopt;
}

constexpr std::array kKinds = {Kind::burn,         Kind::budget,
                               Kind::incident,     Kind::certificate_expiry,
                               Kind::agent_silent, Kind::duty};
constexpr std::array kAlertStates = {Alert::State::pending, Alert::State::firing,
                                     Alert::State::resolved};
constexpr std::array kDeliveryStates = {Delivery::State::waiting, Delivery::State::delivered,
                                        Delivery::State::given_up};

std::optional<Acknowledgement> read_acknowledgement(const Json& json) {
  const auto found = json.find("acknowledged");
  if (found == json.end() || !found->is_object()) return std::nullopt;
  const auto at = time_of(*found, "at");
  if (!at) return std::nullopt;
  return Acknowledgement{text(*found, "by"), *at};
}

}  // namespace

std::string_view name(Alert::State state) {
  switch (state) {
    case Alert::State::pending:
      return "pending";
    case Alert::State::firing:
      return "firing";
    case Alert::State::resolved:
      break;
  }
  return "resolved";
}

std::string_view name(Delivery::State state) {
  switch (state) {
    case Delivery::State::waiting:
      return "waiting";
    case Delivery::State::delivered:
      return "delivered";
    case Delivery::State::given_up:
      break;
  }
  return "given_up";
}

std::string_view name(Sent::Result result) {
  switch (result) {
    case Sent::Result::delivered:
      return "delivered";
    case Sent::Result::failed:
      return "failed";
    case Sent::Result::refused:
      break;
  }
  return "refused";
}

Json alert_json(const Alert& alert) {
  const auto& c = alert.condition;
  return {{"key", c.key},
          {"id", alert.id},
          {"kind", name(c.kind)},
          {"state", name(alert.state)},
          {"frozen", c.state == Condition::State::frozen},
          {"silenced", c.state == Condition::State::silenced},
          {"severity", c.labels.contains("severity") ? c.labels.at("severity") : ""},
          {"text", c.text},
          {"labels", c.labels},
          {"figures", c.figures},
          {"since", instant(c.since)},
          {"began", format_rfc3339(alert.began)},
          {"fired", instant(alert.fired)},
          {"notified", instant(alert.notified)},
          {"resolved", instant(alert.resolved)},
          {"acknowledged", acknowledged(alert.acknowledged)}};
}

Json delivery_json(const Delivery& delivery) {
  return {{"id", delivery.id},
          {"group", delivery.group},
          {"channel", delivery.channel},
          {"reason", delivery.reason},
          {"dedup_key", delivery.dedup_key},
          {"made", format_rfc3339(delivery.made)},
          {"state", name(delivery.state)},
          {"attempts", delivery.attempts},
          {"ended", instant(delivery.ended)},
          {"detail", delivery.detail}};
}

std::string row_of(const Alert& alert) {
  auto json = alert_json(alert);
  json["source"] = alert.source;
  json["group"] = alert.group;
  json["news"] = alert.news;
  return dumped(json);
}

std::string row_of(const Group& group) {
  return dumped({{"key", group.key},
                 {"route", group.route},
                 {"label", group.label},
                 {"value", group.value},
                 {"reached", group.reached},
                 {"stepped", format_rfc3339(group.stepped)},
                 {"told", instant(group.told)}});
}

std::string row_of(const Delivery& delivery) {
  auto json = delivery_json(delivery);
  json["payload"] = delivery.payload;
  return dumped(json);
}

std::optional<Alert> read_alert(const std::string& row) {
  const auto json = Json::parse(row, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto kind = one_of(kKinds, text(json, "kind"));
  const auto state = one_of(kAlertStates, text(json, "state"));
  const auto began = time_of(json, "began");
  if (!kind || !state || !began || text(json, "key").empty()) return std::nullopt;
  Alert alert;
  alert.id = number(json, "id");
  alert.source = text(json, "source");
  alert.condition.key = text(json, "key");
  alert.condition.kind = *kind;
  if (flag(json, "frozen")) alert.condition.state = Condition::State::frozen;
  if (flag(json, "silenced")) alert.condition.state = Condition::State::silenced;
  alert.condition.labels = texts(json, "labels");
  alert.condition.text = text(json, "text");
  alert.condition.figures = texts(json, "figures");
  alert.condition.since = time_of(json, "since");
  alert.state = *state;
  alert.began = *began;
  alert.fired = time_of(json, "fired");
  alert.notified = time_of(json, "notified");
  alert.resolved = time_of(json, "resolved");
  alert.acknowledged = read_acknowledgement(json);
  alert.group = text(json, "group");
  alert.news = flag(json, "news");
  return alert;
}

std::optional<Group> read_group(const std::string& row) {
  const auto json = Json::parse(row, nullptr, false);
  const auto stepped = json.is_object() ? time_of(json, "stepped") : std::nullopt;
  if (!stepped || text(json, "key").empty()) return std::nullopt;
  Group group;
  group.key = text(json, "key");
  group.route = text(json, "route");
  group.label = text(json, "label");
  group.value = text(json, "value");
  group.reached = number(json, "reached");
  group.stepped = *stepped;
  group.told = time_of(json, "told");
  return group;
}

std::optional<Delivery> read_delivery(const std::string& row) {
  const auto json = Json::parse(row, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto state = one_of(kDeliveryStates, text(json, "state"));
  const auto made = time_of(json, "made");
  if (!state || !made || number(json, "id") == 0) return std::nullopt;
  Delivery delivery;
  delivery.id = number(json, "id");
  delivery.group = text(json, "group");
  delivery.channel = text(json, "channel");
  delivery.reason = text(json, "reason");
  delivery.dedup_key = text(json, "dedup_key");
  delivery.payload = text(json, "payload");
  delivery.made = *made;
  delivery.state = *state;
  delivery.attempts = static_cast<unsigned>(number(json, "attempts"));
  delivery.ended = time_of(json, "ended");
  delivery.detail = text(json, "detail");
  return delivery;
}

}  // namespace nines::alerts
